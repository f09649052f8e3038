"""What Apache gives away: the files behind its virtual hosts, aliases and user folders.

At each folder that has a section, an address or a `.htaccess` of its own, everything that holds there is merged in
Apache's order: folders from the root on, each with its .htaccess, then names of files, then addresses. Without
`Options Indexes` a place is public all the same, for whoever guesses a name. Where only some names or requests are let
in, in ways that cannot be told apart by their folder (`<FilesMatch>`, `<If>`), the folder is called open.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from phiscan.expose import found, hosts
from phiscan.expose.blocks import Directive
from phiscan.expose.grant import Grant, Identity, Reach
from phiscan.expose.hosts import Clients
from phiscan.expose.machine import Machine, Trouble
from phiscan.expose.services.apache import host as apachehost
from phiscan.expose.services.apache import htaccess, named
from phiscan.expose.services.apache.access import Place
from phiscan.expose.services.apache.conf import SERVICE, Reader, Start, environment
from phiscan.expose.services.apache.host import Host, Map
from phiscan.model import Level, Reason

_USUAL: Final = (
    "/etc/apache2/apache2.conf",
    "/etc/httpd/conf/httpd.conf",
    "/usr/local/apache2/conf/httpd.conf",
    "/usr/local/etc/apache24/httpd.conf",
)
_Listen = tuple[tuple[str, int], ...]


def grants(machine: Machine) -> list[Grant]:
    """Return what the hosts of all configurations give."""
    starts = [Start.of(process) for process in machine.running("apache2", "httpd")]
    files = [start.file for start in starts]
    given: list[Grant] = []
    for path in found.files(machine, SERVICE, files, _USUAL):
        start = next((one for one in starts if one.file in (None, path)), Start())
        if machine.lines(path, SERVICE) is None:
            if path in (*files, *machine.given.get(SERVICE, ())):
                machine.troubles.append(Trouble(SERVICE, path, "is missing"))
            continue
        folder = os.path.dirname(path)
        root = start.root or (os.path.dirname(folder) if folder.endswith("/conf") else folder)
        reader = Reader(machine, start, root, dict(environment(machine)))
        tree = reader.read(path)
        listen = [_address(one.words[0]) for one in tree if one.name == "listen" and one.words]
        identity = _identity(machine, tree)
        blocks = [one for one in tree if one.name == "virtualhost"]
        rest = [one for one in listen if not any(_any_address(block, one) for block in blocks)]
        for own, addresses in ((None, rest), *((block, _matching(block, listen)) for block in blocks)):
            if addresses:
                scripts = bool(reader.modules & {"cgi", "cgid"})
                host = Host(tree, own.inner or () if own is not None else (), scripts)
                given += _Site(reader, host, tuple(dict.fromkeys(addresses)), identity, path).grants()
    return given


def _identity(machine: Machine, tree: tuple[Directive, ...]) -> Identity | None:
    user = next((one.words[0] for one in reversed(tree) if one.name == "user" and one.words), "www-data")
    group = next((one.words[0] for one in reversed(tree) if one.name == "group" and one.words), "")
    account = machine.account(user)
    if account is None and re.fullmatch(r"#\d+", user):
        account = Identity(user, int(user[1:]), frozenset())
    gid = int(group[1:]) if re.fullmatch(r"#\d+", group) else machine.group(group) if group else None
    return account if account is None or gid is None else replace(account, gids=account.gids | {gid})


def _address(word: str) -> tuple[str, int]:
    """Return address and port of a Listen or of a virtual host; port 0 is any.

    >>> _address("80"), _address("127.0.0.1:81"), _address("[::]:82"), _address("*:*"), _address("_default_:443")
    (('', 80), ('127.0.0.1', 81), ('', 82), ('', 0), ('', 443))
    """
    if word.isdigit():
        return "", int(word)
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d+|\*))?", word)
    address, port = (match[1].strip("[]"), match[2]) if match is not None else ("", None)
    every = address == "_default_" or hosts.clients(address) is Clients.EVERYBODY
    return "" if every else address, int(port) if port is not None and port != "*" else 0


def _matching(block: Directive, listen: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return what a virtual host answers of the addresses that the server listens on."""
    found_: list[tuple[str, int]] = []
    for address, port in map(_address, block.words):
        for at, number in listen:
            if port in (0, number) and (not address or not at or at == address):
                found_.append((address or at, number))
    return found_


def _any_address(block: Directive, listen: tuple[str, int]) -> bool:
    """Whether a virtual host takes everything that comes to an address: nothing is left to the main server."""
    return any(port in (0, listen[1]) and address in ("", listen[0]) for address, port in map(_address, block.words))


@dataclass(frozen=True, slots=True)
class _Point:
    """A folder that something is said about, and its address."""

    folder: str
    address: str


class _Site:
    """One host as it is reached."""

    def __init__(self, reader: Reader, host: Host, listen: _Listen, identity: Identity | None, file: str) -> None:
        self.reader = reader
        self.machine = reader.machine
        self.host = host
        self.listen = listen
        self.identity = identity
        self.file = file
        self.reach = hosts.listening(address for address, _ in listen)
        named = host.last("servername")
        self.name = named.words[0] if named is not None else ""

    def grants(self) -> Iterator[Grant]:
        """Yield what the host gives, mapping by mapping."""
        maps = list(self.host.maps())
        for map_ in (*maps, *self._users()):
            if not map_.folder.startswith("/"):
                continue
            if map_.vague and map_.folder == "/":
                detail = "a folder named by an expression is not followed"
                self.machine.troubles.append(Trouble(SERVICE, map_.by.source, detail))
                continue
            self.host.htaccess = htaccess.read(self.reader, self.host, map_)
            yield from self._map(map_, [] if map_.vague else self._closed(map_, maps))

    def _map(self, map_: Map, closed: list[tuple[str, Directive]]) -> Iterator[Grant]:
        """Yield the folder of a mapping and what differs below it; nothing where nothing is given."""
        addresses = {address for address, _ in closed}
        if map_.address in addresses:
            return
        given: dict[str, list[Grant]] = {}
        for point in self._points(map_):
            if any(point.address == one or point.address.startswith(one + "/") for one in addresses):
                continue
            here = self._given(map_, point)
            above = next((given[path] for path in _above(point.folder) if path in given), None)
            if above is None or _what(here) != _what(above):
                given[point.folder] = here
        if any(grant.read for grants in given.values() for grant in grants):
            yield from (grant for grants in given.values() for grant in grants)
            for address, by in closed:
                folder = map_.folder + address[len(map_.address) :]
                path = os.fsencode(folder)
                reason = Reason(SERVICE, _text(by), by.source, folder)
                yield Grant(
                    service=SERVICE,
                    path=path,
                    level=Level.RESTRICTED,
                    evidence=(reason,),
                    identity=self.identity,
                    read=False,
                    list=False,
                    reach=Reach.LOOPBACK,
                    listen=self.listen,
                    name=self._name(map_),
                    seen=os.fsencode(address),
                )

    def _points(self, map_: Map) -> list[_Point]:
        """Return the folders of a mapping that something is said about, from the top."""
        folders = {map_.folder, *self.host.htaccess, *apachehost.sections(self.host, self.machine.matching)}
        below = {folder for folder in folders if (folder + "/").startswith(map_.folder.rstrip("/") + "/")}
        found_ = {_Point(folder, map_.address + folder[len(map_.folder.rstrip("/")) :]) for folder in below}
        for address in apachehost.locations(self.host):
            if (address + "/").startswith(map_.address + "/") and not map_.vague:
                found_.add(_Point(map_.folder.rstrip("/") + address[len(map_.address) :], address))
        return sorted(found_, key=lambda point: point.folder)

    def _closed(self, map_: Map, maps: list[Map]) -> list[tuple[str, Directive]]:
        """Return the addresses of a mapping that other mappings hold, or that are answered without files."""
        kept: list[str] = []
        found_: dict[str, Directive] = {}
        for address, by, closes in self.host.away():
            if not closes:
                kept.append(address)
            elif not any((address + "/").startswith(one + "/") for one in kept):
                inside = (address + "/").startswith(map_.address + "/")
                around = (map_.address + "/").startswith(address + "/")
                if inside or (around and not any((map_.address + "/").startswith(one + "/") for one in kept)):
                    found_.setdefault(address if inside else map_.address, by)
        for other in maps:
            if other is map_ and map_.address:
                break  # the first that fits holds
            if not other.address or other.vague:
                continue
            if (map_.address + "/").startswith(other.address + "/"):
                found_.setdefault(map_.address, other.by)
                continue
            inside = (other.address + "/").startswith(map_.address + "/")
            if inside and map_.folder.rstrip("/") + other.address[len(map_.address) :] != other.folder:
                found_.setdefault(other.address, other.by)
        return [(one, by) for one, by in found_.items() if not any(one.startswith(f"{other}/") for other in found_)]

    def _users(self) -> Iterator[Map]:
        """Yield the folders of accounts, /~name, where they are there."""
        one = self.host.last("userdir")
        directives = [one for one in self.host.all() if one.name == "userdir"]
        places = [
            word for one in directives for word in one.words if one.words[0].lower() not in ("disabled", "enabled")
        ]
        off = [one for one in directives if one.words[:1] and one.words[0].lower() == "disabled"]
        on = {
            name for one in directives if one.words[:1] and one.words[0].lower() == "enabled" for name in one.words[1:]
        }
        everybody_off = any(len(one.words) == 1 for one in off)
        disabled = {name for one in off for name in one.words[1:]}
        if one is None or not places:
            return
        for line in self.machine.lines("/etc/passwd", SERVICE) or ():
            name, *fields = line.split(":")
            if len(fields) < 6 or name in disabled or (everybody_off and name not in on):
                continue
            for place in places:
                if place.startswith("/"):
                    folder = place.replace("*", name) if "*" in place else f"{place}/{name}"
                else:
                    folder = f"{fields[4]}/{place}"
                if "//" not in place and self.machine.matching(folder):
                    yield Map(f"/~{name}", os.path.normpath(folder), one)

    def _given(self, map_: Map, point: _Point) -> list[Grant]:
        """Return what is given in a folder: a grant for each whom its names are given to; one of nothing where none."""
        place = self.host.place(point.folder, point.address, "GET")
        lists = "indexes" in place.options and self.reader.loaded("autoindex")
        dav = self._dav(point, place)
        found_: list[Grant] = []
        for case in named.cases(self.host, point.folder, point.address):
            level, reach = case.level, case.reach
            writes, shown = (method in dav and dav[method][0] >= level for method in ("PUT", "PROPFIND"))
            directives = (place.option if case.usual and lists else None, place.dav if writes or shown else None)
            made = self._made(map_, point, level, reach, case.said, directives)
            seen = (case.usual and lists) or shown
            found_.append(replace(made, read=True, write=writes, list=seen, names=case.names))
        widest = max(dav.values(), default=None)
        if widest is not None and not any(grant.level >= widest[0] for grant in found_):  # more may write than read
            writes, shown = (method in dav and dav[method][0] >= widest[0] for method in ("PUT", "PROPFIND"))
            found_.append(replace(self._made(map_, point, *widest, place.said, (place.dav,)), write=writes, list=shown))
        return found_ or [self._made(map_, point, *place.decided()[:2], place.said, ())]

    def _made(
        self,
        map_: Map,
        point: _Point,
        level: Level,
        reach: Reach,
        why: Sequence[Directive],
        shows: Sequence[Directive | None],
    ) -> Grant:
        zone = point.folder
        evidence = [Reason(SERVICE, _text(one), one.source, zone) for one in dict.fromkeys(why)]
        if not evidence:
            evidence.append(Reason(SERVICE, "Require (default all granted)", self.file, zone))
        evidence.append(Reason(SERVICE, map_.by.text, map_.by.source, zone))
        evidence += [Reason(SERVICE, one.text, one.source, zone) for one in shows if one is not None]
        options = self.host.folder(point.folder).options
        follows = bool(options & {"followsymlinks", "symlinksifownermatch"})
        return Grant(
            service=SERVICE,
            path=os.fsencode(point.folder),
            level=level,
            evidence=tuple(evidence),
            identity=self.identity,
            read=False,
            list=False,
            reach=min(reach, self.reach),
            listen=self.listen,
            name=self._name(map_),
            seen=os.fsencode(point.address or "/"),
            follows_links=follows,
            links_inside=follows,
            links_of_owner="symlinksifownermatch" in options,
        )

    def _dav(self, point: _Point, place: Place) -> dict[str, tuple[Level, Reach]]:
        """Return whom WebDAV lets write and list, by method; nothing where nobody may, or it is not on."""
        found_: dict[str, tuple[Level, Reach]] = {}
        if place.dav is not None and self.reader.loaded("dav"):
            for method in ("PUT", "PROPFIND"):
                level, reach, opens = self.host.place(point.folder, point.address, method).decided()
                if opens:
                    found_[method] = level, reach
        return found_

    def _name(self, map_: Map) -> str:
        """Return a name for each mapping of the host: places in one say nothing of those in another."""
        return self.name if map_.by.name == "documentroot" else f"{self.name} {map_.address or map_.folder}".strip()


def _above(folder: str) -> Iterator[str]:
    while folder != "/":
        folder = os.path.dirname(folder)
        yield folder


def _what(grants: Sequence[Grant]) -> list[tuple[object, ...]]:
    """Return what counts of grants of a folder and may differ from those of the folder above."""
    return [
        (one.level, one.reach, one.read, one.write, one.list, one.names, one.follows_links, one.links_of_owner)
        for one in grants
    ]


def _text(directive: Directive) -> str:
    """Return how evidence shows a directive. Addresses that requests go to and conditions may hold a secret."""
    first = " ".join((directive.name, *directive.words[:1]))
    match directive.name:
        case "if" | "elseif" | "else":
            return f"<{directive.name}>"
        case "require":
            return first if first.endswith(" expr") else directive.text
        case "proxypass" | "redirect" | "redirectpermanent" | "redirecttemp":
            address = next((word for word in directive.words if word.startswith("/")), "")
            return f"{directive.name} {address}".strip()
        case _:
            return directive.text
