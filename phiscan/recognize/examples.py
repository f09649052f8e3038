"""The examples a recognizer carries, run: brackets are exactly what it must find, no bracket is nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from phiscan.fold import fold
from phiscan.model import Assertion, Table
from phiscan.recognize.entities import Entity
from phiscan.recognize.recognizer import Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import TextPath
from phiscan.seal import Sealer
from phiscan.tally import Tally

_MARK = re.compile(r"\\\[|\\\]|(?P<open>\[)|(?P<close>\](?:\{(?P<assertion>[a-z]+)\})?)")


@dataclass(frozen=True, slots=True)
class Failure:
    """One example that does not hold: which file, which key, the example as written, what was found instead."""

    path: str
    key: str
    example: str
    found: str

    def __str__(self) -> str:
        return f"{self.path}: examples.{self.key}: {self.example!r}: found {self.found}"


_NAMED = re.compile(r"<(?P<label>[A-Z_]+) (?P<said>[^<>]+)>")


class _Stated:
    """A model that names what an example says it would: `<PER Yann Kerbrat>`."""

    digest = ""

    def __init__(self, named: list[tuple[str, str]]) -> None:
        self._named = named

    def entities(self, text: str) -> list[Entity]:
        """Return the entities of the example that stand in this piece of it."""
        found = ((label, text.find(said), len(said)) for label, said in self._named)
        return [Entity(label, at, at + size) for label, at, size in found if at >= 0]


def take_entities(written: str) -> tuple[str, list[tuple[str, str]]]:
    """Return an example without what a model would name in it, and that: label and words.

    >>> take_entities("vu [<PER Yann Kerbrat>]")
    ('vu [Yann Kerbrat]', [('PER', 'Yann Kerbrat')])
    """
    return _NAMED.sub(r"\g<said>", written), [(match["label"], match["said"]) for match in _NAMED.finditer(written)]


def parse_example(written: str) -> tuple[str, list[tuple[int, int, str | None]]]:
    """Return the plain text of an example and its marked spans with their assertion, if one is stated.

    >>> parse_example("pas de [VIH]{negated}")
    ('pas de VIH', [(7, 10, 'negated')])
    """
    out: list[str] = []
    spans: list[tuple[int, int, str | None]] = []
    size, last, opened = 0, 0, -1
    for match in _MARK.finditer(written):
        out.append(written[last : match.start()])
        size += match.start() - last
        last = match.end()
        if match["open"]:
            opened = size
        elif match["close"]:
            spans.append((opened, size, match["assertion"]))
        else:
            out.append(match.group()[1])
            size += 1
    out.append(written[last:])
    return "".join(out), spans


class Checker:
    """Runs the examples of recognizers, with the whole ruleset searching and one recognizer looked at."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self._text = TextPath(ruleset)

    def check(self, recognizer: Recognizer) -> Iterator[Failure]:
        """Yield what does not hold, in the order of the file."""
        examples = recognizer.file.examples
        for key, written in [("match", examples.match), ("no_match", examples.no_match)]:
            for example in written:
                found = self._mistake(recognizer, example)
                if found is not None:
                    yield Failure(self._place(recognizer, example), key, example, found)
        for example in examples.table:
            found = self._table_mistake(recognizer, example)
            if found is not None:
                yield Failure(self._place(recognizer, example), "table", example, found)

    def _place(self, recognizer: Recognizer, example: str) -> str:
        """The file in which an example stands."""
        return self.ruleset.amended.get((recognizer.id, example), recognizer.path)

    def known_misses(self, recognizer: Recognizer) -> Iterator[str]:
        """Yield the admitted failures that are found by now and should become `match`."""
        for example in recognizer.file.examples.known_miss:
            if self._mistake(recognizer, example) is None:
                yield example

    def _mistake(self, recognizer: Recognizer, written: str) -> str | None:
        written, named = take_entities(written) if recognizer.file.entities else (written, [])
        text, wanted = parse_example(written)
        model = _Stated(named) if named else None
        found = self._text.find(fold(text), everything=True, only=recognizer, text=text, model=model)
        spans = [
            (span.start, span.end, assertion)
            for span, assertion in zip(found.spans, found.assertions, strict=True)
            if span.recognizer == recognizer.index
        ]
        if _same(spans, wanted):
            return None
        return _shown(text, [(start, end, a.name.lower()) for start, end, a in spans])

    def _table_mistake(self, recognizer: Recognizer, written: str) -> str | None:
        lines = [line.split(";") for line in written.strip().splitlines()]
        marked = [[parse_example(cell) for cell in line] for line in lines]
        wanted = {(r, c): spans[0][2] for r, row in enumerate(marked) for c, (_, spans) in enumerate(row) if spans}
        rows = [[text for text, _ in row] for row in marked]
        found = find_cells(self.ruleset, rows, recognizer.index)
        good = found.keys() == wanted.keys() and all(
            stated is None or found[cell] is Assertion[stated.upper()] for cell, stated in wanted.items()
        )
        if good:
            return None
        return ", ".join(f"row {r} column {c + 1} {a.name.lower()}" for (r, c), a in sorted(found.items())) or "nothing"


def find_cells(ruleset: Ruleset, rows: Sequence[Sequence[str]], recognizer: int) -> dict[tuple[int, int], Assertion]:
    """Return the cells (row, column) that one recognizer finds in a small table, row 0 its header."""
    import pyarrow as pa

    from phiscan.fold import fold_str
    from phiscan.recognize.columns import make_plan
    from phiscan.recognize.table import TablePass

    folded = [[fold_str(cell) for cell in row] for row in rows]
    plan = make_plan(folded, None, ruleset)
    width = len(plan.columns)
    data = [row + [""] * (width - len(row)) for row in folded]
    batch = pa.record_batch([pa.array([row[i] for row in data]) for i in range(width)], [f"c{i}" for i in range(width)])
    table = Table(width, lambda: iter([batch]), lambda: batch)
    work = TablePass(plan, ruleset, Sealer.ephemeral(), Tally(), table, 0)
    work.watch = recognizer
    work.add(batch)
    return {(row + plan.first, column): assertion for (row, column), assertion in work.watched.items()}


def _same(found: list[tuple[int, int, Assertion]], wanted: list[tuple[int, int, str | None]]) -> bool:
    if [(start, end) for start, end, _ in found] != [(start, end) for start, end, _ in wanted]:
        return False
    pairs = zip(found, wanted, strict=True)
    return all(stated is None or assertion is Assertion[stated.upper()] for (_, _, assertion), (_, _, stated) in pairs)


def _shown(text: str, spans: list[tuple[int, int, str]]) -> str:
    if not spans:
        return "nothing"
    return ", ".join(f"'{text[start:end]}' ({assertion})" for start, end, assertion in spans)


__all__ = ["Checker", "Failure", "find_cells", "parse_example"]
