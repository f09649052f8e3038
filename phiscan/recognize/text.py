"""The text path: a passage in, its hits out.

A passage in which no anchor stands costs what the automaton costs. Where one does, fillers and
labels are looked for too, every hit is weighed, and overlaps are settled.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from phiscan.model import Assertion, Kind, Role
from phiscan.recognize.assertion import by_code, coded, qualify
from phiscan.recognize.clinical import is_clinical, place_names
from phiscan.recognize.directory import leave_work
from phiscan.recognize.entities import EntityModel, ModelFailed, apply
from phiscan.recognize.firstperson import sign
from phiscan.recognize.headers import FieldRef
from phiscan.recognize.labels import Label, find_labels
from phiscan.recognize.listed import mark_listed
from phiscan.recognize.names import is_null
from phiscan.recognize.notebooks import mark_notebook
from phiscan.recognize.owners import set_aside
from phiscan.recognize.persons import FIRM, name_person
from phiscan.recognize.places import BARE, PLACE, label_of, of_place
from phiscan.recognize.reach import is_common, name_reach
from phiscan.recognize.recognizer import CLINICAL, CODE, FIELD, SHAPE, TERM, VALID, WEAK, Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.settle import settle
from phiscan.recognize.spans import Finder, Span, normal_form, span_of

if TYPE_CHECKING:
    from phiscan.recognize.stated.reasons import Reasons

_NAME = re.compile(rb"[A-Za-z][A-Za-z'.,()\- \n]{0,58}[A-Za-z.)]|[A-Za-z]{2}")
_NAME_STOP = re.compile(rb"[;|:]|[ ]{4}|\n[ ]*\n")
_POSTCODE = re.compile(rb"(?:F-)?[0-9][0-9AB][ ]?[0-9]{3}(?![0-9])")
_MOST_OF_NAME = 80  # characters
_UNFINISHED = re.compile(rb"(?i)(?:(?:l[ea]|de|du|des|el|al|ben|van|von|der|da|dos|di|ait|saint|ste?)[ ]?)+")
_CIVILITY = re.compile(
    rb"(?:(?:M\.?|Mr\.?|MR\.?|Mme\.?|MME\.?|Mlle|MLLE|Monsieur|MONSIEUR|Madame|MADAME|Mademoiselle|Enfant|ENFANT|Enf\.?|Drs?|DR|Docteur"
    rb"|DOCTEUR|Pr|PR|Professeur)\.?(?:[ ]{1,3}|[ ]?\n[ ]?)){1,2}"
)
_DOCTOR = re.compile(rb"(?i)(?:mme |m\. ?)?(?:dr|doct|pr|prof)")
_OF_PATIENTS = {"patient_id", "nir", "ins", "birth_date"}  # no professional is told by these
# Identities that forms label without a colon.
_BARE = {
    "person_name", "birth_date", "patient_id", "nir", "ins", "address", "phone", "email",
    "practitioner", "rpps", "adeli", "finess",
}  # fmt: skip
_DATE = re.compile(
    rb"(?<![0-9])(?:[0-9]{1,2}[ ]?[/.\-| ][ ]?[0-9]{1,2}[ ]?[/.\-| ][ ]?(?:[0-9]{4}|[0-9]{2})"
    rb"|[0-9]{4}[/.\-][0-9]{2}[/.\-][0-9]{2}|[0-9]{8}|[0-9]{6}"
    rb"|(?:1er|[0-9]{1,2})[ ][A-Za-z]{3,9}\.?[ ][0-9]{4})(?![0-9])"
)
_AFTER_NAME = re.compile(rb"(?i)[ ,(]+(?:nee?(?=[ (]+(?:\(e\) )?le)|le [0-9]|age|sexe|ddn|[0-9]).*", re.DOTALL)
_BORN = re.compile(rb"(?i)[ ,\n]{1,90}\(?ne(?:e|\(e\))?[ ](?:le[ ])?[0-9]")
_ADDRESSED = re.compile(
    rb"(?<![A-Za-z])(?:M[Rr]?\.?|M[Mm][Ee]\.?|M[Ll]{2}[Ee]|(?i:monsieur|madame|mademoiselle|enfant))[ ]{1,3}\Z"
)
_MOST_BEFORE = 16  # characters of a civility and what parts it from the name
_START = attrgetter("start")
_GOES_ON = re.compile(rb"[0-9_@=\\]")  # no name is followed by that
_MOST_OF_CODE = 3  # letters
_SHORT_LABELS = frozenset((b"nom", b"njf", b"nee"))
SHORT = 20_000  # characters: in a text this short labels are looked for at once, in a longer one the automaton does


@dataclass(slots=True, repr=False)
class Found:
    """The hits of one passage: settled spans in order, each with its assertion, and the forms searched."""

    spans: list[Span]
    assertions: list[Assertion]
    coded: list[bool]  # the assertion comes from a labelled code, which no sentence can better
    dropped: list[Span]
    folded: bytes
    normal: bytes
    failed: bool = False  # a site's model could not read the passage: the hits are the rules' alone
    reasons: dict[int, Reasons] = field(default_factory=dict)  # of spans by id, for `explain`

    def __repr__(self) -> str:
        return f"<{len(self.spans)} hits>"


class TextPath:
    """Recognition in running text with one ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self.finder = Finder(ruleset)
        self._practitioner, self._person = (self._named_by_labels(c) for c in ("practitioner", "person_name"))

    def _named_by_labels(self, category: str) -> int:
        """The recognizer of a category that labels and columns lead to; -1 where there is none."""
        own = (r for r in self.ruleset.recognizers if r.category == category and r.file.fields.values == "name")
        return next((r.index for r in own if r.file.fields.headers), -1)

    def find(
        self,
        folded: bytes,
        *,
        everything: bool = False,
        trace: bool = False,
        only: Recognizer | None = None,
        patient: bool = False,
        prose: bool = True,
        text: str = "",
        model: EntityModel | None = None,
        stated: bool = True,
    ) -> Found:
        """Return the hits of a folded text; `everything` looks for fillers even where no anchor stands.

        `trace` keeps what was dropped, with its reason, and counts what would be found without it.
        `only` leaves out the other recognizers of its category, so that its examples hold whatever else is installed.
        `patient`: somebody was named in an earlier passage of the same document. `prose`: it is no source code, log or
        dump, and so may be a clinical document.
        `model` is asked about `text`, what was folded. Without `stated` the caller says how facts are
        stated, but for codes.
        """
        normal = normal_form(folded, cells=False)
        seen = self.finder.look(folded, normal, cells=False)
        if self.ruleset.external:
            seen.spans += self.finder.external(folded, normal, cells=False)
        labels = None if len(folded) > SHORT else find_labels(folded, self.ruleset.headers)
        alone = not seen.anchored and not labels and not (labels is None and self._labelled(normal))
        if alone and not everything and not trace:
            return Found([], [], [], [], folded, normal)
        labels = find_labels(folded, self.ruleset.headers) if labels is None else labels
        spans = seen.spans + seen.later + self.finder.fillers(folded, seen, cells=False)
        spans = self._with_labels(spans, labels, folded)
        if only is not None:
            spans = [span for span in spans if self._beside(span, only)]
        self.finder.weigh(spans, folded, normal, seen.excluded, cells=False)
        leave_work(spans, self.ruleset, folded, normal)
        self._displace(spans, folded)
        if alone and not everything:
            return Found([], [], [], _left_alone(spans), folded, normal)
        failed = False
        if model is not None:
            try:
                confirmed, candidates = apply(model, text, spans, self.ruleset)
            except ModelFailed:
                confirmed, candidates, failed = [], [], True
            if only is not None:
                candidates = [span for span in candidates if self._beside(span, only)]
            self.finder.weigh(confirmed + candidates, folded, normal, seen.excluded, cells=False)
            spans += candidates
        set_aside(spans, self.ruleset, folded, normal)
        place_names(spans, self.ruleset, folded, normal)
        kept = settle(spans, self.ruleset)
        if prose and mark_listed(spans, kept, self.ruleset, folded):
            kept = settle(spans, self.ruleset)
        if prose and (
            sign(spans, kept, self.ruleset, folded, normal) or mark_notebook(spans, self.ruleset, folded, normal)
        ):
            kept = settle(spans, self.ruleset)
        if prose and is_clinical(spans, self.ruleset, normal, patient=patient):
            self.finder.weigh_again(spans, folded, normal, CLINICAL)
            kept = settle(spans, self.ruleset)
        stay = {id(span) for span in kept} if trace else set()
        dropped = [span for span in spans if id(span) not in stay] if trace else []
        told = [self._is_code(span) or _said_by_code(span, folded) is not None for span in kept]
        found = Found(kept, [], told, dropped, folded, normal, failed)
        found.assertions = [self._assertion(span, found, cues=stated) for span in kept]
        return found

    def _displace(self, spans: list[Span], folded: bytes) -> None:
        """Drop bare codes under a label that names a place."""
        system = self.ruleset.systems.get("cim10")
        if system is None:
            return
        for span in spans:
            if span.evidence == SHAPE and not span.why and BARE.fullmatch(folded, span.start, span.end):
                health = self.ruleset.recognizers[span.recognizer].kind is Kind.HEALTH
                span.why = PLACE if health and of_place(label_of(folded, span.start), system.file) else ""

    def state(self, found: Found) -> None:
        """Say how the facts of a text are stated, by cues: what `find` leaves out without `stated`."""
        found.assertions = [self._assertion(span, found, cues=True) for span in found.spans]

    def _is_code(self, span: Span) -> bool:
        """Whether a span is the coded value of a label or of a segment, and nothing else tells what it is."""
        coded_field = self.ruleset.recognizers[span.recognizer].file.fields.values == "coded"
        if span.pattern.startswith("coded"):
            return coded_field
        return bool(span.evidence & FIELD) and coded_field and not span.evidence & (TERM | WEAK | SHAPE)

    def _beside(self, span: Span, only: Recognizer) -> bool:
        return span.recognizer == only.index or self.ruleset.recognizers[span.recognizer].category != only.category

    def _assertion(self, span: Span, found: Found, *, cues: bool) -> Assertion:
        recognizer = self.ruleset.recognizers[span.recognizer]
        if recognizer.kind is not Kind.HEALTH or recognizer.category == "exam_date":
            return Assertion.AFFIRMED  # nobody denies a day
        said = _said_by_code(span, found.folded)
        if said is not None:
            return said
        if self._is_code(span):
            stated = coded(found.folded[span.start : span.end].decode("ascii"))
            return Assertion.AFFIRMED if stated is None else stated
        return qualify(found.normal, span.start, span.end, found.folded) if cues else Assertion.AFFIRMED

    def _labelled(self, normal: bytes) -> bool:
        return bool(self.ruleset.label_db.scan(normal)[0])

    def _with_labels(self, spans: list[Span], labels: list[Label], folded: bytes) -> list[Span]:
        added: list[Span] = []
        placed = _Placed(spans)  # a long passage has thousands of both
        for label in labels:
            inside = placed.within(label.value, label.end)
            for span in inside:
                category = self.ruleset.recognizers[span.recognizer].category
                own = category in _OF_PATIENTS or (category == "person_name" and _certified(span, folded))
                if label.role is not Role.PATIENT and not (own and label.role is Role.PROFESSIONAL):
                    span.role = label.role
            if not label.refs:
                added += self._of_somebody(label, folded)
            for ref in label.refs:
                if (not label.bare or self._may_be_bare(ref)) and not self._abbreviates(label, ref, folded):
                    added += self._under_label(label, self._whose(label, ref), inside, placed, folded)
        return placed.spans + added

    def _of_somebody(self, label: Label, folded: bytes) -> list[Span]:
        """The name under a label that says no more than whose it is: a whole one, with a known first name."""
        index = self._practitioner if label.role is Role.PROFESSIONAL else self._person
        if index < 0:
            return []
        made = field_span(self.ruleset.recognizers[index], "", label, folded)
        if made is None or not name_person(folded[made.start : made.end].decode("ascii")):
            return []
        if label.role is Role.PROFESSIONAL and _BORN.match(folded, made.end):
            return []  # "le médecin certifie suivre depuis 2004 : M. DUPONT né le …"
        made.role = label.role
        return [made]

    def _may_be_bare(self, ref: FieldRef) -> bool:
        return ref.recognizer >= 0 and self.ruleset.recognizers[ref.recognizer].category in _BARE

    def _abbreviates(self, label: Label, ref: FieldRef, folded: bytes) -> bool:
        """Whether a label of few letters (PAT, PRN), which heads columns of names, is a code of anything in a text."""
        name = folded[label.start : label.separator]
        if len(name) > _MOST_OF_CODE or name.lower() in _SHORT_LABELS or ref.recognizer < 0 or label.column:
            return False
        apart = not label.bare and folded[label.separator : label.value].endswith((b" ", b"\n"))
        return self.ruleset.recognizers[ref.recognizer].category == "person_name" and not apart

    def _whose(self, label: Label, ref: FieldRef) -> FieldRef:
        """The name of a professional is another recognizer's."""
        named = ref.recognizer >= 0 and self.ruleset.recognizers[ref.recognizer].category == "person_name"
        if not named or label.role is not Role.PROFESSIONAL:
            return ref
        return FieldRef(self._practitioner, ref.part if ref.part in ("last_name", "first_name") else "")

    def _under_label(
        self, label: Label, ref: FieldRef, inside: list[Span], placed: _Placed, folded: bytes
    ) -> list[Span]:
        """Give the spans under a label its evidence, or make the span that only the label tells of.

        What a pattern finds that counts only under labels is added to `placed`.
        """
        if ref.recognizer < 0:
            return self._codes(label, ref.part, inside, folded)
        recognizer = self.ruleset.recognizers[ref.recognizer]
        own = [span for span in inside if span.recognizer == ref.recognizer]
        if recognizer.needs_field and not own:
            own = self._shaped(recognizer, label, folded)
            placed.add(own)
        for span in own:
            span.evidence |= FIELD
            span.part = span.part or ref.part
        if own and not (recognizer.file.fields.values == "name" and ref.part):
            return []
        named = any(
            span.end <= label.separator and span.evidence & TERM
            and self.ruleset.recognizers[span.recognizer].category == recognizer.category
            for span in placed.within(label.start, label.separator)
        )
        if named:  # "VIH : négatif": the term in the label is the hit, its value the assertion
            return []
        made = field_span(recognizer, ref.part, label, folded)
        if made is None or (recognizer.kind is Kind.PROFESSIONAL and _certified(made, folded)):
            return []  # "Cardiologue", and on the next line: Monsieur Paul SIMON, né le …
        made.role = None if label.role is Role.PATIENT else label.role
        return [made]

    def _codes(self, label: Label, system: str, inside: list[Span], folded: bytes) -> list[Span]:
        """Codes under the label of their system: those found already, else those that stand there."""
        known = [span for span in inside if span.evidence & CODE and span.pattern == system]
        for span in known:
            span.evidence |= FIELD
        if known:
            return []
        regions = [(label.value, label.end, label.end + 1)]
        found = self.finder.confirmed(self.ruleset.system_patterns[system], folded, regions, cells=False)
        for span in found:
            span.evidence |= FIELD
        return found

    def _shaped(self, recognizer: Recognizer, label: Label, folded: bytes) -> list[Span]:
        for pattern in self.ruleset.patterns_of(recognizer.index):
            match = pattern.regex.search(folded, label.value, min(label.end + 1, len(folded)))
            if match is not None and match.end() <= label.end:
                span = span_of(pattern, match)
                span.role = None if label.role is Role.PATIENT else label.role
                return [span]
        return []


class _Placed:
    """Spans in order of position."""

    def __init__(self, spans: list[Span]) -> None:
        self.spans = sorted(spans, key=_START)
        self._starts = [span.start for span in self.spans]

    def within(self, start: int, stop: int) -> list[Span]:
        """Return the spans that begin in [start, stop)."""
        return self.spans[bisect_left(self._starts, start) : bisect_left(self._starts, stop)]

    def add(self, spans: list[Span]) -> None:
        for span in spans:
            at = bisect_right(self._starts, span.start)
            self.spans.insert(at, span)
            self._starts.insert(at, span.start)


def _said_by_code(span: Span, folded: bytes) -> Assertion | None:
    cim10 = span.evidence & CODE and span.pattern == "cim10"
    return by_code(folded[span.start : span.end].decode("ascii")) if cim10 else None


def _certified(span: Span, folded: bytes) -> bool:
    """Whether a name stands behind Mme or M. and before a birth: "Docteur X, certifie suivre : Mme Y née le …"."""
    before = _ADDRESSED.search(folded, max(0, span.start - _MOST_BEFORE), span.start)
    return before is not None and _BORN.match(folded, span.end) is not None


def _left_alone(spans: list[Span]) -> list[Span]:
    """Say of spans that would count why nobody looks for them here."""
    for span in spans:
        span.why = span.why or "nothing else in the passage"
    return spans


def field_span(recognizer: Recognizer, part: str, label: Label, folded: bytes) -> Span | None:
    """Return the span of a labelled value whose label alone tells what it is; None where it is empty or unfit."""
    kind = recognizer.file.fields.values
    start = label.value
    region = folded[start : label.end]
    if kind == "name":
        start, region = _named(folded, label, part)
        match = _NAME.match(region)
    elif kind == "date":
        match = _DATE.match(region)
    elif kind in ("text", "coded"):
        match = re.match(rb"[^\n]*[^\n ]", region)
        if part == "postcode" and not _POSTCODE.match(region):  # "cp : 1 matin" is a tablet
            return None
        if match and (is_null(match.group().decode()) or (kind == "coded" and coded(match.group().decode()) is None)):
            return None
    elif not recognizer.file.patterns and recognizer.validator is not None:
        match = re.match(rb"[^\n ]+", region)
    else:
        return None
    if match is None or is_null(match.group().decode()):
        return None
    evidence = FIELD | (SHAPE if kind in ("date", "name") else 0)
    return Span(recognizer.index, start + match.start(), start + match.end(), evidence, part=part)


def _named(folded: bytes, label: Label, part: str) -> tuple[int, bytes]:
    """Return where the name under a label begins, after a civility, and what may belong to it.

    A full name may go on in the next line, and so may one of its parts where it cannot end yet.
    """
    civility = _CIVILITY.match(folded, label.value, label.limit)
    start = civility.end() if civility else label.value
    stop = _NAME_STOP.search(folded, start, min(start + _MOST_OF_NAME, label.limit))
    region = folded[start : stop.start() if stop else min(start + _MOST_OF_NAME, label.limit)]
    line = region.partition(b"\n")[0]
    region = _AFTER_NAME.sub(b"", region if not part or _UNFINISHED.fullmatch(line) else line)
    if FIRM.search(line.decode("ascii")) or (civility and not part and _DOCTOR.match(civility.group())):
        return start, b""
    if (label.bare or label.role is Role.PROFESSIONAL) and is_common(region.split(b" ")[0].decode("ascii").lower()):
        return start, b""
    size = name_reach(region.decode("ascii"))
    if _GOES_ON.match(region, size):
        return start, b""  # Patl_0425
    if region == region.lower():  # typed without capitals: the line is the name
        return start, region.partition(b"\n")[0]
    return start, region[:size]


__all__ = ["CODE", "VALID", "Found", "TextPath", "field_span"]
