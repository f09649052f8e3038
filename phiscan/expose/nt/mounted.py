"""Who can read a file behind a CIFS mount: what its server says, for the files of one walk.

Servers let accounts pass folders that they may not look into (the right to bypass traverse checking, which Windows
gives to everybody), so the file's own descriptor decides. Folders whose descriptor Samba has made of mode bits are the
exception: there the rights of the folder bind.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from phiscan.expose.nt import stated
from phiscan.expose.nt.check import ADD_FILE, LIST, TRAVERSE, allowed, identities
from phiscan.expose.nt.names import asks_nt, place_of
from phiscan.expose.nt.rights import Rights, Version
from phiscan.expose.nt.stated import SERVICE
from phiscan.model import Exposure, Level, Place, Reason
from phiscan.source.mounts import Mount, Mounts


@dataclass(frozen=True, slots=True)
class Folder:
    """What the folder of a mount lets any account and whoever has none do: None where it is not established."""

    exposure: Exposure
    list: bool | None
    write: bool | None


@dataclass(slots=True)
class Mounted:
    """What one walk has learnt about the folders of mounts. Make a new one when rights may have changed."""

    rights: Rights = field(default_factory=Rights)
    _shut: dict[bytes, dict[str, str]] = field(default_factory=dict)

    def exposure(self, mount: Mount, path: bytes, status: os.stat_result | Place) -> Exposure:
        """Return who can read the file at a real path of a CIFS mount."""
        place = place_of(mount)
        told = place.told(mount, path)
        found = self.rights.descriptor(mount, path, _version(status))
        if isinstance(found, str):
            return Exposure(Level.UNKNOWN, (Reason(SERVICE, f"NT ACL not known: {found}", told),))
        guests = self.rights.guests(mount)
        try:
            shut = self._passed(mount, os.path.dirname(path), guests=guests) if path != mount.point else {}
        except OSError:
            return Exposure(Level.UNKNOWN, (Reason(SERVICE, "NT ACL not known: no longer there", told),))
        return stated.exposure(found, self.rights.share(mount), told, guests=guests, shut=shut)

    def folder(self, mount: Mount) -> Folder:
        """Return what can be done in the folder that is mounted. Raises OSError."""
        found = self.rights.descriptor(mount, mount.point, _version(os.lstat(mount.point)))
        exposure = self.exposure(mount, mount.point, os.lstat(mount.point))
        if isinstance(found, str):
            return Folder(exposure, None, None)
        share, guests = self.rights.share(mount), self.rights.guests(mount)

        def may(right: int) -> bool | None:
            all_ = [one.has for one in stated.outcomes(found, share, right, guests=guests)]
            return True if True in all_ else None if None in all_ else False

        return Folder(exposure, may(LIST), may(ADD_FILE))

    def _passed(self, mount: Mount, folder: bytes, *, guests: bool) -> dict[str, str]:
        """Return who cannot pass a folder and all above it up to the mount point, and where. Raises OSError."""
        missing = []
        while folder not in self._shut:
            missing.append(folder)
            if folder in (mount.point, os.path.dirname(folder)):
                break
            folder = os.path.dirname(folder)
        above = self._shut.get(folder, {})
        for each in reversed(missing):
            above = self._shut[each] = {**self._shut_here(mount, each, guests=guests), **above}
        return above

    def _shut_here(self, mount: Mount, folder: bytes, *, guests: bool) -> dict[str, str]:
        found = self.rights.descriptor(mount, folder, _version(os.lstat(folder)))
        if isinstance(found, str) or not found.of_modes:
            return {}
        crowds = [who for who in identities(guests=guests) if allowed(found, who, TRAVERSE).has(TRAVERSE) is False]
        return dict.fromkeys((who.name for who in crowds), place_of(mount).told(mount, folder))


def _version(status: os.stat_result | Place) -> Version:
    if isinstance(status, Place):
        return status.inode, status.ctime_ns
    return status.st_ino, status.st_ctime_ns


def mounts_with_nt(mounts: Mounts) -> list[Mount]:
    """Return the mounts behind which there are NT rights."""
    return [mount for mount in mounts if asks_nt(mount)]
