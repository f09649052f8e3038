"""Linking in running text: passages into records, each about one patient.

Identities that stand together form a *group*. A record begins at each group that is strong (NIR, INS,
patient id, or name and birth date) and contradicts the one before; a document with a single patient
is one record, whatever its length. The doctor who signs, and whoever else is named, begins none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import partial

from phiscan.link import Identity, canonical
from phiscan.link.groups import Group, family, form_of, name_parts, names_another, own_forms, surname
from phiscan.link.headings import headings
from phiscan.link.pageheads import page_head
from phiscan.link.past import is_past, of_today
from phiscan.link.record import BLOCK, Record
from phiscan.link.signatures import signed
from phiscan.model import Assertion, Kind, Role, Text, Where
from phiscan.recognize.clinical import PLACED
from phiscan.recognize.invented import is_test_name
from phiscan.recognize.names import Name, parse_name
from phiscan.recognize.recognizer import CLINICAL, FIELD, LISTED, Recognizer
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Span
from phiscan.recognize.text import Found
from phiscan.recognize.working import by_trade, by_work, is_paper, is_titled, tells_of_health, tells_of_own_health
from phiscan.seal import Sealer, mask
from phiscan.tally import INVENTED, Sample, Tally, apart

_TOGETHER = 160  # bytes between two identities of one group
_OWN_BIRTH = 40  # bytes between a professional's name and his own date of birth
_RELATIVES_BIRTH = 60  # bytes, in one line, between the name of somebody else and their date of birth
_IDENTITY = {"nir", "ins", "patient_id", "person_name", "birth_date", "address", "email", "phone"}
_LABEL_WITHIN = 60  # bytes before a number in which it is said what it is
_LABEL = re.compile(rb"([A-Za-z]{2,20})(?:[ ][Nn][o.]?)?[^A-Za-z\n]{0,40}\n?[ ]{0,40}\Z")
_ATTACHED = {"address", "email", "phone"}  # the patient's only where they stand beside other identities


class TextLinker:
    """Adds the hits of one part's passages, in reading order, to a tally. `close` ends the part."""

    def __init__(self, ruleset: Ruleset, sealer: Sealer, tally: Tally, *, fewest: int = 1) -> None:
        """`fewest`: a part that names fewer persons names nobody: a program's examples are no records."""
        self._fewest = fewest
        self._ruleset = ruleset
        self._sealer = sealer
        self._tally = tally
        self._record = Record()
        self._named: list[tuple[str, int]] = []
        self._past: list[int] = []  # who of them is one of the past, and
        self._born = 0  # how many have a birth date
        self._relative = Identity()  # who was named with a birth date, not as the patient
        self._records = 0
        self._any = False
        self._opener = ""  # see `_record_opener`
        self._titled = False  # what is read is a paper whose title says that diseases are its subject
        self._names = next((r for r in ruleset.recognizers if r.category == "person_name"), None)
        self._health = sum({1 << one.bit for one in ruleset.recognizers if one.kind is Kind.HEALTH})
        self._of_today = of_today(ruleset.recognizers)
        self._tests: set[str] = set()  # surnames (canonical) that are written as those of tests
        self.lesson = False  # the part is an examination or a course: who has nothing but a name in it is invented
        self._passage = 0
        self._ordinal = 1
        self._offset = 0  # of the passage in the part
        # For `explain`: the record of each span (by its id); of each record its person, and what is known of them;
        # where a record has less of something than its recognizer asks; why which of its categories are nobody's; that
        # the part names fewer than it takes.
        self.links: dict[int, int] = {}
        self.records: list[tuple[int, int | None, tuple[str, ...]]] = []
        self.too_rare: set[tuple[int, str, int]] = set()
        self.nobodys: dict[tuple[int, str], str] = {}
        self.too_few = False
        self.trace = False

    @property
    def has_person(self) -> bool:
        """Whether the part has named somebody so far."""
        return bool(self._record.identity.named()[0]) or bool(self._named)

    def names_somebody(self, found: Found) -> bool:
        """Whether the part names a person, in this passage or before."""
        groups = self._groups(found)
        return self.has_person or bool(self._relative.named()[0]) or any(group.identity.named()[0] for group in groups)

    def add_path(self, found: Found, named: Name | None) -> None:
        """Link what the file's own path says; a path alone is no record unless it names somebody."""
        if named is not None:
            self._record.identity.merge(Identity(name=named, placed=True))
            self._record.everywhere = True
            if self._names is not None:
                self._fact(self._names, Assertion.AFFIRMED, 1)
                self._record.mask |= 1 << self._names.bit
        self.add(found, Text(""))
        self._any = self.has_person

    def add(self, found: Found, chunk: Text) -> None:
        """Link the hits of one passage."""
        self._passage += 1
        groups = self._groups(found)
        signed(groups, found)
        if chunk.starts:
            page_head(groups, [span.start for span in found.spans if self._is_fact(span)], found.folded)
        healthy = self._healthy(found, groups)
        self._record.healthy &= healthy
        begins = self._begin(groups)
        self._under_headings(found, groups, begins)
        spans = list(zip(found.spans, found.assertions, strict=True))
        for span, assertion in spans:
            while begins and begins[0].start <= span.start:
                self._close_record()
                self._record.identity, self._record.works = begins[0].identity, begins[0].works
                self._record.healthy = healthy
                self._state(begins[0].above, begins[0].start)
                self._tell(begins.pop(0))
            self._count(span, assertion, found, chunk)
        self._offset += len(found.folded)

    def pass_by(self, found: Found) -> None:
        """Look at a passage without hits: it may be the title of what follows."""
        self._titled = self._titled or is_titled(found)

    def _healthy(self, found: Found, groups: list[Group]) -> bool:
        """Whether a passage tells of nobody's own health; it marks who is named in it as somebody at work."""
        self._titled = is_titled(found) or (self._titled and not names_another(groups, self._record.identity))
        if not (self._titled or any(self._is_fact(span) for span in found.spans)):
            return True
        paper = self._titled or is_paper(found)
        for group in groups:
            if self._titled and group.identity.called == "MATRICULE":  # the employer's number
                group.identity.patient_id = ""
            if (group.identity.name or self._titled) and not group.identity.patient_id:
                at = group.first, group.end
                group.works = paper or by_work(found, *at) or by_trade(found, *at)
        places = [(group.first, group.end) for group in groups]
        ill = tells_of_own_health if self._titled else partial(tells_of_health, notes=not paper)
        return not ill(found, self._ruleset, places)

    def _under_headings(self, found: Found, groups: list[Group], begins: list[Group]) -> None:
        """Give the records under a heading what it states of each; the first of them begins with it."""
        named, places = [group.first for group in groups], [group.first for group in begins]
        for heading in headings(found, named, self._ruleset):
            low, high = (bisect_left(places, at) for at in (heading.start, heading.stop))
            first = named[bisect_left(named, heading.start)]
            for group in begins[low:high]:
                if group.first == first:
                    group.start = min(group.start, heading.start)
                else:
                    group.above += heading.bits

    def _state(self, bits: tuple[int, ...], start: int) -> None:
        for bit in bits:
            self._record.mask |= 1 << bit
            self._record.blocks.setdefault(bit, set()).add((self._offset + start) // BLOCK)

    def _tell(self, group: Group) -> None:
        for start in (group.start, *group.again):
            self._record.told.add((self._offset + start) // BLOCK)

    def _begin(self, groups: list[Group]) -> list[Group]:
        """Return the groups that begin a record; what the others tell is merged into their record."""
        begins: list[Group] = []
        current = self._record.identity
        for group in groups:
            if (group.identity.strong or group.own) and current.conflicts(group.identity):
                begins.append(group)
                current = group.identity
            elif not current.conflicts(group.identity):
                current.merge(group.identity)
                if not (group.identity.strong or group.identity.name or group.identity.birth_date):
                    continue  # an address says nothing of whom the text goes on about
                if not begins:
                    self._tell(group)
                    self._record.works |= group.works
                else:
                    begins[-1].again.append(group.start)
                    begins[-1].works |= group.works
        return begins

    def _groups(self, found: Found) -> list[Group]:
        groups: list[Group] = []
        barrier = 0  # a professional's name ends a group: what follows it is not the patient's
        relative: Span | None = None
        self._opener = self._opener or self._record_opener(found)
        for span in found.spans:
            recognizer = self._ruleset.recognizers[span.recognizer]
            if self._role(span, recognizer) is not Role.PATIENT:
                barrier = span.end if recognizer.category == "practitioner" else barrier
                relative = span if recognizer.category == "person_name" else relative
                if recognizer.category == "birth_date" and relative is not None:
                    self._note_relative(relative, span, found)
                continue
            if recognizer.category not in _IDENTITY:
                continue
            since = barrier and (not groups or groups[-1].end <= barrier)
            if recognizer.category == "birth_date" and since and span.start - barrier <= _OWN_BIRTH:
                barrier = span.end  # "Dr X, née le …": a curriculum vitae
                continue
            part = _identity(span, recognizer, found)
            if part is None:
                continue
            if recognizer.category == "person_name" and is_test_name(surname(span, found.folded)):
                self._tests.add(family(part.name))
            last = groups[-1] if groups else None
            near = last is not None and span.start - last.end <= _TOGETHER and barrier <= last.end
            opens = self._opener != "" and _labelled(span, recognizer) == self._opener
            if last is not None and near and not opens and not _clash(last.identity, part):
                last.identity.merge(part)
                last.own = last.own or bool(span.evidence & LISTED)
                last.end = max(last.end, span.end)
                last.labelled |= name_parts(span, recognizer)
            elif recognizer.category not in _ATTACHED or span.evidence & FIELD:
                own = bool(span.evidence & LISTED)
                start = found.folded.rfind(b"\n", 0, span.start) + 1
                if last is not None and last.end > start:  # of several in one line what stands between is the first's
                    start = span.start if own and last.own else last.end
                form = form_of(span.start, found.folded) if opens else None
                labelled = name_parts(span, recognizer)
                groups.append(Group(start, span.end, part, span.start, own=own, form=form, labelled=labelled))
        own_forms(groups, [span.start for span in found.spans if self._is_fact(span)], found.folded)
        return groups

    def _is_fact(self, span: Span) -> bool:
        return self._ruleset.recognizers[span.recognizer].kind is Kind.HEALTH

    def _record_opener(self, found: Found) -> str:
        """Return the label that begins each of several records of one form, "" where there are none such.

        Where records label their names too, what stands before that label is no head of the record: a colleague named
        in the comment of one record would take the number of the next, and each number go to the patient before.
        """
        kinds = [
            _labelled(span, recognizer)
            for span in found.spans
            for recognizer in (self._ruleset.recognizers[span.recognizer],)
            if recognizer.category in _IDENTITY and self._role(span, recognizer) is Role.PATIENT
        ]
        kinds = [kind for kind in kinds if kind]
        again = kinds.index(kinds[0], 1) if kinds.count(kinds[0] if kinds else "") > 1 else 0
        record = kinds[:again]
        named = any(kind.startswith("person_name ") for kind in record)
        return kinds[0] if len(record) > 1 and named and len(set(record)) == len(record) else ""

    def _note_relative(self, name: Span, birth: Span, found: Found) -> None:
        """Keep who is named with a birth date though not as the patient: where nobody else is, it is them."""
        between = found.folded[name.end : birth.start]
        if len(between) <= _RELATIVES_BIRTH and b"\n" not in between:
            for span in (name, birth):
                part = _identity(span, self._ruleset.recognizers[span.recognizer], found)
                self._relative.merge(part or Identity())

    @staticmethod
    def _role(span: Span, recognizer: Recognizer) -> Role:
        return span.role or recognizer.role or Role.PATIENT

    def _count(self, span: Span, assertion: Assertion, found: Found, chunk: Text) -> None:
        recognizer = self._ruleset.recognizers[span.recognizer]
        self._any = True
        if recognizer.kind is Kind.HEALTH:
            self._record.blocks.setdefault(recognizer.bit, set()).add((self._offset + span.start) // BLOCK)
        if self.trace:
            self.links[id(span)] = self._ordinal
        if recognizer.file.at_least > 1 and not span.evidence & CLINICAL:
            self._record.waiting[recognizer.index, recognizer.bit, assertion] += 1
        else:
            self._fact(recognizer, assertion, 1)
            own = recognizer.kind is not Kind.IDENTIFIER or self._role(span, recognizer) is Role.PATIENT
            self._record.mask |= 1 << recognizer.bit if own else 0
        if self._tally.wants_sample(recognizer.category):
            self._tally.add_sample(self._sample(span, recognizer, found, chunk))

    def _fact(self, recognizer: Recognizer, assertion: Assertion, count: int) -> None:
        self._record.facts += count
        self._tally.add_hits(recognizer.category, assertion, count)

    def _sample(self, span: Span, recognizer: Recognizer, found: Found, chunk: Text) -> Sample:
        line = chunk.line + found.folded.count(b"\n", 0, span.start)
        where = Where(page=chunk.page) if chunk.page is not None else Where(line=line)
        if chunk.sheet is not None:
            where = Where(sheet=f"#{chunk.sheet}", line=line)
        value = found.folded[span.start : span.end].decode("ascii")
        return Sample(
            position=(self._passage, span.start),
            category=recognizer.category,
            entity=recognizer.file.entity,
            recognizer=recognizer.id,
            score=round(span.score, 2),
            where=where,
            masked=mask(recognizer.category, value),
        )

    def _close_record(self) -> None:
        record, self._record = self._record, Record()
        ordinal, self._ordinal = self._ordinal, self._ordinal + 1
        for (index, bit, assertion), count in record.waiting.items():
            recognizer = self._ruleset.recognizers[index]
            total = sum(n for (i, _, _), n in record.waiting.items() if i == index)
            if total < recognizer.file.at_least:
                self.too_rare.add((ordinal, recognizer.id, total))
            else:
                self._tally.add_hits(recognizer.category, assertion, count)
                record.mask |= 1 << bit
        if not self._named and not record.identity.named()[0] and not record.identity.conflicts(self._relative):
            record.identity.merge(self._relative)
        named, flags = record.identity.named()
        if named and record.works and record.healthy and not record.identity.patient_id:
            self._take(record, ordinal, self._health, "work")
        if family(record.identity.name) in self._tests:
            flags |= INVENTED
        if named:
            for bit in [bit for bit in record.blocks if record.mask >> bit & 1 and not record.near(bit)]:
                self._take(record, ordinal, 1 << bit, "far")
            self._born += bool(record.identity.birth_date)
            if is_past(record.identity) and not record.mask & self._of_today:
                self._past.append(len(self._named))
            self._named.append((named, record.mask | flags))
            self._records += 1
        if self.trace:
            self.records.append((ordinal, self._records if named else None, record.identity.known()))

    def _take(self, record: Record, ordinal: int, mask: int, why: str) -> None:
        """Take categories from the person of a record: what is stated is not about them."""
        if self.trace:
            taken = {one.category for one in self._ruleset.recognizers if (record.mask & mask) >> one.bit & 1}
            self.nobodys.update(((ordinal, category), why) for category in taken)
        record.mask &= ~mask

    def persons(self) -> list[tuple[str, int]]:
        """End the last record; return what each record's person is counted by, and its mask."""
        self._close_record()
        if 2 * len(self._past) > self._born:
            self._named = [one for at, one in enumerate(self._named) if at not in self._past]
            self._records -= len(self._past)
            self._past, self._born = [], 0
        return self._named

    def close(self) -> None:
        """End the part: close the last record and hand its persons to the tally."""
        import numpy as np

        self.persons()
        if len({named for named, _ in self._named}) < self._fewest:
            self.too_few = bool(self._named)
            self._named, self._records = [], 0
        if self.lesson:
            self._named = [(who, mask | INVENTED if who.startswith("m|") else mask) for who, mask in self._named]
        if self._named:
            keys = self._sealer.persons([named for named, _ in self._named])
            masks = np.array([mask for _, mask in self._named], np.uint64)
            self._tally.add_persons(apart(keys, masks), masks)
        # A text with facts but nobody in it is one record about nobody.
        self._tally.records += self._records or int(self._any)


def _clash(mine: Identity, other: Identity) -> bool:
    """Whether `other` repeats a kind of identity of `mine` with another value, and so begins a new group."""
    if mine.conflicts(other):
        return True
    pairs = ((mine.name.last, other.name.last), (mine.name.first, other.name.first))
    return any(a and b and a != b for a, b in pairs)


def _labelled(span: Span, recognizer: Recognizer) -> str:
    """Return what a labelled identity is, "" for one without a label."""
    return f"{recognizer.category} {span.part}" if span.evidence & FIELD else ""


def _identity(span: Span, recognizer: Recognizer, found: Found) -> Identity | None:
    """Return what one identifying span says, or None where it names nobody."""
    value = found.folded[span.start : span.end].decode("ascii")
    category = recognizer.category
    if category == "person_name":
        name = _name(span, value, found)
        placed = bool(span.evidence & FIELD) or span.score >= PLACED
        return Identity(name=name, placed=placed) if name else None
    clean = getattr(canonical, {"patient_id": "number", "ins": "nir"}.get(category, category))(value)
    if not clean:
        return None
    if category == "patient_id":
        label = _LABEL.search(found.folded, max(0, span.start - _LABEL_WITHIN), span.start)
        called = label.group(1).decode("ascii").upper() if label else ""
        return Identity(patient_id=clean, called="SEJOUR" if span.pattern == "pair" else called)
    return Identity(**{category: clean})


def _name(span: Span, value: str, found: Found) -> Name:
    if span.part in ("last_name", "birth_name", "first_name"):
        if span.part == "first_name":
            return Name(first=canonical.first_given(value))
        clean = canonical.name(value)
        return Name(birth=clean) if span.part == "birth_name" else Name(last=clean)
    parts = {name: found.folded[start:end].decode("ascii") for name, (start, end) in span.groups.items()}
    if {"last", "birth"} & parts.keys():
        return Name(
            canonical.name(parts.get("last", "")),
            canonical.first_given(parts.get("first", "")),
            canonical.name(parts.get("birth", "")),
        )
    return parse_name(value)
