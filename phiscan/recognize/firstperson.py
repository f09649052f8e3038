"""Letters and messages of people about themselves: "je suis enceinte", and the name below.

Nothing says there that a patient is meant, and no title or date stands beside the name. Whoever signs what they write
of their own health is who has it: their name gets the evidence `listed`, and all of the message is about them. Those
who work with patients write in the first person as well ("mon AVC est parti au scanner"): what is said round their
signature tells them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from phiscan.model import Kind
from phiscan.recognize.listed import in_one_line, mark, may_be_listed, no_professional
from phiscan.recognize.listwords import list_words
from phiscan.recognize.names import parse_name
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span

_BEFORE = 60  # bytes before a fact in which it is said whose it is
_MOST = 3000  # bytes of a message before its signature
_BELOW = 160  # bytes below a signature in which a post stands
_SENTENCE = re.compile(rb"[.;!?][ \n]|\n[ ]*\n")
_POSSESSIVE = (b"mon", b"ma")
_ASKED = re.compile(rb"[^.!?]*\?")  # up to the end of a question
_WORD = re.compile(rb"[a-z0-9]+")
_CLOSED = re.compile(rb"(?:[,.;:!?)]|\A|\n|\n[ ]*-{2,})[ ]*\n\Z")  # what stands above a signature ends there
_OPEN = re.compile(  # nothing stands below it, or where its writer is reached
    rb"(?i)\Z|\n[ ]*(?:\n|\Z|(?:tel|port|mob)[a-z]{0,8}[ .:]|[+]?[0-9][0-9 .\-]{8,}|[^ \n]{1,60}@|"
    rb"envoye (?:de|depuis)[ ])"
)
_ALONE = re.compile(
    rb"[ ]{0,60}(?:-{1,2}[ ])?(?:(?i:merci|cordialement|signee?)[ ]?[,:][ ]{1,2})?[*_]{0,2}"
    rb"(?:(?i:m\.|mr|mme|mlle|monsieur|madame)[ ]{1,2})?\Z"
)
_PATIENTS = re.compile(  # as those speak of them who care for them
    rb"(?<![a-z])(?:(?:mon|ma|mes|notre|nos|votre|vos|ce|cette|un|une) patiente?s?|confraternellement|"
    rb"ch(?:er|ere) (?:confrere|consoeur)|(?:chambre|lit|ch) [0-9]{1,3})(?![a-z])"
)
_QUOTED = re.compile(rb"\n[ ]{0,4}(?:>|-{3,}|_{3,}|(?:De|From)[ ]?:|Le [^\n]{6,80} a ecrit)")


def sign(spans: list[Span], kept: Sequence[Span], ruleset: Ruleset, folded: bytes, normal: bytes) -> bool:
    """Give whoever signs what they write of their own health the evidence `listed`; return whether there is one."""
    own = [span.end for span in kept if _is_fact(span, ruleset) and _of_writer(span, folded, normal)]
    if not own:
        return False
    known = {id(span) for span in spans}
    signed = []
    for span in list(spans):
        if may_be_listed(span, ruleset.recognizers[span.recognizer], ruleset):
            name = in_one_line(span, folded)
            if any(0 <= name.start - end <= _MOST for end in own) and signs(name.start, name.end, folded, normal):
                signed.append(name)
    mark(signed, ruleset)
    for name in signed:  # under "Cordialement" stands the name of a physician too
        no_professional(name.start, name.end, spans, ruleset)
    spans += [span for span in signed if id(span) not in known]
    return bool(signed)


def signs(start: int, end: int, folded: bytes, normal: bytes) -> bool:
    """Whether a name stands alone in its line, where something ends, and is that of no one at work."""
    line = folded.rfind(b"\n", 0, start) + 1
    stop = folded.find(b"\n", end)
    stop = len(folded) if stop < 0 else stop
    if not line or not _ALONE.match(folded[line:start]) or folded[end:stop].strip(b" .,*_"):
        return False
    if not (_closed(folded, normal, line) or _OPEN.match(folded, stop)):
        return False
    if not parse_name(folded[start:end].decode("ascii")).key:
        return False
    if _PATIENTS.search(normal, max(0, line - _MOST), line):
        return False
    quoted = _QUOTED.search(folded, stop, stop + _BELOW)
    below = quoted.start() if quoted else min(len(folded), stop + _BELOW)
    return not any(list_words(name).search(normal, line, below) for name in ("first_person_signers", "trades"))


def _closed(folded: bytes, normal: bytes, line: int) -> bool:
    """Whether what stands above a line ends there: by a sign, a rule or the closing of a letter."""
    above = folded.rfind(b"\n", 0, line - 1) + 1
    indent = len(folded[above:line]) - len(folded[above:line].lstrip(b" "))
    closing = list_words("first_person_closings").match(normal, above + indent, line)
    return closing is not None or _CLOSED.search(folded, max(0, line - _BEFORE), line) is not None


def _is_fact(span: Span, ruleset: Ruleset) -> bool:
    recognizer = ruleset.recognizers[span.recognizer]
    return recognizer.kind is Kind.HEALTH and recognizer.category != "exam_date" and recognizer.file.at_least == 1


def _of_writer(fact: Span, folded: bytes, normal: bytes) -> bool:
    """Whether a fact is said to be the writer's own: "j'ai fait une fausse couche", "mon Seroplex"."""
    low = max(0, fact.start - _BEFORE)
    for end in _SENTENCE.finditer(folded, low, fact.start):
        low = end.end()
    if _asked_by_readers(fact, folded, normal):
        return False
    for opener in list_words("first_person").finditer(normal, low, fact.start):
        words = _WORD.findall(normal, opener.end(), fact.start)
        if all(list_words("first_person_between").fullmatch(word) for word in words):
            return opener[0] not in _POSSESSIVE or not _in_stock(fact, folded, normal)
    return False


def _in_stock(fact: Span, folded: bytes, normal: bytes) -> bool:
    """Whether a sentence goes on about a screen or a shelf: "mon diabete ne s'affiche plus"."""
    end = _SENTENCE.search(folded, fact.end)
    return list_words("first_person_stock").search(normal, fact.end, end.start() if end else len(normal)) is not None


def _asked_by_readers(fact: Span, folded: bytes, normal: bytes) -> bool:
    """Whether a fact stands in a question above a line "Redaction": what is signed there is an article."""
    question = _ASKED.match(folded, fact.end)
    if question is None:
        return False
    for editors in list_words("first_person_editors").finditer(normal, question.end()):
        line = folded.rfind(b"\n", 0, editors.start()) + 1, folded.find(b"\n", editors.end())
        if not (folded[line[0] : editors.start()] + folded[editors.end() : line[1]]).strip(b" .:,-"):
            return True
    return False
