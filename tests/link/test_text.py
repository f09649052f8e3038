"""Linking in text: where one patient's record ends and the next begins, and who is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiscan.fold import fold
from phiscan.link import Identity
from phiscan.link.text import TextLinker
from phiscan.model import CATEGORIES, Text
from phiscan.recognize.names import Name
from phiscan.recognize.text import TextPath
from phiscan.seal import Sealer
from phiscan.tally import INEXACT, STRONG, Tally
from tests.recognize.small import small

SEALER = Sealer(b"the key of the tests")
NIR, OTHER_NIR = "2951099126111", "1850578006084"
MARIE = Identity(name=Name("DUPONT", "MARIE"), birth_date="19650312", placed=True)
PAUL = Identity(name=Name("MARTIN", "PAUL"), birth_date="19481201", placed=True)


def tallied(*passages: str, path: str = "", named: Name | None = None) -> Tally:
    """Return the tally of a document of these passages, as one part; `named`: whom its path names."""
    tally = Tally()
    linker, finder = TextLinker(small(), SEALER, tally), TextPath(small())
    if path:
        linker.add_path(finder.find(fold(path), everything=True), named)
    line = 1
    for number, passage in enumerate(passages, 1):
        linker.add(finder.find(fold(passage)), Text(passage, line=line, page=number if len(passages) > 1 else None))
        line += passage.count("\n")
    linker.close()
    return tally


def persons(tally: Tally) -> dict[int, list[str]]:
    """Return each person's categories, and how they are known."""
    flags = (("STRONG", STRONG), ("INEXACT", INEXACT))
    return {
        int(key): [name for bit, name in enumerate(CATEGORIES) if int(mask) >> bit & 1]
        + [name for name, flag in flags if int(mask) & flag]
        for key, mask in zip(tally.keys, tally.masks, strict=True)
    }


def key(identity: Identity) -> int:
    return int(SEALER.persons([identity.named()[0]])[0])


LETTER = """\
Laboratoire Duval, 12 rue du Port, 56000 Vannes, tel 02 97 12 34 56, labo@exemple.fr

Cher confrère,
je vous remercie de m'avoir adressé Mme DUPONT Marie, née le 12/03/1965,
NIR 2 95 10 99 126 111 93. La sérologie VIH est négative, asthme ancien.
Nous la reverrons. Sa mère est séropositive.

Docteur Yann KERVELLA
"""


def test_one_letter_is_one_record() -> None:
    tally = tallied(LETTER)
    who = Identity(nir=NIR, name=Name("DUPONT", "MARIE"), birth_date="19650312")
    assert persons(tally) == {
        key(who): [
            "nir",
            "person_name",
            "birth_date",
            "address",
            "email",
            "phone",
            "practitioner",
            "hiv",
            "diagnosis",
            "STRONG",
        ]
    }
    assert tally.records == 1
    assert {name: counts for name, counts in tally.hits.items() if name in ("hiv", "diagnosis")} == {
        "hiv": [0, 0, 0, 1, 1],
        "diagnosis": [0, 1, 0, 0, 0],
    }


def test_facts_before_the_first_identity_are_of_its_record() -> None:
    assert persons(tallied("VIH positif.\n\n\nMme DUPONT Marie, née le 12/03/1965")) == {
        key(MARIE): ["person_name", "birth_date", "hiv", "STRONG"]
    }


def test_facts_far_behind_the_identity_are_of_its_record() -> None:
    text = "Mme DUPONT Marie, née le 12/03/1965.\n" + "Suite du courrier.\n" * 300 + "VIH positif."
    assert persons(tallied(text)) == {key(MARIE): ["person_name", "birth_date", "hiv", "STRONG"]}


WIDE = "Suite de l'ouvrage.\n" * 7000  # some fifty pages


@pytest.mark.parametrize("text", ["{person}" + WIDE + "VIH positif.", "VIH positif.\n" + WIDE + "{person}"])
def test_facts_a_book_away_from_the_identity_are_nobodys(text: str) -> None:
    person = "Mme DUPONT Marie, née le 12/03/1965.\n"
    assert persons(tallied(text.format(person=person))) == {key(MARIE): ["person_name", "birth_date", "STRONG"]}


def test_a_long_record_that_tells_again_whose_it_is_goes_on() -> None:
    person = "Mme DUPONT Marie, née le 12/03/1965.\n"
    for text in (person + WIDE + person + "VIH positif.", person + "VIH positif." + WIDE + "VIH positif."):
        assert persons(tallied(text)) == {key(MARIE): ["person_name", "birth_date", "hiv", "STRONG"]}


def test_a_path_that_names_somebody_names_them_for_the_whole_text() -> None:
    tally = tallied(WIDE + "VIH positif.", path="CR DUPONT Marie", named=Name("DUPONT", "MARIE"))
    assert [found for found in persons(tally).values() if "hiv" in found] == [["person_name", "hiv", "INEXACT"]]


def test_a_list_of_patients_is_one_record_a_line() -> None:
    tally = tallied(
        "Nom : DUPONT Prénom : Marie Date de naissance : 12/03/1965 VIH : POS\n"
        "Nom : MARTIN Prénom : Paul Date de naissance : 01/12/1948 asthme\n"
        "Nom : PETIT Prénom : Anne Date de naissance : 05/05/1970\n"
    )
    anne = Identity(name=Name("PETIT", "ANNE"), birth_date="19700505")
    assert persons(tally) == {
        key(MARIE): ["person_name", "birth_date", "hiv", "STRONG"],
        key(PAUL): ["person_name", "birth_date", "diagnosis", "STRONG"],
        key(anne): ["person_name", "birth_date", "STRONG"],
    }
    assert tally.records == 3


def test_a_family_is_as_many_persons_as_it_has_members() -> None:
    tally = tallied(
        "nom: DUPONT\nprenom: Marie\nDate de naissance: 12/03/1965\nasthme\n\n"
        "nom: DUPONT\nprenom: Paul\nDate de naissance: 01/12/1990\nVIH positif\n"
    )
    paul = Identity(name=Name("DUPONT", "PAUL"), birth_date="19901201")
    assert persons(tally) == {
        key(MARIE): ["person_name", "birth_date", "diagnosis", "STRONG"],
        key(paul): ["person_name", "birth_date", "hiv", "STRONG"],
    }


def test_a_name_in_a_remark_takes_no_number_of_the_record_behind_it() -> None:
    tally = tallied(
        "NIR: 2 95 10 99 126 111 93\nnom: DUPONT\nprenom: Marie\nDate de naissance: 12/03/1965\n"
        "asthme, Mme Legrand Anne signera\n\n"
        "NIR: 1 85 05 78 006 084 91\nnom: MARTIN\nprenom: Paul\nDate de naissance: 01/12/1948\nVIH positif\n\n"
        "NIR: 2 95 10 99 126 111 93\nnom: DUPONT\nprenom: Luc\nDate de naissance: 01/12/1990\n"
    )
    found = {
        key(Identity(nir=nir, name=Name(last, first), birth_date=born))
        for nir, last, first, born in (
            (NIR, "DUPONT", "MARIE", "19650312"),
            (OTHER_NIR, "MARTIN", "PAUL", "19481201"),
            (NIR, "DUPONT", "LUC", "19901201"),
        )
    }
    assert persons(tally).keys() == found


def test_a_fact_at_the_head_of_a_line_is_of_that_line() -> None:
    tally = tallied("VIH Mme DUPONT Marie née le 12/03/1965\nasthme Monsieur MARTIN Paul né le 01/12/1948\n")
    assert persons(tally) == {
        key(MARIE): ["person_name", "birth_date", "hiv", "STRONG"],
        key(PAUL): ["person_name", "birth_date", "diagnosis", "STRONG"],
    }


def test_numbers_alone_begin_records() -> None:
    tally = tallied("IPP 800123 VIH\nIPP 800124 asthme\nIPP 800123 asthme\n")
    assert persons(tally) == {
        key(Identity(patient_id="800123")): ["patient_id", "hiv", "diagnosis", "STRONG"],
        key(Identity(patient_id="800124")): ["patient_id", "diagnosis", "STRONG"],
    }
    assert tally.records == 3


def test_pages_with_the_same_identity_are_one_record() -> None:
    head = "Patient : DUPONT Marie née le 12/03/1965\n"
    tally = tallied(head + "VIH positif", head + "asthme", "suite, VIH")
    assert persons(tally) == {key(MARIE): ["person_name", "birth_date", "hiv", "diagnosis", "STRONG"]}
    assert tally.records == 1


def test_a_second_patient_on_the_next_page_begins_a_record() -> None:
    tally = tallied(
        "Patient : DUPONT Marie née le 12/03/1965\nVIH positif",
        "Patient : MARTIN Paul né le 01/12/1948\nasthme",
        "suite : diabète",
    )
    assert persons(tally) == {
        key(MARIE): ["person_name", "birth_date", "hiv", "STRONG"],
        key(PAUL): ["person_name", "birth_date", "diagnosis", "STRONG"],
    }
    assert tally.records == 2


def test_another_name_without_more_begins_no_record() -> None:
    tally = tallied("Mme DUPONT Marie, née le 12/03/1965.\nSa voisine, Mme MOREAU Lucie, appelle. VIH positif.")
    assert persons(tally) == {key(MARIE): ["person_name", "birth_date", "hiv", "STRONG"]}
    assert tally.records == 1


RECORDS = """\
passages:
  patient:
    nom: DUPONT
    prenom: Marie
  memo: infection par le VIH

passages:
  patient:
    nom: MARTIN
    prenom: Paul
  memo: asthme
"""


def of_names(text: str) -> list[list[str]]:
    return sorted(persons(tallied(text)).values())


def test_records_of_one_form_that_only_name_their_patients() -> None:
    told = [["person_name", "diagnosis", "INEXACT"], ["person_name", "hiv", "INEXACT"]]
    assert of_names(RECORDS) == told
    before = "passages:\n  memo: VIH positif\n  patient:\n    nom: DUPONT\n    prenom: Marie\n\n"
    before += "passages:\n  memo: asthme\n  patient:\n    nom: MARTIN\n    prenom: Paul\n"
    assert of_names(before) == told
    contact = "  contact:\n    nom: MOREAU\n    prenom: Lucie\n  memo"
    assert of_names(RECORDS.replace("  memo", contact)) == told


@pytest.mark.parametrize(
    "text",
    [
        "\nNom : DUPONT\nPrénom : Marie\nasthme, VIH positif\n\nNom : MOREAU\nPrénom : Lucie\nSignature\n",
        "Patient\nNom : DUPONT\nPrénom : Marie\nasthme\nA prévenir\nNom : MOREAU\nPrénom : Lucie\nVIH positif\n",
    ],
)
def test_who_signs_or_is_to_be_called_begins_none(text: str) -> None:
    assert of_names(text) == [["person_name", "hiv", "diagnosis", "INEXACT"]]


def test_a_name_in_use_and_a_birth_name_are_one_person() -> None:
    tally = tallied("Nom : DUPONT\nPrénom : Marie\nNom_naissance : MARTIN\nDate de naissance : 12/03/1965\nVIH : POS\n")
    who = Identity(name=Name("DUPONT", "MARIE", "MARTIN"), birth_date="19650312")
    assert persons(tally) == {key(who): ["person_name", "birth_date", "hiv", "STRONG"]}


@pytest.mark.parametrize("number", [f"NIR {NIR}93", "NIR : 2 95 10 99 126 111 93", f"NIR : {NIR}"])
def test_a_number_and_its_spellings_are_one_person(number: str) -> None:
    assert list(persons(tallied(f"{number}\nVIH"))) == [key(Identity(nir=NIR))]


# ---- who is nobody ----


@pytest.mark.parametrize(
    "text",
    [
        "Docteur Yann KERVELLA. VIH positif",
        "VIH positif, écrire à ana@exemple.fr",
        "VIH positif, tel 06 12 34 56 78",
        "VIH, MARTIN Sophie",
        "VIH. 12 rue du Port, 56000 Vannes",
        "VIH, née le 12/03/1965",
        "Nom : INCONNU\nPrénom : X\nDate de naissance : 12/03/1965\nVIH",
        "Nom : DUPONT\nVIH",
        "NIR : 000000000000000 VIH",
        "Médecin : MARTIN Paul\nVIH",
        "VIH",
        "rien",
        "",
    ],
)
def test_nobody_is_named(text: str) -> None:
    tally = tallied(text)
    assert persons(tally) == {}
    assert tally.records == int("VIH" in text)


def test_what_stands_in_the_patients_position_names_somebody() -> None:
    assert persons(tallied("Patient : DUPONT Marie\nVIH")) == {
        key(Identity(name=Name("DUPONT", "MARIE"), placed=True)): ["person_name", "hiv", "INEXACT"]
    }
    assert persons(tallied("Monsieur MARTIN Paul\nVIH")) == {
        key(Identity(name=Name("MARTIN", "PAUL"), placed=True)): ["person_name", "hiv", "INEXACT"]
    }


def test_the_doctor_who_signs_begins_no_record_and_lends_no_number() -> None:
    tally = tallied(
        "Mme DUPONT Marie, née le 12/03/1965, VIH.\n\nDocteur Yann KERVELLA né le 04/04/1960\ntel 02 97 12 34 56\n"
    )
    assert list(persons(tally)) == [key(MARIE)]
    assert tally.records == 1


def test_a_relatives_phone_names_nobody() -> None:
    tally = tallied("Tel mère : 06 12 34 56 78\nVIH")
    assert (persons(tally), tally.hits["phone"][0]) == ({}, 1)


def test_family_facts_count_for_the_patient() -> None:
    tally = tallied("Mme DUPONT Marie, née le 12/03/1965. Mère VIH positive.")
    assert persons(tally) == {key(MARIE): ["person_name", "birth_date", "hiv", "STRONG"]}
    assert tally.hits["hiv"] == [0, 0, 0, 0, 1]


# ---- labels above their values, paths, several of a kind ----


def test_labels_above_their_values() -> None:
    tally = tallied("Nom :\nDUPONT\nPrénom :\nMarie\nDate de naissance :\n12/03/1965\nMotif :\nasthme\n")
    assert persons(tally) == {key(MARIE): ["person_name", "birth_date", "diagnosis", "STRONG"]}


def test_a_path_names_somebody() -> None:
    tally = tallied("suite du dossier", path="CR DUPONT Marie VIH pdf", named=Name("DUPONT", "MARIE"))
    assert persons(tally) == {
        key(Identity(name=Name("DUPONT", "MARIE"), placed=True)): ["person_name", "hiv", "INEXACT"]
    }
    assert tally.records == 1


def test_what_a_text_says_agrees_with_its_path() -> None:
    path, named = "DUPONT Marie pdf", Name("DUPONT", "MARIE")
    assert list(persons(tallied("Mme DUPONT Marie née le 12/03/1965, VIH", path=path, named=named))) == [key(MARIE)]
    assert list(persons(tallied("Monsieur MARTIN Paul né le 01/12/1948, VIH", path=path, named=named))) == sorted(
        [key(PAUL), key(Identity(name=named, placed=True))]
    )


def test_a_path_with_a_fact_alone_is_no_record() -> None:
    assert tallied("rien", path="statistiques VIH xls").records == 0
    assert tallied("asthme", path="statistiques VIH xls").records == 1


def test_several_in_one_record_of_what_counts_from_three() -> None:
    values = "138 mmol/L, 4,2 mmol/L, 101 mmol/L"
    tally = tallied(f"IPP 800123 {values}\nIPP 800124 138 mmol/L\n")
    assert persons(tally) == {
        key(Identity(patient_id="800123")): ["patient_id", "lab_result", "STRONG"],
        key(Identity(patient_id="800124")): ["patient_id", "STRONG"],
    }
    assert tally.hits["lab_result"][0] == 3


def test_a_doctor_s_own_birth_date_makes_no_patient() -> None:
    tally = tallied("Dr Anne MARTIN, née le 12/03/1965\nVIH : recherche. 06 39 98 12 34, a.martin@example.org")
    assert persons(tally) == {}


def test_samples_know_their_place() -> None:
    tally = tallied("Bonjour,\nVIH positif\nNIR 2 95 10 99 126 111 93\n")
    assert [(one.category, one.where.line, one.masked) for one in tally.samples] == [
        ("hiv", 2, "•••"),
        ("nir", 3, "2 95 10 •• ••• ••• ••"),
    ]
    paged = tallied("VIH", "NIR 2 95 10 99 126 111 93")
    assert [(one.where.page, one.where.line) for one in paged.samples] == [(1, None), (2, None)]


def test_whether_somebody_is_named_so_far() -> None:
    finder = TextPath(small())
    linker = TextLinker(small(), SEALER, Tally())
    nobody, somebody = finder.find(fold("VIH positif")), finder.find(fold("IPP 800123"))
    assert not linker.names_somebody(nobody)
    assert linker.names_somebody(somebody)
    linker.add(somebody, Text(""))
    assert linker.has_person
    assert linker.names_somebody(nobody)


# ---- properties ----

PEOPLE = [
    ("Mme DUPONT Marie née le 12/03/1965", MARIE),
    ("Monsieur MARTIN Paul né le 01/12/1948", PAUL),
    ("IPP 800123", Identity(patient_id="800123")),
    (f"NIR {OTHER_NIR}91", Identity(nir=OTHER_NIR)),
]


@settings(max_examples=80)
@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from(["VIH", "asthme", "rien", ""])), min_size=1, max_size=8))
def test_lines_of_two_patients_are_told_apart(lines: list[tuple[int, str]]) -> None:
    text = "".join(f"{PEOPLE[who][0]} {fact}\n" for who, fact in lines)
    expected: dict[int, set[str]] = {}
    for who, fact in lines:
        facts = {"VIH": {"hiv"}, "asthme": {"diagnosis"}}.get(fact, set())
        expected.setdefault(key(PEOPLE[who][1]), {"person_name", "birth_date", "STRONG"}).update(facts)
    assert {one: set(said) for one, said in persons(tallied(text)).items()} == expected


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            [*(text for text, _ in PEOPLE[:2]), "VIH", "Docteur Yann KERVELLA", "tel 06 12 34 56 78", "rien"]
        ),
        max_size=8,
    )
)
def test_passages_cut_anywhere_name_the_same_persons(parts: list[str]) -> None:
    """Fillers may be missed without an anchor in their passage; whom the text is about is not."""
    assert set(persons(tallied(*parts))) == set(persons(tallied("\n".join(parts))))


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            [
                "Nom :",
                "DUPONT",
                "Prénom :",
                "Marie",
                "VIH",
                "né le 12/03/1965",
                "\n",
                "IPP 800123",
                "Dr MARTIN Paul",
                ",",
            ]
        ),
        max_size=25,
    )
)
def test_any_text_is_linked(parts: list[str]) -> None:
    tally = tallied(" ".join(parts))
    assert len(tally.keys) <= tally.records <= len(parts)


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("IPP : 80012345  NDA : 230012345\nNom : DUPONT Prénom : Marie Né(e) le : 12/03/1965\nSIDA", 1),
        ("Mme DUPONT Marie, née le 12/03/1965, IPP 80012345\nVIH positif\nSéjour n° 230012345, cancer du sein", 1),
        ("IPP : 80012345\nVIH positif\nIPP : 80012399\ncancer du sein", 2),
        ("IPP 80012345 : VIH positif. IPP 80012399 : cancer du sein", 2),
        ("IPP 80012345\nSéjour n° 230012345 : VIH positif\nSéjour n° 230099999 : cancer du sein", 1),
        ("Mme DUPONT Marie, née le 12/03/1965\nVIH positif\nDUPONT Marie, née le 12/08/1965\ncancer du sein", 1),
        ("Mme DUPONT Marie, née le 12/03/1965\nVIH positif\nDUPONT Paul, né le 12/08/1965\ncancer du sein", 2),
    ],
)
def test_numbers_of_two_kinds_are_no_two_patients(text: str, persons: int) -> None:
    assert len(tallied(text).keys) == persons


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Conjoint : DUPONT Marie née le 12/03/1965\nsérologie VIH positive\n", 1),
        ("Conjoint : DUPONT Marie née le 12/03/1965\nNIR 1 85 05 78 006 084 91, sérologie VIH positive\n", 1),
        ("Conjoint : DUPONT Marie\nné le 12/03/1965, sérologie VIH positive\n", 0),
        ("Dr DUPONT Marie née le 12/03/1965\nsérologie VIH positive\n", 0),
    ],
)
def test_whoever_is_named_with_a_birth_date_is_somebody_where_nobody_else_is(text: str, named: int) -> None:
    tally = tallied(text)
    assert len(tally.keys) == named
    if named and "NIR" not in text:
        assert list(persons(tally)) == [key(MARIE)]
