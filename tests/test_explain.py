"""What `phiscan explain` says, as it is printed: why, whose, what of a table, and the verdict of a scan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.running import PATIENTS, Inside

LETTER = """\
Réf. 295109912611193, code C50.9, classe A+
Patiente : DUPONT Marie
Prescripteur : Dr MARTIN Paul
Lutte contre le VIH ; glucose 5,2 mmol/L
VIH positif
"""


@pytest.fixture
def inside(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Inside:
    """Run commands in this process."""
    return Inside(tmp_path, capfdbinary, monkeypatch)


def explained(inside: Inside, folder: Path, name: str, content: str) -> list[str]:
    """Return the lines printed about a file; narrow spaces as spaces."""
    (folder / name).write_text(content)
    status, out, err = inside("explain", "--assume-exposure", "public", name)
    assert (status, err) == (0, b"")
    return out.decode().replace("\u202f", " ").splitlines()


def after(lines: list[str], title: str) -> list[str]:
    """Return the lines below a title, up to the next empty one."""
    start = next(at for at, line in enumerate(lines) if line.startswith(title)) + 1
    return lines[start : lines.index("", start)]


def test_why_hits_do_not_count(inside: Inside, tmp_path: Path) -> None:
    lines = explained(inside, tmp_path, "lettre.txt", LETTER)
    said = {line.split(" · ")[-1] for line in after(lines, "Examinés et écartés")}
    assert {
        "health.lab_analyte terme ambigu : il en faut 3 dans un enregistrement, il y en a 1",
        "health.hiv terme : dans une expression exclue (« lutte contre le vih »)",
        "fr.ins matricule : indices insuffisants (0.00 avec forme, contrôle réussi ; compterait avec mot voisin ou "
        "libellé)",
    } - said == set()
    assert any(line.endswith("aucune personne : professionnel, jamais le patient") for line in lines)


def test_which_of_two_hits_stands(inside: Inside, tmp_path: Path) -> None:
    lines = explained(inside, tmp_path, "ins.txt", "Matricule INS : 2 85 03 78 006 084 09\nVIH positif\n")
    assert [line.split(" · ")[0] for line in lines if line.startswith("INS · ")] == ["INS"]
    said = [line for line in after(lines, "Examinés et écartés") if line.split(" · ")[1] == "NIR"]
    assert any(line.endswith(" : un meilleur motif couvre le même passage (fr.ins)") for line in said)


def test_whom_it_is_about(inside: Inside, tmp_path: Path) -> None:
    lines = explained(inside, tmp_path, "lettre.txt", LETTER)
    assert after(lines, "Qui est concerné") == ["  enregistrement 1 : personne 1, reconnue par NIR, nom complet"]
    takes = (
        "  il faut un NIR, un INS, un numéro de patient, un nom complet avec la date de naissance, ou un nom complet à "
        "la place du patient (libellé, ou civilité et mot qui le dit)"
    )
    lines = explained(inside, tmp_path, "note.txt", "Mme DUPONT Marie et le VIH\n")
    assert after(lines, "Qui est concerné") == [
        "  enregistrement 1 : aucune personne nommée ; il y a nom complet (pas à la place du patient)",
        takes,
    ]
    lines = explained(inside, tmp_path, "note.txt", "VIH positif, née le 12/03/1965\n")
    assert after(lines, "Qui est concerné") == [
        "  enregistrement 1 : aucune personne nommée ; il y a date de naissance",
        takes,
    ]


def test_two_patients_and_whose_each_fact_is(inside: Inside, tmp_path: Path) -> None:
    text = "Patient : DUPONT Jean, né le 12/03/1965\nVIH positif\n\nPatient : MARTIN Paul, né le 01/02/1970\nasthme\n"
    lines = explained(inside, tmp_path, "deux.txt", text)
    assert after(lines, "Qui est concerné") == [
        "  enregistrement 1 : personne 1, reconnue par date de naissance, nom complet",
        "  enregistrement 2 : personne 2, reconnue par date de naissance, nom complet",
    ]
    at = next(at for at, line in enumerate(lines) if line.startswith("VIH · "))
    assert "  rattaché à   personne 1, enregistrement 1 (patient)" in lines[at : at + 7]


def test_examples_in_programs_are_nobody(inside: Inside, tmp_path: Path) -> None:
    code = "/* VIH */\n// Patient : DUPONT Marie, née le 12/03/1965\nint main() { return 0; }\n"
    lines = explained(inside, tmp_path, "a.c", code)
    assert after(lines, "Qui est concerné") == [
        "  enregistrement 1 : aucune personne nommée ; il y a date de naissance, nom complet",
        "  programme ou documentation : moins de trois personnes y sont des exemples",
    ]
    assert [line for line in lines if "rattaché à" in line] == ["  rattaché à   aucune personne (enregistrement 1)"] * 3


def test_names_alone_are_not_looked_for(inside: Inside, tmp_path: Path) -> None:
    lines = explained(inside, tmp_path, "nom.txt", "DUPONT Marie, patiente du mardi\n")
    assert lines[0] == "Rien trouvé."
    assert [line.split(" : ", 1)[1] for line in after(lines, "Examinés et écartés")] == [
        "rien d'autre dans ce passage : noms et dates n'y sont pas cherchés"
    ]


def test_the_columns_of_a_table(inside: Inside, tmp_path: Path) -> None:
    table = PATIENTS.replace("VIH\n", "VIH;MEDECIN;N;SECRET\n").replace("positif\n", "positif;Dr MARTIN;12;a\n")
    lines = explained(inside, tmp_path, "patients.csv", table.replace("négatif\n", "négatif;Dr PETIT;13;b\n"))
    both, fit = "par son en-tête et par ses valeurs", "2 valeurs sur 2 conviennent"
    assert after(lines, "Tableau · lignes : 2 · personnes : 2") == [
        f"  colonne NIR                    NIR (fr.nir) · {both} · {fit}, dont 2 contrôlées",
        f"  colonne NOM                    nom (fr.person_name, last_name) · {both} · {fit}, dont 2 contrôlées",
        f"  colonne PRENOM                 nom (fr.person_name, first_name) · {both} · {fit}, dont 2 contrôlées",
        f"  colonne DATE_NAISSANCE         date de naissance (fr.birth_date) · {both} · {fit}, dont 2 contrôlées",
        f"  colonne VIH                    VIH (health.hiv) · par son en-tête · {fit}",
        f"  colonne MEDECIN                prescripteur ou médecin (fr.practitioner) · {both} · {fit}, dont 2 "
        "contrôlées · professionnel",
        "  colonne #7                     rien à chercher : nombres courts",
        "  colonne SECRET                 texte libre, cherché cellule par cellule (son en-tête annonce "
        "fr.credentials, ses valeurs non)",
    ]
    assert not any(line.startswith("Qui est concerné") for line in lines)
    assert "  rattaché à   ligne 2 du tableau (patient)" in lines


@pytest.mark.parametrize("name", ["lettre.txt", "patients.csv"])
def test_the_verdict_is_that_of_a_scan(inside: Inside, tmp_path: Path, name: str) -> None:
    lines = explained(inside, tmp_path, name, LETTER if name == "lettre.txt" else PATIENTS)
    status, out, _ = inside("scan", "-f", "json", "--assume-exposure", "public", name)
    (found,) = json.loads(out)["files"]
    assert (status, found["severity"]) == (10, "critical")
    rules = [line.rsplit("[", 1)[1].rstrip("]") for line in after(lines, "Verdict : critique · ") if line[-1] == "]"]
    assert rules == [rule["id"] for rule in found["rules"]]
    people = {1: "1 personne, dont 1", 2: "2 personnes, dont 2"}[found["persons"]["count"]]
    assert f"  personnes    {people} avec des données de santé" in lines
    assert "               supposé : --assume-exposure public (ligne de commande)" in lines


def test_why_a_fact_is_stated_so(inside: Inside, tmp_path: Path) -> None:
    text = (
        "Patiente : DUPONT Marie, née le 12/03/1965\n\n"
        "Pas d'argument pour une tuberculose. Sa mère a une sclérose en plaques.\n"
    )
    lines = explained(inside, tmp_path, "lettre.txt", text)
    stated = [line.split()[1] for line in lines if line.startswith("  énoncé")]
    because = [line for line in lines if line.startswith("  d'après")]
    assert (stated, len(because)) == (["nié", "à"], 2)
    assert "« pas d » devant" in because[0]
    assert "« mere » devant" in because[1] or "mot de parenté devant" in because[1]


def test_a_fact_far_from_its_person_is_nobodys(inside: Inside, tmp_path: Path) -> None:
    text = "Patiente : DUPONT Marie, née le 12/03/1965\n" + "Suite de l'ouvrage, sans rien.\n" * 4000 + "VIH positif\n"
    lines = explained(inside, tmp_path, "livre.txt", text)
    at = next(at for at, line in enumerate(lines) if line.startswith("VIH · "))
    assert "  rattaché à   aucune personne : trop loin de celle que nomme l'enregistrement 1" in lines[at : at + 8]


def test_the_subject_of_a_paper_of_work_is_nobodys(inside: Inside, tmp_path: Path) -> None:
    text = (
        "CONTRAT DE TRAVAIL A DUREE DETERMINEE\n\n"
        "Entre la clinique des Tilleuls et Mme Josiane MARTIN, née le 12/03/1985, infirmière.\n\n"
        "Article 1. Mme MARTIN est engagée au service de cancérologie pour la prise en charge de leucémies.\n"
    )
    lines = explained(inside, tmp_path, "contrat.txt", text)
    linked = [line.removeprefix("  rattaché à   ") for line in lines if line.startswith("  rattaché à")]
    work = "aucune personne : l'enregistrement 1 parle de travail, et de la santé de personne"
    assert linked == ["personne 1, enregistrement 1 (patient)"] * 3 + [work]


TABLE = """\
NOM;PRENOM;DDN;VIH;GS;COMMENTAIRE;POSTE
DURAND;Paul;01/02/1950;NEG;A+;lutte contre le sida;infirmier VIH
MARTIN;Sophie;12/03/1965;POS;O-;mère diabétique;commercial
PETIT;Luc;03/04/1971;NEG;B+;pas de crampes, note A+;retraité
"""


def test_what_was_found_and_dropped_in_single_cells(inside: Inside, tmp_path: Path) -> None:
    lines = explained(inside, tmp_path, "export.csv", TABLE)
    at = lines.index("diagnostic · ••• · 0.65")
    assert lines[at : at + 5] == [
        "diagnostic · ••• · 0.65",
        "  où           ligne 2, colonne #6",
        "  motif        health.diagnosis terme [FR_HEALTH_DIAGNOSIS]",
        "  indices      terme",
        "  énoncé       à propos d'un proche",
    ]
    at = lines.index("diagnostic · ••• · 0.55")
    assert lines[at + 2 : at + 5] == [
        "  motif        health.diagnosis_record terme ambigu [FR_HEALTH_DIAGNOSIS]",
        "  indices      terme ambigu, document médical",
        "  énoncé       nié",
    ]
    assert after(lines, "Examinés et écartés") == [
        "  ligne 1, colonne #6 · VIH · ••• · health.hiv terme ambigu : dans une expression exclue "
        "(« lutte contre le sida »)",
        "  ligne 1, colonne #6 · VIH · ••• · health.hiv_record terme ambigu : dans une expression exclue",
        "  ligne 3, colonne #6 · groupe sanguin · ••• · health.blood_group_short short : indices insuffisants "
        "(0.00 avec forme, document médical ; compterait avec mot voisin ou libellé)",
        "  ligne 1, colonne #7 · VIH · ••• · health.hiv terme : un métier ou une formation",
    ]
    columns = {line.split("  ")[1]: line for line in after(lines, "Tableau")}
    assert columns["colonne #6"].endswith("remarques sur des patients, lues comme un document médical")
    assert columns["colonne #7"].endswith("métier ou formation : ce qui y touche à la santé n'est celle de personne")


def test_how_the_cells_of_a_coded_column_are_stated(inside: Inside, tmp_path: Path) -> None:
    lines = explained(inside, tmp_path, "export.csv", TABLE)
    stated = [lines[at + 4] for at, line in enumerate(lines) if line.startswith("VIH · ")]
    assert stated == ["  énoncé       nié", "  énoncé       affirmé", "  énoncé       nié"]


def test_no_value_of_a_cell_is_told(inside: Inside, tmp_path: Path) -> None:
    said = "\n".join(explained(inside, tmp_path, "export.csv", TABLE)).upper()
    for value in ("DURAND", "SOPHIE", "1965", "CRAMPES", "INFIRMIER", "COMMERCIAL", "DIABÉTIQUE"):
        assert value not in said
