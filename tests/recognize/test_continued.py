"""Rows below the one that names their person: merged cells, reports by patient."""

from __future__ import annotations

from pathlib import Path

import pytest

from phiscan.extract.plain import read_text_or_table
from phiscan.fold import fold_str
from phiscan.link import Identity
from phiscan.model import Table
from phiscan.recognize.columns import make_plan
from phiscan.recognize.names import Name
from phiscan.recognize.table import read_table
from phiscan.tally import Tally
from tests.recognize.small import small
from tests.recognize.test_table import SEALER, cells_of, key_of, persons, pictured, table_of, tallied

DUPONT = key_of(Identity(name=Name("DUPONT", "MARIE"), birth_date="19650312"))
MARTIN = key_of(Identity(name=Name("MARTIN", "PAUL"), birth_date="19481201"))
WHO = ["person_name", "birth_date"]

MERGED = """\
NOM;PRENOM;DDN;JOUR;EVENEMENT
DUPONT;Marie;12/03/1965;02/01;entree
;;;05/01;VIH positif
;;;09/01;sortie
MARTIN;Paul;01/12/1948;03/01;entree
;;;04/01;asthme
"""


def test_rows_belong_to_the_person_above_them() -> None:
    tally = tallied(MERGED)
    assert persons(tally) == {DUPONT: [*WHO, "hiv", "STRONG"], MARTIN: [*WHO, "diagnosis", "STRONG"]}
    assert (tally.records, tally.hits["person_name"][0], tally.hits["hiv"][0]) == (5, 2, 1)


@pytest.mark.parametrize("cuts", [[1], [2], [3], [2, 3, 4, 5], [4], [5]])
def test_however_the_rows_are_cut(cuts: list[int]) -> None:
    assert pictured(tallied(table_of(cells_of(MERGED), cuts))) == pictured(tallied(MERGED))


def test_one_patient_alone() -> None:
    tally = tallied("NOM;PRENOM;DDN;JOUR;EVENEMENT\nDUPONT;Marie;12/03/1965;02/01;entree\n;;;05/01;VIH positif\n")
    assert persons(tally) == {DUPONT: [*WHO, "hiv", "STRONG"]}


@pytest.mark.parametrize(
    "between",
    [
        ";;;;",  # a blank row
        "; ;;;",
        ";;;Total;2",
        ";;;Sous-total :;2",
        "INCONNU;;;05/01;",  # somebody, but nobody knows who
    ],
)
def test_nobody_is_above_what_stands_below_a_blank_row_a_total_or_nobody(between: str) -> None:
    rows = MERGED.replace(";;;09/01;sortie\n", f"{between}\n;;;10/01;asthme\n")
    rows += "MARTIN;Paul;01/12/1948;03/01;sortie\n" * 10
    assert persons(tallied(rows))[DUPONT] == [*WHO, "hiv", "STRONG"]


def test_titles_in_the_first_column_are_nobodys() -> None:
    rows = "LIT;NOM;PRENOM;DDN;MOTIF\n1;DUPONT;Marie;12/03/1965;chute\n;;;;VIH\nASTHME;;;;\n;;;;asthme\n"
    tally = tallied(rows + "3;MARTIN;Paul;01/12/1948;\n")
    assert persons(tally) == {DUPONT: [*WHO, "hiv", "diagnosis", "STRONG"], MARTIN: [*WHO, "STRONG"]}
    assert tally.hits["diagnosis"][0] == 4


LISTED = "NOM;PRENOM;DDN;JOUR;EVENEMENT\nDUPONT;Marie;12/03/1965;02/01;\nMARTIN;Paul;01/12/1948;03/01;\n"


@pytest.mark.parametrize(
    "rows",
    [
        LISTED + ";;;asthme;12\n;;;VIH;3\n",  # figures below a list of several
        "\n".join(LISTED.splitlines()[:2]) + "\n;;;;VIH\n",  # a remark below the only one
        LISTED + ";;;04/01;VIH\nPETIT;;01/12/1958;;\n;Anne;;;\nMOREAU;Luc;;;\n",  # some have this, others that
        "JOUR;EVENEMENT\n02/01;VIH\n;asthme\n",  # nobody is named
        "NOM;PRENOM;DDN;JOUR;EVENEMENT\n;;;02/01;VIH\nDUPONT;Marie;12/03/1965;03/01;\n",
        "MEDECIN;RPPS;JOUR;EVENEMENT\nDr DUPONT Marie;10008873761;02/01;\n;;03/01;VIH\nDr PETIT Anne;10008873779;;\n",
    ],
)
def test_rows_that_are_about_nobody_above(rows: str) -> None:
    plan = make_plan([[fold_str(cell) for cell in row] for row in cells_of(rows)], None, small())
    assert not plan.continued
    assert not [who for who in persons(tallied(rows)).values() if "hiv" in who or "diagnosis" in who]


@pytest.mark.parametrize("kind", ["sql", "json"])
def test_records_of_a_database_have_no_order(kind: str) -> None:
    table = table_of(cells_of(MERGED))
    table.kind = kind
    assert persons(tallied(table)) == {DUPONT: [*WHO, "STRONG"], MARTIN: [*WHO, "STRONG"]}


def test_such_a_table_is_read_by_the_first_of_several_workers(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(MERGED)
    with path.open("rb") as stream:
        (table,) = read_text_or_table(stream, path.stat().st_size, path.name)
        assert isinstance(table, Table)
        whole, first, second = Tally(), Tally(), Tally()
        read_table(table, small(), SEALER, whole)
        read_table(table, small(), SEALER, first, 0, (0, 2))
        read_table(table, small(), SEALER, second, 0, (1, 2))
    assert first.wire() == whole.wire()
    assert second.records == 0
