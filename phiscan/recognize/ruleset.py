"""The ruleset: all recognizer files read, checked and compiled into what the two paths search with."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from phiscan.messages import Told
from phiscan.model import CATEGORIES, SITE_BIT, Kind, Role
from phiscan.recognize import compiled
from phiscan.recognize.automaton import Database
from phiscan.recognize.contents import towns
from phiscan.recognize.entities import EntityModel
from phiscan.recognize.external import CATEGORY_OF, External, ExternalRecognizer
from phiscan.recognize.headers import FieldRef, HeaderIndex
from phiscan.recognize.invented import pattern_of_tests
from phiscan.recognize.listwords import LISTS, list_words
from phiscan.recognize.loosen import loosen
from phiscan.recognize.persons import first_names
from phiscan.recognize.pointing import Pointing
from phiscan.recognize.reach import common_words
from phiscan.recognize.recognizer import (
    LAST_SITE_BIT,
    TERM,
    WEAK,
    CodeSystem,
    CodeSystemFile,
    Literal,
    Pattern,
    Recognizer,
    Use,
)
from phiscan.recognize.schema import RecognizerFile, Strict, Title, Trades, Words, read_lines
from phiscan.recognize.terms import normal, parse_term
from phiscan.recognize.triggers import shape
from phiscan.recognize.validators import VALIDATORS

_MADE = frozenset("literal_db cell_anchors text_anchors fillers cell_fillers label_db model".split())


class Roles(Strict):
    """recognizers/roles.yaml: words that make a label or header somebody else's."""

    professional: Words
    relative: Words


class CodeSystems(Strict):
    """recognizers/codes.yaml."""

    systems: dict[str, CodeSystemFile]


class Ruleset:
    """All recognizers, their automaton and their header vocabulary."""

    def __init__(
        self,
        files: Sequence[tuple[str, RecognizerFile]],
        roles: Roles,
        codes: CodeSystems,
        external: Sequence[ExternalRecognizer] = (),
        trades: Trades | None = None,
    ) -> None:
        self.recognizers: list[Recognizer] = []
        self.trades = trades or Trades()
        self.headers = HeaderIndex()
        self._roles, self._codes = roles, codes
        self.systems = {name: CodeSystem(name, system) for name, system in codes.systems.items()}
        self.literals: list[Literal] = []
        self.patterns: list[Pattern] = []
        self.system_patterns: dict[str, Pattern] = {}
        self.bits: dict[str, int] = {name: bit for bit, name in enumerate(CATEGORIES)}
        self.kinds: dict[str, Kind] = dict(CATEGORIES)
        self._entries: dict[str, Literal] = {}
        self.entities: dict[str, list[int]] = {}  # label of a model, in capitals → the recognizers that claim it
        self.amended: dict[tuple[str, str], str] = {}  # (recognizer, example) → a site's file in which it stands
        self.model: EntityModel | None = None  # a site's, set where one is configured
        for path, file in files:
            self._add(path, file)
        self.external = External(external)
        for recognizer in external:
            self._add_external(recognizer)
        self._add_systems()
        self.headers.add_role(Role.PROFESSIONAL, roles.professional)
        self.headers.add_role(Role.RELATIVE, roles.relative)
        self.headers.freeze()
        self._compile()

    def _add(self, path: str, file: RecognizerFile) -> None:
        if any(known.id == file.id for known in self.recognizers):
            raise Told("recognizer.twice", file=path, id=file.id)
        recognizer = Recognizer(
            index=len(self.recognizers),
            file=file,
            path=path,
            bit=self._bit(path, file),
            kind=self.kinds[file.category],
            role=_role(file, self.kinds[file.category]),
            validator=_validator(path, file),
        )
        self.recognizers.append(recognizer)
        self._add_terms(recognizer)
        for name, source in file.patterns.items():
            self.patterns.append(Pattern(recognizer.index, name, source, shape(source)))
        for header in file.fields.headers:
            self.headers.add(header, FieldRef(recognizer.index, ""))
        for part, headers in file.fields.parts.items():
            for header in headers:
                self.headers.add(header, FieldRef(recognizer.index, part))
        for label in file.entities:
            self.entities.setdefault(label.upper(), []).append(recognizer.index)
        for system, prefixes in file.codes.items():
            self._claim(path, recognizer.index, system, prefixes)

    def _add_external(self, recognizer: ExternalRecognizer) -> None:
        """Give each entity of a site's Presidio recognizer a recognizer of its own, which finds nothing by itself."""
        for entity in recognizer.entities:
            name = re.sub(r"[^a-z0-9_]+", "_", entity.lower()).strip("_") or "site"
            title = Title(fr=recognizer.name, en=recognizer.name)
            file = RecognizerFile.model_construct(
                id=f"presidio.{name}", version=1, category=CATEGORY_OF.get(entity, name), kind=Kind.IDENTIFIER,
                entity=entity, title=title,
            )
            known = {r.id: r.index for r in self.recognizers}
            if file.id not in known:
                self._add("presidio", file)
            self.external.index[recognizer.name, entity] = known.get(file.id, len(self.recognizers) - 1)

    def _bit(self, path: str, file: RecognizerFile) -> int:
        if file.category not in self.bits:
            bit = max(SITE_BIT - 1, *self.bits.values()) + 1
            if bit > LAST_SITE_BIT:
                raise Told("recognizer.categories", file=path, most=LAST_SITE_BIT - SITE_BIT + 1)
            assert file.kind is not None
            self.bits[file.category], self.kinds[file.category] = bit, file.kind
        return self.bits[file.category]

    def _add_terms(self, recognizer: Recognizer) -> None:
        file, folder = recognizer.file, Path(recognizer.path).parent
        groups = (
            (TERM, file.terms, file.terms_file),
            (WEAK, file.weak, file.weak_file),
            (0, file.exclude, file.exclude_file),
        )
        for evidence, inline, name in groups:
            written = [*inline, *(read_lines(folder / name) if name else [])]
            for term in (term for text in written for term in parse_term(text)):
                later = bool(evidence) and recognizer.needs_document
                self._use(Use(recognizer.index, evidence, term, later=later), cells=file.cells)

    def _use(self, use: Use, *, cells: bool) -> None:
        entry = self._entry(use.term.literal)
        entry.uses.append(use)
        if cells:
            entry.cell_uses.append(use)

    def _entry(self, text: str) -> Literal:
        entry = self._entries.get(text)
        if entry is None:
            entry = self._entries[text] = Literal(text, len(text))
            self.literals.append(entry)
        return entry

    def _claim(self, path: str, index: int, name: str, prefixes: list[str | int]) -> None:
        if name not in self.systems:
            raise Told("recognizer.system", file=path, name=name)
        for prefix in prefixes:
            bare = str(prefix).replace(".", "").upper()
            self.systems[name].prefixes.setdefault(bare, []).append(index)

    def _add_systems(self) -> None:
        for system in self.systems.values():
            source = system.file.pattern
            self.patterns.append(Pattern(-1, system.name, source, shape(source), system.name))
            self.system_patterns[system.name] = self.patterns[-1]
            for header in system.file.headers:
                self.headers.add(header, FieldRef(-1, system.name))

    def _compile(self) -> None:
        self._share_exclusions()
        self.anchors = [self._is_anchor(pattern) for pattern in self.patterns]
        self.in_cells = [p.recognizer < 0 or self.recognizers[p.recognizer].file.cells for p in self.patterns]
        # Those that count only under a label or as a whole cell, and codes, which count only beside the name of
        # their system, wait for it.
        searched = [n for n, p in enumerate(self.patterns) if p.recognizer >= 0 and not self._waits(p)]
        self._scanned = [number for number in searched if not self.patterns[number].shape.words]
        for number in self._scanned:
            self.patterns[number].loose = loosen(self.patterns[number].source).encode()
        for number, pattern in ((number, self.patterns[number]) for number in searched):
            for word in pattern.shape.words:
                self._entry(word).triggers.append(number)
        for literal in self.literals:
            if literal.triggers:
                self._point(literal)
        for system in self.systems.values():
            for word in system.file.context:
                for term in parse_term(word):
                    self._use(Use(-1, 0, term, system.name), cells=True)
        self._open()

    def _point(self, literal: Literal) -> None:
        """Tell the triggers of a literal apart: behind a letter, and in cells, it is a trigger of fewer patterns."""
        inner = [number for number in literal.triggers if not self.patterns[number].shape.begins]
        literal.inner = tuple(inner)
        literal.cell_triggers = tuple(number for number in literal.triggers if self.in_cells[number])
        literal.cell_inner = tuple(number for number in inner if self.in_cells[number])

    def _share_exclusions(self) -> None:
        """What counts in clinical documents only minds the excluding phrases of its whole category."""
        for one in self.recognizers:
            same = (other.index for other in self.recognizers if other.category == one.category)
            one.excluded_by = tuple(same) if one.needs_document else (one.index,)

    def _open(self) -> None:
        """Open what does not travel with the ruleset."""
        # read now: a confined worker opens nothing
        _ = first_names(), common_words(), towns(), pattern_of_tests(), *map(list_words, LISTS)
        texts = [entry.text for entry in self.literals]
        self.literal_db = Database([text.encode() for text in texts], [("terms", text) for text in texts], literal=True)
        # Each with the numbers of its patterns: those that are searched everywhere, those in text only.
        self.cell_anchors = self._database(self._searched(anchors=True, cells=True))
        self.text_anchors = self._database(self._searched(anchors=True, cells=False))

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what Hyperscan holds, and what is made when first needed."""
        return {name: value for name, value in vars(self).items() if name not in _MADE}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.model = None
        self._open()

    @cached_property
    def fillers(self) -> tuple[Database, list[int]]:
        """The database of the filler patterns that have no trigger, and their numbers; built when first needed."""
        return self._database([n for n in self._scanned if not self.anchors[n]])

    @cached_property
    def cell_fillers(self) -> tuple[Database, list[int]]:
        """Those of them that are searched in table cells."""
        return self._database(self._searched(anchors=False, cells=True))

    @cached_property
    def pointing(self) -> Pointing:
        """What the literals are for in text."""
        return Pointing(self.literals, cells=False)

    @cached_property
    def cell_pointing(self) -> Pointing:
        """What they are for in table cells."""
        return Pointing(self.literals, cells=True)

    def complete(self) -> Ruleset:
        """Work out what every run needs, to be kept with the ruleset; return it."""
        _ = self._own_digest, self.label_forms, self._by_recognizer, self.pointing, self.cell_pointing
        return self

    def warm(self, *, always: bool = False) -> None:
        """Build now what the workers would each build for themselves, where it will be there next time too.

        `always`: even where it will not, as for a daemon whose account may not write the package's folder.
        """
        if always or compiled.writable():
            _ = self.fillers, self.cell_fillers, self.label_db

    def _is_anchor(self, pattern: Pattern) -> bool:
        return pattern.recognizer >= 0 and self.recognizers[pattern.recognizer].file.anchor

    def _waits(self, pattern: Pattern) -> bool:
        return pattern.shape.whole or self.recognizers[pattern.recognizer].needs_field

    def amending(self, recognizer: Recognizer) -> set[str]:
        """Return a site's files that amend a recognizer."""
        return {path for (amended, _), path in self.amended.items() if amended == recognizer.id}

    def patterns_of(self, recognizer: int) -> list[Pattern]:
        """The patterns of one recognizer."""
        return self._by_recognizer.get(recognizer, [])

    @cached_property
    def _by_recognizer(self) -> dict[int, list[Pattern]]:
        found: dict[int, list[Pattern]] = {}
        for pattern in self.patterns:
            found.setdefault(pattern.recognizer, []).append(pattern)
        return found

    def _searched(self, *, anchors: bool, cells: bool) -> list[int]:
        return [n for n in self._scanned if self.anchors[n] is anchors and self.in_cells[n] is cells]

    def _database(self, numbers: list[int]) -> tuple[Database, list[int]]:
        patterns = [self.patterns[number] for number in numbers]
        names = [(self._where(pattern), pattern.name) for pattern in patterns]
        return Database([pattern.loose for pattern in patterns], names, literal=False), numbers

    def _where(self, pattern: Pattern) -> str:
        return self.recognizers[pattern.recognizer].path if pattern.recognizer >= 0 else "codes.yaml"

    @cached_property
    def label_db(self) -> Database:
        """The automaton of `label_forms`, over the normal form: a long text without one is passed over."""
        forms = self.label_forms
        return Database([form.encode() for form in forms], [("labels", form) for form in forms], literal=True)

    @cached_property
    def label_forms(self) -> list[str]:
        """Labels of identities with their separators."""
        words: set[str] = set()
        for recognizer in self.recognizers:
            fields = recognizer.file.fields
            if recognizer.kind is not Kind.HEALTH:
                headers = (*fields.headers, *(header for part in fields.parts.values() for header in part))
                words |= {normal(header) for header in headers if "*" not in header and len(header) > 2}
        return sorted(f"{word}{mark}" for word in words - {""} for mark in (":", " :", "=", " =", ";", "|", " |"))

    @property
    def digest(self) -> str:
        """A hash over everything that decides what is found; changes with any recognizer, term, code or model."""
        if self.model is None:
            return self._own_digest
        return "sha256:" + hashlib.sha256(f"{self._own_digest} {self.model.digest}".encode()).hexdigest()

    @cached_property
    def _own_digest(self) -> str:
        state = hashlib.sha256()
        for recognizer in self.recognizers:
            state.update(recognizer.file.model_dump_json(exclude={"examples"}).encode())
        # Some come out of sets, in another order in each process.
        for said in sorted(
            f"{entry.text}{sorted(str((use.recognizer, use.evidence, use.term)) for use in entry.uses)}"
            for entry in self.literals
        ):
            state.update(said.encode())
        for steering in (self._roles, self._codes, self.trades):
            state.update(steering.model_dump_json().encode())
        for name in LISTS:
            state.update(list_words(name).pattern)
        state.update(pattern_of_tests().encode())
        return "sha256:" + state.hexdigest()


def _role(file: RecognizerFile, kind: Kind) -> Role | None:
    if file.role:
        return Role[file.role.upper()]
    return Role.PROFESSIONAL if kind is Kind.PROFESSIONAL else None


def _validator(path: str, file: RecognizerFile) -> Callable[[str], bool] | None:
    if file.validator is None:
        return None
    if file.validator not in VALIDATORS:
        raise Told("recognizer.validator", file=path, name=file.validator, known=", ".join(sorted(VALIDATORS)))
    return VALIDATORS[file.validator]
