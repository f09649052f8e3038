"""FHIR: each resource begins with whoever it is about, however and wherever it refers to them."""

from __future__ import annotations

import json

import pytest

from phiscan.extract import jsontext
from tests.extract.opening import read

HUGO: dict[str, object] = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [{"system": "urn:oid:1.2.250.1.213.1.4.8", "value": "180127800601234"}],
    "name": [{"family": "DELORME", "given": ["Hugo"]}],
    "contact": [{"name": {"family": "DELORME", "given": ["Anne"]}}],
    "birthDate": "1994-06-21",
}
LAETITIA: dict[str, object] = {"resourceType": "Patient", "id": "p2", "name": [{"family": "SANTINI"}]}
NAMED = "      family: DELORME\n      given: Hugo\n"
HUGO_LINES = "      system: urn:oid:1.2.250.1.213.1.4.8\n      value: 180127800601234\n" + NAMED
HUGO_LINES += "    birthDate: 1994-06-21\n"


def condition(reference: str, owner: str = "subject") -> dict[str, object]:
    return {"resourceType": "Condition", "code": {"text": "asthme"}, owner: {"reference": reference}}


def bundle(*entries: tuple[str, dict[str, object]]) -> bytes:
    found = [{"fullUrl": url, "resource": resource} if url else {"resource": resource} for url, resource in entries]
    return json.dumps({"resourceType": "Bundle", "entry": found}).encode()


def lines(data: bytes, name: str = "a.json") -> str:
    ((_, status, found),) = read(data, name)
    assert status == "scanned"
    return "".join(map(str, found))


def last(text: str) -> str:
    return text.rstrip("\n").split("\n\n")[-1] + "\n"


@pytest.mark.parametrize(
    "reference",
    ["Patient/p1", "Patient/p1/_history/3", "https://fhir.example/r4/Patient/p1", "urn:uuid:0a1b"],
)
@pytest.mark.parametrize("owner", ["subject", "patient", "beneficiary"])
def test_a_resource_begins_with_its_patient(reference: str, owner: str) -> None:
    data = bundle(("urn:uuid:0a1b", HUGO), ("urn:uuid:0a1c", LAETITIA), ("", condition(reference, owner)))
    said = f"    resourceType: Condition\n    code:\n      text: asthme\n    {owner}:\n      reference: {reference}\n"
    assert last(lines(data)) == "entry:\n  resource:\n" + HUGO_LINES + said


@pytest.mark.parametrize("reference", ["Patient/p3", "Practitioner/p1", "#p1", "p1", "urn:uuid:0a1d", ""])
def test_who_is_not_known_is_not_told(reference: str) -> None:
    data = bundle(("urn:uuid:0a1b", HUGO), ("", condition(reference)))
    assert "DELORME" not in last(lines(data))


def test_a_resource_may_come_before_its_patient() -> None:
    data = bundle(("", condition("Patient/p1")), ("", HUGO))
    assert lines(data).startswith(
        f"resourceType: Bundle\nentry:\n  resource:\n{HUGO_LINES}    resourceType: Condition\n"
    )


def test_an_address_belongs_to_its_own_entry() -> None:
    order = {"entry": [{"fullUrl": "urn:uuid:0a1b"}, {"resource": HUGO}, {"resource": condition("urn:uuid:0a1b")}]}
    assert "DELORME" not in last(lines(json.dumps({"resourceType": "Bundle", **order}).encode()))


def test_one_resource_a_line() -> None:
    data = "\n".join(map(json.dumps, (HUGO, LAETITIA, condition("Patient/p2"), condition("Patient/p1")))).encode()
    *_, second, first = lines(data, "a.ndjson").rstrip("\n").split("\n\n")
    assert second.startswith("  family: SANTINI\nresourceType: Condition\n")
    assert first.startswith("  system: urn:oid:1.2.250.1.213.1.4.8\n  value: 180127800601234\n  family: DELORME\n")


def test_xml() -> None:
    data = b"""<?xml version="1.0"?><Bundle xmlns="http://hl7.org/fhir">
    <entry><fullUrl value="urn:uuid:0a1b"/><resource><Patient><id value="p1"/><name><family value="DELORME"/>
    <given value="Hugo"/></name><contact><name><family value="SANTINI"/></name></contact></Patient></resource></entry>
    <entry><fullUrl value="urn:uuid:0a1c"/><resource><Condition><code><text value="asthme"/></code>
    <subject><reference value="urn:uuid:0a1b"/></subject></Condition></resource></entry>
    <entry><resource><Condition><subject><reference value="Patient/p1"/></subject></Condition></resource></entry>
    </Bundle>"""
    told = "family: DELORME\ngiven: Hugo\n"
    assert lines(data, "a.xml").rstrip("\n").split("\n\n")[1:] == [
        f"fullUrl: urn:uuid:0a1c\n{told}text: asthme\nreference: urn:uuid:0a1b",
        f"{told}reference: Patient/p1",
    ]


def test_what_was_handed_on_does_not_move_a_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    known = bundle(("", HUGO), *[("", condition("Patient/p1"))] * 40)
    whole = lines(known)
    monkeypatch.setattr(jsontext, "CHUNK", 200)
    assert lines(known).replace("\n\n", "\n").count(NAMED) == 41
    assert whole.count(NAMED) == 41


def test_little_is_remembered_of_a_patient() -> None:
    much = {**HUGO, "name": [{"family": "DELORME", "text": "x" * 5000}]}
    assert "x" * 5000 not in last(lines(bundle(("", much), ("", condition("Patient/p1")))))


@pytest.mark.parametrize("cut", range(0, 500, 7))
def test_damage_loses_nothing(cut: int) -> None:
    whole = bundle(("urn:uuid:0a1b", HUGO), ("", condition("Patient/p1")), ("", LAETITIA))
    data = whole[:cut] + b"\x00}" + whole[cut + 3 :]
    found = [chunk for part in read(data, "a.json") for chunk in part[2]]
    assert "SANTINI" in str(found)
