"""Sizes and durations as people write them: "1GiB", "500MB", "500 Mo", "120s", "2h", "3y"."""

from __future__ import annotations

import re

from phiscan.messages import Wrong

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?)(i?)(?:b|o)?", re.IGNORECASE)
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|s|min|m|h|d|j|w|y|a)?", re.IGNORECASE)
_MINUTE, _HOUR, _DAY, _YEAR = 60.0, 3600.0, 86_400.0, 365 * 86_400.0
_SECONDS = {
    "": 1.0,
    "ms": 0.001,
    "s": 1.0,
    "m": _MINUTE,
    "min": _MINUTE,
    "h": _HOUR,
    "d": _DAY,
    "j": _DAY,
    "w": 7 * _DAY,
    "y": _YEAR,
    "a": _YEAR,
}
_LARGEST_SIZE = 1 << 62


def parse_size(value: object) -> int:
    """Return bytes. "kB", "MB" are decimal, "KiB", "MiB" and the bare "K", "M" binary, as in `rg` and `restic`.

    Raises `Wrong` on anything else.

    >>> parse_size("1GiB"), parse_size("500MB"), parse_size("500 Mo"), parse_size("10M"), parse_size(42)
    (1073741824, 500000000, 500000000, 10485760, 42)
    """
    found = _SIZE.fullmatch(_written(value))
    if not found:
        raise Wrong("wrong.size")
    number, prefix, binary = found.groups()
    bare = not binary and found[0][-1:].lower() == prefix.lower()
    base = 1024 if binary or bare else 1000
    if binary and not prefix:
        raise Wrong("wrong.size")
    size = float(number) * base ** " kmgt".index(prefix.lower() or " ")
    if size > _LARGEST_SIZE:
        raise Wrong("wrong.size")
    return int(size)


def parse_bandwidth(value: object) -> int:
    """Return bytes a second. Raises `Wrong` on anything else, and on nothing at all.

    >>> parse_bandwidth("20MB/s"), parse_bandwidth("20 Mo/s"), parse_bandwidth("512KiB")
    (20000000, 20000000, 524288)
    """
    text = _written(value)
    found = parse_size(text.removesuffix("/s"))
    if found < 1:
        raise Wrong("wrong.size")
    return found


def parse_duration(value: object) -> float:
    """Return seconds; a bare number is seconds, "y" is 365 days. Raises `Wrong` on anything else.

    >>> parse_duration("120s"), parse_duration("2h"), parse_duration("3y"), parse_duration(1.5)
    (120.0, 7200.0, 94608000.0, 1.5)
    """
    found = _DURATION.fullmatch(_written(value))
    if not found or len(found[1]) > 18:
        raise Wrong("wrong.duration")
    return float(found[1]) * _SECONDS[(found[2] or "").lower()]


def _written(value: object) -> str:
    """Return the text of a string or number; "" (which nothing accepts) for a truth value, a list..."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    text = str(value).strip()
    return text if text.isascii() else ""
