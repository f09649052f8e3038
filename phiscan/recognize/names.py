"""Names of people: a written name taken apart into birth name, name in use and first given name.

French habits: the surname in capitals, before or after the given name; "DUPONT née MARTIN"; a
civility before it. Where capitals do not tell, the list of first names does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from phiscan.recognize.persons import first_name

_CIVILITY = re.compile(
    r"(?i)^(?:m\.|mr\.?|mme\.?|mlle\.?|mlles?|monsieur|madame|mademoiselle|messieurs|enf\.?|enfant|bb\.?|bebe|dr\.?|docteur|"
    r"pr\.?|professeur|patiente?|m)(?:\s+|$)"
)
_BIRTH = re.compile(r"(?i)[\s,(]+(?:ne[e]?\(?e?\)?|njf|nom de naissance|epouse|ep\.?|epx|vve|veuve|divorcee?)[\s:]+")
_BORN = re.compile(r"(?i)\b(?:nee?|njf|naissance)\b")
_NULL = re.compile(
    r"(?i)^(?:x+|n[./]?[acrds]\.?|inconnue?|anonyme|test|tests|non renseignee?|neant|null|none|nan|sans|patient|nom|"
    r"prenom|\W*|a completer|vide|aucune?|indetermine|sous x|dupont test|"
    r"(?:nom|prenom|last ?name|first ?name)[ _-]?(?:(?:de |du )?(?:patiente?|famille|naissance|usuel|test)|prenom|nom)|"
    r"(?:patiente?[ _-]?tests?|tests?[ _-]?patiente?|specimen|exemple)(?:[ _-]?[0-9]{1,3})?)$"
)
_PARTICLES = frozenset(
    "de du des la le les d el al ben bin ait ould van von der den da dos do di del san saint ste st".split()
)


@dataclass(frozen=True, slots=True, repr=False)
class Name:
    """The parts of a name in canonical form: capitals, letters only; "" where unknown."""

    last: str = ""
    first: str = ""
    birth: str = ""

    def __repr__(self) -> str:
        return "<Name>"

    def __bool__(self) -> bool:
        return bool(self.last or self.first or self.birth)

    @property
    def key(self) -> str:
        """The name a person is counted by: birth name, else name in use, with the first given name."""
        family = self.birth or self.last
        return f"{family}/{self.first}" if family and self.first else ""


def canonical(name: str) -> str:
    """Return the letters of a folded name in capitals; "" for placeholders such as INCONNU.

    >>> canonical("Le Goff"), canonical("d'Ornano"), canonical("inconnu")
    ('LEGOFF', 'DORNANO', '')
    """
    letters = "".join(char for char in name.upper() if char.isalpha())
    return "" if is_null(name) or is_null(letters) else letters


def first_given(names: str) -> str:
    """Return the first of several given names, canonical: `Marie, Anne` and `MARIE ANNE` are MARIE."""
    if is_null(names):
        return ""
    words = re.split(r"[\s,;/]+", names.strip(" ,;"))
    return canonical(words[0]) if words and words[0] else ""


def is_null(name: str) -> bool:
    """Whether a name stands for nobody."""
    return _NULL.match(name.strip()) is not None


def parse_name(written: str) -> Name:
    """Take a full folded name apart.

    >>> parse_name("Mme DUPONT nee MARTIN Marie")
    <Name>
    >>> parse_name("Marie DUPONT").key, parse_name("LE GOFF Yann").key
    ('DUPONT/MARIE', 'LEGOFF/YANN')
    """
    text = re.sub(r"\s+", " ", written.strip(" ,.;:-"))
    while (stripped := _CIVILITY.sub("", text)) != text:
        text = stripped
    marker = _BIRTH.search(" " + text)
    if marker:
        return _with_birth(text, marker)
    last, first = _split(re.sub(r"[,;|]", " ", text).split())
    return Name(canonical(last), first_given(first))


def _with_birth(text: str, marker: re.Match[str]) -> Name:
    before, after = (" " + text)[: marker.start()].strip(), (" " + text)[marker.end() :].strip(" )")
    last, first = _split(before.split())
    other, first_after = _split(after.split()) if len(after.split()) > 1 else (after, "")
    first = first or first_after
    if not last and before:
        last = before
    born = _BORN.search(marker.group()) is not None
    birth, used = (other, last) if born else (last, other)
    return Name(canonical(used), first_given(first), canonical(birth))


def _split(words: list[str]) -> tuple[str, str]:
    """Return (surname, given names) of a name's words."""
    words = [word for word in words if any(char.isalpha() for char in word)]
    if len(words) < 2:
        return (words[0], "") if words else ("", "")
    capital = [word.isupper() and len(word.strip(".")) > 1 for word in words]
    if any(capital) and not all(capital):
        surname = [w for w, c in zip(words, capital, strict=True) if c or w.lower().strip("'") in _PARTICLES]
        given = [w for w in words if w not in surname]
        return " ".join(surname), " ".join(given)
    return _split_by_list(words)


def _split_by_list(words: list[str]) -> tuple[str, str]:
    known = [first_name(word) for word in words]
    if known[0] and not known[-1]:
        size = 1
        while size < len(words) - 1 and known[size]:
            size += 1
        return " ".join(words[size:]), " ".join(words[:size])
    size = 1
    while size < len(words) - 1 and not known[size]:
        size += 1
    return " ".join(words[:size]), " ".join(words[size:])
