"""Entries of directories (LDIF, vCard): where somebody works is no fact about their health.

"ou=VIH" and "title: Infirmier en alcoologie" say what a colleague does. A description or a note may say anything, and a
unit named for its patients holds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from phiscan.model import Kind

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


def leave_work(spans: Iterable[Span], ruleset: Ruleset, folded: bytes, normal: bytes) -> None:
    """Drop the facts of an entry that say what somebody works on."""
    if (b"dn:" not in normal and b"begin:vcard" not in normal) or _ENTRY.search(folded) is None:
        return
    lines = [found.span() for found in _WORK.finditer(folded) if not _OF_PATIENTS.search(found["said"])]
    for span in spans:
        if ruleset.recognizers[span.recognizer].kind is Kind.HEALTH and any(a <= span.start < b for a, b in lines):
            span.why = WORK
