"""Why a fact was judged as it was, in words a user can act upon: for `phiscan explain`.

A reason is `kind:word`. Its weight is what the judgement's lead would lose if all that tells of it were not there.
Nothing of the file is in it but words that the model has learnt, cut to their stems: no name and no number is one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from phiscan.model import Assertion
from phiscan.recognize.stated.model import decide, sums, weights, without

_SHOWN = 4
_CALIBRATED = 0.3  # of the models' certainty: on unseen authors it is right as often as it then says
_LEAST = 0.25  # of a lead's logarithm: what moves it by less is no reason
_CAUSES = (
    (re.compile(r"b(?:1|2|3|21|321)=(.+)"), "before"),
    (re.compile(r"b1c=(.+)\|"), "before"),
    (re.compile(r"Bb?\d?:(.+)"), "before"),
    (re.compile(r"BK[bc]?:([A-Z]+)"), "before_kind"),
    (re.compile(r"a(?:1|2|3|12|123)=(.+)"), "after"),
    (re.compile(r"a1c=(.+)\|"), "after"),
    (re.compile(r"Ab?\d?:(.+)"), "after"),
    (re.compile(r"AK[bc]?:([A-Z]+)"), "after_kind"),
    (re.compile(r"[Hh]:([^:]+)"), "heading"),
    (re.compile(r"[Hh]Kc?:([A-Z]+)"), "heading_kind"),
    (re.compile(r"u=\|?([A-Z_]+)|u[fabAB][=:]([A-Z_]+)"), "section"),
    (re.compile(r"LBf?:([a-z ]+)"), "label"),
    (re.compile(r"LBK:([A-Z]+)"), "label_kind"),
    (re.compile(r"NC[dfx][ct]?2?=([^|]+)"), "cell"),
    (re.compile(r"NCK[dfx]=([A-Z]+)"), "cell_kind"),
    (re.compile(r"PCK?=([^|]+)|rowsaid=(.+)"), "cell_before"),
    (re.compile(r"DNK?=(.+)"), "below"),
    (re.compile(r"ticked=(.+)"), "box"),
    (re.compile(r"(minus)"), "minus"),
    (re.compile(r"par(?:1=|F=|K:)([A-Za-z]+)"), "brackets"),
    (re.compile(r"S1=(.+)|S12=(.+)"), "opening"),
    (re.compile(r"(?:cy|fy):.*(Y.)"), "year"),
    (re.compile(r"(T|PL?|[PN]S(?:Kc?)?|[LN]Yu?|L)[:=]"), "passage"),
    (re.compile(r"N(?:N=|=|u:)([A-Z]+)"), "nature"),
    (re.compile(r"N:([A-Z]+):"), "nature"),
    (re.compile(r"(?:f|ft|c|fa)[=:](.+)"), "itself"),
)
_WORDS = re.compile(r"[A-Za-z][A-Za-z _]*")
_NO_WORD = frozenset(("minus", "year", "itself", "passage"))
_NO_NAMES = frozenset(("F", "<s>", "</s>", "_"))


@dataclass(frozen=True, slots=True)
class Reasons:
    """What spoke most for a judgement, the strongest first; how sure it is, 0 to 1; and what it would be else."""

    because: tuple[str, ...]
    sure: float
    instead: str


def reasons(seen: Sequence[str], total: Sequence[float]) -> Reasons:
    """Return why it is said of a fact what is said, from what is seen of it and what speaks for each assertion in all.

    The passage as a whole is the first reason where what is seen would have it otherwise; what stands farther round the
    fact than its sentence is the passage too.
    """
    alone = sums(seen)
    order = sorted(Assertion, key=lambda one: (-total[one], one))
    first, second = order[0], order[1]
    odds = [math.exp(_CALIBRATED * (total[one] - total[first])) for one in order]
    groups: dict[str, set[str]] = {}
    known = weights().numbers
    for name in seen:
        cause = _cause(name) if name in known else ""
        if cause:
            groups.setdefault(cause, set()).add(name)
    causes = sorted(groups)
    lost = without(seen, [frozenset(groups[cause]) for cause in causes])
    lead = total[first] - total[second]
    passage = [whole - own for whole, own in zip(total, alone, strict=True)]
    weighed = [
        (lead - (one[first] + passage[first] - max(one[other] + passage[other] for other in order[1:])), cause)
        for one, cause in zip(lost, causes, strict=True)
    ]
    strongest = sorted(((weight, cause) for weight, cause in weighed if weight >= _LEAST), reverse=True)
    read = ["passage:"] if decide(alone) is not first else []
    because = _told_once([*read, *(cause for _, cause in strongest)])
    return Reasons(because, 1 / sum(odds), Assertion(second).name.lower())


def _told_once(causes: Sequence[str]) -> tuple[str, ...]:
    """Return the first of the reasons, none of which only says again what one before it says: "pas", "pas de"."""
    shown: list[str] = []
    words: set[tuple[str, str]] = set()
    for cause in causes:
        kind, _, said = cause.partition(":")
        own = {(kind, word) for word in said.split()} or {(kind, "")}
        if not own & words and len(shown) < _SHOWN:
            shown.append(cause)
            words |= own
    return tuple(shown)


def _cause(name: str) -> str:
    """Return what a feature tells of; "" for signs and numbers, which nobody can act upon."""
    for pattern, kind in _CAUSES:
        found = pattern.match(name)
        if found is None:
            continue
        if kind in _NO_WORD:
            return f"{kind}:"
        words = next(group for group in found.groups() if group)
        # a stem, or two that belong together: "pas de"; another fact among them says nothing
        told = " ".join(word for word in words.strip(" .,:;()'").split() if word not in _NO_NAMES)
        return f"{kind}:{told}" if _WORDS.fullmatch(told) and len(told) > 1 else ""
    return ""
