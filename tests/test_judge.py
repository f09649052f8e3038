"""Rules: what a condition means, what loads, and that the shipped rules say what the contract says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from phiscan.errors import UsageError
from phiscan.judge import (
    CategoryFacts,
    Condition,
    Facts,
    Failure,
    judge,
    load_rules,
    rule_files,
    run_examples,
    severity,
)
from phiscan.messages import tell
from phiscan.model import CATEGORIES, Kind, Level, Severity

SHIPPED = Path(__file__).parents[1] / "rules"
RULES = load_rules([SHIPPED])

RULE = """\
id: a.rule
version: 1
severity: low
title: {fr: Un titre, en: A title}
advice: {fr: À faire, en: To do}
when: {at_least: shared, linked: true}
examples:
  match:
    - {exposure: public, facts: {persons: 1, identified_health: 1}}
    - {exposure: shared, text: "NIR"}
  no_match:
    - {exposure: restricted, facts: {persons: 1, identified_health: 1}}
    - {exposure: public, facts: {persons: 1}}
"""


def _facts(level: Level, **said: Any) -> Facts:
    counts = said.pop("categories", {})
    categories = {name: CategoryFacts(CATEGORIES[name], hits, persons) for name, (hits, persons) in counts.items()}
    return Facts(level=level, categories=categories, **said)


NAMED = {"strong_persons": 3, "categories": {"nir": (3, 3), "person_name": (3, 3), "hiv": (3, 3)}}
HEALTH = {"persons": 3, "identified_health": 3, **NAMED}
IDENTITIES = {"persons": 3, "strong_persons": 3, "categories": {"nir": (3, 3), "person_name": (3, 3)}}
BIRTHS = {"persons": 40, "strong_persons": 40, "categories": {"person_name": (40, 40), "birth_date": (40, 40)}}
PASSWORDS = {"persons": 2, "strong_persons": 2, "categories": {"person_name": (2, 2), "credentials": (2, 2)}}
AUTHORS = {"persons": 400, "categories": {"person_name": (400, 400), "email": (400, 400)}}
LEAFLET = {"categories": {"hiv": (12, 0), "treatment": (4, 0), "phone": (1, 0)}}
DIRECTORY = {"categories": {"practitioner": (50, 0), "rpps": (50, 0)}}


@pytest.mark.parametrize(
    ("said", "public", "shared", "unknown", "restricted"),
    [
        (HEALTH, Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.INFO),
        (IDENTITIES, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO),
        (BIRTHS, Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO),
        (PASSWORDS, Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW),
        (AUTHORS, Severity.LOW, Severity.LOW, Severity.NONE, Severity.NONE),
        (LEAFLET, Severity.INFO, Severity.INFO, Severity.INFO, Severity.INFO),
        (DIRECTORY, Severity.INFO, Severity.INFO, Severity.INFO, Severity.INFO),
        ({"test_persons": 9, "records": 9}, Severity.INFO, Severity.INFO, Severity.INFO, Severity.INFO),
        ({}, Severity.NONE, Severity.NONE, Severity.NONE, Severity.NONE),
    ],
)
def test_severity_is_exposure_times_linkage(
    said: dict[str, Any], public: Severity, shared: Severity, unknown: Severity, restricted: Severity
) -> None:
    found = [
        severity(judge(_facts(level, **said), RULES))
        for level in (Level.PUBLIC, Level.SHARED, Level.UNKNOWN, Level.RESTRICTED)
    ]
    assert found == [public, shared, unknown, restricted]


@pytest.mark.parametrize(("persons", "found"), [(2, Severity.LOW), (4, Severity.LOW), (5, Severity.HIGH)])
def test_a_leaflets_own_phone_number_is_no_patient(persons: int, found: Severity) -> None:
    categories = {"phone": (persons, persons), "hiv": (9, persons)}
    facts = _facts(Level.PUBLIC, persons=persons, identified_health=persons, categories=categories)
    assert severity(judge(facts, RULES)) == found


def test_a_leak_fires_these_rules() -> None:
    said = {**HEALTH, "categories": {**NAMED["categories"], "credentials": (1, 1), "rpps": (3, 0)}}  # type: ignore[dict-item]
    fired = judge(_facts(Level.PUBLIC, **said), RULES)
    assert [(one.rule.id, one.severity) for one in fired] == [
        ("public.credentials", Severity.CRITICAL),
        ("public.identified-health", Severity.CRITICAL),
        ("professional.directory", Severity.INFO),
    ]
    assert fired[1].report().to_dict() == {"id": "public.identified-health", "version": 1, "severity": "critical"}
    assert fired[1].report().title["en"] == "Health data of identified people can be read by anyone"


def test_every_file_is_named_after_its_rule() -> None:
    assert [rule.id for rule in RULES] == [file.stem for file in rule_files([SHIPPED])]


def test_the_shipped_examples_with_facts_hold() -> None:
    def skip_text(content: str, level: Level) -> Facts:
        raise LookupError

    for rule in RULES:
        for kind, examples in (("match", rule.examples.match), ("no_match", rule.examples.no_match)):
            for example in examples:
                if example.facts is not None:
                    fired = {one.rule.id for one in judge(example.facts.at(example.level), RULES)}
                    assert (rule.id in fired) == (kind == "match"), (rule.id, example)
    with pytest.raises(LookupError):
        list(run_examples(RULES, skip_text))


@pytest.mark.parametrize(
    ("condition", "yes", "no"),
    [
        ({"exposure": "public"}, {"level": Level.PUBLIC}, {"level": Level.SHARED}),
        ({"exposure": ["public", "unknown"]}, {"level": Level.UNKNOWN}, {"level": Level.SHARED}),
        ({"at_least": "unknown"}, {"level": Level.UNKNOWN}, {"level": Level.RESTRICTED}),
        ({"at_least": "shared"}, {"level": Level.PUBLIC}, {"level": Level.UNKNOWN}),
        ({"linked": False}, {}, {"identified_health": 1}),
        ({"identity": "strong"}, {"strong_persons": 1}, {"persons": 1, "categories": {"person_name": (1, 1)}}),
        ({"identity": "named"}, {"categories": {"person_name": (1, 1)}}, {"categories": {"person_name": (9, 0)}}),
        ({"identity": "contact"}, {"persons": 1}, {"persons": 1, "strong_persons": 1}),
        ({"identity": "contact"}, {"persons": 1}, {}),
        ({"records_at_least": 2}, {"records": 2}, {"records": 1}),
        ({"persons_at_least": 2}, {"persons": 2}, {"persons": 1}),
        ({"persons_at_most": 0}, {}, {"persons": 1}),
        ({"strong_persons_at_most": 1}, {"strong_persons": 1}, {"strong_persons": 2}),
        ({"identified_health_at_least": 2}, {"identified_health": 2}, {"identified_health": 1}),
        ({"identified_health_at_most": 2}, {"identified_health": 2}, {"identified_health": 3}),
        ({"test_persons_at_least": 1}, {"test_persons": 1}, {}),
        ({"categories": {"any": ["hiv", "ald"]}}, {"categories": {"ald": (1, 0)}}, {"categories": {"hiv": (0, 0)}}),
        ({"categories": {"any": ["health"]}}, {"categories": {"ald": (1, 0)}}, {"categories": {"nir": (1, 1)}}),
        ({"categories": {"all": ["hiv", "nir"]}}, {"categories": {"hiv": (1, 0), "nir": (1, 0)}}, {"categories": {"hiv": (1, 0)}}),  # noqa: E501
        ({"categories": {"none": ["nir"]}}, {"categories": {"hiv": (1, 0)}}, {"categories": {"nir": (1, 0)}}),
        ({"persons_with": {"nir": 2}}, {"categories": {"nir": (2, 2)}}, {"categories": {"nir": (9, 1)}}),
    ],
)  # fmt: skip
def test_a_condition(condition: dict[str, Any], yes: dict[str, Any], no: dict[str, Any]) -> None:
    found = Condition.model_validate(condition)
    assert found.holds(_facts(**{"level": Level.PUBLIC, **yes}))
    assert not found.holds(_facts(**{"level": Level.PUBLIC, **no}))


def test_examples_run_and_tell_what_fired_instead(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RULE)
    rules = load_rules([tmp_path])
    linked = Facts(Level.SHARED, identified_health=1)
    asked: list[tuple[str, Level]] = []

    def run(content: str, level: Level) -> Facts:
        asked.append((content, level))
        return linked

    assert list(run_examples(rules, run)) == []
    assert asked == [("NIR", Level.SHARED)]
    assert list(run_examples(rules, lambda content, level: Facts(level))) == [Failure("a.rule", "match", 2, ())]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("severity: low", "severity: mild", "3: severity: expected one of: info, low, medium, high, critical"),
        ("version: 1", "version: 0", "2: version: at least 1"),
        ("id: a.rule", "id: A rule", "1: id: invalid value"),
        ("title: {fr: Un titre, en: A title}", "title: {fr: Un titre}", "4: title.en: missing key"),
        ("at_least: shared", "at_lest: shared", "6: when[0].at_lest: unknown key; perhaps “at_least”"),
        ("linked: true", "categories: {any: [vih]}", "6: when[0].categories.any[0]: unknown category: vih"),
        ("linked: true", "persons_with: {vih: 1}", "6: when[0].persons_with.vih: unknown category: vih"),
        ("{at_least: shared, linked: true}", "{}", "6: when[0]: no condition"),
        ("{at_least: shared, linked: true}", "[]", "6: when: at least 1"),
        ('    - {exposure: shared, text: "NIR"}\n', "", "7: examples: at least two match and two no_match examples (there are 1 and 2)"),  # noqa: E501
        ('text: "NIR"', "text: a, facts: {}", "10: examples.match[1]: give text or facts, and only one of them"),
        (', text: "NIR"', "", "10: examples.match[1]: give text or facts, and only one of them"),
        ("severity: low\n", "", "1: severity: missing key"),
    ],
)  # fmt: skip
def test_a_rule_that_does_not_load_says_why(tmp_path: Path, old: str, new: str, said: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(RULE.replace(old, new))
    with pytest.raises(UsageError) as raised:
        load_rules([tmp_path])
    assert tell(raised.value, "en") == f"{file}:{said}"


def test_two_rules_with_one_id(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yml"):
        (tmp_path / name).write_text(RULE)
    with pytest.raises(UsageError) as raised:
        load_rules([tmp_path])
    assert tell(raised.value, "en") == f"{tmp_path}/b.yml:1: id: “a.rule” is already defined in {tmp_path}/a.yaml"


def test_duties_are_no_rules_and_a_missing_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "duties").mkdir()
    (tmp_path / "duties" / "cnil.yaml").write_text("id: cnil-72h")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.yaml").write_text(RULE)
    assert rule_files([tmp_path]) == [tmp_path / "site" / "a.yaml"]
    with pytest.raises(UsageError) as raised:
        load_rules([tmp_path / "none"])
    assert tell(raised.value, "en") == f"{tmp_path}/none: no rule file or folder"


def test_a_sites_own_category_is_known(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RULE.replace("linked: true", "categories: {any: [gait]}"))
    rules = load_rules([tmp_path], {**CATEGORIES, "gait": Kind.HEALTH})
    facts = Facts(Level.PUBLIC, categories={"gait": CategoryFacts(Kind.HEALTH, 1, 0)})
    assert [one.rule.id for one in judge(facts, rules)] == ["a.rule"]
