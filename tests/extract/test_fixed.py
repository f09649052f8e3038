"""Fixed-width tables: columns found from what stands in them, and read whole."""

from __future__ import annotations

import base64
import io
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.extract.decode import Encoding
from phiscan.extract.fixed import read_fixed, sniff_fixed
from tests.extract.tabling import Failing, read, rows, sampled

NAMES = ["LEFÈVRE", "MARTIN", "DE LA TOUR", "O'BRIEN", "PETIT"]
FIRST = ["Hélène", "Zoé", "Jean-Paul", "François"]
COMMENTS = ["RAS", "enceinte de 3 mois", "", "à rappeler", "séro +"]


def nir(number: int) -> str:
    """Return a fictitious NIR with its key; every seventh is Corsican."""
    place = "2A004" if number % 7 == 0 else f"{number % 90 + 1:02}{number % 900 + 1:03}"
    body = f"{1 + number % 2}{number % 100:02}{number % 12 + 1:02}{place}{number % 990 + 1:03}"
    return f"{body}{97 - int(body.replace('2A', '19')) % 97:02}"


def people(count: int) -> list[tuple[str, str, str, str, str, str]]:
    return [
        (
            NAMES[number % 5],
            FIRST[number % 4],
            f"{number % 28 + 1:02}/{number % 12 + 1:02}/{1920 + number % 90}",
            nir(number * 7919),
            ["A+", "O-", ""][number % 3],
            COMMENTS[number * 31 % 5],
        )
        for number in range(count)
    ]


def folded(text: str) -> str:
    return text.translate(str.maketrans("Èéèçà", "Eeeca"))


def printed(count: int) -> str:
    return "".join(
        f"{name:<14}{first:<12}{born:<12}{number:<17}{group:<4}{comment}".rstrip() + "\n"
        for name, first, born, number, group, comment in people(count)
    )


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp850", "utf-16", "mac-roman"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_print_style(encoding: str, newline: str) -> None:
    expected = [[folded(value) for value in person] for person in people(60)]
    assert read(printed(60).replace("\n", newline).encode(encoding)) == [expected]


def test_header_and_dashes_are_rows() -> None:
    header = f"{'NOM':<14}{'PRENOM':<12}{'NAISSANCE':<12}{'NIR':<17}{'GS':<4}COMMENTAIRE\n{'-' * 80}\n"
    found = read((header + printed(60)).encode("cp1252"))[0]
    assert found[0] == ["NOM", "PRENOM", "NAISSANCE", "NIR", "GS", "COMMENTAIRE"]
    assert "".join(found[1]) == "-" * 80
    assert found[2:] == [[folded(value) for value in person] for person in people(60)]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_packed(encoding: str) -> None:
    """NIR and birth date touch: they are told apart by key and calendar."""
    content, expected = "", []
    for number, (name, first, born, social, _, _) in enumerate(people(60)):
        day = born.replace("/", "")
        content += f"{social}{day}{name:<20}{first:<15}{number:06}\r\n"
        expected.append([social, day, folded(name), folded(first), f"{number:06}"])
    assert read(content.encode(encoding)) == [expected]


def test_spans() -> None:
    lines = [f"{number:04}  {name:<12}{born}" for number, (name, _, born, *_) in enumerate(people(30))]
    assert sniff_fixed(lines) == ((0, 6), (6, 18), (18, 28))
    assert sniff_fixed(lines[:7]) is None
    assert sniff_fixed([]) is None


def test_numbers_in_groups_are_one_column() -> None:
    lines = [
        f"{name:<12} {number:04}  {number % 70 + 20}  02 97 {number % 100:02} {number * 7 % 100:02} 56  x{number:02}"
        for number, (name, *_) in enumerate(people(30))
    ]
    assert sniff_fixed(lines) == ((0, 13), (13, 19), (19, 23), (23, 39), (39, 42))
    lines = [
        f"{name:<12} 1 85 {number % 12 + 1:02} 78 {number:03} 084 36   {born}"
        for number, (name, _, born, *_) in enumerate(people(30))
    ]
    assert sniff_fixed(lines) == ((0, 13), (13, 37), (37, 47))


PROSE = "Le patient a été vu ce jour pour un suivi de sa pathologie, qui évolue bien. Il ne présente pas de fièvre. "
LISTING = "".join(f"{name:<22}{value:8.2f} {unit:<10}{norm}\n" for name, value, unit, norm in [
    ("Glycémie", 5.2, "mmol/L", "3,9 - 5,8"), ("Créatinine", 71, "µmol/L", "45 - 84"), ("ALAT", 22, "UI/L", "< 34"),
    ("ASAT", 21, "UI/L", "inf. à 34"), ("Hémoglobine", 13, "g/dL", "12 - 16"), ("Leucocytes", 6.1, "G/L", "4 - 10"),
    ("Plaquettes", 250, "G/L", "150 - 400"), ("CRP", 2, "mg/L", "< 5"), ("TSH", 2.1, "mUI/L", "0,4 - 4"),
])  # fmt: skip
NOT_TABLES = {
    "prose at 80 columns": "\n".join(textwrap.wrap(PROSE * 40, 80)) + "\n",
    "prose at 60 columns": "\n".join(textwrap.wrap(PROSE * 40, 60)) + "\n",
    "a report of one patient": "Nom : DUPONT Marie\nNée le : 12/03/1985\n\n" + LISTING,
    "source code": "def f(a):\n    if a:\n        return 1\n    else:\n        return 2\n\n\n" * 20,
    "base64": base64.encodebytes(bytes(number * 7919 % 251 for number in range(1_140))).decode(),
    "the same line": "un deux trois 12\n" * 40,
    "log": "2026-11-21 17:55:22 INFO  [module] started\n2026-11-21 17:55:23 WARN  [module] slow request 12\n" * 20,
    "addresses": "M. Jean DUPONT\n12 rue de la Paix\n75002 Paris\n\nMme Zoé PETIT\n3 place du Marché\n56000 Vannes\n\n"
    * 6,
}


@pytest.mark.parametrize("what", NOT_TABLES)
def test_what_is_no_table(what: str) -> None:
    data = NOT_TABLES[what]
    assert read(data.encode("cp1252")) == [data]


SPANS = ((0, 4), (4, 10), (10, 12))


def fixed(data: bytes) -> list[list[str]]:
    made = read_fixed(io.BytesIO(data), len(data), Encoding("cp1252"), SPANS)
    found = rows(made)
    assert made.gaps == []
    return found


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"\n", [["", "", ""]]),
        (b"0001Marie OK\n0002Paul  KO\n", [["0001", "Marie", "OK"], ["0002", "Paul", "KO"]]),
        (b"0001Marie OK", [["0001", "Marie", "OK"]]),
        (b"1\n0002Paul\n", [["1", "", ""], ["0002", "Paul", ""]]),
        (b"0001Marie OK and more\r\n\r\n", [["0001", "Marie", "OK and more"], ["", "", ""]]),
        (b"0001Z\xe9\0\0\0\0OK\n", [["0001", "Ze", "OK"]]),
        (b"0001a\tb   OK\n", [["0001", "a b", "OK"]]),
        (b"0001Marie " + b"x" * 5_000 + b"\n2\n", [["0001", "Marie", "x" * 5_000], ["2", "", ""]]),
    ],
)
def test_rows(data: bytes, expected: list[list[str]]) -> None:
    assert fixed(data) == expected


def test_a_line_without_end() -> None:
    data = b"0001Marie OK\n" + b"abc def " * 1_000_000 + b"\n0002Paul  KO\n"
    found = fixed(data)
    assert found[0] == ["0001", "Marie", "OK"]
    assert found[-1] == ["0002", "Paul", "KO"]
    assert sum(map(len, found[1][2:])) > 1_000_000


def test_a_large_table_and_its_sample() -> None:
    data = b"".join(b"%08dX%06d\n" % (number, number % 999_983) for number in range(600_000))
    made = read_fixed(io.BytesIO(data), len(data), Encoding(), ((0, 8), (8, 9), (9, 15)))
    numbers = [value for batch in made.batches() for value in batch.column(0).to_pylist()]
    assert numbers == [f"{number:08}" for number in range(600_000)]
    found = sampled(made)
    assert found[:2_000] == [[f"{number:08}", "X", f"{number:06}"] for number in range(2_000)]
    assert len(found) == 3_000
    assert all(int(row[0]) % 999_983 == int(row[2]) for row in found)


def test_a_file_that_fails() -> None:
    stream = Failing(b"0001Marie OK\n" * 500_000)
    stream.good = 4 << 20
    made = read_fixed(stream, 6_500_000, Encoding(), SPANS)
    assert len(rows(made)) == (4 << 20) // 13 + 1
    assert [gap.reason for gap in made.gaps] == ["vanished"]


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters="\r\n\t"), max_size=30), max_size=15))
def test_nothing_of_a_line_is_lost(lines: list[str]) -> None:
    data = "".join(line + "\n" for line in lines).encode()
    found = fixed(data)
    printable = [["".join(c for c in line.replace("`", "'") if "!" <= c <= "~")] for line in lines]
    assert [["".join(row).replace(" ", "")] for row in found] == printable


@given(st.binary(max_size=300), st.lists(st.integers(1, 20), min_size=1, max_size=5))
def test_any_bytes(data: bytes, widths: list[int]) -> None:
    spans, at = [], 0
    for width in widths:
        spans.append((at, at + width))
        at += width
    made = read_fixed(io.BytesIO(data), len(data), Encoding("cp850"), tuple(spans))
    rows(made)
    made.sample()


@given(st.lists(st.text(max_size=40), max_size=30))
def test_any_lines_can_be_sniffed(lines: list[str]) -> None:
    sniff_fixed(lines)
    sniff_fixed(["0123456789 abcdef 12/03/1985", *lines] * 8)


NAMED = ["nom         prenom    motif", "CORLAY      Rose      asthme", "LE MOIGNE   Alexis    diabete de type 2"]
RULED = ["Liste", "ETAT         LIBELLE", "------------ -------", "en cours     a b", "clos         c d"]
NIRS = [f"{name:<12}{nir(number * 7919)}{('B24', 'C509')[number % 2]}" for number, name in enumerate(NAMES[:3])]


def test_names_of_columns_are_enough_in_few_lines() -> None:
    assert sniff_fixed(NAMED) == ((0, 12), (12, 22), (22, 39))
    assert sniff_fixed(["Service de jour", "", *NAMED]) == ((0, 12), (12, 22), (22, 39))
    assert sniff_fixed(NAMED[:2]) is None
    assert sniff_fixed(["produit     gamme     motif", *NAMED[1:]]) is None
    assert sniff_fixed(["nom prenom motif", *NAMED[1:]]) is None
    assert sniff_fixed(["Service : cardiologie", *NAMED]) is None


def test_words_that_begin_at_one_place_below_no_name_are_no_column() -> None:
    lines = [
        NAMED[0],
        *(f"{name:<12}Rose      suivi {what}" for name, what in (("CORLAY", "court"), ("PETIT", "long"))),
    ]
    assert sniff_fixed(lines) == ((0, 12), (12, 22), (22, 33))


def test_a_rule_shows_the_columns() -> None:
    assert sniff_fixed(RULED) == ((0, 13), (13, 20))
    assert sniff_fixed([*RULED, *RULED[1:], "4 rows selected."]) == ((0, 13), (13, 20))
    assert sniff_fixed(RULED[:-1]) is None
    assert sniff_fixed([*RULED, "une phrase qui passe par-dessus"]) is None
    assert sniff_fixed(RULED[2:]) is None


def test_nir_at_one_place_are_enough_in_few_lines() -> None:
    assert sniff_fixed(NIRS) == ((0, 12), (12, 27), (27, 31))
    assert sniff_fixed([line.replace("B24", " infection") for line in NIRS]) == ((0, 12), (12, 27), (27, 37))
    assert sniff_fixed(NIRS[:2]) is None
    assert sniff_fixed([line[:26] + "x" + line[27:] for line in NIRS]) is None
    assert sniff_fixed([line for pair in zip(NIRS, NAMED, strict=True) for line in pair]) is None


@pytest.mark.parametrize(
    ("letters", "cut"),
    [("BCE", (15, 18)), ("FFF", (15, 18)), ("MFM", (15, 16)), ("FHF", (15, 16))],
)
def test_a_letter_before_digits_is_a_code_or_a_sex(letters: str, cut: tuple[int, int]) -> None:
    lines = [f"{nir(number * 7919)}{letters[number % 3]}{number + 20}{NAMES[number % 5]:<14}" for number in range(30)]
    found = sniff_fixed(lines)
    assert found is not None
    assert found[:2] == ((0, 15), cut)


def test_a_title_with_digits_stands_above() -> None:
    lines = [f"{260100 + at}  {at % 9 + 1:02}/11  {NAMES[at % 5]:<12}{FIRST[at % 4]:<12}" for at in range(8)]
    short = sniff_fixed(["REGISTRE 2026", *lines])
    titled = ["PHARMACIE DU PORT    REGISTRE DES STUPEFIANTS     11/2026", "", *lines]
    spans = sniff_fixed(titled)
    assert spans is not None
    assert [start for start, _ in spans] == [start for start, _ in short or ()] == [0, 8, 15, 27]
    found = read("\n".join([*titled, ""]).encode())[0]
    assert found[:2] == [["", "", "", titled[0]], [""] * 4]
    assert found[2] == ["260100", "01/11", "LEFEVRE", "Helene"]
