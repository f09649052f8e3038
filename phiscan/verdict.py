"""From a tally to the facts that rules judge: persons counted, test persons set apart."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from phiscan.fold import fold_str
from phiscan.judge import CategoryFacts, Facts
from phiscan.link import Identity, canonical
from phiscan.messages import Told
from phiscan.model import Assertion, Kind, Level, Severity
from phiscan.recognize.names import Name
from phiscan.report.model import CategoryReport, PersonCount, RuleReport
from phiscan.seal import Sealer
from phiscan.tally import INEXACT, INVENTED, STRONG, Tally

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from phiscan.recognize.ruleset import Ruleset


@dataclass(frozen=True, slots=True)
class Judged:
    """A judged tally, as the report shows it."""

    severity: Severity
    rules: tuple[RuleReport, ...]
    persons: PersonCount
    identified_health: PersonCount
    categories: Mapping[str, CategoryReport]


def facts_of(
    tally: Tally, level: Level, ruleset: Ruleset, test_persons: npt.NDArray[np.uint64] | None = None
) -> Facts:
    """Return what rules may know of a tally.

    Fictitious people are counted apart: those whom files say to be invented, and `test_persons`, sorted keys.
    """
    import numpy as np

    keys, masks = tally.keys, tally.masks
    real = (masks & np.uint64(INVENTED)) == 0
    if test_persons is not None and len(test_persons) and len(keys):
        real &= ~np.isin(keys, test_persons)
    fictitious = int(len(keys) - real.sum())
    if fictitious:
        masks = masks[real]
    health = np.uint64(sum(1 << bit for name, bit in ruleset.bits.items() if ruleset.kinds[name] is Kind.HEALTH))
    with_health = masks[(masks & health) != 0]
    inexact, strong = np.uint64(INEXACT), np.uint64(STRONG)
    categories = {}
    for name, bit in ruleset.bits.items():
        if name in tally.hits:
            persons = int(np.count_nonzero(masks & np.uint64(1 << bit)))
            counts = tally.hits[name]
            stated = {Assertion(at).name.lower(): count for at, count in enumerate(counts) if count}
            categories[name] = CategoryFacts(ruleset.kinds[name], sum(counts), persons, stated)
    return Facts(
        level=level,
        records=tally.records,
        persons=len(masks),
        exact=not bool((masks & inexact).any()),
        identified_health=len(with_health),
        identified_health_exact=not bool((with_health & inexact).any()),
        strong_persons=int(np.count_nonzero(masks & strong)),
        categories=categories,
        test_persons=fictitious,
    )


TEST_COLUMNS = (
    "nir", "ins", "patient_id", "last_name", "birth_name", "first_name", "birth_date", "address", "email", "phone",
)  # fmt: skip


def load_test_persons(path: Path | None, sealer: Sealer) -> npt.NDArray[np.uint64] | None:
    """Return the keys under which a site's fictitious people may be found, sorted; None where none are declared.

    The file is CSV (`;` or `,`, UTF-8) with a header line of some of: nir, ins, patient_id, last_name,
    birth_name, first_name, birth_date, address, email, phone; one line is one person. Raises `Told` where it cannot be
    read, where a column is none of these, and for a line with a birth date that is none, or by which nobody is known.
    """
    if path is None:
        return None
    import numpy as np

    names: dict[str, None] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head = file.readline()
            file.seek(0)
            reader = csv.DictReader(file, delimiter=";" if ";" in head else ",")
            unknown = [at for at, name in enumerate(reader.fieldnames or (), 1) if name not in TEST_COLUMNS]
            if unknown or not reader.fieldnames:
                # By its number: a file without a header line begins with somebody.
                raise Told("tests.column", path=str(path), number=(unknown or [1])[0], known=", ".join(TEST_COLUMNS))
            for row in reader:
                cells = {key: fold_str(value or "").strip() for key, value in row.items() if key in TEST_COLUMNS}
                if any(cells.values()):
                    names |= dict.fromkeys(_fictitious(cells, f"{path}:{reader.line_num}"))
    except OSError as error:
        raise Told("tests.file", path=str(path), why=error.strerror or "") from None
    except (UnicodeDecodeError, csv.Error):
        raise Told("tests.file", path=str(path), why="CSV, UTF-8") from None
    return np.sort(sealer.persons(list(names))) if names else None


def _fictitious(cells: Mapping[str, str], place: str) -> list[str]:
    if cells.get("birth_date") and not canonical.birth_date(cells["birth_date"]):
        raise Told("tests.date", place=place)
    known = _all_names(cells)
    if not known:
        raise Told("tests.line", place=place)
    return known


def _all_names(row: Mapping[str, str]) -> list[str]:
    """Every string a person may be counted by, whatever of the identity stands in a record."""
    first, last = canonical.first_given(row.get("first_name", "")), canonical.name(row.get("last_name", ""))
    families = {last, canonical.name(row.get("birth_name", ""))} - {""}
    numbers = {canonical.nir(row.get("nir", "")), canonical.nir(row.get("ins", ""))}
    born, home = canonical.birth_date(row.get("birth_date", "")), canonical.address(row.get("address", ""))
    found = set()
    for family in families or {""}:
        for number in numbers | {""}:
            for date in {born, ""}:
                name = Name(family, first)
                for address in {home, ""}:
                    one = Identity(nir=number, name=name, birth_date=date, address=address, placed=True)
                    found.add(one.named()[0])
    for alone in (
        Identity(patient_id=canonical.number(row.get("patient_id", ""))),
        Identity(email=canonical.email(row.get("email", ""))),
        Identity(phone=canonical.phone(row.get("phone", ""))),
    ):
        found.add(alone.named()[0])
    return sorted(found - {""})
