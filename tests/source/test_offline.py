"""Stubs of files whose content is elsewhere: known by their marks alone, left out, never opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.model import Place
from phiscan.source.offline import is_stub, samba_attributes, tells
from phiscan.source.walk import Excluded, walk
from tests.running import CLEAN, need, scan

OFFLINE, ON_OPEN, ON_ACCESS, PLAIN = 0x1020, 0x40020, 0x400020, 0x20


def little(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(4, "little") for number in numbers)


@pytest.mark.parametrize(
    ("marks", "here", "smb", "stub"),
    [
        # What an SMB server says: recalled on access whatever is cached here; “offline”, which clients may set, only
        # where next to nothing lies here.
        ({"user.cifs.dosattrib": little(ON_ACCESS)}, "some", True, True),
        ({"user.smb3.dosattrib": little(ON_OPEN)}, "some", True, True),
        ({"user.cifs.dosattrib": little(OFFLINE)}, "some", True, False),
        ({"user.cifs.dosattrib": little(OFFLINE)}, "few", True, True),
        ({"user.cifs.dosattrib": little(PLAIN)}, "nothing", True, False),
        # The same attribute where anybody may have written it.
        ({"user.cifs.dosattrib": little(ON_ACCESS)}, "few", False, False),
        ({"user.cifs.dosattrib": little(ON_ACCESS)}, "nothing", False, True),
        ({"user.DOSATTRIB": b"0x1020\0"}, "few", True, False),
        ({"user.DOSATTRIB": b"0x1020\0"}, "nothing", False, True),
        ({"user.DOSATTRIB": b"0x20\0"}, "nothing", False, False),
        ({"user.DOSATTRIB": bytes.fromhex("00000400040000005100000020104000")}, "nothing", False, True),
        ({"user.DOSATTRIB": bytes.fromhex("00000400040000005000000020104000")}, "nothing", False, False),  # not valid
        ({"user.DOSATTRIB": b"junk"}, "nothing", False, False),
        ({"system.ntfs_attrib": little(ON_ACCESS)}, "some", False, True),
        ({"trusted.hsm": little(0, 0xD, 0, 0, 0, 0)}, "some", False, True),  # Lustre: exists, released, archived
        ({"trusted.hsm": little(0, 0x9, 0, 0, 0, 0)}, "nothing", False, False),
        ({"trusted.SGI_DMI_DMFATTR": b"x"}, "few", False, True),
        ({"trusted.SGI_DMI_DMFATTR": b"x"}, "some", False, False),
        ({"dmapi.IBMObj": b"x"}, "nothing", False, True),
        ({"user.cifs.dosattrib": b"\0"}, "nothing", True, False),
        ({"user.comment": b"0x1000"}, "nothing", False, False),
        ({}, "nothing", True, False),
    ],
)
def test_which_marks_tell(marks: dict[str, bytes], here: str, *, smb: bool, stub: bool) -> None:
    assert tells(marks, nothing=here == "nothing", few=here != "some", smb=smb) is stub


NAMES = ("user.DOSATTRIB", "user.cifs.dosattrib", "system.ntfs_attrib", "trusted.hsm", "dmapi.x", "user.x")


@given(st.dictionaries(st.sampled_from(NAMES), st.binary(max_size=64)))
def test_less_here_and_more_belief_only_make_more_stubs(marks: dict[str, bytes]) -> None:
    least = tells(marks, nothing=False, few=False, smb=False)
    assert least in (False, tells(marks, nothing=True, few=True, smb=True))


@given(st.binary(max_size=64))
def test_whatever_stands_in_a_mark_is_32_bits(written: bytes) -> None:
    assert samba_attributes(written) >> 32 == 0


def hole(path: Path, mark: bytes | None = None, size: int = 1 << 20, data: bytes = b"") -> Path:
    """Make a file that is a hole behind some data, with Samba's attributes where `mark` is given."""
    path.write_bytes(data)
    os.truncate(path, size)
    if mark is not None:
        try:
            os.setxattr(path, "user.DOSATTRIB", mark)
        except OSError:
            need(found=False, what="a file system with extended attributes below the temporary folder")
    return path


def test_a_walk_leaves_stubs_out_and_meets_holes(tmp_path: Path) -> None:
    hole(tmp_path / "hole.bin")
    hole(tmp_path / "marked.csv", b"0x1000\0", data=b"something that lies here")  # nobody hides behind a mark
    stub = hole(tmp_path / "stub.csv", b"0x1020\0")
    steps = list(walk([bytes(tmp_path)]))
    assert [step.path for step in steps if isinstance(step, Place)] == [
        bytes(tmp_path / "hole.bin"),
        bytes(tmp_path / "marked.csv"),
    ]
    (left,) = [step for step in steps if isinstance(step, Excluded)]
    assert (left.path, left.by, left.place and left.place.size) == (bytes(stub), "offline", 1 << 20)


def test_a_scan_counts_them_by_folder_and_opens_none(tmp_path: Path) -> None:
    for name in ("a/1.csv", "a/2.csv", "b/3.csv"):
        (tmp_path / "srv" / name).parent.mkdir(parents=True, exist_ok=True)
        os.utime(hole(tmp_path / "srv" / name, b"0x1000\0"), (1, 1))
    (tmp_path / "srv/b/read.txt").write_text(CLEAN)
    status, report = scan("srv", "srv/a/1.csv", cwd=tmp_path)
    assert status == 0
    assert [file["path"] for file in report["files"]] == ["srv/b/read.txt"]
    assert report["excluded"] == [
        {"pattern": "srv/a/", "by": "offline", "files": 2},
        {"pattern": "srv/b/", "by": "offline", "files": 1},
    ]
    assert report["totals"]["excluded"] == 3
    assert os.stat(tmp_path / "srv/a/1.csv").st_atime == 1


def test_what_is_all_here_is_not_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.write(os.urandom(1 << 16))
        file.flush()
        os.fsync(file.fileno())
    monkeypatch.setattr(os, "listxattr", lambda *_, **__: pytest.fail("asked"))
    assert is_stub(bytes(tmp_path / "a"), os.stat(tmp_path / "a")) is False
    assert is_stub(b"/gone", os.stat(tmp_path / "a")) is False
