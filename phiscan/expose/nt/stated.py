"""What a descriptor and the rights of its share come to: a level, with the entries that decide as its evidence.

A crowd gets what both give it. Where the share's rights are not known, what the descriptor closes is closed, and the
rest is not established. The phrases are English and fixed; `phiscan.messages.ntrights` says them in French.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from phiscan.expose.nt.check import (
    ANYBODY,
    AUTHENTICATED,
    EVERYONE,
    GUESTS,
    NETWORK,
    READ,
    USERS,
    Allowed,
    Identity,
    allowed,
    identities,
    in_words,
    known,
    mapped,
)
from phiscan.expose.nt.descriptor import Ace, Descriptor, Kind
from phiscan.model import Exposure, Level, Reason

SERVICE: Final = "cifs"
NO_LIST: Final = "NT ACL missing: everyone, everything"
NOBODY: Final = "NT ACL: nobody but named accounts reads"

_NAMED: Final = 3  # named accounts and groups that are told
_NAMES: Final = {
    EVERYONE: "Everyone",
    "S-1-5-7": "ANONYMOUS LOGON",
    NETWORK: "NETWORK",
    AUTHENTICATED: "Authenticated Users",
    USERS: "Users",
    GUESTS: "Guests",
    "S-1-5-15": "This Organization",
    "S-1-5-18": "SYSTEM",
    "S-1-5-32-544": "Administrators",
    "S-1-5-32-554": "Pre-Windows 2000 Compatible Access",
    "S-1-5-64-10": "NTLM Authentication",
    "S-1-5-113": "Local account",
    "S-1-18-1": "Authentication authority asserted identity",
    "*-501": "Guest",
    "*-513": "Domain Users",
    "*-514": "Domain Guests",
}
_OF_WINDOWS: Final = frozenset({"S-1-5-18", "S-1-5-32-544"})  # who reads everywhere


@dataclass(frozen=True, slots=True)
class Share:
    """The rights of a share: its descriptor, or why it is not known. `name` is `//server/share`."""

    name: str
    rights: Descriptor | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one crowd may do with an object: `has` None where that is not established."""

    who: Identity
    has: bool | None
    reasons: tuple[tuple[str, bool], ...]  # each setting, and whether it is of the share


@lru_cache(maxsize=4096)
def outcomes(descriptor: Descriptor, share: Share, right: int, *, guests: bool) -> tuple[Outcome, ...]:
    """Return what the crowds may do, those first who need no account."""
    return tuple(_outcome(descriptor, share, right, who) for who in identities(guests=guests))


def _outcome(descriptor: Descriptor, share: Share, right: int, who: Identity) -> Outcome:
    own = allowed(descriptor, who, right)
    has, reasons = own.has(right), [(_setting("NT ACL", own, right), False)]
    if has is False:
        return Outcome(who, False, ())
    if share.rights is None:
        return Outcome(who, None, (*reasons, (f"share rights not known: {share.why}", True)))
    # Where the descriptor names the guest he is taken to come, and then he is a member of Everyone for the share.
    named = who.name == "guest" and own.by is not None
    of_share = allowed(share.rights, who, right, ANYBODY if named else frozenset())
    given = of_share.has(right)
    if given is False:
        return Outcome(who, False, ((f"share rights: nothing for {who.name}", True),))
    reasons.append((_setting("share rights", of_share, right), True))
    return Outcome(who, True if has and given else None, tuple(reasons))


def exposure(
    descriptor: Descriptor, share: Share, path: str, *, guests: bool, shut: dict[str, str] | None = None
) -> Exposure:
    """Return who can read the file at `path`, as the server calls it.

    `shut`: by the name of a crowd, the folder on the way that it cannot pass.
    """
    shut = shut or {}
    found = [one for one in outcomes(descriptor, share, READ, guests=guests) if one.has is not False]
    open_ = [one for one in found if one.who.name not in shut]
    level = max((_level(one) for one in open_), default=Level.RESTRICTED)
    if level is Level.RESTRICTED:
        passed = [Reason(SERVICE, "NT ACL: folder not passed", shut[one.who.name]) for one in found]
        closed = (Reason(SERVICE, NOBODY, path), *_named(descriptor, path))
        by_share = _closed_by_share(descriptor, share, guests=guests)
        return Exposure(level, tuple(dict.fromkeys(passed)) or by_share or closed)
    deciding = [one for one in open_ if _level(one) is level][-1]
    reasons = tuple(Reason(SERVICE, text, share.name if of else path) for text, of in deciding.reasons)
    return Exposure(level, reasons)


def _closed_by_share(descriptor: Descriptor, share: Share, *, guests: bool) -> tuple[Reason, ...]:
    settings = [text for one in outcomes(descriptor, share, READ, guests=guests) for text, _ in one.reasons]
    return tuple(Reason(SERVICE, text, share.name) for text in dict.fromkeys(settings))


def _level(one: Outcome) -> Level:
    return one.who.level if one.has else Level.UNKNOWN


def _setting(what: str, found: Allowed, right: int) -> str:
    """Return the entry that gives a right, in words: `NT ACL "Everyone" S-1-1-0 read (inherited)`."""
    if found.by is None:
        return f"{what} missing: everyone, everything"
    return f"{what} {_entry(found.by)}{'' if found.has(right) else ' (not certain)'}"


def _entry(ace: Ace) -> str:
    name = _NAMES.get(known(ace.sid))
    who = f'"{name}" {ace.sid}' if name else ace.sid or "of a kind that is not known"
    return f"{who} {in_words(ace.mask)}{' (inherited)' if ace.inherited else ''}"


def _named(descriptor: Descriptor, path: str) -> Iterator[Reason]:
    """Yield the named accounts and groups that may read: restricted, and worth knowing."""
    for ace in _first(descriptor.aces or ()):
        yield Reason(SERVICE, f"NT ACL {_entry(ace)}", path)


def _first(aces: Iterable[Ace]) -> list[Ace]:
    members = {sid for who in identities(guests=True) for sid in who.member | who.perhaps}
    read = [
        ace
        for ace in aces
        if ace.kind is Kind.ALLOW and not ace.inherit_only and mapped(ace.mask) & READ
        and known(ace.sid) not in members and ace.sid not in _OF_WINDOWS
    ]  # fmt: skip
    return read[:_NAMED]
