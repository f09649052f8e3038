"""One recognizer, compiled, and its parts: literals, patterns, code systems, and what a hit's evidence can be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from phiscan.model import Kind, Role
from phiscan.recognize.schema import EVIDENCE, Context, RecognizerFile, Strict, Words
from phiscan.recognize.terms import Term, words_pattern
from phiscan.recognize.triggers import Shape

_BIT = {name: 1 << bit for bit, name in enumerate(EVIDENCE)}
SHAPE, VALID, CONTEXT, FIELD, COLUMN, TERM, WEAK, CODE, CLINICAL, MODEL, LISTED = _BIT.values()
_ALL = sum(_BIT.values())
COUNTS_FROM = 0.5  # a hit below this score is shown by `explain` only
LAST_SITE_BIT = 61  # 62 and 63 of a person mask say how the person is known


class Use(NamedTuple):
    """What a literal stands for in one recognizer."""

    recognizer: int  # −1: a word for a code system, which only says that codes may stand there
    evidence: int  # TERM, WEAK, or 0 for an excluding phrase
    term: Term
    system: str = ""
    later: bool = False  # it counts in clinical documents only, and is no reason to look closer at a text


@dataclass(slots=True)
class Literal:
    """One literal of the automaton: the terms it stands for, and the patterns it is a trigger of."""

    text: str
    size: int
    uses: list[Use] = field(default_factory=list)
    cell_uses: list[Use] = field(default_factory=list)  # those of them that are looked for in table cells
    triggers: list[int] = field(default_factory=list)
    # Those of them that are also looked for right behind a letter; and both again for those searched in table cells.
    inner: tuple[int, ...] = ()
    cell_triggers: tuple[int, ...] = ()
    cell_inner: tuple[int, ...] = ()


class Weighing(NamedTuple):
    """What some evidence is worth by itself, and the words near a hit, with their windows, that would change it."""

    score: float
    context: re.Pattern[bytes] | None
    near: int
    reject: re.Pattern[bytes] | None
    window: int


@dataclass(slots=True)
class Recognizer:
    """One recognizer, compiled. Patterns for context and rejection are compiled when first needed."""

    index: int
    file: RecognizerFile
    path: str
    bit: int
    kind: Kind
    role: Role | None
    validator: Callable[[str], bool] | None
    excluded_by: tuple[int, ...] = ()  # the recognizers whose excluding phrases hold for it
    _scores: dict[int, float] = field(default_factory=dict)
    _weighings: dict[int, Weighing] = field(default_factory=dict)
    _near: dict[str, re.Pattern[bytes] | None] = field(default_factory=dict)
    _care: list[re.Pattern[bytes]] | None = None

    @property
    def id(self) -> str:
        """The stable id, as in the YAML."""
        return self.file.id

    @property
    def category(self) -> str:
        """The category's name."""
        return self.file.category

    def score(self, evidence: int) -> float:
        """Return the best score whose evidence is all present; 0 where none applies."""
        known = self._scores.get(evidence)
        if known is None:
            entries = ((_mask(names), score) for names, score in self.file.score.items())
            known = max((score for mask, score in entries if mask & evidence == mask), default=0.0)
            self._scores[evidence] = known
        return known

    def weighing(self, evidence: int) -> Weighing:
        """Return what evidence is worth, and which words round a hit can still change that."""
        known = self._weighings.get(evidence)
        if known is None:
            score = self.score(evidence)
            # Looking around costs: only where a word could change the score.
            context, near = self.near("context") if self.score(evidence | CONTEXT) > score else (None, 0)
            reject, window = self.near("reject") if score >= COUNTS_FROM else (None, 0)
            known = self._weighings[evidence] = Weighing(score, context, near, reject, window)
        return known

    @property
    def needs_field(self) -> bool:
        """Whether its patterns count only under a label or in a column: then nothing else looks for them."""
        return self.score(_ALL & ~(FIELD | COLUMN | MODEL)) < COUNTS_FROM

    @property
    def needs_document(self) -> bool:
        """Whether it counts in clinical documents only."""
        return self.score(_ALL & ~CLINICAL) < COUNTS_FROM

    @property
    def takes_entities(self) -> bool:
        """Whether an entity of a site's model can count as one of its hits, with other evidence beside it."""
        return self.score(MODEL | VALID | CONTEXT) >= COUNTS_FROM

    def near(self, what: str) -> tuple[re.Pattern[bytes] | None, int]:
        """Return the words of `context` or `reject_near` as one pattern over the normal form, and their window."""
        near = self.file.context if what == "context" else self.file.reject_near
        if near is None:
            return None, 0
        if what not in self._near:
            phrases = near.phrases.values() if isinstance(near, Context) else ()
            self._near[what] = _any_of(words_pattern(near.words), phrases)
        return self._near[what], near.window

    @property
    def vague(self) -> re.Pattern[bytes] | None:
        """The words of `context` that need something to agree with them, as one pattern over the normal form."""
        if "vague" not in self._near:
            self._near["vague"] = words_pattern(self.file.context.vague) if self.file.context else None
        return self._near["vague"]

    @property
    def care(self) -> list[re.Pattern[bytes]]:
        """The signs of care that agree with vague words, as patterns over the normal form."""
        if self._care is None:
            signs = self.file.context.care.values() if self.file.context else ()
            self._care = [re.compile(sign.encode(), re.VERBOSE) for sign in signs]
        return self._care

    @property
    def work(self) -> re.Pattern[bytes] | None:
        """What somebody does who is no patient, as one pattern over the normal form."""
        if "work" not in self._near:
            self._near["work"] = _any_of(None, self.file.context.work.values() if self.file.context else ())
        return self._near["work"]

    @property
    def states(self) -> re.Pattern[bytes] | None:
        """All that stands between a person and a fact that is stated of them, as a pattern over the normal form."""
        if "states" not in self._near:
            self._near["states"] = _any_of(None, self.file.context.states.values() if self.file.context else ())
        return self._near["states"]

    @property
    def not_after(self) -> re.Pattern[bytes] | None:
        """What must not stand right before a hit, as a pattern over the normal form that ends where the hit begins."""
        if self.file.not_after and "not_after" not in self._near:
            words = words_pattern(self.file.not_after)
            self._near["not_after"] = words and re.compile(words.pattern + rb"[^a-z0-9]{0,40}\Z")
        return self._near.get("not_after")


def _any_of(words: re.Pattern[bytes] | None, phrases: Iterable[str]) -> re.Pattern[bytes] | None:
    known = [] if words is None else [words.pattern]
    # Words are written out, phrases with blanks that count for nothing.
    known += [b"(?x:" + phrase.encode() + b"\n)" for phrase in phrases]
    return re.compile(b"|".join(known)) if known else None


def _mask(names: str) -> int:
    return sum(_BIT[name] for name in names.split("+"))


@dataclass(slots=True)
class Pattern:
    """One confirmed pattern: a recognizer's, or a code system's (`recognizer` −1)."""

    recognizer: int
    name: str
    source: str
    shape: Shape
    system: str = ""
    loose: bytes = b""  # what the automaton searches, where the pattern has no word to point at it
    _compiled: re.Pattern[bytes] | None = None

    @property
    def regex(self) -> re.Pattern[bytes]:
        """The pattern as `re` over folded bytes, compiled when first needed."""
        if self._compiled is None:
            self._compiled = re.compile(self.source.encode(), re.VERBOSE)
        return self._compiled


class CodeSystemFile(Strict):
    """One code system of recognizers/codes.yaml."""

    pattern: str
    headers: Words
    context: Words
    told: tuple[str, ...] = ()
    care: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass
class CodeSystem:
    """A code system, and which recognizers claim which prefixes."""

    name: str
    file: CodeSystemFile
    prefixes: dict[str, list[int]] = field(default_factory=dict)

    def claimants(self, code: str) -> list[int]:
        """Return the recognizers that claim `code`: each by its longest prefix, dots ignored."""
        bare = code.replace(".", "").replace(" ", "").upper()
        found: dict[int, None] = {}
        for size in range(len(bare), 0, -1):
            for index in self.prefixes.get(bare[:size], ()):
                found.setdefault(index)
        return list(found)

    @cached_property
    def context(self) -> re.Pattern[bytes] | None:
        """The words that name the system, over the normal form."""
        return words_pattern([*self.file.context])
