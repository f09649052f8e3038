"""How facts are stated, as an encoder reads them: a small transformer over windows of a passage.

`encoder.onnx` was trained by `python -m tests.eval.encoder`, which tells from what. It needs nothing but a processor:
one thread, whole numbers of eight bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phiscan.recognize.stated.pieces import pieces
from phiscan.recognize.stated.windows import Asked, Window, windows

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

ENCODER = Path(__file__).with_name("encoder.onnx")


@cache
def _session() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors
    return onnxruntime.InferenceSession(ENCODER.read_bytes(), options, providers=["CPUExecutionProvider"])


def read(text: str, facts: Sequence[Asked], latest: int) -> list[list[float]]:
    """Return for each fact the logarithm of how likely each assertion is, in the order of `Assertion`."""
    said: dict[int, list[float]] = {}
    for window in windows(text, facts, latest, pieces()):
        rows: list[list[float]] = _session().run(None, inputs(window))[0].tolist()
        for row, mark in zip(rows, [mark for mark in window.marks if mark.facts], strict=True):
            said.update(dict.fromkeys(mark.facts, row))
    return [said[at] for at in range(len(facts))]


def inputs(window: Window) -> dict[str, npt.NDArray[Any]]:
    """Return what the encoder is given: the pieces, what marks tell, where the facts asked begin and end."""
    import numpy as np

    size = len(window.pieces)
    category, under = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for mark in window.marks:
        category[mark.begin], under[mark.begin] = mark.category, mark.under
    asked = [mark for mark in window.marks if mark.facts]
    pool = np.zeros((len(asked), size), np.float32)  # the mean over a fact's pieces
    for row, mark in zip(pool, asked, strict=True):
        row[mark.begin + 1 : mark.end] = 1 / max(1, mark.end - mark.begin - 1)
    return {
        "ids": np.array(window.pieces, np.int64),
        "cat": category,
        "under": under,
        "begin": np.array([mark.begin for mark in asked], np.int64),
        "end": np.array([mark.end for mark in asked], np.int64),
        "pool": pool,
    }
