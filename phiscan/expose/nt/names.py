r"""Where a mounted file lies on its server: `//nas/export` and `a\b`, as the mount table and the kernel's mapping say.

Characters that Windows has in no name are kept by the server in Unicode's private area; `mapposix` and `mapchars`,
the mount's options, say which (cifs_unicode.h of the kernel, mount.cifs(8)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from phiscan.source.mounts import Mount
from phiscan.source.paths import below, display

TYPES: Final = frozenset({"cifs", "smb3", "smbfs"})
_UNIX_RIGHTS: Final = frozenset({"unix", "linux", "posix", "posixpaths", "modefromsid"})  # they carry the server's own

_POSIX: Final = str.maketrans({char: chr(0xF020 + at) for at, char in enumerate('"*:<>?\\|')})
_CHARS: Final = str.maketrans({char: chr(0xF000 + ord(char)) for char in ':*?<>|"\\'})


@dataclass(frozen=True, slots=True)
class Place:
    """What is mounted. `address` is where the kernel has reached the server, else its name."""

    server: str
    share: str
    inside: bytes  # the folder of the share that is mounted, b"" for all of it
    address: str

    @property
    def shown(self) -> str:
        """The share as people write it."""
        return display(f"//{self.server}/{self.share}".encode("utf-8", "surrogateescape"))

    @property
    def key(self) -> tuple[str, str]:
        """Server and share, whatever the case in which they are written."""
        return self.server.lower(), self.share.lower()

    def within(self, mount: Mount, path: bytes) -> bytes:
        """Return where in the share a real path of the mount lies, b"" for all of it."""
        seen, inside = mount.root.strip(b"/"), self.inside
        # Where the folder is reached through the share, the mount's root holds it already; else the source does.
        if inside and below(b"/" + seen, b"/" + inside) is None:
            seen = b"/".join(part for part in (inside, seen) if part)
        return b"/".join(part for part in (seen, below(path, mount.point) or b"") if part)

    def path(self, mount: Mount, path: bytes) -> str:
        """Return a real path of the mount as SMB has it. Raises ValueError where it is no text."""
        parts = self.within(mount, path).decode("utf-8").split("/")
        if "mapposix" in mount.options:
            parts = [_mapped(part) for part in parts]
        elif "mapchars" in mount.options:
            parts = [part.translate(_CHARS) for part in parts]
        return "\\".join(parts)

    def told(self, mount: Mount, path: bytes) -> str:
        """Return a real path of the mount as evidence: `//nas/export/a/b`."""
        rest = display(self.within(mount, path))
        return f"{self.shown}/{rest}" if rest else self.shown


def _mapped(name: str) -> str:
    name = name.translate(_POSIX)
    if name.endswith(" "):
        return name[:-1] + "\uf028"
    return name[:-1] + "\uf029" if name.endswith(".") else name


def place_of(mount: Mount) -> Place:
    """Return what a CIFS mount shows."""
    source = mount.source.decode("utf-8", "surrogateescape").replace("\\", "/")
    server, _, rest = source.lstrip("/").partition("/")
    share, _, inside = rest.partition("/")
    addresses = [option[5:] for option in mount.options if option.startswith("addr=")]
    folder = inside.strip("/").encode("utf-8", "surrogateescape")
    return Place(server, share, folder, addresses[0] if addresses else server)


def asks_nt(mount: Mount | None) -> bool:
    """Whether what lies on a mount has NT rights behind mode bits that the mount makes up."""
    return mount is not None and mount.type in TYPES and not mount.options & _UNIX_RIGHTS
