"""Rules over what a file holds and who can read it: the step that says how much it matters.

A rule is one YAML file under `rules/`. It looks at a `Facts` value, which has no text in it, so a
file can be judged again from its stored tally. A rule carries its examples: at least two that must
fire it and two that must not; `run_examples` runs them.

Costs an import of pydantic: commands import it when they run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from phiscan.config.yamlfile import read, told
from phiscan.declared import NOWHERE, Zoned
from phiscan.facts import AccountFacts, CategoryFacts, Facts
from phiscan.messages import Told, Wrong
from phiscan.model import CATEGORIES, Kind, Level, Severity
from phiscan.report.model import RuleReport

__all__ = [
    "CategoryFacts", "Condition", "Facts", "Failure", "Fired", "Rule", "digest_of", "judge", "load_rule", "load_rules",
    "rule_files", "run_examples", "severity",
]  # fmt: skip

def _known(name: str, info: ValidationInfo) -> str:
    if name not in (info.context or CATEGORIES) and name not in set(Kind):
        raise Wrong("wrong.category", name=name)
    return name


def _as_list(value: object) -> object:
    return [value] if isinstance(value, (str, Mapping)) else value


def _twice(value: object) -> object:
    return (value, value) if isinstance(value, int) else value


Name = Annotated[str, AfterValidator(_known)]
LevelName = Literal["restricted", "unknown", "shared", "public"]
AccountKind = Literal["generic", "addresses", "anonymous", "address", "hour"]
AccountKinds = Annotated[tuple[AccountKind, ...], BeforeValidator(_as_list)]
Count = Annotated[int, Field(ge=1)]


class Model(BaseModel):
    """A group of keys. An unknown one is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Both(Model):
    """A text in both languages."""

    fr: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]


class Categories(Model):
    """Which categories, or kinds of category (`health`), must have been found."""

    any: tuple[Name, ...] = ()
    all: tuple[Name, ...] = ()
    none: tuple[Name, ...] = ()

    def holds(self, facts: Facts) -> bool:
        """Return whether `facts` has what is asked for."""
        return (
            (not self.any or any(map(facts.has, self.any)))
            and all(map(facts.has, self.all))
            and not any(map(facts.has, self.none))
        )


class Condition(Model):
    """When a rule fires; every key given must hold. Several conditions in a list: one of them must."""

    exposure: Annotated[tuple[LevelName, ...], BeforeValidator(_as_list)] | None = None  # exactly, or one of
    at_least: LevelName | None = None  # restricted < unknown < shared < public
    linked: bool | None = None  # an identified person with a health fact in one record
    identity: Literal["strong", "named", "contact"] | None = None  # contact: by address, e-mail or phone only
    records_at_least: Count | None = None
    persons_at_least: Count | None = None
    persons_at_most: Annotated[int, Field(ge=0)] | None = None
    strong_persons_at_least: Count | None = None
    strong_persons_at_most: Annotated[int, Field(ge=0)] | None = None
    identified_health_at_least: Count | None = None
    identified_health_at_most: Annotated[int, Field(ge=0)] | None = None
    test_persons_at_least: Count | None = None
    categories: Categories = Categories()
    persons_with: dict[Name, Count] = Field(default_factory=dict)  # at least so many patients with the category
    undeclared: bool | None = None  # in none of the zones that are declared here, where any are
    past_until: bool | None = None  # the zone's last day is over
    migration: bool | None = None  # the zone's purpose is a migration
    not_allowed: Annotated[tuple[Name, ...], BeforeValidator(_as_list)] | None = None  # one of these, and it may not be
    protection: Literal["weak"] | None = None  # encrypted, by a method that is broken
    twin: Literal["encrypted"] | None = None  # in clear beside the encrypted file that was made of it
    account: AccountKinds | None = None  # an account is used so; without it the rule is on files

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise Wrong("wrong.no_condition")
        return self

    def holds(self, facts: Facts) -> bool:
        """Return whether `facts` is what this condition describes."""
        return (
            self._account(facts.account)
            and self._exposure(facts.level)
            and (self.linked is None or self.linked == (facts.identified_health > 0))
            and self._identity(facts)
            and self._counts(facts)
            and self.categories.holds(facts)
            and all(_patients(facts, name) >= least for name, least in self.persons_with.items())
            and self._zone(facts)
            and (self.protection is None or facts.weak)
            and (self.twin is None or facts.twin)
        )

    def _account(self, account: AccountFacts | None) -> bool:
        if account is None:  # a rule is on files or on accounts
            return self.account is None
        return self.account is not None and not set(self.account).isdisjoint(account.kinds)

    def _zone(self, facts: Facts) -> bool:
        asked = (self.undeclared, self.past_until, self.migration)
        zone = facts.zone
        if any(
            want not in (None, is_)
            for want, is_ in zip(asked, (zone.undeclared, zone.past, zone.migration), strict=True)
        ):
            return False
        found = facts.not_allowed if self.not_allowed is not None else ()
        return self.not_allowed is None or any(
            name in self.not_allowed or facts.categories[name].kind in self.not_allowed for name in found
        )

    def _exposure(self, level: Level) -> bool:
        if self.exposure is not None and level.name.lower() not in self.exposure:
            return False
        return self.at_least is None or level >= Level[self.at_least.upper()]

    def _identity(self, facts: Facts) -> bool:
        if self.identity == "strong":
            return facts.strong_persons > 0
        if self.identity == "named":
            return facts.named
        return self.identity is None or (facts.persons > 0 and not facts.named)

    def _counts(self, facts: Facts) -> bool:
        return (
            _within(facts.records, self.records_at_least, None)
            and _within(facts.persons, self.persons_at_least, self.persons_at_most)
            and _within(facts.strong_persons, self.strong_persons_at_least, self.strong_persons_at_most)
            and _within(facts.identified_health, self.identified_health_at_least, self.identified_health_at_most)
            and _within(facts.test_persons, self.test_persons_at_least, None)
        )


def _within(count: int, least: int | None, most: int | None) -> bool:
    return (least is None or count >= least) and (most is None or count <= most)


def _patients(facts: Facts, category: str) -> int:
    found = facts.categories.get(category)
    return found.persons if found else 0


class SmallZone(Model):
    """What is declared of the place of an example."""

    declared: bool = True  # False: other places are, this one is not
    past: bool = False
    migration: bool = False
    allow: tuple[Name, ...] | None = None

    def zoned(self) -> Zoned:
        """Return it as facts have it."""
        allow = None if self.allow is None else frozenset(self.allow)
        return Zoned(not self.declared, self.past, self.migration, allow)


class Placed(Model):
    """What an example says of the place of its file."""

    zone: SmallZone | None = None
    protection: Literal["weak"] | None = None
    twin: Literal["encrypted"] | None = None
    account: AccountKinds | None = None

    def laid_over(self, facts: Facts) -> Facts:
        """Return facts with what is said here."""
        zone = NOWHERE if self.zone is None else self.zone.zoned()
        facts = replace(facts, account=AccountFacts("vsftpd", "labo", self.account, 1) if self.account else None)
        return replace(facts, zone=zone, weak=self.protection is not None, twin=self.twin is not None)


class SmallFacts(Placed):
    """Facts as an example writes them. A category's number is hits and persons alike, or [hits, persons]."""

    records: int = 0
    persons: int = 0
    strong_persons: int = 0
    identified_health: int = 0
    test_persons: int = 0
    categories: dict[Name, Annotated[tuple[int, int], BeforeValidator(_twice)]] = Field(default_factory=dict)

    def at(self, level: Level) -> Facts:
        """Return the facts of a place of that exposure."""
        facts = Facts(
            level=level,
            records=self.records,
            persons=self.persons,
            strong_persons=self.strong_persons,
            identified_health=self.identified_health,
            test_persons=self.test_persons,
            categories={
                name: CategoryFacts(CATEGORIES.get(name, Kind.HEALTH), *found)
                for name, found in self.categories.items()
            },
        )
        return self.laid_over(facts)


class Example(Placed):
    """A small file, or small facts, at an exposure, in a zone or in none, alone or beside an encrypted twin."""

    exposure: LevelName
    text: str | None = None  # the content of a file: prose, CSV, HL7...; it runs through the whole pipeline
    facts: SmallFacts | None = None

    @model_validator(mode="before")
    @classmethod
    def _facts_of_a_place(cls, data: Any) -> Any:
        if not (isinstance(data, dict) and isinstance(data.get("facts"), dict)):
            return data
        return data | {"facts": {name: data[name] for name in Placed.model_fields if name in data} | data["facts"]}

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.text is None) == (self.facts is None):
            raise Wrong("wrong.example")
        return self

    @property
    def level(self) -> Level:
        """The exposure."""
        return Level[self.exposure.upper()]


class Examples(Model):
    """What must fire the rule and what must not."""

    match: tuple[Example, ...] = ()
    no_match: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if len(self.match) < 2 or len(self.no_match) < 2:
            raise Wrong("wrong.examples", match=len(self.match), no_match=len(self.no_match))
        return self


class Rule(Model):
    """One rule file."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+([.-][a-z0-9]+)*$")]  # stored in incidents: never changed
    version: Count  # +1 when what it says changes: places are judged again
    severity: Literal["info", "low", "medium", "high", "critical"]
    title: Both  # what is wrong, as a fact
    advice: Both  # what to do now
    when: Annotated[tuple[Condition, ...], BeforeValidator(_as_list), Field(min_length=1)]
    duties: tuple[str, ...] = ()  # ids of files under rules/duties/: what may follow, for a person to decide
    sources: tuple[str, ...] = ()
    examples: Examples

    def holds(self, facts: Facts) -> bool:
        """Return whether the rule fires."""
        return any(condition.holds(facts) for condition in self.when)


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that fired."""

    rule: Rule
    severity: Severity

    def report(self) -> RuleReport:
        """Return it as the report has it."""
        rule = self.rule
        return RuleReport(rule.id, rule.version, self.severity, rule.title.model_dump(), rule.advice.model_dump())


def judge(facts: Facts, rules: Iterable[Rule]) -> list[Fired]:
    """Return every rule that fires on `facts`, gravest first."""
    fired = [Fired(rule, Severity[rule.severity.upper()]) for rule in rules if rule.holds(facts)]
    return sorted(fired, key=lambda one: (-one.severity, one.rule.id))


def severity(fired: Iterable[Fired]) -> Severity:
    """Return the highest severity, `NONE` where nothing fired."""
    return max((one.severity for one in fired), default=Severity.NONE)


def rule_files(folders: Iterable[Path]) -> list[Path]:
    """Return the rule files of `folders` (a file stands for itself), sorted within each; `duties/` is not rules.

    Raises `Told` where one is missing.
    """
    found: list[Path] = []
    for folder in folders:
        if folder.is_file():
            found.append(folder)
        elif folder.is_dir():
            found += sorted(file for file in folder.rglob("*.y*ml") if "duties" not in file.relative_to(folder).parts)
        else:
            raise Told("rule.none", path=str(folder))
    return found


def load_rules(folders: Iterable[Path], categories: Mapping[str, Kind] = CATEGORIES) -> tuple[Rule, ...]:
    """Return the rules of `folders`. `categories` are those the recognizers know, a site's own included.

    Raises `Told`, one line, on the first thing wrong in them.
    """
    rules: dict[str, Rule] = {}
    homes: dict[str, Path] = {}
    for file in rule_files(folders):
        rule, line = load_rule(file, categories)
        if rule.id in rules:
            raise Told("rule.twice", file=str(file), line=line, id=rule.id, other=str(homes[rule.id]))
        rules[rule.id], homes[rule.id] = rule, file
    return tuple(rules.values())


def load_rule(file: Path, categories: Mapping[str, Kind] = CATEGORIES) -> tuple[Rule, int]:
    """Return the rule of a file and the line of its id. Raises `Told` where something is wrong in it."""
    document = read(file)
    data: Any = {} if document.data is None else document.data
    try:
        return Rule.model_validate(data, context=categories), document.line(("id",))
    except ValidationError as error:
        raise told(error, document, Rule, {}) from None


def digest_of(rules: Iterable[Rule]) -> str:
    """Return `sha256:…` over all that the rules say, in any order."""
    state = hashlib.sha256()
    for rule in sorted(rules, key=lambda one: one.id):
        state.update(rule.model_dump_json(exclude={"examples", "sources"}).encode() + b"\n")
    return f"sha256:{state.hexdigest()}"


@dataclass(frozen=True, slots=True)
class Failure:
    """An example that does not do what it says."""

    rule: str
    kind: Literal["match", "no_match"]
    number: int  # from 1
    fired: tuple[str, ...]  # the rules that fired instead


def run_examples(
    rules: Sequence[Rule], run_example: Callable[[str, Level], Facts], beside: Sequence[Rule] = ()
) -> Iterator[Failure]:
    """Yield the examples of `rules` that fail. `run_example` takes a file's content through the pipeline.

    `beside`: all rules at work, to say which fired instead; without it, `rules` themselves.
    """
    for rule in rules:
        for kind, examples in (("match", rule.examples.match), ("no_match", rule.examples.no_match)):
            for number, example in enumerate(examples, 1):
                fired = tuple(one.rule.id for one in judge(_facts(example, run_example), beside or rules))
                if (rule.id in fired) != (kind == "match"):
                    yield Failure(rule.id, "match" if kind == "match" else "no_match", number, fired)


def _facts(example: Example, run_example: Callable[[str, Level], Facts]) -> Facts:
    if example.facts is not None:
        return example.facts.at(example.level)
    return example.laid_over(run_example(example.text or "", example.level))
