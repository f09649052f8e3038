"""What the NFS server of the kernel gives away: the lines of /etc/exports.

With `sec=sys`, the default, a client says itself which account it is: rights bind only root, and root only where it
is squashed. An export without a client, or for `*`, is for everybody; one for single hosts is for all accounts there.
An export within another closes nothing, as both show the same files. File systems mounted below an exported folder
count as given too: whether clients see them (`crossmnt`, `nohide`) is not followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from phiscan.expose import hosts, inifile
from phiscan.expose.grant import Grant, Identity
from phiscan.expose.hosts import Clients
from phiscan.expose.machine import Machine, Trouble
from phiscan.model import Level, Reason

SERVICE: Final = "nfs"
_PORT: Final = 2049
_NOBODY: Final = 65534
_OPEN: Final = frozenset({"sys", "none", "null", "unix"})  # flavours that prove nothing about who asks


@dataclass(frozen=True, slots=True)
class _Flavour:
    """What one `sec=` flavour lets its clients do."""

    name: str
    write: bool = False
    squash_root: bool = True
    squash_all: bool = False


@dataclass(frozen=True, slots=True)
class _Options:
    """The options of a client. `common` is what a flavour begins with that is named next."""

    flavours: tuple[_Flavour, ...] = ()
    common: _Flavour = _Flavour("sys")
    uid: int = _NOBODY
    gid: int = _NOBODY

    def all(self) -> tuple[_Flavour, ...]:
        """Return what holds for each flavour; without any it is sys."""
        return self.flavours or (self.common,)


def grants(machine: Machine) -> list[Grant]:
    """Return one grant for each client of each exported folder."""
    usual = ["/etc/exports", *machine.matching("/etc/exports.d/*.exports")]
    listen = tuple(_listen(machine))
    given: dict[tuple[bytes, str], Grant] = {}
    for path in dict.fromkeys([*machine.given.get(SERVICE, ()), *usual]):
        lines = machine.lines(path, SERVICE)
        if lines is None and path in machine.given.get(SERVICE, ()):
            machine.troubles.append(Trouble(SERVICE, path, "is missing"))
        for number, words in _tokens(lines or ()):
            for host, grant in _line(machine, words, f"{path}:{number}", listen):
                given.setdefault((grant.path, host), grant)  # the first of two entries for one client counts
    return list(given.values())


def _line(
    machine: Machine, words: list[str], source: str, listen: tuple[tuple[str, int], ...]
) -> Iterator[tuple[str, Grant]]:
    """Yield what one line gives, by client: a folder, then options for what follows (`-ro`) and clients with theirs."""
    path = words[0]
    if not path.startswith("/") or "\0" in path:
        machine.troubles.append(Trouble(SERVICE, source, "does not begin with a folder"))
        return
    common, given = _Options(), ""
    left = words[:0:-1]
    while True:
        word = left.pop() if left else ""
        if word.startswith("-"):  # one list of options before a client; the next word is a client, or for everybody
            common, given = _parse(common, word[1:]), word + " "
            word = left.pop() if left else ""
        host, bracket, options = word.partition("(")
        if bracket and not options.endswith(")"):
            machine.troubles.append(Trouble(SERVICE, source, "options without an end: the server reads no further"))
        host = host or ("*" if bracket else "")
        text = given + (word or "no client (default every host)")
        yield host, _grant(path, host, text, _parse(common, options.removesuffix(")")), source, listen)
        if not left:
            return


def _grant(
    path: str, host: str, text: str, options: _Options, source: str, listen: tuple[tuple[str, int], ...]
) -> Grant:
    folder = os.path.normpath(os.fsencode(path)).replace(b"//", b"/")
    flavours = options.all()
    unproved = [one for one in flavours if one.name in _OPEN] if not host.startswith("gss/") else []
    widest = min(unproved or flavours, key=lambda one: (one.squash_all, one.squash_root, not one.write))
    who = Clients.EVERYBODY if host in ("", "*") or host.startswith("gss/") else hosts.clients(host)
    level, reach = hosts.narrowed(Level.PUBLIC if unproved else Level.SHARED, who)
    squashed = bool(unproved) and (widest.squash_all or widest.name in ("none", "null"))
    anonymous = Identity(f"uid {options.uid}", options.uid, frozenset({options.gid}))
    return Grant(
        service=SERVICE,
        path=folder,
        level=level,
        evidence=(Reason(SERVICE, text, source, os.fsdecode(folder)),),
        identity=anonymous if squashed else None,
        forged=bool(unproved) and not squashed,
        squashes_root=widest.squash_root,
        write=any(one.write for one in unproved or flavours),
        reach=min(reach, hosts.listening(address for address, _ in listen)),
        listen=listen,
        name=os.fsdecode(folder),
        seen=folder,
        follows_links=False,  # clients follow them in their own tree
        entered=True,  # a handle leads straight into the folder
    )


def _parse(options: _Options, text: str) -> _Options:
    """Return the options with those of a list added; after a `sec=` they are for its flavours.

    >>> [(one.name, one.write) for one in _parse(_Options(), "sec=krb5:krb5p,rw,sec=sys,ro").all()]
    [('krb5', True), ('krb5p', True), ('sys', False)]
    """
    meant: frozenset[str] = frozenset()
    for word in text.split(","):
        key, _, value = word.strip().partition("=")
        if key == "sec":
            meant = frozenset(name for name in value.split(":") if name)
            new = meant - {one.name for one in options.flavours}
            added = tuple(replace(options.common, name=name) for name in value.split(":") if name in new)
            options = replace(options, flavours=options.flavours + added)
        elif key in ("anonuid", "anongid") and value.lstrip("-").isdigit():
            number = int(value) & 0xFFFFFFFF
            options = replace(options, uid=number) if key == "anonuid" else replace(options, gid=number)
        else:
            flavours = tuple(_changed(one, key) if one.name in meant else one for one in options.flavours)
            options = replace(options, common=_changed(options.common, key), flavours=flavours)
    return options


def _changed(one: _Flavour, key: str) -> _Flavour:
    """Return a flavour after one more option.

    >>> _changed(_Flavour("sys"), "rw").write, _changed(_Flavour("sys"), "no_root_squash").squash_root
    (True, False)
    """
    match key:
        case "rw" | "ro":
            return replace(one, write=key == "rw")
        case "root_squash" | "no_root_squash":
            return replace(one, squash_root=key == "root_squash")
        case "all_squash" | "no_all_squash":
            return replace(one, squash_all=key == "all_squash")
        case _:
            return one


def _tokens(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    r"""Yield the words of each line with its number, as exportfs cuts them.

    >>> list(_tokens(['/a\\040b "/c d"#1 *(ro) # x', "/e \\", " f"]))
    [(1, ['/a b', '/c d#1', '*(ro)']), (2, ['/e', 'f'])]
    """
    begun, whole = 0, ""
    for number, line in enumerate(lines, 1):
        begun = begun or number
        whole += line
        if line.endswith("\\"):
            whole = whole[:-1] + " "
            continue
        if words := _words(whole):
            yield begun, words
        begun, whole = 0, ""
    if words := _words(whole):
        yield begun, words


def _words(line: str) -> list[str]:
    words: list[str] = []
    raw, at = os.fsencode(line), 0
    found, begun, quoted = bytearray(), False, False
    while at < len(raw):
        one = raw[at : at + 1]
        at += 1
        if one == b'"':
            quoted, begun = not quoted, True
        elif one.isspace() and not quoted:
            if begun:
                words.append(os.fsdecode(bytes(found)))
            found, begun = bytearray(), False
        elif one == b"#" and not begun:
            break
        else:
            octal = raw[at : at + 3]
            if one == b"\\" and len(octal) == len(b"000") and not octal.strip(b"01234567"):
                one, at = bytes([int(octal, 8) & 0xFF]), at + 3
            found += one
            begun = True
    if begun:
        words.append(os.fsdecode(bytes(found)))
    return words


def _listen(machine: Machine) -> Iterator[tuple[str, int]]:
    """Yield the addresses and the port that nfs.conf has the server listen on."""
    addresses, port = [""], _PORT
    for path in ("/etc/nfs.conf", *machine.matching("/etc/nfs.conf.d/*.conf")):
        section = ""
        for line in inifile.lines(machine.lines(path, SERVICE) or ()):
            if line.value is None:
                section = line.name
            elif section == "nfsd" and line.name == "host" and line.value:
                addresses = [word.strip() for word in line.value.split(",") if word.strip()]
            elif section == "nfsd" and line.name == "port" and line.value.isdigit():
                port = int(line.value)
    yield from ((address, port) for address in addresses)
