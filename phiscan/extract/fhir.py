"""FHIR: whose each resource is. A bundle or an export tells once who a patient is, and refers to them from then on.

A document is read twice: once for who its patients are, then as lines, where a resource that refers to one of them
begins with what tells who that is, as if it stood there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MOST = 200_000  # patients of a document that are remembered
_LONGEST = 600  # characters that tell who a patient is
_OWNERS = frozenset(("subject", "patient", "beneficiary", "individual", "for"))  # elements that refer to a patient
_TOLD = frozenset(("name", "birthDate", "identifier"))  # elements of a patient that tell who it is
_REFERENCE = re.compile(r"(?:.*/)?(Patient/[^/#?\s]{1,64})(?:/_history/.*)?\Z")
_UUID = re.compile(r"urn:(?:uuid|oid):\S{1,64}\Z")

Patients = Mapping[str, Sequence[str]]  # of each reference the lines that tell who is meant


def reference(text: str) -> str:
    """Return a reference as it is compared, "" where it is none to a patient of the document.

    >>> reference("https://fhir.example/r4/Patient/p1/_history/2"), reference("Practitioner/p1"), reference("#p1")
    ('Patient/p1', '', '')
    """
    found = _REFERENCE.match(text)
    return found.group(1) if found else text if _UUID.match(text) else ""


@dataclass(slots=True)
class _Resource:
    depth: int  # of its elements
    start: int  # its first line
    url: str  # what its bundle says refers to it
    kind: str
    id: str = ""
    subject: str = ""
    told: list[str] = field(default_factory=list)


class Resources:
    """Follows the resources of a document while it is turned into lines.

    With `patients` it puts what tells who a patient is before each resource that refers to them; without, it collects
    that in `found`.
    """

    def __init__(self, patients: Patients | None) -> None:
        self.found: dict[str, Sequence[str]] = {}
        self._patients = patients
        self._around: list[_Resource] = []
        self._url = ""

    def open(self, around: Sequence[str], depth: int, start: int, kind: str = "") -> None:
        """An element or object opens whose own elements stand at `depth`; `around` ends with what it is in."""
        if not around or around[-1] in ("resource", "contained"):
            self._around.append(_Resource(depth, start, self._url, kind))
            self._url = ""

    def value(self, names: Sequence[str], text: str, line: str) -> None:
        """Take a value, given the names of the elements around it from the root, its own last, and its line."""
        if not self._around:
            return
        resource = self._around[-1]
        match names[resource.depth - 1 :]:
            case ["resourceType"]:
                resource.kind = text
            case ["id"]:
                resource.id = text
            case [owner, "reference"] if owner in _OWNERS:
                resource.subject = reference(text)
            case [_, "fullUrl"]:
                self._url = reference(text)
            case [told, *_] if told in _TOLD and self._patients is None:
                resource.told.append(line)

    def close(self, depth: int, lines: list[str]) -> None:
        """What opened with its own elements at `depth` ends; `lines` are what has been read."""
        if not self._around or depth > self._around[-1].depth:
            if self._around and depth == self._around[-1].depth + 1:
                self._url = ""  # of an entry
            return
        resource = self._around.pop()
        if self._patients is not None:
            lines[resource.start : resource.start] = self._patients.get(resource.subject, ())
        elif resource.kind == "Patient" and resource.told and len(self.found) < MOST:
            told = _within(resource.told)
            self.found.update({called: told for called in (f"Patient/{resource.id}", resource.url) if called})

    def drained(self, count: int) -> None:
        """So many lines have been handed on."""
        for resource in self._around:
            resource.start = max(0, resource.start - count)


def _within(lines: Sequence[str]) -> tuple[str, ...]:
    """Return as many lines as may be remembered of a patient."""
    size, kept = 0, []
    for line in lines:
        size += len(line)
        if size > _LONGEST:
            break
        kept.append(line)
    return tuple(kept)
