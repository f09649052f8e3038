"""Illnesses that stand alone in a titled paper: a sentence or line that is nothing else ("Diabète de type 1.").

Nothing says there whose they are. They are the person's, unless what stands round them makes them items of what the
paper deals with: the subjects of a post, a course, an article.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate

from phiscan.recognize.illnesses import is_illness, nothing_but
from phiscan.recognize.listwords import list_words
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span
from phiscan.recognize.text import Found

_SENTENCE = re.compile(rb"(?:[^.;!?\n]|[.;!?](?![ \n]|\Z))+")
_BLANK = re.compile(rb"\n[ ]*\n")
_OPENS_LIST = re.compile(rb"[:0-9]\Z")
_LEAD = 80  # bytes in which a sentence begins
_ROUND = b" -*#:\n"  # signs round a heading
_LABEL = re.compile(rb"[a-z][^:,]{1,30}:")
_POST = re.compile(rb"(?:[0-9]{1,2}/)?(?:19|20)[0-9]{2}(?![0-9])")  # the years of a post begin its line
_TELLS = re.compile(rb"(?<![a-z])(?:est|sera|a ete|elle|il|nee? le|mme|madame|monsieur)(?![a-z])")
_AUTHOR = rb"(?!Permis|Categorie|Groupe|Niveau|Type|Grade|Classe)[A-Z][A-Za-z'\-]+ [A-Z]{1,2}"
_AUTHORS = re.compile(_AUTHOR + rb"(?:(?:,| et| &) " + _AUTHOR + rb")*(?:,? et al)?")  # "Leroy A, Petit L"

_ARTICLE = re.compile(_AUTHORS.pattern + rb"[.,:] (?![^\n]*[ ,]nee? )[^\n]*(?<![0-9/])(?:19|20)[0-9]{2}(?![0-9])")


def is_author(start: int, folded: bytes) -> bool:
    """Whether a name stands in a line that is a reference to an article: what it is about is nobody's."""
    return _ARTICLE.match(folded, folded.rfind(b"\n", 0, start) + 1) is not None


def stands_alone(facts: list[Span], named: int, found: Found, ruleset: Ruleset) -> bool:
    """Whether a sentence or line behind a name is an illness and nothing else, and no subject of the paper."""
    ill = sorted(
        (fact for fact in facts if is_illness(ruleset.recognizers[fact.recognizer])), key=lambda fact: fact.start
    )
    starts = [fact.start for fact in ill]
    reached = list(accumulate((fact.end for fact in ill), max))
    places = [one.span() for one in _SENTENCE.finditer(found.folded, named) if one[0].strip()]
    bare = [
        nothing_but(ill[bisect_left(starts, start) : bisect_left(starts, end)], start, end, found.normal)
        for start, end in places
    ]
    sentences = _Sentences(places, bare, found.folded, found.normal)
    in_list, in_section = sentences.in_lists(), sentences.in_sections()
    for at, (start, _) in enumerate(places):
        if not at or not bare[at] or not found.folded[start : start + _LEAD].lstrip()[:1].isalpha():
            continue
        before = bisect_left(starts, places[at - 1][1])
        told = before and reached[before - 1] >= places[at - 1][1]
        if not (told or in_list[at] or in_section[at] or sentences.behind_post(at)):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Sentences:
    """The sentences and lines of a passage, and which of them are an illness and nothing else."""

    places: list[tuple[int, int]]
    bare: list[bool]
    folded: bytes
    normal: bytes

    def in_lists(self) -> list[bool]:
        """Return of which sentences what stands before begins a list, or another illness stands right beside.

        A paragraph of illnesses and nothing else is no list of subjects, for nothing says what they would be of.
        """
        found, first = [False], 0  # `first`: of the illnesses one behind the other, or what stands before them
        for at in range(1, len(self.places)):
            parted = self._parted(at)
            first = first if self.bare[at - 1] and not parted else at if parted else at - 1
            behind = at + 1 < len(self.bare) and self.bare[at + 1] and not self._parted(at + 1)
            beside = not self.bare[first] and (first < at - 1 or behind)
            found.append(beside or _OPENS_LIST.search(self._folded(at - 1)) is not None or self._is_heading(at - 1))
        return found

    def in_sections(self) -> list[bool]:
        """Return above which a heading or label stands whose sentences are subjects, and no other label between."""
        found = [False]
        for at in range(1, len(self.places)):
            words = self._normal(at - 1)
            ended = self._parted(at) and not (self.bare[at - 1] or self._is_heading(at - 1))
            begins = list_words("papers_sections").match(words) is not None
            found.append(not ended and (begins or (found[-1] and not _LABEL.match(words))))
        return found

    def behind_post(self, at: int) -> bool:
        """Whether what stands right before names a post, where doctors work, or the authors of an article."""
        if self._parted(at):
            return False
        words, before = self._normal(at - 1), self._folded(at - 1)
        if _POST.match(before) or _AUTHORS.fullmatch(before):
            return True
        return list_words("papers_medicine").search(words) is not None and _TELLS.search(words) is None

    def _is_heading(self, at: int) -> bool:
        return any(list_words(name).fullmatch(self._normal(at)) for name in ("papers_rubrics", "papers_sections"))

    def _parted(self, at: int) -> bool:
        """Whether a blank line parts a sentence from the one before it."""
        return _BLANK.search(self.folded, self.places[at - 1][1], self.places[at][0] + 1) is not None

    def _folded(self, at: int) -> bytes:
        return self.folded[slice(*self.places[at])].strip()

    def _normal(self, at: int) -> bytes:
        return self.normal[slice(*self.places[at])].strip(_ROUND)
