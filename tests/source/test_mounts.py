"""Mounts are read as the kernel writes them."""

from __future__ import annotations

import os
from pathlib import Path

from phiscan.source.mounts import Mount, Mounts, parse

TEXT = rb"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
31 27 0:44 / /mnt/my\040share rw master:2 propagate_from:3 - cifs //srv/x rw,vers=3.1.1,nounix,file_mode=0755
32 27 0:45 /home /home rw - btrfs /dev/vdb rw,subvol=/home
33 27 0:46 / /mnt/old rw - ext4 /dev/vdc rw
34 33 0:47 / /mnt/old rw - fuse.sshfs host:/ rw
broken
"""


def test_parse() -> None:
    assert parse(TEXT)[2] == Mount(
        b"/mnt/my share",
        os.makedev(0, 44),
        "cifs",
        frozenset({"rw", "vers=3.1.1", "nounix", "file_mode=0755"}),
        source=b"//srv/x",
    )
    assert [mount.type for mount in parse(TEXT)] == ["proc", "ext4", "cifs", "btrfs", "ext4", "fuse.sshfs"]


def test_a_mount_is_found_by_device_or_path() -> None:
    mounts = Mounts(parse(TEXT))

    def kind(device: int, path: bytes) -> str | None:
        mount = mounts.of(device, path)
        return None if mount is None else mount.type

    assert kind(os.makedev(254, 0), b"/mnt/my share/a") == "ext4"
    assert kind(os.makedev(0, 99), b"/home/a/b") == "btrfs"  # a subvolume
    assert kind(os.makedev(0, 99), b"/homes") == "ext4"
    assert kind(os.makedev(0, 99), b"/mnt/old/a") == "fuse.sshfs"
    assert Mounts([]).of(1, b"/a") is None


def test_this_machines_mounts(tmp_path: Path) -> None:
    mount = Mounts.read().of(tmp_path.stat().st_dev, os.fsencode(tmp_path))
    assert mount is not None
    assert mount.type not in {"proc", "sysfs"}
