"""How a fact is stated, weighed: a small net over what `features` sees.

`weights.tsv` was trained by `python -m tests.eval.stated` on the labelled texts of this repository. A line is a feature
with what it adds, in hundredths, to each way of stating a fact, all written as wide, in the order of `Assertion`, and a
letter for each hidden unit: how much it adds there. Units that are above their threshold vote; the highest sum is it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from phiscan.model import Assertion

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

WEIGHTS = Path(__file__).with_name("weights.tsv")
SCALE, WIDE = 100, 5  # hundredths, and the signs that they are written with
NOUGHT, MOST = 80, 46  # the letter of a unit's 0, and how many steps there are to either side
_KINDS = len(Assertion)
_ZERO, _MINUS = ord("0"), ord("-")


@dataclass(frozen=True, slots=True)
class Weights:
    """The net: of each feature (0 is always there) its linear part, then its units; what is common to all."""

    numbers: dict[str, int]
    rows: Floats
    thresholds: Floats
    votes: Floats


@cache
def weights() -> Weights:
    """Return the net that ships."""
    import numpy as np

    lines = [line for line in WEIGHTS.read_text("ascii").split("\n") if line and line[0] != "#"]
    common = {name: values for name, *values in (line.split("\t") for line in lines if line[0] == "=")}
    features = [line for line in lines if line[0] != "="]
    # All numbers at once: one after the other they take as long as everything else.
    tail = 1 + _KINDS * WIDE + 1 + len(common["=thresholds"])
    signs = np.frombuffer("".join(line[-tail:] for line in features).encode(), np.uint8).reshape(len(features), tail)
    numbers = signs[:, 1 : 1 + _KINDS * WIDE].reshape(len(features), _KINDS, WIDE)
    digits = np.where(numbers >= _ZERO, numbers - np.uint8(_ZERO), np.uint8(0)).astype(np.float32)
    linear = digits @ np.array([10 ** (WIDE - 1 - at) / SCALE for at in range(WIDE)], np.float32)
    linear[(numbers == _MINUS).any(axis=2)] *= -1
    units = (signs[:, 2 + _KINDS * WIDE :].astype(np.float32) - NOUGHT) * np.float32(common["=step"][0])
    votes = np.array([list(map(float, common[f"={one.name.lower()}"])) for one in Assertion], np.float32)
    return Weights(
        {line[:-tail]: number for number, line in enumerate(features)},
        np.concatenate([linear, units], axis=1),
        np.array(list(map(float, common["=thresholds"])), np.float32),
        np.ascontiguousarray(votes.T),
    )


def sums(seen: Iterable[str]) -> list[float]:
    """Return what speaks for each assertion: logarithms of odds, up to a constant."""
    net = weights()
    known = net.numbers
    found = {0}
    found.update(filter(None, map(known.get, seen)))
    total: list[float] = _sums(net, net.rows[list(found)].sum(axis=0)).tolist()
    return total


def _sums(net: Weights, added: Floats) -> Floats:
    import numpy as np

    units = np.maximum(added[_KINDS:] + net.thresholds, np.float32(0))
    return np.asarray(added[:_KINDS] + units @ net.votes, np.float32)


def decide(total: Sequence[float]) -> Assertion:
    """Return the assertion that the most speaks for; of equals the weakest."""
    return max(Assertion, key=lambda one: (total[one], -one))


def without(seen: Sequence[str], groups: Sequence[frozenset[str]]) -> list[list[float]]:
    """Return the sums that would be were each of the groups of features not there."""
    net = weights()
    known = net.numbers
    there = {name: known[name] for name in seen if known.get(name)}
    whole = net.rows[[0, *there.values()]].sum(axis=0)
    out: list[list[float]] = []
    for group in groups:
        gone = [number for name, number in there.items() if name in group]
        out.append(_sums(net, whole - net.rows[gone].sum(axis=0)).tolist())
    return out
