"""The recognizer file: what its YAML may say, and one-line errors where it says something else.

One recognizer is one file, and it carries its proofs: a file with fewer than three examples that
must match and three that must not is refused.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from phiscan.config import yamlfile
from phiscan.messages import Told, Wrong
from phiscan.model import CATEGORIES, Kind
from phiscan.recognize.loosen import loosen
from phiscan.recognize.triggers import parsed

MAX_WIDTH = 300  # characters a pattern may span: what the confirming `re` looks back over
EVIDENCE = ("shape", "valid", "context", "field", "column", "term", "weak", "code", "clinical", "model", "listed")
DEFAULT_SCORE = {
    "term": 0.6,
    "term+context": 0.8,
    "weak+context": 0.6,
    "weak+clinical": 0.55,
    "code": 0.8,
    "field": 0.6,
    "field+shape": 0.8,
    "field+valid": 0.9,
    "shape+context": 0.6,
    "shape+valid": 0.6,
    "shape+model": 0.6,
}

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)



class _Unique(_LOADER):  # type: ignore[misc, valid-type]
    """The fast loader, which by itself takes a key written twice and forgets the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(set(keys)) < len(keys):
            raise ValueError
        return super().construct_mapping(node, deep)  # type: ignore[no-any-return]


Words = list[str]


class Strict(BaseModel):
    """A YAML mapping in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Near(Strict):
    """Words, and how many characters to either side of a hit they count for."""

    words: Words
    window: Annotated[int, Field(gt=0, le=400)] = 60


class Context(Near):
    """Words near a hit that say more of it, and how the others are told from what only looks like them."""

    phrases: dict[str, str] = {}  # regular expressions over the normal form, which count as words do
    vague: Words = []  # these count only where what stands round the hit tells of care (`phiscan.recognize.clinical`)
    care: dict[str, str] = {}  # what else tells of it: regular expressions over the normal form, each one sign
    work: dict[str, str] = {}  # the same, of what a person does: no disease behind it is theirs
    states: dict[str, str] = {}  # the same, of all that stands between a person and a fact that is stated of them

    @field_validator("phrases", "care", "work", "states")
    @classmethod
    def _readable(cls, phrases: dict[str, str]) -> dict[str, str]:
        for name, phrase in phrases.items():
            _check_width(name, phrase)
        return phrases


class Fields(Strict):
    """How a column, or a labelled value in text, is known."""

    headers: Words = []
    parts: dict[str, Words] = {}
    values: Literal["pattern", "coded", "text", "date", "name"] = "pattern"


class Examples(Strict):
    """Brackets mark exactly what must be found; `known_miss` admits failures."""

    match: Annotated[Words, Field(min_length=3)]
    no_match: Annotated[Words, Field(min_length=3)]
    table: Words = []
    known_miss: Words = []


class Animals(Strict):
    """Headers of columns that name animals and that tell of them; words of letters for them and their owners."""

    named: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    surgery: tuple[str, ...] = ()
    owned: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()


class Analyses(Strict):
    """Analyses that are made of water and soil too: what people have of each, and headers that tell the contrary."""

    ranges: dict[str, list[tuple[float, float]]] = {}
    round: dict[str, int] = {}
    beside: tuple[str, ...] = ()


class Trades(Strict):
    """recognizers/trades.yaml: words by which a table is another trade's. Without them, none is."""

    doubtful: tuple[str, ...] = ()
    care: tuple[str, ...] = ()
    wards: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    medical: tuple[str, ...] = ()
    animals: Animals = Animals()
    analyses: Analyses = Analyses()


class Title(Strict):
    """A short name in both languages."""

    fr: str
    en: str


class RecognizerFile(Strict):
    """One recognizer as its YAML states it; see CONTRIBUTING.md for the meaning of each key."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")]
    version: Annotated[int, Field(ge=1)]
    category: str
    kind: Kind | None = None
    entity: Annotated[str, Field(pattern=r"^[A-Z0-9_]+$")]
    title: Title
    description: str = ""
    sources: Words = []
    role: Literal["patient", "relative", "professional"] | None = None
    anchor: bool = True
    cells: bool = True  # its patterns and terms are searched in table cells too
    patterns: dict[str, str] = {}
    trim: Literal["name", "name_within"] | None = None  # what of a match is the value: see reach.py
    validator: str | None = None
    require_valid: bool = False
    terms: Words = []
    terms_file: str | None = None
    weak: Words = []
    weak_file: str | None = None
    codes: dict[str, list[str | int]] = {}
    entities: Words = []  # labels of a site's spaCy model
    exclude: Words = []
    exclude_file: str | None = None
    reject_near: Near | None = None
    not_after: Words = []
    context: Context | None = None
    fields: Fields = Fields()
    at_least: Annotated[int, Field(ge=1)] = 1
    score: dict[str, Annotated[float, Field(ge=0, le=1)]] = DEFAULT_SCORE
    examples: Examples

    @model_validator(mode="after")
    def _consistent(self) -> RecognizerFile:
        if self.category not in CATEGORIES and self.kind is None:
            raise Wrong("wrong.new_category", name=self.category)
        for key in self.score:
            unknown = set(key.split("+")) - set(EVIDENCE)
            if unknown:
                raise Wrong("wrong.evidence", name=min(unknown), known=", ".join(EVIDENCE))
        for name, pattern in self.patterns.items():
            _check_pattern(name, pattern)
        return self


def _check_pattern(name: str, pattern: str) -> None:
    _check_width(name, pattern)
    try:
        loosen(pattern)
    except re.error as error:
        raise Wrong("wrong.regex", name=name, why=error.msg) from None


def _check_width(name: str, pattern: str) -> None:
    try:
        least, width = parsed(pattern).getwidth()
        if not least:
            raise re.error("it matches the empty text")
    except re.error as error:
        raise Wrong("wrong.regex", name=name, why=error.msg) from None
    if width > MAX_WIDTH:
        raise Wrong("wrong.width", name=name, most=MAX_WIDTH)


Model = TypeVar("Model", bound=BaseModel)


def read_yaml(path: Path) -> Any:
    """Return the YAML of `path`. Raises `Told`, naming file and line, where it is none."""
    try:
        return yaml.load(path.read_bytes(), Loader=_Unique)  # noqa: S506  a safe loader, the fast one where libyaml is there
    except (OSError, yaml.YAMLError, ValueError):
        return yamlfile.read(path).data  # slower, and it tells file and line


def parse_file(path: Path, model: type[Model]) -> Model:
    """Return `path` checked against `model`. Raises `Told`, naming file, line and key, on the first thing wrong."""
    data = read_yaml(path)
    try:
        return model.model_validate({} if data is None else data)
    except ValidationError as error:
        document = yamlfile.read(path)
        for one in error.errors(include_url=False):
            wrong = one.get("ctx", {}).get("error")
            if isinstance(wrong, Wrong) and not one["loc"]:  # of the file as a whole: the text names the key
                raise Told("file.wrong", place=f"{document.name}:{document.line(_place(wrong))}", wrong=wrong) from None
        raise yamlfile.told(error, document, model, {}) from None


def _place(wrong: Wrong) -> tuple[str, ...]:
    """The key that one of the checks above is about."""
    if wrong.key in ("wrong.regex", "wrong.width"):
        return "patterns", str(wrong.params["name"])
    return ("score",) if wrong.key == "wrong.evidence" else ("category",)


def read_trades(folder: Path) -> Trades:
    """Return what a folder of recognizers says of other trades; nothing, where it says nothing."""
    path = folder / "trades.yaml"
    return parse_file(path, Trades) if path.exists() else Trades()


def read_lines(path: Path) -> list[str]:
    """Return the terms of a term file: one a line, `#` starts a comment, blank lines are skipped."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise Told("file.unreadable", path=str(path), why=error.strerror or "") from None
    except UnicodeDecodeError:
        raise Told("file.unreadable", path=str(path), why="UTF-8") from None
    lines = (line.split(" #", 1)[0].strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]
