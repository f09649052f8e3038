"""Configurations made of blocks, `<Block argument> … </Block>`, as Apache and ProFTPD write them.

Lines become a tree of `Directive`s with their file and line; an included file stands where it is included. What the
directives mean, which of them include files and which blocks apply is for the services to say. Nothing here raises on
junk: a block that is never closed, or closed by another's name, is a trouble, as such a server does not start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from phiscan.expose.machine import Machine, Trouble

_DEEP = 40  # blocks or files within each other: nobody writes so many, and a recursion over them must end


@dataclass(frozen=True, slots=True)
class Syntax:
    """How lines are cut into words. A word in quotes may hold blanks; quotes within a word are part of it."""

    quotes: str
    comments_end_lines: bool  # a word that begins with # ends the line; else only whole lines are comments
    escapes: str = ""  # what a backslash in quotes takes its meaning from, beside the quote; "": everything


APACHE = Syntax(quotes="\"'", comments_end_lines=False, escapes="\\")
PROFTPD = Syntax(quotes='"', comments_end_lines=True)


@dataclass(frozen=True, slots=True)
class Directive:
    """A line, or a block with what stands in it. Its words may hold passwords: its `repr` says nothing of them."""

    name: str  # in lower case, of a block without its brackets
    words: tuple[str, ...] = field(repr=False)  # its arguments, without quotes
    file: str
    line: int  # the first, where it goes over several
    text: str = field(repr=False)  # as written, but for blanks and comments
    inner: tuple[Directive, ...] | None = None  # None: it is no block

    @property
    def source(self) -> str:
        """Where it stands, as evidence names it."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a service's directives mean to the reader; each is asked in the order of the lines."""

    syntax: Syntax
    included: Callable[[Directive], Sequence[str] | None] = lambda _: None
    """Given a line that is no block: the files that take its place; None: it is no such line."""
    condition: Callable[[Directive], bool | None] = lambda _: None
    """Given the head of a block: True, what stands in it takes its place; False, it is left out; None: neither."""
    substitute: Callable[[str], str] = str
    """Given a line before it is cut into words, such as Apache's with its variables."""


def read(machine: Machine, service: str, path: str, rules: Rules) -> tuple[Directive, ...]:
    """Return what stands in a configuration file, nothing where it is missing."""
    return _Reader(machine, service, rules).file(path, ())


def joined(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    r"""Yield lines with their number, one that ends in a backslash together with the next.

    >>> list(joined(["a \\", " b", "c"]))
    [(1, 'a  b'), (3, 'c')]
    """
    begun, parts = 0, list[str]()
    for number, line in enumerate(lines, 1):
        begun = begun or number
        if line.endswith("\\"):
            parts.append(line[:-1])
            continue
        yield begun, "".join((*parts, line))
        begun, parts = 0, []
    if parts:
        yield begun, "".join(parts)


def cut(line: str, syntax: Syntax) -> list[str]:
    r"""Return the words of a line, without quotes and comment.

    >>> cut('Alias "/a \\"b\\"" /c # d', PROFTPD)
    ['Alias', '/a "b"', '/c']
    >>> cut("Alias '/a b'/c # d", APACHE)
    ['Alias', '/a b', '/c', '#', 'd']
    """
    words = []
    at, end = 0, len(line)
    while at < end:
        if line[at].isspace():
            at += 1
            continue
        if line[at] == "#" and syntax.comments_end_lines:
            break
        if line[at] in syntax.quotes:
            word, at = _quoted(line, at, syntax)
        else:
            begin = at
            while at < end and not line[at].isspace():
                at += 1
            word = line[begin:at]
        words.append(word)
    return words


def _quoted(line: str, at: int, syntax: Syntax) -> tuple[str, int]:
    """Return the word in quotes that begins at `at`, and where it has ended. A quote that is missing ends the line."""
    quote, at = line[at], at + 1
    word = []
    while at < len(line) and line[at] != quote:
        following = line[at + 1 : at + 2]
        if line[at] == "\\" and following and (not syntax.escapes or following in syntax.escapes + quote):
            at += 1
        word.append(line[at])
        at += 1
    return "".join(word), at + 1


@dataclass(slots=True)
class _Open:
    """A block whose end was not met yet."""

    head: Directive
    applies: bool | None = None  # the answer of `Rules.condition`
    inner: list[Directive] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Reader:
    machine: Machine
    service: str
    rules: Rules

    def file(self, path: str, above: tuple[str, ...]) -> tuple[Directive, ...]:
        """Return what stands in a file, which those in `above` have included."""
        if path in above or len(above) >= _DEEP:
            return self._trouble(path, "includes itself")
        blocks = [_Open(Directive("", (), path, 0, ""))]
        for number, line in joined(self.machine.lines(path, self.service) or ()):
            if line.lstrip().startswith("#"):
                continue
            if "\0" in line:
                self._trouble(f"{path}:{number}", "a line that is no text")
                continue
            words = cut(self.rules.substitute(line), self.rules.syntax)
            if not words:
                continue
            name = words[0].lower()
            if name.startswith("</"):
                self._close(blocks, name[2:].rstrip(">"), f"{path}:{number}")
            elif name.startswith("<"):
                self._open(blocks, words, path, number)
            elif blocks[-1].applies is not False:
                made = Directive(name, tuple(words[1:]), path, number, _text(words))
                files = self.rules.included(made)
                if files is None:
                    blocks[-1].inner.append(made)
                for one in files or ():
                    blocks[-1].inner += self.file(one, (*above, path))
        while len(blocks) > 1:
            self._trouble(blocks[-1].head.source, "block without an end")
            self._fold(blocks)
        return tuple(blocks[0].inner)

    def _open(self, blocks: list[_Open], words: list[str], path: str, number: int) -> None:
        if len(blocks) > _DEEP:
            self._trouble(f"{path}:{number}", "too many blocks within each other")
            return
        text = _text(words)
        if words[-1] == ">" and len(words) > 1:
            words = words[:-1]
        elif words[-1].endswith(">"):
            words = [*words[:-1], words[-1][:-1]]
        head = Directive(words[0][1:].lower(), tuple(words[1:]), path, number, text)
        skipped = blocks[-1].applies is False
        blocks.append(_Open(head, applies=False if skipped else self.rules.condition(head)))

    def _close(self, blocks: list[_Open], name: str, source: str) -> None:
        if name not in [block.head.name for block in blocks[1:]]:
            self._trouble(source, "end of a block that was not begun")
            return
        while blocks[-1].head.name != name:
            self._trouble(blocks[-1].head.source, "block without an end")
            self._fold(blocks)
        self._fold(blocks)

    @staticmethod
    def _fold(blocks: list[_Open]) -> None:
        """Put the innermost block, which has ended, into the one around it."""
        ended = blocks.pop()
        head = ended.head
        if ended.applies is not None:
            blocks[-1].inner += ended.inner
            return
        whole = Directive(head.name, head.words, head.file, head.line, head.text, tuple(ended.inner))
        blocks[-1].inner.append(whole)

    def _trouble(self, source: str, detail: str) -> tuple[()]:
        self.machine.troubles.append(Trouble(self.service, source, detail))
        return ()


def _text(words: Sequence[str]) -> str:
    """Return the words as one line, in which a word with blanks stands in quotes.

    >>> _text(["<Directory", "/srv/a b", ">"])
    '<Directory "/srv/a b">'
    """
    quoted = (f'"{word}"' if not word or any(map(str.isspace, word)) else word for word in words)
    return " ".join(quoted).replace(" >", ">")
