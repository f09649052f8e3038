"""Signatures: who signs what they write of their own health stands below it, and all of the message is theirs."""

from __future__ import annotations

from collections.abc import Sequence

from phiscan.link.groups import Group
from phiscan.recognize.firstperson import signs
from phiscan.recognize.recognizer import LISTED
from phiscan.recognize.text import Found


def signed(groups: Sequence[Group], found: Found) -> None:
    """Let the record of whoever signs begin with the message, or behind whoever else is named as a patient in it."""
    ends = {span.start: span.end for span in found.spans if span.evidence & LISTED}
    since = 0
    for group in groups:
        if group.own and group.first in ends and signs(group.first, ends[group.first], found.folded, found.normal):
            group.start = since
        if group.own or group.identity.strong:
            since = group.end
