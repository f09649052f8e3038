"""Several tables below one another, and tables that are turned."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pytest

from phiscan.link import Identity
from phiscan.model import Level, Limits, Table
from phiscan.pipeline import run_example
from phiscan.recognize import shape
from phiscan.recognize.names import Name
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.shape import shaped
from phiscan.recognize.table import read_table
from phiscan.scan.scanner import Scanner
from phiscan.tally import Tally
from tests.recognize.test_table import SEALER, cells_of, key_of, persons, table_of


def rows_of(table: Table) -> list[list[str]]:
    return [list(row) for batch in table.batches() for row in zip(*(c.to_pylist() for c in batch.columns), strict=True)]


def shapes(text: str, ruleset: Ruleset, cuts: Sequence[int] = ()) -> list[tuple[tuple[str, ...] | None, int, int]]:
    """Return of each table that a text holds its header, the rows above it, and how many it has itself."""
    return [(one.names, one.above, len(rows_of(one))) for one in shaped(table_of(cells_of(text), cuts), ruleset)]


def found(text: str, ruleset: Ruleset) -> Tally:
    tally = Tally()
    for one in shaped(table_of(cells_of(text)), ruleset):
        read_table(one, ruleset, SEALER, tally)
    return tally


DAY = """\
Entrées;;;
Lit;Nom;Prénom;Motif
100;MAUGER;Adrien;infection par le VIH
101;ZIANE;Leila;cancer du sein
;;;
Décès;;;
Nom;Prénom;Heure;Cause
CADIOU;Jean;03h15;cancer du poumon
;;;
Nom;Prénom;Examen;Résultat
SIMONET;Axelle;bHCG;+ 2300
PICARD;Paul;CRP;12
"""


@pytest.mark.parametrize("cuts", [[], [3], [6], [7], [4, 8]])
def test_tables_below_one_another(cuts: list[int], shipped: Ruleset) -> None:
    assert shapes(DAY, shipped, cuts) == [
        (None, 0, 1),
        (("Lit", "Nom", "Prenom", "Motif"), 0, 3),
        (("",) * 4, 3, 1),
        (("Nom", "Prenom", "Heure", "Cause"), 5, 2),
        (("Nom", "Prenom", "Examen", "Resultat"), 8, 2),
    ]


def test_everybody_in_them_is_named_by_the_right_header(shipped: Ruleset) -> None:
    tally = found(DAY, shipped)
    who = {
        key_of(Identity(name=Name(last, first), placed=True)): (last, told)
        for last, first, told in (
            ("MAUGER", "ADRIEN", ["hiv"]),
            ("ZIANE", "LEILA", ["cancer"]),
            ("CADIOU", "JEAN", ["cancer"]),
            ("SIMONET", "AXELLE", ["pregnancy"]),
            ("PICARD", "PAUL", ["lab_result"]),
        )
    }
    told = persons(tally)
    assert told.keys() == who.keys()
    assert {who[key][0] for key, said in told.items() if {*who[key][1]} <= {*said}} == {
        name for name, _ in who.values()
    }
    rows = {(one.where.row, one.category) for one in tally.samples}
    assert {(1, "hiv"), (2, "cancer"), (6, "cancer"), (9, "pregnancy"), (10, "lab_result")} <= rows


ONE = "NOM;PRENOM;DDN;MOTIF\nDUPONT;Marie;12/03/1965;asthme\n"


@pytest.mark.parametrize(
    "text",
    [
        ONE + "MARTIN;Paul;01/12/1948;VIH\n",
        ONE + ";;;\nMARTIN;Paul;01/12/1948;VIH\n",  # a blank row alone begins nothing
        ONE + ";;;\nNOM;PRENOM;DDN;MOTIF\nMARTIN;Paul;01/12/1948;VIH\n",  # the same header again, on another page
        ONE + "IPP;NOM;PRENOM;MOTIF\n800123;MARTIN;Paul;VIH\n",  # nothing stands between
        ONE + ";;;\nPathologie;Nombre;;\nDiabete;12;;\nVIH;3;;\n",  # figures that name nobody
        ONE + ";;;\nIPP;NOM;PRENOM;MOTIF\n",  # and nobody below
        ONE + ";;;\nIPP;NOM;Patient 12/03;4\n800123;MARTIN;Paul;VIH\n",  # values, some of them words of headers
        "Champ;Libelle\nNOM;Nom du patient\nPRENOM;Prenom\n;\nNOM_USUEL;Nom usuel\nDDN;Date de naissance\n",
        "Export;du jour;;\n;;;\nNOM;PRENOM;DDN;MOTIF\nDUPONT;Marie;12/03/1965;asthme\n",  # the first header there is
    ],
)
def test_one_table_stays_one(text: str, shipped: Ruleset) -> None:
    table = table_of(cells_of(text))
    assert [one is table for one in shaped(table, shipped)] == [True]


def test_tables_that_name_their_columns_stay_as_they_are(shipped: Ruleset) -> None:
    table = table_of(cells_of(DAY), names=("a", "b", "c", "d"))
    assert [one is table for one in shaped(table, shipped)] == [True]


def test_the_last_goes_on_beyond_the_rows_looked_at(monkeypatch: pytest.MonkeyPatch, shipped: Ruleset) -> None:
    monkeypatch.setattr(shape, "_HEAD", 6)
    text = ONE + ";;;\nIPP;NOM;PRENOM;MOTIF\n" + "800123;MARTIN;Paul;VIH\n" * 8
    expected = [(("NOM", "PRENOM", "DDN", "MOTIF"), 0, 2), (("IPP", "NOM", "PRENOM", "MOTIF"), 3, 8)]
    for cuts in ([], [2, 5, 7], [6], [4]):
        assert shapes(text, shipped, cuts) == expected


def test_a_sample_with_rows_from_elsewhere_does_not_say_where_the_second_begins(shipped: Ruleset) -> None:
    rows = cells_of(ONE + "PETIT;Anne;02/02/1959;\n" * 5 + ";;;\nIPP;NOM;PRENOM;MOTIF\n800123;MARTIN;Paul;VIH\n")
    table = table_of(rows)
    sampled = table_of([*rows[:2], *rows[7:]])
    table.sample = sampled.sample
    assert [(one.above, len(rows_of(one))) for one in shaped(table, shipped)] == [(0, 7), (8, 1)]


# ---- turned ----

TURNED = """\
Nom;MAUGER;ZIANE;HOCHET
Prénom;Adrien;Leila;Raymonde
Date de naissance;12/03/1985;12/03/1973;12/03/1938
Diagnostic;infection par le VIH;cancer du sein;
"""


def test_people_side_by_side(shipped: Ruleset) -> None:
    (table,) = shaped(table_of(cells_of(TURNED)), shipped)
    assert table.names == ("Nom", "Prenom", "Date de naissance", "Diagnostic")
    assert rows_of(table) == [
        ["MAUGER", "Adrien", "12/03/1985", "infection par le VIH"],
        ["ZIANE", "Leila", "12/03/1973", "cancer du sein"],
        ["HOCHET", "Raymonde", "12/03/1938", ""],
    ]
    told = persons(found(TURNED, shipped))
    mauger, ziane, hochet = (
        key_of(Identity(name=Name(last, first), birth_date=birth))
        for last, first, birth in (
            ("MAUGER", "ADRIEN", "19850312"),
            ("ZIANE", "LEILA", "19730312"),
            ("HOCHET", "RAYMONDE", "19380312"),
        )
    )
    who = ["person_name", "birth_date"]
    assert told == {
        mauger: [*who, "hiv", "diagnosis", "STRONG"],
        ziane: [*who, "cancer", "diagnosis", "STRONG"],
        hochet: [*who, "STRONG"],
    }


@pytest.mark.parametrize(
    "text",
    [
        "Patient;HAMIDOU Rachida;CARPENTIER Bruno\nDate de naissance;02/03/1984;11/11/1971\nVIH;POS;NEG\n",
        "NIR;295109912611193;269054958815780\nNom;DUPONT;LE GOFF\nVIH;POS;NEG\n",
        ";Patient 1;Patient 2\nNom;MAUGER;ZIANE\nPrénom;Adrien;Leila\nVIH;POS;NEG\n",
    ],
)
def test_whoever_is_named(text: str, shipped: Ruleset) -> None:
    told = persons(found(text, shipped))
    assert [("hiv" in said) for said in told.values()] == [True, True]


def test_the_title_of_a_turned_table_is_read_too(shipped: Ruleset) -> None:
    text = "Séropositifs VIH;;;\n" + TURNED
    title, _ = shaped(table_of(cells_of(text)), shipped)
    assert (title.names, rows_of(title)) == (("",), [["Seropositifs VIH"]])
    assert found(text, shipped).hits["hiv"][0] == found(TURNED, shipped).hits["hiv"][0] + 1


@pytest.mark.parametrize(
    "text",
    [
        "Champ;Type;Longueur;Libellé\nnom;varchar;50;Nom du patient\nprenom;varchar;50;Prénom\nddn;date;10;Naissance\n",
        "nom;varchar;50\nprenom;varchar;50\nddn;date;10\nvih;bool;1\n",  # fields without people
        "Nom;Alpha;Beta\nPrix;12;13\nDiagnostic;cancer;VIH\n",
        "Nom;Durand;Petit\nPrénom;Jean;Luc\nTéléphone;0243112233;0243112234\nService;VIH;Diabétologie\n",  # colleagues
        "NOM;PRENOM;VIH\nDUPONT;Marie;POS\nPETIT;Anne;NEG\n",
        "Nom du médecin;Durand Jean;Petit Luc\nDate de naissance;12/03/1985;12/03/1973\nVIH;POS;NEG\n",
        "Nom;DUPONT\nPrénom;Marie\nVIH;POS\n",
    ],
)
def test_other_small_tables_are_not_turned(text: str, shipped: Ruleset) -> None:
    table = table_of(cells_of(text))
    assert [one is table for one in shaped(table, shipped)] == [True]


def test_nor_are_long_ones(shipped: Ruleset) -> None:
    table = table_of(cells_of(TURNED + "Diagnostic;asthme;asthme;asthme\n" * 60))
    assert [one is table for one in shaped(table, shipped)] == [True]


def test_empty_tables(shipped: Ruleset) -> None:
    batch = pa.record_batch([pa.array([], pa.string())] * 3, ["c0", "c1", "c2"])
    table = Table(3, lambda: iter([]), lambda: batch)
    assert [one is table for one in shaped(table, shipped)] == [True]


@pytest.mark.parametrize(("text", "persons", "told"), [(DAY, 5, 5), (TURNED, 3, 2)])
def test_files_are_read_so(text: str, persons: int, told: int) -> None:
    facts = run_example(text, Level.PUBLIC)
    assert (facts.persons, facts.identified_health) == (persons, told)


def test_of_several_workers_the_first_reads_all(shipped: Ruleset) -> None:
    scanner = Scanner(shipped, SEALER, Limits())
    whole, first, second = Tally(), Tally(), Tally()
    for tally, share in ((whole, (0, 1)), (first, (0, 2)), (second, (1, 2))):
        assert scanner._table(table_of(cells_of(DAY)), tally, 0, share, "") == []
    assert first.wire() == whole.wire()
    assert (whole.records, second.records) == (7, 0)
