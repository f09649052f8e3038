"""Where a sentence begins and ends: full stops that are none, lines ended on purpose and lines ended by the page."""

from __future__ import annotations

import re

_SHORT_LINE = 25  # bytes: a line ended so early was ended on purpose, not by the width of the page
_ENDS = re.compile(rb"[.!?](?=[ \n]|$)|;(?=[ \n]|$)(?![ ]?(?i:neg|pos))|\n")
_ABBREVIATED = re.compile(
    rb"(?i)(?:^|[^a-z0-9])(?:drs?|prs?|mm?|mme|mlle|atcds?|fam|pos|neg|cf|env|bd|st|ste|tel|no|art|appendic|sem|min"
    rb"|max|cp"
    rb"|cpr|gel|inj|trt|ttt|etc|sd|chir|med|gyn|obst|hosp|cs|consult|serol|diag|diab|chron|dt|resp|card|ren|inf|sup"
    rb"|ant|post"
    rb"|dr|gche|moy|mod|prob|poss|susp|presc|prescr|p\.ex|ex|vs|j|h|n|p|s)\.$"
)
_JOINING = (
    rb"(?:du|des?|et|ou|ni|aux?|en|par|pour|avec|sous|sur|dans|chez|est|ne|qui|que|ete|vers|dont|entre|lors|afin|jusqu"
    rb"|DU|DES?|ET|OU|NI|AUX?|EN|PAR|POUR|AVEC|SOUS|SUR|DANS|CHEZ|EST|NE|QUI|QUE|ETE|VERS|DONT|ENTRE|LORS|AFIN|JUSQU)"
)
_BEFORE_NOUN = (
    rb"(?:a|d|l|la|les?|une?|sans|se|sa|son|ses|cette|ce|plus|tres|depuis"
    rb"|LA|LES?|UNE?|SANS|SA|SON|SES|CETTE|CE|DEPUIS)"
)
_OPEN_END = re.compile(
    rb"(?:[,('/]|[a-z]-|(?:^|[ \n'])(?:" + _JOINING + rb"|" + _BEFORE_NOUN + rb"|[Dd]rs?|[Mm]me|[Dd]octeur))[ ]*$"
)
_GOES_ON = re.compile(
    rb"\n[ ]{0,40}(?:" + _JOINING + rb"(?=[ '\n])|[dln]'|a |(?:neg[a-z]*|pos(?:iti[a-z]*)?|sevree?)(?![a-z])"
    rb"|(?:NEG[A-Z]*|POS(?:ITI[A-Z]*)?|SEVREE?)(?![A-Z])|[),:;])"
)
_ASKED = re.compile(rb"[A-Za-z0-9)\"] {0,2}\Z")
_BULLET = re.compile(rb"\n[ ]{0,40}(?:[-*>+][ -]?|\[|[0-9]{1,2}[ ]?[.)/](?=[ ])|\n|$)")
_LABELLED = re.compile(rb"[A-Za-z][A-Za-z .]{1,24}:")
_SMALL = re.compile(rb"\n[ ]{0,40}[a-z]")


def sentence(
    folded: bytes, normal: bytes, start: int, end: int, before: int, after: int, lines: dict[int, bool] | None = None
) -> tuple[int, int]:
    """Return the bounds of the sentence round [start, end), at most so many bytes to either side.

    A newline in `normal` ends every sentence: there it separates cells. `lines` remembers, for one `folded`, which line
    ends separate: facts stand close together.
    """
    lines = {} if lines is None else lines
    low, high = max(0, start - before), min(len(folded), end + after)
    low = max(low, normal.rfind(b"\n", low, start) + 1)
    stop = normal.find(b"\n", end, high)
    high = stop if stop >= 0 else high
    for mark in _ENDS.finditer(folded, low, start):
        if _ends(folded, mark, lines):
            low = mark.end()
    for mark in _ENDS.finditer(folded, end, high):
        if _ends(folded, mark, lines):
            return low, mark.end() if mark.group() == b"?" else mark.start()
    return low, high


def _ends(folded: bytes, mark: re.Match[bytes], lines: dict[int, bool]) -> bool:
    at = mark.start()
    if mark.group() == b"\n":
        ends = lines.get(at)
        if ends is None:
            ends = lines[at] = ends_line(folded, at)
        return ends
    if mark.group() == b"?":
        return _ASKED.search(folded[max(0, at - 3) : at]) is not None  # not one that is put before a fact
    if mark.group() == b"." and folded[at - 1 : at] in (b".", b" "):
        return False  # leaders between columns
    return mark.group() != b"." or not _ABBREVIATED.search(folded[max(0, at - 9) : at + 1])


def _in_column_gap(folded: bytes, at: int) -> bool:
    """Whether a newline lies between two columns of one line: among many blanks, no line empty."""
    before, after = folded[max(0, at - 60) : at], folded[at : at + 100]
    left, right = before.rstrip(b" \n"), after.lstrip(b" \n")
    blanks = before[len(left) :] + after[: len(after) - len(right)]
    if blanks.count(b" ") < 6 or b"\n\n" in blanks or blanks[:1] == b"\n" or blanks[-1:] == b"\n":
        return False
    return left[-1:] not in b".:;!?" and right[:1] not in b"-*>+" and _LABELLED.match(right) is None


def _indent(folded: bytes, begun: int) -> int:
    line = folded[begun : begun + 40]
    return len(line) - len(line.lstrip(b" "))


def ends_line(folded: bytes, at: int) -> bool:
    """Whether a newline separates what stands before it from what follows, and does not only wrap a sentence."""
    if _in_column_gap(folded, at):
        return False
    if _BULLET.match(folded, at):
        return True
    begun = folded.rfind(b"\n", max(0, at - 400), at) + 1
    line = folded[max(begun, at - 40) : at].rstrip()
    if not line or line[-1:] in b".:;!?":
        return True
    indent = _indent(folded, begun)
    if indent > 1 and _indent(folded, at + 1) == indent and line[-1:] not in b",(":
        return True  # the page does not indent what it wraps
    if _OPEN_END.search(line) or _GOES_ON.match(folded, at):
        return False
    return at - begun < _SHORT_LINE or _SMALL.match(folded, at) is None
