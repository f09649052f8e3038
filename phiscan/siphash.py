"""SipHash-2-4 over many values at once: a keyed 64-bit hash, computed on whole arrays.

`pandas.util.hash_array` is the nearest thing a library offers: its numbers are not those of SipHash, and importing
pandas alone takes longer than hashing a million persons here. Tests hold this to the published vectors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Words = npt.NDArray[np.uint64]

_AT_ONCE = 1 << 14  # values: what is worked on stays in the processor's cache


def siphash(key: bytes, data: bytes, offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Return the SipHash-2-4 of each value under a key of 16 bytes.

    `data` holds the values one after another; value i is `data[offsets[i]:offsets[i + 1]]`.
    Source: Aumasson, Bernstein: SipHash, a fast short-input PRF (2012).
    """
    import numpy as np

    padded = np.frombuffer(data + bytes(8), np.uint8)
    anywhere = np.ndarray((len(data) + 1,), "<u8", padded, strides=(1,))  # the eight bytes from each place on
    starts, sizes = offsets[:-1], np.diff(offsets)
    keys = np.frombuffer(key, "<u8")
    result = np.empty(len(sizes), np.uint64)
    longest_first = np.argsort(-sizes, kind="stable")
    for begin in range(0, len(sizes), _AT_ONCE):
        rows = longest_first[begin : begin + _AT_ONCE]
        result[rows] = _hashed(keys, anywhere, starts[rows], sizes[rows])
    return result


def _hashed(keys: Words, anywhere: Words, starts: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64]) -> Words:
    """Hash values of descending size: those that have a further word are always the first so many."""
    import numpy as np

    constants = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
    state = [np.full(len(sizes), keys[at & 1] ^ np.uint64(constant)) for at, constant in enumerate(constants)]
    words = sizes >> 3
    ends = np.searchsorted(-words, -np.arange(int(words[0]))) if len(words) else ()
    for number, end in enumerate(ends):
        word = anywhere[starts[:end] + 8 * number]
        part = [array[:end] for array in state]
        part[3] ^= word
        _rounds(part, 2)
        part[0] ^= word
    kept = (sizes & 7).astype(np.uint64) << np.uint64(3)  # bits of the last word that belong to the value
    last = anywhere[starts + 8 * words] & ((np.uint64(1) << kept) - np.uint64(1))
    last |= sizes.astype(np.uint64) << np.uint64(56)
    state[3] ^= last
    _rounds(state, 2)
    state[0] ^= last
    state[2] ^= np.uint64(0xFF)
    _rounds(state, 4)
    mixed: Words = state[0] ^ state[1] ^ state[2] ^ state[3]
    return mixed


def _rounds(state: list[Words], times: int) -> None:
    a, b, c, d = state
    for _ in range(times):
        _mix(a, b, 13)
        _turn(a, 32)
        _mix(c, d, 16)
        _mix(a, d, 21)
        _mix(c, b, 17)
        _turn(c, 32)


def _mix(a: Words, b: Words, bits: int) -> None:
    """Add `b` to `a`, turn `b`, and xor the sum into it."""
    a += b
    _turn(b, bits)
    b ^= a


def _turn(word: Words, bits: int) -> None:
    import numpy as np

    high = word >> np.uint64(64 - bits)
    word <<= np.uint64(bits)
    word |= high
