"""The errors phiscan raises on purpose. Each message is one line: what, where, what to do."""

from __future__ import annotations

from typing import Literal

GapReason = Literal[
    "denied",
    "too_big",
    "timeout",
    "memory",
    "crash",
    "malformed",
    "undecodable",
    "unsupported",
    "vanished",
    "bomb",
    "exposure_unknown",
]


class PhiscanError(Exception):
    """Something went wrong that the operator can act on (exit status 1)."""

    status = 1


class UsageError(PhiscanError):
    """A flag, configuration, recognizer, rule or baseline is wrong (exit status 2)."""

    status = 2


class Unreadable(Exception):
    """Raised inside extraction when something cannot be read; becomes a `Gap`, never an exit.

    `detail` is a fixed phrase of ours, never the text of another library's exception:
    those quote the bytes they choked on.
    """

    def __init__(self, reason: GapReason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason: GapReason = reason
        self.detail = detail


class Encrypted(Exception):
    """Raised inside extraction when the content is encrypted: protected, and no gap."""


def origin(error: BaseException) -> str:
    """Return `module:line` of the deepest code of ours that `error` passed through: all that may be told of it."""
    place, trace = "", error.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if str(module).startswith("phiscan"):
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
