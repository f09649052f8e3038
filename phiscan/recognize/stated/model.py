"""How a fact is stated, weighed: a small net over what `features` sees.

`weights.tsv` was trained by `python -m tests.eval.stated` on the labelled texts of this repository. A line is a feature
with what it adds, in hundredths, to each way of stating a fact, in the order of `Assertion`, and a letter for each
hidden unit: how much it adds there. Units that are above their threshold vote; the highest sum is it.
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
SCALE = 100
NOUGHT, MOST = 80, 46  # the letter of a unit's 0, and how many steps there are to either side
_KINDS = len(Assertion)


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
    features = [line.partition("\t") for line in lines if line[0] != "="]
    rows = [row.rpartition("\t") for _, _, row in features]
    # All numbers at once: one after the other they take half as long again as everything else.
    linear = np.fromstring("\t".join(numbers for numbers, _, _ in rows), np.float32, sep="\t")
    letters = np.frombuffer("".join(units for _, _, units in rows).encode(), np.uint8)
    units = (letters.reshape(len(rows), -1).astype(np.float32) - NOUGHT) * np.float32(common["=step"][0])
    votes = np.array([list(map(float, common[f"={one.name.lower()}"])) for one in Assertion], np.float32)
    return Weights(
        {name: number for number, (name, _, _) in enumerate(features)},
        np.concatenate([linear.reshape(len(rows), _KINDS) / SCALE, units], axis=1),
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
