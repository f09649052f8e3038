"""What file servers have said of their rights, kept while it holds: descriptors by file, share rights by share.

A descriptor is taken from the mount itself (an xattr of the kernel's, without another connection or account), and where
that has none from the server over SMB, if the operator has configured that server. It holds until the file's change
time moves, and a day at most. Many files have one descriptor: it is understood once.
"""

from __future__ import annotations

import errno
import importlib.util
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from phiscan.expose.nt.account import FSTAB, Server, account_of
from phiscan.expose.nt.descriptor import Descriptor, parse
from phiscan.expose.nt.names import Place, place_of
from phiscan.expose.nt.stated import Share
from phiscan.source.mounts import Mount

if TYPE_CHECKING:
    from phiscan.config.smb import FileServer
    from phiscan.expose.nt.asking import Asking

# Owner and list, else the list alone. The answer is the server's descriptor as it is.
_ATTRIBUTES: Final = ("system.cifs_ntsd", "system.smb3_ntsd", "system.cifs_acl", "system.smb3_acl")
_HOLDS: Final = 86_400.0  # seconds, for servers whose change times do not tell
_SHARE_HOLDS: Final = 300.0
_AGAIN: Final = 60.0  # seconds after which a server that was not to be had is asked again
_REFUSED: Final = 3600.0  # seconds after which it is asked again what it does not tell
_MOST: Final = 1_000_000  # files that are remembered, at some hundred bytes each
_DIFFERENT: Final = 1024  # descriptors that are
_EACH: Final = 0.002  # seconds at least between two questions to a server
_NO_LIST: Final = Descriptor("", "", None)

Version = tuple[int, int]  # inode and change time


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of many files: kept once."""

    until: float
    found: Descriptor | str


@dataclass(slots=True)
class Rights:
    """What servers have said. `servers` are those that may be asked over SMB; without one only mounts are."""

    servers: tuple[Server, ...] = ()
    fstab: Path = FSTAB
    asked: int = 0  # questions to servers, for those who count them
    _files: dict[int, _Known] = field(default_factory=dict)  # by the hash of path and version
    _known: dict[_Known, _Known] = field(default_factory=dict)
    _parsed: dict[bytes, Descriptor] = field(default_factory=dict)
    _shares: dict[tuple[str, str], tuple[float, Share]] = field(default_factory=dict)
    _open: dict[tuple[str, str], Asking] = field(default_factory=dict)
    _down: dict[tuple[str, str], tuple[float, str]] = field(default_factory=dict)
    _without: set[int] = field(default_factory=set)  # devices of mounts that have no such xattr
    _next: float = 0.0

    def close(self) -> None:
        """End the sessions."""
        for one in self._open.values():
            one.close()
        self._open.clear()

    def server(self, mount: Mount) -> Server | None:
        """Return the server of a mount, where the operator has configured it."""
        place = place_of(mount)
        names = {place.server.lower(), place.address.lower()}
        return next((one for one in self.servers if one.name.lower() in names), None)

    def guests(self, mount: Mount) -> bool:
        """Whether the server of a mount is known to let in whoever comes without an account."""
        server = self.server(mount)
        return "sec=none" in mount.options or (server is not None and server.guests)

    def descriptor(self, mount: Mount, path: bytes, version: Version) -> Descriptor | str:
        """Return the descriptor of the file or folder at a real path, or a phrase why it is not known."""
        key, now = hash((path, version)), time.monotonic()
        known = self._files.get(key)
        if known is not None and now < known.until:
            return known.found
        found = self._from_mount(mount, path)
        if found is None:
            found = self._from_server(mount, path)
        refused = _AGAIN if self._is_down(mount) else _REFUSED
        holds = refused if isinstance(found, str) else _HOLDS
        if isinstance(found, str) and known is not None:
            found = known.found  # what cannot be asked again has not changed
        self._remember(key, _Known((now + holds) // _AGAIN * _AGAIN + _AGAIN, found))
        return found

    def _remember(self, key: int, known: _Known) -> None:
        if len(self._files) >= _MOST:
            for old in list(self._files)[: _MOST // 4]:
                del self._files[old]
        if len(self._known) >= _DIFFERENT:
            self._known.clear()
        self._files.pop(key, None)  # the last asked is the last to be forgotten
        self._files[key] = self._known.setdefault(known, known)

    def share(self, mount: Mount) -> Share:
        """Return the rights of a mount's share."""
        place = place_of(mount)
        key, now = place.key, time.monotonic()
        known = self._shares.get(key)
        if known is not None and now < known[0]:
            return known[1]
        found = self._ask(mount, lambda asking: asking.share_descriptor())
        rights = found if isinstance(found, str) else self._understood(found)
        if isinstance(rights, Descriptor):
            share = Share(place.shown, rights)
        elif known is not None and known[1].rights is not None:
            share = known[1]  # it cannot be asked again: as far as is known it has not changed
        else:
            share = Share(place.shown, None, rights)
        self._shares[key] = (now + (_AGAIN if share.rights is None else _SHARE_HOLDS), share)
        return share

    def _from_mount(self, mount: Mount, path: bytes) -> Descriptor | str | None:
        """Return what the kernel answers; None where it does not answer such questions here."""
        if mount.device in self._without:
            return None
        errors = set()
        for name in _ATTRIBUTES:
            try:
                return self._understood(os.getxattr(path, name, follow_symlinks=False))
            except OSError as error:
                errors.add(error.errno)
                if error.errno not in (errno.ENODATA, errno.ENOTSUP):
                    return None  # the mount's account may not: perhaps another does
        if errors == {errno.ENOTSUP}:
            self._without.add(mount.device)
        return None

    def _from_server(self, mount: Mount, path: bytes) -> Descriptor | str:
        try:
            named = place_of(mount).path(mount, path)
        except ValueError:
            return "its name is no text"
        found = self._ask(mount, lambda asking: asking.descriptor(named))
        return found if isinstance(found, str) else self._understood(found)

    def _understood(self, data: bytes | None) -> Descriptor | str:
        if data is None:
            return _NO_LIST
        known = self._parsed.get(data)
        if known is None:
            try:
                known = parse(data)
            except ValueError:
                return "the descriptor is not understood"
            if len(self._parsed) >= _DIFFERENT:
                self._parsed.clear()
            self._parsed[data] = known
        return known

    def _ask(self, mount: Mount, question: Callable[[Asking], bytes | None]) -> bytes | str | None:
        """Ask the server of a mount; return a phrase where that does not work."""
        server, place = self.server(mount), place_of(mount)
        if server is None:
            return "the server is not configured under smb"
        if importlib.util.find_spec("smbprotocol") is None:
            return "smbprotocol is not installed"
        from phiscan.expose.nt.asking import Down, Unasked

        key, now = place.key, time.monotonic()
        until, why = self._down.get(key, (0.0, ""))
        if now < until:
            return why
        self._wait()
        for session in (self._open.get(key), None):  # one that was may have been ended by the server: then a new one
            try:
                return question(session or self._opened(key, server, place, mount))
            except Unasked as error:
                why = str(error)
                if not isinstance(error, Down):
                    return why
            self._ended(key)
            if session is None:
                break
        self._down[key] = (now + _AGAIN, why)
        return why

    def _ended(self, key: tuple[str, str]) -> None:
        session = self._open.pop(key, None)
        if session is not None:
            session.close()

    def _is_down(self, mount: Mount) -> bool:
        return time.monotonic() < self._down.get(place_of(mount).key, (0.0, ""))[0]

    def _opened(self, key: tuple[str, str], server: Server, place: Place, mount: Mount) -> Asking:
        from phiscan.expose.nt.asking import Asking, Down

        try:
            account = account_of(server, mount, self.fstab)
        except (OSError, ValueError):
            raise Down("the account's file cannot be read") from None
        if account is None:
            raise Down("no account is stated")
        self._open[key] = opened = Asking(place.server, place.address, server.port, place.share, account)
        return opened

    def _wait(self) -> None:
        """Leave the server time between two questions."""
        self.asked += 1
        now = time.monotonic()
        if now < self._next:
            time.sleep(self._next - now)
        self._next = max(now, self._next) + _EACH


def rights_of(configured: Iterable[FileServer]) -> Rights:
    """Return rights of which nothing is known yet, of the servers that the configuration names."""
    servers = (
        Server(
            name=one.server,
            login=one.login if one.credentials_file is None else "file",
            credentials=one.credentials_file,
            port=one.port,
            guests=one.guests,
        )
        for one in configured
    )
    return Rights(tuple(servers))
