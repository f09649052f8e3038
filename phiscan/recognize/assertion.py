"""How a fact is stated, by French cue words: for table cells, logs, and wherever no page is laid out.

The cues are in `phiscan.recognize.stated`; prose about somebody is weighed by a model, see `phiscan.recognize.prose`.
All patterns work on the normal form (lower case ASCII, hyphens as spaces).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from phiscan.model import Assertion
from phiscan.recognize.stated import negation
from phiscan.recognize.stated.sentences import sentence
from phiscan.recognize.stated.verdict import judged, minus

_BEFORE, _AFTER = 70, 48  # bytes of the sentence looked at on either side of a fact
_REMEMBERED = 20_000  # sentences with their fact, in a table


_CODES_SAY = {  # categories of CIM-10 that are about a fact and not the fact
    **dict.fromkeys(("Z80", "Z81", "Z82", "Z83", "Z84"), Assertion.FAMILY),
    **dict.fromkeys(("Z85", "Z86", "Z87"), Assertion.HISTORY),
    **dict.fromkeys(("Z03", "Z11", "Z12", "Z13"), Assertion.HYPOTHETICAL),
}
_NEGATIVE = {"neg", "negatif", "negatifs", "negative", "negatives", "-"}
_CODED: dict[str, Assertion | None] = {
    **dict.fromkeys(
        "pos positif positive positifs positives + ++ +++ ++++ o oui 1 vrai true t y yes x present presente reactif"
        " reactive detecte detectee p connu connue confirme confirmee immunise avere".split(),
        Assertion.AFFIRMED,
    ),
    **dict.fromkeys(
        "neg negatif negative negatifs negatives - -- n non 0 faux false f no absent absente aucun aucune neant"
        " nondetecte nondetectee nonreactif nonreactive indetectable negatv".split(),
        Assertion.NEGATED,
    ),
    **dict.fromkeys(
        "? douteux douteuse encours enattente attente indetermine indeterminee acontroler arefaire afaire suspect"
        " possible probable i d +/- suspicion".split(),
        Assertion.HYPOTHETICAL,
    ),
    **dict.fromkeys(
        " nr nc na n/a n.a. nd nf nonfait nonfaite nonrenseigne inconnu inconnue ras null none nan sansobjet so / . .."
        " vide nonprescrit nonprecise nonconnu".split(" "),
        None,
    ),
}


def coded(value: str) -> Assertion | None:
    """Return what a coded cell says of its column's fact; None where it says nothing.

    >>> coded("POS"), coded("nég."), coded("N.R."), coded("en cours")
    (<Assertion.AFFIRMED: 0>, <Assertion.NEGATED: 3>, None, <Assertion.HYPOTHETICAL: 2>)
    """
    from phiscan.fold import fold_str

    bare = fold_str(value).lower().strip().strip("()[]'\"")
    compact = bare.replace(" ", "").rstrip(".") if bare != "+/-" else bare
    for form in (compact, compact.replace(".", "")):
        if form in _CODED:
            return _CODED[form]
    normal = bare.encode().replace(b"-", b" ")
    stated = qualify(normal, 0, 0, normal)
    # "absence d'anticorps": the column is the fact; "VIH NEG": the code follows what it codes
    denied = negation.denies(normal) or bare.rpartition(" ")[2].rstrip(".") in _NEGATIVE
    return max(stated, Assertion.NEGATED) if denied else stated


def by_code(code: str) -> Assertion | None:
    """Return how a code of CIM-10 itself states its fact: a relative's, a past one, one looked for; None for others.

    >>> by_code("Z80.3"), by_code("Z853"), by_code("Z12.1"), by_code("C509")
    (<Assertion.FAMILY: 4>, <Assertion.HISTORY: 1>, <Assertion.HYPOTHETICAL: 2>, None)
    """
    return _CODES_SAY.get(code[:3].upper())


def qualify(normal: bytes, start: int, end: int, folded: bytes) -> Assertion:
    """Return how the fact at [start, end) is stated, from the cues in its sentence.

    `normal` and `folded` are the two forms of one text. Family wins over negation, negation over
    hypothesis, hypothesis over history.
    """
    low, high = sentence(folded, normal, start, end, _BEFORE, _AFTER)
    return _signed(judged(normal[low:start], normal[start:end], normal[end:high]), folded, end)


def _signed(stated: Assertion | None, folded: bytes, end: int) -> Assertion:
    if stated is not Assertion.FAMILY and minus(folded, end):
        return Assertion.NEGATED
    return Assertion.AFFIRMED if stated is None else stated


class Qualifier:
    """`qualify` for cells, where the same is said over and over. Holds values: it lives as long as they do."""

    def __init__(self) -> None:
        self._judged: dict[tuple[bytes, int, int], Assertion | None] = {}

    def each(self, normal: bytes, places: Iterable[tuple[int, int]], folded: bytes) -> Iterator[Assertion]:
        """Yield how the fact at each place [start, end) is stated. Two that follow one another may be the same."""
        known = self._judged
        last, stated = (-1, -1), Assertion.AFFIRMED
        for start, end in places:
            if (start, end) != last:
                low, high = sentence(folded, normal, start, end, _BEFORE, _AFTER)
                key = (normal[low:high], start - low, end - low)
                if key not in known:
                    if len(known) >= _REMEMBERED:
                        known.clear()
                    known[key] = judged(normal[low:start], normal[start:end], normal[end:high])
                last, stated = (start, end), _signed(known[key], folded, end)
            yield stated
