"""Dumps and fixed-width files read whole: how grave they are, and for how many people."""

from __future__ import annotations

import pytest

from phiscan.scan.scanner import Observer
from tests.eval.reading import scanned, severity_of


def judged(name: str, text: str) -> tuple[str, int, int]:
    """Return the severity of a file in a public place, its persons, and those of them with a health fact."""
    facts, _ = scanned(name, text.encode(), Observer())
    return severity_of(facts).name.lower(), facts.persons, facts.identified_health


COLUMNS = "(id, nom, prenom, datnais, motif)"
ONE = "(31,'GUIDEL','Armelle','1961-07-19','infection par le VIH')"
TWO = "(32,'TESSIER','Omar','1990-10-02','carcinome canalaire du sein')"
UPDATE = (
    "UPDATE patient SET nom='GUIDEL', prenom='Armelle', datnais='1961-07-19', motif='infection par le VIH'\n"
    "WHERE id=31;\n"
)


@pytest.mark.parametrize(
    ("name", "text", "persons"),
    [
        ("correctif.sql", f"INSERT INTO patient {COLUMNS} VALUES {ONE};\n", 1),
        ("correctif.txt", f"INSERT INTO patient {COLUMNS} VALUES {ONE},{TWO};\n", 2),
        ("correctif.sql", f"-- avant la reprise, voir le ticket\nINSERT INTO patient VALUES {ONE};\n", 1),
        ("reprise", UPDATE, 1),
        ("reprise.sql", f"Reprise du 12\n{UPDATE}", 1),
        ("sejours.sql", "UPDATE sejour SET motif = 'trouble bipolaire' WHERE ipp = '80014477';\n", 1),
    ],
)
def test_few_rows_of_a_script(name: str, text: str, persons: int) -> None:
    assert judged(name, text) == ("critical", persons, persons)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("lisez-moi.md", f"Pour ajouter une fiche :\n\nINSERT INTO patient {COLUMNS} VALUES {ONE};\n", ("info", 0, 0)),
        ("procedure.txt", f"Corriger ainsi :\n\n{UPDATE}\nPuis relancer.\n", ("info", 0, 0)),
        ("fixtures.py", f'SQL = """\nINSERT INTO patient {COLUMNS} VALUES {ONE};\n"""\n', ("info", 0, 0)),
        (
            "referentiel.sql",
            "INSERT INTO ref_cim10 (code, libelle) VALUES ('B24','infection par le VIH');\n"
            "UPDATE ref_cim10 SET libelle='cancer du sein' WHERE code='C50';\n",
            ("info", 0, 0),
        ),
        (
            "comptes.sql",
            "INSERT INTO utilisateur (id, nom, prenom, fonction) VALUES (1,'GUIDEL','Armelle','psychiatre');\n"
            "INSERT INTO service (id, libelle) VALUES (4,'Oncologie');\n"
            "UPDATE utilisateur SET fonction='oncologue' WHERE id=1;\n",
            ("none", 1, 0),
        ),
        (
            "catalogue.sql",
            "INSERT INTO produit (ref, libelle, prix) VALUES ('A1','Test rapide VIH',12.5);\n"
            "INSERT INTO client (nom, ville) VALUES ('Pharmacie du Port','Brest');\n",
            ("info", 0, 0),
        ),
    ],
)
def test_scripts_and_examples_about_nobody(name: str, text: str, expected: tuple[str, int, int]) -> None:
    assert judged(name, text) == expected
