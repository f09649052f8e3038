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
from phiscan.expose.services.nginx import conf as nginxconf
from phiscan.expose.services.nginx.conf import SERVICE
from phiscan.expose.services.nginx.site import Map, Rights, inherit, kind_of, listens, of_folders, text
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


@dataclass(frozen=True, slots=True)
class _Location:
    kind: str  # "": a prefix; "^~", "=", "~", "~*", "@"
    address: str  # or the regular expression
    rights: Rights
    where: Directive  # of the location, or the server
    scope: tuple[int, ...]  # its place in the tree

    @property
    def prefix(self) -> bool:
        """Whether it holds all addresses that begin with its own."""
        return self.kind in ("", "^~")


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
        self.all = list(self._locations(inner, self.rights, ()))[:_MANY]
        if not any(one.prefix and one.address == "/" for one in self.all):
            self.all.append(_Location("", "/", self.rights, block, (-1,)))
        self.by_scope = {one.scope: one for one in self.all}
        self.all = [one for one in self.all if not self._shadowed(one)]
        self.expressions = [one for one in self.all if one.kind in ("~", "~*")]

    def _locations(self, inside: Sequence[Directive], rights: Rights, scope: tuple[int, ...]) -> Iterator[_Location]:
        for number, block in enumerate(inside):
            if block.name != "location" or not block.words:
                continue
            kind, address = kind_of(block.words)
            own = inherit(replace(rights, elsewhere=self.rights.elsewhere), block.inner or (), address, self.prefix)
            if (
                kind in ("~", "~*")
                and own.root is not rights.root
                and own.root is not None
                and own.root.name == "alias"
            ):
                own = replace(own, map=replace(own.map, vague=True))
            here = (*scope, number)
            yield _Location(kind, address, own, block, here)
            yield from self._locations(block.inner or (), own, here)

    def grants(self) -> Iterator[Grant]:
        """Yield what the server gives, mapping by mapping."""
        plain = sorted((one for one in self.all if one.prefix or one.kind == "="), key=lambda one: one.address)
        given = [(one, self._grant(one)) for one in plain]
        maps = dict.fromkeys(one.rights.map for one, grant in given if grant.read)
        for map_ in maps:
            for one, grant in given:
                if one.rights.map == map_:
                    yield grant
                elif not map_.vague and self._taken_from(one, plain) == map_:
                    yield self._closed(map_, one.address, one.where)
            yield from self._hidden(map_)
        for one, grant in given:
            yield from self._slipped(one, grant)
            yield from self._conditional(one, grant)
        yield from self._expressions([one for one in plain if one.prefix])

    def _expressions(self, plain: Sequence[_Location]) -> Iterator[Grant]:
        """Yield what expressions give beyond the locations in which they are asked."""
        asked = [(one, list(self._asked(one))) for one in plain]
        for other in self.expressions:
            around = [one for one, found_ in asked if other in found_]
            map_, first = other.rights.map, patterns.beginning(other.address).rpartition("/")[0] + "/"
            if map_.vague:
                yield from self._matched(other, map_.folder("")) if around else ()
                continue
            elsewhere = {max(one.address, first, key=len) for one in around if one.rights.map != map_}
            for address in sorted(elsewhere):
                yield from self._matched(other, map_.folder(address))
            inside = [one for one in around if one.rights.map == map_ and first.startswith(one.address)]
            if inside and patterns.beginning(other.address).endswith("/"):
                yield from self._wider(max(inside, key=lambda one: len(one.address)), other, map_.folder(first))

    def _wider(self, one: _Location, other: _Location, folder: str) -> Iterator[Grant]:
        """Yield what an expression lets do besides in a folder of the location it is asked in: list, write."""
        level, reach, read, why = other.rights.decided()
        here = self._grant(one)
        lists, writes = here.list or other.rights.lists(), here.write or other.rights.writes()
        if read and level >= here.level and (lists, writes) != (here.list, here.write):
            why = (other.where, *why)
            yield self._made(other, folder, level, reach, why, read=True, lists=lists, writes=writes)

    def _grant(self, one: _Location) -> Grant:
        """Return what a prefix or an exact location gives, with what expressions open in it."""
        level, reach, read, why = one.rights.decided()
        lists, writes = one.rights.lists() and one.prefix, one.rights.writes()
        for other in self._asked(one) if one.kind != "=" else ():
            wider, further, opens, because = other.rights.decided()
            if not opens or other.rights.map != one.rights.map or wider < level:
                continue
            if wider > level:
                level, reach, read, lists, writes = wider, further, True, False, False
                why = (other.where, *because)
            writes = writes or other.rights.writes()
            lists = lists or (other.rights.lists() and of_folders(other.address, one.address))
        return self._made(
            one, one.rights.map.folder(one.address), level, reach, why, read=read, lists=lists, writes=writes
        )

    def _made(
        self,
        one: _Location,
        folder: str,
        level: Level,
        reach: Reach,
        why: Sequence[Directive],
        *,
        read: bool,
        lists: bool,
        writes: bool,
    ) -> Grant:
        rights = one.rights
        path = os.path.normpath(os.fsencode(folder)).replace(b"//", b"/")
        zone = os.fsdecode(path)
        said = [Reason(SERVICE, text(directive), directive.source, zone) for directive in why]
        if level is Level.PUBLIC and not any(directive.name.startswith(("auth", "satisfy")) for directive in why):
            said.append(Reason(SERVICE, "auth_basic (default off)", self.file, zone))
        if rights.root is not None:
            said.append(Reason(SERVICE, rights.root.text, rights.root.source, zone))
        shown = [rights.listing] if lists and read else []
        shown += [rights.dav] if writes and read else []
        said += [
            Reason(SERVICE, directive.text, directive.source, zone) for directive in shown if directive is not None
        ]
        refused = self._refused(one) if read and one.prefix else ()
        return Grant(
            service=SERVICE,
            path=path,
            level=level,
            evidence=tuple(said),
            identity=self.identity,
            read=read,
            write=writes and read,
            list=lists and read,
            reach=min(reach, self.reach),
            listen=self.listen,
            name=self._name(rights.map),
            seen=os.fsencode(one.address),
            follows_links=rights.follows(),
            refused=refused,
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

    def _taken_from(self, one: _Location, plain: Sequence[_Location]) -> Map | None:
        """Return the mapping that would hold the addresses of a location if it were not there."""
        around = [
            other
            for other in plain
            if other.prefix and other.address != one.address and one.address.startswith(other.address)
        ]
        return max(around, key=lambda other: len(other.address)).rights.map if around else None

    def _shadowed(self, one: _Location) -> bool:
        """Whether no address comes to a location within others: beside one of these stands one that fits better."""
        for deep in range(1, len(one.scope)):
            outer = self.by_scope[one.scope[:deep]]
            beside = (
                other
                for other in self.all
                if other.prefix and len(other.scope) == deep and other.scope[:-1] == one.scope[: deep - 1]
            )
            if outer.prefix and any(
                len(other.address) > len(outer.address) and one.address.startswith(other.address) for other in beside
            ):
                return one.kind not in ("~", "~*")
        return False

    def _asked(self, one: _Location) -> Iterator[_Location]:
        """Yield the expressions that nginx asks, in their order, about addresses in a location."""
        nearest = sorted(self.expressions, key=lambda other: -len(other.scope))
        for other in nearest:
            outside = other.scope[:-1]
            if outside != one.scope:
                around = self.by_scope.get(one.scope[: len(outside) + 1])
                if one.scope[: len(outside)] != outside or (around is not None and around.kind == "^~"):
                    continue
            first = patterns.beginning(other.address)
            if first.startswith(one.address) or one.address.startswith(first):
                yield other

    def _plainly_closed(self, one: _Location) -> Iterator[tuple[_Location, patterns.Meaning]]:
        """Yield the expressions that surely take something out of a location's mapping.

        They close it, or serve its addresses from elsewhere. After the first that opens anything, nothing is sure.
        """
        level = one.rights.decided()[0]
        for other in self._asked(one):
            wider, _, opens, _ = other.rights.decided()
            opens = opens and other.rights.map == one.rights.map
            if opens and wider >= level:
                return
            meaning = patterns.of_address(other.address, any_case=other.kind == "~*")
            if meaning is not None and not opens:
                yield other, meaning

    def _refused(self, one: _Location) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for _, meaning in self._plainly_closed(one) for name in meaning.names))

    def _hidden(self, map_: Map) -> Iterator[Grant]:
        """Yield the folders that an expression such as `^/private/` closes."""
        if map_.vague:
            return
        root = next(one for one in self.all if one.prefix and one.address == "/")
        for other, meaning in self._plainly_closed(root) if root.rights.map == map_ else ():
            if meaning.folder is not None:
                yield self._closed(map_, meaning.folder, other.where)

    def _slipped(self, one: _Location, grant: Grant) -> Iterator[Grant]:
        """Yield the folder around an alias that a location without a slash at its end lets visitors reach.

        `location /pub { alias /srv/pub/; }` makes /srv/pub/../x of the address /pub../x.
        """
        root = one.rights.root
        if not one.prefix or not grant.read or root is None or root not in (one.where.inner or ()):
            return
        if root.name == "alias" and root.words[0].endswith("/") and not one.address.endswith("/"):
            why = (replace(root, name="", text=f"{one.where.text} with {root.text}"),)
            folder = os.path.dirname(one.rights.map.path.rstrip("/")) or "/"
            made = self._made(one, folder, grant.level, grant.reach, why, read=True, lists=False, writes=False)
            yield replace(made, name=f"{made.name}..", seen=os.fsencode(one.address + "../"))

    def _conditional(self, one: _Location, grant: Grant) -> Iterator[Grant]:
        """Yield the other root that an `if` may choose."""
        for block in one.where.inner or ():
            for root in block.inner or () if block.name == "if" else ():
                if root.name == "root" and root.words and grant.read:
                    rights = inherit(one.rights, (root,), one.address, self.prefix)
                    other = replace(one, rights=rights)
                    _, _, _, why = rights.decided()
                    yield self._made(
                        other,
                        rights.map.folder(one.address),
                        grant.level,
                        grant.reach,
                        (block, *why),
                        read=True,
                        lists=grant.list,
                        writes=grant.write,
                    )

    def _matched(self, one: _Location, folder: str) -> Iterator[Grant]:
        """Yield what an expression gives in a folder of its own mapping."""
        level, reach, read, why = one.rights.decided()
        if not read:
            return
        if folder == "/":
            detail = "a folder named by variables is not followed"
            self.machine.troubles.append(Trouble(SERVICE, one.where.source, detail))
            return
        lists, writes = one.rights.lists(), one.rights.writes()
        yield self._made(one, folder, level, reach, (one.where, *why), read=True, lists=lists, writes=writes)
