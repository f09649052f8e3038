"""Paths in conditions of queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement


def inside(path: Column[bytes], folder: bytes, after: bytes = b"") -> ColumnElement[bool]:
    """Return the condition that a path lies below a folder, and behind `after`, as one range: "0" follows "/"."""
    start = folder.rstrip(b"/")
    return (path > max(start + b"/", after)) & (path < start + b"0")
