"""What ProFTPD gives away: anonymous zones, with the folders in them that have rules of their own, and DefaultRoot.

An `<Anonymous>` section lets everybody in who gives the name of its account, without a password, whatever the account
is called; unless the account has no valid shell, stands in ftpusers, or a `<Limit LOGIN>` refuses. Of several equal
directives in a section the first counts, of a server's and those of `<Global>` its own. A `<Directory>` outside the
zone does not hold inside. An .ftpaccess file is a `<Directory>` too; it is looked for in a zone's root and the folders
right below, not deeper.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from phiscan.expose import blocks, entering, evidence, hosts, titles
from phiscan.expose.blocks import Directive
from phiscan.expose.grant import Grant, Identity, Reach
from phiscan.expose.machine import Machine, Process, Trouble
from phiscan.expose.services.proftpd import limits
from phiscan.expose.services.proftpd.limits import Who
from phiscan.model import Level, Reason

_NAME: Final = "proftpd"
_USUAL: Final = ("/etc/proftpd/proftpd.conf", "/etc/proftpd.conf", "/usr/local/etc/proftpd.conf")
_BUILT_IN: Final = frozenset(
    f"mod_{name}.c"
    for name in "core xfer rlimit auth_unix auth_file auth ls log site delay facts dso auth_pam cap ctrls lang".split()
)
_MAGIC: Final = re.compile(r"[*?\[]")
_KNOWN_BLOCKS: Final = frozenset({"limit", "anonymous", "directory", "virtualhost", "global", "class"})
_NOT_FOLLOWED: Final = frozenset({"userdirroot", "vrootalias", "vrootengine", "rewriterule"})  # other folders than said
_SUBFOLDERS: Final = 1000  # folders that a pattern names and that are looked at one by one


@dataclass(frozen=True, slots=True)
class _Server:
    """The main server or a virtual host: its directives and those for all servers, and where it listens."""

    items: tuple[Directive, ...]
    listen: tuple[tuple[str, int], ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Section:
    """A `<Directory>`, or an .ftpaccess file: what it holds in, and what it says."""

    pattern: str
    items: tuple[Directive, ...]

    def holds(self, path: str) -> bool:
        """Whether it speaks about a path: one that it names, or that lies below; `*` also fits slashes."""
        if not _MAGIC.search(self.pattern):
            return path == self.pattern or path.startswith(self.pattern.rstrip("/") + "/")
        fitting = "".join(_regex(part) for part in re.split(r"([*?]|\[[^\]]*\])", self.pattern))
        try:
            return re.fullmatch(f"{fitting}(?:/.*)?", path, re.DOTALL) is not None
        except re.error:  # such as [z-a], which fits nothing
            return False


def _regex(part: str) -> str:
    if part.startswith("[") and len(part) > 2:
        inner = part[1:-1].replace("\\", r"\\")
        return f"[{'^' + inner[1:] if inner.startswith('!') else inner}]"
    return {"*": ".*", "?": "."}.get(part, re.escape(part))


@dataclass(slots=True)
class _Reading:
    """What reading a configuration needs to know: the words of its conditions."""

    machine: Machine
    defines: frozenset[str]
    modules: set[str] = field(default_factory=lambda: set(_BUILT_IN))

    def included(self, line: Directive) -> Sequence[str] | None:
        if line.name == "loadmodule" and line.words:
            self.modules.add(line.words[0])
        if any("%{env:" in word for word in line.words) or line.name in _NOT_FOLLOWED:
            self.machine.troubles.append(Trouble(_NAME, line.source, "a directive that is not followed"))
        if line.name != "include" or not line.words or not line.words[0].startswith("/"):
            return None
        path = line.words[0]
        if _MAGIC.search(path):
            return self.machine.matching(path)
        return self.machine.matching(path.rstrip("/") + "/*") or [path]

    def condition(self, head: Directive) -> bool | None:
        if head.name not in ("ifdefine", "ifmodule") or not head.words:
            return None
        word = head.words[0].lstrip("!")
        return (word in (self.modules if head.name == "ifmodule" else self.defines)) != head.words[0].startswith("!")


def grants(machine: Machine) -> list[Grant]:
    """Return the folders that the ProFTPD servers of a machine give to somebody."""
    found: list[Grant] = []
    ports: set[int] = set()
    for file, defines in _files(machine):
        reading = _Reading(machine, defines)
        rules = blocks.Rules(syntax=blocks.PROFTPD, included=reading.included, condition=reading.condition)
        for server in _servers(machine, blocks.read(machine, _NAME, file, rules)):
            ports |= {port for _, port in server.listen}
            for zone in server.items:
                if zone.name == "anonymous" and zone.inner is not None and zone.words:
                    found += _Zone.of(machine, server, zone)
            found += _accounts(server)
    titles.unexplained(machine, _NAME, machine.running("proftpd"), ports)
    return list(dict.fromkeys(found))


def _files(machine: Machine) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the configuration file of each server with what is defined for it on the command line."""
    found: dict[str, frozenset[str]] = {}
    for process in machine.running("proftpd", "in.proftpd"):
        file, defines = _arguments(process)
        if file is not None:
            found[file] = found.get(file, frozenset()) | defines
    for file in (*machine.given.get(_NAME, ()), *(file for usual in _USUAL for file in machine.matching(usual))):
        found.setdefault(file, frozenset())
    yield from found.items()


def _arguments(process: Process) -> tuple[str | None, frozenset[str]]:
    """Return the file and definitions of a command line; a running server often shows a title instead."""
    file, defines = None, set()
    words = iter(process.argv[1:])
    for word in words:
        if word in ("-c", "--config"):
            file = next(words, None)
        elif word.startswith("-c") and len(word) > 2:
            file = word[2:]
        elif word in ("-D", "--define"):
            defines.add(next(words, ""))
        elif word.startswith("-D"):
            defines.add(word[2:])
    return (os.path.join(process.folder, file) if file else None), frozenset(defines)


def _servers(machine: Machine, top: Sequence[Directive]) -> Iterator[_Server]:
    """Yield the main server, unless it has port 0, and the virtual hosts."""
    common = tuple(line for block in top if block.name == "global" for line in block.inner or ())
    own = tuple(line for line in top if line.name not in ("global", "virtualhost"))
    for line in (*top, *(inner for block in top for inner in block.inner or ())):
        if line.inner is not None and line.name not in _KNOWN_BLOCKS:
            machine.troubles.append(Trouble(_NAME, line.source, "a block that is not followed"))
    for name, items, addresses in (
        ("", own, _words(own, "defaultaddress")),
        *(
            (" ".join(block.words), block.inner or (), block.words)
            for block in top
            if block.name == "virtualhost" and block.words
        ),
    ):
        port = " ".join(_words(items, "port"))
        number = int(port) if port.isdecimal() else 21
        if number:
            listen = tuple((address, number) for address in addresses) or (("", number),)
            yield _Server((*items, *common), listen, name)


def _words(items: Sequence[Directive], name: str) -> tuple[str, ...]:
    found = limits.first(items, name)
    return found.words if found is not None else ()


def _on(items: Sequence[Directive], name: str, *, default: bool) -> bool:
    found = limits.first(items, name)
    return default if found is None or not found.words else found.words[0].lower() in ("on", "yes", "true", "1")


def _said(directive: Directive) -> Reason:
    return evidence.reason(_NAME, directive.text, directive.source)


@dataclass(frozen=True, slots=True)
class _Zone:
    """An anonymous zone of a server, as the account that visitors of it are."""

    machine: Machine
    server: _Server
    head: Directive
    items: tuple[Directive, ...]
    user: str
    root: str
    who: Identity | None

    @classmethod
    def of(cls, machine: Machine, server: _Server, head: Directive) -> list[Grant]:
        """Return what a zone gives away."""
        items = head.inner or ()
        user = " ".join(_words(items, "user") or _words(server.items, "user"))
        root = _home(machine, head.words[0], user)
        who = machine.account(user)
        unknown = who is None and machine.account("root") is None
        if root is None or "\0" in root or (who is None and not unknown and not _words(server.items, "authuserfile")):
            return []
        group = machine.group(" ".join(_words(items, "group") or _words(server.items, "group")))
        if who is not None and group is not None:
            who = Identity(who.name, who.uid, who.gids | {group})
        zone = cls(machine, server, head, cls._spread(items), user, os.path.normpath(root), who)
        return list(zone.grants())

    @staticmethod
    def _spread(items: tuple[Directive, ...]) -> tuple[Directive, ...]:
        """Return the directives of a zone; those of `<Directory *>` are its own."""
        every = [one for one in items if one.name == "directory" and one.words == ("*",)]
        return (*(one for one in items if one not in every), *(line for one in every for line in one.inner or ()))

    def grants(self) -> Iterator[Grant]:
        """Yield the zone, and each folder in it about which something else is said."""
        if self._account_refused():
            return
        visitor, wide = self._visitor()
        if visitor is None:
            return
        sections = [*self._sections(relative=False), *self._access_files(), *self._sections(relative=True)]
        given: dict[str, Grant] = {}
        for folder in (self.root, *sorted(set(self._folders(sections)))):
            made = self._grant(folder, sections, visitor, wide)
            above = max((path for path in given if folder.startswith(path.rstrip("/") + "/")), key=len, default=None)
            if above is None or _rights(given[above]) != _rights(made):
                given[folder] = made
                yield made

    def _account_refused(self) -> bool:
        """Whether the account of the zone cannot log in at all."""
        both = (*self.items, *self.server.items)
        if self.who is not None:
            if self.who.uid == 0 and not _on(self.items, "rootlogin", default=False):
                return True
            if not entering.may_pass(self.machine, self.root, self.who):
                return True  # "Unable to set anonymous privileges"
        shells = self.machine.lines("/etc/shells", _NAME) if _on(both, "requirevalidshell", default=True) else None
        shell = entering.shell(self.machine, self.user)
        if shells is not None and shell is not None and shell not in shells:
            return True
        users = self.machine.lines("/etc/ftpusers", _NAME) if _on(both, "useftpusers", default=True) else None
        if self.user in [line.strip() for line in users or ()]:
            return True
        aliases = [one for one in both if one.name == "useralias" and len(one.words) == 2 and one.words[1] == self.user]
        only = _on(self.items, "authaliasonly", default=False) or _on(self.server.items, "authaliasonly", default=False)
        return (only and not aliases) or " ".join(_words(self.items, "anonrejectpasswords")) in (".*", "^.*$", ".")

    def _visitor(self) -> tuple[Who | None, Reach]:
        """Return who may log in, and from where; None: nobody."""
        groups = entering.groups(self.machine, self.who) if self.who is not None else frozenset[str]()
        for near in (False, True):
            who = Who(self.user, groups, near)
            if limits.login(self.server.items, self.items, who).allowed:
                listening = hosts.listening(address for address, _ in self.server.listen)
                return who, min(listening, Reach.PRIVATE) if near else listening
        return None, Reach.LOOPBACK

    def _sections(self, *, relative: bool) -> Iterator[_Section]:
        """Yield the folders of the zone with rules of their own, by their paths on the machine.

        Of those of one folder an .ftpaccess file comes before what a relative path says, and after an absolute one.
        """
        for one in self.items:
            if one.name == "directory" and one.words and one.inner is not None:
                path = _home(self.machine, one.words[0], self.user)
                if (path is None) == relative:
                    path = path or os.path.join(self.root, one.words[0])
                    yield _Section(path.rstrip("/") or "/", one.inner)

    def _access_files(self) -> Iterator[_Section]:
        if not _on((*self.items, *self.server.items), "allowoverride", default=True):
            return
        rules = blocks.Rules(syntax=blocks.PROFTPD)
        self.machine.appearing.add((self.root, ".ftpaccess"))
        for place in (glob_escaped(self.root), f"{glob_escaped(self.root)}/*"):
            for file in self.machine.there(f"{place}/.ftpaccess"):
                yield _Section(os.path.dirname(file), blocks.read(self.machine, _NAME, file, rules))

    def _folders(self, sections: Sequence[_Section]) -> Iterator[str]:
        """Yield the folders below the root that the sections name."""
        inside = self.root.rstrip("/") + "/"
        for section in sections:
            plain = section.pattern.removesuffix("/*")
            found = [plain] if not _MAGIC.search(plain) else self.machine.matching(plain)[:_SUBFOLDERS]
            yield from (os.path.normpath(path) for path in found if path.startswith(inside))

    def _grant(self, folder: str, sections: Sequence[_Section], visitor: Who, wide: Reach) -> Grant:
        read, write, listing = (  # of a name that may not be listed itself nothing is shown
            self._asked(folder, sections, names, visitor) for names in (limits.READ, limits.WRITE, limits.LIST)
        )
        level, why = self._doors(visitor, wide)
        answers = (read, listing, write)
        why += [_said(limits.decider(one.by)) for one in answers if one.by is not None]
        path = evidence.path(folder)
        return Grant(
            service=_NAME,
            path=path,
            level=level if any(one.allowed for one in answers) else Level.RESTRICTED,
            evidence=evidence.of_zone(path, why),
            identity=self.who,
            read=read.allowed,
            write=write.allowed,
            list=listing.allowed,
            reach=wide,
            listen=self.server.listen,
            name=f"{self.server.name} {self.user}".strip(),
            seen=os.fsencode("/" + os.path.relpath(folder, self.root)) if folder != self.root else b"/",
            follows_links=False,
        )

    def _asked(self, folder: str, sections: Sequence[_Section], names: Sequence[str], visitor: Who) -> limits.Answer:
        """Return whether a command may be given for what lies in a folder."""
        held = _closest(sections, f"{folder.rstrip('/')}/x")
        return limits.command([*(one.items for one in held), self.items, self.server.items], names, visitor)

    def _doors(self, visitor: Who, wide: Reach) -> tuple[Level, list[Reason]]:
        """Return whom the zone lets in, and why."""
        why = [_said(self.head)]
        why += [_said(one) for one in (limits.first(self.items, "user"), limits.first(self.items, "useralias")) if one]
        if visitor.near:
            why += [_said(limits.decider(one)) for one, _ in limits.verdicts(self.items, "LOGIN", visitor)]
        elif wide is not Reach.EVERYWHERE and (address := limits.first(self.server.items, "defaultaddress")):
            why.append(_said(address))
        asks = limits.first(self.items, "anonrequirepassword")
        if asks is not None and _on((asks,), "anonrequirepassword", default=False):
            shared = _on(self.items, "authusingalias", default=False)
            return Level.SHARED if shared else Level.RESTRICTED, [_said(asks), *why]
        return Level.PUBLIC, why


def _rights(grant: Grant) -> tuple[Level, bool, bool, bool]:
    return grant.level, grant.read, grant.write, grant.list


def glob_escaped(path: str) -> str:
    """Return a path as a shell pattern that fits it alone."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def _home(machine: Machine, path: str, user: str) -> str | None:
    """Return an absolute path, `~` resolved as the home of an account; None where it is not absolute."""
    if path.startswith("~"):
        owner, slash, rest = path[1:].partition("/")
        home = machine.home(owner or user)
        return home + slash + rest if home else None
    return path if path.startswith("/") else None


def _holding(items: Sequence[Directive], path: str) -> list[_Section]:
    """Return the sections of a server that speak about a path, the closest first."""
    found = (one for one in items if one.name == "directory" and one.words)
    return _closest([_Section(one.words[0].rstrip("/") or "/", one.inner or ()) for one in found], path)


def _closest(sections: Sequence[_Section], path: str) -> list[_Section]:
    return sorted((one for one in sections if one.holds(path)), key=lambda one: -len(one.pattern))


def _accounts(server: _Server) -> Iterator[Grant]:
    """Yield the folders that accounts are shut into, where it is one for all or for those of some groups."""
    account = Who("", frozenset())
    refusing = next((one for one, verdict in limits.verdicts(server.items, "LOGIN", account) if verdict < 0), None)
    named = [one for one in refusing.inner or () if one.name in ("allowuser", "allowgroup")] if refusing else []
    if refusing is not None and not named:
        return
    for one in server.items:
        if one.name != "defaultroot" or not one.words:
            continue
        folder, groups = one.words[0], one.words[1:]
        if folder.startswith("/") and "%" not in folder and folder != "/":
            path = evidence.path(folder)
            contexts = [*(section.items for section in _holding(server.items, f"{folder}/x")), server.items]
            read, write, listing = (
                limits.command(contexts, names, account) for names in (limits.READ, limits.WRITE, limits.LIST)
            )
            yield Grant(
                service=_NAME,
                path=path,
                level=Level.RESTRICTED if groups or named else Level.SHARED,
                evidence=evidence.of_zone(path, (_said(one), *map(_said, named))),
                read=read.allowed,
                write=write.allowed,
                list=listing.allowed,
                reach=hosts.listening(address for address, _ in server.listen),
                listen=server.listen,
                name=server.name,
                follows_links=False,
            )
        if not groups:
            return
