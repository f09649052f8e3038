"""The tally of a part, a file or a scan. Adding two tallies is a union with OR: the order never matters.

A person is a 64-bit keyed fingerprint with a 64-bit mask of the categories that stand in one of
their records. Bits 62 and 63 say how the person is known, see `STRONG` and `INEXACT`.
Who is invented has `INVENTED` and a fingerprint of their own: somebody real of the same name or number stays real.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from phiscan.model import Assertion, Where

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

STRONG = 1 << 62  # known by NIR, INS, patient id, or name and birth date
INEXACT = 1 << 63  # known by a full name only: two people may share it
INVENTED = 1 << 31  # nobody: of a test or an example. Below the bits of a site's categories
_APART = 0x9E37_79B9_7F4A_7C15
SAMPLES = 3  # a category
_COMPACT = 1 << 18  # rows gathered before they are merged


@dataclass(frozen=True, slots=True)
class Sample:
    """One hit, masked, to find the place again. `position` orders samples within a file."""

    position: tuple[int, ...]
    category: str
    entity: str
    recognizer: str
    score: float
    where: Where
    masked: str


class Tally:
    """Persons with their categories, hits by category and assertion, records and samples."""

    def __init__(self) -> None:
        self.records = 0
        self.hits: dict[str, list[int]] = {}  # category → one count for each `Assertion`
        self.samples: list[Sample] = []
        self._sampled: Counter[str] = Counter()
        self._keys: npt.NDArray[np.uint64] | None = None
        self._masks: npt.NDArray[np.uint64] | None = None
        self._pending: list[tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]] = []
        self._waiting = 0

    def add_persons(self, keys: npt.NDArray[np.uint64], masks: npt.NDArray[np.uint64]) -> None:
        """Add persons, in any order and as often as they occur."""
        if len(keys):
            self._pending.append((keys, masks))
            self._waiting += len(keys)
            settled = 0 if self._keys is None else len(self._keys)
            if self._waiting > max(_COMPACT, settled // 4):
                self._compact()

    def add_hits(self, category: str, assertion: int, count: int = 1) -> None:
        """Count hits of a category."""
        self.hits.setdefault(category, [0] * len(Assertion))[assertion] += count

    def add_sample(self, sample: Sample) -> None:
        """Keep a sample if it is among the first of its category."""
        self.samples.append(sample)
        self._sampled[sample.category] += 1
        if len(self.samples) > 200:
            self.samples = _first(self.samples)

    def wants_sample(self, category: str) -> bool:
        """Whether a category has fewer samples than are kept."""
        return self._sampled[category] < SAMPLES

    def add(self, other: Tally) -> None:
        """Add another tally to this one."""
        self.records += other.records
        for category, counts in other.hits.items():
            for assertion, count in enumerate(counts):
                self.add_hits(category, assertion, count)
        self.samples = _first([*self.samples, *other.samples])
        self._sampled = Counter(sample.category for sample in self.samples)
        if self._keys is None and not self._pending:
            # Nothing to merge with, and arrays are never changed in place: they can be shared.
            self._keys, self._masks = other.keys, other.masks
        else:
            self.add_persons(other.keys, other.masks)

    @property
    def keys(self) -> npt.NDArray[np.uint64]:
        """The persons, sorted, each once."""
        return self._compact()[0]

    @property
    def masks(self) -> npt.NDArray[np.uint64]:
        """The categories of each of `keys`."""
        return self._compact()[1]

    def _compact(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
        import numpy as np

        if self._keys is None or self._masks is None:
            self._keys = self._masks = np.empty(0, np.uint64)
        if self._pending:
            keys = np.concatenate([self._keys, *(keys for keys, _ in self._pending)])
            masks = np.concatenate([self._masks, *(masks for _, masks in self._pending)])
            self._pending, self._waiting = [], 0
            self._keys = self._masks = None
            self._keys, self._masks = union(keys, masks)
            del keys, masks
        return self._keys, self._masks

    def invent(self) -> None:
        """Mark everybody so far as invented."""
        import numpy as np

        keys, masks = self._compact()
        self._keys = self._masks = None
        marked = masks | np.uint64(INVENTED)
        self.add_persons(np.where(masks & np.uint64(INVENTED), keys, apart(keys, marked)), marked)

    def wire(self) -> tuple[dict[str, Any], list[bytes]]:
        """Return the tally as JSON-able data and raw arrays, for the way from a worker."""
        samples = [asdict(sample) for sample in _first(self.samples)]
        return {"records": self.records, "hits": self.hits, "samples": samples}, [
            self.keys.tobytes(),
            self.masks.tobytes(),
        ]

    @classmethod
    def from_wire(cls, data: Mapping[str, Any], arrays: Iterable[bytes]) -> Tally:
        """Read what `wire` wrote; ValueError, KeyError or TypeError on anything else: workers can be led astray."""
        import numpy as np

        keys, masks = (np.frombuffer(array, np.uint64) for array in arrays)
        if len(keys) != len(masks):
            raise ValueError("keys and masks differ in length")
        tally = cls()
        tally.records = int(data["records"])
        for category, counts in data["hits"].items():
            for assertion, count in enumerate(counts):
                tally.add_hits(str(category), Assertion(assertion), int(count))
        tally.samples = [_sample(entry) for entry in data["samples"]]
        tally.add_persons(keys, masks)
        return tally


def _sample(entry: Mapping[str, Any]) -> Sample:
    return Sample(
        position=tuple(int(part) for part in entry["position"]),
        category=str(entry["category"]),
        entity=str(entry["entity"]),
        recognizer=str(entry["recognizer"]),
        score=float(entry["score"]),
        where=Where(**entry["where"]),
        masked=str(entry["masked"]),
    )


def _first(samples: list[Sample]) -> list[Sample]:
    """The first samples of each category by position."""
    kept: list[Sample] = []
    counts: dict[str, int] = {}
    for sample in sorted(samples, key=lambda sample: sample.position):
        if counts.get(sample.category, 0) < SAMPLES:
            counts[sample.category] = counts.get(sample.category, 0) + 1
            kept.append(sample)
    return kept


def apart(keys: npt.NDArray[np.uint64], masks: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return keys (0 is nobody) with those of the invented made their own."""
    import numpy as np

    invented = (masks & np.uint64(INVENTED)) != 0
    return np.where(invented & (keys != 0), keys ^ np.uint64(_APART), keys) if invented.any() else keys


def union(
    keys: npt.NDArray[np.uint64], masks: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return the distinct keys, sorted, and for each the OR of its masks."""
    import numpy as np

    if not len(keys):
        return keys, masks
    order = np.argsort(keys)
    keys, masks = keys[order], masks[order]
    del order  # these are the largest arrays there are: each goes as soon as it can
    first = np.ones(len(keys), bool)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    if first.all():
        return keys, masks
    starts = np.flatnonzero(first)
    return keys[starts], np.bitwise_or.reduceat(masks, starts)
