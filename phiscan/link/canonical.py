"""Canonical forms: one spelling for each identity value, so that the same person is counted once.

They exist only between reading and fingerprinting; "" means that the value names nobody.
"""

from __future__ import annotations

import re

from phiscan.recognize.names import canonical as name
from phiscan.recognize.names import first_given, is_null

_SEPARATORS = re.compile(r"[ .\-/_'()\n]")
_AS_READ = str.maketrans("OIL", "011")  # what character recognition makes of digits
_SAME_DIGIT = re.compile(r"(\w)\1*")


def number(value: str) -> str:
    """Return a number without its separators; "" for placeholders such as 0000000 or 999999.

    >>> number("12 34-56"), number("000000"), number("N/A")
    ('123456', '', '')
    """
    bare = _SEPARATORS.sub("", value).upper()
    return "" if not bare or _SAME_DIGIT.fullmatch(bare) or is_null(value) else bare


def nir(value: str) -> str:
    """Return the thirteen characters of a NIR, without its key.

    >>> nir("2 95 10 99 126 111 93")
    '2951099126111'
    """
    return number(value).translate(_AS_READ)[:13]


def birth_date(value: str) -> str:
    """Return a date as YYYYMMDD; "" where it is none or a placeholder (1 January 1900, 1 January 1800)."""
    from phiscan.recognize.dates import parse_date

    parsed = parse_date(value)
    if parsed is None or ((parsed.month, parsed.day) == (1, 1) and parsed.year in (1800, 1899, 1900, 1901)):
        return ""
    return parsed.strftime("%Y%m%d")


def address(value: str) -> str:
    """Return the letters and digits of an address in capitals."""
    return "" if is_null(value) else "".join(char for char in value.upper() if char.isalnum())


def email(value: str) -> str:
    """Return an e-mail address in lower case."""
    return value.strip().strip("<>").lower()


def phone(value: str) -> str:
    """Return the nine significant digits of a French number, or all digits of another, without `+` or `00`.

    >>> phone("+33 (0)6 12 34 56 78"), phone("06.12.34.56.78"), phone("00262 692 12 34 56")
    ('612345678', '612345678', '262692123456')
    """
    digits = "".join(char for char in value.replace("(0)", "").upper().translate(_AS_READ) if char.isdigit())
    digits = digits.removeprefix("00")
    for prefix in ("33", "0"):
        if digits.startswith(prefix) and len(digits) - len(prefix) == 9:
            digits = digits[len(prefix) :]
            break
    return number(digits) if len(digits) >= 6 else ""


__all__ = ["address", "birth_date", "email", "first_given", "name", "nir", "number", "phone"]
