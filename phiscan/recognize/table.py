"""The table path: a plan from a sample, then one pass over the batches, whole columns at a time.

Roles first: a column with a role gets its check and never enters the automaton, except for the values
that do not fit the role. What has no role is searched as text (see `freetext`).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from phiscan.link.numbers import Numbers, Register
from phiscan.link.past import LONG_DEAD, deaths_in, of_today
from phiscan.link.rows import Identities
from phiscan.model import Assertion, Kind, Role, Table, Where
from phiscan.recognize.bytewise import filled_rows, is_blank, lengths
from phiscan.recognize.cellpersons import CellPersons, names_nobody
from phiscan.recognize.cells import Judged, Rows, checker, with_key
from phiscan.recognize.columns import make_plan
from phiscan.recognize.continued import Above
from phiscan.recognize.freetext import FreeText, Hits
from phiscan.recognize.invented import names_of_tests
from phiscan.recognize.plan import Column, Plan
from phiscan.recognize.recognizer import COLUMN, COUNTS_FROM, FIELD, SHAPE, VALID, Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import TextPath
from phiscan.recognize.titles import titles_of, told_of_all
from phiscan.seal import Sealer, mask
from phiscan.tally import INVENTED, SAMPLES, Sample, Tally, apart

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

SAMPLE_ROWS = 1500  # at most, of which the plan is made
_LAID_OUT = ("csv", "fixed", "sheet", "table")  # by people who see the row above; records of a database have no order
_IDENTIFYING = {"nir", "ins", "patient_id", "birth_date", "address", "email", "phone"}


def read_table(
    table: Table, ruleset: Ruleset, sealer: Sealer, total: Tally, order: int = 0, share: tuple[int, int] = (0, 1),
    register: Register | None = None, path: str | None = None,
) -> Plan:
    """Add everything that is found in `table` to `total`; `order` places its samples among those of the file.

    `share` (number, of how many) reads that part of a table that can be divided; of any other, the first share
    reads all, as of one where rows continue those above. The plan comes from the same sample everywhere, so the
    tallies of the shares add up to that of the whole.
    `register`: links the tables of one document by their numbers; rows that wait there are not in `total` yet.
    `path` (folded) is that of its file, whose name may say what everybody in it has.
    """
    shared = table.share(*share) if share[1] > 1 else None
    if shared is None and share[0]:
        return Plan(0)
    rows = rows_of(table.sample(), SAMPLE_ROWS)
    plan = make_plan(rows, table.names, ruleset)
    plan.continued = plan.continued and table.kind in _LAID_OUT
    if plan.continued and share[0]:
        return plan
    if path is not None:
        titles = [table.sheet_name, *titles_of(rows[: max(0, plan.first - 1)])]
        plan.told = [one.index for one in told_of_all(path, titles, plan, TextPath(ruleset))]
    before, batches = shared if shared is not None and not plan.continued else (0, table.batches)
    for last in (False, True):
        tally = Tally()
        numbers = register.numbers(plan, table) if register else None
        work = TablePass(plan, ruleset, sealer, tally, table, order, before, numbers)
        for batch in batches():
            work.add(batch)
        if last or not work.contradictions():
            break
        for column, recognizer in work.contradictions():  # the whole column tells otherwise than its sample
            column.give(recognizer)
    total.add(tally)
    if register and numbers:
        register.add(numbers)
    return plan


def rows_of(batch: pa.RecordBatch, limit: int) -> list[list[str]]:
    """Return the first rows of a batch as lists of cells."""
    columns = [column.slice(0, limit).to_pylist() for column in batch.columns]
    return [list(row) for row in zip(*columns, strict=True)]


class TablePass:
    """One pass over a table with a fixed plan."""

    def __init__(
        self, plan: Plan, ruleset: Ruleset, sealer: Sealer, tally: Tally, table: Table, order: int, before: int = 0,
        numbers: Numbers | None = None,
    ) -> None:
        """`before`: the rows of the table that stand before those of this pass."""
        self.plan, self.ruleset, self.sealer, self.tally, self.table = plan, ruleset, sealer, tally, table
        self.watch = -1  # a recognizer whose cells are noted, for examples
        self.watched: dict[tuple[int, int], Assertion] = {}
        self._order, self._numbers = order, numbers
        self._text = FreeText(ruleset)
        self._checks = {
            column.index: checker(ruleset.recognizers[column.recognizer], column.part, column.values)
            for column in plan.columns
            if column.recognizer >= 0
        }
        self._inside = CellPersons(ruleset, sealer, table.gaps) if names_nobody(plan, ruleset) else None
        self._deaths, self._of_today = deaths_in(plan), of_today(ruleset.recognizers)
        self._above = Above(plan, ruleset) if plan.continued else None
        self._skip = 0 if before else plan.first
        self._row = max(0, before - plan.first) + table.above  # 0 is the first row of data
        self._various: set[int] = set()  # columns with a role, of values that are mostly distinct
        self._filled: Counter[int] = Counter()
        self._sampled: Counter[tuple[int, int]] = Counter()  # (column, recognizer) → samples kept
        self._practitioner = next((r.index for r in ruleset.recognizers if r.category == "practitioner"), -1)

    def add(self, batch: pa.RecordBatch) -> None:
        """Take one batch of rows."""
        import numpy as np

        if self._skip:
            cut = min(self._skip, batch.num_rows)
            self._skip -= cut
            batch = batch.slice(cut)
        if not batch.num_rows:
            return
        work = _Batch(batch, np.zeros(batch.num_rows, np.uint64), Identities(batch.num_rows))
        for column in self.plan.columns:
            if column.skip or column.index >= batch.num_columns:
                continue
            self._column(column, batch, work)
        for (index, role), hit in work.parts.items():
            self._count(work, self.ruleset.recognizers[index], role, hit, None, None)
        self._finish(batch, work)

    def contradictions(self) -> list[tuple[Column, int]]:
        """Return the columns taken for free text that are, as a whole, full of one valid identifier."""
        found = []
        for (index, recognizer), count in self._text.proven.items():
            if count >= 20 and count >= 0.6 * self._filled[index]:
                found.append((self.plan.columns[index], recognizer))
        return found

    def _column(self, column: Column, batch: pa.RecordBatch, work: _Batch) -> None:
        values = batch.column(column.index)
        if is_blank(values):
            return
        if column.recognizer < 0:
            self._free(column, values, None, work, None)
            return
        recognizer = self.ruleset.recognizers[column.recognizer]
        if column.part == "key":
            return
        for key in self.plan.of(self.ruleset, recognizer.category, "key"):
            values = with_key(values, batch.column(key.index))
        self._with_role(column, recognizer, values, work)

    def _with_role(self, column: Column, recognizer: Recognizer, values: pa.StringArray, work: _Batch) -> None:
        import numpy as np

        distinct, rows = self._distinct(column, values)
        judged: Judged = self._checks[column.index](distinct)
        scores = self._scores(column, recognizer)
        good = scores[judged.evidence] >= COUNTS_FROM
        hit = rows.flags(good)
        if self._reassign(column, recognizer):
            recognizer = self.ruleset.recognizers[self._practitioner]
        role = recognizer.role or column.role
        if recognizer.category == "person_name" and role is Role.PATIENT and column.part != "first_name":
            work.masks |= rows.flags(names_of_tests(distinct)) * np.uint64(INVENTED)
        if column.part:
            key = (recognizer.index, role)
            work.parts[key] = work.parts[key] | hit if key in work.parts else hit
        else:
            stated = None if judged.assertion is None else rows.flags(judged.assertion)
            self._count(work, recognizer, role, hit, _of_family(stated, hit) if column.family else stated, column)
        if good.any():
            self._identify(column, recognizer, role, _Judging(values, judged, good, rows, scores), work)
            self._sample(column, recognizer, values, hit, float(scores.max()))
        odd = ~good & (lengths(distinct) > 0)
        self._rest(column, recognizer, values, rows.flags(odd) if odd.any() else None, work)

    def _distinct(self, column: Column, values: pa.StringArray) -> tuple[pa.StringArray, Rows]:
        """Return the values to be judged, and which rows they stand in.

        Each distinct value once, but where few cells are filled or most values differ: then telling them apart costs
        more than it saves.
        """
        import numpy as np
        import pyarrow as pa

        size = len(values)
        filled = lengths(values) > 0
        if 4 * np.count_nonzero(filled) < size:
            at = np.flatnonzero(filled)
            return values.take(pa.array(at)), Rows(size, at=at)
        if column.index in self._various:
            return values, Rows(size)
        encoded = values.dictionary_encode()
        if 2 * len(encoded.dictionary) > size:
            self._various.add(column.index)
        return encoded.dictionary, Rows(size, which=encoded.indices.to_numpy())

    def _scores(self, column: Column, recognizer: Recognizer) -> npt.NDArray[np.float64]:
        """The score of a cell by the evidence its check gives."""
        import numpy as np

        base = column.evidence | (FIELD if column.evidence & COLUMN else 0)
        scores = np.zeros(256)
        for evidence in (SHAPE, SHAPE | VALID):
            scores[evidence] = recognizer.score(evidence | base)
        return scores

    def _reassign(self, column: Column, recognizer: Recognizer) -> bool:
        """A doctor's name under a header made of a name's word and a doctor's is the practitioner's."""
        return recognizer.category == "person_name" and column.role is Role.PROFESSIONAL and self._practitioner >= 0

    def _identify(
        self, column: Column, recognizer: Recognizer, role: Role, found: _Judging, work: _Batch
    ) -> None:
        import pyarrow as pa

        if role is not Role.PATIENT or found.judged.canon is None:
            return
        check = self._checks[column.index]

        def canon(rows: npt.NDArray[np.int64] | None) -> pa.StringArray:
            if rows is None:
                return found.rows.strings(_forms(found.judged, found.good))
            again = check(found.values.take(pa.array(rows)))  # of few rows: cheaper than the forms of all
            return _forms(again, found.scores[again.evidence] >= COUNTS_FROM)

        if recognizer.category == "person_name":
            work.identities.add(column.part if column.part in _NAME_PARTS else "full_name", canon)
        elif recognizer.category in _IDENTIFYING and (recognizer.category == "address" or not column.part):
            work.identities.add(recognizer.category, canon)

    def _rest(
        self, column: Column, recognizer: Recognizer, values: pa.StringArray, odd: npt.NDArray[np.bool_] | None,
        work: _Batch,
    ) -> None:
        """Search as text the cells that do not fit the role (`odd`), and all of a health column that holds words."""
        if recognizer.kind is Kind.HEALTH and (column.values or recognizer.file.fields.values) in ("text", "coded"):
            self._free(column, values, None, work, recognizer)
        elif odd is not None and recognizer.category not in ("person_name", "address", "practitioner"):
            self._free(column, values, odd, work, recognizer)

    def _count(
        self, work: _Batch, recognizer: Recognizer, role: Role, hit: npt.NDArray[np.bool_],
        assertion: npt.NDArray[np.int8] | None, column: Column | None,
    ) -> None:
        """Count the rows of `hit`, and mark the category in their records."""
        import numpy as np

        if recognizer.kind is Kind.HEALTH and assertion is not None:
            for stated, count in enumerate(np.bincount(assertion[hit], minlength=len(Assertion))):
                if count:
                    self.tally.add_hits(recognizer.category, stated, int(count))
        elif count := int(np.count_nonzero(hit)):
            self.tally.add_hits(recognizer.category, Assertion.AFFIRMED, count)
        if recognizer.kind is not Kind.IDENTIFIER or role is Role.PATIENT:
            work.masks |= hit * np.uint64(1 << recognizer.bit)
        if recognizer.index == self.watch:
            self._watch(work, recognizer, hit, assertion, column)

    def _watch(
        self, work: _Batch, recognizer: Recognizer, hit: npt.NDArray[np.bool_],
        assertion: npt.NDArray[np.int8] | None, column: Column | None,
    ) -> None:
        """Note the cells that an example asks about; the filled columns of one fact are all part of it."""
        parts = [c for c in self.plan.columns if c.recognizer == recognizer.index and c.part not in ("", "key")]
        for found in [column] if column is not None else parts:
            for row in hit.nonzero()[0]:
                if work.batch.column(found.index)[int(row)].as_py():
                    stated = Assertion.AFFIRMED if assertion is None else Assertion(int(assertion[row]))
                    self.watched[self._row + int(row), found.index] = stated

    def _free(
        self, column: Column, values: pa.StringArray, only: npt.NDArray[np.bool_] | None, work: _Batch,
        owner: Recognizer | None,
    ) -> None:
        """Search a column as text. `only`: rows to look at; `owner`: whose category the column already counts."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        rows = None if only is None else np.flatnonzero(only)
        if rows is not None:
            values = values.take(pa.array(rows))
        encoded = values.dictionary_encode()
        indices = encoded.indices.to_numpy()
        if owner is None:
            self._filled[column.index] += int(pc.sum(pc.not_equal(values, "")).as_py() or 0)
        found = [
            (value, hits)
            for value, every in self._text.hits(column, encoded.dictionary)
            if (hits := every if owner is None else self._others(every, owner))
        ]
        if self._inside is not None:
            self._inside.add(self.tally, encoded, found, owner)
        if not found:
            return
        marks = self._count_free(found, np.bincount(indices, minlength=len(encoded.dictionary)).tolist())
        marked = marks[indices]
        if rows is None:
            work.masks |= marked
        else:
            work.masks[rows] |= marked
        self._note(column, found, indices, rows)

    def _others(self, hits: Hits, owner: Recognizer) -> Hits:
        return tuple(hit for hit in hits if self.ruleset.recognizers[hit.recognizer].category != owner.category)

    def _count_free(self, found: list[tuple[int, Hits]], times: list[int]) -> npt.NDArray[np.uint64]:
        """Count the categories of distinct values as often as they stand in rows; return those of each value.

        A cell is one hit of a category, however often it names it.
        """
        import numpy as np

        rows: Counter[Hits] = Counter()  # most values say the same as others
        for value, hits in found:
            rows[hits] += times[value]
        masks = {hits: self._count_alike(hits, count) for hits, count in rows.items()}
        marks = np.zeros(len(times), np.uint64)
        marks[[value for value, _ in found]] = np.array([masks[hits] for _, hits in found], np.uint64)
        return marks

    def _count_alike(self, hits: Hits, rows: int) -> int:
        """Count the categories of cells that all hold the same hits; return their mark."""
        mask, stated = 0, dict[str, Assertion]()
        for hit in hits:
            recognizer = self.ruleset.recognizers[hit.recognizer]
            stated[recognizer.category] = max(hit.assertion, stated.get(recognizer.category, hit.assertion))
            mask |= 1 << recognizer.bit
        for category, assertion in stated.items():
            self.tally.add_hits(category, assertion, rows)
        return mask

    def _note(
        self, column: Column, found: list[tuple[int, Hits]], indices: npt.NDArray[np.int32],
        rows: npt.NDArray[np.int64] | None,
    ) -> None:
        """Keep samples of what free text holds, and the cells an example asks about."""
        import numpy as np

        wanted = {r.index for r in self.ruleset.recognizers if self._sampled[column.index, r.index] < SAMPLES}
        first: dict[int, dict[int, float]] = {}  # by recognizer and row, the best score: a cell is one sample
        looked_for = wanted | {self.watch}
        begins = np.zeros(int(indices.max()) + 1, np.int64)
        begins[indices[::-1]] = np.arange(len(indices))[::-1]  # where each value stands first: the last one written
        for value, hit in ((v, h) for v, hits in found for h in hits if h.recognizer in looked_for):
            known = sorted(first.get(hit.recognizer, ()))[:SAMPLES]
            if len(known) == SAMPLES and hit.recognizer != self.watch and begins[value] > known[-1]:
                continue
            at = np.flatnonzero(indices == value)
            at = at if rows is None else rows[at]
            if hit.recognizer in wanted:
                scores = first.setdefault(hit.recognizer, {})
                scores.update((row, max(hit.score, scores.get(row, 0.0))) for row in at[:SAMPLES].tolist())
            if hit.recognizer == self.watch:
                for row in at.tolist():
                    self.watched[self._row + row, column.index] = hit.assertion
        for index, places in first.items():
            for row, score in sorted(places.items())[: SAMPLES - self._sampled[column.index, index]]:
                self._add_sample(column, self.ruleset.recognizers[index], row, score, "")

    def _sample(
        self, column: Column, recognizer: Recognizer, values: pa.StringArray, hit: npt.NDArray[np.bool_], score: float
    ) -> None:
        wanted = SAMPLES - self._sampled[column.index, recognizer.index]
        for row in hit.nonzero()[0][:wanted].tolist() if wanted else ():
            self._add_sample(column, recognizer, row, score, values[row].as_py())

    def _add_sample(self, column: Column, recognizer: Recognizer, row: int, score: float, value: str) -> None:
        self._sampled[column.index, recognizer.index] += 1
        sheet = None if self.table.sheet is None else f"#{self.table.sheet}"
        self.tally.add_sample(
            Sample(
                position=(self._order, self._row + row, column.index),
                category=recognizer.category,
                entity=recognizer.file.entity,
                recognizer=recognizer.id,
                score=round(score, 2),
                where=Where(row=self._row + row + 1, column=column.label, sheet=sheet),
                masked=mask(recognizer.category, value),
            )
        )

    def _finish(self, batch: pa.RecordBatch, work: _Batch) -> None:
        import numpy as np

        for told in self.plan.told:
            recognizer = self.ruleset.recognizers[told]
            self.tally.add_hits(recognizer.category, Assertion.AFFIRMED, filled_rows(batch))
            work.masks |= np.uint64(1 << recognizer.bit)
        self.tally.records += filled_rows(batch)
        self._row += batch.num_rows
        keys, flags = work.identities.keyed(self.sealer)
        if self.table.kind in _LAID_OUT and not self.table.relation:  # in a database such dates are mistakes
            today = work.masks & np.uint64(self._of_today) != 0
            keys[work.identities.past(self._long_dead(batch)) & ~today] = 0
        keys = apart(keys, work.masks)
        if self._numbers:
            self.tally.add_persons(*self._numbers.persons(batch, keys, flags, work.masks, self.sealer))
        else:
            self.tally.add_persons(keys[keys != 0], (work.masks | flags)[keys != 0])
        if self._above is not None:
            self.tally.add_persons(*self._above.persons(batch, keys, flags, work.masks))

    def _long_dead(self, batch: pa.RecordBatch) -> npt.NDArray[np.bool_] | None:
        """Return the rows in which somebody died long ago, None where no column tells of deaths."""
        import numpy as np
        import pyarrow.compute as pc

        dead = [
            pc.match_substring_regex(batch.column(index), LONG_DEAD).to_numpy(zero_copy_only=False)
            for index in self._deaths
            if index < batch.num_columns
        ]
        return np.logical_or.reduce(dead) if dead else None


_NAME_PARTS = {"last_name", "first_name", "birth_name"}


def _of_family(stated: npt.NDArray[np.int8] | None, hit: npt.NDArray[np.bool_]) -> npt.NDArray[np.int8]:
    """Return how facts of a relative's column are stated: what is affirmed there is the family's."""
    import numpy as np

    stated = np.zeros(len(hit), np.int8) if stated is None else stated
    mine = (stated == Assertion.AFFIRMED) | (stated == Assertion.HISTORY)
    return np.where(mine, np.int8(Assertion.FAMILY), stated)


class _Judging(NamedTuple):
    """A column with a role, judged."""

    values: pa.StringArray
    judged: Judged
    good: npt.NDArray[np.bool_]  # of the values judged
    rows: Rows
    scores: npt.NDArray[np.float64]  # by evidence


def _forms(judged: Judged, good: npt.NDArray[np.bool_]) -> pa.StringArray:
    """Return the canonical forms of the values that count, "" for the others."""
    import pyarrow as pa
    import pyarrow.compute as pc

    assert judged.canon is not None
    return judged.canon() if good.all() else pc.if_else(pa.array(good), judged.canon(), "")


class _Batch:
    """What is gathered while the columns of one batch are looked at."""

    def __init__(self, batch: pa.RecordBatch, masks: npt.NDArray[np.uint64], identities: Identities) -> None:
        self.batch, self.masks, self.identities = batch, masks, identities
        self.parts: dict[tuple[int, Role], npt.NDArray[np.bool_]] = {}  # several columns, one fact a row
