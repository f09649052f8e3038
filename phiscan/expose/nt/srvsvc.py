"""The one question of MS-SRVS that is asked: NetrShareGetInfo level 502, which holds the share's own descriptor.

The messages are those of DCE/RPC over a pipe (C706 12.6, MS-RPCE), packed in NDR; answers come from another machine,
and whatever does not fit raises ValueError. Who carries them to the pipe is not this module's business.
"""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass
from typing import Final

MOST: Final = 4280  # bytes of one fragment, as Windows has it
_LONGEST: Final = 1 << 20  # bytes of all fragments

_HEADER: Final = struct.Struct("<BBBBIHHI")
_LITTLE_ENDIAN: Final = 0x10
_REQUEST, _RESPONSE, _FAULT, _BIND, _BIND_ACK = 0, 2, 3, 11, 12
_FIRST, _LAST = 1, 2
_SRVSVC: Final = uuid.UUID("4b324fc8-1670-01d3-1278-5a47bf6ee188").bytes_le + struct.pack("<HH", 3, 0)
_NDR: Final = uuid.UUID("8a885d04-1ceb-11c9-9fe8-08002b104860").bytes_le + struct.pack("<HH", 2, 0)
_GET_INFO: Final = 16
_LEVEL: Final = 502
_DENIED: Final = 5  # ERROR_ACCESS_DENIED
_SPECIAL: Final = 0x80000000  # C$, ADMIN$: administrators alone, whose descriptor is not told
_NOBODY: Final = struct.pack("<BBHIIII", 1, 0, 0x8004, 0, 0, 0, 20) + struct.pack("<BBHHH", 2, 0, 8, 0, 0)


class Denied(Exception):
    """The account may not ask that."""


def bind() -> bytes:
    """Return the message that opens the interface."""
    context = struct.pack("<HBx", 0, 1) + _SRVSVC + _NDR
    return _message(_BIND, 1, struct.pack("<HHIBxxx", MOST, MOST, 0, 1) + context)


def check_bound(answer: bytes) -> None:
    """Raise ValueError where the answer to `bind` is no consent."""
    if _kind(answer) != _BIND_ACK:
        raise ValueError("the interface is refused")


def request(server: str, share: str) -> bytes:
    """Return the question for a share's level 502."""
    stub = struct.pack("<I", 0x20000) + _string(server)
    stub += b"\0" * (-len(stub) % 4) + _string(share)
    stub += b"\0" * (-len(stub) % 4) + struct.pack("<I", _LEVEL)
    return _message(_REQUEST, 2, struct.pack("<IHH", len(stub), 0, _GET_INFO) + stub)


def body(fragment: bytes) -> tuple[bytes, bool]:
    """Return what a fragment of the answer carries, and whether it is the last. Raises ValueError."""
    kind = _kind(fragment)
    if kind != _RESPONSE:
        raise ValueError("the question is refused")
    length = int.from_bytes(fragment[8:10], "little")
    if len(fragment) < 24 or not 24 <= length <= len(fragment):
        raise ValueError("a fragment beyond its end")
    return fragment[24:length], bool(fragment[3] & _LAST)


def whole(so_far: int) -> None:
    """Raise ValueError where an answer has grown longer than any is."""
    if so_far > _LONGEST:
        raise ValueError("an answer without an end")


def descriptor(stub: bytes) -> bytes | None:
    """Return the share's descriptor out of an answer; None where it has none: everybody may do everything.

    Raises Denied, or ValueError where it is no answer.
    """
    if len(stub) < 12:
        raise ValueError("an answer that is cut off")
    status = int.from_bytes(stub[-4:], "little")
    if status == _DENIED:
        raise Denied
    if status:
        raise ValueError("the server gives an error")
    read = _Reader(stub)
    if read.number() != _LEVEL or not read.number():
        raise ValueError("not the level that was asked for")
    name, kind, remark, _, _, _, path, password, _, listed = (read.number() for _ in range(10))
    if kind & _SPECIAL and not listed:
        return _NOBODY
    for pointer in (name, remark, path, password):
        if pointer:
            read.skip_string()
    return read.array() if listed else None


@dataclass(slots=True)
class _Reader:
    data: bytes
    at: int = 0

    def number(self) -> int:
        self.at += -self.at % 4
        if self.at + 4 > len(self.data):
            raise ValueError("an answer that is cut off")
        self.at += 4
        return int.from_bytes(self.data[self.at - 4 : self.at], "little")

    def skip_string(self) -> None:
        _, _, actual = self.number(), self.number(), self.number()
        self._take(2 * actual)

    def array(self) -> bytes:
        return self._take(self.number())

    def _take(self, length: int) -> bytes:
        if self.at + length > len(self.data):
            raise ValueError("an answer that is cut off")
        self.at += length
        return self.data[self.at - length : self.at]


def _kind(message: bytes) -> int:
    if len(message) < _HEADER.size or message[0] != 5 or message[4] != _LITTLE_ENDIAN:
        raise ValueError("not an answer")
    return message[2]


def _message(kind: int, call: int, payload: bytes) -> bytes:
    length = _HEADER.size + len(payload)
    return _HEADER.pack(5, 0, kind, _FIRST | _LAST, _LITTLE_ENDIAN, length, 0, call) + payload


def _string(text: str) -> bytes:
    data = (text + "\0").encode("utf-16-le")
    count = len(data) // 2
    return struct.pack("<III", count, 0, count) + data
