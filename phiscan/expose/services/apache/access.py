"""Whom Apache lets in at one place: `Require` and the older `Order`, `Allow` and `Deny`, merged over the sections.

A section that says anything of `Require` replaces what was said before (unless `AuthMerging` keeps it); one that says
anything of Order, Allow, Deny or Satisfy replaces all of these. Both kinds have to let a visitor in, or one of them
with `Satisfy any`. What depends on the request in ways that a client can choose, or that are not understood, lets in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from phiscan.expose import hosts
from phiscan.expose.blocks import Directive
from phiscan.expose.grant import Reach
from phiscan.expose.hosts import Clients
from phiscan.model import Level

_CONTAINERS: Final = {"requireall": "all", "requireany": "any", "requirenone": "none"}
_NAMED: Final = frozenset({"user", "group", "file-owner", "file-group", "dbm-group", "dbd-group", "dbm-file-group"})
_COMPAT: Final = frozenset({"order", "allow", "deny", "satisfy"})
_OPTIONS: Final = frozenset({"indexes", "followsymlinks", "symlinksifownermatch", "execcgi", "includes"})


@dataclass(frozen=True, slots=True)
class Passing:
    """Who gets through: clients without an account; and accounts, of which level, from which clients."""

    clients: Clients
    account: Level | None = None
    within: Clients = Clients.EVERYBODY


_ALL: Final = Passing(Clients.EVERYBODY)
_NONE: Final = Passing(Clients.NOBODY)


@dataclass(frozen=True, slots=True)
class Place:
    """What holds at a place after the sections so far. Of each the directives that say so."""

    require: Passing = _ALL
    compat: Passing = _ALL
    any: bool = False
    certificate: bool = False
    why: tuple[Directive, ...] = ()
    why_compat: tuple[Directive, ...] = ()
    options: frozenset[str] = frozenset({"followsymlinks"})
    option: Directive | None = None
    dav: Directive | None = None
    override: frozenset[str] | None = None  # what .htaccess files may say; None: nobody has said

    def passing(self) -> Passing:
        """Return who gets in."""
        passing = (_either if self.any else _both)(self.require, self.compat)
        return _both(passing, Passing(Clients.NOBODY, Level.SHARED)) if self.certificate else passing

    def decided(self) -> tuple[Level, Reach, bool]:
        """Return level, reach, and whether anybody gets in at all."""
        passing = self.passing()
        ways = []
        if passing.clients is not Clients.NOBODY:
            ways.append(hosts.narrowed(Level.PUBLIC, passing.clients))
        if passing.account is not None and passing.within is not Clients.NOBODY:
            ways.append(hosts.narrowed(passing.account, passing.within))
        level, reach = max(ways, default=(Level.RESTRICTED, Reach.LOOPBACK))
        return level, reach, bool(ways)

    @property
    def said(self) -> tuple[Directive, ...]:
        """The directives that decide."""
        return (*self.why, *self.why_compat)


def _both(one: Passing, other: Passing) -> Passing:
    accounts = [passing.account for passing in (one, other) if passing.account is not None]
    within = min(max(passing.clients, passing.within if passing.account is not None else 0) for passing in (one, other))
    account = min(accounts) if accounts else None
    return Passing(min(one.clients, other.clients), account, Clients(within))


def _either(one: Passing, other: Passing) -> Passing:
    ways = [(passing.account, passing.within) for passing in (one, other) if passing.account is not None]
    account, within = max(ways, default=(None, Clients.EVERYBODY))
    return Passing(max(one.clients, other.clients), account, within)


def merged(place: Place, section: Iterable[Directive], method: str) -> Place:
    """Return what holds after one more section, for requests of a method."""
    section = list(section)
    required: list[Directive] = []
    older: list[Directive] = []
    merging = "off"
    for one in _applying(section, method):
        match one.name:
            case "require" | "requireall" | "requireany" | "requirenone":
                required.append(one)
            case name if name in _COMPAT:
                older.append(one)
            case "authmerging" if one.words:
                merging = one.words[0].lower()
            case "options":
                place = replace(place, options=_options(place.options, one.words), option=one)
            case "allowoverride" | "allowoverridelist":
                place = replace(place, override=_override(one))
            case "dav":
                place = replace(place, dav=one if one.words[:1] and one.words[0].lower() != "off" else None)
            case "sslverifyclient":
                place = replace(place, certificate=one.words[:1] == ("require",))
    if required or any(_says_require(one) for one in section):  # one for other methods only lets this one in
        passing = _group("any", required, method) if required else _ALL
        why = tuple(_leaves(required))
        if merging == "and":
            passing, why = _both(place.require, passing), (*place.why, *why)
        elif merging == "or":
            passing, why = _either(place.require, passing), (*place.why, *why)
        place = replace(place, require=passing, why=why)
    if older:
        either = any(one.name == "satisfy" and one.words[:1] and one.words[0].lower() == "any" for one in older)
        place = replace(place, compat=_older(older), any=either, why_compat=tuple(older))
    return place


def _applying(section: Iterable[Directive], method: str) -> Iterator[Directive]:
    """Yield the directives that hold for a method, without the `<Limit>` around them."""
    for one in section:
        if one.name in ("limit", "limitexcept"):
            named = method in {word.upper() for word in one.words}
            if named is (one.name == "limit"):
                yield from _applying(one.inner or (), method)
        else:
            yield one


def decides(section: Iterable[Directive]) -> bool:
    """Whether a section says anything of who gets in."""
    return any(one.name in _COMPAT or one.name.startswith("require") or _says_require(one) for one in section)


def _says_require(one: Directive) -> bool:
    return one.name in ("limit", "limitexcept") and any(
        inner.name.startswith("require") or _says_require(inner) for inner in one.inner or ()
    )


def _leaves(required: Iterable[Directive]) -> Iterator[Directive]:
    for one in required:
        if one.inner is None:
            yield one
        else:
            yield from _leaves(one.inner)


def _group(kind: str, inner: Sequence[Directive], method: str) -> Passing:
    """Return who gets through a group of requirements: one of them, or all, those that negate left out."""
    found: list[Passing] = []
    for one in _applying(inner, method):
        if one.name in _CONTAINERS:
            if _CONTAINERS[one.name] != "none":  # it only takes away
                found.append(_group(_CONTAINERS[one.name], one.inner or (), method))
        elif one.name == "require" and one.words and one.words[0].lower() != "not":
            found.append(_require(one.words, method))
    if not found:
        return _ALL if kind == "all" else _NONE
    whole = found[0]
    for other in found[1:]:
        whole = (_either if kind == "any" else _both)(whole, other)
    return whole


def _require(words: Sequence[str], method: str) -> Passing:
    kind, rest = words[0].lower(), words[1:]
    match kind:
        case "all":
            return _ALL if rest[:1] and rest[0].lower() == "granted" else _NONE
        case "ip" | "host" | "forward-dns":
            return Passing(hosts.widest(_domain(word) for word in rest) if kind == "host" else hosts.widest(rest))
        case "local":
            return Passing(Clients.LOOPBACK)
        case "valid-user":
            return Passing(Clients.NOBODY, Level.SHARED)
        case "method":
            return _ALL if method in {word.upper() for word in rest} else _NONE
        case "ssl" | "ssl-verify-client":
            return Passing(Clients.NOBODY, Level.SHARED) if "verify" in kind else _ALL
        case "env" | "expr":
            return _ALL  # a client may be able to bring it about
        case _ if kind in _NAMED or kind.startswith(("ldap-", "sspi-", "unix-", "external-")):
            return Passing(Clients.NOBODY, Level.RESTRICTED)
        case _:
            return _ALL


def _older(directives: Sequence[Directive]) -> Passing:
    """Return whom Order, Allow and Deny let in.

    Order says what holds for those whom no line fits, and which of two lines that fit counts.
    """
    order = "deny,allow"
    allow: list[str] = []
    deny: list[str] = []
    for one in directives:
        if one.name == "order":
            order = "".join(one.words).lower()
        elif one.name in ("allow", "deny") and one.words[:1] and one.words[0].lower() == "from":
            (allow if one.name == "allow" else deny).extend(_domain(word) for word in one.words[1:])
    refused = hosts.widest(deny) is Clients.EVERYBODY and not any(word.startswith("env=") for word in deny)
    allowed = max(
        (Clients.EVERYBODY if "env=" in word else hosts.clients(word) for word in allow), default=Clients.NOBODY
    )
    if order.startswith("deny"):
        return Passing(allowed if refused else Clients.EVERYBODY)
    return Passing(Clients.NOBODY if refused else allowed)


def _domain(word: str) -> str:
    """Return a name as one of a domain: `Require host chu.fr` fits every machine in it.

    >>> _domain("chu.fr"), _domain("10.0.0.1"), _domain("all"), _domain("2001:db8::1")
    ('.chu.fr', '10.0.0.1', 'all', '2001:db8::1')
    """
    name = word.lower()
    plain = (
        name in ("all", "localhost") or "=" in name or ":" in name or name.replace("/", "").replace(".", "").isdigit()
    )
    return name if plain else "." + name.lstrip(".")


def _options(before: frozenset[str], words: Sequence[str]) -> frozenset[str]:
    """Return the options after a line of them: a list of its own, or with + and - a change of those before.

    >>> sorted(_options(frozenset({"followsymlinks"}), ("+Indexes", "-FollowSymLinks")))
    ['indexes']
    """
    lower = [word.lower() for word in words]
    relative = bool(lower) and all(word[:1] in "+-" for word in lower)
    now = set(before) if relative else set()
    for word in lower:
        name = word.lstrip("+-")
        which = _OPTIONS if name == "all" else frozenset() if name == "none" else frozenset({name})
        now = now - which if word.startswith("-") else now | which
        if name == "none":
            now = set()
    return frozenset(now)


def _override(one: Directive) -> frozenset[str]:
    """Return what .htaccess files may say: classes of directives, or with AllowOverrideList their names."""
    found = {word.lower().partition("=")[0] for word in one.words}
    if "none" in found:
        return frozenset()
    return frozenset({"authconfig", "limit", "indexes", "options", "fileinfo"}) if "all" in found else frozenset(found)


_CLASSES: Final = {
    "require": "authconfig",
    "requireall": "authconfig",
    "requireany": "authconfig",
    "requirenone": "authconfig",
    "satisfy": "authconfig",
    "order": "limit",
    "allow": "limit",
    "deny": "limit",
    "options": "options",
    "indexoptions": "indexes",
    "directoryindex": "indexes",
    "rewriteengine": "fileinfo",
    "rewriterule": "fileinfo",
    "errordocument": "fileinfo",
    "redirect": "fileinfo",
}


def permitted(section: Iterable[Directive], override: frozenset[str]) -> bool:
    """Whether a .htaccess file says only what it may; with anything else the server answers 500 for all below it.

    Of directives not known here it is taken that they may.
    """
    for one in section:
        wanted = _CLASSES.get(one.name, "authconfig" if one.name.startswith("auth") else None)
        if wanted is not None and wanted not in override and one.name not in override:
            return False
        if one.name in ("files", "filesmatch", "limit", "limitexcept", "if") and not permitted(
            one.inner or (), override
        ):
            return False
    return True
