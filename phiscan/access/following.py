"""How far each log was read, and what of it is new: over rotation, compression and `copytruncate`, each line once.

A log is known by its inode and the hash of its first bytes. Where it is another one by now, the rest of the old one is
looked for beside it; where nobody has it any more, that is said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from phiscan.access.files import Log, base, blocks, head_of, is_packed
from phiscan.access.formats import Parser, rsync, vsftpd
from phiscan.access.model import FTP, WEB
from phiscan.access.search import Part, services_of
from phiscan.errors import Unreadable
from phiscan.source.open import unreadable
from phiscan.store.access import LogState

_HEAD: Final = 256  # bytes by which a log is known again
_BACK: Final = 1 << 20  # bytes in which the end of the last whole line is looked for
_FIRST: Final = 400  # lines at the beginning of a log by which its kind is told


@dataclass(slots=True)
class Step:
    """What is to be read now, and how far the logs have been read then."""

    parts: list[Part] = field(default_factory=list)
    states: list[LogState] = field(default_factory=list)
    lost: list[bytes] = field(default_factory=list)  # logs of which lines went before they were read


def step(logs: Sequence[Log], known: Sequence[LogState], at: float) -> Step:
    """Return what is new in logs since they were read. `logs` are all that are there, the rotated ones too."""
    before = {state.path: state for state in known}
    found = Step()
    for log in logs:
        state = before.get(log.path)
        if log.growing:
            _one(log, state, logs, at, found)
        elif state is not None:
            _late(log, state, at, found)
    return found


def _one(log: Log, state: LogState | None, logs: Sequence[Log], at: float, found: Step) -> None:
    try:
        end, head = _end(log), _hash(log.path, state)
    except Unreadable as error:
        blank = state or _state(log, at)
        found.states.append(replace(blank, unread=error.reason, read=at))
        return
    start = 0
    if state is None:  # what was rotated of it before anybody knew of it
        old = [one for one in logs if not one.growing and base(one.path) == base(log.path)]
        found.parts += [Part(file=one.path, modified=one.modified) for one in old]
    elif state.head:
        same = (log.device, log.inode) == (state.device, state.inode) and log.size >= state.place and head == state.head
        if same:
            start = state.place
        elif state.place:
            _rest(state, log, logs, found)
    if state is not None and start == end == state.place and state.services:
        return
    known = state if state is not None and start and state.services else None
    services, first = (known.services, known.first) if known is not None else _kind(log, logs)
    if end > start:
        found.parts.append(Part(file=log.path, start=start, end=end, modified=log.modified))
    found.states.append(
        LogState(
            path=log.path,
            device=log.device,
            inode=log.inode,
            place=end,
            head=_hash(log.path, None, end),
            services=services,
            first=first,
            read=at,
        )
    )


def _rest(state: LogState, log: Log, logs: Sequence[Log], found: Step) -> None:
    """Have what a log still held when it was rotated read from where it lies now."""
    beside = [one for one in logs if one.path != log.path and base(one.path) == base(log.path)]
    by_inode = [one for one in beside if (one.device, one.inode) == (state.device, state.inode)]
    for one in by_inode + sorted(beside, key=lambda one: -one.modified):
        try:
            if _hash(one.path, state) == state.head:
                end = None if is_packed(one.path) else _end(one)
                found.parts.append(Part(file=one.path, start=state.place, end=end, modified=one.modified))
                if end is not None:  # its server may write to it until it is told of the rotation
                    now_there = replace(state, path=one.path, device=one.device, inode=one.inode, place=end)
                    found.states.append(now_there)
                return
        except Unreadable:
            continue
    found.lost.append(log.path)


def _late(log: Log, state: LogState, at: float, found: Step) -> None:
    """Read what a server wrote to a log that was just rotated."""
    try:
        same = (log.device, log.inode) == (state.device, state.inode) and _hash(log.path, state) == state.head
        end = _end(log)
    except Unreadable:
        return
    if same and end > state.place:
        found.parts.append(Part(file=log.path, start=state.place, end=end, modified=log.modified))
        found.states.append(replace(state, place=end, read=at))


def everything(logs: Sequence[Log], read: Sequence[LogState]) -> list[Part]:
    """Return all that lies in the logs up to where they have been read, the oldest first."""
    ends = {state.path: state.place for state in read}
    return [
        Part(file=log.path, end=ends.get(log.path), modified=log.modified)
        for log in logs
        if not log.growing or log.path in ends
    ]


def _kind(log: Log, logs: Sequence[Log]) -> tuple[tuple[str, ...], float | None]:
    """Return what `kind_of` says of a log and of what was rotated of it: right after a rotation that is all there is.

    Raises `Unreadable` where the log itself cannot be read.
    """
    services, first = kind_of(log.path)
    for one in logs:
        if not one.growing and base(one.path) == base(log.path):
            with suppress(Unreadable):
                others, began = kind_of(one.path)
                services = services or others
                first = min((at for at in (first, began) if at is not None), default=None)
    return services, first


def kind_of(path: bytes) -> tuple[tuple[str, ...], float | None]:
    """Return which services write such lines as a log begins with, and the time of its first. Raises `Unreadable`.

    Of an empty log its name has to tell.
    """
    parse, empty = Parser(), True
    began: float | None = None  # by visitors who have taken nothing yet
    for _, block in blocks(path):
        for line in block.split(b"\n")[:_FIRST]:
            access = parse(line.rstrip(b"\r"))
            if access is not None:
                return services_of(access, path), access.at
            began = vsftpd.began(line) if began is None else began
        access = rsync.first(block)  # most of its lines tell of no file
        if access is not None:
            return access.services, access.at
        empty = False
        break
    if began is not None:
        return ("vsftpd",), began
    named = tuple(one for one in (*FTP, *WEB, "samba") if one.encode() in path.lower())
    return (named or (FTP if b"xferlog" in path.lower() else ())) if empty else (), None


def _state(log: Log, at: float) -> LogState:
    return LogState(
        path=log.path, device=log.device, inode=log.inode, place=0, head="", services=(), first=None, read=at
    )


def _end(log: Log) -> int:
    """Return the offset after the last whole line of a log."""
    if is_packed(log.path):
        return log.size
    try:
        with open(log.path, "rb") as file:
            start = max(0, log.size - _BACK)
            file.seek(start)
            return start + file.read(log.size - start).rfind(b"\n") + 1
    except OSError as error:
        raise unreadable(error) from None


def _hash(path: bytes, state: LogState | None, end: int | None = None) -> str:
    """Return the hash of the first bytes of a log, of as many as it had when `state` was noted."""
    count = _HEAD if end is None else min(_HEAD, end)
    if state is not None and ":" in state.head:
        count = int(state.head.partition(":")[0])
    head = head_of(path, count) if count else b""
    return f"{len(head)}:{hashlib.sha256(head).hexdigest()}"
