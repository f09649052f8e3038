"""What OpenSSH's server gives away by SFTP: the folders that accounts are shut into, and accounts without a password.

What an account reaches outside such a folder is what the file system lets it, and no grant. Of a keyword the first
value counts; what stands in a `Match` that fits comes before what stands outside of any. The server enters a folder as
root, and only where nobody else may write to it or to one above. With PermitEmptyPasswords whoever knows the name of
an account without a password is that account: what it may read is public.
"""

from __future__ import annotations

import fnmatch
import os
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from phiscan.expose import blocks, entering, evidence, hosts, wrappers
from phiscan.expose.grant import Grant, Reach
from phiscan.expose.machine import Machine, Process, Trouble
from phiscan.model import Level, Reason

_NAME: Final = "sshd"
_USUAL: Final = "/etc/ssh/sshd_config"
_FOLDER: Final = "/etc/ssh"
_DEEP: Final = 16
_SYNTAX: Final = blocks.Syntax(quotes='"', comments_end_lines=True)
_ADDRESSES: Final = frozenset({"host", "address", "localaddress", "localport", "rdomain"})


@dataclass(frozen=True, slots=True)
class _Line:
    """A keyword in lower case, its arguments, and where it stands."""

    keyword: str
    words: tuple[str, ...]
    source: str

    @property
    def reason(self) -> Reason:
        return evidence.reason(_NAME, " ".join((self.keyword, *self.words)), self.source)


@dataclass(slots=True)
class _Section:
    """The lines outside of any Match, `head` None, or those of one."""

    head: _Line | None = None
    lines: list[_Line] = field(default_factory=list)

    def criteria(self) -> list[tuple[str, str]]:
        """Return what Match asks for: "user", "alice,bob"."""
        words = list(self.head.words) if self.head is not None else []
        if words and words[0].lower() == "all":
            return []
        return [(name.lower(), value) for name, value in zip(words[::2], words[1::2], strict=False)]


@dataclass(frozen=True, slots=True)
class _Account:
    name: str
    groups: frozenset[str]
    home: str
    open: bool  # has no password


def grants(machine: Machine) -> list[Grant]:
    """Return the folders that the SSH servers of a machine give to somebody."""
    found: list[Grant] = []
    for file, options in _files(machine):
        outside = _Section(lines=[one for option in options for one in _line(option, "command line")])
        sections = [outside]
        _read(machine, file, outside, sections, ())
        found += _of(machine, sections)
    return list(dict.fromkeys(found))


def _files(machine: Machine) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the configuration file of each server with the options of its command line."""
    found: dict[str, tuple[str, ...]] = {}
    for process in machine.running("sshd"):
        file, options = _arguments(process)
        if file is not None or options:
            found[file or _USUAL] = options
    for file in (*machine.given.get(_NAME, ()), *machine.matching(_USUAL)):
        found.setdefault(file, ())
    yield from found.items()


def _arguments(process: Process) -> tuple[str | None, tuple[str, ...]]:
    """Return the file and the options of a command line; sessions show a title instead."""
    file, options = None, list[str]()
    words = list(process.argv[1:])
    if process.argv[0].startswith("sshd:"):
        words = re.sub(r"\[.*", "", process.argv[0].partition(" ")[2]).split()[1:]
    for word, following in zip(words, (*words[1:], ""), strict=False):
        if word.startswith("-f"):
            file = word[2:] or following
        elif word.startswith("-o"):
            options.append(word[2:] or following)
        elif word.startswith("-p"):
            options.append(f"Port {word[2:] or following}")
    return (os.path.join(process.folder, file) if file else None), tuple(options)


def _read(machine: Machine, file: str, current: _Section, sections: list[_Section], above: tuple[str, ...]) -> None:
    """Take a file over into the section where it is included; a Match in it ends with it."""
    if file in above or len(above) >= _DEEP:
        machine.troubles.append(Trouble(_NAME, file, "includes itself"))
        return
    for number, text in enumerate(machine.lines(file, _NAME) or (), 1):
        for line in _line(text, f"{file}:{number}"):
            if line.keyword == "match":
                current = _Section(line if current.head is None or not above else _both(current.head, line))
                sections.append(current)
            elif line.keyword == "include":
                for pattern in line.words:
                    for one in machine.matching(os.path.join(_FOLDER, pattern)):
                        _read(machine, one, current, sections, (*above, file))
            else:
                current.lines.append(line)


def _both(outer: _Line, inner: _Line) -> _Line:
    """Return a Match within a file that another Match includes: both have to fit."""
    words = tuple(word for line in (outer, inner) for word in line.words if word.lower() != "all")
    return _Line("match", words or ("all",), inner.source)


def _line(text: str, source: str) -> list[_Line]:
    """Return the keyword and arguments of a line, nothing of one without."""
    keyword, words = re.match(r"\s*([A-Za-z0-9]*)[\s=]*(.*)", text, re.DOTALL), list[str]()
    if keyword is None or not keyword[1] or "\0" in text:
        return []
    words = blocks.cut(keyword[2], _SYNTAX)
    return [_Line(keyword[1].lower(), tuple(words), source)]


def _of(machine: Machine, sections: Sequence[_Section]) -> Iterator[Grant]:
    lines = [line for section in sections for line in section.lines]
    # Only root may read who has no password: it is not asked for where it does not matter.
    permitting = any(line.keyword == "permitemptypasswords" and line.words[:1] == ("yes",) for line in lines)
    accounts = _accounts(machine, passwords=permitting)
    listen, wide, why = _listening(machine, sections[0].lines)
    for one in (*_chroots(machine, sections, accounts), *_open(machine, sections, accounts)):
        narrow = min(wide, one.reach)
        said = evidence.of_zone(one.path, (*one.evidence, *(why if narrow is wide else ())))
        yield replace(one, listen=listen, reach=narrow, evidence=said)


def _listening(
    machine: Machine, lines: Sequence[_Line]
) -> tuple[tuple[tuple[str, int], ...], Reach, tuple[Reason, ...]]:
    """Return where the server listens, its reach, and the evidence where that is not everywhere."""
    ports = [int(word) for one in lines if one.keyword == "port" for word in one.words[:1] if word.isdecimal()] or [22]
    named = [one for one in lines if one.keyword == "listenaddress" and one.words]
    listen = []
    for one in named:
        host = re.fullmatch(r"\[?([^\]]*?)\]?(?::(\d+))?", one.words[0]) if one.words[0].count(":") < 2 else None
        bracket = re.fullmatch(r"\[([^\]]*)\](?::(\d+))?", one.words[0])
        found = bracket or host
        address, port = (found[1], found[2]) if found else (one.words[0], None)
        listen += [(address, int(port))] if port else [(address, each) for each in ports]
    wide = hosts.listening([address for address, _ in listen])
    why = tuple(one.reason for one in named) if wide is not Reach.EVERYWHERE else ()
    wrapper = wrappers.wrapped(machine, _NAME, _NAME)
    if wrapper is not None and wide is Reach.EVERYWHERE:
        wide, why = Reach.PRIVATE, (wrapper,)
    return tuple(listen) or tuple(("", port) for port in ports), wide, why


def _chroots(machine: Machine, sections: Sequence[_Section], accounts: Sequence[_Account]) -> Iterator[Grant]:
    """Yield the folders that accounts are shut into: one for all, or one for each of those that are named."""
    for section in sections:
        folder = _first([section], "chrootdirectory")
        if folder is None or not folder.words or folder.words[0].lower() == "none":
            continue
        criteria = section.criteria()
        level, near = _level(criteria)
        why = [folder.reason, *([section.head.reason] if section.head is not None else [])]
        path = folder.words[0]
        if not re.search(r"%[uhU]", path):
            users = [value for name, value in criteria if name == "user"]
            one = next((each for each in accounts if [each.name] == users), None)
            yield from _grant(machine, [section, sections[0]], path.replace("%%", "%"), one, level, why, near=near)
            continue
        for account in accounts if criteria else ():
            own = _first(_fitting(sections, account), "chrootdirectory")
            if own is folder and _may_come(sections, account):
                full = _expanded(path, account)
                yield from _grant(machine, _fitting(sections, account), full, account, Level.RESTRICTED, why, near=near)


def _open(machine: Machine, sections: Sequence[_Section], accounts: Sequence[_Account]) -> Iterator[Grant]:
    """Yield what accounts without a password reach: the folder they are shut into, or everything."""
    for account in accounts:
        fitting = _fitting(sections, account)
        permitted = _first(fitting, "permitemptypasswords")
        passwords = _first(fitting, "passwordauthentication")
        if permitted is None or permitted.words[:1] != ("yes",) or (passwords and passwords.words[:1] == ("no",)):
            continue
        root = account.name == "root" and (_first(fitting, "permitrootlogin") or permitted).words[:1] != ("yes",)
        if not account.open or root or not _may_come(sections, account):
            continue
        folder = _first(fitting, "chrootdirectory")
        shut = folder is not None and folder.words and folder.words[0].lower() != "none"
        path = _expanded(folder.words[0], account) if folder is not None and shut else "/"
        why = [permitted.reason, evidence.reason(_NAME, f"account {account.name} without a password", "/etc/shadow")]
        why += [folder.reason] if folder is not None and shut else []
        near = any(_level(one.criteria())[1] for one in fitting if permitted in one.lines)
        yield from _grant(machine, fitting, path, account, Level.PUBLIC, why, near=near, shut=bool(shut))


def _grant(
    machine: Machine,
    sections: Sequence[_Section],
    root: str,
    account: _Account | None,
    level: Level,
    why: list[Reason],
    *,
    near: bool,
    shut: bool = True,
) -> Iterator[Grant]:
    """Yield a folder with what may be done in it, unless the server refuses to shut anybody into it."""
    if shut and entering.others_may_write(machine, root):
        return  # "bad ownership or modes for chroot directory"
    forced = _first(sections, "forcecommand")
    read, write, listing = _sftp(forced.words if forced is not None else ())
    path = evidence.path(root)
    yield Grant(
        service=_NAME,
        path=path,
        level=level,
        evidence=evidence.of_zone(path, [*why, *([forced.reason] if forced is not None else [])]),
        identity=machine.account(account.name) if account is not None else None,
        read=read,
        write=write,
        list=listing,
        reach=Reach.PRIVATE if near else Reach.EVERYWHERE,
        name=account.name if account is not None else "",
        follows_links=not shut,
        entered=shut,
    )


def _sftp(words: Sequence[str]) -> tuple[bool, bool, bool]:
    """Return whether a forced `internal-sftp` lets read, write and list. To open a file is enough to empty one."""
    try:
        parts = shlex.split(" ".join(words))
    except ValueError:
        return True, True, True
    if not parts or os.path.basename(parts[0]) not in ("internal-sftp", "sftp-server"):
        return True, True, True
    denied, allowed = set[str](), None
    for option, value in zip(parts[1:], (*parts[2:], ""), strict=False):
        if option == "-P":
            denied |= set(value.split(","))
        elif option == "-p":
            allowed = set(value.split(","))
    can = {name: name not in denied and (allowed is None or name in allowed) for name in _REQUESTS}
    return can["open"] and can["read"], can["open"] and "-R" not in parts, can["opendir"] and can["readdir"]


_REQUESTS: Final = ("open", "read", "opendir", "readdir")


def _level(criteria: Iterable[tuple[str, str]]) -> tuple[Level, bool]:
    """Return whom a Match is about, and whether it asks from where they come."""
    named = any(name in ("user", "group") and value != "*" for name, value in criteria)
    near = any(name in _ADDRESSES and value != "*" for name, value in criteria)
    return (Level.RESTRICTED if named else Level.SHARED), near


def _first(sections: Iterable[_Section], keyword: str) -> _Line | None:
    """Return the first line of a keyword in sections, which are in the order in which they count."""
    return next((line for section in sections for line in section.lines if line.keyword == keyword), None)


def _fitting(sections: Sequence[_Section], account: _Account) -> list[_Section]:
    """Return the sections for an account: each Match that fits, whatever its addresses, then what stands outside."""
    fitting = []
    for section in sections[1:]:
        names = {"user": {account.name}, "group": account.groups}
        asked = [(kind, value) for kind, value in section.criteria() if kind in names]
        if all(_listed(value, names[kind]) for kind, value in asked):
            fitting.append(section)
    return [*fitting, sections[0]]


def _may_come(sections: Sequence[_Section], account: _Account) -> bool:
    """Whether the lists of users and groups let an account in; from where is not considered."""
    fitting = _fitting(sections, account)
    for keyword, names in (("users", {account.name}), ("groups", account.groups)):
        denied, allowed = (
            [
                word.partition("@")[0]
                for one in fitting
                for line in one.lines
                if line.keyword == side
                for word in line.words
            ]
            for side in (f"deny{keyword}", f"allow{keyword}")
        )
        if any(_listed(word, names) for word in denied) or (allowed and not _listed(",".join(allowed), names)):
            return False
    return True


def _listed(patterns: str, names: Iterable[str]) -> bool:
    """Whether a list of patterns holds one of some names: "a,b*", and none that it excludes with "!".

    >>> _listed("labo*,!labo2", ["labo1"]), _listed("labo*,!labo2", ["labo2"]), _listed("labo[1]", ["labo1"])
    (True, False, False)
    """
    words = patterns.replace("[", "[[]").split(",")  # OpenSSH knows * and ? only
    names = list(names)
    excluded = [word[1:] for word in words if word.startswith("!")]
    if any(fnmatch.fnmatchcase(name, word) for word in excluded for name in names):
        return False
    return any(fnmatch.fnmatchcase(name, word) for word in words if not word.startswith("!") for name in names)


def _expanded(path: str, account: _Account) -> str:
    values = {"%%": "%", "%u": account.name, "%h": account.home}
    return re.sub(r"%[%uh]", lambda found: values[found[0]], path)


def _accounts(machine: Machine, *, passwords: bool) -> list[_Account]:
    """Return the accounts that stand in the files of the machine; `passwords`: look up who has none."""
    passwd = [line.split(":") for line in machine.lines("/etc/passwd", _NAME) or ()]
    groups = [line.split(":") for line in machine.lines("/etc/group", _NAME) or ()]
    shadow = [line.split(":") for line in (machine.lines("/etc/shadow", _NAME) if passwords else None) or ()]
    empty = {one[0] for one in shadow if len(one) > 1 and one[1] == ""}
    found = []
    for one in passwd:
        if len(one) < 7:
            continue
        own = {group[0] for group in groups if len(group) > 3 and (group[2] == one[3] or one[0] in group[3].split(","))}
        open_ = one[1] == "" or (one[1] == "x" and one[0] in empty)
        found.append(_Account(one[0], frozenset(own), one[5], open_))
    return found
