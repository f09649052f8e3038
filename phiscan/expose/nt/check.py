"""Whom an NT descriptor lets do what: the access check in the order of its entries, for crowds that nobody names.

Asked for are not accounts but crowds: who comes without an account (anonymous, guest), and any account. An entry for a
named account or group says nothing about them, as with the mode bits of Unix: what it gains stays restricted. Where
membership or a condition is not known for certain, an entry is taken both ways; what then differs is not established.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from phiscan.expose.nt.descriptor import Ace, Descriptor, Kind
from phiscan.model import Level

# Rights of a file, and of a folder (MS-SMB2 2.2.13.1).
READ: Final = 0x1  # FILE_READ_DATA
LIST: Final = 0x1  # FILE_LIST_DIRECTORY
WRITE: Final = 0x2  # FILE_WRITE_DATA
ADD_FILE: Final = 0x2
TRAVERSE: Final = 0x20
FULL: Final = 0x1F01FF
MODIFY: Final = 0x1301BF
_DELETE: Final = 0x10000

# GENERIC_ALL, EXECUTE, WRITE and READ as they are mapped to the rights of a file.
_GENERIC: Final = ((0x10000000, FULL), (0x20000000, 0x1200A0), (0x40000000, 0x120116), (0x80000000, 0x120089))
_EVERYTHING: Final = 0xFFFFFFFF

EVERYONE: Final = "S-1-1-0"
ANONYMOUS: Final = "S-1-5-7"
NETWORK: Final = "S-1-5-2"
AUTHENTICATED: Final = "S-1-5-11"
USERS: Final = "S-1-5-32-545"
GUESTS: Final = "S-1-5-32-546"
_OWNER_RIGHTS: Final = "S-1-3-4"
_DOMAIN = re.compile(r"S-1-5-21-\d+-\d+-\d+-(\d{3})")
# The same group of whatever domain, by its relative id.
DOMAIN_GUEST, DOMAIN_USERS, DOMAIN_GUESTS = "*-501", "*-513", "*-514"


@dataclass(frozen=True, slots=True)
class Identity:
    """A crowd. `member`: what everybody in it is a member of; `perhaps`: what some are, or on some servers.

    What is given to `member` is given to it. Only what is denied to `surely` is denied to it for certain: some servers
    do not know the other groups.
    """

    name: str
    level: Level  # of what it may read
    member: frozenset[str]
    surely: frozenset[str]
    perhaps: frozenset[str] = frozenset()


_ACCOUNT: Final = frozenset({EVERYONE, NETWORK, AUTHENTICATED, DOMAIN_USERS})
ACCOUNT: Final = Identity(
    "account",
    Level.SHARED,
    _ACCOUNT | {USERS},
    _ACCOUNT,
    # This organisation, pre-Windows 2000 access, NTLM, any local account, asserted identity.
    frozenset({"S-1-5-15", "S-1-5-32-554", "S-1-5-64-10", "S-1-5-113", "S-1-18-1"}),
)
_GUEST: Final = frozenset({DOMAIN_GUEST, DOMAIN_GUESTS, GUESTS})
ANYBODY: Final = frozenset({EVERYONE, NETWORK})


def identities(*, guests: bool) -> tuple[Identity, ...]:
    """Return the crowds. `guests`: the server is known to let in whoever comes without an account.

    Everyone then holds them too. Otherwise what names a guest is his, and what is everyone's may be: the guest account
    of Windows is disabled by default, and its anonymous user is no member of Everyone.
    """
    if guests:
        everybody = ANYBODY
        return (
            Identity("anonymous", Level.PUBLIC, everybody | {ANONYMOUS}, everybody | {ANONYMOUS}),
            Identity("guest", Level.PUBLIC, everybody | _GUEST, everybody | _GUEST),
            ACCOUNT,
        )
    return (
        Identity("anonymous", Level.PUBLIC, frozenset({ANONYMOUS}), frozenset({ANONYMOUS}), ANYBODY),
        Identity("guest", Level.PUBLIC, _GUEST, _GUEST | ANYBODY, ANYBODY),
        ACCOUNT,
    )


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a crowd may do: for certain, and where whatever is not certain is in its favour. Sums of rights."""

    surely: int
    perhaps: int
    by: Ace | None = None  # the first entry that gives the right that was asked for; None: none, or there is no list

    def has(self, right: int) -> bool | None:
        """Whether it has a right; None where that cannot be said."""
        if self.surely & right == right:
            return True
        return None if self.perhaps & right == right else False


def allowed(descriptor: Descriptor, who: Identity, right: int = READ, more: frozenset[str] = frozenset()) -> Allowed:
    """Return what a crowd may do with an object.

    `right` is the one whose entry is named; `more` are groups of which the crowd is a member here too.
    """
    if descriptor.aces is None:
        return Allowed(_EVERYTHING, _EVERYTHING)
    name = _naming(descriptor)
    member, surely = who.member | more, who.surely | more
    may = member | who.perhaps
    sure, sure_by = _pass(descriptor.aces, name, member, may, right, wide=False)
    wide, wide_by = _pass(descriptor.aces, name, may, surely, right, wide=True)
    return Allowed(sure & wide, wide, sure_by if sure & right == right else wide_by)


def _pass(
    aces: tuple[Ace, ...],
    name: Callable[[Ace], str],
    given: frozenset[str],
    refused: frozenset[str],
    right: int,
    *,
    wide: bool,
) -> tuple[int, Ace | None]:
    """Return what the entries come to in their order, each right decided by the first that speaks of it."""
    allow = {Kind.ALLOW, Kind.MAYBE_ALLOW} if wide else {Kind.ALLOW}
    deny = {Kind.DENY} if wide else {Kind.DENY, Kind.MAYBE_DENY}
    got, lost, by = 0, 0, None
    for ace in aces:
        if ace.inherit_only:
            continue
        sid, mask = name(ace), mapped(ace.mask)
        if ace.kind in allow and (sid in given or (wide and not sid)):
            new = mask & ~lost
            if by is None and new & right & ~got:
                by = ace
            got |= new
        elif ace.kind in deny and sid in refused:
            lost |= mask & ~got
    return got, by


def _naming(descriptor: Descriptor) -> Callable[[Ace], str]:
    """Return how an entry's SID is called here: groups of a domain without the domain, the owner's rights as his."""
    return lambda ace: known(descriptor.owner if ace.sid == _OWNER_RIGHTS else ace.sid)


def known(sid: str) -> str:
    """Return a SID with its domain left out where the group is one that each domain has.

    >>> known("S-1-5-21-1-2-3-513"), known("S-1-5-21-1-2-3-1104"), known("S-1-1-0")
    ('*-513', 'S-1-5-21-1-2-3-1104', 'S-1-1-0')
    """
    found = _DOMAIN.fullmatch(sid)
    return f"*-{found[1]}" if found and found[1] in ("501", "513", "514") else sid


def mapped(mask: int) -> int:
    """Return a mask with generic rights as rights of a file."""
    for generic, rights in _GENERIC:
        if mask & generic:
            mask |= rights
    return mask


def in_words(mask: int) -> str:
    """Return what a mask gives, as an administrator calls it.

    >>> in_words(0x1F01FF), in_words(0x1301BF), in_words(0x1200A9), in_words(0x100116), in_words(0x20)
    ('full control', 'modify', 'read', 'write', 'special')
    """
    mask = mapped(mask)
    if mask & FULL == FULL:
        return "full control"
    if mask & MODIFY == MODIFY:
        return "modify"
    reads, writes = mask & READ, mask & WRITE
    if reads and writes:
        return "read and write"
    return "read" if reads else "write" if writes else "special"
