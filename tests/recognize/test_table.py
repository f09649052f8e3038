"""The table path: rows are records, columns have roles, and however a table is cut, the tally is the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.extract.plain import read_text_or_table
from phiscan.fold import fold, fold_str
from phiscan.link import Identity, canonical
from phiscan.link.text import TextLinker
from phiscan.model import CATEGORIES, Assertion, Table, Text
from phiscan.recognize.bytewise import filled_rows
from phiscan.recognize.examples import find_cells
from phiscan.recognize.names import Name
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.table import read_table, rows_of
from phiscan.recognize.text import TextPath
from phiscan.seal import Sealer
from phiscan.tally import INEXACT, STRONG, Tally, union
from tests.recognize.small import of, small

SEALER = Sealer(b"the key of the tests")
Rows = Sequence[Sequence[str]]


def batch(rows: Rows, width: int) -> pa.RecordBatch:
    columns = [pa.array([fold_str(row[i]) if i < len(row) else "" for row in rows], pa.string()) for i in range(width)]
    return pa.record_batch(columns, [f"c{i}" for i in range(width)])


def table_of(rows: Rows, cuts: Sequence[int] = (), names: tuple[str, ...] | None = None, sample: int = 1500) -> Table:
    """Return a table of rows; `cuts`: the rows at which a new batch begins; `sample`: the rows looked at first."""
    width = max((len(row) for row in rows), default=len(names or ()))
    ends = [0, *sorted(set(cuts)), len(rows)]
    parts = [batch(rows[a:b], width) for a, b in pairwise(ends)]
    return Table(width, lambda: iter(parts), lambda: batch(rows[:sample], width), names)


def cells_of(text: str) -> list[list[str]]:
    return [line.split(";") for line in text.strip("\n").split("\n")]


def tallied(table: Table | str, ruleset: Ruleset | None = None) -> Tally:
    tally = Tally()
    made = table_of(cells_of(table)) if isinstance(table, str) else table
    read_table(made, ruleset or small(), SEALER, tally)
    return tally


def named(mask: int) -> list[str]:
    """Return what a person's mask says, in words."""
    flags = [name for name, flag in (("STRONG", STRONG), ("INEXACT", INEXACT)) if mask & flag]
    return [category for bit, category in enumerate(CATEGORIES) if mask >> bit & 1] + flags


def persons(tally: Tally) -> dict[int, list[str]]:
    return {int(key): named(int(mask)) for key, mask in zip(tally.keys, tally.masks, strict=True)}


def hits(tally: Tally) -> dict[str, list[int]]:
    """Return the hits by category: affirmed, history, hypothetical, negated, family, trailing zeros left out."""
    return {
        category: counts[: max((i + 1 for i, n in enumerate(counts) if n), default=0)]
        for category, counts in tally.hits.items()
    }


def key_of(identity: Identity) -> int:
    return int(SEALER.persons([identity.named()[0]])[0])


# ---- what is in a row ----

LEAK = """\
NOM;PRENOM;DDN;NIR;CLE;VIH;REMARQUE
DUPONT;Marie;12/03/1965;2951099126111;93;POS;rien
MARTIN;Paul;01/12/1948;1850578006084;91;NEG;asthme
PETIT;Anne;;;;;
;;;;;;
INCONNU;X;;;;POS;
"""


def test_rows_are_records_and_persons() -> None:
    tally = tallied(LEAK)
    assert persons(tally) == {
        key_of(Identity(nir="2951099126111", name=Name("DUPONT", "MARIE"), birth_date="19650312")): [
            "nir",
            "person_name",
            "birth_date",
            "hiv",
            "STRONG",
        ],
        key_of(Identity(nir="1850578006084", name=Name("MARTIN", "PAUL"), birth_date="19481201")): [
            "nir",
            "person_name",
            "birth_date",
            "hiv",
            "diagnosis",
            "STRONG",
        ],
        key_of(Identity(name=Name("PETIT", "ANNE"), placed=True)): ["person_name", "INEXACT"],
    }
    assert tally.records == 4
    assert hits(tally) == {"nir": [2], "person_name": [3], "birth_date": [2], "hiv": [2, 0, 0, 1], "diagnosis": [1]}


def test_samples_stand_in_rows_of_data() -> None:
    rows = ["Export du jour;;;", "NOM;PRENOM;VIH;NOTE", "DUPONT;Marie;POS;", "MARTIN;Paul;;tel 06 12 34 56 78"]
    tally = tallied("\n".join(rows))
    shown = {(one.category, one.where.row, one.where.column, one.masked) for one in tally.samples}
    assert shown == {
        ("person_name", 1, "NOM", "•••"),
        ("person_name", 1, "PRENOM", "•••"),
        ("hiv", 1, "VIH", "•••"),
        ("person_name", 2, "NOM", "•••"),
        ("phone", 2, "#4", "•••"),
    }


def test_a_nir_column_without_a_header_is_found_by_its_content() -> None:
    text = "295109912611193;POS\n269054958815780;NEG\n185057800608491;POS\n"
    tally = tallied(text)
    assert {tuple(one) for one in persons(tally).values()} == {("nir", "STRONG")}
    assert hits(tally) == {"nir": [3]}


def test_misfits_of_a_role_are_searched_as_text() -> None:
    tally = tallied("IPP;NIR\n800123;295109912611193\n800124;VIH positif\n800125;\n800126;NR\n")
    assert hits(tally) == {"patient_id": [4], "nir": [1], "hiv": [1]}
    assert persons(tally)[key_of(Identity(patient_id="800124"))] == ["patient_id", "hiv", "STRONG"]


def test_facts_in_words_stand_in_coded_columns_too() -> None:
    tally = tallied("IPP;VIH\n800123;négatif, asthme connu\n800124;POS\n800125;en cours\n800126;non fait\n800127;\n")
    assert hits(tally) == {"patient_id": [5], "hiv": [1, 0, 1, 1], "diagnosis": [1]}


def test_blood_groups_in_two_columns() -> None:
    tally = tallied("IPP;ABO;RH\n800123;A;+\n800124;O;\n800125;;-\n800126;;\n800127;AB;NEG\n")
    assert hits(tally) == {"patient_id": [5], "blood_group": [4]}, "group and rhesus of a row are one"
    assert [list(one) for one in persons(tally).values()].count(["patient_id", "blood_group", "STRONG"]) == 4


def test_code_columns() -> None:
    tally = tallied("IPP;CIM10;ATC\n800123;B20.1;\n800124;E11;J05AR10\n800125;K35;N02BE01\n800126;b20;\n")
    assert hits(tally) == {"patient_id": [4], "hiv": [3], "diagnosis": [1]}


def test_codes_after_the_name_of_their_system_in_cells() -> None:
    tally = tallied("IPP;NOTE\n800123;CIM10 : B20\n800124;B20\n800125;CIM10\n800126;code CIM Z21 et E11\n")
    assert hits(tally) == {"patient_id": [4], "hiv": [2], "diagnosis": [1]}


def test_relatives_and_doctors_are_not_the_patient() -> None:
    tally = tallied(
        "NOM;PRENOM;TEL_MERE;MEDECIN;NOM_MEDECIN;PRENOM_MEDECIN\nDUPONT;Marie;0612345678;PETIT Anne;LE GOFF;Yann\n"
    )
    assert persons(tally) == {
        key_of(Identity(name=Name("DUPONT", "MARIE"), placed=True)): ["person_name", "practitioner", "INEXACT"]
    }
    assert hits(tally) == {"phone": [1], "person_name": [1], "practitioner": [2]}


def test_a_directory_of_doctors_holds_no_patient() -> None:
    tally = tallied("NOM;PRENOM;RPPS\nDUPONT;Marie;10003123451\nMARTIN;Paul;10003123451\n")
    assert persons(tally) == {}
    assert hits(tally) == {"practitioner": [2], "rpps": [2]}


def test_what_takes_several_in_a_record() -> None:
    tally = tallied("IPP;NOTE\n800123;138 mmol/L et 4 mmol/L\n800124;VIH 138 mmol/L, 4 mmol/L, 5 g/L\n")
    assert hits(tally) == {"patient_id": [2], "hiv": [1], "lab_result": [1]}  # a cell is one hit


def test_fillers_wait_for_an_anchor_in_their_cell() -> None:
    tally = tallied("IPP;NOTE\n800123;groupe sanguin A+\n800124;VIH, groupe sanguin A+\n")
    assert hits(tally) == {"patient_id": [2], "hiv": [1], "blood_group": [1]}


def test_facts_of_text_cells_have_their_assertion() -> None:
    tally = tallied("IPP;NOTE\n800123;pas de VIH\n800124;VIH\n800125;mère VIH+\n800126;VIH ?\n800127;pas de VIH\n")
    assert hits(tally) == {"patient_id": [5], "hiv": [1, 0, 1, 2, 1]}


def test_nothing_reaches_from_one_cell_to_the_next() -> None:
    tally = tallied(
        "IPP;NOTE\n800123;charge\n800124;virale\n800125;pas de\n800126;VIH\n800127;secu\n800128;295109912611193\n"
    )
    assert hits(tally) == {"patient_id": [6], "hiv": [1]}


def test_blank_rows_are_no_records() -> None:
    assert tallied("NOM;VIH\nDUPONT;POS\n;\n;\n;NEG\n").records == 2
    assert tallied(table_of([["NOM", "VIH"]])).records == 0
    assert filled_rows(batch([["", ""], ["", "a"], [" ", ""]], 2)) == 2


def test_names_of_the_format_are_the_header() -> None:
    tally = tallied(table_of([["DUPONT", "POS"], ["MARTIN", "NEG"]], names=("NOM", "VIH")))
    assert hits(tally) == {"person_name": [2], "hiv": [1, 0, 0, 1]}
    assert tally.records == 2


def test_short_and_empty_tables() -> None:
    tables: list[list[list[str]]] = [[], [[]], [[""]], [["NOM"]], [["DUPONT"]], [["VIH"]]]
    counted = [tallied(table_of(rows)) for rows in tables]
    assert [(persons(tally), tally.records) for tally in counted] == [({}, 0)] * 4 + [({}, 1), ({}, 0)]


# ---- the whole contradicts its sample ----


def test_a_column_that_the_sample_misjudged_is_read_again() -> None:
    head = [["rien", f"{n}"] for n in range(10)]
    nirs = [
        [f"{number:013d}{97 - number % 97:02d}", f"{n}"] for n, number in enumerate(range(1850578006084, 1850578006124))
    ]
    tally = tallied(table_of([*head, *nirs], sample=10))
    assert hits(tally) == {"nir": [40]}
    assert {tuple(one) for one in persons(tally).values()} == {("nir", "STRONG")}
    assert len(persons(tally)) == 40
    assert tally.records == 50


def test_a_few_of_a_kind_are_no_contradiction() -> None:
    nirs = [[f"{number:013d}{97 - number % 97:02d}", "a"] for number in range(1850578006084, 1850578006103)]
    tally = tallied(table_of([["rien", "a"] for _ in range(10)] + nirs, sample=10))
    assert hits(tally) == {}


# ---- tables as text ----

NAMES = ["DUPONT", "LE GOFF", "MARTIN", "N'DIAYE", ""]
FIRST = ["Marie", "Jean-Paul", "Yann, Luc", ""]
BORN = ["12/03/1965", "01/12/1948", ""]
NIRS = ["295109912611193", "2 69 05 49 588 157 80", "191092B03300571", "2951099126111", ""]
row = st.fixed_dictionaries(
    {
        "NOM": st.sampled_from(NAMES),
        "PRENOM": st.sampled_from(FIRST),
        "NOM_NAISSANCE": st.sampled_from(["KERVELLA", "", ""]),
        "DDN": st.sampled_from(BORN),
        "NIR": st.sampled_from(NIRS),
        "IPP": st.sampled_from(["800123", "80-01-24", "", ""]),
        "MAIL": st.sampled_from(["Ana@exemple.fr", "", ""]),
        "TEL": st.sampled_from(["06 12 34 56 78", "06.12.34.56.78", ""]),
        "VIH": st.sampled_from(["POS", "NEG", "?", "NR", ""]),
        "MOTIF": st.sampled_from(["asthme", "fatigue", "", "NR"]),
    }
)
RowDict = dict[str, str]
KINDS = {
    "NOM": "person_name",
    "PRENOM": "person_name",
    "NOM_NAISSANCE": "person_name",
    "DDN": "birth_date",
    "NIR": "nir",
    "IPP": "patient_id",
    "MAIL": "email",
    "TEL": "phone",
    "VIH": "hiv",
    "MOTIF": "diagnosis",
}


def identity(values: RowDict) -> Identity:
    """Return who a row is about."""
    name = Name(
        canonical.name(values["NOM"]), canonical.first_given(values["PRENOM"]), canonical.name(values["NOM_NAISSANCE"])
    )
    return Identity(
        nir=canonical.nir(values["NIR"]),
        patient_id=canonical.number(values["IPP"]),
        name=name,
        birth_date=canonical.birth_date(values["DDN"]),
        email=canonical.email(values["MAIL"]),
        phone=canonical.phone(values["TEL"]),
        placed=True,
    )


def expected(rows: list[RowDict]) -> dict[int, int]:
    """Return the persons of some rows by the linker of texts: their keys and masks."""
    bits = {category: 1 << bit for bit, category in enumerate(CATEGORIES)}
    keys, masks = [], []
    for values in rows:
        who, flags = identity(values).named()
        if who:
            said = {KINDS[name] for name, value in values.items() if value not in ("", "NR")}
            keys.append(int(SEALER.persons([who])[0]))
            masks.append(sum(bits[category] for category in said) | flags)
    merged = union(np.array(keys, np.uint64), np.array(masks, np.uint64))
    return dict(zip(merged[0].tolist(), merged[1].tolist(), strict=True))


def found_in(tally: Tally) -> dict[int, int]:
    return dict(zip(tally.keys.tolist(), tally.masks.tolist(), strict=True))


@settings(max_examples=80)
@given(st.lists(row, min_size=1, max_size=12), st.permutations(list(KINDS)), st.lists(st.integers(0, 12), max_size=3))
def test_rows_name_the_persons_that_texts_name(rows: list[RowDict], order: list[str], cuts: list[int]) -> None:
    table = [order, *([values[name] for name in order] for values in rows)]
    tally = tallied(table_of(table, [cut for cut in cuts if cut < len(table)]))
    assert found_in(tally) == expected(rows)
    assert tally.records == sum(any(values.values()) for values in rows)


def linked(text: str) -> Tally:
    tally = Tally()
    linker = TextLinker(small(), SEALER, tally)
    linker.add(TextPath(small()).find(fold(text)), Text(text))
    linker.close()
    return tally


@settings(max_examples=80)
@given(row)
def test_a_row_written_as_a_form_names_the_same_person(values: RowDict) -> None:
    """But for those whom nothing names but an address: in a text that may be anybody's."""
    values = {**values, "IPP": values["IPP"].replace("-", "")}  # as the small pattern wants it
    text = "".join(f"{name} : {value}\n" for name, value in values.items() if value not in ("", "NR"))
    who = identity(values)
    theirs = who.strong or who.name or who.birth_date
    assert found_in(linked(text)) == (expected([values]) if theirs else {})


# ---- cut anywhere ----


def pictured(tally: Tally) -> tuple[object, ...]:
    """Return everything a tally counts; its samples are looked at apart."""
    return found_in(tally), tally.hits, tally.records


NOTES = [
    "rien",
    "VIH positif",
    "pas de VIH",
    "NIR 295109912611193",
    "tel 06 12 34 56 78",
    "groupe sanguin A+ VIH",
    "",
    "asthme",
]
long_row = st.tuples(
    st.sampled_from(NAMES), st.sampled_from(FIRST), st.sampled_from(["POS", "NEG", "", "?"]), st.sampled_from(NOTES)
)


@settings(max_examples=60)
@given(st.lists(long_row, min_size=1, max_size=30), st.lists(st.integers(0, 31), max_size=6))
def test_batches_of_any_size_give_the_same_tally(rows: list[tuple[str, ...]], cuts: list[int]) -> None:
    table = [["NOM", "PRENOM", "VIH", "NOTE"], *(list(one) for one in rows)]
    whole = tallied(table_of(table))
    parts = tallied(table_of(table, [cut for cut in cuts if cut <= len(table)]))
    assert pictured(parts) == pictured(whole)


def test_batches_of_any_size_give_the_same_samples() -> None:
    table = [["NOM", "VIH"], ["DUPONT", "POS"], ["MARTIN", "NEG"], ["PETIT", "POS"], ["MOREAU", "POS"]]
    whole, parts = (
        {(one.category, one.position) for one in tallied(table_of(table, cuts)).samples} for cuts in ([], [2])
    )
    assert parts == whole


@settings(max_examples=40)
@given(st.lists(st.sampled_from(NOTES), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nobody(notes: list[str], chance: object) -> None:
    rows = [[f"8001{n:02d}", note] for n, note in enumerate(notes)]
    whole = tallied(table_of([["IPP", "NOTE"], *rows]))
    chance.shuffle(rows)  # type: ignore[attr-defined]
    shuffled = tallied(table_of([["IPP", "NOTE"], *rows]))
    assert pictured(shuffled) == pictured(whole)


@settings(max_examples=60)
@given(st.lists(st.sampled_from([note for note in NOTES if "sanguin" not in note]), min_size=1, max_size=8))
def test_cells_are_found_as_passages_are(notes: list[str]) -> None:
    """Each cell of a column without a role for itself: the same hits as in a text of its own."""
    one_by_one: dict[str, int] = {}
    for note in notes:
        for category, counts in linked(note).hits.items():
            one_by_one[category] = one_by_one.get(category, 0) + sum(counts)
    tally = tallied(table_of([["zzz", note] for note in notes], names=("champ", "texte")))
    assert {category: sum(counts) for category, counts in tally.hits.items()} == one_by_one


cell = st.sampled_from(
    ["", "NOM", "VIH", "POS", "DUPONT", "Marie", "12", "295109912611193", "12/03/1965", "VIH+ et CIM10 B20", "A+", "-"]
)


@settings(max_examples=60)
@given(st.lists(st.lists(cell, min_size=3, max_size=3), min_size=1, max_size=10))
def test_any_table_is_read(rows: list[list[str]]) -> None:
    tally = tallied(table_of(rows))
    assert tally.records <= len(rows)
    assert all(sum(counts) <= 4 * len(rows) * 3 for counts in tally.hits.values())


# ---- for examples ----


def test_cells_of_a_small_table() -> None:
    rows = cells_of("NOM;VIH\nDUPONT;POS\nMARTIN;NEG\nPETIT;NR\n")
    assert find_cells(small(), rows, of(small(), "health.hiv").index) == {
        (1, 1): Assertion.AFFIRMED,
        (2, 1): Assertion.NEGATED,
    }
    assert find_cells(small(), rows, of(small(), "fr.person_name").index) == {
        (row, 0): Assertion.AFFIRMED for row in (1, 2, 3)
    }


def test_cells_of_a_fact_in_two_columns() -> None:
    rows = cells_of("IPP;ABO;RH\n800123;A;+\n800124;O;\n")
    assert find_cells(small(), rows, of(small(), "health.blood_group").index) == {
        (1, 1): Assertion.AFFIRMED,
        (1, 2): Assertion.AFFIRMED,
        (2, 1): Assertion.AFFIRMED,
    }


def test_the_first_rows_of_a_batch() -> None:
    assert rows_of(batch([["a", "b"], ["c", "d"], ["e", "f"]], 2), 2) == [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize("sheet", [None, 2])
def test_samples_know_their_sheet(sheet: int | None) -> None:
    table = table_of(cells_of("NOM;VIH\nDUPONT;POS\n"))
    table.sheet = sheet
    assert {one.where.sheet for one in tallied(table).samples} == {None if sheet is None else "#2"}


def test_shares_of_a_table_add_up_to_the_whole(tmp_path: Path) -> None:
    """Several workers read one table: whatever their number, the tally is that of one."""
    rows = ["NUM_SECU;NOM;PRENOM;DATE_NAISSANCE;VIH;NOTE"]
    rows += [
        f"{2850278006084 + number};DUPONT{chr(65 + number % 26)};Marie;12/02/{1930 + number % 70};"
        f"{'POS' if number % 7 == 0 else ''};{'sous metformine' if number % 11 == 0 else 'rien a dire'}"
        for number in range(3_000)
    ]
    path = tmp_path / "table.csv"
    path.write_text("\n".join([*rows, ""]))
    with path.open("rb") as stream:
        (table,) = read_text_or_table(stream, path.stat().st_size, path.name)
        assert isinstance(table, Table)
        whole = Tally()
        read_table(table, small(), SEALER, whole)
        for shares in (2, 3, 7):
            parts = Tally()
            for number in range(shares):
                read_table(table, small(), SEALER, parts, 0, (number, shares))
            assert parts.wire() == whole.wire()
    assert whole.records == 3_000


def test_a_table_that_cannot_be_divided_is_read_by_the_first(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('NOM;PRENOM;VIH\n"DUPONT";Marie;POS\nMARTIN;Paul;NEG\nPETIT;Anne;POS\n')
    with path.open("rb") as stream:
        (table,) = read_text_or_table(stream, path.stat().st_size, path.name)
        assert isinstance(table, Table)
        first, second = Tally(), Tally()
        read_table(table, small(), SEALER, first, 0, (0, 2))
        read_table(table, small(), SEALER, second, 0, (1, 2))
    assert (first.records, second.records, second.hits) == (3, 0, {})
