"""Plain text: pieces, lines, pages, and the choice between text and table."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.extract.decode import Encoding
from phiscan.extract.plain import is_prose, read_plain, read_text_or_table, text_pieces
from phiscan.model import Gap, Table, Text
from tests.extract.tabling import Failing, Shrinking, read, rows

PROSE = "Le patient a été vu ce jour, pour un suivi. Il ne présente pas de fièvre.\n"


def pieces(text: str, encoding: str = "utf-8") -> list[Text]:
    found = list(read_plain(io.BytesIO(text.encode(encoding)), Encoding(encoding)))
    assert all(isinstance(piece, Text) and len(piece.text) <= 1 << 20 for piece in found)
    return [piece for piece in found if isinstance(piece, Text)]


LOGGED = '2024-03-12 08:14:22 INFO recu {"nom":"L\'HOSTIS","ddn":"1985-05-12","age":38}\n'
QUOTED = "patient nom='MAUGER' prenom='Adrien' ddn='12/04/1985'\n"
ARRAY = "$p = array('nom' => 'MAUGER', 'prenom' => 'Adrien', 'ddn' => '1985-04-12');\n"


@pytest.mark.parametrize(
    ("text", "name", "read"),
    [
        (LOGGED, "a.txt", "2024-03-12 08:14:22 INFO recu | nom : L'HOSTIS | ddn : 1985-05-12 | age :38}\n"),
        (QUOTED, "a.txt", "patient nom= MAUGER  prenom= Adrien  ddn= 12/04/1985 \n"),
        (
            "[08:14:22] " + ARRAY,
            "a.log",
            "[08:14:22] $p = array| nom  :   MAUGER |  prenom  :   Adrien |  ddn  :   1985-04-12 |;\n",
        ),
        (
            '08:14:22 x {\\"nom\\":\\"DUPONT\\",\\"b\\":\\"Ren\\u00e9e\\",\\"c\\":19850512}\n',
            "a",
            "08:14:22 x |  nom  :  DUPONT  |  b  :  Renée  |  c  :19850512}\n",
        ),
        (LOGGED, "a.py", LOGGED),
        (QUOTED, "a.php", QUOTED),
        (ARRAY, "a.txt", ARRAY),
        (PROSE * 3 + QUOTED, "a.txt", PROSE * 3 + QUOTED),
        (PROSE * 5 + LOGGED, "spec.txt", PROSE * 5 + LOGGED),
        (LOGGED + "\tat java.sql.Connection\n" * 9, "a.txt", LOGGED + "\tat java.sql.Connection\n" * 9),
        ("08:14:22 l'un d'eux dit 'non'\n", "a.log", "08:14:22 l'un d'eux dit 'non'\n"),
    ],
)
def test_quoted_records_in_lines_of_logs_and_dumps(text: str, name: str, read: str) -> None:
    found = list(read_plain(io.BytesIO(text.encode()), Encoding("utf-8"), name=name))
    assert [one.text for one in found if isinstance(one, Text)] == [read]


def test_one_piece() -> None:
    (piece,) = pieces(PROSE)
    assert (piece.text, piece.line, piece.page, piece.starts, piece.prose) == (PROSE, 1, None, False, True)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp850", "mac-roman", "utf-16-le", "utf-32-be"])
def test_pieces_are_cut_at_line_ends(encoding: str) -> None:
    text = "".join(f"ligne {number} né à Évreux\r\n" for number in range(100_000))
    found = pieces(text, encoding)
    assert len(found) > 1
    assert "".join(piece.text for piece in found) == text.replace("\r\n", "\n")
    for piece in found:
        assert piece.text.startswith(f"ligne {piece.line - 1} ")
        assert piece.text.endswith("\n")


def test_pieces_prefer_empty_lines() -> None:
    text = ("x" * 99 + "\n") * 9_000 + "\n" + ("y" * 99 + "\n") * 9_000
    assert [(piece.text[0], piece.line) for piece in pieces(text)] == [("x", 1), ("y", 9_002)]


def test_a_line_longer_than_a_piece_is_cut_with_an_overlap() -> None:
    words = " ".join(f"{number:07}" for number in range(400_000))
    found = pieces("first\n" + words + "\nlast\n")
    assert [piece.line for piece in found] == [1, 2, 2, 2, 2]
    seen = set()
    for piece in found:
        seen |= {word for word in piece.text.split() if len(word) == 7}
    assert len(seen) >= 400_000
    assert {f"{number:07}" for number in range(400_000)} <= seen
    for before, after in pairwise(found[1:]):
        assert before.text.endswith(after.text[:400])
    assert found[-1].text.endswith("\nlast\n")


def test_a_line_of_100_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"a1234567" * (100 << 17))
    with path.open("rb") as stream:
        found = list(read_text_or_table(stream, 100 << 20, "long.txt"))
        total = sum(len(piece.text) for piece in found if isinstance(piece, Text))
    assert total == (100 << 20) + 400 * (len(found) - 1)
    assert all(isinstance(piece, Text) and piece.line == 1 and len(piece.text) <= 1 << 20 for piece in found)


def test_line_ends_of_all_kinds() -> None:
    assert [(p.text, p.line) for p in pieces("a\rb\r\nc\nd\u2028e\x85f")] == [("a\nb\nc\nd\ne\nf", 1)]


def test_form_feeds_begin_pages() -> None:
    found = pieces("un\nx\n\fdeux\n\f \n\fquatre")
    assert [(p.text, p.line, p.page, p.starts) for p in found] == [
        ("un\nx\n", 1, 1, False),
        ("deux\n", 3, 2, True),
        ("quatre", 5, 4, True),
    ]


def test_nul_bytes_and_nothing() -> None:
    assert [p.text for p in pieces("a\0b")] == ["a b"]
    assert pieces("") == []
    assert pieces("\n \n") == []


@pytest.mark.parametrize(
    ("text", "prose"),
    [
        (PROSE, True),
        ("Mme DUPONT\n12 rue de la Paix\n75002 Paris\n", True),
        ("Glycémie   5,2 mmol/L\nALAT   12 UI/L\n", True),
        ("NOM : DUPONT\nVIH : négatif\n", True),
        ("", True),
        ("int main(void) {\n  int x = 3;\n  return x;\n}\n", False),
        ('{\n  "a": 1,\n  "b": 2\n}\n', False),
        ("<p>\n<b>x</b>\n</p>\n", False),
        ("2026-11-21 17:55:22 INFO started\n" * 5, False),
        ("INSERT INTO t VALUES (1);\n" * 5, False),
        ("[a]\nx = 1\ny = 2\n", False),
        (Path(__file__).read_text(encoding="utf-8"), False),
    ],
)
def test_prose(text: str, prose: bool) -> None:
    assert is_prose(text) is prose


def test_source_code_is_text_even_where_it_looks_like_a_table() -> None:
    data = b"a;b\n1;2\n3;4\n5;6\n"
    assert isinstance(next(read_text_or_table(io.BytesIO(data), len(data), "x.csv")), Table)
    assert isinstance(next(read_text_or_table(io.BytesIO(data), len(data), "x.py")), Text)


def test_a_large_two_column_file_is_a_table() -> None:
    data = b"".join(b"NOM %d;DUPONT\n" % number for number in range(50_000))
    (table,) = read_text_or_table(io.BytesIO(data), len(data), "x")
    assert isinstance(table, Table)
    assert len(rows(table)) == 50_000


def test_empty_and_vanished_files() -> None:
    assert list(read_text_or_table(io.BytesIO(b""), 0, "x")) == []
    (gap,) = read_text_or_table(io.BytesIO(b""), 10, "x")
    assert gap == Gap("extract", "vanished", "the file became shorter while it was read")
    closed = io.BytesIO(b"abc")
    closed.close()
    assert list(read_text_or_table(closed, 3, "x")) == [Gap("extract", "vanished", "the file could not be read")]


def test_files_that_shrink_or_fail_while_read() -> None:
    data = PROSE.encode() * 50_000
    failing = Failing(data)
    failing.good = 3 << 20
    shrinking = Shrinking(data)
    shrinking.left = 10
    for stream in (failing, shrinking):
        *texts, gap = read_text_or_table(stream, len(data), "x")
        assert isinstance(gap, Gap)
        assert gap.reason == "vanished"
        assert all(isinstance(text, Text) for text in texts)


def test_a_table_hidden_behind_plain_ascii_is_folded_by_its_tail() -> None:
    lines = b"".join(b"%d;DUPONT;Marie;12/03/1985\n" % number for number in range(20_000))
    data = lines + "20000;LEFÈVRE;Hélène;01/01/1960\n".encode("cp850")
    (table,) = read_text_or_table(io.BytesIO(data), len(data), "x.csv")
    assert isinstance(table, Table)
    assert rows(table)[-1] == ["20000", "LEFEVRE", "Helene", "01/01/1960"]


@given(st.lists(st.text(max_size=200), max_size=6))
def test_pieces_lose_nothing(texts: list[str]) -> None:
    whole = "".join(texts).replace("\r\n", "\n").replace("\r", "\n")
    found = list(text_pieces(iter(texts)))
    kept = "".join(piece.text for piece in found)
    assert "".join(kept.split()) == "".join(whole.replace("\x85", "").split())


@given(st.binary(max_size=500), st.integers(0, 600), st.sampled_from(["x.csv", "x.py", ""]))
def test_any_bytes(data: bytes, size: int, name: str) -> None:
    for chunk in read_text_or_table(io.BytesIO(data), size, name):
        if isinstance(chunk, Table):
            rows(chunk)
            chunk.sample()


def test_odd_signs_between_labels_and_values_are_colons() -> None:
    text = "=== PATIENT ===\nNom¬LEFÈVRE\nPrénom¬Zoé\nNé le¬3 / 4 / 1966\n--- Consultation ¬ 4 / 11 / 2026\na ¬ b ¬ c\n"
    expected = text.replace("Nom¬", "Nom:").replace("Prénom¬", "Prénom:").replace("Né le¬", "Né le:")
    assert read(text.encode("mac-roman")) == read(text.encode()) == [expected]


def test_odd_signs_elsewhere_stay() -> None:
    for text in ("p ¬ q\nq ¬ r\n", "Article § 3\nalinéa § 4 et § 5\nle nom seul\n", "Nom¬DUPONT\nPrénom¬Zoé\n"):
        assert read(text.encode()) == [text]
