"""The labelled tables: what is written is what is marked, and right and wrong are counted as they should."""

from __future__ import annotations

from pathlib import Path

import pytest

from phiscan.model import Assertion, Severity
from tests.eval import __main__ as command
from tests.eval import tables
from tests.eval.reading_tables import CellHit, Naming, TableRead, read_table_file
from tests.eval.roles import Cell, Mark, parse
from tests.eval.score import Board
from tests.eval.score_tables import add_table
from tests.eval.tables import Book, Export, Line, Tabled, make, spoil
from tests.eval.writing import write
from tests.generate.people import spell

KINDS = ("hiv", "cancer", "pregnancy", "genetic", "infection", "treatment")
BOOK = Book((), dict.fromkeys(KINDS, "cancer ?treatment | K sein sous tamoxifène") | {"hiv": "hiv | VIH +"}, "| RDV")
COLUMNS = """
    NIR = nir15
    NOM = last_capitals
    PRENOM = first
    DDN = birth
    VIH = pick hiv>POS|hiv:negated>NEG
    NOTE = comment
"""
TEMPLATE = "INSERT INTO p VALUES ('{NIR}', '{NOM}', '{PRENOM}', '{DDN}', '{VIH}', '{NOTE}');\n"


def counts(board: Board, *categories: str) -> dict[str, tuple[int, int, int, int]]:
    return {
        name: (s.found, s.missed, s.right, s.wrong)
        for name, s in board.spans.items()
        if not categories or name in categories
    }


@pytest.mark.parametrize(("split", "programs"), [("dev", 22), ("held", 24)])
def test_every_export_is_written_as_it_is_marked(split: str, programs: int) -> None:
    found = list(tables.tables(split, ["plain", "truncated"]))
    assert len(found) == 2 * programs
    assert len({tabled.export.name for tabled in found}) == programs
    for tabled in found:
        written, encoding = write(tabled), tabled.export.encoding
        if tabled.export.form == "xlsx":
            assert written.data[:2] == b"PK"
            continue
        assert len(written.places) == len(tabled.lines) == tabled.export.rows
        decoded = written.data.decode(encoding).replace(tabled.export.newline, "\n")
        assert decoded == written.text
        for line, places in zip(tabled.lines, written.places, strict=True):
            for cell, (start, end) in zip(line.cells, places, strict=True):
                shown = written.text[start:end]
                text = spell(cell.text, encoding)
                assert text.startswith(shown) or shown in (f'"{text}"', text.replace("'", "''")), tabled.export.name


def test_the_splits_share_no_comment() -> None:
    def wordings(split: str) -> set[str]:
        book = tables.book(split)
        lines = (line for text in (*book.facts.values(), book.innocent) for line in text.splitlines())
        return {line.partition("|")[2].strip() for line in lines} - {""}

    assert wordings("dev") & wordings("held") == {"trisomie 21"}  # it has one name


@pytest.mark.parametrize(
    "form",
    [
        {"form": "csv"},
        {"form": "csv", "encoding": "cp1252", "delimiter": "\t", "titles": ("Liste du 21/11/2026", "Service 4")},
        {"form": "xlsx", "titles": ("Liste",)},
        {"form": "fixed", "widths": (18, 30, 25, 12, 6, 0)},
    ],
)
def test_a_table_is_read_by_phiscan(form: dict[str, object]) -> None:
    tabled = make(Export(name="a.csv", columns=COLUMNS, rows=60, **form), BOOK)  # type: ignore[arg-type]
    board = Board()
    notes = add_table(board, tabled, read_table_file(tabled, write(tabled)))
    assert notes == []
    named = sum(line.person is not None for line in tabled.lines)
    assert counts(board, "birth_date") == {"birth_date": (named, 0, named, 0)}
    assert (board.persons.found, board.persons.missed, board.persons.wrong) == (tabled.persons, 0, 0)
    assert board.records["hiv"].found == tabled.persons
    assert (board.verdicts.found, board.verdicts.missed, board.verdicts.wrong) == (1, 0, 0)


def test_a_file_of_text_is_read_cell_by_cell() -> None:
    export = Export(name="a.sql", form="text", columns=COLUMNS, template=TEMPLATE, quote="'", rows=8, newline="\n")
    tabled = make(export, BOOK, seed=4)
    written = write(tabled)
    numbers = {line.cells[0].text for line in tabled.lines}
    assert {written.text[slice(*places[0])] for places in written.places} == numbers
    read = read_table_file(tabled, written)
    assert {(hit.line, hit.column) for hit in read.cells if hit.category == "hiv" and hit.column == 5} == {
        (number, 5) for number, line in enumerate(tabled.lines) if "VIH" in line.cells[5].text.upper()
    }


def test_a_column_of_nir_is_told_from_one_of_numbers() -> None:
    for name in ("nir15", "random15"):
        tabled = make(Export(name="num.csv", columns=f"NUM = {name}\nX = pick >a|>b|>c", verdict="persons"), BOOK)
        read = read_table_file(tabled, write(tabled))
        filled = {number for number, line in enumerate(tabled.lines) if line.cells[0].text}
        assert {hit.line for hit in read.cells if hit.category == "nir"} == (filled if name == "nir15" else set())


def test_what_is_cut_off_is_not_asked_for() -> None:
    said = Cell("à jeun - K sein", (Mark("cancer", upto=15),))
    role = parse("comment")
    assert role.cut(said) == said
    long = Cell("à jeun, tournée du matin, étage 2 - K sein", (Mark("cancer", upto=42), Mark("hiv", upto=6)))
    cut = role.cut(long)
    assert cut.text == "à jeun, tournée du matin, étage 2"
    assert [(mark.category, mark.optional) for mark in cut.marks] == [("cancer", True), ("hiv", False)]
    assert parse("last").cut(Cell("COLONNA D'ISTRIA-MARTIN", (Mark("person_name"),))).marks[0].optional is False


@pytest.mark.parametrize("noise", tables.NOISES)
def test_noise_keeps_the_marks(noise: str) -> None:
    tabled = make(Export(name="a.csv", columns=COLUMNS, rows=30), BOOK)
    spoilt = spoil(tabled, noise)
    assert [line.person for line in spoilt.lines] == [line.person for line in tabled.lines]
    marks = [[len(cell.marks) for cell in line.cells] for line in tabled.lines]
    assert [[len(cell.marks) for cell in line.cells] for line in spoilt.lines] == marks
    if noise == "capitals":
        assert all(cell.text == cell.text.upper() for line in spoilt.lines for cell in line.cells)


@pytest.mark.parametrize("written", ["nobody", "pick hiv", "pick hivv>+", "number hivv 1 2 0", "pick hiv:perhaps>+"])
def test_what_is_wrong_with_a_role(written: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        parse(written)


NAME, HIV, NOT_HIV = (Mark("person_name"),), (Mark("hiv"),), (Mark("hiv", Assertion.NEGATED),)
TABLED = Tabled(
    Export(name="a.csv", columns="NOM = last\nVIH = pick hiv>POS\nNOTE = comment", rows=3),
    "plain",
    ("NOM", "VIH", "NOTE"),
    (
        Line((Cell("DUPONT", NAME), Cell("POS", HIV), Cell("")), "dupont"),
        Line((Cell("MARTIN", NAME), Cell("NEG", NOT_HIV), Cell("")), "martin"),
        Line((Cell("DUPONT", NAME), Cell(""), Cell("K ?", (Mark("cancer", optional=True),))), "dupont"),
    ),
)


def naming(line: int, person: str, *categories: str) -> Naming:
    return Naming(line, person, frozenset(categories))


def hit(line: int, column: int, category: str, assertion: Assertion = Assertion.AFFIRMED) -> CellHit:
    return CellHit(line, column, category, f"r.{category}", assertion)


@pytest.mark.parametrize(
    ("cells", "spans", "stated"),
    [
        ([], {"person_name": (0, 3, 0, 0), "hiv": (0, 2, 0, 0)}, {}),
        (
            [hit(0, 0, "person_name"), hit(0, 1, "hiv"), hit(1, 1, "hiv"), hit(2, 2, "cancer")],
            {"person_name": (1, 2, 1, 0), "hiv": (2, 0, 2, 0)},
            {"affirmed": (1, 0, 1, 1), "negated": (0, 1, 0, 0)},
        ),
        (
            [hit(0, 0, "person_name"), hit(0, 2, "hiv"), hit(-1, -1, "cancer"), hit(0, 1, "person_name")],
            {"person_name": (1, 2, 1, 1), "hiv": (0, 2, 0, 1), "cancer": (0, 0, 0, 1)},
            {},
        ),
    ],
)
def test_cells(
    cells: list[CellHit], spans: dict[str, tuple[int, ...]], stated: dict[str, tuple[int, ...]]
) -> None:
    board = Board()
    add_table(board, TABLED, TableRead(cells))
    assert counts(board) == spans
    assert {n: (s.found, s.missed, s.right, s.wrong) for n, s in board.assertions.items()} == stated


@pytest.mark.parametrize(
    ("namings", "persons", "records", "people"),
    [
        ([], 0, (0, 2, 0, 0), (0, 2, 0)),
        ([naming(0, "d", "hiv"), naming(1, "m", "hiv"), naming(2, "d", "cancer")], 2, (2, 0, 2, 0), (2, 0, 0)),
        # one key for two people: theirs who has more of its rows
        ([naming(line, "x", "hiv") for line in range(3)], 1, (1, 1, 1, 0), (1, 1, 0)),
        # a header read as a row, somebody else's category, one person too many
        ([naming(-1, "h", "hiv"), naming(0, "d", "hiv", "genetic"), naming(1, "m")], 3, (1, 1, 1, 2), (2, 0, 1)),
    ],
)
def test_persons(
    namings: list[Naming], persons: int, records: tuple[int, ...], people: tuple[int, ...]
) -> None:
    board = Board()
    add_table(board, TABLED, TableRead([], namings, persons))
    scores = list(board.records.values())
    assert tuple(sum(getattr(s, what) for s in scores) for what in ("found", "missed", "right", "wrong")) == records
    assert (board.persons.found, board.persons.missed, board.persons.wrong) == people


@pytest.mark.parametrize(
    ("verdict", "severity", "counted"),
    [
        ("health", Severity.HIGH, (1, 0, 1, 0)),
        ("health", Severity.MEDIUM, (0, 1, 0, 0)),
        ("nobody", Severity.INFO, (0, 0, 0, 0)),
        ("nobody", Severity.LOW, (0, 0, 0, 1)),
        ("persons", Severity.HIGH, (0, 0, 0, 0)),
    ],
)
def test_verdicts(verdict: str, severity: Severity, counted: tuple[int, ...]) -> None:
    tabled = Tabled(Export(name="a.csv", columns="A = serial", verdict=verdict), "plain", ("A",), ())  # type: ignore[arg-type]
    board = Board()
    add_table(board, tabled, TableRead(severity=severity))
    assert (board.verdicts.found, board.verdicts.missed, board.verdicts.right, board.verdicts.wrong) == counted


def test_the_command_measures_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    export = Export(name="a.csv", columns="NIR = nir15\nVIH = pick hiv>POS", rows=25)
    book = Book((export,), BOOK.facts, BOOK.innocent)
    monkeypatch.setattr(tables, "book", lambda split: book)
    monkeypatch.setattr(command, "FIGURES", tmp_path / "figures.json")
    assert command.main(["tables-held", "--noise", "capitals", "--show", "--record"]) == 0
    said = capsys.readouterr().out
    assert "tables-held: 1 files of 1 programs" in said
    assert '"tables-held"' in (tmp_path / "figures.json").read_text("utf-8")
