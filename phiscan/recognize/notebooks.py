"""Notebooks: a name alone in its line, with a telephone or an age, and below it dated notes of one meeting a line.

So psychologists, midwives and nurses keep their patients, without a title, a civility or a label. Sellers and
recruiters do, too: words of care must stand below several of the names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from phiscan.model import Kind
from phiscan.recognize.clinical import facts_of
from phiscan.recognize.listed import in_one_line, mark, may_be_listed, of_others
from phiscan.recognize.listwords import list_words
from phiscan.recognize.names import parse_name
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span

_FEWEST = 2  # people below whose names something tells of care
_ENOUGH = 4  # a fact that counts is worth two, a word that could be one is worth one
_MOST = 4000  # bytes of the notes on one of them
_HEADED = re.compile(rb"[ ]{0,4}(?:[\-*#]{1,3}[ ])?\Z")
_BESIDE = re.compile(
    rb"(?i)[ ]{0,3}[,(:/\-]{0,2}[ ]{0,3}(?:(?:tel|port|mob)[a-z]{0,7}\.?[ ]?:?[ ]{0,2})?"
    rb"(?:0[1-9](?:[ .\-]?[0-9]{2}){4}|[0-9]{1,3}[ ]?ans|nee?[ ](?:en|le)[ ][0-9/.]{4,10})[) .]{0,3}\n"
)
_NOTE = re.compile(
    rb"(?i)\n?[ \-*]{0,4}(?:[a-z]{1,8}\.?[ ]?[0-9]{0,3}[ .:)\-]{1,3})?"  # "s3 12/10"
    rb"[0-3]?[0-9][/.][01]?[0-9](?:[/.][0-9]{2,4})?(?![0-9/.])"
)


def mark_notebook(spans: list[Span], ruleset: Ruleset, folded: bytes, normal: bytes) -> bool:
    """Give the names over dated notes the evidence `listed`, and weigh them; return whether there are such."""
    heads = _heads(spans, ruleset, folded)
    if len({_key(span, folded) for span in heads}) < _FEWEST or of_others(folded, normal):
        return False
    if list_words("notebooks_of_others").search(normal, heads[0].end):
        return False
    facts = [fact for fact in facts_of(spans, ruleset) if _tells(fact, ruleset)]
    certain, possible, people = set[bytes](), set[bytes](), set[str]()
    stops = [*(span.start for span in heads[1:]), len(folded)]
    for head, stop in zip(heads, stops, strict=True):
        for fact in facts:
            if head.end <= fact.start < min(stop, head.end + _MOST):
                (possible if fact.why else certain).add(normal[fact.start : fact.end])
                people.add(_key(head, folded))
    if not certain or len(people) < _FEWEST or 2 * len(certain) + len(possible - certain) < _ENOUGH:
        return False
    known = {id(span) for span in spans}
    mark(heads, ruleset)
    spans += [span for span in heads if id(span) not in known]
    return True


def _heads(spans: Sequence[Span], ruleset: Ruleset, folded: bytes) -> list[Span]:
    """Return the names alone in a line with a note below, one a line, in order."""
    found: dict[int, Span] = {}
    for span in spans:
        if may_be_listed(span, ruleset.recognizers[span.recognizer], ruleset):
            name = in_one_line(span, folded)
            start = folded.rfind(b"\n", 0, name.start) + 1
            beside = _BESIDE.match(folded, name.end) if _HEADED.match(folded[start : name.start]) else None
            if beside is not None and _NOTE.match(folded, beside.end()) and _key(name, folded):
                found.setdefault(start, name)
    return [found[start] for start in sorted(found)]


def _key(span: Span, folded: bytes) -> str:
    return parse_name(folded[span.start : span.end].decode("ascii")).key


def _tells(fact: Span, ruleset: Ruleset) -> bool:
    recognizer = ruleset.recognizers[fact.recognizer]
    return recognizer.kind is Kind.HEALTH and recognizer.category != "exam_date" and recognizer.file.at_least == 1
