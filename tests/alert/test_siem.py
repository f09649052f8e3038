"""What a SIEM gets: CEF, the field table of the documentation, and the Wazuh decoder and rules on real event lines."""

from __future__ import annotations

import dataclasses
import json
import re
import socket
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any, get_args

import pytest

import phiscan
from phiscan.alert import cef
from phiscan.alert.channel import make
from phiscan.alert.fields import fields
from phiscan.alert.message import Message
from phiscan.alert.message import test_message as a_test_message
from phiscan.alert.syslog import entry
from phiscan.config import Config
from phiscan.model import Severity
from phiscan.store.outbox import HELD, Kind
from tests.alert.book import message_about

DOCS = (Path(__file__).parents[2] / "docs/alerts.md").read_text("utf-8")
WAZUH = Path(phiscan.__file__).parent / "alert/wazuh"
KINDS = [*(kind for kind in get_args(Kind) if kind not in HELD), "quiet"]


@pytest.fixture
def message(tmp_path: Path) -> Message:
    files = {"/srv/pub/CR_GARNIER_Lucie_VIH.csv": (3,), "/srv/pub/export.csv": (12, "hiv", "cancer")}
    return message_about(tmp_path, files)


def of_kind(message: Message, kind: str) -> Message:
    return a_test_message(message.at, "syslog") if kind == "test" else dataclasses.replace(message, kind=kind)


def pairs(line: str) -> dict[str, str]:
    """Read the extension of a CEF line, as a collector does."""
    extension = re.split(r"(?<!\\)\|", line, maxsplit=7)[7]
    found = re.findall(r"(\w+)=((?:\\.|[^\\=])*?)(?= \w+=|$)", extension)
    return {key: value.replace("\\=", "=").replace("\\\\", "\\") for key, value in found}


def test_cef(message: Message) -> None:
    line = cef.line(message, "en")
    title = "Health data of identified people can be read by anyone"
    assert line.startswith(f"CEF:0|phiscan|phiscan|{phiscan.__version__}|alert|{title}|10|rt=1000000000 dvchost=")
    found = pairs(line)
    store = message.key.partition("-")[0]
    assert found == {
        "rt": "1000000000",
        "dvchost": "serveur",
        "cs1": f"{store}-1", "cs1Label": "id",
        "externalId": f"{store}-g1",
        "act": "alert",
        "cn1": "2", "cn1Label": "sequence",
        "cat": "critical",
        "cs3": "public", "cs3Label": "exposure",
        "cs2": "/srv", "cs2Label": "zone",
        "filePath": "/srv/pub",
        "cn2": "2", "cn2Label": "open",
        "phiscanNew": "2",
        "cn3": "0", "cn3Label": "resolved",
        "phiscanPersons": "15",
        "phiscanReopened": "0",
        "cs4": "hiv,cancer,nir", "cs4Label": "categories",
        "cs5": "public.identified-health", "cs5Label": "rules",
        "cs6": f"{store}-1,{store}-2", "cs6Label": "incidents",
        "msg": "phiscan · Alert · critical · 2 files · /srv/pub",
    }  # fmt: skip


def test_a_name_cannot_forge_a_field_or_a_line(message: Message) -> None:
    evil = dataclasses.replace(message, place='/srv/a|b=c\\d"] act=x\nCEF:0|')
    line = cef.line(evil, "fr")
    assert "\n" not in line
    assert (pairs(line)["filePath"], pairs(line)["act"]) == ('/srv/a|b=c\\d"] act=x\\x0aCEF:0|', "alert")
    data = entry(evil, "fr").decode()
    assert "\n" not in data
    assert ' place="/srv/a|b=c\\\\d\\"\\] act=x\\\\x0aCEF:0|" open="2"' in data


@pytest.mark.parametrize(
    ("change", "grade"),
    [
        ({}, "10"),
        ({"severity": Severity.HIGH}, "8"),
        ({"severity": Severity.MEDIUM}, "5"),
        ({"severity": Severity.LOW}, "3"),
        ({"kind": "resolved", "open": 0, "resolved": 2}, "1"),
        ({"kind": "deadline", "open": 0}, "10"),
    ],
)
def test_the_severity_of_cef(message: Message, change: dict[str, Any], grade: str) -> None:
    assert re.split(r"(?<!\\)\|", cef.line(dataclasses.replace(message, **change), "fr"))[6] == grade


def test_cef_by_file_and_by_syslog(message: Message, tmp_path: Path) -> None:
    file = tmp_path / "alerts.cef"
    config = Config.model_validate({"alerts": {"file": {"path": str(file), "format": "cef"}}})
    make("file", config, "fr").send(message)
    make("file", config, "fr").send(of_kind(message, "test"))
    lines = file.read_text("utf-8").splitlines()
    assert lines == [cef.line(message, "fr"), cef.line(of_kind(message, "test"), "fr")]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        address = f"udp://127.0.0.1:{server.getsockname()[1]}"
        make("syslog", Config.model_validate({"alerts": {"syslog": {"address": address, "format": "cef"}}}), "fr").send(
            message
        )
        got = server.recv(65536).decode()
    assert got == f"<106>1 1970-01-12T13:46:40Z serveur phiscan - alert - {cef.line(message, 'fr')}"


def test_the_documentation_names_every_field_and_kind(message: Message) -> None:
    table = DOCS.partition("| structured data")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|", table, re.MULTILINE)
    assert dict(rows) == cef.KEYS
    assert [name for name, _ in rows] == list(fields(message))
    kinds = DOCS.partition("`kind` is ")[2].partition("Numbers of persons")[0]
    assert sorted(re.findall(r"`(\w+)`", kinds)) == sorted(KINDS)


# Wazuh. What its manual says of prematch, regex and order, if_sid, decoded_as and field is done here with Python's
# expressions, which agree with PCRE2 in all that the files use.


def decoded(line: str) -> tuple[str, dict[str, str]]:
    """Decode a line as Wazuh does: by a decoder's prematch and its child's fields, else as JSON."""
    root = ET.fromstring(f"<root>{(WAZUH / 'phiscan_decoders.xml').read_text('utf-8')}</root>")
    parent, child = root.findall("decoder")
    assert child.findtext("parent") == parent.get("name")
    if line.startswith("{"):
        return "json", dict(_flat(json.loads(line)))
    if not re.search(str(parent.findtext("prematch")), line):
        return "", {}
    found = re.search(str(child.findtext("regex")), line)
    names = [name.strip() for name in str(child.findtext("order")).split(",")]
    assert found is not None
    assert len(found.groups()) == len(names)
    return str(parent.get("name")), dict(zip(names, found.groups(), strict=True))


def _flat(data: dict[str, Any], above: str = "") -> list[tuple[str, str]]:
    found = []
    for name, value in data.items():
        if isinstance(value, dict):
            found += _flat(value, f"{above}{name}.")
        elif not isinstance(value, list):
            found.append((above + name, str(value)))
    return found


def fired(line: str) -> list[tuple[int, int]]:
    """Return number and level of each rule with a condition that fires for a line: Wazuh takes one of them."""
    decoder, facts = decoded(line)
    rules = ET.fromstring((WAZUH / "phiscan_rules.xml").read_text("utf-8")).findall("rule")
    known: set[str] = set()
    found = []
    for rule in rules:
        asked = [(field.get("name"), str(field.text)) for field in rule.findall("field")]
        holds = all(re.search(pattern, facts.get(str(name), "")) for name, pattern in asked)
        above = rule.findtext("if_sid")
        if above is None and holds and rule.findtext("decoded_as") == decoder:
            known.add(str(rule.get("id")))
        elif above is not None and holds and known & {one.strip() for one in above.split(",")}:
            found.append((int(str(rule.get("id"))), int(str(rule.get("level")))))
    return found


EXPECTED = {
    "alert": 100802, "repeat": 100802, "initial": 100802, "digest": 100802, "quiet": 100802,
    "escalation": 100806, "deadline": 100807, "resolved": 100808, "dismissal": 100809, "test": 100810,
    "ending": 100811,
}  # fmt: skip


def lines_of(message: Message) -> list[str]:
    syslog = entry(message, "fr").decode()
    # As it comes from Wazuh's listener, without the priority; as a relay writes it to a file; and the JSON line.
    return [
        syslog,
        syslog.partition(">")[2],
        syslog.partition(">1 ")[2],
        json.dumps(message.to_dict(), ensure_ascii=False),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_wazuh_fires_one_rule_for_each_kind(message: Message, kind: str) -> None:
    for line in lines_of(of_kind(message, kind)):
        assert [number for number, _ in fired(line)] == [EXPECTED[kind]]


@pytest.mark.parametrize(
    ("severity", "rule"),
    [
        (Severity.CRITICAL, (100802, 14)),
        (Severity.HIGH, (100803, 12)),
        (Severity.MEDIUM, (100804, 8)),
        (Severity.LOW, (100805, 5)),
        (Severity.INFO, (100805, 5)),
    ],
)
def test_wazuh_s_level_follows_the_severity(message: Message, severity: Severity, rule: tuple[int, int]) -> None:
    for line in lines_of(dataclasses.replace(message, severity=severity)):
        assert fired(line) == [rule]


def test_wazuh_reads_every_field(message: Message) -> None:
    evil = dataclasses.replace(message, place='/srv/a"] kind="test" [b\\')
    decoder, facts = decoded(entry(evil, "fr").decode())
    expected = fields(evil)
    renamed = {"exposure": "exposure.level", "persons": "persons.count"}
    assert decoder == "phiscan"
    assert list(facts) == [renamed.get(name, name) for name in expected]
    assert facts.pop("place") == '/srv/a\\"\\] kind=\\"test\\" [b\\\\'
    expected.pop("place")
    assert facts == {renamed.get(name, name): value for name, value in expected.items()}
    in_json = decoded(json.dumps(message.to_dict()))[1]
    names = ("id", "thread", "kind", "sequence", "severity", "exposure.level", "zone", "open", "persons.count")
    assert {name: in_json[name] for name in names} == {name: facts[name] for name in names}


def test_wazuh_leaves_others_lines_alone() -> None:
    for line in (
        "1 2026-11-24T10:00:00Z host sshd - - - Accepted publickey for phiscan - alert",
        '{"schema": "phiscan.report/1", "kind": "alert", "severity": "critical"}',
    ):
        assert fired(line) == []


def test_wazuh_s_descriptions_name_fields_that_are_there(message: Message) -> None:
    rules = ET.fromstring((WAZUH / "phiscan_rules.xml").read_text("utf-8")).findall("rule")
    named = {name for rule in rules for name in re.findall(r"\$\(([^)]+)\)", str(rule.findtext("description")))}
    assert named <= set(decoded(entry(message, "fr").decode())[1])
    assert len({rule.get("id") for rule in rules}) == len(rules) == 12
