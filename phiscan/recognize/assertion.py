"""How a fact is stated, by French cue patterns: for table cells, logs, and wherever no sentence is to be parsed.

`phiscan.recognize.prose` asks EDS-NLP for sentences; what medical shorthand does (VIH-, "?", "séro nég")
is decided here for both. All patterns work on the normal form (lower case ASCII, hyphens as spaces).
"""

from __future__ import annotations

import re
from functools import cache

from phiscan.model import Assertion
from phiscan.recognize.triggers import beginnings

_BEFORE, _AFTER = 70, 48  # bytes of the clause looked at on either side of a fact
_SHORT_LINE = 25  # bytes: a line ended so early was ended on purpose, not by the width of the page


def _words(*alternatives: str) -> re.Pattern[bytes]:
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(alternatives)})(?![a-z0-9])".encode())


_CLAUSE_START = re.compile(rb"[.;!\n](?=[ \n]|$)|\n| (?:mais|cependant|toutefois|par contre|en revanche|donc) ")
_CLAUSE_END = re.compile(
    rb"[.!\n](?=[ \n]|$)|;(?=[ \n]|$)(?! ?(?:neg|pos))|\n| (?:mais|cependant|toutefois|par contre|en revanche|donc) "
    rb"|,(?! ?(?:neg|non|pos))"
)

_PSEUDO = _words(
    r"(?:ne |n )?(?:permet(?:tent)?|peut|peuvent|pouvons|suffit) pas (?:d |de )?(?:\w+ )?(?:exclure|eliminer|ecarter)",
    r"sans doute", r"pas (?:formellement |totalement )?(?:exclue?s?|eliminee?s?|ecartee?s?)",
    r"non (?:exclue?s?|eliminee?s?)", r"pas (?:que|seulement)", r"sans (?:rapport|lien|changement|modification)",
    r"sans (?:preuve|certitude)", r"pas de doute", r"aucun doute",
)
_NEGATED_BEFORE = _words(
    r"pas (?:d |de |du )?(?:argument|signe|trace|notion|antecedent|element|lesion|recidive)?s?",
    r"ni", r"absence", r"aucune?s?", r"sans", r"jamais", r"non", r"indemne", r"nie", r"hors de cause",
    r"ne (?:retrouve|retrouvons|met|montre|objective|presente|prend|presentant|semble) (?:\w+ )?pas", r"exclue?s?",
    r"elimine(?:nt|e|es|s|r)?(?= (?:une?|le|la|l|tout))", r"ecarte(?:e|es|s|nt)?", r"negati(?:f|fs|ve|ves) pour",
    r"disparition",
)
_NEGATED_AFTER = _words(
    r"neg(?:atif|atifs|ative|atives|atv|at)?", r"negativee?s?",
    r"non (?:reacti(?:f|ve)s?|detectee?s?|retrouvee?s?|immunisee?)",
    r"absente?s?", r"exclue?s?", r"eliminee?s?", r"ecartee?s?", r"infirmee?s?", r"(?:est|sont|soit|reste) normale?s?",
    r"indetectables?", r"[:=] ?(?:0|non|n|neant|absence|aucune?)", r"(?:non|pas) (?:connue?|porteuse?|retrouvee?)",
)
_NEGATED_INSIDE = _words(r"sero ?neg[a-z]*", r"hors", r"pas d[e']?", r"non")
_OTHER = _words(
    "vih", "hiv", "vh[abcde]", "h[bc]v", "(?:ac |ag )?(?:anti )?hb[sce]", "aghbs", "toxo[a-z]*", "rub[a-z]*", "cmv",
    "ebv", "syphilis",
    "tpha", "vdrl", "chlamydia[e]?", "gonocoques?", "covid", "rai", "coombs", "hcg", "bhcg", "hpv", "tb", "bk",
    "bu", "ecbu",
)
_ALL_NEGATIVE = _words(r"negati(?:fs|ves)")
_LOAD = _words("cv", "charge virale", "arn")  # undetectable under treatment: the virus is there all the same
_MINUS = re.compile(
    rb"(?:[ ]?(?:1|2|1 ?[+/et]{1,2} ?2))?(?:\(-\)|-)(?=[ ,.;)\n]|$)"  # VIH-, VIH 1/2-
    rb"|(?:[ ]?(?:1|2|1 ?[+/et]{1,2} ?2))?[ ](?:\(-\)|-)"
    rb"(?=[,.;)\n]|$|[ ]{1,3}(?:[-(/\n]|$))"  # "VIH -", but "VIH - RDV lundi" is a dash
    rb"|[ ]?[:=;|][ ]?(?:\(-\)|-)(?=[ ]*(?:[,.;|)\n]|$))"  # the value of a label
)
_POSITIVE = re.compile(rb"[ :=]{0,4}(?:pos(?:iti(?:f|fs|ve|ves))?|reacti(?:f|ve)|detectee?|\+{1,3})(?![a-z0-9])")
_NEW_LINE = re.compile(rb"\n[ ]{0,40}(?:[A-Z0-9*\n]|-|$)")
_HYPOTHETICAL = _words(
    r"suspicions?(?: de)?", r"suspect(?:e|es|ee|ees|s)?", r"possibles?", r"probables?", r"peut etre",
    r"eventuel(?:le|les|s)?",
    r"rechercher?", r"recherches? d[eu]?", r"bilan d[eu]?", r"a eliminer", r"en attente", r"a confirmer",
    r"a controler",
    r"evo(?:que|quant|quer|quee?)", r"compatibles? avec", r"risque d[eu]?", r"si", r"hypothese", r"doute",
    r"douteu(?:x|se)",
    r"depistage", r"pourrait", r"semble(?:rait)?", r"craint", r"crainte", r"faire pratiquer", r"a faire",
    r"en cours d analyse",
    r"demande d[eu]?", r"controle d[eu]?", r"indetermine(?:e|s)?", r"(?:a|au) risque",
)
_QUESTION = re.compile(rb"[ ]{0,2}(?:[:=;|][ ]{0,2})?\(?[?]")
_QUESTIONED = re.compile(rb"[?][ ]{0,2}$")
_FAMILY = _words(
    r"(?:chez|de) (?:la|sa|son|le|l|leur) (?:mere|pere|soe?ur|frere|oncle|tante|fils|cousine?|grand (?:mere|pere)"
    r"|conjointe?|mari|epouse?|epoux|fille)",
    r"meres?", r"peres?", r"soe?urs?", r"freres?", r"oncles?", r"tantes?", r"cousine?s?", r"neveux?", r"niece",
    r"grands? (?:meres?|peres?|parents)", r"(?:atcds?|antecedents?) fam\.?", r"famil(?:ial|iale|iales|iaux)",
    r"(?:dans|de) (?:la|sa) famille", r"fils", r"(?<!petite )filles?(?! (?:de|agee|nee|d) )", r"conjointe?s?", r"mari",
    r"epou(?:se|x)", r"compagn(?:e|on)", r"ascendants?", r"fratrie", r"partenaires?",
)
_HISTORY = _words(
    r"atcds?", r"antecedents?", r"ancien(?:ne|s|nes)?", r"anciennement", r"en remission", r"remission",
    r"guerie?s?", r"sevree?",
    r"(?:il y a|ya) (?:\d+|plusieurs|quelques|une?|deux|trois|dix|vingt) (?:ans?|mois|annees)", r"ex",
    r"histoire d[eu]?", r"sequelles? d[eu]?",
)



@cache
def _cue() -> re.Pattern[bytes]:
    """What matches wherever a cue begins, and is far cheaper than the cues.

    Without one on either side nothing but a sign can say that a fact is not plainly stated.
    """
    begun: dict[str, list[str]] = {}
    for pattern in (_PSEUDO, _NEGATED_BEFORE, _NEGATED_AFTER, _HYPOTHETICAL, _FAMILY, _HISTORY):
        for text in sorted(beginnings(pattern.pattern.decode(), 5)):
            begun.setdefault(text[0], []).append(re.escape(text[1:]))
    alternatives = "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in begun.items())
    return re.compile(rf"(?<![a-z0-9])(?:{alternatives})".encode())


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
    # "absence d'anticorps": the column is the fact
    absent = _NEGATED_BEFORE.match(normal) and not _PSEUDO.match(normal)
    return max(stated, Assertion.NEGATED) if absent else stated


def qualify(normal: bytes, start: int, end: int, folded: bytes) -> Assertion:
    """Return how the fact at [start, end) is stated, from the cues in its clause.

    `normal` and `folded` are the two forms of one text. Family wins over negation, negation over
    hypothesis, hypothesis over history.
    """
    low, high = clause(normal, start, end, folded)
    before, after = normal[low:start], normal[end:high]
    cue = _cue()
    if not cue.search(before) and not cue.search(after):
        return _by_signs(normal, start, end, folded, before)
    if _FAMILY.search(before) or _FAMILY.search(after[:32]):
        return Assertion.FAMILY
    pseudo = _PSEUDO.search(before) or _PSEUDO.search(after)
    if not pseudo and (_NEGATED_INSIDE.match(normal, start, end) or negated(before, after, folded, end)):
        suppressed = b"indetectable" in after and _LOAD.search(normal, low, end)
        return Assertion.AFFIRMED if suppressed else Assertion.NEGATED
    if pseudo and b"doute" not in pseudo.group():
        return Assertion.HYPOTHETICAL
    if _QUESTION.match(normal, end) or _QUESTIONED.search(before):
        return Assertion.HYPOTHETICAL
    if _HYPOTHETICAL.search(before) or _HYPOTHETICAL.search(after):
        return Assertion.HYPOTHETICAL
    if _HISTORY.search(before) or _HISTORY.search(after):
        return Assertion.HISTORY
    return Assertion.AFFIRMED


def _by_signs(normal: bytes, start: int, end: int, folded: bytes, before: bytes) -> Assertion:
    """Return how a fact is stated that has no cue in its clause: what is in it, and the signs beside it, decide."""
    if _NEGATED_INSIDE.match(normal, start, end) or _MINUS.match(folded, end):
        return Assertion.NEGATED
    if _QUESTION.match(normal, end) or _QUESTIONED.search(before):
        return Assertion.HYPOTHETICAL
    return Assertion.AFFIRMED


def pseudo_negated(normal: bytes, start: int, end: int, folded: bytes | None = None) -> bool:
    """Whether the clause only looks negated: "ne permet pas d'exclure", "sans doute"."""
    low, high = clause(normal, start, end, folded)
    return bool(_PSEUDO.search(normal, low, start) or _PSEUDO.search(normal, end, high))


def negated(before: bytes, after: bytes, folded: bytes, end: int) -> bool:
    """Whether the words before or after a fact, or a minus sign on it, negate it."""
    if _NEGATED_BEFORE.search(before[-48:]) or _MINUS.match(folded, end):
        return True
    other = _OTHER.search(after)
    if other and not _ALL_NEGATIVE.search(after):  # "enceinte, toxo negative": the result is the other's
        after = after[: other.start()]
    return _POSITIVE.match(after) is None and _NEGATED_AFTER.search(after[:40]) is not None


def clause(normal: bytes, start: int, end: int, folded: bytes | None = None) -> tuple[int, int]:
    """Return the bounds of the clause round [start, end), at most some words to either side.

    In running text newlines are spaces in `normal`; `folded` keeps them, and a clause ends at one that ends a line on
    purpose.
    """
    low = max(0, start - _BEFORE)
    low = max(low, normal.rfind(b"\n", low, start) + 1)  # in cells: most of what is around is other cells
    for cut in _CLAUSE_START.finditer(normal, low, start):
        low = cut.end()
    high = min(len(normal), end + _AFTER)
    stop = normal.find(b"\n", end, high)
    high = stop if stop >= 0 else high
    cut_after = _CLAUSE_END.search(normal, end, high)
    high = cut_after.start() if cut_after else high
    if folded is None:
        return low, high
    return _after_line(folded, low, start), _before_line(folded, end, high)


def _after_line(folded: bytes, low: int, start: int) -> int:
    """Where the last line that begins anew before `start` begins, `low` where none does."""
    at = folded.rfind(b"\n", low, start)
    while at >= 0:
        if _ends_line(folded, at):
            return at + 1
        at = folded.rfind(b"\n", low, at)
    return low


def _before_line(folded: bytes, end: int, high: int) -> int:
    """Where the first line that is ended on purpose after `end` ends, `high` where none is."""
    at = folded.find(b"\n", end, high)
    while at >= 0:
        if _ends_line(folded, at):
            return at
        at = folded.find(b"\n", at + 1, high)
    return high


def _ends_line(folded: bytes, at: int) -> bool:
    """Whether a newline separates what stands before it from what follows, and does not only wrap a sentence."""
    begun = folded.rfind(b"\n", 0, at) + 1
    return at - begun < _SHORT_LINE or _NEW_LINE.match(folded, at) is not None
