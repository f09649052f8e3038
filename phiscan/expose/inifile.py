"""Configurations of sections and `name = value`, as Samba and rsync write them (one descends from the other).

Names are compared by their letters: neither case nor blanks count. A line that ends in a backslash goes on in the next
one; `#` and `;` begin a comment only where a line begins with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from phiscan.expose.blocks import joined

YES: Final = frozenset({"yes", "true", "on", "1"})
NO: Final = frozenset({"no", "false", "off", "0"})


@dataclass(frozen=True, slots=True)
class Line:
    """A line that says something: the head of a section, where `value` is None, or a setting."""

    name: str  # of a setting: lower case, without blanks
    value: str | None
    text: str  # what stands there, blanks apart
    number: int


def lines(source: Iterable[str]) -> Iterator[Line]:
    r"""Yield what the lines of a file say. What is neither section nor setting is left out, as those programs do.

    >>> [(line.name, line.value) for line in lines(["[Labo  A]", "# x", "Guest OK = Yes ; no", "path=/srv/\\", "a"])]
    [('Labo A', None), ('guestok', 'Yes ; no'), ('path', '/srv/a')]
    """
    for number, raw in joined(source):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if line[0] == "[":
            name = " ".join(line[1:].partition("]")[0].split())
            if name:
                yield Line(name, None, f"[{name}]", number)
        elif line[0] == "&":  # rsync's `&include /folder`
            name, _, value = line.partition(" ")
            yield Line(name.lower(), value.strip(), line, number)
        else:
            name, equals, value = line.partition("=")
            key = "".join(name.lower().split())
            if equals and key:
                yield Line(key, value.strip(), f"{' '.join(name.split())} = {value.strip()}", number)


@dataclass(frozen=True, slots=True)
class Setting:
    """A value, with what stands in the file and where."""

    value: str
    text: str  # "public = yes"
    source: str  # "/etc/samba/smb.conf:12"


@dataclass(slots=True)
class Section:
    """A share or module. `own` is what it says itself, `base` what it took over when it was first named."""

    name: str
    file: str  # of the whole configuration
    defaults: Mapping[str, tuple[str, str]]  # by key: how the setting is written, and its compiled default
    own: dict[str, Setting] = field(default_factory=dict)
    base: dict[str, Setting] = field(default_factory=dict)

    def get(self, key: str) -> Setting:
        """Return a setting; of a compiled default the text says that it is one."""
        found = self.own.get(key) or self.base.get(key)
        if found is not None:
            return found
        written, value = self.defaults.get(key, (key, ""))
        return Setting(value, f"{written} (default {value or 'none'})", self.file)

    def says(self, key: str) -> bool:
        """Whether a setting with two values is on."""
        return self.get(key).value.lower() in YES

    def words(self, key: str) -> list[str]:
        """Return the words of a list; names in quotes may hold blanks."""
        return [quoted or plain for quoted, plain in re.findall(r'"([^"]*)"|([^\s,;"]+)', self.get(key).value)]

    def given(self, key: str) -> bool:
        """Whether it is set at all, here or in what was taken over."""
        return key in self.own or key in self.base
