"""Duties: what may follow in law from an incident. Dated YAML files under `rules/duties/`; no delay stands in code.

Only a person's qualification starts a deadline, and everything said of a duty is a proposal to be validated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from phiscan.config.units import parse_duration
from phiscan.config.yamlfile import read, told
from phiscan.judge import Both, Model, Rule
from phiscan.messages import Told


def _seconds(value: object) -> object:
    return None if value is None else parse_duration(value)


def _several(value: object) -> object:
    return [parse_duration(one) for one in value] if isinstance(value, list) else value


class Duty(Model):
    """One duty file."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]  # rules name it
    version: Annotated[int, Field(ge=1)]
    since: date  # in force since
    role: Literal["controller", "processor", "any"]  # for whom
    within: Annotated[float | None, BeforeValidator(_seconds)]  # seconds; None: without undue delay
    remind: Annotated[tuple[float, ...], BeforeValidator(_several)] = ()  # seconds before its end
    event: Literal["aware"]  # from when: awareness of the breach, as a person dates it
    title: Both  # what is to be done
    to: Both  # whom to tell
    note: Both
    sources: Annotated[tuple[str, ...], Field(min_length=1)]


def load_duties(folders: Iterable[Path]) -> dict[str, Duty]:
    """Return the duties of rule folders, by id; a later folder's replaces an earlier one's. Raises `Told`."""
    found: dict[str, Duty] = {}
    for folder in folders:
        for file in sorted((folder / "duties").glob("*.y*ml")) if folder.is_dir() else []:
            document = read(file)
            data: Any = {} if document.data is None else document.data
            try:
                duty = Duty.model_validate(data)
            except ValidationError as error:
                raise told(error, document, Duty, {}) from None
            found[duty.id] = duty
    return found


def of_rule(rule: Rule | None, duties: Mapping[str, Duty], role: str) -> list[Duty]:
    """Return the duties that a rule proposes to somebody of this role, in the rule's order."""
    if rule is None:
        return []
    return [duties[name] for name in rule.duties if name in duties and duties[name].role in (role, "any")]


def unknown(rules: Iterable[Rule], duties: Mapping[str, Duty]) -> Told | None:
    """Return what is wrong where a rule names a duty that is not there."""
    for rule in rules:
        for name in rule.duties:
            if name not in duties:
                return Told("rule.duty", rule=rule.id, duty=name)
    return None
