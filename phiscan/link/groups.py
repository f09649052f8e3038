"""Groups: identities that stand together in running text; and which of them are the heads of forms, each a record."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from phiscan.link import Identity
from phiscan.recognize.names import Name
from phiscan.recognize.recognizer import FIELD, Recognizer
from phiscan.recognize.spans import Span

_WHOLE = {"first_name", "full"}  # labelled so, a name with a surname is no scrap of one


@dataclass(slots=True, repr=False)
class Group:
    """Identities that stand together, from `start` (its line's beginning) to `end`."""

    start: int
    end: int
    identity: Identity
    first: int = 0  # where the first of them stands
    above: tuple[int, ...] = ()  # categories that a heading over a list states
    own: bool = False  # in a list of patients, each a record
    works: bool = False  # named as somebody at work
    form: bytes | None = None  # where its label opens one of several forms: how far it is indented, and the line before
    labelled: set[str] = field(default_factory=set)  # parts of the name
    again: list[int] = field(default_factory=list)  # where it is told again before another record begins


def own_forms(groups: list[Group], facts: Sequence[int], folded: bytes) -> None:
    """Make records of their own of forms that name their patients in full, and by nothing else.

    They begin alike (`passages: / patient: / nom: …`) and tell something: who signs, or is to be called, stands
    under another heading or has nothing told of them. `facts`: where those stand, in order.
    """
    opened = [group for group in groups if group.form is not None and _in_full(group)]
    alike = [group for group in opened if group.form == opened[0].form]
    if len(alike) < 2:
        return
    ends = [group.end for group in groups]
    starts = [_block(group, ends, folded) for group in alike]
    forms = [
        (group, start)
        for group, start, end in zip(alike, starts, [*starts[1:], len(folded)], strict=True)
        if bisect_left(facts, start) < bisect_left(facts, end)
    ]
    if len({group.identity.name.key for group, _ in forms}) > 1:
        for group, start in forms:
            group.own, group.start = True, start


def name_parts(span: Span, recognizer: Recognizer) -> set[str]:
    """Return which part of a name a label says a span to be, "full" for the whole one."""
    return {span.part or "full"} if span.evidence & FIELD and recognizer.category == "person_name" else set()


def surname(span: Span, folded: bytes) -> str:
    """Return the surname in a name as it is written, or the whole name where the two are not told apart."""
    start, end = span.groups.get("birth") or span.groups.get("last") or (span.start, span.end)
    return "" if span.part == "first_name" else folded[start:end].decode("ascii")


def family(name: Name) -> str:
    """Return by which surname somebody goes; a given name where that is nobody's (EXEMPLE Jean)."""
    return name.birth or name.last or f"/{name.first}"


def _in_full(group: Group) -> bool:
    """Whether labels name somebody in full, and nothing else tells who it is."""
    return bool(group.identity.name.key and _WHOLE & group.labelled) and not group.identity.strong


def _block(group: Group, ends: list[int], folded: bytes) -> int:
    """Return where the block of lines begins in which somebody is named, or where whoever is named before ends."""
    at = bisect_right(ends, group.start)
    before = ends[at - 1] if at else 0
    blank = folded.rfind(b"\n\n", 0, group.start)
    return max(before, blank + 2 if blank >= 0 else 0)


def form_of(at: int, folded: bytes) -> bytes:
    """Return how a labelled value stands in its form: the indentation of its line, and the line before."""
    start = folded.rfind(b"\n", 0, at) + 1
    line = folded[start:at]
    before = folded[folded.rfind(b"\n", 0, max(0, start - 1)) + 1 : max(0, start - 1)]
    return line[: len(line) - len(line.lstrip(b" "))] + before.strip()


def names_another(groups: list[Group], known: Identity) -> bool:
    """Whether a passage names somebody by number or birth date who is not the one known before it."""
    return any(one.identity.patient_id or (one.identity.strong and known.conflicts(one.identity)) for one in groups)
