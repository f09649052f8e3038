"""Labelled values in running text: `Nom : DUPONT`, `VIH;négatif`, a label with its value on the next line.

A label is any name of the header vocabulary before a colon, an equals sign, or a table-like separator; in forms
also one that stands apart at the beginning of a line, alone on its line, or over a column (*bare* labels, which
count only for identities). What follows, up to the next label, is its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from phiscan.model import Role
from phiscan.recognize.headers import FieldRef, HeaderIndex, tokens

# Forms align their labels or their values, over half a line; narrow lines end before a colon. ":=" is program code.
_SIGN = re.compile(rb"(?::(?!=)|(?<!:)=|[;|](?![ ]{0,3}[;|])|[.,_]{4,60}[ ]{0,3}:?|\.{3}(?=[ ]))[ ]{0,40}")
_BEFORE_SIGN = 130  # characters of white space at most, over three line ends
_STOP = re.compile(rb"[\n;|:=?!]|[ ]{3}")
_WORD = re.compile(rb"[^ ]+")
_MAX_LABEL = 60
_MAX_WORDS = 7
_MAX_VALUE = 160
# A name that is no whole one of the vocabulary (`vaccin_*`) begins where a line or a phrase does, and may have so many
# words more: amid a sentence, at the beginning of a phrase, of a line.
_MORE_WORDS = (0, 2, 3)
_OPENS_LINE = re.compile(rb"(?:\A|\n)[ ]{0,40}\Z")
_OPENS_PHRASE = re.compile(rb"(?:[;|:=?!.,()\[\]{}>*\"+/\-]|[ ]{2})[ ]{0,3}\Z")
_LINE_ENDS = 3  # between a label and its colon
_NEXT_LINE = re.compile(rb"[ ]*\n[ \n]{0,4}(?=[^\n ])|[ ]*\n[ ]{0,40}(?=[^\n ])")
_CODE = re.compile(r"[\[\]{}<>$\\@\"#!]|^'|'$|,(?! [A-Za-z]{3})|\((?![A-Za-z/ ]{1,20}\))")  # av[k], $nom, "name"
_IN_COMPANY = re.compile(r"(?<![A-Za-z])(?i:avec|accompagnee?|en presence) ")  # "vue avec son mari :" is no label
_SPEAKER = re.compile(  # of a chat, with the day and the hour: what is said is not their name
    rb"[0-9]{2}/[0-9]{2}(?:/[0-9]{2,4})?,?[ ](?:a[ ])?[0-2]?[0-9][:h][0-5][0-9](?::[0-5][0-9])?(?:\]|[ ]-)[ ]"
    rb"[A-Za-z][^\n:;|]{0,40}\Z"
)
_MOST_OF_SPEAKER = 70  # bytes, with day and hour
_ATTRIBUTE = re.compile(r"[A-Za-z0-9_]\.[A-Za-z_]{3}")  # self.nom = x
# As the reader of XML writes attributes.
_XML = re.compile(r"((?:author |contact )?[\w.\-]{1,40})@([\w.\-]{1,40})", re.ASCII)
_NEAR = 400  # bytes around an attribute in which the others of its element stand
_TELLING = re.compile(rb"[0-9]{1,2}[/.\-][0-9]{1,2}[/.\-][0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|[0-9]{13,15}")
_VALUE_END = re.compile(rb"[\n;|]|[ ]{4}")
_APART = re.compile(rb"^[ ]{0,12}(?P<name>[A-Z][A-Za-z'./() ]{1,40}?)[ ]{2,40}(?=[A-Z0-9+])", re.MULTILINE)
_INLINE = re.compile(
    rb"(?:^|(?<=[ ]{2}))(?P<name>(?:NOM|Nom)(?:[ ](?i:de[ ]naissance|nais(?:s(?:ance)?)?\.?|de[ ]jeune[ ]fille|jf"
    rb"|patronymique|d'usage|usuel|marital|utilise|d'epouse?))?"
    rb"|(?:PRE|Pre)(?:NOM|nom)(?:[sS]|\([sS]\))?)[ ]{1,40}(?=[A-Z][A-Za-z'])",
    re.MULTILINE,
)
# "Nom LE GOFF Prénom Anne": one space before the second label will do, since the first has made a form of the line.
_GIVEN = re.compile(
    rb"^[ ]{0,12}(?:NOM|Nom)[ ]{1,4}[A-Z][A-Za-z' \-]{1,40}[ ]"
    rb"(?P<name>(?:PRE|Pre)(?:NOM|nom)[sS]?)[ ]{1,40}(?=[A-Z][A-Za-z'])",
    re.MULTILINE,
)
_LINE = re.compile(rb"^[^\n]*$", re.MULTILINE)
_CELL = re.compile(rb"[^ |\n](?:[^ |\n]|[ ](?![ |]))*")
_NUMBERED = re.compile(r"^ {0,8}(?:[0-9IVX]{1,4}|[A-H])[.)\-] ?[.)\-]? ?")
_HEADING = re.compile(rb"^[ ]{0,12}[A-Za-z0-9][A-Za-z0-9_'./()\- ]{2,50}:?[ ]*$", re.MULTILINE)
_BLANKS = re.compile(rb"[ ]*")
_LESS_INDENTED = {size: re.compile(rb"^[ ]{0,%d}[^ \n]" % size, re.MULTILINE) for size in range(13)}
_MOST_OF_HEADING = 6  # words
# What headings of forms say besides whose part of the form begins.
_OF_HEADINGS = frozenset(
    "identification identite coordonnees renseignements informations concernant relatifs volet cadre partie "
    "remplir reserve par cachet signature nom traitant traitante prescripteur declarant certificateur l son sa "
    "votre legal legale personne confiance prevenir contacter assure sante professionnel "
    "created updated modified uploaded by"
    .split()
)


@dataclass(slots=True, repr=False)
class Label:
    """A label found in text: where it stands, where its value does, and what it leads to."""

    start: int
    separator: int
    value: int
    end: int
    refs: tuple[FieldRef, ...]
    role: Role
    column: bool  # separated by ; or |
    bare: bool = False  # nothing but its place makes it a label
    limit: int = 0  # where the next label begins


def find_labels(folded: bytes, headers: HeaderIndex) -> list[Label]:
    """Return the labels of a text whose names are in the vocabulary, in order."""
    found: dict[int, Label] = {}
    for match in _SIGN.finditer(folded):
        label = _label_before(folded, match, headers)
        if label is not None:
            found.setdefault(label.start, label)
    for label in _bare(folded, headers):
        found.setdefault(label.start, label)
    labels = sorted(found.values(), key=lambda label: label.start)
    _end_values(folded, labels)
    _under_headings(folded, labels, headers)
    return labels


def _end_values(folded: bytes, labels: list[Label]) -> None:
    for index, label in enumerate(labels):
        following = labels[index + 1].start if index + 1 < len(labels) else len(folded)
        label.limit = following if following >= label.value else label.end
        if label.end == label.value:
            label.end = _value_end(folded, label, following)


def _label_before(folded: bytes, match: re.Match[bytes], headers: HeaderIndex) -> Label | None:
    before = folded[max(0, match.start() - _BEFORE_SIGN) : match.start()]
    white = len(before) - len(before.rstrip(b" \n"))
    stop = match.start() - white
    broken = folded.count(b"\n", stop, match.start())
    sign = match.group().strip()
    column = sign in (b";", b"|")
    if broken > _LINE_ENDS or (broken and column):
        return None
    low = max(0, stop - _MAX_LABEL)
    for cut in _STOP.finditer(folded, low, stop):
        low = cut.end()
    words = [word.start() for word in _WORD.finditer(folded, low, stop)]
    # A table-like separator follows every cell: only a whole cell can be a label there.
    somebody: Label | None = None
    for start in words[:1] if column else words[-_MAX_WORDS:]:
        name = folded[start:stop].decode("ascii")
        attribute = _XML.fullmatch(name) if sign == b":" else None
        if attribute and _OPENS_LINE.search(folded, max(0, start - 41), start):
            refs, role = _of_attribute(attribute, folded, start, headers)
            value = match.end()
            return Label(start, stop, value, value, refs, role, False) if refs else None
        if not any(char.isalpha() for char in name) or _CODE.search(name):
            continue
        if sign == b"=" and _ATTRIBUTE.search(name):
            continue
        refs, role = headers.find(name)
        if refs and not column:
            refs, role = headers.find(name, _more_words(folded, start))
        if refs or (role is not Role.PATIENT and somebody is None and not column):
            value = _value_start(folded, match.end())
            label = Label(start, stop, value, value, refs, role, column)
            if refs:
                return label
            if _IN_COMPANY.search(name) or _SPEAKER.search(folded, max(0, stop - _MOST_OF_SPEAKER), stop):
                return None
            somebody = label  # it only says whose the value is (`Biologiste resp. :`), and so that it may be a name
    return somebody


def _of_attribute(
    name: re.Match[str], folded: bytes, start: int, headers: HeaderIndex
) -> tuple[tuple[FieldRef, ...], Role]:
    """What an attribute of XML leads to, with its element's name or without it.

    `nom` is what anything is called (a service, a product), and colleagues have given names too: alone they are a
    patient's where the element has both, and a date or a number as long as a NIR.
    """
    element, attribute = name.groups()
    refs, role = headers.find(f"{element} {attribute}")
    if refs:
        return refs, role
    refs, _ = headers.find(attribute)
    if any(ref.part in ("last_name", "first_name") for ref in refs):
        others = re.compile(rb"(?m)^%s@([\w.\-]{1,40}): ([^\n]{1,60})" % re.escape(element.encode("ascii")))
        beside = others.findall(folded[max(0, start - _NEAR) : start + _NEAR])
        parts = {ref.part for other, _ in beside for ref in headers.find(other.decode("ascii"))[0]}
        if "first_name" not in parts or not any(_TELLING.fullmatch(value.strip()) for _, value in beside):
            return (), role
    return refs, role


def _more_words(folded: bytes, start: int) -> int:
    before = folded[max(0, start - 41) : start]
    if _OPENS_LINE.search(before):
        return _MORE_WORDS[2]
    return _MORE_WORDS[1 if _OPENS_PHRASE.search(before) else 0]


def _value_start(folded: bytes, position: int) -> int:
    following = _NEXT_LINE.match(folded, position)
    return following.end() if following else position


def _value_end(folded: bytes, label: Label, limit: int) -> int:
    end = min(label.value + _MAX_VALUE, max(label.value, limit), len(folded))
    stop = _VALUE_END.search(folded, label.value, end)
    return stop.start() if stop else end


def _bare(folded: bytes, headers: HeaderIndex) -> Iterator[Label]:
    """Labels without a colon: set apart from their value, alone on the line before it, or heads of columns."""
    for match in [*_APART.finditer(folded), *_INLINE.finditer(folded), *_GIVEN.finditer(folded)]:
        refs, role = headers.find(match["name"].decode("ascii"))
        following = _CELL.match(folded, match.end())
        if refs and not (following and _is_label(following.group(), headers)):
            yield Label(match.start("name"), match.end("name"), match.end(), match.end(), refs, role, False, True)
    before: list[re.Match[bytes]] = []
    for line in _LINE.finditer(folded):
        first = _CELL.search(folded, line.start(), line.end())
        if not before and (first is None or not _is_label(first.group(), headers)):
            continue
        cells = list(_CELL.finditer(folded, line.start(), line.end()))[:12]
        if before and cells:
            yield from _over(before, cells, headers)
        known = 0 < len(cells) <= 8 and all(_is_label(cell.group(), headers) for cell in cells)
        before = cells if known else []


def _is_label(cell: bytes, headers: HeaderIndex) -> bool:
    return len(cell) <= 40 and 65 <= cell[0] <= 90 and cell[-1:] != b"," and bool(headers.find(cell.decode("ascii"))[0])


def _over(heads: list[re.Match[bytes]], cells: list[re.Match[bytes]], headers: HeaderIndex) -> Iterator[Label]:
    """Labels over their values, column by column."""
    labelled = any(b":" in cell.group() or _is_label(cell.group(), headers) for cell in cells)
    if labelled or len(heads) != len(cells):
        return
    for head, cell in zip(heads, cells, strict=True):
        refs, role = headers.find(head.group().decode("ascii"))
        yield Label(head.start(), head.end(), cell.start(), cell.end(), refs, role, False, True)


def _under_headings(folded: bytes, labels: list[Label], headers: HeaderIndex) -> None:
    """Labels under a heading that names somebody else (`MÉDECIN TRAITANT`) are theirs, to the next blank line.

    Where they are indented below it, as the lines of JSON are, they are so only as far as that.
    """
    plain = [label for label in labels if label.role is Role.PATIENT]
    for match in _HEADING.finditer(folded) if plain else ():
        role = _heading_role(match.group().decode("ascii"), headers)
        if role is Role.PATIENT:
            continue
        begun = match.end()
        while folded[begun : begun + 1] == b"\n":
            begun += 1
        stop = folded.find(b"\n\n", begun)
        below = _LESS_INDENTED.get(_indent(folded, match.start()))
        if match.group().endswith(b":") and below and _indent(folded, begun) > _indent(folded, match.start()):
            further = below.search(folded, begun, stop if stop >= 0 else len(folded))
            stop = further.start() if further else stop
        for label in plain:
            if begun <= label.start and (stop < 0 or label.start < stop):
                label.role = role


def _indent(folded: bytes, start: int) -> int:
    return len(_BLANKS.match(folded, start).group())  # type: ignore[union-attr]


def _heading_role(line: str, headers: HeaderIndex) -> Role:
    name = _NUMBERED.sub("", line).strip(" :")
    role = headers.role(name)
    words = tokens(name)
    if role is Role.PATIENT or len(words) > _MOST_OF_HEADING:
        return Role.PATIENT
    # A letterhead names a hospital: a heading of a form says nothing besides whose part begins.
    other = [word for word in words if word not in _OF_HEADINGS and headers.role(word) is not role]
    return Role.PATIENT if other else role
