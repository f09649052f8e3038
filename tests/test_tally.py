"""Adding tallies is a union with OR: order, grouping and repetition change nothing."""

from __future__ import annotations

from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.model import Assertion, Where
from phiscan.tally import Sample, Tally, union

persons = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 2**64 - 1)), max_size=30)


def tally_of(entries: list[tuple[int, int]]) -> Tally:
    tally = Tally()
    tally.records = len(entries)
    tally.add_persons(
        np.array([key for key, _ in entries], np.uint64), np.array([mask for _, mask in entries], np.uint64)
    )
    tally.add_hits("nir", Assertion.AFFIRMED, len(entries))
    return tally


def added(tallies: list[Tally]) -> Tally:
    def add(total: Tally, one: Tally) -> Tally:
        total.add(one)
        return total

    return reduce(add, tallies, Tally())


def shown(tally: Tally) -> tuple[list[int], list[int], int, dict[str, list[int]]]:
    return tally.keys.tolist(), tally.masks.tolist(), tally.records, tally.hits


@given(st.lists(persons, max_size=5), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_sum(parts: list[list[tuple[int, int]]], random: object) -> None:
    whole = tally_of([entry for part in parts for entry in part])
    shuffled = list(parts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    total = added([tally_of(part) for part in shuffled])
    assert (total.keys.tolist(), total.masks.tolist(), total.records) == (
        whole.keys.tolist(),
        whole.masks.tolist(),
        whole.records,
    )


@given(persons)
def test_union_is_exact(entries: list[tuple[int, int]]) -> None:
    expected: dict[int, int] = {}
    for key, mask in entries:
        expected[key] = expected.get(key, 0) | mask
    keys, masks = union(
        np.array([key for key, _ in entries], np.uint64), np.array([mask for _, mask in entries], np.uint64)
    )
    assert dict(zip(keys.tolist(), masks.tolist(), strict=True)) == expected
    assert keys.tolist() == sorted(expected)


@given(persons)
def test_the_wire_keeps_everything(entries: list[tuple[int, int]]) -> None:
    tally = tally_of(entries)
    tally.add_sample(Sample((1, 2), "nir", "FR_NIR", "fr.nir", 0.9, Where(row=3, column="NIR"), "2 85 02 ••"))
    data, arrays = tally.wire()
    back = Tally.from_wire(data, [bytes(array) for array in arrays])
    assert shown(back) == shown(tally)
    assert back.samples == tally.samples


@pytest.mark.parametrize(
    ("data", "arrays"),
    [
        ({}, [b"", b""]),
        ({"records": 1, "hits": {}, "samples": []}, [b"12345678", b""]),
        ({"records": 1, "hits": {}, "samples": []}, [b"1", b"1"]),
        ({"records": 1, "hits": {"nir": [1, 1, 1, 1, 1, 1]}, "samples": []}, [b"", b""]),
        ({"records": "many", "hits": {}, "samples": []}, [b"", b""]),
        ({"records": 1, "hits": {}, "samples": [{"position": [1]}]}, [b"", b""]),
    ],
)
def test_nonsense_from_a_worker_is_refused(data: dict[str, object], arrays: list[bytes]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Tally.from_wire(data, arrays)


def test_the_first_samples_of_each_category_are_kept() -> None:
    tally = Tally()
    for row in (9, 4, 7, 1, 8):
        tally.add_sample(Sample((row,), "hiv", "FR_HIV", "health.hiv", 0.8, Where(row=row), "•••"))
    data, _ = tally.wire()
    assert [sample["position"] for sample in data["samples"]] == [(1,), (4,), (7,)]


def test_many_rows_of_few_persons_stay_few() -> None:
    tally = Tally()
    keys = np.arange(1000, dtype=np.uint64)
    for bit in range(40):
        for _ in range(20):
            tally.add_persons(keys, np.full(1000, 1 << bit, np.uint64))
    assert len(tally.keys) == 1000
    assert set(tally.masks.tolist()) == {(1 << 40) - 1}
