"""phiscan as the evaluation runs it: the scanner on a document's text, as a file of its own in a public place."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from phiscan.content import recognizers_folder, rules_folder
from phiscan.fold import fold
from phiscan.judge import Facts, Rule, judge, load_rules, severity
from phiscan.link.text import TextLinker
from phiscan.model import Kind, Level, Limits, Role, Severity, Text
from phiscan.recognize.load import load_ruleset
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span
from phiscan.recognize.text import Found
from phiscan.scan.scanner import Observer, Scanner
from phiscan.seal import Sealer
from phiscan.tally import Tally
from phiscan.verdict import facts_of
from tests.eval.documents import Document
from tests.eval.score import Hit, Read


class Watcher(Observer):
    """Notes the spans that count, in the document's own positions."""

    def __init__(self, ruleset: Ruleset, text: str) -> None:
        self.ruleset, self.text_ = ruleset, text
        self.hits: list[Hit] = []
        self._at = 0

    def text(self, found: Found, chunk: Text, linker: TextLinker) -> None:
        begun = self.text_.find(chunk.text, self._at)
        cells = [] if begun >= 0 else _cells(chunk.text, fold(self.text_).decode("ascii"))
        for span, assertion in zip(found.spans, found.assertions, strict=True):
            recognizer = self.ruleset.recognizers[span.recognizer]
            if self.is_nobodys(span):
                continue
            moved = begun if begun >= 0 else next(by for start, by in reversed(cells) if start <= span.start)
            place = moved + span.start, moved + span.end
            self.hits.append(Hit(*place, recognizer.category, recognizer.id, assertion))

    def is_nobodys(self, span: Span) -> bool:
        """Whether a span is somebody else's, a telephone for one: it identifies no patient, and is not noted."""
        recognizer = self.ruleset.recognizers[span.recognizer]
        role = span.role or recognizer.role or Role.PATIENT
        return recognizer.kind is Kind.IDENTIFIER and role is not Role.PATIENT


def _cells(passage: str, text: str) -> list[tuple[int, int]]:
    """Of a form, read cell by cell: where each cell begins in the passage, and how much further on in the text."""
    found, start, at = [(0, 0)], 0, 0
    for cell in passage.replace("\n", ";").split(";"):
        there = text.find(cell.strip(), at)
        assert there >= 0, "the cell is not the document's"
        if cell.strip():
            found.append((start, there - (len(cell) - len(cell.lstrip())) - start))
            at = there + len(cell.strip())
        start += len(cell) + 1
    return found


@cache
def shipped() -> tuple[Ruleset, tuple[Rule, ...]]:
    """Return the ruleset and the rules that phiscan comes with."""
    ruleset = load_ruleset([recognizers_folder()])
    return ruleset, load_rules([rules_folder()], ruleset.kinds)


def read(document: Document) -> Read:
    """Scan one document."""
    watcher = Watcher(shipped()[0], document.text)
    facts, persons = scanned(document.path, document.text.encode(), watcher)
    return Read(watcher.hits, persons, severity_of(facts))


def judged(path: Path) -> tuple[Severity, int]:
    """Return the severity of a file in a public place, and how many persons it gives a health fact."""
    facts, _ = scanned(path.name, path.read_bytes(), Observer())
    return severity_of(facts), facts.identified_health


def scanned(name: str, data: bytes, observer: Observer) -> tuple[Facts, list[frozenset[str]]]:
    """Return what rules may know of a file, and the categories of each person in it."""
    ruleset, _ = shipped()
    scanner, total = Scanner(ruleset, Sealer.ephemeral(), Limits(), observer), Tally()
    descriptor = os.memfd_create("document")
    try:
        os.write(descriptor, data)
        for _, tally, gaps in scanner.scan(descriptor, name, len(data)):
            assert not gaps, gaps
            total.add(tally)
    finally:
        os.close(descriptor)
    masks = total.masks.tolist()
    persons = [frozenset(name for name, bit in ruleset.bits.items() if mask >> bit & 1) for mask in masks]
    return facts_of(total, Level.PUBLIC, ruleset), persons


def severity_of(facts: Facts) -> Severity:
    return severity(judge(facts, shipped()[1]))
