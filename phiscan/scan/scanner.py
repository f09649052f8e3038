"""What a worker does with one open file: parts, chunks, hits, and a tally for each part.

It runs confined and answers with JSON and raw arrays. Nothing here knows where the file lies or
who may read it; of the path it gets what has to be searched like content.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from phiscan.errors import Unreadable
from phiscan.fold import compose, fold
from phiscan.link.numbers import Register
from phiscan.link.text import TextLinker
from phiscan.model import Assertion, Gap, Kind, Limits, Part, Table, Text
from phiscan.recognize.invented import HEAD, LETTERS, MOST_INVENTED, Marks, commented, titled
from phiscan.recognize.pathname import name_in, words_of
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import Found, TextPath
from phiscan.scan.paced import PacedFile
from phiscan.seal import Sealer
from phiscan.tally import Tally

if TYPE_CHECKING:
    from phiscan.recognize.plan import Plan

Scanned = tuple[Part, Tally, list[Gap]]


_SECTIONED = (Assertion.HISTORY, Assertion.FAMILY)  # what the heading over a code says of it
_FEWEST_IN_PROGRAMS = 3  # persons: documentation and tests of programs name one or two


class Observer:
    """Sees what a scan finds, for `phiscan explain`. The default sees nothing."""

    everything = False

    def part(self, part: Part) -> None:
        """A part begins."""

    def path(self, found: Found, linker: TextLinker) -> None:
        """The path of a part was searched and linked."""

    def text(self, found: Found, chunk: Text, linker: TextLinker) -> None:
        """A passage was searched and linked."""

    def table(self, table: Table, plan: Plan, tally: Tally) -> None:
        """A table was read."""

    def linked(self, linker: TextLinker) -> None:
        """The passages of a part are read: it is known who each record is about."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """Reads files with one ruleset. Shared by the workers, which are forked from the process that made it."""

    ruleset: Ruleset
    sealer: Sealer
    limits: Limits
    observer: Observer = field(default_factory=Observer)

    def task(self, descriptor: int, meta: dict[str, Any]) -> tuple[dict[str, Any], Sequence[bytes]]:
        """Read the file behind `descriptor`. `meta`: its `name` (path below the root given) and `size`.

        With `share` (number, of how many) several workers read one large table: the first reads whatever cannot
        be divided, the others only their rows. Answers `{"content": …, "parts": […]}`, with two arrays (keys,
        masks) for each part. A part that is not `listed` is a container: only its gaps are told.
        """
        from phiscan.isolate import report

        parts, arrays = [], []
        number, shares = meta.get("share", (0, 1))
        pace = meta.get("pace")
        scanned = merged(self.scan(descriptor, meta["name"], meta["size"], report, (number, shares), pace))
        holders = _holders(scanned)
        for part, tally, gaps in scanned:
            data, raw = tally.wire()
            parts.append(
                {
                    "member": part.member,
                    "type": part.type,
                    "size": part.size,
                    "status": part.status,
                    "decided_by": part.decided_by,
                    "weak": part.weak,
                    "listed": part.status != "gap" or part.member not in holders,
                    "tally": data,
                    "gaps": [asdict(gap) for gap in gaps],
                }
            )
            arrays += raw
        return {"content": "" if number else self.sealer.content(descriptor), "parts": parts}, arrays

    def scan(
        self,
        descriptor: int,
        name: str,
        size: int,
        progress: Callable[[int], None] = lambda done: None,
        share: tuple[int, int] = (0, 1),
        pace: float | None = None,
    ) -> list[Scanned]:
        """Return each part of a file with what was found in it and what could not be read.

        `pace`: no more than so many of its bytes a second are read.
        """
        from phiscan.extract import parts
        from phiscan.extract.kind import kind_of

        done = []
        marked = share[1] == 1 and commented(os.pread(descriptor, HEAD, 0), size)
        with _stream(os.dup(descriptor), pace) as stream:
            for part in parts(stream, os.path.basename(name), size, self.limits):
                self.observer.part(part)
                if share[0]:
                    return [(part, *self._share(part, name, share))]
                done.append((part, *self._part(part, name, share, marked=marked and not part.member)))
                progress(min(stream.tell(), size))
            if not done:  # an archive without members was read, too
                done.append((Part("", kind_of(stream, os.path.basename(name)).mime, size, iter(())), Tally(), []))
        return done

    def _share(self, part: Part, name: str, share: tuple[int, int]) -> tuple[Tally, list[Gap]]:
        """Read this share of a part that is one divisible table, and nothing of any other."""
        tally, gaps = Tally(), list[Gap]()
        chunk = next(iter(part.chunks), None)
        if isinstance(chunk, Table):
            gaps = self._table(chunk, tally, 1, share, _path(name, part))
        return tally, gaps

    def _part(self, part: Part, name: str, share: tuple[int, int], *, marked: bool) -> tuple[Tally, list[Gap]]:
        """Read a part. `marked`: the head of the file says that whoever stands in it is invented."""
        from phiscan.extract.kind import is_program

        tally, gaps, read = Tally(), list[Gap](), False
        program = is_program(part.member or name, part.type)
        linker = TextLinker(self.ruleset, self.sealer, tally, fewest=_FEWEST_IN_PROGRAMS if program else 1)
        linker.trace = self.observer.everything
        path, marks = TextPath(self.ruleset), Marks(self.ruleset, letter=part.type in LETTERS)
        self._path_words(f"{name}!{part.member}", path, linker)
        tables, register = 0, Register(self.ruleset, self.sealer)
        for chunk in part.chunks:
            if isinstance(chunk, Gap):
                gaps.append(chunk)
            elif isinstance(chunk, Text):
                read = read or not chunk.text.isspace()
                gaps += self._text(chunk, path, linker, marks)
            elif share[1] == 1 and self._is_form(chunk):
                read = True
                gaps += self._form(chunk, path, linker)
            else:
                tables += 1
                before = tally.records
                gaps += self._table(chunk, tally, tables, share, _path(name, part), register)
                read = read or tally.records > before
            marks.head &= isinstance(chunk, Gap | Text)
        register.close(tally)
        linker.lesson = marks.lesson
        linker.close()
        if (marked or marks.invented) and len(tally.keys) <= MOST_INVENTED:
            tally.invent()
        self.observer.linked(linker)
        if gaps and part.status in ("scanned", "partial"):
            part.status = "partial" if read else "gap"
        return tally, gaps

    def _path_words(self, name: str, path: TextPath, linker: TextLinker) -> None:
        """A path is content too: its words are searched, and it may name a person."""
        folded = fold(compose(name)).decode("ascii")
        found = path.find(words_of(folded).encode(), everything=True)
        kinds = (self.ruleset.recognizers[span.recognizer].kind for span in found.spans)
        named = name_in(folded, stated=any(kind is Kind.HEALTH for kind in kinds))
        if found.spans or named:
            linker.add_path(found, named)

    def _text(self, chunk: Text, path: TextPath, linker: TextLinker, marks: Marks | None = None) -> list[Gap]:
        text = compose(chunk.text)
        found = path.find(
            fold(text),
            trace=self.observer.everything,
            patient=linker.has_person,
            prose=chunk.prose,
            text=text,
            model=self.ruleset.model if chunk.prose else None,
            stated=False,
        )
        if marks is not None:
            marks.see(found)
        if found.spans:
            self._qualify(found, text, chunk, path, linker)
            linker.add(found, chunk)
        else:
            linker.pass_by(found)
        self.observer.text(found, chunk, linker)
        return [Gap("recognize", "crash", "the site's spaCy model could not read a passage")] if found.failed else []

    def _qualify(self, found: Found, text: str, chunk: Text, path: TextPath, linker: TextLinker) -> None:
        """Say how facts are stated: those of somebody in prose by their sentences and headings, all others by cues."""
        facts = [
            (at, span)
            for at, span in enumerate(found.spans)
            if self.ruleset.recognizers[span.recognizer].kind is Kind.HEALTH
            and self.ruleset.recognizers[span.recognizer].category != "exam_date"
        ]
        if not facts or not chunk.prose or not linker.names_somebody(found):
            path.state(found)
            return
        from phiscan.recognize.prose import qualify_prose, reasons_of

        kinds = [self.ruleset.recognizers[span.recognizer].category for _, span in facts]
        spans = [span for _, span in facts]
        stated = qualify_prose(text, found.folded, found.normal, spans, kinds)
        if self.observer.everything:
            why = reasons_of(text, found.folded, found.normal, spans, kinds)
            own = zip(facts, why, strict=True)
            found.reasons.update({id(span): one for (at, span), one in own if not found.coded[at]})
        for (at, _), assertion in zip(facts, stated, strict=True):
            if not found.coded[at] or (not found.assertions[at] and assertion in _SECTIONED):
                found.assertions[at] = assertion

    def _is_form(self, table: Table) -> bool:
        from phiscan.isolate.libraries import load_arrow
        from phiscan.recognize.form import LOOKED_AT, is_form
        from phiscan.recognize.table import rows_of

        load_arrow()
        try:
            return table.names is None and is_form(rows_of(table.sample(), LOOKED_AT), self.ruleset)
        except Unreadable:
            return False  # reading it as a table tells why

    def _form(self, table: Table, path: TextPath, linker: TextLinker) -> list[Gap]:
        from phiscan.recognize.form import as_text

        gaps: list[Gap] = []
        try:
            for chunk in as_text(table):
                gaps += self._text(chunk, path, linker)
        except Unreadable as error:
            gaps.append(Gap("extract", error.reason, error.detail))
        return [*gaps, *table.gaps]

    def _table(
        self, table: Table, tally: Tally, order: int, share: tuple[int, int], path: str,
        register: Register | None = None,
    ) -> list[Gap]:
        from phiscan.isolate.libraries import load_arrow
        from phiscan.recognize.shape import shaped
        from phiscan.recognize.table import read_table

        load_arrow()
        try:
            for one in shaped(table, self.ruleset):
                if one is not table and share[0]:
                    break  # the first of several workers reads all
                found = Tally()
                own = share if one is table else (0, 1)
                plan = read_table(one, self.ruleset, self.sealer, found, order, own, register, path)
                self.observer.table(one, plan, found)
                if share[1] == 1 and len(found.keys) <= MOST_INVENTED and titled(one):
                    found.invent()
                tally.add(found)
        except Unreadable as error:
            return [*table.gaps, Gap("extract", error.reason, error.detail)]
        return table.gaps


def _path(name: str, part: Part) -> str:
    return fold(compose(f"{name}!{part.member}")).decode("ascii")


def _stream(descriptor: int, pace: float | None) -> BinaryIO:
    return os.fdopen(descriptor, "rb") if pace is None else io.BufferedReader(PacedFile(descriptor, pace))


def merged(scanned: Iterable[Scanned]) -> list[Scanned]:
    """Return one entry for each member: what extraction says of one in several parts, put together.

    The part that was read gives type and size; a gap beside it makes it partial.
    """
    found: dict[str, Scanned] = {}
    for part, tally, gaps in scanned:
        if part.member not in found:
            found[part.member] = part, tally, gaps
            continue
        known, total, missed = found[part.member]
        total.add(tally)
        missed += gaps
        main, other = (part, known) if known.status == "gap" else (known, part)
        if other.status != main.status:
            main.status = "partial"
        found[part.member] = main, total, missed
    return list(found.values())


def _holders(scanned: Iterable[Scanned]) -> set[str]:
    """Return the members that hold other members; "" is the file itself."""
    found = set()
    for member in {part.member for part, _, _ in scanned} - {""}:
        found.add("")
        found |= {member[:at] for at, char in enumerate(member) if char == "!"}
    return found
