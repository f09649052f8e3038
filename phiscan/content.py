"""Finds the recognizers/ and rules/ that ship with phiscan: inside the wheel, or beside the package in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from phiscan.errors import PhiscanError


@cache
def content_folder() -> Path:
    """Return the folder that holds `recognizers` and `rules`."""
    package = Path(__file__).resolve().parent
    installed = package / "_content"
    if (installed / "recognizers").is_dir():
        return installed
    if (package.parent / "pyproject.toml").is_file() and (package.parent / "recognizers").is_dir():
        return package.parent
    raise PhiscanError(f"{package}: the recognizers that ship with phiscan are missing; install it again")


def recognizers_folder() -> Path:
    """The shipped recognizers."""
    return content_folder() / "recognizers"


def rules_folder() -> Path:
    """The shipped rules."""
    return content_folder() / "rules"
