"""The array SipHash is SipHash: published vectors, and the definition in plain integers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from phiscan.siphash import siphash

_64 = (1 << 64) - 1
# From the reference implementation: key 00 … 0f, message 00 01 02 … of each length.
VECTORS = {
    0: "310e0edd47db6f72",
    1: "fd67dc93c539f874",
    2: "5a4fa9d909806c0d",
    3: "2d7efbd796666785",
    4: "b7877127e09427cf",
    5: "8da699cd64557618",
    15: "e545be4961ca29a1",
}


def _of(key: bytes, values: list[bytes]) -> list[int]:
    offsets = np.zeros(len(values) + 1, np.int64)
    np.cumsum([len(value) for value in values], out=offsets[1:])
    return [int(number) for number in siphash(key, b"".join(values), offsets)]


def _turned(word: int, bits: int) -> int:
    return (word << bits | word >> (64 - bits)) & _64


def _plain(key: bytes, value: bytes) -> int:
    """SipHash-2-4 as the paper writes it."""
    k0, k1 = int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")
    a, b = k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D
    c, d = k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573

    def rounds(times: int) -> None:
        nonlocal a, b, c, d
        for _ in range(times):
            a, c = (a + b) & _64, (c + d) & _64
            b, d = _turned(b, 13) ^ a, _turned(d, 16) ^ c
            a = _turned(a, 32)
            c, a = (c + b) & _64, (a + d) & _64
            b, d = _turned(b, 17) ^ c, _turned(d, 21) ^ a
            c = _turned(c, 32)

    padded = value + bytes(7 - len(value) % 8) + bytes([len(value) & 255])
    for start in range(0, len(padded), 8):
        word = int.from_bytes(padded[start : start + 8], "little")
        d ^= word
        rounds(2)
        a ^= word
    c ^= 255
    rounds(4)
    return a ^ b ^ c ^ d


def test_published_vectors() -> None:
    values = [bytes(range(length)) for length in VECTORS]
    found = _of(bytes(range(16)), values)
    assert [number.to_bytes(8, "little").hex() for number in found] == list(VECTORS.values())


@given(st.binary(min_size=16, max_size=16), st.lists(st.binary(max_size=300), max_size=12))
def test_any_values_in_any_order_of_length(key: bytes, values: list[bytes]) -> None:
    assert _of(key, values) == [_plain(key, value) for value in values]


def test_more_values_than_are_worked_on_at_once() -> None:
    values = [f"n|{number}|DUPONT/JEAN|19650312".encode() * (number % 3) for number in range(40_000)]
    found = _of(bytes(range(16)), values)
    assert found[::997] == [_plain(bytes(range(16)), value) for value in values[::997]]
