"""Apache's configuration as it was started: includes, variables, and the blocks that hold under its modules.

`<IfModule>` and its like are decided line by line, as Apache does, so that a module counts only behind its
`LoadModule`. What is left is the tree of directives that the server works with.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from phiscan.expose import blocks, found
from phiscan.expose.blocks import APACHE, Directive, Rules
from phiscan.expose.machine import Machine, Process, Trouble

SERVICE: Final = "apache"
_BUILT_IN: Final = frozenset(
    {"core", "so", "http", "http_core", "mod_so", "log_config", "unixd", "version", "watchdog"}
)
_VERSION: Final = (2, 4)  # of what runs nothing is known but this
_ENVVARS: Final = ("/etc/apache2/envvars",)
_EXPORT: Final = re.compile(r"\s*(?:export\s+)?(\w+)=(.*)")
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Start:
    """How a process was started."""

    file: str | None = None
    root: str | None = None
    defines: frozenset[str] = frozenset()

    @classmethod
    def of(cls, process: Process) -> Start:
        """Read it from the arguments: -f FILE, -d ROOT, -D NAME."""
        root = found.argument(process, "-d")
        file = found.argument(process, "-f")
        if file is not None:
            file = os.path.join(root or process.folder, file)
        words = process.argv[1:]
        defines = [
            word[2:] or (words[at + 1 : at + 2] or ("",))[0] for at, word in enumerate(words) if word[:2] == "-D"
        ]
        return cls(file, root, frozenset(defines))


@dataclass(slots=True)
class Reader:
    """Reads a configuration and what `.htaccess` files say, with what was defined and loaded so far."""

    machine: Machine
    start: Start
    root: str
    variables: dict[str, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    rules: Rules = field(init=False)

    def __post_init__(self) -> None:
        self.rules = Rules(
            syntax=APACHE, included=self._included, condition=self._condition, substitute=self._substitute
        )

    def read(self, path: str) -> tuple[Directive, ...]:
        """Return what stands in a file."""
        return blocks.read(self.machine, SERVICE, path, self.rules)

    def loaded(self, name: str) -> bool:
        """Whether a module is there: "autoindex". Where none is loaded by name all may be built in."""
        return not self.modules or name in self.modules

    def _substitute(self, line: str) -> str:
        return _VARIABLE.sub(lambda match: self.variables.get(match[1], match[0]), line)

    def _included(self, one: Directive) -> Sequence[str] | None:
        match one.name, one.words:
            case ("define", [name, *value]):
                self.variables[name] = value[0] if value else ""
            case ("undefine", [name]):
                self.variables.pop(name, None)
            case ("serverroot", [root]):
                self.root = root
            case ("loadmodule", [name, *_]):
                self.modules.add(name.removesuffix("_module"))
            case ("use", _):
                self.machine.troubles.append(Trouble(SERVICE, one.source, "macros are not followed"))
            case (("include" | "includeoptional"), [pattern]):
                return self._files(os.path.join(self.root, pattern), one)
        return None

    def _files(self, pattern: str, one: Directive) -> list[str]:
        if re.search(r"[*?\[]", pattern):
            return self.machine.matching(pattern)
        inside = self.machine.matching(pattern.rstrip("/") + "/*")
        if not inside and one.name == "include" and self.machine.lines(pattern, SERVICE) is None:
            self.machine.troubles.append(Trouble(SERVICE, one.source, "includes a file that is missing"))
        return inside or [pattern]

    def _condition(self, head: Directive) -> bool | None:
        """Return whether what stands in a block holds; None where it is a block of another kind."""
        words = list(head.words)
        negated = bool(words) and words[0].startswith("!")
        if negated:
            words[0] = words[0][1:]
        name = words[0] if words else ""
        match head.name:
            case "ifmodule":
                plain = re.sub(r"^mod_|\.c$|_module$", "", name)
                return (plain in self.modules or plain in _BUILT_IN) is not negated
            case "ifdefine":
                return (name in self.start.defines or name in self.variables) is not negated
            case "iffile":
                return bool(self.machine.matching(os.path.join(self.root, name))) is not negated
            case "ifversion":
                return _version(words) is not negated
            case "ifdirective" | "ifsection":
                return True
            case "macro":
                return False
            case _:
                return None


def _version(words: Sequence[str]) -> bool:
    """Whether a comparison holds for version 2.4.

    >>> [_version(words) for words in (["<", "2.4"], [">=", "2.4.6"], ["2.4"], [">", "2.2"])]
    [False, True, True, True]
    """
    sign, wanted = (words[0], words[-1]) if len(words) > 1 else ("=", words[0] if words else "")
    numbers = tuple(int(part) for part in re.findall(r"\d+", wanted))[:2]
    match sign:
        case "<":
            return numbers > _VERSION
        case "<=":
            return numbers >= _VERSION
        case ">":
            return numbers < _VERSION
        case ">=":
            return numbers <= _VERSION
        case _:
            return numbers == _VERSION


def environment(machine: Machine) -> Mapping[str, str]:
    """Return the variables that Debian's start script sets."""
    known: dict[str, str] = {}
    for path in _ENVVARS:
        for line in machine.lines(path, SERVICE) or ():
            match = _EXPORT.fullmatch(line.partition("#")[0].rstrip())
            if match is not None:
                value = match[2].strip("\"'")
                known[match[1]] = re.sub(r"\$\{?(\w+)\}?", lambda name: known.get(name[1], ""), value)
    return known
