"""A record: what is known of one patient's, and which of its facts stand too far from where it is said whose it is."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

from phiscan.link import Identity
from phiscan.model import Assertion

# Bytes of text between a fact and whoever it may be about: a record of ten pages tells again whose it is, a
# dictionary of a thousand pages goes on about everybody and everything.
_FAR = 32_000
BLOCK = 4096  # bytes: facts are remembered by the block they stand in


@dataclass(slots=True, repr=False)
class Record:
    """What is known so far of one patient's record."""

    identity: Identity = field(default_factory=Identity)
    mask: int = 0
    waiting: Counter[tuple[int, int, Assertion]] = field(default_factory=Counter)  # recognizers with `at_least`
    facts: int = 0
    works: bool = False  # it names somebody at work,
    healthy: bool = True  # and tells of nobody's own health: a paper of work
    everywhere: bool = False  # the file's own path names the patient
    told: set[int] = field(default_factory=set)  # blocks in which it is said who the patient is
    blocks: dict[int, set[int]] = field(default_factory=dict)  # of each health category's bit, where it stands

    def near(self, bit: int) -> bool:
        """Whether a health category stands anywhere within reach of the patient's identity."""
        where = self.blocks.get(bit)
        if where is None or self.everywhere or not self.told:
            return True
        told, most = sorted(self.told), _FAR // BLOCK
        for block in where:
            at = bisect_left(told, block)
            if any(abs(block - other) <= most for other in told[max(0, at - 1) : at + 1]):
                return True
        return False
