"""Texts with their facts in brackets, how each is stated and its category: `[HTA]{negated diagnosis}`.

Those of `wordings/` are one a line; those of `letters/` are whole documents, divided by a line of three hyphens, each
file by an author of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from phiscan.fold import fold
from phiscan.model import Assertion
from phiscan.recognize.prose import Page
from phiscan.recognize.recognizer import TERM
from phiscan.recognize.spans import Span, normal_form
from tests.eval.documents import Document, Mark
from tests.recognize.sentences import CUES_ONLY, SENTENCES, category_of

FOLDER = Path(__file__).parent / "wordings"
LETTERS = Path(__file__).parent / "letters"
STATED = Path(__file__).parents[1] / "recognize" / "stated.txt"
_KEPT = 5.0  # what counts more: the tests hold to it, and much of it is a rare turn that says the contrary of its words
_MARK = re.compile(r"(?<!\\)\[([^\[\]]+)\]\{(\w+)(?: (\w+))?\}")


@dataclass(frozen=True, slots=True)
class Wording:
    """One text, its facts in order, how each is stated, and their categories."""

    text: str
    spans: list[Span]
    stated: list[Assertion]
    categories: list[str]
    weight: float = 1.0  # what each of its facts counts where the model learns

    def document(self, name: str) -> Document:
        """Return the text as a document of nobody's, to be read as a file is."""
        facts = zip(self.spans, self.categories, self.stated, strict=True)
        marks = tuple(Mark(span.start, span.end, (category,), stated) for span, category, stated in facts)
        return Document(name, 0, "note", "notes.txt", self.text, marks)

    def passage(self) -> tuple[str, bytes, bytes]:
        """Return the text, folded, and in normal form."""
        folded = fold(self.text)
        return self.text, folded, normal_form(folded, cells=False)

    def page(self) -> Page:
        """Return the text as the model sees it."""
        return Page(*self.passage(), self.spans, self.categories)


def read_wording(line: str) -> Wording:
    """Return the text of a line, `\\n` for a line end and `\\[` for a bracket that marks nothing."""
    line = line.replace("\\n", "\n")
    text, at = "", 0
    spans: list[Span] = []
    stated: list[Assertion] = []
    categories: list[str] = []
    for mark in _MARK.finditer(line):
        text += _plain(line[at : mark.start()])
        spans.append(Span(0, len(text), len(text) + len(mark[1]), TERM))
        text, at = text + mark[1], mark.end()
        stated.append(Assertion[mark[2].upper()])
        categories.append(mark[3] or "diagnosis")
    return Wording(text + _plain(line[at:]), spans, stated, categories)


def _plain(text: str) -> str:
    return text.replace("\\[", "[").replace("\\]", "]")


def lines(path: Path) -> list[str]:
    """Return the wordings of a file, as they are written."""
    return [line for line in path.read_text("utf-8").split("\n") if line and not line.startswith("# ")]


def wordings() -> Iterator[Wording]:
    """Yield all wordings of the folder, and those that `tests/recognize` holds to."""
    for path in sorted(FOLDER.glob("*.txt")):
        for line in lines(path):
            yield read_wording(line)
    kept = [*map(read_wording, lines(STATED)), *(read_sentence(*one) for one in (*SENTENCES, *CUES_ONLY))]
    yield from (replace(one, weight=_KEPT) for one in kept)


def letters() -> Iterator[tuple[str, Wording]]:
    """Yield the documents of `letters/`, each with the name of its author."""
    for path in sorted(LETTERS.glob("*.txt")):
        documents = path.read_text("utf-8").split("\n---\n")
        yield from ((path.stem, read_wording(one.strip("\n"))) for one in documents if not one.startswith("# "))


def read_sentence(sentence: str, stated: str) -> Wording:
    """Return a sentence with its facts in brackets; `stated` has one word for each, none where it is not known."""
    text, at = "", 0
    spans: list[Span] = []
    for mark in re.finditer(r"\[([^\]]*)\]", sentence):
        text += sentence[at : mark.start()]
        spans.append(Span(0, len(text), len(text) + len(mark[1]), TERM))
        text, at = text + mark[1], mark.end()
    categories = [category_of(text[span.start : span.end]) for span in spans]
    return Wording(text + sentence[at:], spans, [Assertion[name] for name in stated.split()], categories)
