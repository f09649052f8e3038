"""How the parts of a report are said to people: shared by the terminal, HTML and alerts to come."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable

from phiscan.messages import Language, duration, moment, number, size, text, typography
from phiscan.messages.catalogue import TEXTS
from phiscan.messages.ntrights import evidence
from phiscan.model import CATEGORIES, Kind, Reason, Severity, Where
from phiscan.report.details import in_french
from phiscan.report.model import CategoryReport, FileReport, PersonCount, Report, RuleReport, Sample, where_dict

_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def safe(label: str) -> str:
    r"""Return a path or label with every control and direction character escaped: it may come from an enemy.

    >>> safe("a\x1b[2Jb\u202e")
    'a\\x1b[2Jb\\u202e'
    """
    if label.isascii() and label.isprintable():
        return label
    return "".join(_escaped(char) if unicodedata.category(char) in _UNSAFE else char for char in label)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def category(name: str, lang: Language) -> str:
    """Return a category's name; a site's own is shown as it calls it."""
    key = f"category.{name}"
    return text(lang, key) if key in TEXTS else safe(name)


def severity(value: Severity, lang: Language) -> str:
    """Return a severity in words."""
    return text(lang, f"severity.{value.name.lower()}")


def title(rule: RuleReport, lang: Language) -> str:
    """Return what is wrong; the rule's id where it has no title."""
    return rule.title.get(lang) or rule.id


def worst_rule(found: FileReport) -> RuleReport | None:
    """Return the gravest rule that the baseline does not accept, else the gravest."""
    return max(found.rules, key=lambda rule: (not rule.accepted, rule.severity), default=None)


def persons(found: FileReport, lang: Language) -> str:
    """Return how many people, and how many with a health fact."""
    said = text(lang, "persons", n=found.persons.count, about=_about(found.persons, lang))
    health = found.identified_health_persons
    if not health.count:
        return said
    return said + text(lang, "persons.health", n=health.count, about=_about(health, lang))


def _about(count: PersonCount, lang: Language) -> str:
    return "" if count.exact else text(lang, "persons.about")


def facts(found: FileReport, lang: Language) -> list[str]:
    """Return the categories found with their counts, health first."""
    order = {Kind.HEALTH: 0, Kind.IDENTIFIER: 1, Kind.PROFESSIONAL: 2}
    known = list(CATEGORIES)
    ranked = sorted(
        found.categories.items(),
        key=lambda item: (order[item[1].kind], known.index(item[0]) if item[0] in known else len(known)),
    )
    return [_fact(name, its, lang) for name, its in ranked]


def _fact(name: str, found: CategoryReport, lang: Language) -> str:
    count = f"{category(name, lang)} {number(found.hits, lang)}"
    others = {key: hits for key, hits in (found.assertions or {}).items() if key != "affirmed" and hits}
    if not others:
        return count
    said = ", ".join(text(lang, f"assertion.{key}", n=hits) for key, hits in others.items())
    return f"{count} ({said})"


def exposure(found: FileReport, lang: Language) -> list[str]:
    """Return the level in words, then each reason with its evidence."""
    level = text(lang, f"exposure.{found.exposure.level.name.lower()}")
    return [level, *(_reason(reason, lang) for reason in found.exposure.reasons)]


def _reason(reason: Reason, lang: Language) -> str:
    """Return one reason. Services and settings are shown as they are written; what is only ours is said in words."""
    zone = f" [{safe(reason.zone)}]" if reason.zone else ""
    service, source = reason.service, reason.source
    if f"service.{service}" in TEXTS:
        service = text(lang, f"service.{service}")
    if service != reason.service and source == "command line":
        source = text(lang, "source.command_line")
    return f"{safe(service)} {safe(evidence(reason.setting, lang))} ({safe(source)}){zone}"


def gap(reason: str, detail: str, lang: Language) -> str:
    """Return why something was not read."""
    said = text(lang, f"gap.{reason}")
    why = typography(in_french(detail)) if lang == "fr" else detail
    return f"{said} ({safe(why)})" if why else said


def worst_first(files: Iterable[FileReport]) -> list[FileReport]:
    """Return `files` in the order in which they need attention."""
    return sorted(
        files,
        key=lambda one: (
            -one.open_severity,
            -one.exposure.level,
            -one.identified_health_persons.count,
            -one.persons.count,
            one.path,
        ),
    )


def accepted(report: Report) -> list[FileReport]:
    """Return the files where the baseline accepts something at or above `low`."""
    return [
        found for found in report.files if any(rule.accepted and rule.severity >= Severity.LOW for rule in found.rules)
    ]


def needs_attention(report: Report) -> list[FileReport]:
    """Return the files at or above `low` that the baseline does not accept, worst first."""
    return worst_first(found for found in report.files if found.open_severity >= Severity.LOW)


def where(position: Where, lang: Language) -> str:
    """Return a position in words: `ligne 2, colonne NUM_SECU`."""
    return ", ".join(text(lang, f"where.{name}", at=safe(str(at))) for name, at in where_dict(position).items())


def sample(found: Sample, lang: Language) -> str:
    """Return a masked hit and where it stands."""
    return f"{category(found.category, lang)} {safe(found.masked)} ({where(found.where, lang)})"


def totals(report: Report, lang: Language) -> str:
    """Return what was looked at: files, bytes, what became of them."""
    its = report.totals
    files = text(lang, "totals.files", n=its.files)
    named = ("scanned", "unchanged", "encrypted", "gaps", "excluded")
    parts = [text(lang, f"totals.{name}", n=getattr(its, name)) for name in named if getattr(its, name)]
    return f"{files} ({size(its.bytes, lang)}){', ' if parts else ''}{', '.join(parts)}"


def when(report: Report, lang: Language) -> str:
    """Return from when to when the scan ran."""
    took = duration((report.ended - report.started).total_seconds(), lang)
    return text(lang, "totals.when", start=moment(report.started, lang), end=moment(report.ended, lang), took=took)


def headline(report: Report, lang: Language) -> str:
    """Return the answer in one line."""
    found = needs_attention(report)
    if not found:
        return text(lang, "report.clean" if report.complete else "report.clean_partly")
    by_severity = Counter(one.open_severity for one in found)
    parts = ", ".join(f"{severity(value, lang)} {number(n, lang)}" for value, n in sorted(by_severity.items())[::-1])
    return f"{text(lang, 'report.findings', n=len(found))} ({parts})"
