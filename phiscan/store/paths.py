"""Paths in conditions of queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement


def inside(path: Column[bytes], folder: bytes) -> ColumnElement[bool]:
    """Return the condition that a path lies below a folder, as a range of its index: "0" follows "/"."""
    start = folder.rstrip(b"/")
    return (path >= start + b"/") & (path < start + b"0")
