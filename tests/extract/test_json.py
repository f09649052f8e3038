"""JSON and NDJSON: tables where they are tables, lines elsewhere, whatever the size or the damage."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest

from phiscan.extract import parts
from phiscan.model import Limits, Table
from tests.extract.opening import read

PEOPLE = [{"nom": "DURAND", "nir": "279", "vih": True}, {"nom": "PETIT", "nir": None}, {"nom": "NOËL", "âge": 4.50}]
ROWS = [["DURAND", "279", "true", ""], ["PETIT", "", "", ""], ["NOEL", "", "", "4.5"]]


def content(data: bytes, name: str = "file.json") -> list[object]:
    ((member, status, found),) = read(data, name)
    assert (member, status) == ("", "scanned")
    return found


def table(data: bytes) -> Table:
    (part,) = parts(io.BytesIO(data), "a.json", len(data), Limits())
    (chunk,) = part.chunks
    assert isinstance(chunk, Table)
    return chunk


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(PEOPLE).encode(),
        json.dumps(PEOPLE, ensure_ascii=False, indent=2).encode(),
        b"\xef\xbb\xbf" + json.dumps(PEOPLE).encode(),
        "\n".join(map(json.dumps, PEOPLE)).encode(),
    ],
)
def test_like_objects_are_a_table(data: bytes) -> None:
    found = table(data)
    assert (found.names, found.columns, found.kind) == (("nom", "nir", "vih", "age"), 4, "json")
    assert content(data) == [ROWS]


def test_nested_and_repeated_keys_of_a_row() -> None:
    data = b'[{"a": {"b": "x", "c": ["1", "2"]}}, {"a": {"b": "y"}, "a": {"b": "z"}}, {"a": {"b": ""}}]'
    assert table(data).names == ("a.b", "a.c")
    assert content(data) == [[["x", "1; 2"], ["y; z", ""], ["", ""]]]


def test_long_numbers_keep_their_digits() -> None:
    data = b'[{"nir": 279035121518989}, {"nir": 12345678901234567890123}, {"nir": 1.10}]'
    assert content(data) == [[["279035121518989"], ["12345678901234567890123"], ["1.10"]]]


def test_a_key_that_comes_late_is_a_column() -> None:
    data = "\n".join(['{"a": 1, "b": 2}'] * 5000 + ['{"a": 1, "z": "DURAND"}']).encode()
    assert table(data).names == ("a", "b", "z")
    rows = content(data)[0]
    assert isinstance(rows, list)
    assert (len(rows), rows[-1]) == (5001, ["1", "", "DURAND"])


def test_fhir_is_lines_with_resources_apart() -> None:
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"resource": {"resourceType": "Patient", "name": [{"family": "DURAND", "given": ["Marie", "Anne"]}]}},
            {"resource": {"resourceType": "Observation", "valueQuantity": {"value": 3.5}}},
        ],
    }
    assert content(json.dumps(bundle).encode()) == [
        "resourceType: Bundle\nentry:\n  resource:\n    resourceType: Patient\n    name:\n      family: DURAND\n"
        "      given: Marie, Anne\n\nentry:\n  resource:\n    resourceType: Observation\n    valueQuantity:\n"
        "      value: 3.5\n"
    ]


def test_fhir_resources_about_others_say_so() -> None:
    data = b"""{"resourceType": "Practitioner", "name": [{"family": "MARTIN", "given": ["Paul"]}]}
    {"resourceType": "RelatedPerson", "name": [{"family": "DURAND"}]}
    {"resourceType": "Patient", "name": [{"family": "DURAND"}]}"""
    assert content(data) == [
        "resourceType: Practitioner\nname:\n  author family: MARTIN\n  author given: Paul\n\n"
        "resourceType: RelatedPerson\nname:\n  contact family: DURAND\n\n"
        "resourceType: Patient\nname:\n  family: DURAND\n"
    ]


def test_spoilt_strings_are_mended() -> None:
    data = '{"PrÃ©nom": "HÃ©lÃ¨ne", "motif": "schizophr&eacute;nie &amp; co", "ville": "SÃO"}'.encode()
    assert content(data) == ["Prénom: Hélène\nmotif: schizophrénie &amp; co\nville: SÃO\n"]


def test_objects_of_different_kinds_are_lines() -> None:
    assert content(b'{"a": 1, "b": {"c": [1, 2]}}\n[3, "x"]') == ["a: 1\nb:\n  c: 1, 2\n\n3, x"]


@pytest.mark.parametrize(
    "data", [b'{"a": 1, "b": [1, 2, {"c":', b'{"nom": "caf\xe9", "b": 1}', b'{"a": 1, // note\n "b": 2}']
)
def test_what_is_no_json_is_plain_text(data: bytes) -> None:
    assert content(data) == [data.decode("cp1252")]


def test_a_long_file_cut_short_loses_nothing() -> None:
    data = b"[" + b'{"nom": "DURAND", "x": {"y": [{"z": 1}]}},' * 20_000 + b'{"nom": "FIN'
    found = [str(text) for text in content(data)]
    assert sum(text.count("DURAND") for text in found) >= 20_000
    assert found[-1].endswith('"FIN')


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_depth_is_a_gap(opening: bytes) -> None:
    tracemalloc.start()
    found = content(opening * 200_000)
    assert tracemalloc.get_traced_memory()[1] < 50 << 20
    tracemalloc.stop()
    assert found[-1] == "gap bomb: JSON nested too deeply"


def test_very_long_numbers_do_not_stop_the_reading() -> None:
    assert "DURAND" in str(content(b'[{"a": ' + b"9" * 10_000 + b', "nom": "DURAND"}]'))


CODED = [{"a": "DURAND", "b": "Anne", "d": {"x": "279"}, "e": ["asthme", "HTA"]}] * 3


@pytest.mark.parametrize(
    ("data", "rest"), [({"data": CODED}, []), ({"total": 3, "page": {"items": CODED}}, ["total: 3\npage:\n"])]
)
def test_rows_whose_fields_say_nothing_are_a_table_wherever_they_lie(data: object, rest: list[str]) -> None:
    assert content(json.dumps(data).encode()) == [[["DURAND", "Anne", "279", "asthme; HTA"]] * 3, *rest]


@pytest.mark.parametrize(
    "data",
    [
        {"nom": "DURAND", "data": [{"resultat": "1", "code": "x"}] * 3},
        {"data": CODED[:2]},
        {"data": [{"a": {"b": [{"c": 1}]}}] * 3},
        {"data": [{"a": "1"}] * 3},
    ],
)
def test_rows_with_names_or_too_few_or_deep_are_lines(data: object) -> None:
    assert [type(one) for one in content(json.dumps(data).encode())] == [str]


PERSONS = [{"id": 7 + at, "nom": name, "prenom": "Anne"} for at, name in enumerate(("DURAND", "PETIT", "NOEL"))]
FACTS = [{"personId": 7 + at, "motif": "asthme"} for at in range(3)]


def relations(data: object) -> list[tuple[str, tuple[str, ...]]]:
    raw = json.dumps(data).encode()
    (part,) = parts(io.BytesIO(raw), "a.json", len(raw), Limits())
    return [(one.relation, one.names or ()) for one in part.chunks if isinstance(one, Table)]


@pytest.mark.parametrize(
    "data",
    [
        {"personnes": PERSONS, "motifs": FACTS},
        {"motifs": FACTS, "personnes": PERSONS, "etat": "ok"},
        {"data": {"motifs": FACTS, "personnes": PERSONS, "zones": [{"a": {"b": [1]}}]}},
        {"version": 2, "personnes": PERSONS, "motifs": FACTS, "pages": ["1", "2"], "prix": [{"libelle": "x"}] * 3},
    ],
)
def test_arrays_that_refer_to_each_other_are_tables(data: dict[str, object]) -> None:
    assert relations(data) == [("personnes", ("id", "nom", "prenom")), ("motifs", ("personId", "motif"))]
    (*_, rest) = content(json.dumps(data).encode())
    assert "DURAND" not in str(rest) or not isinstance(rest, str)


@pytest.mark.parametrize(
    "data",
    [
        {"personnes": PERSONS[:2], "motifs": FACTS},
        {"personnes": PERSONS, "motifs": [{"motif": "asthme", "valid": True}] * 3},
        {"personnes": [{"id": 1, "nom": "Scanner", "prix": 3}] * 3, "motifs": FACTS},
        {"patient": {"nom": "DURAND", "prenom": "Anne"}, "soignants": PERSONS, "actes": FACTS},
        {"personnes": [one | {"adresses": [{"cp": "56"}]} for one in PERSONS], "motifs": FACTS},
        {"a": {"b": {"personnes": PERSONS, "motifs": FACTS}}},
    ],
)
def test_other_arrays_are_lines(data: object) -> None:
    assert relations(data) == []


INNER = json.dumps({"ident": {"nom": "NOËL", "prenoms": ["Anne", "Eve"]}, "dp": "F32"})


def test_an_object_written_as_a_text_is_read() -> None:
    data = "\n".join(json.dumps({"evt": at, "corps": INNER}) for at in range(3)).encode()
    assert table(data).names == ("evt", "corps.ident.nom", "corps.ident.prenoms", "corps.dp")
    assert content(data) == [[[str(at), "NOEL", "Anne; Eve", "F32"] for at in range(3)]]


def test_an_object_written_as_a_text_is_read_among_lines() -> None:
    lines = "corps:\n  ident:\n    nom: NOËL\n    prenoms: Anne, Eve\n  dp: F32\nautre:\n  x: 1\n"
    assert content(json.dumps({"corps": INNER, "autre": {"x": 1}}).encode()) == [lines]
    twice = json.dumps({"corps": json.dumps({"corps": INNER}), "autre": {"x": 1}}).encode()
    assert "\n    ident:\n      nom: NOËL\n" in str(content(twice)[0])


@pytest.mark.parametrize("text", ["{nom}", "{", '{"a": ', '{"a": 1} et {"b": 2', '["a"]', '{"a": [{"b": 1}]}'])
def test_other_texts_in_rows_stay_texts(text: str) -> None:
    assert content(json.dumps([{"a": text, "b": "x"}] * 3).encode()) == [[[text, "x"]] * 3]
