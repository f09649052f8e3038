"""The frames between the supervisor and a worker, on a stream socket. No pickles: the worker read hostile bytes.

Down: one job is a length, JSON, and the descriptor of the file. Up: a frame is a kind, the length of its JSON, the
length of its payload (of a progress frame: the number itself), then both. Arrays are cut out of the payload.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

JOB = struct.Struct("<I")
HEAD = struct.Struct("<cIQ")
READY, PROGRESS, ANSWER, FAILED = b"R", b"P", b"A", b"F"

MOST_JOB = 128 << 10  # bytes of a job: fits the socket's buffer whole, so that sending never waits
MOST_JSON = 64 << 20
MOST_ANSWER = 1 << 30
_JOINED = 64 << 10  # smaller answers go out in one piece
_TURN = 64  # receives before the other workers get their turn

Buffer = bytes | bytearray | memoryview


class Nonsense(Exception):
    """The other side does not keep to the protocol."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame from a worker. `number` is a progress frame's; the rest an answer's, `note` about the worker itself."""

    kind: bytes
    number: int = 0
    body: dict[str, Any] = field(default_factory=dict)
    arrays: tuple[bytes, ...] = ()
    note: dict[str, Any] = field(default_factory=dict)


def send(
    sock: socket.socket,
    kind: bytes,
    body: dict[str, Any],
    arrays: Sequence[Buffer] = (),
    note: dict[str, Any] | None = None,
) -> None:
    """Send a frame, waiting until it is gone. MemoryError where the answer is larger than the other side takes."""
    views = [memoryview(array).cast("B") for array in arrays]
    total = sum(view.nbytes for view in views)
    whole = {"body": body, "arrays": [view.nbytes for view in views], "note": note or {}}
    text = json.dumps(whole, separators=(",", ":")).encode()
    if len(text) > MOST_JSON or total > MOST_ANSWER:
        raise MemoryError
    head = HEAD.pack(kind, len(text), total) + text
    if total <= _JOINED:
        sock.sendall(b"".join((head, *views)))
        return
    sock.sendall(head)
    for view in views:
        sock.sendall(view)


def send_progress(sock: socket.socket, done: int) -> None:
    """Send how many bytes are done."""
    sock.sendall(HEAD.pack(PROGRESS, 0, done))


def job_bytes(meta: dict[str, Any]) -> bytes:
    """Return a job's bytes. ValueError above `MOST_JOB`: a job says what to read, it carries no data."""
    text = json.dumps(meta, separators=(",", ":")).encode()
    if len(text) > MOST_JOB - JOB.size:
        raise ValueError("a job may not be larger than 128 KiB")
    return JOB.pack(len(text)) + text


def receive_job(sock: socket.socket) -> tuple[int, dict[str, Any]] | None:
    """Wait for the next job; return its descriptor and meta, None at the end."""
    data, descriptors, _, _ = socket.recv_fds(sock, MOST_JOB, 1)
    while data and (len(data) < JOB.size or len(data) < JOB.size + JOB.unpack_from(data)[0]):
        more = sock.recv(MOST_JOB)
        data = data + more if more else b""
    if not data or not descriptors:
        return None
    meta: dict[str, Any] = json.loads(data[JOB.size :])
    return descriptors[0], meta


def _decode(kind: bytes, content: memoryview, length: int) -> Frame:
    """Return the frame in `content`, whose first `length` bytes are JSON. Nothing in it is believed unchecked."""
    try:
        whole = json.loads(bytes(content[:length]))
        body, sizes, note = whole["body"], whole["arrays"], whole["note"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Nonsense from None
    if not (isinstance(body, dict) and isinstance(note, dict) and isinstance(sizes, list)):
        raise Nonsense
    if not all(type(size) is int and size >= 0 for size in sizes) or sum(sizes) != len(content) - length:
        raise Nonsense
    arrays, start = [], length
    for size in sizes:
        arrays.append(bytes(content[start : start + size]))
        start += size
    return Frame(kind, body=body, arrays=tuple(arrays), note=note)


class Inbox:
    """Puts frames together from a non-blocking socket, a worker's answer at a time."""

    def __init__(self) -> None:
        self.closed = False
        self._restart()

    def _restart(self) -> None:
        self._head: tuple[bytes, int, int] | None = None
        self._buffer = memoryview(bytearray(HEAD.size))
        self._got = 0

    @property
    def answering(self) -> bool:
        """Whether an answer has begun to come in."""
        return self._head is not None

    def read(self, sock: socket.socket) -> list[Frame]:
        """Return the frames that are complete by now; sets `closed` at the end. Raises Nonsense."""
        frames: list[Frame] = []
        for _ in range(_TURN):
            try:
                count = sock.recv_into(self._buffer[self._got :])
            except BlockingIOError:
                break
            except OSError:
                count = 0  # reset: it died with something unread
            if count == 0:
                self.closed = True
                break
            self._got += count
            if self._got == len(self._buffer) and (frame := self._complete()):
                frames.append(frame)
                if frame.kind != PROGRESS:
                    break  # nothing follows before the next job
        return frames

    def _complete(self) -> Frame | None:
        """Take a full buffer: a head asks for its content, a content makes a frame."""
        if self._head is not None:
            kind, length, _ = self._head
            frame = _decode(kind, self._buffer, length)
            self._restart()
            return frame
        kind, length, number = HEAD.unpack(self._buffer)
        if kind == PROGRESS and length == 0:
            self._restart()
            return Frame(kind, number=number)
        if kind not in (READY, ANSWER, FAILED) or not 0 < length <= MOST_JSON or number > MOST_ANSWER:
            raise Nonsense
        self._head = kind, length, number
        self._buffer, self._got = memoryview(bytearray(length + number)), 0
        return None
