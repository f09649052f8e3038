"""What the model looks at round a fact: words and signs near it, their kinds and reach, its line, what it stands under.

Each is a short text, so that `weights.tsv` can be read and `explain` can say which of them decided. None holds a value:
numbers are told by their length, facts by the first letters of their words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from phiscan.recognize.stated.around import around
from phiscan.recognize.stated.layout import FACT, Layout, sign, stem
from phiscan.recognize.stated.nature import natures
from phiscan.recognize.stated.sections import Under

_WORDS_NEAR = 25  # words looked at on either side, within the sentence
_LABEL_WITHIN, _AHEAD, _LONGEST_ROW = 60, 120, 2000  # bytes of a line: its label, what is near, a row of a table
_LINES_ABOVE = 40  # lines looked at for a heading
# How much a sign or word parts what stands before it from what stands behind it.
_BREAKS = {
    ",": 1, "/": 1, ":": 2, "(": 2, ")": 2, ">": 2, "->": 2, "|": 2, "?": 2, ";": 3, "\n": 3, "\n\n": 3, ".": 3,
    "!": 3, "mais": 2, "puis": 2, "donc": 2, "car": 2, "sauf": 2,
}  # fmt: skip
_PART = re.compile(r"[a-z]+|[0-9]+")
_CELL = re.compile(rb"^([^|:\n]{0,40}?)[ ]*([:|]|[ ]{3,})[ |.]*([^|\n]{1,30})")
_CELL_TOKEN = re.compile(rb"[a-z]+|[0-9]+|F+|~+|[?]+|[+]+|->|[^\sa-z0-9]")
_ONLY_FACTS = re.compile(rb"[F /,+()0-9]*(?:et|ou)?[F /,+()0-9]*")
_LABEL = re.compile(rb"[ >*|+-]*([a-z][a-z0-9 ().~/]{0,40}?) ?[:|]")
_BULLET = re.compile(rb"[ >|]*[-*.+][ ]")
_COLUMN_BEHIND = re.compile(rb" {3,}[a-z0-9]")
_CELL_BEFORE = re.compile(rb"([a-z0-9]{1,20})[ ]{0,60}(?:[:|]|[ ]{2})[ |:]{0,60}$")
_SAID = re.compile(rb"(?:  |[|])[ ]*(oui|non)[ ]{2}[^|]*$")
_WITH_NATURE = ("HK:", "hK:", "LBK:", "parK:", "NCKd=", "PCK=", "rowsaid")
_MARKS = frozenset(("\n", "\n\n", "-", "*", "."))


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact to be looked at: its place, its sentence's bounds, its words in normal form, and what is known of it."""

    start: int
    end: int
    low: int
    high: int
    words: str
    category: str
    under: Under
    value: bool  # only a label tells that it is a fact
    minus: bool
    ticked: str  # which box of its row is ticked: "oui", "non", or nothing


def features(layout: Layout, fact: Fact) -> list[str]:
    """Return what is to be seen of a fact, some of it twice."""
    named = {stem(word) if not word.isdigit() else "#" for word in _PART.findall(fact.words)}
    out = [f"c={fact.category}", *(f"f={word}" for word in sorted(named))]
    out.append("ft=" + re.sub(r"[0-9]+", "#", fact.words)[:40])
    if fact.value:
        out += ["value", f"value|{fact.category}"]
    if fact.minus:
        out += ["minus", f"minus|{fact.category}"]
    if fact.ticked:
        out.append(f"ticked={fact.ticked}")
    first, last = layout.token_at(fact.start) - 1, layout.token_at(fact.end)
    near_before, near_after = _neighbours(layout, fact, first, last)
    out += _next_to(near_before, near_after, fact.category)
    before = _walk(layout, range(first, -1, -1), fact, "B", out)
    after = _walk(layout, range(last, len(layout.tokens)), fact, "A", out)
    out += _beginning(layout, fact, first)
    place = len(out)
    out += _brackets(layout, fact, first)
    out += _line(layout, fact)
    out += _headings(layout, fact)
    near = [name for name in out[place:] if name.startswith(_WITH_NATURE) and name.count(":") < 3]
    near += (f"BKb:{kind}:{strongest}" for kind, (_, strongest) in before.items())
    near += (f"AKb:{kind}:{strongest}" for kind, (_, strongest) in after.items())
    near += (f"b1={near_before[0]}", f"a1={near_after[0]}", *([f"ticked={fact.ticked}"] if fact.ticked else ()))
    near += ("minus", f"minus|{fact.category}") if fact.minus else ()
    out += _section(fact, sorted(named), (near_before[0], near_after[0]), before, after)
    out += _natural(natures(_PART.findall(fact.words)), fact, near)
    out += around(layout, fact.start, fact.low, fact.high, fact.category, fact.under.name)
    return out


def _neighbours(layout: Layout, fact: Fact, first: int, last: int) -> tuple[list[str], list[str]]:
    """The stems of three tokens on either side, within the sentence."""
    before = [
        stem(layout.tokens[at]) if layout.places[at] >= fact.low else "<s>"
        for at in range(first, first - 3, -1)
        if at >= 0
    ]
    after = [
        stem(layout.tokens[at]) if layout.places[at] <= fact.high else "</s>"
        for at in range(last, min(last + 3, len(layout.tokens)))
    ]
    return (before + ["<s>"] * 3)[:3], (after + ["</s>"] * 3)[:3]


def _next_to(before: list[str], after: list[str], category: str) -> Iterator[str]:
    for number in range(3):
        yield f"b{number + 1}={before[number]}"
        yield f"a{number + 1}={after[number]}"
    yield f"b21={before[1]} {before[0]}"
    yield f"b321={before[2]} {before[1]} {before[0]}"
    yield f"a12={after[0]} {after[1]}"
    yield f"a123={after[0]} {after[1]} {after[2]}"
    yield f"b1a1={before[0]}_{after[0]}"
    yield f"b1c={before[0]}|{category}"
    yield f"a1c={after[0]}|{category}"


def _walk(layout: Layout, way: Iterable[int], fact: Fact, side: str, out: list[str]) -> dict[str, tuple[int, int]]:
    """Add the words of one side of the sentence; return how near each kind stands: words between, strongest break."""
    nearest: dict[str, tuple[int, int]] = {}
    strongest = words = 0
    seen: set[tuple[str, int]] = set()
    previous = ""
    for at in way:
        if not fact.low <= layout.places[at] <= fact.high or words > _WORDS_NEAR:
            break
        piece = layout.tokens[at]
        if piece == FACT:
            continue
        strongest = max(strongest, _BREAKS.get(piece, 0))
        if not piece.isalpha() and piece in _BREAKS:
            if piece == "?":
                nearest.setdefault("Q", (words, strongest))
            continue
        words += 1
        if piece[0] == "Y":
            nearest.setdefault(piece, (words, strongest))
        word = stem(piece)
        if piece.isalpha() and len(piece) > 1 and (word, strongest) not in seen:
            seen.add((word, strongest))
            out.append(f"{side}{strongest}:{word}")
            if len(piece) > 2:
                out.append(f"{side}:{word}")
        if previous and strongest < 2:
            out.append(f"{side}b:{word} {previous}" if side == "B" else f"{side}b:{previous} {word}")
        previous = word
        for kind in layout.kinds(piece):
            nearest.setdefault(kind, (words, strongest))
    for kind, (words, strongest) in nearest.items():
        out += [
            f"{side}K:{kind}",
            f"{side}K:{kind}:{_far(words)}:{strongest}",
            f"{side}Kb:{kind}:{strongest}",
            f"{side}Kc:{kind}:{fact.category}:{min(strongest, 2)}",
        ]
    return nearest


def _far(words: int) -> int:
    """How far a word stands, in steps."""
    return next(step for step, most in enumerate((0, 1, 3, 6, words)) if words <= most)


def _beginning(layout: Layout, fact: Fact, first: int) -> list[str]:
    """How the sentence begins."""
    at = layout.token_at(fact.low)
    if at > first:
        return ["S0"]
    opening = [stem(token) for token in layout.tokens[at : at + 5] if token not in _MARKS][:2]
    return [f"S1={opening[0]}", "S12=" + " ".join(opening)] if opening else []


def _brackets(layout: Layout, fact: Fact, first: int) -> list[str]:
    """What the bracket that a fact stands in follows."""
    depth = 0
    for at in range(first, -1, -1):
        if layout.places[at] < fact.low:
            return []
        depth += (layout.tokens[at] == ")") - (layout.tokens[at] == "(")
        if depth >= 0:
            continue
        out = ["par", f"par|{fact.category}", "par1=" + (stem(layout.tokens[at - 1]) if at else "<s>")]
        if at == first:
            out.append("parfirst")
        at -= 1
        while at >= 0 and layout.tokens[at] == FACT:
            at -= 1
        if at >= 0:
            out.append("parF=" + stem(layout.tokens[at]))
            for kind in layout.kinds(layout.tokens[at]):
                out += [f"parK:{kind}", f"parK:{kind}:{fact.category}"]
        return out
    return []


def _line(layout: Layout, fact: Fact) -> Iterator[str]:
    """The label and the cells of a fact's line."""
    number, begun = layout.line_of(fact.start)
    line, at = layout.lines[number], fact.start - begun
    head, ahead = line[: min(at, _LABEL_WITHIN)], line[max(0, at - _AHEAD) : at]
    behind = line[fact.end - begun : fact.end - begun + _AHEAD]
    label = _LABEL.match(head)
    if label:
        words = sorted(set(_PART.findall(label[1].decode("ascii"))))
        yield "LBf:" + re.sub(r"[0-9]+", "#", label[1].decode("ascii").strip())[:30]
        for word in words:
            yield f"LB:{stem(word)}" if word.isalpha() else "LB:#"
            for kind in layout.kinds(word):
                yield f"LBK:{kind}"
                yield f"LBK:{kind}:{fact.category}"
    piped = len(line) < _LONGEST_ROW and b"|" in line
    for name, found in (
        ("linestart", at <= _LABEL_WITHIN and not head.strip()),
        ("bullet", _BULLET.match(head)),
        ("col", ahead.endswith(b"   ") and ahead.strip()),
        ("colafter", _COLUMN_BEHIND.match(behind)),
        ("pipe", piped),
    ):
        if found:
            yield name
    yield from _next_cell(layout, behind, fact.category)
    yield from _cell_before(layout, ahead, fact.category)
    if piped:
        yield from _below(layout, number, line, line[:at])


def _cell(text: bytes, layout: Layout) -> list[str]:
    """The first two tokens of a cell."""
    return [sign(token, layout.latest) for token in _CELL_TOKEN.findall(text)[:2]]


def _next_cell(layout: Layout, behind: bytes, category: str) -> Iterator[str]:
    found = _CELL.match(behind)
    cell = _cell(found[3], layout) if found else []
    if found is None or not cell:
        return
    link = found[1].strip()
    near = "d" if _ONLY_FACTS.fullmatch(link) else "f" if len(link) < 30 else "x"
    kind_of_gap = "c" if found[2] == b":" else "t"
    word = stem(cell[0])
    yield f"NC{near}={word}"
    yield f"NC{near}{kind_of_gap}={word}|{category}"
    if len(cell) > 1:
        yield f"NC{near}2={word} {stem(cell[1])}"
    for kind in layout.kinds(cell[0]):
        yield f"NCK{near}={kind}"
        yield f"NCK{near}={kind}:{category}"


def _cell_before(layout: Layout, ahead: bytes, category: str) -> Iterator[str]:
    found = _CELL_BEFORE.search(ahead)
    if found:
        word = sign(found[1], layout.latest) if found[1].isdigit() else found[1].decode("ascii")
        yield f"PC={stem(word)}"
        yield f"PC={stem(word)}|{category}"
        for kind in layout.kinds(word):
            yield f"PCK={kind}"
    said = _SAID.search(ahead)
    if said:
        yield "rowsaid=" + said[1].decode("ascii")


def _below(layout: Layout, number: int, line: bytes, ahead: bytes) -> Iterator[str]:
    """What stands below a fact in the header of a table."""
    column = ahead.count(b"|")
    for below in layout.lines[number + 1 : number + 3]:
        cells = below.split(b"|")
        if len(cells) != line.count(b"|") + 1 or not cells[column].strip(b" -+"):
            continue
        word = (_cell(cells[column], layout) or ["-"])[0]
        yield f"DN={stem(word)}"
        for kind in layout.kinds(word):
            yield f"DNK={kind}"
        return


def _headings(layout: Layout, fact: Fact) -> Iterator[str]:
    """The nearest title with text behind it, and the nearest that stands alone on its line."""
    here, begun = layout.line_of(fact.start)
    distance, inline = 0, False
    for number in range(here, max(-1, here - _LINES_ABOVE), -1):
        heading = layout.headings[number]
        own = number == here and (heading is None or heading.alone or begun + 1 >= fact.start)
        if heading is not None and not own and (heading.alone or number == here or not inline):
            name = "H" if heading.alone else "h"
            for word in heading.stems:
                yield f"{name}:{word}"
                yield f"{name}:{word}:{0 if not distance else 1 if distance < 3 else 2 if distance < 10 else 3}"
            for kind in heading.kinds:
                yield f"{name}K:{kind}"
                yield f"{name}Kc:{kind}:{fact.category}"
            inline = True
            if heading.alone:
                return
        distance += 1 if layout.lines[number].strip() else 2


def _section(
    fact: Fact,
    named: list[str],
    beside: tuple[str, str],
    before: dict[str, tuple[int, int]],
    after: dict[str, tuple[int, int]],
) -> Iterator[str]:
    """The section, with what the fact is and the kinds near it; years and kinds behind it, with what it is."""
    under = fact.under.name
    yield f"u={under}"
    yield f"u=|{under}|{fact.category}"
    if fact.under is not Under.NOTHING:
        yield from (f"uf={under}|{word}" for word in named)
        yield f"ub={under}|{beside[0]}"
        yield f"ua={under}|{beside[1]}"
        yield from (f"uB:{under}:{kind}" for kind, (_, strongest) in before.items() if strongest < 2)
        yield from (f"uA:{under}:{kind}" for kind, (_, strongest) in after.items() if strongest < 2)
    for year in ("YY", "Y3", "Y1", "Y0"):
        if year in after and after[year][1] < 3:
            yield f"cy:{fact.category}:{year}"
            yield from (f"fy:{word}:{year}" for word in named)
    if named:
        yield from (f"fa:{kind}:{named[0]}" for kind, (_, strongest) in after.items() if strongest < 2)


def _natural(kinds: list[str], fact: Fact, near: list[str]) -> Iterator[str]:
    """What a fact is by nature, alone and with the kinds nearest to it, its label and its headings."""
    kinds = kinds or ["-"]
    yield "NN=" + "+".join(kinds)
    for kind in kinds:
        yield f"N={kind}"
        yield f"N={kind}|{fact.category}"
        yield f"Nu:{kind}:{fact.under.name}"
        yield from (f"N:{kind}:{name}" for name in near)
