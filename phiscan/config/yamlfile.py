"""Reads a YAML file that a person wrote, and turns what is wrong with it into one line: file, line and key.

What the keys mean is for the pydantic models of `config` and `judge` to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import yaml

from phiscan.messages import Told, Wrong

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: its data, and the line (from 1) of every key and list item."""

    name: str
    data: Any
    lines: Mapping[Key, int] = field(default_factory=dict)

    def line(self, key: Key) -> int:
        """Return the line of `key`, or of the nearest thing above it that stands in the file."""
        while key and key not in self.lines:
            key = key[:-1]
        return self.lines.get(key, 1)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML where a key written twice is an error, and a bad date has a line and key like any other error."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.called = name
        self.lines: dict[Key, int] = {}
        self.keys: dict[int, Key] = {}  # by id of the node

    def number(self, node: yaml.Node | None, at: Key = (), above: tuple[int, ...] = ()) -> None:
        """Note key and line of everything under `node`; an anchor that contains itself is followed once."""
        if node is None or id(node) in above or len(at) > 50:
            return
        self.lines.setdefault(at, node.start_mark.line + 1)
        self.keys.setdefault(id(node), at)
        above = (*above, id(node))
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode):
                    self._number_key(key, (*at, key.value))
                    self.number(value, (*at, key.value), above)
        elif isinstance(node, yaml.SequenceNode):
            for position, item in enumerate(node.value):
                self.number(item, (*at, position), above)

    def _number_key(self, node: yaml.ScalarNode, at: Key) -> None:
        if at in self.lines:
            raise self._wrong(node, at, Wrong("wrong.twice"))
        self.lines[at] = node.start_mark.line + 1

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)  # type: ignore[no-untyped-call, unused-ignore]
        except (ValueError, TypeError, OverflowError):
            raise self._wrong(node, self.keys.get(id(node), ()), Wrong("wrong.value")) from None

    def _wrong(self, node: yaml.Node, at: Key, wrong: Wrong) -> Told:
        place = f"{self.called}:{node.start_mark.line + 1}"
        return Told("key.wrong", place=place, key=dotted(at), wrong=wrong)


def read(path: Path) -> Document:
    """Return the file's data and lines. Raises `Told` where it cannot be read or is no YAML."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise Told("file.unreadable", path=str(path), why=error.strerror or "") from None
    return parse(content, str(path))


def parse(content: bytes, name: str) -> Document:
    """Return what `content` says; `name` is what messages call it. Raises `Told` where it is no YAML."""
    try:
        loader = _Loader(content, name)
        node = loader.get_single_node()  # type: ignore[no-untyped-call, unused-ignore]
        loader.number(node)
        data = loader.construct_document(node) if node else None  # type: ignore[no-untyped-call, unused-ignore]
        return Document(name, data, loader.lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Told("yaml.broken", file=name, line=line, problem=error.problem or "") from None
    except (yaml.YAMLError, UnicodeError, RecursionError):
        raise Told("yaml.broken", file=name, line=1, problem="encoding") from None


def told(error: ValidationError, document: Document, model: type[BaseModel], names: Mapping[Key, str]) -> Told:
    """Return the first thing wrong with `document` as one line. `names`: environment variable of a key set there."""
    found = min(error.errors(include_url=False), key=lambda one: document.line(_known(one["loc"])))
    key = _known(found["loc"])
    source = next((names[key[:n]] for n in range(len(key), 0, -1) if key[:n] in names), "")
    place = source or f"{document.name}:{document.line(key)}"
    return Told("key.wrong", place=place, key=dotted(key), wrong=_explain(found, model))


def dotted(key: Key) -> str:
    """Return `key` as people write it: `zones[0].path`."""
    written = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key)
    return written.removeprefix(".")


def _known(loc: Key) -> Key:
    """Return `loc` without what pydantic adds for a mapping's own keys."""
    return tuple(part for part in loc if part != "[key]")


_EXPECTED = {
    "string": "wrong.text",
    "int": "wrong.integer",
    "float": "wrong.number",
    "bool": "wrong.bool",
    "list": "wrong.list",
    "tuple": "wrong.list",
    "dict": "wrong.mapping",
    "mapping": "wrong.mapping",
    "model": "wrong.mapping",
    "date": "wrong.date",
    "path": "wrong.text",
}


def _explain(found: ErrorDetails, model: type[BaseModel]) -> Wrong:
    """Return what is wrong in our words. Never the value: it may be a secret."""
    kind, context = found["type"], found.get("ctx", {})
    if isinstance(cause := context.get("error"), Wrong):
        return cause
    if kind == "extra_forbidden":
        return _unknown(found["loc"], model)
    if kind == "missing":
        return Wrong("wrong.missing")
    if kind in ("literal_error", "enum"):
        return Wrong("wrong.choice", choices=str(context["expected"]).replace("'", "").replace(" or ", ", "))
    for bound in ("ge", "gt", "min_length"):
        if bound in context:
            return Wrong("wrong.least" if bound != "gt" else "wrong.above", least=context[bound])
    if kind == "string_pattern_mismatch":
        return Wrong("wrong.value")
    return Wrong(_EXPECTED.get(kind.split("_")[0], "wrong.value"))


def _unknown(loc: Key, model: type[BaseModel]) -> Wrong:
    for part in loc[:-1]:
        model = _inside(model, part)
    names = [key.alias or name for name, key in model.model_fields.items()]
    near = get_close_matches(str(loc[-1]), names, 1)
    return Wrong("wrong.unknown_near", near=near[0]) if near else Wrong("wrong.unknown")


def _inside(model: type[BaseModel], part: str | int) -> type[BaseModel]:
    """Return the model that the key `part` of `model` holds; `model` itself for a position in a list."""
    from pydantic import BaseModel

    for name, key in model.model_fields.items():
        if part in (key.alias, name):
            found = [one for one in _classes(key.annotation) if issubclass(one, BaseModel)]
            return found[0] if found else model
    return model


def _classes(annotation: Any) -> list[type]:
    inner = [found for part in get_args(annotation) for found in _classes(part)]
    return [annotation, *inner] if isinstance(annotation, type) else inner
