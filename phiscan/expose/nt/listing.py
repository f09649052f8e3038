"""The CIFS mounts of this machine as `phiscan zones` lists them: what their servers let people do in these folders."""

from __future__ import annotations

from phiscan.expose.listing import Row
from phiscan.expose.nt.mounted import Mounted, mounts_with_nt
from phiscan.expose.nt.names import place_of
from phiscan.expose.nt.rights import Rights
from phiscan.expose.nt.stated import SERVICE
from phiscan.model import Level
from phiscan.source.mounts import Mounts


def mounted(rights: Rights, mounts: Mounts | None = None) -> list[Row]:
    """Return a row for each mount that is still there; UNKNOWN where the server's rights cannot be established."""
    found = []
    for mount in mounts_with_nt(Mounts.read() if mounts is None else mounts):
        try:
            folder = Mounted(rights).folder(mount)
        except OSError:
            continue
        # To read what lies in it is for each file's own rights to say: what is told is whether the folder is open.
        open_ = folder.exposure.level > Level.UNKNOWN
        found.append(
            Row(
                path=mount.point, service=SERVICE, name=place_of(mount).shown, level=folder.exposure.level, read=open_,
                write=bool(folder.write), list=bool(folder.list), reach="", evidence=folder.exposure.reasons,
            )
        )  # fmt: skip
    return found
