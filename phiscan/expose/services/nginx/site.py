"""What the directives of nginx.conf come to at one place: the rights inherited from the blocks around it.

`Rights` is what holds in a server or location; `inherit` adds a block's own directives as nginx merges them: lists
of `allow` and `deny` replace those from outside as a whole, everything else one by one; what hands requests to another
program, or answers them by itself, is for its own block only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from phiscan.expose import hosts
from phiscan.expose.blocks import Directive
from phiscan.expose.grant import Reach
from phiscan.expose.hosts import Clients
from phiscan.model import Level

_ELSEWHERE: Final = frozenset(
    {"proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass", "return", "internal"}
    | {"empty_gif", "stub_status", "echo", "content_by_lua_block", "content_by_lua_file", "flv_live", "perl"}
)
_OFF: Final = frozenset({"off", "0"})


@dataclass(frozen=True, slots=True)
class Map:
    """How addresses become paths: `path`, then the address without its first `cut` characters."""

    path: str
    cut: int
    vague: bool  # it holds a variable: only the folder before it is known

    def folder(self, address: str) -> str:
        """Return the file or folder of an address.

        >>> Map("/srv/www", 0, False).folder("/a/"), Map("/srv/b/", 3, False).folder("/x/y")
        ('/srv/www/a', '/srv/b/y')
        """
        path = self.path if self.vague else self.path + address[self.cut :]
        return os.path.normpath(path or "/").replace("//", "/")


@dataclass(frozen=True, slots=True)
class Rights:
    """What holds in a block. Of each the directive that says so; None: as nginx does by default."""

    map: Map
    root: Directive | None = None
    access: tuple[Directive, ...] = ()
    auth: tuple[Directive, ...] = ()  # of each kind the one that holds
    satisfy: Directive | None = None
    listing: Directive | None = None
    dav: Directive | None = None
    links: Directive | None = None
    elsewhere: Directive | None = None  # not inherited but from the server
    limited: Directive | None = None  # `limit_except`

    def admitted(self) -> Clients:
        """Return whom `allow` and `deny` let in: the first that fits decides, and none lets everybody in."""
        found = Clients.NOBODY
        for rule in self.access:
            who = hosts.widest(rule.words[:1])
            if rule.name == "deny" and who is Clients.EVERYBODY:
                return found
            if rule.name == "allow":
                found = max(found, who)
                if who is Clients.EVERYBODY:
                    return found
        return Clients.EVERYBODY

    def decided(self) -> tuple[Level, Reach, bool, tuple[Directive, ...]]:
        """Return level, reach, whether anything is handed out, and the directives that say so."""
        if self.elsewhere is not None:
            return Level.RESTRICTED, Reach.LOOPBACK, False, (self.elsewhere,)
        who = self.admitted()
        asked = tuple(one for one in self.auth if one.words[:1] not in (("off",), ("optional",), ("optional_no_ca",)))
        off = tuple(one for one in self.auth if one.words[:1] == ("off",))
        either = self.satisfy is not None and self.satisfy.words[:1] == ("any",) and self.access
        why = (*self.access, *(asked or off), *([self.satisfy] if self.satisfy is not None and asked else []))
        if not asked:
            level, reach = hosts.narrowed(Level.PUBLIC, who)
        elif not either:
            level, reach = hosts.narrowed(Level.SHARED, who)
        elif who in (Clients.NOBODY, Clients.LOOPBACK):
            return Level.SHARED, Reach.EVERYWHERE, True, why
        else:
            level, reach = hosts.narrowed(Level.PUBLIC, who)
        return level, reach, who is not Clients.NOBODY, why

    def writes(self) -> bool:
        """Whether files can be left there: WebDAV with PUT, which `limit_except` does not take away."""
        if self.dav is None or "PUT" not in self.dav.words:
            return False
        return self.limited is None or "PUT" in self.limited.words or not _closes(self.limited)

    def lists(self) -> bool:
        """Whether names can be seen."""
        return self.listing is not None and self.listing.words[:1] == ("on",)

    def follows(self) -> tuple[bool, bool]:
        """Whether links work, wherever they lead, and whether only those whose owner owns what they lead to."""
        how = self.links.words[0] if self.links is not None and self.links.words else "off"
        return how != "on", how == "if_not_owner"


def _closes(limited: Directive) -> bool:
    return any(one.name in ("deny", "auth_basic", "auth_request") for one in limited.inner or ())


def inherit(rights: Rights, inside: Sequence[Directive], address: str, prefix: str) -> Rights:
    """Return the rights in a block. `address`: of the location, cut off by `alias`; `prefix`: of relative paths."""
    access: list[Directive] = []
    auth = {one.name: one for one in rights.auth}
    rights = replace(rights, limited=None)
    for one in inside:
        match one.name:
            case "root" | "alias" if one.words:
                rights = replace(rights, root=one, map=_map(one, address, prefix))
            case "allow" | "deny":
                access.append(one)
            case "auth_basic" | "auth_request" | "auth_jwt" | "ssl_verify_client":
                auth[one.name] = one
            case "satisfy":
                rights = replace(rights, satisfy=one)
            case "autoindex":
                rights = replace(rights, listing=one)
            case "dav_methods":
                rights = replace(rights, dav=one)
            case "disable_symlinks":
                rights = replace(rights, links=one)
            case "limit_except":
                rights = replace(rights, limited=one)
                if not {"GET", "HEAD"} & set(one.words):  # reading is among what it limits
                    access += [rule for rule in one.inner or () if rule.name in ("allow", "deny")]
                    auth |= {rule.name: rule for rule in one.inner or () if rule.name.startswith("auth_")}
            case name if name in _ELSEWHERE and rights.elsewhere is None:
                rights = replace(rights, elsewhere=one)
    return replace(rights, access=tuple(access) or rights.access, auth=tuple(auth.values()))


def _map(one: Directive, address: str, prefix: str) -> Map:
    path = os.path.join(prefix, one.words[0])
    vague = "$" in path
    if vague:
        path = path.partition("$")[0].rpartition("/")[0] or "/"
    return Map(path if one.name == "alias" else path.rstrip("/"), len(address) if one.name == "alias" else 0, vague)


def kind_of(words: Sequence[str]) -> tuple[str, str]:
    """Return kind and address of a location, whose sign may stand at the address.

    >>> kind_of(["~*", "x$"]), kind_of(["=/a"]), kind_of(["^~", "/b"]), kind_of(["@c"]), kind_of(["/d"])
    (('~*', 'x$'), ('=', '/a'), ('^~', '/b'), ('@', '@c'), ('', '/d'))
    """
    if len(words) > 1:
        return words[0], words[1]
    match = re.match(r"(=|\^~|~\*|~|(?=@))(.*)", words[0], re.DOTALL)
    if match is None:
        return "", words[0]
    return match[1] or "@", match[2]


def listens(word: str) -> tuple[str, int]:
    """Return address and port of a `listen`.

    >>> listens("8080"), listens("[::1]:81"), listens("*:80"), listens("unix:/run/x"), listens("10.0.0.1")
    (('', 8080), ('::1', 81), ('', 80), ('unix:/run/x', 0), ('10.0.0.1', 80))
    """
    if word.startswith("unix:"):
        return word, 0
    if word.isdigit():
        return "", int(word)
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::(\d+))?", word)
    if match is None:
        return "", 80
    address = match[1].strip("[]")
    return "" if hosts.clients(address) is Clients.EVERYBODY else address, int(match[2] or 80)


def text(directive: Directive) -> str:
    """Return how evidence shows a directive. Addresses that requests go to and conditions may hold a secret."""
    if directive.name == "return":
        return " ".join(("return", *directive.words[:1]))
    return directive.name if directive.name == "if" or directive.name.endswith("_pass") else directive.text
