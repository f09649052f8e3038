"""As whom a file server is asked for its rights: a file as mount.cifs(8) reads it, the mount's line in fstab, a ticket.

Nothing else is tried. A password stays in memory, is never shown, and comes into no message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from phiscan.source.mounts import Mount

FSTAB: Final = Path("/etc/fstab")

_CIFS: Final = ("cifs", "smb3", "smbfs")
_ESCAPE: Final = re.compile(r"\\([0-7]{3})")
_LONG: Final = {"user": "username", "pass": "password", "dom": "domain", "workgroup": "domain", "cred": "credentials"}


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a file server. Without a name: whom the Kerberos ticket of this process names."""

    name: str = ""
    password: str = field(default="", repr=False)
    domain: str = ""
    kerberos: bool = False

    @property
    def full(self) -> str:
        """The name with its domain."""
        return f"{self.domain}\\{self.name}" if self.domain and self.name else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A file server that the operator lets phiscan ask. `name` is as its mounts name it."""

    name: str
    login: Literal["file", "fstab", "kerberos"] = "fstab"
    credentials: Path | None = None  # of `file`
    port: int = 445
    guests: bool = False  # it is known to let in whoever comes without an account


def account_of(server: Server, mount: Mount, fstab: Path = FSTAB) -> Account | None:
    """Return as whom a server is asked about a mount; None where nothing says it. Raises OSError or ValueError."""
    if server.login == "kerberos":
        return Account(kerberos=True)
    if server.login == "file":
        return None if server.credentials is None else _account(from_file(server.credentials))
    options = _in_fstab(mount, fstab)
    if options is None:
        return None
    if "credentials" in options:
        options = {**options, **from_file(Path(options["credentials"]))}
    if options.get("sec", "").startswith("krb5"):
        return Account(kerberos=True)
    return _account(options)


def from_file(path: Path) -> dict[str, str]:
    """Return what a credentials file says: `username`, `password`, `domain`. Raises OSError or ValueError."""
    found = {}
    for line in path.read_text("utf-8").splitlines():
        key, equals, value = line.lstrip().partition("=")
        key = key.strip().lower()
        if equals and not key.startswith("#"):
            found[_LONG.get(key, key)] = value
    return {key: found[key] for key in ("username", "password", "domain") if key in found}


def _account(said: Mapping[str, str]) -> Account | None:
    name = said.get("username", "")
    if not name:
        return None
    return Account(name, said.get("password", ""), said.get("domain", ""))


def _in_fstab(mount: Mount, fstab: Path) -> dict[str, str] | None:
    """Return the options of a mount's line; None where it has none."""
    for line in fstab.read_text("utf-8", "surrogateescape").splitlines():
        fields = [_ESCAPE.sub(lambda match: chr(int(match[1], 8)), one) for one in line.split()]
        if len(fields) < 4 or fields[0].startswith("#") or fields[2] not in _CIFS:
            continue
        if fields[1].rstrip("/").encode("utf-8", "surrogateescape") == mount.point:
            pairs = (option.partition("=") for option in fields[3].split(","))
            return {_LONG.get(key, key): value for key, _, value in pairs}
    return None
