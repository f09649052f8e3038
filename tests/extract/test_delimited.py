"""Delimited tables: which files are, and that every row of them comes out, in its place."""

from __future__ import annotations

import csv
import io
import random

import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.extract.decode import Encoding, detect
from phiscan.extract.delimited import Dialect, read_delimited, sniff
from phiscan.extract.dialect import records
from phiscan.fold import compose, fold_str
from tests.extract.tabling import FOLDED, PEOPLE, Failing, Shrinking, read, rows, sampled

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp850", "mac-roman"]


def table(data: bytes | str, columns: int = 2, delimiter: str = ";", **more: object) -> list[list[str]]:
    """Return the rows of `data` read in the given dialect."""
    raw = data.encode() if isinstance(data, str) else data
    dialect = Dialect(delimiter, columns, **more)  # type: ignore[arg-type]
    made = read_delimited(io.BytesIO(raw), len(raw), Encoding(), dialect)
    found = rows(made)
    assert made.gaps == []
    assert rows(made) == found
    return found


# ---- which files are tables ----


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|", "^", "~"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_encoding_separator_and_line_end(encoding: str, delimiter: str, newline: str) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=newline).writerows(PEOPLE)
    assert read(out.getvalue().encode(encoding)) == [FOLDED]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp850", "utf-16"])
def test_a_separator_that_is_not_ascii(encoding: str) -> None:
    data = "".join("§".join(row) + "\n" for row in PEOPLE * 3)
    assert read(data.encode(encoding)) == [FOLDED * 3]


def test_preamble_and_blank_lines_are_rows() -> None:
    data = "Export du laboratoire\nle 12/03/2020\n\n" + "".join(";".join(row) + "\n" for row in PEOPLE)
    expected = [["Export du laboratoire", "", "", ""], ["le 12/03/2020", "", "", ""], ["", "", "", ""], *FOLDED]
    assert read(data.encode("cp1252")) == [expected]


def test_no_header() -> None:
    data = "".join(";".join(row) + "\n" for row in PEOPLE[1:])
    assert read(data.encode("cp1252")) == [FOLDED[1:]]


def test_padded_values_are_stripped() -> None:
    lines = [" id | nom    | naissance", "----+--------+------------", *["  1 | DUPONT | 12/03/1985"] * 3]
    expected = [
        ["id", "nom", "naissance"],
        ["----+--------+------------", "", ""],
        *[["1", "DUPONT", "12/03/1985"]] * 3,
    ]
    assert read("\n".join(lines).encode()) == [expected]


def test_single_quotes() -> None:
    data = "'a;x';'b';'c'\n'd';'e';'f'\n'g';'h';'i’é'\n"
    assert read(data.encode()) == [[["a;x", "b", "c"], ["d", "e", "f"], ["g", "h", "i`e"]]]


PROSE = "Le patient a été vu ce jour, pour un suivi. Il ne présente pas de fièvre, ni de toux, ni de gêne.\n"
NOT_TABLES = {
    "prose": PROSE * 20,
    "prose, a sentence a line": (PROSE * 20).replace(". ", ".\n"),
    "letters with commas": "Mme DUPONT Marie, née le 12/03/1985, vue ce jour, VIH +.\n" * 30,
    "C": "int main(void) {\n  int x = 3;\n  int y = 4;\n  foo(x, y);\n  bar(x, y);\n  return x;\n}\n" * 5,
    "C statements": "a = 1;\nb = 2;\nc = 3;\nd = 4;\n",
    "Python": "import os\n\n\ndef f(a, b):\n    x, y = a, b\n    z, t = b, a\n    return x, y\n" * 5,
    "log": "2026-11-21 17:55:22,607 INFO  [module] connection from 10.0.0.1, user bob, ok\n" * 50,
    "vsftpd log": 'Sat Nov 21 17:54:59 2026 [pid 20826] [ftp] OK DOWNLOAD: Client "127.0.0.1", "/x", 20 bytes, 2K\n'
    * 9,
    "web log": '127.0.0.1 - ftp [21/Nov/2026:17:55:53 -0000] "GET /a,b" 200 20\n' * 9,
    "JSON": '[\n  {\n    "a": 1,\n    "b": "x",\n    "c": 2\n  },\n' * 9,
    "JSON lines": '{"a": 1, "b": "x", "c": 2}\n' * 9,
    "Markdown": "# T\n\n| a | b |\n|---|---|\n" + "| x | y |\n" * 20,
    "settings": "[a]\nx = 1, 2\ny = 3, 4\n[b]\nx = 1, 2\ny = 5, 6\n",
    "SQL": "SELECT a FROM t;\nUPDATE t SET b = 2 WHERE a = 1;\n" * 15,  # the rows of INSERT are a table: sqldump.py
    "XML": '<a x="1">b, c, d</a>\n' * 30,
    "HL7": "MSH|^~\\&|A|B|C|D\rPID|1|2|3|4|5\rOBX|1|2|3|4|5\rOBX|1|2|3|4|5\r",
    "mail": "From: a@b.fr\nTo: c@d.fr, e@f.fr\nSubject: x, y\nDate: Sat, 21 Nov 2026\n\nBonjour, vous\n",
    "decimals": "12,5\n13,7\n14,1\n" * 5,
    "list": "- pain, lait, oeufs\n" * 20,
    "two lines": "NOM;PRENOM\nDUPONT;Marie\n",
    "form": "NOM;DUPONT\nPRENOM;Marie\nDDN;12/03/1985\nVIH;POS\n",
}


@pytest.mark.parametrize("what", NOT_TABLES)
def test_what_is_no_table(what: str) -> None:
    data = NOT_TABLES[what]
    assert read(data.encode("cp1252")) == [data.replace("\r", "\n")]


def test_two_columns_with_a_header_are_a_table() -> None:
    assert read(b"NOM;PRENOM\nDUPONT;Marie\nMARTIN;Paul\n") == [
        [["NOM", "PRENOM"], ["DUPONT", "Marie"], ["MARTIN", "Paul"]]
    ]


def test_a_column_of_comments_may_be_long() -> None:
    comment = "Patiente vue ce jour pour un contrôle de sa sérologie, qui reste négative; à revoir dans trois mois."
    folded = "Patiente vue ce jour pour un controle de sa serologie, qui reste negative; a revoir dans trois mois."
    for head in (["12"], ["12", "DUPONT"], ["12", "DUPONT", "12/03/1985"]):
        for delimiter in ";,|\t":
            out = io.StringIO()
            csv.writer(out, delimiter=delimiter).writerows([[*head, comment]] * 5)
            assert read(out.getvalue().encode("cp1252")) == [[[*head, folded]] * 5]


def test_sniff() -> None:
    assert sniff("a;b;c\n1;2;3\n4;5;6\n7;8", whole=False) == Dialect(";", 3)
    assert sniff("a;b\r1;2\r3;4\r", whole=True) == Dialect(";", 2, '"', cr=True)
    assert sniff("a;12,5;x\nb;13,5;y\nc;14,5;z\n", whole=True) == Dialect(";", 3)
    assert sniff("", whole=True) is None
    assert sniff("\0\0\n\n\n\n", whole=True) is None


def test_records() -> None:
    lines = ['a;"b', 'c";d', 'e;"f;g";h', 'i;"j', "k;l;m"]
    assert list(records(lines, ";", '"')) == [('a;"b c";d', 3), ('e;"f g";h', 3), ('i;"j', 2), ("k;l;m", 3)]


# ---- rows ----

CASES = [
    ("", []),
    ("\n", [["", ""]]),
    ("a;b\r\nc;d\r\n", [["a", "b"], ["c", "d"]]),
    ("a;b\nc;d", [["a", "b"], ["c", "d"]]),
    ('a;b\n"x\r\ny";z\nc;d', [["a", "b"], ["x y", "z"], ["c", "d"]]),
    ('"a\n\nb";c\n\n', [["a  b", "c"], ["", ""]]),
    ('q;"a\nb\nc"\nd;e\n', [["q", "a b c"], ["d", "e"]]),
    ('a;"b""c"\n', [["a", 'b"c']]),
    ('"a;b";c\n', [["a;b", "c"]]),
    ("a\rb;c\nd;e\n", [["a b", "c"], ["d", "e"]]),
    ('"a\rb";c\r\nd;e\r\n', [["a b", "c"], ["d", "e"]]),
    ("a;\tb\n", [["a", " b"]]),
    ("\0a;b\0\n", [[" a", "b "]]),
    # ragged
    ("a;b;c\na\na;b\n;;;\n", [["a", "b;c"], ["a", ""], ["a", "b"], ["", ";;"]]),
    ("only\nragged\n", [["only", ""], ["ragged", ""]]),
    ('"a;b"c;d\n', [["a;bc", "d"]]),
    # unbalanced quotes
    ('a;b\n"xy;z\nc;d\n', [["a", "b"], ["'xy", "z"], ["c", "d"]]),
    ('a;b\nq;"xy\nc;d\n"e";f\n', [["a", "b"], ["q", "'xy"], ["c", "d"], ["e", "f"]]),
    ('x;"open\n', [["x", "'open"]]),
    ('a;b\n5" t;x\ny;"open\n', [["a", "b"], ['5" t', "x"], ["y", "'open"]]),
    ('a;"b"x\n"c\nd"y;z\ne;f\n', [["a", "bx"], ["c dy", "z"], ["e", "f"]]),
]


@pytest.mark.parametrize(("data", "expected"), CASES)
def test_rows(data: str, expected: list[list[str]]) -> None:
    assert table(data) == expected


def test_tabs_in_quoted_values() -> None:
    assert table('a\tb\n"c\td"\te\n', delimiter="\t") == [["a", "b"], ["c d", "e"]]


def test_an_unbalanced_quote_swallows_nothing() -> None:
    lines = [f"{number};n{number};x" for number in range(120_000)]
    lines[1_000] = '1000;"n1000;x'
    lines[110_000] = '"110000;n110000;x'
    found = table("\n".join(lines) + "\n", 3)
    expected = [[str(number), f"n{number}", "x"] for number in range(120_000)]
    expected[1_000][1], expected[110_000][0] = "'n1000", "'110000"
    assert found == expected


def test_quoted_newlines_and_ragged_rows_across_blocks() -> None:
    randomly = random.Random(2)
    expected, lines = [], []
    for number in range(60_000):
        comment = "x" * randomly.randrange(200)
        kind = number % 97
        if kind == 5:
            lines.append(f'{number};"a {comment}\nb; {comment}\n\nc";z')
            expected.append([str(number), f"a {comment} b; {comment}  c", "z"])
        elif kind == 6:
            lines.append(f"{number}")
            expected.append([str(number), "", ""])
        elif kind == 7:
            lines.append(f"{number};{comment};y;z;t")
            expected.append([str(number), comment, "y;z;t"])
        else:
            lines.append(f"{number};{comment};y")
            expected.append([str(number), comment, "y"])
    assert table("\n".join(lines), 3) == expected


def test_a_file_full_of_quotes_that_never_close() -> None:
    found = table('"a\n' * 50_000)
    assert len(found) == 50_000


def test_the_sample_has_head_rows_and_rows_from_inside() -> None:
    for encoding in ("utf-8", "cp1252", "utf-16"):
        data = "".join(f"{number};né;{number * 7}\r\n" for number in range(300_000)).encode(encoding)
        made = read_delimited(io.BytesIO(data), len(data), detect(data[:4096], whole=False), Dialect(";", 3))
        found = sampled(made)
        assert found[:2_000] == [[str(number), "ne", str(number * 7)] for number in range(2_000)]
        inside = found[2_000:]
        assert len(inside) == 1_000
        assert all(int(third) == int(first) * 7 and second == "ne" for first, second, third in inside)
        assert [int(row[0]) for row in inside] == sorted(int(row[0]) for row in inside)
        assert int(inside[-1][0]) > 280_000


def test_the_sample_does_not_disturb_the_reading() -> None:
    data = b"".join(b"%d;b\n" % number for number in range(1_500_000))
    made = read_delimited(io.BytesIO(data), len(data), Encoding(), Dialect(";", 2))
    total = 0
    for batch in made.batches():
        assert batch.nbytes <= 24 << 20
        made.sample()
        total += batch.num_rows
    assert total == 1_500_000


def test_a_line_of_100_megabytes(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "long.csv"
    with path.open("wb") as out:
        out.write(b"".join(b"%d;b;c\n" % number for number in range(1_000)))
        for number in range(100):
            out.write(b";".join(b"%08d" % (number * 111_111 + place) for place in range(111_111)) + b";")
        out.write(b"\nlast;x;y\n")
    with path.open("rb") as stream:
        made = read_delimited(stream, path.stat().st_size, Encoding(), Dialect(";", 3))
        digits = longest = 0
        last = None
        for batch in made.batches():
            digits += sum(pc.sum(pc.count_substring_regex(column, "[0-9]{8}")).as_py() for column in batch.columns)
            longest = max(longest, batch.nbytes)
            last = batch.slice(batch.num_rows - 1).to_pylist()[0]
    assert made.gaps == []
    assert last == {"c0": "last", "c1": "x", "c2": "y"}
    assert digits == 100 * 111_111
    assert longest < 32 << 20


def test_one_value_without_end() -> None:
    assert sum(len(value) for row in table(b"x" * (5 << 20)) for value in row) >= 5 << 20


def test_files_that_shrink_or_fail() -> None:
    data = b"".join(b"%d;b\n" % number for number in range(2_000_000))
    for stream in (Failing(data), Shrinking(data)):
        if isinstance(stream, Failing):
            stream.good = 5 << 20
        made = read_delimited(stream, len(data), Encoding(), Dialect(";", 2))
        found = [row for batch in made.batches() for row in batch.column(0).to_pylist()]
        assert found[:400_000] == [str(number) for number in range(400_000)]
        assert [gap.reason for gap in made.gaps] == ["vanished"]
    made = read_delimited(io.BytesIO(data[:100]), len(data), Encoding(), Dialect(";", 2))
    assert len(rows(made)) == 22
    assert [gap.detail for gap in made.gaps] == ["the file became shorter while it was read"]


# ---- anything ----

VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(VALUES, min_size=width, max_size=width), max_size=12)))
@settings(max_examples=200)
def test_every_table_comes_back(content: list[list[str]]) -> None:
    """Whatever `csv` writes with everything quoted is read back, folded, row by row."""
    out = io.StringIO()
    csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(content)
    columns = len(content[0]) if content else 2
    found = table(out.getvalue().encode("utf-8", "surrogatepass"), columns)
    assert len(found) <= sum(max(1, "".join(row).count("\n") + 1) for row in content)
    plain = [[_cell(value) for value in row] for row in content]
    # A quoted newline beside what looks like the end of a row may be taken for two rows; nothing else may differ.
    if not any(mark in value for row in content for value in row for mark in '\n\r";'):
        assert found == plain


def _cell(value: str) -> str:
    folded = "".join(
        "'" if fold_str(c) == '"' else " " if fold_str(c) in ";,|^~\n" else fold_str(c) for c in compose(value)
    )
    return "".join(c if c in ",|^~" else f for c, f in zip(compose(value), folded, strict=True))


@given(
    st.binary(max_size=400), st.sampled_from([";", ",", "\t", "|", "§"]), st.integers(2, 6), st.sampled_from(['"', "'"])
)
@settings(max_examples=300)
def test_any_bytes_in_any_dialect(data: bytes, delimiter: str, columns: int, quote: str) -> None:
    made = read_delimited(io.BytesIO(data), len(data), Encoding("cp1252"), Dialect(delimiter, columns, quote))
    found = rows(made)
    assert made.gaps == []
    made.sample()
    if data.count(0) <= 16 and b"\r" not in data and b'"' not in data and b"'" not in data:
        assert len(found) == data.count(b"\n") + bool(data and not data.endswith(b"\n"))


@given(st.text(alphabet='ab;"\n\r', max_size=60))
@settings(max_examples=500)
def test_no_letter_is_lost_whatever_the_quotes(text: str) -> None:
    found = "".join(value for row in table(text) for value in row)
    assert [c for c in found if c in "ab"] == [c for c in text if c in "ab"]


@given(st.binary(max_size=400))
def test_any_bytes_as_a_file(data: bytes) -> None:
    read(data)


def test_hashes_part_the_columns_of_an_old_export() -> None:
    lines = ["NUM#NOM#PRENOM#MT", *(f"D{number}#LEFEVRE#Anne#{number},00" for number in range(4))]
    assert read("\n".join(lines).encode()) == [[line.split("#") for line in lines]]


@pytest.mark.parametrize("line", ["x = {0}; # what it is", "http://a.fr/p{0}#top"])
def test_hashes_before_remarks_part_nothing(line: str) -> None:
    text = "".join(line.format(number) + "\n" for number in range(9))
    assert read(text.encode()) == [text]
