"""SQL dumps: rows with their columns' names, and everything else as text."""

from __future__ import annotations

import io
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from phiscan.extract.plain import is_dump, read_text_or_table
from phiscan.extract.sqldump import read_dump
from phiscan.model import Table, Text


def parts(text: str, size: int = 1 << 20) -> list[Text | Table]:
    return list(read_dump(iter([text[at : at + size] for at in range(0, len(text), size)] or [""])))


def rows(table: Table) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for batch in table.batches() for row in batch.to_pylist()]


def tables(text: str, size: int = 1 << 20) -> list[tuple[tuple[str, ...] | None, list[tuple[str, ...]]]]:
    return [(part.names, rows(part)) for part in parts(text, size) if isinstance(part, Table)]


INSERT = (
    "-- dump\nINSERT INTO `patient` (`id`, `nom`, `ddn`) VALUES\n(1, 'L''HOSTIS', '1965-03-12'),\n"
    "(2, 'O\\'Neil; (x)', NULL),\n(3, 'a\nb', CAST(N'1970-01-02' AS Date));\nUNLOCK TABLES;\n"
)
ROWS = [("1", "L'HOSTIS", "1965-03-12"), ("2", "O'Neil; (x)", ""), ("3", "a b", "1970-01-02")]
FOUND = [(("id", "nom", "ddn"), ROWS)]


def test_rows_of_an_insert() -> None:
    assert tables(INSERT) == FOUND
    assert [part.text.strip() for part in parts(INSERT) if isinstance(part, Text)] == ["-- dump", "UNLOCK TABLES;"]


def test_wherever_it_is_cut_the_rows_are_the_same() -> None:
    assert [tables(INSERT, size) for size in (1, 7, 40)] == [FOUND] * 3


def test_one_statement_a_row_and_names_from_the_creation() -> None:
    text = "CREATE TABLE patient (\n  id int,\n  nom varchar(60),\n  PRIMARY KEY (id)\n);\n" + "".join(
        f"INSERT INTO patient VALUES ({n},'DUPONT');\n" for n in range(3)
    )
    assert tables(text) == [(("id", "nom"), [("0", "DUPONT"), ("1", "DUPONT"), ("2", "DUPONT")])]


def test_copy_of_postgresql() -> None:
    text = "COPY public.patient (id, nom) FROM stdin;\n1\tDUPONT\n2\t\\N\n3\tLE\\tGOFF\n\\.\nSELECT 1;\n"
    assert tables(text) == [(("id", "nom"), [("1", "DUPONT"), ("2", ""), ("3", "LE GOFF")])]


def test_two_tables_are_two() -> None:
    text = "".join(f"INSERT INTO {name} (a) VALUES (1),(2),(3);\n" for name in ("x", "y"))
    assert tables(text) == [(("a",), [("1",), ("2",), ("3",)])] * 2


def test_an_example_of_two_rows_stays_text() -> None:
    text = "INSERT INTO x (a) VALUES (1),('VIH');\n"
    assert tables(text) == []
    assert "".join(part.text for part in parts(text) if isinstance(part, Text)) == text


def test_what_cannot_be_read_stays_text() -> None:
    text = "INSERT INTO x (a) VALUES (1),(2),(3),('open, DUPONT\n"
    assert tables(text) == [(("a",), [("1",), ("2",), ("3",)])]
    assert "DUPONT" in "".join(part.text for part in parts(text) if isinstance(part, Text))


def test_lines_are_counted_over_statements() -> None:
    after = [part for part in parts(INSERT) if isinstance(part, Text)][-1]
    assert after.line == 1 + INSERT[: INSERT.index("UNLOCK")].count("\n")


def test_prose_about_sql_is_no_dump() -> None:
    assert is_dump(INSERT)
    assert not is_dump("Use INSERT INTO to add rows; VALUES follow (see above).")
    stream = io.BytesIO(INSERT.encode())
    kinds = [type(part) for part in read_text_or_table(stream, len(INSERT.encode()), "dump.sql")]
    assert kinds == [Text, Table, Text]


PIECES = ["INSERT INTO x (b) VALUES ", "(1)", "('", "')", ",", ";\n", "\\", "\n", "COPY x FROM stdin;\n", "\\.\n", "q"]


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_junk_never_raises_and_nothing_is_lost(pieces: list[str]) -> None:
    text = "".join(pieces)
    kept: Iterator[str] = (part.text for part in parts(text) if isinstance(part, Text))
    found = "".join(kept) + "".join(cell for _, table in tables(text) for row in table for cell in row)
    assert found.count("q") == text.count("q")
