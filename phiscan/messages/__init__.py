"""Everything phiscan says to people, in French and in English, and how numbers and dates are written.

The texts stand in `phiscan.messages.catalogue`. Here: choosing one, filling it in, and French typography.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from phiscan.errors import UsageError
from phiscan.messages.catalogue import TEXTS, WHY

Language = Literal["fr", "en"]
THIN = "\u202f"  # espace fine insécable

_BEFORE = re.compile(r" ([:;!?»%])")
_AFTER = re.compile("« ")


class Wrong(ValueError):
    """Something written by hand is wrong. Its text is chosen when it is shown."""

    def __init__(self, key: str, /, **params: object) -> None:
        super().__init__(text("en", key, **params))
        self.key, self.params = key, params


class Told(UsageError):
    """A `UsageError` whose line is known in both languages."""

    def __init__(self, key: str, /, **params: object) -> None:
        super().__init__(text("fr", key, **params))
        self.key, self.params = key, params


class Broken(Told):
    """What fails is not the operator's words but a part of the machine, such as the store: exit status 1."""

    status = 1


def language(environ: Mapping[str, str], configured: str | None = None) -> Language:
    """Return the language to speak: `$PHISCAN_LANGUAGE`, else the configuration's, else French."""
    return "en" if environ.get("PHISCAN_LANGUAGE", configured or "fr") == "en" else "fr"


def text(lang: Language, key: str, /, **params: object) -> str:
    """Return the text of `key`, filled in. A parameter that is a `Wrong` is said in the same language.

    `n` is a count: written as people of that language do, and where the text has two forms, `one|many`, it chooses.
    """
    french, english = TEXTS[key]
    template = typography(french) if lang == "fr" else english
    if "n" in params and "|" in template:
        one, many = template.split("|")
        template = one if _singular(lang, params["n"]) else many
    return template.format(**{name: _shown(lang, name, value) for name, value in params.items()})


def _singular(lang: Language, count: object) -> bool:
    return isinstance(count, int) and (count == 1 or (count == 0 and lang == "fr"))


def _shown(lang: Language, name: str, value: object) -> str:
    if isinstance(value, (Wrong, Told)):
        return text(lang, value.key, **value.params)
    if name == "why" and lang == "fr":
        return WHY.get(str(value), str(value))
    return number(value, lang) if name == "n" and isinstance(value, int) else str(value)


def tell(error: BaseException, lang: Language) -> str:
    """Return what `error` says, in one line."""
    said = text(lang, error.key, **error.params) if isinstance(error, (Told, Wrong)) else str(error)
    return " ".join(said.split("\n"))


def typography(french: str) -> str:
    """Return `french` with the thin space that belongs before `: ; ! ? » %` and after `«`.

    >>> typography("Quoi ? « ceci » : 5 %") == "Quoi\u202f? «\u202fceci\u202f»\u202f: 5\u202f%"
    True
    """
    return _AFTER.sub(f"«{THIN}", _BEFORE.sub(rf"{THIN}\1", french))


def number(count: int, lang: Language) -> str:
    """Return 491840 as "491 840" (thin spaces) or "491,840"."""
    return f"{count:,}".replace(",", THIN) if lang == "fr" else f"{count:,}"


def moment(when: datetime, lang: Language) -> str:
    """Return `when` (aware), in local time, as "21/11/2026 18:02" or "2026-11-21 18:02"."""
    return when.astimezone().strftime("%d/%m/%Y %H:%M" if lang == "fr" else "%Y-%m-%d %H:%M")


def size(count: int, lang: Language) -> str:
    """Return a number of bytes as "126,8 Mo" or "126.8 MB"."""
    unit, amount = "o" if lang == "fr" else "B", float(count)
    for prefix in ("", "k", "M", "G", "T"):
        if amount < 999.95 or prefix == "T":
            break
        amount /= 1000
    written = f"{amount:.0f}" if not prefix else f"{amount:.1f}"
    space = THIN if lang == "fr" else " "
    return f"{written.replace('.', ',') if lang == 'fr' else written}{space}{prefix}{unit}"


def duration(seconds: float, lang: Language) -> str:
    """Return a time span as "4 s", "3 min 20 s" or "2 h 5 min"."""
    space, whole = THIN if lang == "fr" else " ", round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours}{space}h {minutes}{space}min"
    return f"{minutes}{space}min {rest}{space}s" if minutes else f"{rest}{space}s"
