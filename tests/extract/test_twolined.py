"""Print listings whose records take several lines."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.extract.plain import read_text_or_table
from phiscan.extract.twolined import sniff_lines
from phiscan.model import Table
from tests.extract.tabling import read, rows, sampled

RULE = "-" * 60
TITLES = ["CENTRE HOSPITALIER DE VALMONT        PRESENTS DU 23/11/2026   PAGE 1", "UF 2140 - MÉDECINE", RULE]
NAMES = "LIT   NOM/PRENOM          AGE  N.DOSSIER  MVT"
WHO = [
    ("201", "LEFÈVRE BÉATRICE", "28", "269202551", "28/11/1997", "AEG + CHUTE"),
    ("202", "DE LA TOUR ZOÉ", "29", "264647762", "05/12/1996", "OAP"),
    ("203", "PETIT SIMONE", "90", "261788115", "28/06/1936", ""),
    ("204", "MARTIN HERVÉ", "68", "264925622", "18/08/1958", "SEPSIS À E. COLI"),
]
FOLD = str.maketrans("ÈÉÀ", "EEA")
COLUMNS = ("LIT", "NOM/PRENOM", "AGE", "N.DOSSIER", "MVT", "NE(E) LE", "MOTIF", "")


def record(bed: str, name: str, age: str, number: str, born: str, reason: str) -> list[str]:
    return [f"{bed:<6}{name:<20}{age:<5}{number:<11}E", f"      NE(E) LE {born}  MOTIF: {reason}".rstrip()]


def listing(*, pages: int = 1, titles: list[str] = TITLES) -> list[str]:
    page = [*titles, NAMES, RULE, *(line for person in WHO for line in record(*person))]
    return [*page * pages, RULE, "TOTAL : 4"]


def table(lines: list[str], encoding: str = "cp850", newline: str = "\n") -> Table:
    data = newline.join([*lines, ""]).encode(encoding)
    (found,) = read_text_or_table(io.BytesIO(data), len(data), "PRESENTS.LST")
    assert isinstance(found, Table)
    return found


def aside(line: str) -> list[str]:
    return [""] * 7 + [line.translate(FOLD)]


FOLDED = [[cell.translate(FOLD) for cell in person] for person in WHO]
PEOPLE = [[*person[:4], "E", *person[4:], ""] for person in FOLDED]
PAGE = [*map(aside, [*TITLES, NAMES, RULE]), *PEOPLE]


@pytest.mark.parametrize("encoding", ["cp850", "utf-8", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_both_lines_are_one_record(encoding: str, newline: str) -> None:
    found = table(listing(), encoding, newline)
    assert found.names == COLUMNS
    assert rows(found) == sampled(found) == [*PAGE, aside(RULE), aside("TOTAL : 4")]
    assert found.gaps == []


def test_wherever_a_block_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phiscan.extract.twolined.BLOCK", 150)
    assert rows(table(listing(pages=3))) == [*PAGE * 3, aside(RULE), aside("TOTAL : 4")]


def test_wherever_a_piece_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phiscan.extract.twolined._PIECE", 3)
    assert rows(table(listing(pages=3))) == [*PAGE * 3, aside(RULE), aside("TOTAL : 4")]


@pytest.mark.parametrize("line", ["", " ", "x", "      x"])
def test_millions_of_short_lines_take_little_memory(line: str) -> None:
    found = table([*listing(pages=30), *[line] * 2_000_000])
    tracemalloc.start()
    count = sum(batch.num_rows for batch in found.batches())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == len(PAGE) * 30 + 2 + 2_000_000 * ("x" in line) - (line[:1] == " " and "x" in line)
    assert peak < 250 << 20


def test_a_form_feed_begins_a_page() -> None:
    paged = ["\f" + TITLES[0], *TITLES[1:]]
    assert rows(table(listing(titles=paged, pages=2)))[len(PAGE) + 5 : 2 * len(PAGE)] == PEOPLE


def test_a_record_without_its_second_line_and_one_with_more() -> None:
    lines = listing(pages=3)
    del lines[-3]
    lines.insert(6, "            à revoir lundi")
    found = rows(table(lines))
    more = [*[""] * 5, *PEOPLE[0][5:7], "a revoir lundi"]
    assert found[5:8] == [[*PEOPLE[0][:5], "", "", ""], more, PEOPLE[1]]
    assert found[-3] == [*PEOPLE[3][:5], "", "", ""]


def test_a_record_without_its_first_column_is_a_record() -> None:
    lines = listing(pages=3)
    lines[len(lines) - 8] = lines[len(lines) - 8].replace("202", "   ")
    assert rows(table(lines))[-5] == ["", *PEOPLE[1][1:]]
    lines.insert(len(lines) - 6, "      SUITE")  # goes on with what is above
    assert rows(table(lines))[-6:-3] == [["", *PEOPLE[1][1:]], aside("SUITE"), PEOPLE[2]]


def test_what_leads_the_second_lines_is_enough_where_no_line_names_the_columns() -> None:
    bare = [line for person in WHO * 3 for line in record(*person)]
    found = table(bare)
    assert found.names == ("", "", "", "", "", "NE(E) LE", "MOTIF", "")
    assert rows(found) == PEOPLE * 3
    assert sniff_lines([line.replace("NE(E) LE", "").replace("MOTIF:", "") for line in bare]) is None


def test_one_line_a_record_is_no_such_listing() -> None:
    assert sniff_lines([line for line in listing() if not line.startswith("  ")]) is None


@pytest.mark.parametrize(
    "text",
    [
        "Nom et date de la réunion  lundi\n" + "- point un\n    détail du point\n" * 6,
        "def nom(age):  # date, code\n" + "x = 1\n    y = 2\n" * 6,
        "Chère Madame, voici le nom  et le code :\nBonjour à tous et à chacun, merci.\n    Bien à vous\n" * 5,
    ],
)
def test_outlines_programs_and_letters_stay_text(text: str) -> None:
    assert read(text.encode()) == [text]


@settings(max_examples=40)
@given(st.lists(st.sampled_from([*listing(), "", " ", "      x", "\f", "q" * 90, "\x00", "é"]), max_size=40))
def test_any_lines_are_read_whole(lines: list[str]) -> None:
    data = "\n".join([*listing(pages=30), *lines]).encode("cp1252")
    (found,) = read_text_or_table(io.BytesIO(data), len(data), "a.lst")
    assert isinstance(found, Table)
    cells = "".join(cell for row in rows(found) for cell in row)
    assert cells.count("q") == 90 * sum(line.startswith("q") for line in lines)
