"""Labels: names before a colon, an equals sign or a bar, and the value that follows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.fold import fold
from phiscan.recognize.labels import find_labels
from phiscan.recognize.ruleset import Ruleset
from tests.recognize.small import small


def labelled(text: str) -> list[tuple[str, str]]:
    """Return each label of a text with its value."""
    labels = find_labels(fold(text), small().headers)
    return [(text[label.start : label.separator], text[label.value : label.end]) for label in labels]


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Nom : DUPONT", [("Nom", "DUPONT")]),
        ("Nom: DUPONT\nPrénom: Marie", [("Nom", "DUPONT"), ("Prénom", "Marie")]),
        ("NOM=DUPONT PRENOM=Marie", [("NOM", "DUPONT "), ("PRENOM", "Marie")]),
        ("Nom : DUPONT Prénom : Marie", [("Nom", "DUPONT "), ("Prénom", "Marie")]),
        ("Le prénom de l'enfant : Léa", []),
        ("Son prénom : Léa", [("prénom", "Léa")]),
        ("Date de naissance : 12/03/1965 à Vannes", [("Date de naissance", "12/03/1965 à Vannes")]),
        ("N° sécu : 2 95 10", [("N° sécu", "2 95 10")]),
        ("Nom :\nDUPONT\nPrénom :\nMarie", [("Nom", "DUPONT"), ("Prénom", "Marie")]),
        ("Nom :\n\n   DUPONT", [("Nom", "DUPONT")]),
        ("Nom ;DUPONT;Prénom;Marie", [("Nom", "DUPONT"), ("Prénom", "Marie")]),
        ("VIH;négatif;suite", [("VIH", "négatif")]),
        ("le VIH;négatif", [("le VIH", "négatif")]),
        ("sur le VIH;négatif", []),
        ("Nom | DUPONT | Prénom | Marie", [("Nom", "DUPONT "), ("Prénom", "Marie")]),
        ("VIH : ?", [("VIH", "?")]),
        ("Nom : DUPONT     Tel : 06", [("Nom", "DUPONT"), ("Tel", "06")]),
        ("heure : 10:30", []),
        ("Nom := 'DUPONT'", []),  # program code
        ("Nom : ", [("Nom", "")]),
        ("Nom", []),
        ("Nom :;", [("Nom", "")]),
        ("Nom : DUPONT; Tel : 06", [("Nom", "DUPONT"), ("Tel", "06")]),
        ("Nom........... DUPONT", [("Nom", "DUPONT")]),
        ("Nom   \n   \n  : DUPONT", [("Nom", "DUPONT")]),
        # Without a colon: apart, over columns, alone on the line before, in capitals in a line.
        ("Nom            DUPONT", [("Nom", "DUPONT")]),
        ("Nom      Prénom\nDUPONT   Marie", [("Nom", "DUPONT"), ("Prénom", "Marie")]),
        ("Nom\nDUPONT", [("Nom", "DUPONT")]),
        ("Nom\n\nDUPONT", []),
        ("Nom,\nDUPONT", []),
        ("NOM DUPONT   PRENOM MARIE", [("NOM", "DUPONT   "), ("PRENOM", "MARIE")]),
        # Attributes of XML, as its reader writes them. `nom` alone is what anything is called.
        (
            "ligne@nom: DUPONT\nligne@prenom: Marie\nligne@x: 1965-03-12",
            [("ligne@nom", "DUPONT"), ("ligne@prenom", "Marie")],
        ),
        ("agent@nom: DUPONT\nagent@prenom: Marie\nagent@x: 12", []),
        ("ligne@nom: HALDOL\nautre@prenom: Marie\nligne@x: 1965-03-12", []),
        ("écrire à x@nom: DUPONT", []),
        ('"nom": "DUPONT"', []),
    ],
)
def test_labels_and_their_values(text: str, labels: list[tuple[str, str]]) -> None:
    assert labelled(text) == labels


def test_values_end_somewhere() -> None:
    assert labelled("Nom : " + "A" * 500) == [("Nom", "A" * 160)]


def test_labels_tell_what_they_lead_to() -> None:
    (label,) = find_labels(b"Tel de la mere : 06", small().headers)
    assert (label.role.name, label.column) == ("RELATIVE", False)
    assert [small().recognizers[ref.recognizer].id for ref in label.refs] == ["fr.phone"]
    (label,) = find_labels(b"VIH;NEG", small().headers)
    assert label.column


@pytest.mark.parametrize(
    ("text", "names"),
    [
        # At the beginning of a line `vaccin_*` lets in three words, after a sign two.
        ("Vaccin contre la grippe : fait", ["Vaccin contre la grippe"]),
        ("Traitement ce jour. Vaccin grippe et zona : faits", ["Vaccin grippe et zona"]),
        ("Antécédents gynéco-obstétricaux : G2P2", ["Antécédents gynéco-obstétricaux"]),
        # What goes on as a sentence is none: too many words, a comma, a full stop, a verb, a value.
        ("vaccin contre la grippe fait le 12/10, patient sous : Triumeq", []),
        ("Vaccin grippe fait, sous : Triumeq", []),
        ("Pas de vaccination. Chef de service : Dr TAZI", ["Chef de service"]),
        ("Allergie qui persiste : revue", []),
        ("DFG 45 : Prograf diminué", []),
        # Nor what begins amid one.
        ("Pas d'allergie à la pénicilline : amoxicilline", []),
        ("elle a un vaccin récent : Zostavax", []),
        ("elle a un tabac : Marlboro", ["tabac"]),  # a whole name of the vocabulary
    ],
)
def test_half_a_sentence_is_no_label(shipped: Ruleset, text: str, names: list[str]) -> None:
    labels = find_labels(fold(text), shipped.headers)
    assert [text[label.start : label.separator] for label in labels] == names


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("5. MÉDECIN\nNom : TAZI", ["PROFESSIONAL"]),
        ("MÉDECIN TRAITANT\n\nNom : TAZI\n\nNom : DUPONT", ["PROFESSIONAL", "PATIENT"]),
        ("PERSONNE DE CONFIANCE\nNom : DUPONT", ["RELATIVE"]),
        ("LABORATOIRE DU MARCHE\nNom : DUPONT", ["PATIENT"]),  # a letterhead is no heading of a form
        ("Nom de jeune fille : MARTIN", ["PATIENT"]),
        ("Biologiste resp. : Lucie MARTIN", ["PROFESSIONAL"]),
        ("Son mari : Lucien MARTIN", ["RELATIVE"]),
        ("Patiente vue avec son mari : Lucie MARTIN", []),
    ],
)
def test_whose_a_labelled_value_is(shipped: Ruleset, text: str, roles: list[str]) -> None:
    assert [label.role.name for label in find_labels(fold(text), shipped.headers)] == roles


@given(
    st.lists(
        st.sampled_from(["Nom", "Prenom", "VIH", ":", ";", "|", "=", " ", "\n", "DUPONT", "   ", "12"]), max_size=30
    )
)
def test_labels_are_in_order_and_within(ruleset: Ruleset, parts: list[str]) -> None:
    folded = "".join(parts).encode()
    labels = find_labels(folded, ruleset.headers)
    assert [label.start for label in labels] == sorted(label.start for label in labels)
    for label in labels:
        assert 0 <= label.start < label.separator < label.value <= label.end <= len(folded)
        assert b"\n" not in folded[label.value : label.end]
        assert label.value <= label.limit <= len(folded)
