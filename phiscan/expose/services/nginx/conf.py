"""nginx.conf as nginx reads it: a tree of directives, each with its file and line; included files stand in their place.

Written here rather than taken from a library: paths keep bytes that are not UTF-8, files are read through the machine,
which may be another one, and a broken file still gives what stands before the break.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from phiscan.expose.blocks import Directive
from phiscan.expose.machine import Machine, Trouble

SERVICE: Final = "nginx"
_DEEP: Final = 40
_TOKEN: Final = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*)
    | (?P<end>[;{}])
    | "(?P<double>(?:[^"\\]|\\.)*)"
    | '(?P<single>(?:[^'\\]|\\.)*)'
    | (?P<word>(?:\\.|\$\{|[^\s;{}\\])(?:\\.|\$\{[^}\s]*\}|[^\s;{\\])*)
    """,
    re.VERBOSE | re.DOTALL,
)
_LUA: Final = re.compile(r"""[{}]|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|--[^\n]*""")
_ESCAPE: Final = re.compile(r"""\\(["'\\trn])""")
_PLAIN: Final = {"t": "\t", "r": "\r", "n": "\n"}


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    line: int
    sign: bool = False  # one of ; { }


def read(machine: Machine, path: str, folder: str) -> tuple[Directive, ...]:
    """Return what stands in a file, nothing where it is missing. `folder`: what included files are relative to."""
    return _Reader(machine, folder).file(path, ())


def parse(text: str) -> tuple[Directive, ...]:
    """Return the directives of a text that is in no file and includes none, such as one given on a command line.

    >>> [(one.name, one.words) for one in parse("user www-data; daemon off;")]
    [('user', ('www-data',)), ('daemon', ('off',))]
    """
    return _Reader(Machine(), "/").tree("-g", list(_tokens(text)), ())


class _Reader:
    def __init__(self, machine: Machine, folder: str) -> None:
        self.machine = machine
        self.folder = folder

    def file(self, path: str, above: tuple[str, ...]) -> tuple[Directive, ...]:
        if path in above or len(above) >= _DEEP:
            self._trouble(path, "includes itself")
            return ()
        lines = self.machine.lines(path, SERVICE)
        return self.tree(path, list(_tokens("\n".join(lines or ()))), (*above, path))

    def tree(self, path: str, tokens: list[_Token], above: tuple[str, ...]) -> tuple[Directive, ...]:
        """Return the directives that tokens make. What is open at the end of a file ends there."""
        heads: list[tuple[list[str], int]] = []
        found: list[list[Directive]] = [[]]
        words: list[str] = []
        line = 0
        for token in tokens:
            if not token.sign:
                line = line if words else token.line
                words.append(token.text)
            elif token.text == "{":
                if len(heads) >= _DEEP:
                    self._trouble(f"{path}:{token.line}", "too many blocks within each other")
                    return tuple(found[0])
                heads.append((words, line or token.line))
                found.append([])
                words = []
            elif token.text == "}" and not heads:
                self._trouble(f"{path}:{token.line}", "end of a block that was not begun")
            elif token.text == "}":
                inner = found.pop()
                head, begun = heads.pop()
                found[-1].append(_directive(head, path, begun, tuple(inner)))
                words = []
            elif words:
                made = _directive(words, path, line, None)
                found[-1] += self._included(made, above) if made.name == "include" and above else (made,)
                words = []
        if heads or words:
            self._trouble(f"{path}:{heads[-1][1] if heads else line}", "block or directive without an end")
        while heads:
            inner = found.pop()
            head, begun = heads.pop()
            found[-1].append(_directive(head, path, begun, tuple(inner)))
        return tuple(found[0])

    def _included(self, made: Directive, above: tuple[str, ...]) -> Iterator[Directive]:
        for word in made.words[:1]:
            pattern = os.path.join(self.folder, word)
            if re.search(r"[*?\[]", pattern):
                files = self.machine.matching(pattern)
            else:
                files = [pattern]
                if self.machine.lines(pattern, SERVICE) is None:
                    self._trouble(made.source, "includes a file that is missing")
            for one in files:
                yield from self.file(one, above)

    def _trouble(self, source: str, detail: str) -> None:
        self.machine.troubles.append(Trouble(SERVICE, source, detail))


def _directive(words: list[str], path: str, line: int, inner: tuple[Directive, ...] | None) -> Directive:
    text = " ".join(f'"{word}"' if not word or re.search(r"\s", word) else word for word in words)
    return Directive(words[0] if words else "", tuple(words[1:]), path, line, text, inner)


def _tokens(text: str) -> Iterator[_Token]:
    r"""Yield the words and signs of a text.

    >>> [one.text for one in _tokens('root "/a b"; # x\n location ~ \\.php${ }')]
    ['root', '/a b', ';', 'location', '~', '\\.php$', '{', '}']
    """
    at, line, name = 0, 1, ""
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:  # a quote without an end, or a backslash at the very end
            return
        kind = match.lastgroup or ""
        if kind == "end":
            yield _Token(match[0], line, sign=True)
            if match[0] == "{" and name.endswith("_by_lua_block"):
                end = _lua_end(text, match.end())
                line += text.count("\n", match.end(), end)
                at, name = end, ""
                continue
            name = ""
        elif kind != "blank":
            word = match[kind]
            word = _ESCAPE.sub(lambda escape: _PLAIN.get(escape[1], escape[1]), word)
            name = name or word
            yield _Token(word, line)
        line += match[0].count("\n")
        at = match.end()


def _lua_end(text: str, at: int) -> int:
    """Return where a block of Lua ends: at the brace that closes it."""
    deep = 1
    for match in _LUA.finditer(text, at):
        deep += {"{": 1, "}": -1}.get(match[0], 0)
        if deep == 0:
            return match.start()
    return len(text)
