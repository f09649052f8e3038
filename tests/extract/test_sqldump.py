"""SQL dumps: rows with their columns' names, and everything else as text."""

from __future__ import annotations

import io
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from phiscan.extract.plain import is_dump, is_sql, read_text_or_table
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


def scripted(text: str, size: int = 1 << 20) -> list[tuple[tuple[str, ...] | None, list[tuple[str, ...]]]]:
    pieces = iter([text[at : at + size] for at in range(0, len(text), size)] or [""])
    return [(part.names, rows(part)) for part in read_dump(pieces, script=True) if isinstance(part, Table)]


def test_a_single_row_of_a_script_is_data() -> None:
    assert scripted("INSERT INTO x (a) VALUES ('VIH');\n") == [(("a",), [("VIH",)])]


def test_rows_of_a_script_that_stand_apart_are_of_one_table() -> None:
    text = "".join(f"INSERT INTO x (a) VALUES ({n});\nINSERT INTO y (b) VALUES ('{n}');\n" for n in range(3))
    expected = [(("a",), [("0",), ("1",), ("2",)]), (("b",), [("0",), ("1",), ("2",)])]
    assert scripted(text) == scripted(text, 7) == expected
    assert tables(text) == []


def test_other_columns_are_another_table() -> None:
    text = "INSERT INTO x (a, b) VALUES (1, 2);\nINSERT INTO x (b, a) VALUES (3, 4);\n"
    assert scripted(text) == [(("a", "b"), [("1", "2")]), (("b", "a"), [("3", "4")])]


def test_rows_set_aside_are_given_before_they_grow_too_many() -> None:
    one = "INSERT INTO x (a) VALUES ('" + "v" * 40_000 + "');\nINSERT INTO y (b) VALUES (1);\n"
    found = scripted(one * 250, 1 << 16)
    assert [name for (name,), _ in found if name == "a"] == ["a"] * 3  # type: ignore[misc]
    assert sum(len(values) for _, values in found) == 500


UPDATES = (
    "UPDATE `patient` SET nom = 'L''HOSTIS', dbo.p.ddn=CAST(N'1970-01-02' AS Date),\n"
    "  cp = NULL WHERE id = 7 AND site='A';\n"
    "update patient set nom='a;b', ddn='1971-01-02', cp=75001 where id=8 and site='A'\nGO\n"
)


def test_what_an_update_sets_is_a_row() -> None:
    expected = [
        (
            ("site", "id", "cp", "ddn", "nom"),
            [("A", "7", "", "1970-01-02", "L'HOSTIS"), ("A", "8", "75001", "1971-01-02", "a;b")],
        )
    ]
    assert scripted(UPDATES) == expected
    assert tables(UPDATES) == []
    assert "".join(part.text for part in parts(UPDATES) if isinstance(part, Text)) == UPDATES


def test_an_update_that_computes_stays_text() -> None:
    text = "UPDATE x SET a = a + 1, b = upper(trim('VIH'));\nUPDATE x SET a = (SELECT max(a) FROM y);\n"
    assert scripted(text) == []
    assert "".join(part.text for part in read_dump(iter([text]), script=True) if isinstance(part, Text)) == text


def test_a_script_is_nothing_but_statements() -> None:
    copied = "COPY x (a) FROM stdin;\nL'HOSTIS; dit l'ancien\n\\.\n"
    head = "-- l'export; d'hier\n\\connect base\nSET a = 1;\nSELECT setval('n', 5);\n"
    script = f"{head}{INSERT}GO\n/* fin; */\n{UPDATES}{copied}COMMIT;\n"
    assert is_sql(script, "sauvegarde.txt")
    assert is_sql(copied, "sauvegarde.txt")
    assert is_sql(INSERT[: INSERT.index("NULL")], "debut")
    assert not is_sql("Pour ajouter :\n" + INSERT, "lisez-moi.txt")
    assert not is_sql(INSERT + "\nVoir la documentation.\n", "lisez-moi.txt")
    assert not is_sql(INSERT + "SELECT nom FROM patient;\n", "requetes.txt")
    assert is_sql("Pour ajouter :\n" + INSERT, "AJOUT.SQL")
    assert not is_sql(INSERT, "ajout.py")
    assert not is_sql("Update the table of contents; then set it aside.\n", "notes.txt")
    assert not is_sql("CREATE TABLE x (a int);\n", "schema.sql")


def test_names_from_a_creation_in_one_line() -> None:
    text = (
        "CREATE TABLE `T_PAT` (`PAT_ID` int,`PAT_NOM` varchar(40) DEFAULT 'a, b c',`POIDS` decimal(5,2) NOT NULL,"
        "PRIMARY KEY (`PAT_ID`,`PAT_NOM`));\nINSERT INTO `T_PAT` VALUES (1,'A',62),(2,'B',80),(3,'C',70);\n"
        "CREATE TABLE t2 (a int, -- x, of y\n b int) ENGINE=InnoDB;\nINSERT INTO t2 VALUES (1,2),(3,4),(5,6);\n"
    )
    assert [names for names, _ in tables(text)] == [("PAT_ID", "PAT_NOM", "POIDS"), ("a", "b")]
