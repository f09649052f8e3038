"""What Samba gives away: the shares of smb.conf, the home folders, and what users share themselves.

A share is public where a guest gets in: `guest ok` or `guest only`, unless sessions must be encrypted (a guest has no
key) or the lists of users leave the guest account out. A client without any account is a guest whatever
`map to guest` says: it only decides whether a wrong name or password makes one a guest too. Permissions kept in
Samba's own database (`sharesec`) and in NT ACLs are not read: they can only narrow what stands here.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from phiscan.expose import found, hosts
from phiscan.expose.grant import Grant, Identity
from phiscan.expose.hosts import Clients
from phiscan.expose.inifile import Section, Setting
from phiscan.expose.machine import Machine, Trouble
from phiscan.expose.patterns import in_any_case
from phiscan.expose.services.samba import conf as smbconf
from phiscan.expose.services.samba import usershare
from phiscan.expose.services.samba.conf import SERVICE, Conf
from phiscan.model import Level, Reason

_USUAL: Final = ("/etc/samba/smb.conf", "/usr/local/samba/etc/smb.conf", "/usr/local/etc/smb4.conf")
_ENCRYPTED: Final = frozenset({"required", "mandatory", "force", "forced", "enforced"})
# Groups that every account of a domain is in, as English and French servers call them.
_EVERYBODY: Final = frozenset({"domain users", "utilisateurs du domaine", "utilisa. du domaine", "authenticated users"})
_OWN: Final = re.compile(r"%[UuGgHDS]")  # macros that differ by the account which comes
_LOWEST_PERSON: Final = 1000  # numbers of accounts that people have


def grants(machine: Machine) -> list[Grant]:
    """Return the shares of all configurations, their folders, and the home folders."""
    processes = list(machine.running("smbd", "samba"))
    started = [process for process in processes if not process.argv[0].startswith(("smbd:", "samba:"))]
    files = [found.named_file(process, "-s", "--configfile") for process in started]
    given: list[Grant] = []
    for path in found.files(machine, SERVICE, files, _USUAL):
        options: dict[str, str] = {}
        for process, file in zip(started, files, strict=True):
            if file in (None, path):
                options |= _options(process.argv)
        conf = smbconf.read(machine, path, options)
        if conf is None:
            if path in files or path in machine.given.get(SERVICE, ()):
                machine.troubles.append(Trouble(SERVICE, path, "is missing"))
            continue
        given += _Shares(machine, conf).grants()
    return given


def _options(argv: tuple[str, ...]) -> dict[str, str]:
    """Return the settings that a process got on its command line."""
    words = [word.removeprefix("--option=") for word in argv if word.startswith("--option=")]
    words += [after for word, after in itertools.pairwise(argv) if word == "--option"]
    options = {key.strip(): value.strip() for key, equals, value in (word.partition("=") for word in words) if equals}
    for at, word in enumerate(argv):
        port = argv[at + 1] if word in ("-p", "--port") and at + 1 < len(argv) else word.removeprefix("--port=")
        if port != word:
            options["smb ports"] = port
    return options


@dataclass(frozen=True, slots=True)
class _Visit:
    """What becomes of those who come to a share without an account, or with any."""

    level: Level
    identity: Identity | None
    write: bool
    why: tuple[Setting, ...]


class _Shares:
    """The shares of one configuration."""

    def __init__(self, machine: Machine, conf: Conf) -> None:
        self.machine = machine
        self.conf = conf
        common = conf.common
        self.account = common.get("guestaccount").value
        self.guest = machine.account(self.account)
        self.listen = _listen(common)
        self.users = usershare.shares(machine, conf)

    def grants(self) -> Iterator[Grant]:
        """Yield what all shares give."""
        for share in self.conf.shares.values():
            if share.says("printable") or not share.says("available"):
                continue
            if share.name.lower() == "homes":
                yield from self._homes(share)
            else:
                yield from self._share(share, share.name)
        for one in self.users:
            yield from self._share(one.share, one.share.name, one)

    def _share(self, share: Section, name: str, user: usershare.Rights | None = None) -> Iterator[Grant]:
        """Yield what one share gives: its folder, or the folder where those of the accounts lie."""
        path = share.get("path")
        if not path.value:
            return
        visit = self._visit(share, name, user)
        folder = path.value.replace("%%", "%").replace("%S", name)
        if visit.level is Level.PUBLIC and visit.identity is not None:
            folder = folder.replace("%u", visit.identity.name)
        if "%" in folder:
            own = _OWN.search(folder) is not None
            folder = folder.partition("%")[0].rpartition("/")[0]
            if not folder.strip("/"):
                detail = "a folder that differs by client or account is not followed"
                self.machine.troubles.append(Trouble(SERVICE, path.source, detail))
                return
            if own and visit.level is Level.SHARED:  # each account comes to its own
                visit = _Visit(Level.RESTRICTED, None, visit.write, (path,))
        yield from self._grant(share, name, folder, visit)

    def _homes(self, share: Section) -> Iterator[Grant]:
        """Yield the home folders, each a share of its account's name."""
        for name, uid, home in self._accounts():
            if name.lower() in self.conf.shares:
                continue
            visit = self._visit(share, name, None)
            person = uid >= _LOWEST_PERSON and uid != 65534
            if visit.level is Level.RESTRICTED and not person:  # nobody has the password of such an account
                continue
            path = share.get("path").value or home
            path = path.replace("%S", name).replace("%U", name).replace("%u", name).replace("%H", home)
            if path not in ("", "/", "/nonexistent") and "%" not in path:
                yield from self._grant(share, name, path, visit)

    def _accounts(self) -> Iterator[tuple[str, int, str]]:
        for line in self.machine.lines("/etc/passwd", SERVICE) or ():
            fields = line.split(":")
            if len(fields) >= 7 and fields[2].isdigit():
                yield fields[0], int(fields[2]), fields[5]

    def _grant(self, share: Section, name: str, folder: str, visit: _Visit) -> Iterator[Grant]:
        path = os.fsencode(folder.strip().strip("\"'"))
        if not path.startswith(b"/") or b"\0" in path:
            return
        path = os.path.normpath(path).replace(b"//", b"/")
        who = min(self._hosts(self.conf.common), self._hosts(share))
        level, reach = hosts.narrowed(visit.level, who)
        limits = [share.get(key) for key in ("hostsallow", "hostsdeny") if share.given(key)]
        if not limits and who is not Clients.EVERYBODY:
            limits = [self.conf.common.get(key) for key in ("hostsallow", "hostsdeny")]
        why = visit.why if who is Clients.EVERYBODY else (*visit.why, *limits)
        zone = os.fsdecode(path)
        yield Grant(
            service=SERVICE,
            path=path,
            level=level,
            evidence=tuple(Reason(SERVICE, one.text, one.source, zone) for one in dict.fromkeys(why) if one.value),
            identity=visit.identity,
            read=who is not Clients.NOBODY,
            write=visit.write and who is not Clients.NOBODY,
            list=who is not Clients.NOBODY,
            reach=min(reach, hosts.listening(address for address, _ in self.listen)),
            listen=self.listen,
            name=name,
            follows_links=self._follows(share),
            links_inside=share.says("followsymlinks"),
            refused=tuple(_pattern(one) for one in share.get("vetofiles").value.split("/") if one.strip()),
        )

    def _visit(self, share: Section, name: str, user: usershare.Rights | None) -> _Visit:
        """Return whom a share lets in, and as whom."""
        only, ok = share.get("guestonly"), share.get("guestok")
        welcome = only if share.says("guestonly") else ok if share.says("guestok") else None
        encrypt = share.get("smbencrypt")
        valid, invalid = share.words("validusers"), share.words("invalidusers")
        listed = (not valid or self._lists(valid, name)) and not self._lists(invalid, name)
        if user is not None:
            listed = listed and user.guests
        if welcome and listed and encrypt.value.lower() not in _ENCRYPTED:
            return self._guest(share, name, welcome, user)
        why = [encrypt] if welcome and encrypt.value.lower() in _ENCRYPTED else []
        why += [share.get("invalidusers")] if welcome and invalid else []
        why += [*(user.why if user else ())]
        forced = share.get("forceuser").value
        identity = self._forced(share, guest=False) if forced else self.guest if share.says("guestonly") else None
        why += [share.get("forceuser")]
        write = self._writes(share) and (user is None or user.everybody_writes)
        if (valid and not _all(valid)) or (user is not None and not user.everybody):
            return _Visit(Level.RESTRICTED, None, write, (share.get("validusers"), *why))
        settings = [share.get("validusers"), *why] if valid else [*why, ok]
        return _Visit(Level.SHARED, identity, write, tuple(settings))

    def _guest(self, share: Section, name: str, welcome: Setting, user: usershare.Rights | None) -> _Visit:
        """Return what becomes of guests where they are let in."""
        why = [welcome, *(user.why if user else ()), share.get("validusers"), share.get("forceuser")]
        if self._lists(share.words("adminusers"), name):
            why.append(share.get("adminusers"))
            identity: Identity | None = Identity("root", 0, frozenset({0}))
        else:
            identity = self._forced(share, guest=True)
        if identity is None:
            why.append(self.conf.common.get("guestaccount"))
        mapping = self.conf.common.get("maptoguest")
        if mapping.value.lower() in ("bad user", "bad password"):
            why.append(mapping)
        write = self._writes(share, name) and (user is None or user.guests_write)
        if write and user is None:
            why.append(share.get("readonly" if self._open(share, name) else "writelist"))
        return _Visit(Level.PUBLIC, identity, write, tuple(why))

    def _forced(self, share: Section, *, guest: bool) -> Identity | None:
        """Return as which account visitors act; None where it is none of this machine."""
        forced = share.get("forceuser").value
        identity = self.machine.account(forced.rpartition("\\")[2]) if forced else self.guest
        if guest and identity is not None and self.guest is not None:  # he keeps his groups under another name
            identity = replace(identity, gids=identity.gids | self.guest.gids)
        group = share.get("forcegroup").value
        if identity is None or not group or group.startswith("+"):  # with + only for those who are in it
            return identity
        gid = self.machine.group(group.lstrip("@&"))
        return identity if gid is None else replace(identity, gids=identity.gids | {gid})

    def _writes(self, share: Section, name: str | None = None) -> bool:
        """Whether all accounts, or with `name` of the share guests, may write."""
        if name is None:
            return not share.says("readonly") and not share.words("readlist")
        return self._open(share, name) or self._lists(share.words("writelist"), name)

    def _open(self, share: Section, name: str) -> bool:
        return not share.says("readonly") and not self._lists(share.words("readlist"), name)

    def _lists(self, words: list[str], share: str) -> bool:
        """Whether a list of users names the guest account, or a group that it is in."""
        for written in words:
            word = written.replace("%S", share)
            if word in ("%U", "%u") or word.lower() == self.account.lower():
                return True
            if word[:1] in "@+&" and self.guest is not None:
                gid = self.machine.group(word.lstrip("@+&"))
                if gid is not None and gid in self.guest.gids:
                    return True
        return False

    def _follows(self, share: Section) -> bool:
        """Whether links that lead out of the share work; not so by default, and not beside the Unix extensions."""
        common = self.conf.common
        allowed = not common.says("unixextensions") or common.says("allowinsecurewidelinks")
        return share.says("followsymlinks") and share.says("widelinks") and allowed

    @staticmethod
    def _hosts(share: Section) -> Clients:
        """Return who may connect. This machine itself may, unless `hosts deny` says otherwise."""
        allow, deny = share.words("hostsallow"), share.words("hostsdeny")
        found_ = hosts.admitted(allow, deny)
        return max(found_, Clients.LOOPBACK) if not deny else found_


def _all(words: list[str]) -> bool:
    """Whether a list of users names everybody who has an account."""
    plain = (word.lstrip("@+&").rpartition("\\")[2].lower() for word in words)
    return any(word in ("%u", *_EVERYBODY) for word in plain)


def _listen(common: Section) -> tuple[tuple[str, int], ...]:
    ports = [int(word) for word in common.words("smbports") if word.isdigit()]
    addresses = [""]
    if common.says("bindinterfacesonly") and common.words("interfaces"):
        addresses = [_address(word) for word in common.words("interfaces")]
    return tuple((address, port) for address in dict.fromkeys(addresses) for port in ports)


def _address(interface: str) -> str:
    """Return the address of an interface as configured; the name of one may stand for any.

    >>> _address("192.168.1.2/24"), _address("lo"), _address("eth0")
    ('192.168.1.2', '127.0.0.1', '')
    """
    plain = interface.partition("/")[0].partition(";")[0]
    if plain == "lo":
        return "127.0.0.1"
    return plain if re.fullmatch(r"[0-9.]+|[0-9a-fA-F:]+:[0-9a-fA-F:]*", plain) else ""


def _pattern(written: str) -> str:
    """Return a name of `veto files` as a shell pattern; Samba knows * and ? only, and no case.

    >>> _pattern("~$*"), _pattern("x[1]")
    ('~$*', '[xX][[]1]')
    """
    return in_any_case(written.replace("[", "[[]"))
