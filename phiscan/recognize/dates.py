"""Read a date in any notation met in French health exports.

`parse_date` gives the canonical form used in person keys: whatever the notation, one person has one
birth date. It reads a whole value, never searches inside a text, and never raises.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

_MISREAD = re.compile(r"[0-9OolIS]{1,2}[ ]?[/.|_-][ ]?[0-9OolIS]{1,2}[ ]?[/.|_-][ ]?[0-9OolIS]{2,4}", re.ASCII)
_AS_READ = str.maketrans("OolIS", "00115")  # what a scanner's software takes for letters
_DIGITS_LEFT = 4
_TIME = r"(?:[ T]+[0-9]{1,2}(?:[:hH][0-9]{2}){0,2}(?:[.,][0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
_SEPARATED = re.compile(
    r"([0-9]{1,2})(?: ?([/.|_-]) ?|( {1,2}))([0-9]{1,2})(?: ?\2 ?|\3)([0-9]{4}|[0-9]{2})" + _TIME, re.ASCII
)
_ISO = re.compile(r"([0-9]{4})([/. -])([0-9]{1,2})\2([0-9]{1,2})" + _TIME, re.ASCII)
_PACKED = re.compile(r"(?:[0-9]{6}|[0-9]{8}(?:[0-9]{4}(?:[0-9]{2})?)?)", re.ASCII)
_MONTH_NAME = re.compile(
    r"([0-9]{1,2})(?: ?er)?[ ./-]{0,2}([a-z]{3,9})\.?[ ./-]{0,2}([0-9]{4}|[0-9]{2})" + _TIME.lower(), re.ASCII
)
_WORDED = re.compile(
    r"([a-z -]{2,20}?) (janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)"
    r" ([a-z -]{4,60})",
    re.ASCII,
)
_DAY_NAME = re.compile(r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) )?(?:le )?", re.ASCII)

_MONTHS = {
    **dict.fromkeys(("janvier", "janv", "jan", "january"), 1),
    **dict.fromkeys(("fevrier", "fevr", "fev", "feb", "february"), 2),
    **dict.fromkeys(("mars", "mar", "march"), 3),
    **dict.fromkeys(("avril", "avri", "avr", "apr", "april"), 4),
    **dict.fromkeys(("mai", "may"), 5),
    **dict.fromkeys(("juin", "jun", "june"), 6),
    **dict.fromkeys(("juillet", "juil", "jul", "july"), 7),
    **dict.fromkeys(("aout", "aou", "aug", "august"), 8),
    **dict.fromkeys(("septembre", "sept", "sep", "september"), 9),
    **dict.fromkeys(("octobre", "octo", "oct", "october"), 10),
    **dict.fromkeys(("novembre", "nove", "nov", "november"), 11),
    **dict.fromkeys(("decembre", "dece", "dec", "december"), 12),
}
_UNITS = {
    word: value
    for value, word in enumerate(
        "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize".split()
    )
} | {"premier": 1, "une": 1}
_TENS = {"vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60}
_TENS |= {"septante": 70, "octante": 80, "huitante": 80, "nonante": 90}


def parse_date(value: str) -> dt.date | None:
    """Return the date that `value` writes, None where it is none or the day does not exist.

    Day before month, as in France. Read: JJ/MM/AAAA with / . - | or spaces, JJ/MM/AA, ISO with or without
    a time, JJMMAAAA, AAAAMMJJ (HL7, with or without a time), AAMMJJ (B2) or JJMMAA, "12 mars 1965",
    "12-MAR-65", "1er janvier 1950" and dates in words, digits that a
    scanner took for letters (1O/03/l965). A two-digit year is the latest one not in the future.

    >>> parse_date("12/03/1965"), parse_date("19650312"), parse_date("1er janvier 1950")
    (datetime.date(1965, 3, 12), datetime.date(1965, 3, 12), datetime.date(1950, 1, 1))
    >>> parse_date("deux janvier mille neuf cent soixante-cinq"), parse_date("31/02/1965")
    (datetime.date(1965, 1, 2), None)
    """
    text = " ".join(value.split())
    if _MISREAD.fullmatch(text) and sum(char.isdigit() for char in text) >= _DIGITS_LEFT:
        text = text.translate(_AS_READ)
    if not 6 <= len(text) <= 90:
        return None
    if match := _SEPARATED.fullmatch(text):
        return _make(match[5], int(match[4]), int(match[1]))
    if match := _ISO.fullmatch(text):
        return _make(match[1], int(match[3]), int(match[4]))
    if _PACKED.fullmatch(text):
        return _packed(text)
    return _in_letters(text)


def _make(year: str, month: int, day: int) -> dt.date | None:
    try:
        if len(year) == 4:
            return dt.date(int(year), month, day)
        # The day may exist in one century only (29 February), so the fallback is tried on its own.
        return _not_future(2000 + int(year), month, day) or dt.date(1900 + int(year), month, day)
    except ValueError:
        return None


def _not_future(year: int, month: int, day: int) -> dt.date | None:
    try:
        date = dt.date(year, month, day)
    except ValueError:
        return None
    today = dt.date.today()  # noqa: DTZ011 - births have no time zone
    return date if date <= today else None


def _packed(text: str) -> dt.date | None:
    if len(text) == 6:
        first, second, third = text[:2], text[2:4], text[4:]
        return _make(first, int(second), int(third)) or _make(third, int(second), int(first))
    # The century of JJMMAAAA is never a month, so at most one reading of eight digits is a date.
    year_first = _make(text[:4], int(text[4:6]), int(text[6:8]))
    if year_first is not None and 1800 <= year_first.year < 2200:
        return year_first
    return _make(text[4:], int(text[2:4]), int(text[:2])) if len(text) == 8 else None


def _in_letters(text: str) -> dt.date | None:
    plain = _plain(text)
    plain = plain[_DAY_NAME.match(plain).end() :]  # type: ignore[union-attr]  # matches the empty string at worst
    if match := _MONTH_NAME.fullmatch(plain):
        month = _MONTHS.get(match[2])
        return _make(match[3], month, int(match[1])) if month else None
    if match := _WORDED.fullmatch(plain):
        day, year = _number(match[1]), _number(match[3])
        if day and year and 1000 <= year < 10000:
            return _make(str(year), _MONTHS[match[2]], day)
    return None


def _plain(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return text.lower()


def _number(words: str) -> int | None:
    """Return the number that French words below ten thousand write: "mille neuf cent quatre-vingt-douze"."""
    total = part = 0
    for word in words.replace("-", " ").split():
        if word in _UNITS:
            part += _UNITS[word]
        elif word in ("vingt", "vingts") and part % 100 == 4:
            part += 76
        elif word in _TENS:
            part += _TENS[word]
        elif word in ("cent", "cents"):
            part = max(part, 1) * 100
        elif word in ("mille", "mil"):
            total, part = max(part, 1) * 1000, 0
        elif word != "et":
            return None
    return total + part
