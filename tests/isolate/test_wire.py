"""Whatever comes from a worker is a frame or nonsense, never an exception of another kind."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.isolate import wire

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def through(data: bytes, pieces: list[int]) -> tuple[list[wire.Frame], wire.Inbox]:
    """Return the frames that come out where `data` comes in pieces."""
    ours, theirs = socket.socketpair()
    inbox, frames = wire.Inbox(), []
    with ours, theirs:
        ours.setblocking(False)
        for size in [*pieces, len(data)]:
            theirs.sendall(data[:size])
            data = data[size:]
            frames += inbox.read(ours)
        theirs.close()
        for _ in range(100):
            frames += inbox.read(ours)
            if inbox.closed:
                break
    return frames, inbox


def sent(kind: bytes, body: dict[str, Any], arrays: list[bytes], note: dict[str, Any]) -> bytes:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        wire.send(theirs, kind, body, arrays, note)
        return ours.recv(1 << 20)


@given(
    st.sampled_from([wire.ANSWER, wire.FAILED, wire.READY]),
    st.dictionaries(st.text(), JSON, max_size=4),
    st.lists(st.binary(max_size=50), max_size=4),
    st.lists(st.integers(0, 30), max_size=5),
)
def test_a_frame_comes_out_as_it_went_in(
    kind: bytes, body: dict[str, Any], arrays: list[bytes], pieces: list[int]
) -> None:
    frames, _ = through(sent(kind, body, arrays, {"spent": False}), pieces)
    assert frames == [wire.Frame(kind, body=body, arrays=tuple(arrays), note={"spent": False})]


@given(st.lists(st.integers(0, 1 << 40), max_size=5), st.lists(st.integers(0, 30), max_size=5))
def test_progress_comes_out_in_order(numbers: list[int], pieces: list[int]) -> None:
    frames, _ = through(b"".join(wire.HEAD.pack(wire.PROGRESS, 0, number) for number in numbers), pieces)
    assert frames == [wire.Frame(wire.PROGRESS, number=number) for number in numbers]


@given(st.binary(max_size=200))
def test_junk_is_nonsense_or_nothing(data: bytes) -> None:
    with contextlib.suppress(wire.Nonsense):
        through(data, [])


@given(JSON, st.binary(max_size=20))
def test_junk_in_a_frame_is_nonsense_or_a_frame(whole: object, payload: bytes) -> None:
    text = json.dumps(whole).encode()
    with contextlib.suppress(wire.Nonsense):
        through(wire.HEAD.pack(wire.ANSWER, len(text), len(payload)) + text + payload, [])


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        (b"", b""),
        (b"{}", b""),
        (b'{"body":{},"arrays":[]}', b""),
        (b'{"body":{},"arrays":[],"note":{}}', b"x"),
        (b'{"body":{},"arrays":[true],"note":{}}', b"x"),
        (b'{"body":{},"arrays":[1.0],"note":{}}', b"x"),
        (b'{"body":{},"arrays":[2,-1],"note":{}}', b"x"),
        (b'{"body":[],"arrays":[1],"note":{}}', b"x"),
        (b'{"body":{},"arrays":{},"note":{}}', b""),
        (b'{"body":{},"arrays":[],"note":1}', b""),
        (b"\xff", b""),
        (b"[" * 100_000, b""),
        (b'{"body":{},"arrays":[' + b"9" * 5000 + b'],"note":{}}', b""),
    ],
)
def test_nonsense(text: bytes, payload: bytes) -> None:
    with pytest.raises(wire.Nonsense):
        through(wire.HEAD.pack(wire.ANSWER, len(text), len(payload)) + text + payload, [])
