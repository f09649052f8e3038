"""Who is invented: in test data and examples that say so of themselves, under names of tests, in the cases of a lesson.

What a file says counts only where it is said of its own data, at its head and before anybody is named: in comments that
open a dump, in titles over a table, in the first lines of a document. Nothing is said by a file's name, nor by "jeu de
test" alone: real patients are what the worst leaks called test data held. A head that also tells of production, of
real or of anonymised data says nothing. Words are in `recognizers/identity/invented_….txt`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from phiscan.fold import fold_str
from phiscan.model import Role
from phiscan.recognize.listwords import list_words
from phiscan.recognize.terms import normal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from phiscan.model import Table
    from phiscan.recognize.ruleset import Ruleset
    from phiscan.recognize.text import Found

HEAD = 1 << 16  # bytes of a file in which its opening comments stand
MOST_INVENTED = 10_000  # persons: whoever exposes more is told of it, whatever is said over them
LETTERS = frozenset({"message/rfc822", "application/mbox", "application/vnd.ms-outlook"})  # they speak of other files
_OF_LETTER = re.compile(rb"(?im)^[ ]{0,3}(?:from|to|subject|de|a|objet|envoye)[ ]{0,3}:")  # where one was printed
_LINES = 20  # that open a file
_LONGEST = 1 << 18  # bytes of the text of a lesson
_TOP = 1500  # bytes of a document
_TITLES = 5  # rows over a table
_HEADERS = 2  # lines that make a letter
_COMMENT = re.compile(r"\s*(?:--|#|//|/\*|\*|<!--|<\?xml[^>]*>\s*(?:<!--)?)")
# FHIR has a label for it (v3-ActReason): of a whole bundle, or of the only resource of a file.
_HTEST = re.compile(rb'"code"\s*:\s*"HTEST"|<code\s+value="HTEST"')
_RECORDS = re.compile(rb'"entry"\s*:|<entry[\s>]')
_RESOURCE = re.compile(rb'"resourceType"\s*:')
_TELLING = frozenset({"nir", "ins", "patient_id", "person_name", "birth_date"})
_PAPER, _LESSON = 2, 2  # words of an examination beside a question; of a course beside a vignette


def says_so(head: str) -> bool:
    """Whether the head of a document says that its people are invented.

    >>> says_so("JEU DE TEST - PATIENTS FICTIFS - AUCUNE DONNEE REELLE"), says_so("Toute ressemblance serait fortuite")
    (True, True)
    >>> says_so("Jeu de test pour la migration"), says_so("Donnees fictives remplacees par une extraction")
    (False, False)
    """
    words = normal(fold_str(head)).encode()
    marks = list_words("invented_marks")
    return marks.search(words) is not None and list_words("invented_denied").search(marks.sub(b" ", words)) is None


def commented(head: bytes, size: int) -> bool:
    """Whether the comments that open a file, or the label of FHIR, say so. `head`: its first bytes; `size`: all."""
    return _labelled(head, whole=size <= len(head)) or says_so("\n".join(_comments(_decoded(head))))


def _decoded(head: bytes) -> str:
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError:
        return head.decode("cp1252", "replace")


def _comments(text: str) -> Iterable[str]:
    for line in text[: _LINES * 200].split("\n")[:_LINES]:
        if line.strip() and not _COMMENT.match(line):
            return
        yield line


def _labelled(head: bytes, *, whole: bool) -> bool:
    label, records = _HTEST.search(head), _RECORDS.search(head)
    if label is None:
        return False
    if records is not None:
        return label.start() < records.start() and len(_RESOURCE.findall(head[: records.start()])) <= 1
    return whole and len(_RESOURCE.findall(head)) <= 1


def titled(table: Table) -> bool:
    """Whether a title over a table says so."""
    from phiscan.recognize.table import rows_of
    from phiscan.recognize.titles import titles_of

    if table.kind not in ("csv", "sheet"):
        return False
    titles: list[str] = []
    for row in rows_of(table.sample(), _TITLES):
        if sum(bool(cell.strip()) for cell in row) > 1:
            break
        titles += titles_of([row])
    return bool(titles) and says_so("\n".join(titles))


class Marks:
    """What the passages of one part say of themselves, in reading order."""

    def __init__(self, ruleset: Ruleset, *, letter: bool) -> None:
        """`letter`: it is a mail, which speaks of other documents."""
        self._ruleset = ruleset
        self.head = not letter  # whether nothing was read yet in which it may be said
        self._left = _LONGEST
        self._said: dict[str, set[bytes]] = {name: set() for name in LESSON}
        self.invented = False

    def see(self, found: Found) -> None:
        """Take a passage."""
        if self.head and found.folded.strip():
            self.head = False
            top = found.folded[: self._begin(found)]
            self.invented = len(_OF_LETTER.findall(top)) < _HEADERS and says_so(top.decode("ascii"))
        self._left -= len(found.normal)
        for name, said in self._said.items() if self._left > 0 else ():
            said.update(match.group() for match in list_words(name).finditer(found.normal))

    def _begin(self, found: Found) -> int:
        """Return where the first patient is named; what is written like a mark is no name."""
        recognizers = self._ruleset.recognizers
        for span in found.spans:
            recognizer = recognizers[span.recognizer]
            patient = (span.role or recognizer.role or Role.PATIENT) is Role.PATIENT
            written = normal(found.folded[span.start : span.end].decode("ascii")).encode()
            if recognizer.category in _TELLING and patient and not list_words("invented_marks").search(written):
                return min(_TOP, span.start)
        return _TOP

    @property
    def lesson(self) -> bool:
        """Whether the part is an examination with its questions and points, or a course with its vignettes."""
        paper, asked, course, case = (len(self._said[name]) for name in LESSON)
        vignette = b"vignette" in b" ".join(self._said["lesson_cases"])
        return self._left > 0 and (
            (paper >= _PAPER and asked > 0) or (course > 0 and vignette and course + case > _LESSON)
        )


LESSON = ("lesson_papers", "lesson_questions", "lesson_courses", "lesson_cases")


@cache
def pattern_of_tests() -> str:
    """Return a pattern, for `re` and for Arrow, of surnames as they are written of patients in tests."""
    from phiscan.content import recognizers_folder

    lines = (recognizers_folder() / "identity" / "invented_names.txt").read_text(encoding="ascii").splitlines()
    shapes = "|".join(line.strip() for line in lines if line.strip() and not line.startswith("#"))
    return rf"(?i)^\s*(?:{shapes})\s*$"


def is_test_name(surname: str) -> bool:
    """Whether a surname is that of a test.

    >>> [is_test_name(name) for name in ("ZZTEST", "TEST-DUPONT", "PAT-TROIS", "Dupont TEST")]
    [True, True, True, True]
    >>> [is_test_name(name) for name in ("TESTARD", "Testud", "PATIENT", "Fictivo", "DUPONT")]
    [False, False, False, False, False]
    """
    return re.search(pattern_of_tests(), surname) is not None


def names_of_tests(surnames: pa.StringArray) -> npt.NDArray[np.bool_]:
    """Return which surnames are those of tests."""
    import pyarrow.compute as pc

    found: npt.NDArray[np.bool_] = pc.match_substring_regex(surnames, pattern_of_tests()).to_numpy(zero_copy_only=False)
    return found
