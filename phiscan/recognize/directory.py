"""Entries of directories (LDIF, vCard): where somebody works is no fact about their health.

"ou=VIH" and "title: Infirmier en alcoologie" say what a colleague does. A description or a note may say anything,
unless it begins on a doctor's card with what they are asked for ("Avis VIH"), and a unit named for its patients holds
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from phiscan.model import Kind
from phiscan.recognize.listwords import list_words

if TYPE_CHECKING:
    from phiscan.recognize.ruleset import Ruleset
    from phiscan.recognize.spans import Span

WORK = "a post or a course, nobody's health"
_ENTRY = re.compile(rb"(?i)^(?:dn::?[ ]?[a-z0-9.]{1,40}=|begin:vcard[ ]*$)", re.MULTILINE)
_WORK = re.compile(
    rb"(?i)^(?:dn|ou|o|title|department|departmentNumber|physicalDeliveryOfficeName|memberOf|employeeType|businessCategory|"
    rb"company|division|org|role)(?:;[^:\n]{0,40})?::?[ ]?(?P<said>[^\n]{0,400}(?:\n[ ][^\n]{0,400}){0,9})",
    re.MULTILINE,
)
_OF_PATIENTS = re.compile(rb"(?i)patient|malade|usager|resident|file[ _-]?active|beneficiaire")
# A doctor's card, by how they are called and by their post, and the note on it.
_CARD = re.compile(rb"(?is)begin:vcard(?P<said>.{0,4000}?)(?:end:vcard|\Z)")
_DOCTOR = re.compile(
    rb"(?m)^(?:N(?:;[^:\n]{0,40})?:[^\n]{0,80};(?i:dr|pr|docteur|professeur)\.?(?:;|$)"
    rb"|FN(?:;[^:\n]{0,40})?:(?:Dr|Pr)\.?[ ])"
)
_NOTE = re.compile(rb"(?im)^note(?:;[^:\n]{0,40})?:[ ]?(?P<note>[^\n]{0,400})")


def leave_work(spans: Iterable[Span], ruleset: Ruleset, folded: bytes, normal: bytes) -> None:
    """Drop the facts of an entry that say what somebody works on."""
    if (b"dn:" not in normal and b"begin:vcard" not in normal) or _ENTRY.search(folded) is None:
        return
    lines = [found.span() for found in _WORK.finditer(folded) if not _OF_PATIENTS.search(found["said"])]
    lines += _notes(folded, normal)
    for span in spans:
        if ruleset.recognizers[span.recognizer].kind is Kind.HEALTH and any(a <= span.start < b for a, b in lines):
            span.why = WORK


def _notes(folded: bytes, normal: bytes) -> list[tuple[int, int]]:
    """Return where the notes of doctors' cards stand that say what they are asked for."""
    found = []
    for card in _CARD.finditer(folded):
        note = _NOTE.search(folded, *card.span("said"))
        if note is None or _DOCTOR.search(folded, *card.span("said")) is None or _OF_PATIENTS.search(note["note"]):
            continue
        if list_words("card_notes").match(normal, *note.span("note")):
            found.append(note.span("note"))
    return found
