"""Lines that are one access only together: ProFTPD's two commands of a rename, Samba's many reads of one open file.

Whatever is remembered of clients is bounded: the one that was silent longest is forgotten.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import Final, Generic, TypeVar

from phiscan.access.model import Access

_MOST: Final = 50_000  # clients and files remembered
_STRETCHES: Final = 256  # of one open file that are remembered, parts of it that lie apart
_PAUSE: Final = 60.0  # seconds: where no opening is logged, reads so far apart are two

Key = TypeVar("Key")
Value = TypeVar("Value")


class _Latest(OrderedDict[Key, Value], Generic[Key, Value]):
    """A dictionary that forgets what was set longest ago."""

    def __setitem__(self, key: Key, value: Value) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > _MOST:
            self.popitem(last=False)


class Sessions:
    """Puts the lines of one log together, in their order."""

    def __init__(self) -> None:
        self._renamed: _Latest[str, bytes] = _Latest()
        self._opened: _Latest[tuple[str, bytes], bool] = _Latest()  # for reading, and nothing was read yet
        self._moved: _Latest[tuple[str, str, bytes], float] = _Latest()  # when data last went over the line
        self._covered: _Latest[tuple[str, str, bytes], tuple[tuple[int, int], ...]] = _Latest()  # bytes told by now
        self._openings = False  # this log has them

    def whole(self, access: Access) -> Access | None:
        """Return an access, completed, or None where it is only a part of one that is told elsewhere."""
        if access.services == ("samba",):
            return self._samba(access)
        if access.action != "rename":
            return None if access.passive else access
        if access.passive:
            self._renamed[access.session] = access.path
            return None
        if not access.path:
            source = self._renamed.pop(access.session, b"")
            return replace(access, path=source) if source else None
        return access

    def _samba(self, access: Access) -> Access | None:
        file = (access.session, access.path)
        if access.passive:
            if access.opening:
                self._openings = True
                self._opened[file] = True
            return None
        if access.action not in ("read", "write"):
            return access
        key = (access.action, *file)
        last = self._moved.get(key)
        opened = self._opened.pop(file, False)
        self._moved[key] = access.at
        if opened or last is None or (not self._openings and access.at - last > _PAUSE):
            self._covered[key] = () if access.span is None else (access.span,)
            return access
        return None if access.span is None else self._piece(key, access, access.span)

    def _piece(self, key: tuple[str, str, bytes], access: Access, span: tuple[int, int]) -> Access | None:
        """Return what of an open file is new: the bytes that nobody was told of yet, each once."""
        known = self._covered.get(key, ())
        new = span[1] - span[0] - sum(max(0, min(span[1], end) - max(span[0], start)) for start, end in known)
        if new <= 0:
            return None
        self._covered[key] = _joined((*known, span))
        return replace(access, size=new, piece=True)


def _joined(spans: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Return stretches without those that touch each other; of too many the last.

    >>> _joined(((0, 5), (8, 9), (5, 8), (20, 30)))
    ((0, 9), (20, 30))
    """
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return tuple(found[-_STRETCHES:])
