"""Trains the small net that weighs how facts are stated: one layer of hidden units beside a linear part.

Features are dropped at random while it learns, so that no fact hangs on a single word: what a reader concludes from
several signs together ("bare name", "among antecedents", "an episode by nature") is what the hidden units stand for.
Nothing is left to chance otherwise: the seeds are fixed, the same texts give the same weights on the same machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from phiscan.model import Assertion

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]

SEEDS = (0, 1)  # as many nets are trained, and stand beside each other as one
HIDDEN = 24  # units of each
_ROUNDS, _BATCH = 4, 1024
_DROPPED = 0.5  # share of features, and of units, left out at each step
_RATE, _SHRINK = 4e-3, 1e-2
_SLOWER = 0.25  # the units learn more slowly than the linear part
_KINDS = len(Assertion)


@dataclass(frozen=True, slots=True)
class Net:
    """The weights: `rows` has one line a feature (linear part, then units), the rest is common to all."""

    rows: Floats
    base: Floats  # of the assertions
    thresholds: Floats  # of the units
    votes: Floats  # of each unit for each assertion

    def sums(self, columns: Sequence[Numbers]) -> Floats:
        """Return what speaks for each assertion, for each list of features."""
        counts = np.array([len(row) for row in columns])
        starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
        added = np.add.reduceat(self.rows[np.concatenate(columns)], starts)
        units = np.maximum(added[:, _KINDS:] + self.thresholds, 0)
        return np.asarray(added[:, :_KINDS] + self.base + units @ self.votes, np.float32)


def trained(columns: Sequence[Numbers], stated: Numbers, weights: Floats, size: int) -> Net:
    """Return the nets of all seeds as one, their votes averaged. Each list of `columns` has one feature or more."""
    nets = [_Training(columns, stated, weights, size, seed).run() for seed in SEEDS]
    share = np.float32(1 / len(nets))
    linear = sum((net.rows[:, :_KINDS] for net in nets), np.zeros((size, _KINDS), np.float32)) * share
    return Net(
        rows=np.concatenate([linear, *(net.rows[:, _KINDS:] for net in nets)], axis=1),
        base=sum((net.base for net in nets), np.zeros(_KINDS, np.float32)) * share,
        thresholds=np.concatenate([net.thresholds for net in nets]),
        votes=np.concatenate([net.votes * share for net in nets]),
    )


class _Training:
    """Adam over batches in random order."""

    def __init__(
        self, columns: Sequence[Numbers], stated: Numbers, weights: Floats, size: int, seed: int
    ) -> None:
        self._chance = np.random.default_rng(seed)
        self._columns, self._weights = list(columns), weights.astype(np.float32)
        self._truth = np.eye(_KINDS, dtype=np.float32)[stated]
        rows = np.zeros((size, _KINDS + HIDDEN), np.float32)
        rows[:, _KINDS:] = self._chance.standard_normal((size, HIDDEN)) * 0.0125
        votes = self._chance.standard_normal((HIDDEN, _KINDS)) * 0.1
        self._all = [
            rows, np.zeros(_KINDS, np.float32), np.zeros(HIDDEN, np.float32), votes.astype(np.float32),
        ]  # fmt: skip
        self._mean = [np.zeros_like(part) for part in self._all]
        self._square = [np.zeros_like(part) for part in self._all]
        self._steps = 0

    def run(self) -> Net:
        """Return the net after all rounds; the rate falls from step to step of a round."""
        for number in range(_ROUNDS):
            order = self._chance.permutation(len(self._columns))
            rate = _RATE * (1 - number / _ROUNDS) + _RATE * 0.05
            for begun in range(0, len(order), _BATCH):
                self._step(order[begun : begun + _BATCH], rate)
        return Net(*self._all)

    def _step(self, batch: Numbers, rate: float) -> None:
        rows, base, thresholds, votes = self._all
        kept = [self._kept(self._columns[at]) for at in batch]
        counts = np.array([len(one) for one in kept])
        column = np.concatenate(kept)
        scale = np.float32(1 / (1 - _DROPPED))
        starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
        added = np.add.reduceat(rows[column], starts) * scale
        raw = added[:, _KINDS:] + thresholds
        left = np.asarray(self._chance.random(raw.shape) > _DROPPED)
        mask = left.astype(np.float32) * scale
        units = np.maximum(raw, 0) * mask
        score = added[:, :_KINDS] + base + units @ votes
        score -= score.max(axis=1, keepdims=True)
        share = np.exp(score)
        share /= share.sum(axis=1, keepdims=True)
        off = (share - self._truth[batch]) * self._weights[batch, None] / np.float32(len(batch))
        back = (off @ votes.T) * mask * (raw > 0)
        each = np.repeat(np.concatenate([off, back], axis=1) * scale, counts, axis=0)
        where, slope = _summed(column, each)
        full = np.zeros_like(rows)
        full[where] = slope
        self._move([full, off.sum(axis=0), back.sum(axis=0), units.T @ off], rate)

    def _kept(self, columns: Numbers) -> Numbers:
        kept = columns[self._chance.random(len(columns)) > _DROPPED]
        return kept if len(kept) else columns[:1]

    def _move(self, slopes: list[Floats], rate: float) -> None:
        self._steps += 1
        for part, slope, mean, square in zip(self._all, slopes, self._mean, self._square, strict=True):
            mean += np.float32(0.1) * (slope - mean)
            square += np.float32(0.01) * (slope * slope - square)
            moved = mean / np.float32(1 - 0.9**self._steps)
            moved /= np.sqrt(square / np.float32(1 - 0.99**self._steps)) + np.float32(1e-8)
            if part is self._all[0]:
                moved[:, _KINDS:] *= np.float32(_SLOWER)
                moved += np.float32(_SHRINK) * part
            part -= np.float32(rate) * moved


def _summed(column: Numbers, each: Floats) -> tuple[Numbers, Floats]:
    """Return the columns that occur, and the sum of the lines of each."""
    order = np.argsort(column, kind="stable")
    ordered = column[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    return ordered[starts], np.add.reduceat(each[order], starts)
