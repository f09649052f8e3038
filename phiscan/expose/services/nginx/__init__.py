"""What nginx gives away: the files behind its servers and locations.

A location is one grant: its folder, or what `alias` names. Without `autoindex` it is public all the same, for whoever
guesses a name. The addresses of a server share its root; every other root or alias is a mapping of its own, and where
a location takes addresses out of a mapping, the files left behind there are a closed place. Regular expressions count
where they open something, or where they plainly close it; what they close in ways not understood here stays open.
An `if` that refuses is not followed: what it protects is called open.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from phiscan.expose import found, hosts, patterns
from phiscan.expose.blocks import Directive
from phiscan.expose.grant import Grant, Identity, Reach
from phiscan.expose.machine import Machine, Trouble
from phiscan.expose.names import Names
from phiscan.expose.services.nginx import conf as nginxconf
from phiscan.expose.services.nginx.conf import SERVICE
from phiscan.expose.services.nginx.locations import Choice, Location, Locations, rules
from phiscan.expose.services.nginx.site import Map, Rights, inherit, kind_of, listens, text
from phiscan.model import Level, Reason

_USUAL: Final = ("/etc/nginx/nginx.conf", "/usr/local/nginx/conf/nginx.conf", "/usr/local/etc/nginx/nginx.conf")
_PREFIX: Final = "/usr/share/nginx"
_MANY: Final = 1000  # locations of one server


def grants(machine: Machine) -> list[Grant]:
    """Return what the servers of all configurations give."""
    starts = [one for process in machine.running("nginx") if (one := _Start.of(process.argv)) is not None]
    files = [start.file for start in starts]
    given: list[Grant] = []
    for path in found.files(machine, SERVICE, files, _USUAL):
        start = next((one for one in starts if one.file in (None, path)), _Start())
        if path in (*files, *machine.given.get(SERVICE, ())) and machine.lines(path, SERVICE) is None:
            machine.troubles.append(Trouble(SERVICE, path, "is missing"))
            continue
        tree = (*nginxconf.parse(start.directives), *nginxconf.read(machine, path, os.path.dirname(path)))
        identity = _identity(machine, tree)
        prefix = start.prefix or _PREFIX
        outer = Rights(Map(f"{prefix}/html", 0, vague=False))
        for http in (one for one in tree if one.name == "http"):
            rights = inherit(outer, http.inner or (), "", prefix)
            for server in (one for one in http.inner or () if one.name == "server"):
                given += _Server(machine, server, rights, prefix, identity, path).grants()
    return given


@dataclass(frozen=True, slots=True)
class _Start:
    """How a process was started. nginx rewrites its own title, which then is one single argument."""

    file: str | None = None
    prefix: str | None = None
    directives: str = ""

    @classmethod
    def of(cls, argv: Sequence[str]) -> _Start | None:
        """Return it; None for a worker, which says nothing."""
        line = " ".join(argv)
        if line.startswith("nginx:") and "master process" not in line:
            return None
        options = dict(re.findall(r"(?:^|\s)-([cpg])\s*(.+?)(?=\s+-[cpgqt]\b|$)", line))
        prefix = options.get("p", "").rstrip("/") or None
        file = options.get("c")
        if file is not None:
            file = os.path.join(prefix or _PREFIX, file)
        return cls(file, prefix, options.get("g", "").rstrip(";") + ";")


def _identity(machine: Machine, tree: Sequence[Directive]) -> Identity | None:
    """Return the account of the workers."""
    user = next((one for one in reversed(tree) if one.name == "user" and one.words), None)
    account = machine.account(user.words[0] if user is not None else "nobody")
    if account is None or user is None or len(user.words) == 1:
        return account
    gid = machine.group(user.words[1])
    return account if gid is None else Identity(account.name, account.uid, account.gids | {gid})


class _Server:
    """One server block."""

    def __init__(
        self, machine: Machine, block: Directive, outer: Rights, prefix: str, identity: Identity | None, file: str
    ) -> None:
        self.machine = machine
        self.identity = identity
        self.file = file
        self.prefix = prefix
        inner = block.inner or ()
        self.rights = inherit(outer, inner, "", prefix)
        self.listen = tuple(dict.fromkeys(listens(one.words[0]) for one in inner if one.name == "listen" and one.words))
        self.listen = self.listen or (("", 80),)
        self.reach = hosts.listening(address for address, _ in self.listen)
        names = [word for one in inner if one.name == "server_name" for word in one.words]
        self.name = next((name for name in names if name not in ("_", "")), "")
        found_ = list(self._locations(inner, self.rights, ()))[:_MANY]
        if not any(one.prefix and one.address == "/" for one in found_):
            found_.append(Location("", "/", self.rights, block, (-1,)))
        self.locations = Locations(found_)

    def _locations(self, inside: Sequence[Directive], rights: Rights, scope: tuple[int, ...]) -> Iterator[Location]:
        for number, block in enumerate(inside):
            if block.name != "location" or not block.words:
                continue
            kind, address = kind_of(block.words)
            internal = rights.elsewhere is not None and rights.elsewhere.name == "internal"  # of all that is inherited
            outer = rights if internal else replace(rights, elsewhere=self.rights.elsewhere)
            own = inherit(outer, block.inner or (), address, self.prefix)
            if (
                kind in ("~", "~*")
                and own.root is not rights.root
                and own.root is not None
                and own.root.name == "alias"
            ):
                own = replace(own, map=replace(own.map, vague=True))
            here = (*scope, number)
            yield Location(kind, address, own, block, here)
            yield from self._locations(block.inner or (), own, here)

    def grants(self) -> Iterator[Grant]:
        """Yield what the server gives, mapping by mapping."""
        plain = self.locations.plain
        given = [(one, list(self._given(one))) for one in plain]
        opened = (one for one, found_ in given if any(grant.read or grant.list for grant in found_))
        maps = dict.fromkeys(one.rights.map for one in opened)
        for map_ in maps:
            for one, found_ in given:
                around = self.locations.around(one)
                if one.rights.map == map_:
                    yield from found_
                elif one.prefix and not map_.vague and around is not None and around.rights.map == map_:
                    yield self._closed(map_, one.address, one.where)
        for one in plain:
            yield from self._slipped(one)
            yield from self._conditional(one)
        for one in plain:
            if one.prefix:
                yield from self._elsewhere(one)

    def _given(self, one: Location) -> Iterator[Grant]:
        """Yield what a location of a prefix or one address gives in its own mapping, folder by folder."""
        if one.kind == "=":
            around, (_, _, read, _) = self.locations.around(one), one.rights.decided()
            mine = around is not None and around.rights.map == one.rights.map  # it is told with that one
            if read and not mine:
                yield from self._exactly(one)
            return
        for folder in self.locations.folders(one):
            choices = self.locations.choices(one, folder)
            groups = _groups(choices, one.rights.map)
            exact = [each for each, _ in groups if all(member.kind == "=" for member in each)]
            if len(exact) == len(groups):
                last = choices[-1].location
                yield self._made([one], folder) if last is one else self._closed(one.rights.map, folder, last.where)
                for file in (file for each in exact for file in each):
                    yield from self._exactly(file)
            else:
                for each, lists in groups:
                    yield self._made(each, folder, rules(choices, each), inside=one, lists=lists)

    def _exactly(self, one: Location) -> Iterator[Grant]:
        """Yield what an exact location gives: a file, or of a folder the names in it."""
        listed = one.address.endswith("/")
        if not listed or one.rights.lists():
            named = Names(((patterns.literally(one.address),),), given=True), Names((), given=False)
            made = self._made([one], one.address, named, lists=listed)
            # Should it be a folder, this says nothing of what lies in it: a share of its own.
            yield replace(made, read=not listed, name=f"{made.name} = {one.address}".strip())

    def _elsewhere(self, one: Location) -> Iterator[Grant]:
        """Yield what expressions in a location, and names that begin like its own, give in other mappings."""
        choices = self.locations.choices(one, one.address)
        rest = [each for each in choices if each.location.by_expression or not each.location.rights.map.cut]
        for map_ in dict.fromkeys(each.location.rights.map for each in rest):
            there = [each for each in rest if each.location.rights.map == map_]
            if map_ == one.rights.map or all(each.location.kind == "=" for each in there):
                continue
            folder = max((one.address, *_common(there)), key=len)
            here = choices if map_.vague else self.locations.choices(one, folder)
            for each, lists in _groups(here, map_):
                if map_.vague and map_.folder("") == "/":
                    detail = "a folder named by variables is not followed"
                    self.machine.troubles.append(Trouble(SERVICE, each[0].where.source, detail))
                else:
                    yield self._made(each, folder, () if map_.vague else rules(here, each), lists=lists)

    def _made(
        self,
        members: Sequence[Location],
        address: str,
        named: tuple[Names, ...] = (),
        *,
        inside: Location | None = None,
        folder: str | None = None,
        lists: bool | None = None,
    ) -> Grant:
        """Return what locations that decide alike give in a folder. `inside`: what answers there what they do not."""
        one = next((each for each in members if each is inside), members[0])
        rights = one.rights
        level, reach, read, why = rights.decided()
        if one.by_expression or folder is not None or (named and one is not inside):
            why = (one.where, *why)
        lists = rights.lists() and one.prefix if lists is None else lists
        path = os.path.normpath(os.fsencode(folder or rights.map.folder(address))).replace(b"//", b"/")
        zone = os.fsdecode(path)
        said = [Reason(SERVICE, text(directive), directive.source, zone) for directive in why]
        if level is Level.PUBLIC and not any(directive.name.startswith(("auth", "satisfy")) for directive in why):
            said.append(Reason(SERVICE, "auth_basic (default off)", self.file, zone))
        if rights.root is not None:
            said.append(Reason(SERVICE, rights.root.text, rights.root.source, zone))
        writes = read and rights.writes()
        shown = [next((each.rights.listing for each in members if each.rights.lists()), None)] if lists and read else []
        shown += [rights.dav] if writes else []
        said += [
            Reason(SERVICE, directive.text, directive.source, zone) for directive in shown if directive is not None
        ]
        follows, owned = rights.follows()
        return Grant(
            service=SERVICE,
            path=path,
            level=level,
            evidence=tuple(said),
            identity=self.identity,
            read=read,
            write=writes,
            list=lists and read,
            reach=min(reach, self.reach),
            listen=self.listen,
            name=self._name(rights.map),
            seen=os.fsencode(address),
            follows_links=follows,
            links_inside=follows,
            links_of_owner=owned,
            names=named,
        )

    def _closed(self, map_: Map, address: str, where: Directive) -> Grant:
        """Return the place in a mapping whose addresses are served from elsewhere, or not at all."""
        path = os.fsencode(map_.folder(address))
        return Grant(
            service=SERVICE,
            path=path,
            level=Level.RESTRICTED,
            evidence=(Reason(SERVICE, where.text, where.source, os.fsdecode(path)),),
            identity=self.identity,
            read=False,
            list=False,
            reach=Reach.LOOPBACK,
            listen=self.listen,
            name=self._name(map_),
            seen=os.fsencode(address),
        )

    def _name(self, map_: Map) -> str:
        """Return a name for each mapping of the server: places in one say nothing of those in another."""
        return self.name if map_ == self.rights.map else f"{self.name} {map_.path}".strip()

    def _slipped(self, one: Location) -> Iterator[Grant]:
        """Yield the folder around an alias that a location without a slash at its end lets visitors reach.

        `location /pub { alias /srv/pub/; }` makes /srv/pub/../x of the address /pub../x.
        """
        root = one.rights.root
        if not one.prefix or root is None or root not in (one.where.inner or ()) or not one.rights.decided()[2]:
            return
        if root.name == "alias" and root.words[0].endswith("/") and not one.address.endswith("/"):
            where = replace(one.where, text=f"{one.where.text} with {root.text}")
            plain = replace(one.rights, listing=None, dav=None)
            folder = os.path.dirname(one.rights.map.path.rstrip("/")) or "/"
            slips = replace(one, where=where, rights=plain)
            made = self._made([slips], one.address + "../", folder=folder)
            yield replace(made, name=f"{made.name}..")

    def _conditional(self, one: Location) -> Iterator[Grant]:
        """Yield the other root that an `if` may choose."""
        for block in one.where.inner or ():
            for root in block.inner or () if block.name == "if" else ():
                if root.name == "root" and root.words and one.rights.decided()[2]:
                    rights = inherit(one.rights, (root,), one.address, self.prefix)
                    chosen = replace(one, where=block, rights=rights)
                    yield self._made([chosen], one.address, folder=rights.map.folder(one.address))


def _common(choices: Sequence[Choice]) -> tuple[str, ...]:
    """Return the folder in which all addresses of some choices lie, if there is one."""
    found_ = {choice.beginning() for choice in choices}
    return tuple(found_) if len(found_) == 1 else ()


def _groups(choices: Sequence[Choice], map_: Map) -> list[tuple[list[Location], bool]]:
    """Return the locations that give something in a mapping, those together that let the same people do the same.

    And whether they list folders.
    """
    found_: dict[tuple[object, ...], list[Location]] = {}
    for choice in sorted(choices, key=lambda choice: not choice.of_folders()):  # these say who may list
        rights, one = choice.location.rights, choice.location
        level, reach, read, _ = rights.decided()
        if not read or rights.map != map_ or (one.kind == "=" and one.address.endswith("/") and not rights.lists()):
            continue
        key = level, reach, rights.writes(), rights.follows()
        alike = [known for known in found_ if known[:4] == key]
        at = alike[0] if alike and not choice.of_folders() else (*key, choice.of_folders() and rights.lists())
        found_.setdefault(at, []).append(one)
    order = {id(choice.location): at for at, choice in enumerate(choices)}
    for each in found_.values():
        each.sort(key=lambda one: order[id(one)])
    ordered = sorted(found_.items(), key=lambda item: order[id(item[1][0])])
    return [(each, bool(key[-1])) for key, each in ordered]
