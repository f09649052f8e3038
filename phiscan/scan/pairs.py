"""Files in clear beside the encrypted ones that were made of them, once a scan has met both of each pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from phiscan.judge import Rule, judge, severity
from phiscan.twins import Copy, are_twins, stem

if TYPE_CHECKING:
    from phiscan.judge import Facts
    from phiscan.model import Place
    from phiscan.report.model import FileReport


@dataclass(frozen=True, slots=True)
class _Clear:
    copy: Copy
    report: FileReport
    facts: Facts


class Pairs:
    """The files of a scan that may be one of a pair."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._clear: list[_Clear] = []
        self._encrypted: dict[bytes, Copy] = {}
        self._read: set[bytes] = set()  # files of which something could be read

    def met(self, place: Place, report: FileReport, facts: Facts) -> None:
        """Note a document: a file, or a member of one."""
        if report.status == "encrypted":
            self._encrypted[place.path] = Copy(place.path, place.size)
            return
        self._read.add(place.path)
        if facts.persons:
            self._clear.append(_Clear(Copy(place.path, place.size), report, facts))

    def told(self, files: Sequence[FileReport]) -> list[FileReport]:
        """Return the documents of the report, those in clear beside their encrypted twin judged as such."""
        sealed: dict[bytes, list[Copy]] = defaultdict(list)
        for path, copy in self._encrypted.items():
            if path not in self._read:  # an archive of which some members are encrypted holds its own clear text
                sealed[stem(path)].append(copy)
        again: dict[int, FileReport] = {}
        for one in self._clear:
            if any(are_twins(copy, one.copy) for copy in sealed.get(stem(one.copy.path), ())):
                fired = judge(replace(one.facts, twin=True), self._rules)
                rules = tuple(found.report() for found in fired)
                again[id(one.report)] = replace(one.report, rules=rules, severity=severity(fired))
        return [again.get(id(report), report) for report in files]
