"""ProFTPD's `<Limit>`: which commands somebody may give, where several sections speak about one folder.

For a command, its group and ALL, in this order, the sections from the folder outwards are asked; the first that says
yes or no decides, and where none does, it is yes. A section is either "allow, then deny" (the default: yes to whoever
is in neither) or "deny, then allow" (no to whoever is in neither).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from phiscan.expose.blocks import Directive

Items = Sequence[Directive]

READ: Final = ("RETR",)
WRITE: Final = ("STOR", "STOU", "APPE")
LIST: Final = ("LIST", "NLST", "MLSD", "STAT")
_GROUPS: Final = {**dict.fromkeys(READ, "READ"), **dict.fromkeys(WRITE, "WRITE"), **dict.fromkeys(LIST, "DIRS")}


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who comes: as which account, with which groups, and whether from an address that a section names."""

    user: str
    groups: frozenset[str]
    near: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether something is allowed, and the line that says so; None where none does."""

    allowed: bool
    by: Directive | None = None


def command(contexts: Sequence[Items], commands: Iterable[str], who: Who) -> Answer:
    """Return whether any of some commands may be given; `contexts` are the sections from the folder outwards."""
    for items in contexts[:1]:
        if first(items, "allowall") is None and (denied := first(items, "denyall")) is not None:
            return Answer(False, denied)
    refused = None
    for one in commands:
        answer = _command(contexts, one, who)
        if answer.allowed:
            return answer
        refused = refused or answer
    return refused or Answer(True)


def _command(contexts: Sequence[Items], name: str, who: Who) -> Answer:
    for asked in (name, _GROUPS[name], "ALL"):
        for items in contexts:
            for limit, verdict in verdicts(items, asked, who):
                if verdict:
                    return Answer(verdict > 0, limit)
    return Answer(True)


def login(outer: Items, inner: Items, who: Who) -> Answer:
    """Return whether somebody may log in to an anonymous zone: `inner`, in the server `outer`.

    The zone's own sections count; a server that refuses is overruled by a zone that says yes.
    """
    said = [one for one in verdicts(inner, "LOGIN", who) if one[1]]
    for limit, verdict in said:
        if verdict < 0:
            return Answer(False, limit)
    if said:
        return Answer(True, said[0][0])
    for limit, verdict in verdicts(outer, "LOGIN", who):
        if verdict < 0:
            return Answer(False, limit)
    return Answer(True)


def verdicts(items: Items, name: str, who: Who) -> Iterable[tuple[Directive, int]]:
    """Yield the sections about a command or group with what each says: 1 yes, -1 no, 0 nothing."""
    for limit in items:
        words = {word.upper() for words in limit.words for word in words.split(",")}
        if limit.name == "limit" and name in words:
            yield limit, _verdict(limit.inner or (), who)


def first(items: Items, name: str) -> Directive | None:
    """Return the first directive of a name: of several in one section it is the one that counts."""
    return next((one for one in items if one.name == name and one.inner is None), None)


def decider(limit: Directive) -> Directive:
    """Return the line in a section that is worth showing."""
    return next((one for one in limit.inner or () if one.name.startswith(("deny", "allow", "order"))), limit)


def _verdict(items: Items, who: Who) -> int:
    order = first(items, "order")
    allowed, denied = _holds(items, "allow", who), _holds(items, "deny", who)
    if order is not None and "".join(order.words).lower() == "deny,allow":
        return 1 if allowed and not denied else -1
    return 1 if allowed else -1 if denied else 0


def _holds(items: Items, side: str, who: Who) -> bool:
    """Whether any line of one side fits. What cannot be worked out fits where it lets in, and not where it refuses."""
    for one in items:
        if one.name == f"{side}all":
            return True
        if one.name == f"{side}user" and _names(one, {who.user}, conjunction=False, unknown=side == "allow"):
            return True
        if one.name == f"{side}group" and _names(one, who.groups, conjunction=True, unknown=side == "allow"):
            return True
        if one.name == side and _address(one.words, near=who.near and side == "allow"):
            return True
        if one.name in (f"{side}class", f"{side}filter") and side == "allow" and (who.near or one.name.endswith("r")):
            return True
    return False


def _names(one: Directive, own: Iterable[str], *, conjunction: bool, unknown: bool) -> bool:
    """Whether an expression of account or group names fits: "a,b", "!a", "OR a,b", "AND a,b", "regex …"."""
    words = list(one.words)
    kind = words[0].lower() if len(words) > 1 else ""
    if kind == "regex":
        try:
            return any(re.search(words[1], name) for name in own)
        except (re.error, RecursionError):
            return unknown
    if kind in ("and", "or"):
        words = words[1:]
        conjunction = kind == "and"
    own = set(own)
    names = [name for word in words for name in word.split(",") if name]
    fits = [(name.lstrip("!") == "*" or name.lstrip("!") in own) != name.startswith("!") for name in names]
    return bool(fits) and (all(fits) if conjunction else any(fits))


def _address(words: Sequence[str], *, near: bool) -> bool:
    """Whether "from all", or some address where it is one of those that are named."""
    sources = [source.lower() for word in words for source in word.split(",") if source and source.lower() != "from"]
    named = [source for source in sources if not source.startswith("!") and source != "none"]
    return "all" in sources or (near and bool(named))
