"""Who a record is about: one order of identities, in text and in tables alike."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.link import Identity, near, same_name
from phiscan.link.rows import Identities
from phiscan.recognize.names import Name, canonical, first_given, parse_name
from phiscan.tally import INEXACT, STRONG

DUPONT = Name("DUPONT", "MARIE", "MARTIN")


@pytest.mark.parametrize(
    ("identity", "named"),
    [
        (Identity(nir="1", ins="2", name=DUPONT, birth_date="d", email="e"), ("n|1|MARTIN/MARIE|d", STRONG)),
        (Identity(nir="1", name=DUPONT), ("i|1", STRONG)),
        (Identity(ins="2", name=DUPONT), ("i|2", STRONG)),
        (Identity(name=DUPONT, birth_date="d", patient_id="9"), ("b|MARTIN/MARIE|d", STRONG)),
        (Identity(name=Name("DUPONT", "MARIE"), birth_date="d"), ("b|DUPONT/MARIE|d", STRONG)),
        (Identity(patient_id="9", name=DUPONT), ("p|9", STRONG)),
        (Identity(name=DUPONT, address="A", placed=True), ("a|MARTIN/MARIE|A", 0)),
        (Identity(email="e", phone="p", name=DUPONT, placed=True), ("e|e", 0)),
        (Identity(phone="p", placed=True), ("t|p", 0)),
        (Identity(name=DUPONT, address="A", email="e", phone="p"), ("", 0)),
        (Identity(name=DUPONT, placed=True), ("m|MARTIN/MARIE", INEXACT)),
        (Identity(name=DUPONT), ("", 0)),
        (Identity(name=Name("DUPONT"), placed=True), ("", 0)),
        (Identity(birth_date="d"), ("", 0)),
        (Identity(name=Name("DUPONT"), birth_date="d"), ("f|DUPONT|d", INEXACT)),
        (Identity(name=Name(first="MARIE"), birth_date="d"), ("f|MARIE|d", INEXACT)),
        (Identity(phone="p", birth_date="d"), ("t|p", 0)),  # whoever is to be called is seldom born on the page
        (Identity(address="A"), ("", 0)),
        (Identity(), ("", 0)),
    ],
)
def test_the_best_identity_names_the_person(identity: Identity, named: tuple[str, int]) -> None:
    assert identity.named() == named


word = st.sampled_from(["", "A", "B"])


@given(word, word, word, word, word, word, word, word, word)
def test_tables_name_persons_as_text_does(
    nir: str, ins: str, pid: str, last: str, first: str, birth: str, born: str, email: str, phone: str
) -> None:
    columns = {
        "nir": nir,
        "ins": ins,
        "patient_id": pid,
        "last_name": last,
        "first_name": first,
        "birth_name": birth,
        "birth_date": born,
        "email": email,
        "phone": phone,
    }
    rows = Identities(1)
    for kind, value in columns.items():
        rows.add(kind, pa.array([value]))
    named = [(values.to_pylist()[0], flags) for _, values, flags in rows.named()]
    identity = Identity(nir, ins, pid, Name(last, first, birth), born, "", email, phone, placed=True)
    assert (named or [("", 0)]) == [identity.named()]


def test_rows_of_nobody_count_for_nobody() -> None:
    from phiscan.seal import Sealer

    rows = Identities(3)
    rows.add("nir", pa.array(["1", "", "1"]))
    keys, masks = rows.persons(np.array([1, 2, 4], np.uint64), Sealer(b"k"))
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert masks.tolist() == [1 | STRONG, 4 | STRONG]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("DUPONT Marie", "DUPONT/MARIE"),
        ("Marie DUPONT", "DUPONT/MARIE"),
        ("Mme Marie DUPONT", "DUPONT/MARIE"),
        ("M. LE GOFF Yann", "LEGOFF/YANN"),
        ("MARIE DUPONT", "DUPONT/MARIE"),
        ("DUPONT MARIE", "DUPONT/MARIE"),
        ("de La Tour Anne", "DELATOUR/ANNE"),
        ("DUPONT nee MARTIN Marie", "MARTIN/MARIE"),
        ("Mme Marie DUPONT nee MARTIN", "MARTIN/MARIE"),
        ("DUPONT epouse MARTIN Marie", "DUPONT/MARIE"),
        ("DUPONT Jean-Pierre", "DUPONT/JEANPIERRE"),
        ("DUPONT Marie, Anne, Sophie", "DUPONT/MARIE"),
        ("BEN SALAH Mohamed", "BENSALAH/MOHAMED"),
        ("INCONNU", ""),
        ("X", ""),
        ("", ""),
    ],
)
def test_names(written: str, key: str) -> None:
    assert parse_name(written).key == key


@given(st.text(st.characters(max_codepoint=127), max_size=60))
def test_any_text_can_be_asked_for_a_name(written: str) -> None:
    assert parse_name(written).key == parse_name(written).key
    assert canonical(written).isalpha() or canonical(written) == ""
    assert first_given(written).isalpha() or first_given(written) == ""


def test_unknown_parts_contradict_nothing() -> None:
    assert same_name(Name("DUPONT"), Name("", "MARIE"))
    assert same_name(Name("DUPONT", "MARIE", "MARTIN"), Name("MARTIN", "MARIE"))
    assert same_name(Name("DUPONT", "M"), Name("DUPONT", "MARIE"))
    assert not same_name(Name("DUPONT", "MARIE"), Name("DUPONT", "PAUL"))
    assert not same_name(Name("DUPONT"), Name("MARTIN"))


def test_a_surname_of_two_words_may_have_been_taken_for_a_whole_name() -> None:
    split, whole = Name("ALI", "SAID"), Name("SAIDALI", "SALVATORE")
    assert same_name(split, whole)
    assert same_name(whole, split)
    assert not same_name(Name("ALI", "SAID"), Name("SAIDANI", "SALVATORE"))
    for first, second in ((split, whole), (whole, split)):
        identity = Identity(name=first, placed=True)
        identity.merge(Identity(name=second))
        assert identity.name == whole


def test_a_name_misread_is_the_same() -> None:
    assert same_name(Name("KERMARREC", "ANNE"), Name("KERRNARREC", "ANNE"))
    assert same_name(Name("LEMEUR", "CELESTIN"), Name("CELESTIN"))  # alone it may be the given name
    assert not same_name(Name("DUPONT"), Name("DURAND"))
    assert not same_name(Name("ROY", "ANNE"), Name("REY", "ANNE"))


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("19650312", "19650812", True),
        ("KERMARREC", "KERRNARREC", True),
        ("KERMARREC", "KERMAREC", True),
        ("DUPONT", "DURAND", False),
        ("ROY", "REY", False),
        ("ROY", "ROY", True),
        ("12345678", "87654321", False),
    ],
)
def test_values_that_a_scanner_misread(a: str, b: str, same: bool) -> None:
    assert near(a, b) is same
    assert near(b, a) is same


@given(st.text("AB1", max_size=9), st.text("AB1", max_size=9))
def test_nearness_goes_both_ways(a: str, b: str) -> None:
    assert near(a, b) is near(b, a)
    assert near(a, a)
