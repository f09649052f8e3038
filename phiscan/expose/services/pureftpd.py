"""What Pure-FTPd gives away. Strangers are let in unless told otherwise, into the home of the account `ftp`.

Its options come from the command line, from a configuration file that is its only argument, or, on Debian, from the
files of /etc/pure-ftpd/conf, one a setting. A running server shows a title instead of its arguments, so that those of
a server without any such file are not known. Names that begin with a dot are not for strangers, and what is there
already cannot be overwritten by them.

Accounts have their homes. Those of virtual users stand in pureftpd.passwd.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from phiscan.expose import entering, evidence, hosts, titles
from phiscan.expose.grant import Grant, Identity, Reach
from phiscan.expose.machine import Machine, Process, Trouble
from phiscan.model import Level, Reason

_NAME: Final = "pure-ftpd"
_PROGRAMS: Final = tuple(f"pure-ftpd{kind}" for kind in ("", "-ldap", "-mysql", "-postgresql"))
_FOLDER: Final = "/etc/pure-ftpd/conf"
_FILES: Final = ("/etc/pure-ftpd/pure-ftpd.conf", "/etc/pure-ftpd.conf")
_HOSTS: Final = "/etc/pure-ftpd/pure-ftpd"  # a folder or link for each address with a zone of its own
_USERS: Final = "/etc/pure-ftpd/pureftpd.passwd"

# The settings that count here, by the options that stand for them.
_SWITCHES: Final = {
    "E": "NoAnonymous",
    "e": "AnonymousOnly",
    "i": "AnonymousCantUpload",
    "s": "AntiWarez",
    "z": "AllowDotFiles",
}
_VALUES: Final = {"S": "Bind"}
_WITH_VALUE: Final = frozenset("aCcfFgIJklLmnOpPqQStTuUvVy23Y89")
_LONG: Final = {name.lower(): name for name in (*_SWITCHES.values(), *_VALUES.values())}
_ON, _OFF = ("yes", "1", "on", "true"), ("no", "0", "off", "false")


@dataclass(slots=True)
class _Options:
    """The settings of a server that are on, or have a value, with what is written and where."""

    file: str  # where a default counts
    found: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # name → value, as written, source

    def on(self, name: str) -> bool:
        return name in self.found

    def reason(self, name: str) -> Reason:
        if name in self.found:
            _, written, source = self.found[name]
            return evidence.reason(_NAME, written, source)
        return evidence.reason(_NAME, f"{name} (default no)", self.file)


def grants(machine: Machine) -> list[Grant]:
    """Return the folders that the Pure-FTPd servers of a machine give to somebody."""
    found: list[Grant] = []
    ports: set[int] = set()
    for options in _servers(machine):
        ports |= {port for _, port in _listening(options)[0]}
        if not options.on("NoAnonymous"):
            found += _anonymous(machine, options)
        if not options.on("AnonymousOnly"):
            found += _virtual_users(machine)
    titles.unexplained(machine, _NAME, machine.running(*_PROGRAMS), ports)
    return list(dict.fromkeys(found))


def _servers(machine: Machine) -> Iterator[_Options]:
    """Yield the options of each server that runs, is named, or may be started."""
    hidden: list[Process] = []
    for process in machine.running(*_PROGRAMS):
        if titles.is_title(process):
            hidden.append(process)
        else:
            yield _of_arguments(machine, process)
    files = [*machine.given.get(_NAME, ())]
    debian = machine.matching(f"{_FOLDER}/*")
    if debian:
        yield _of_folder(machine, debian)
    else:
        files += [file for file in _FILES if machine.matching(file)]
    for file in dict.fromkeys(files):
        yield _of_file(machine, _Options(file), file, ())
    if hidden and not debian and not files:
        machine.troubles.append(Trouble(_NAME, _NAME, titles.NOT_SHOWN))
        yield from _as_compiled(machine, hidden)


def _as_compiled(machine: Machine, hidden: Sequence[Process]) -> Iterator[_Options]:
    """Yield the defaults, at each port on which a server is met: what listens is not hidden from root."""
    for port in titles.ports_of(machine, hidden) or [21]:
        options = _Options("command line")
        options.found["Bind"] = (f",{port}", f"port {port}", "command line")
        yield options


def _of_arguments(machine: Machine, process: Process) -> _Options:
    """Return the options of a command line, as getopt reads it."""
    words = list(process.argv[1:])
    if len(words) == 1 and not words[0].startswith("-"):
        file = os.path.join(process.folder, words[0])
        return _of_file(machine, _Options(file), file, ())
    options = _Options("command line")
    while words:
        word = words.pop(0)
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            known = _LONG.get(name.lower())
            if known in _VALUES.values() and not equals and words:
                value = words.pop(0)
            if known:
                options.found[known] = (value, word, "command line")
        elif word.startswith("-"):
            _short(word[1:], words, options)
    return options


def _short(letters: str, words: list[str], options: _Options) -> None:
    """Take one word of short options over, the last of which may have its value in the next word."""
    for at, letter in enumerate(letters, 1):
        if letter in _WITH_VALUE:
            value = letters[at:] or (words.pop(0) if words else "")
            if letter in _VALUES:
                options.found[_VALUES[letter]] = (value, f"-{letter} {value}", "command line")
            return
        if letter in _SWITCHES:
            options.found[_SWITCHES[letter]] = ("", f"-{letter}", "command line")


def _of_file(machine: Machine, options: _Options, file: str, above: tuple[str, ...]) -> _Options:
    """Take a configuration file over: a switch that is on stays on, whatever is said later."""
    if file in above or len(above) > 20:
        machine.troubles.append(Trouble(_NAME, file, "includes itself"))
        return options
    for number, line in enumerate(machine.lines(file, _NAME) or (), 1):
        words = re.fullmatch(r"\s*([^\s:=#]+)[\s:=]*(.*?)\s*", line)
        if words is None or "\0" in line:
            continue
        name, value = words[1], words[2]
        if name.lower() in ("include", "!include"):
            _of_file(machine, options, value, (*above, file))
        elif name.lower() in _LONG:
            _set(machine, options, _LONG[name.lower()], value, f"{name} {value}".strip(), f"{file}:{number}")
    return options


def _of_folder(machine: Machine, files: Sequence[str]) -> _Options:
    """Return the options that Debian's wrapper makes of one file a setting: the first line of it counts."""
    options = _Options(_FOLDER)
    for file in files:
        name = os.path.basename(file)
        lines = enumerate(machine.lines(file, _NAME) or (), 1) if name in _LONG.values() else ()
        said = [(number, line.strip()) for number, line in lines if line.strip() and not line.lstrip().startswith("#")]
        if said:
            number, value = said[0]
            _set(machine, options, name, value, f"{name} {value}", f"{file}:{number}")
    return options


def _set(machine: Machine, options: _Options, name: str, value: str, written: str, source: str) -> None:
    if name in _VALUES.values() or value.lower() in _ON:
        options.found[name] = (value, written, source)
    elif value.lower() not in _OFF:
        machine.troubles.append(Trouble(_NAME, source, "neither yes nor no: the server does not start"))


def _anonymous(machine: Machine, options: _Options) -> Iterator[Grant]:
    """Yield what whoever comes as `ftp` or `anonymous` is given, at every address and at those with their own."""
    who = machine.account("ftp")
    if (who is None and machine.account("root") is not None) or (who is not None and (who.uid == 0 or 0 in who.gids)):
        return  # "Unable to set up secure anonymous FTP"
    listen, wide = _listening(options)
    home = (machine.home("ftp") or "").partition("/./")[0]
    if home.startswith("/") and not entering.missing(machine, home):
        yield _grant(options, home, who, listen, wide)
    for path in machine.matching(f"{_HOSTS}/*"):
        port = listen[0][1] if listen else 21
        host = os.path.basename(path)
        yield _grant(options, path, who, ((host, port),), hosts.listening([host]))


def _listening(options: _Options) -> tuple[tuple[tuple[str, int], ...], Reach]:
    """Return where the server listens: "address,port", either of which may be missing."""
    address, _, port = options.found.get("Bind", ("", "", ""))[0].partition(",")
    listen = ((address.strip(), int(port) if port.strip().isdecimal() else 21),)
    return listen, hosts.listening([address.strip()])


def _grant(
    options: _Options, root: str, who: Identity | None, listen: tuple[tuple[str, int], ...], wide: Reach
) -> Grant:
    path = evidence.path(root)
    more = [name for name in ("AnonymousCantUpload", "AllowDotFiles", "AntiWarez") if options.on(name)]
    why = [options.reason(name) for name in ("NoAnonymous", *more)]
    if not options.on("AnonymousCantUpload"):
        why.append(options.reason("AnonymousCantUpload"))
    if wide is not Reach.EVERYWHERE and options.on("Bind"):
        why.append(options.reason("Bind"))
    return Grant(
        service=_NAME,
        path=path,
        level=Level.PUBLIC,
        evidence=evidence.of_zone(path, why),
        identity=who,
        write=not options.on("AnonymousCantUpload"),
        reach=wide,
        listen=listen,
        follows_links=False,
        refused=() if options.on("AllowDotFiles") else (".*",),
        withholds_own=options.on("AntiWarez"),
        entered=True,
    )


def _virtual_users(machine: Machine) -> Iterator[Grant]:
    """Yield the homes of virtual users: account, password, uid, gid, comment, home, with colons between them."""
    for number, line in enumerate(machine.lines(_USERS, _NAME) or (), 1):
        fields = line.split(":")
        if len(fields) < 6 or not fields[5].startswith("/") or not (fields[2] + fields[3]).isdecimal() or "\0" in line:
            continue
        account, home = fields[0], fields[5].partition("/./")[0]
        path = evidence.path(home)
        reason = evidence.reason(_NAME, f"account {account}", f"{_USERS}:{number}")
        yield Grant(
            service=_NAME,
            path=path,
            level=Level.RESTRICTED,
            evidence=evidence.of_zone(path, (reason,)),
            identity=Identity(account, int(fields[2]), frozenset({int(fields[3])})),
            write=True,
            name=account,
            follows_links="/./" not in fields[5],
        )
