"""Headers and labels: what the name of a column, or the label before a value, says about it.

The same vocabulary serves both: `NUM_SECU` over a column, `N° sécu :` in a letter. A name is
compared in its *key* form (folded, lower case, letters and digits only, the many ways to write
"number" made one); words for other people in it (médecin, père) change whose value it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from phiscan.fold import fold_str
from phiscan.model import Role

_MAIDEN = re.compile(r"(?i)jeune[ _]?fille|nom[ _]?(?:d[ '_])?(?:epou(?:x|se)|mari)(?![a-z])")  # the patient's own
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ENDING = re.compile(r"\((?:e|s|es|se|ve|ne|trice|x)\)", re.IGNORECASE)  # né(e), prénom(s), époux(se)
_NUMBER = {"num": "n", "numero": "n", "no": "n", "nr": "n", "nro": "n", "n": "n"}
# Names by marriage and by birth are one's own, whatever the words.
_OWN = {
    ("nom", "epoux"), ("nom", "epouse"), ("nom", "mari"), ("nom", "jeune", "fille"), ("jeune", "fille"),
    ("nom", "fille"),
}  # fmt: skip
# Words that sentences have and names have not: what a glob lets in before a colon has to be a name still.
_OF_SENTENCES = frozenset("est sont etait etaient ete qui que dont mais car donc".split())
_BREAK = re.compile(r",|[a-z]{5}\. [A-Z]")  # a comma, the end of a sentence
_MEASURE = re.compile(r"[0-9]{2,3}")  # "DFG 45 :": what follows is not the value
_SMALL = {"de", "du", "la", "le", "les", "des", "d", "l", "et", "en", "au", "a"}


@lru_cache(maxsize=1 << 14)
def tokens(name: str) -> tuple[str, ...]:
    """Return the lower-case words of a header or label, number words made one.

    >>> tokens("N° Sécu_soc"), tokens("DateNaiss"), tokens("TEL_DU_MEDECIN")
    (('n', 'secu', 'soc'), ('date', 'naiss'), ('tel', 'medecin'))
    """
    spaced = _CAMEL.sub(" ", _ENDING.sub("", name.replace("°", "o ")))
    words = re.findall(r"[a-z0-9*]+", fold_str(spaced).lower())
    return tuple(_NUMBER.get(word, word) for word in words if word not in _SMALL)


def key(name: str) -> str:
    """Return the form in which names are compared: the tokens joined.

    >>> key("N° Sécu"), key("n_secu"), key("NUM SECU")
    ('nsecu', 'nsecu', 'nsecu')
    """
    return "".join(tokens(name))


@dataclass(frozen=True, slots=True)
class FieldRef:
    """What a known header leads to: a recognizer (its index) and a part of it ("" = the whole)."""

    recognizer: int
    part: str


class HeaderIndex:
    """Every header of every recognizer, found by key; exact ones by dictionary, globs by one pattern each."""

    def __init__(self) -> None:
        self._exact: dict[str, list[FieldRef]] = {}
        self._words: dict[str, set[tuple[str, ...]]] = {}
        self._among: set[str] = set()
        self._stems: dict[str, list[FieldRef]] = {}  # what stands in globs
        self._globs: list[tuple[re.Pattern[str], int, int, FieldRef]] = []  # with the length and the words of their key
        self._roles: dict[Role, tuple[set[str], tuple[str, ...]]] = {}
        self._any_glob: re.Pattern[str] | None = None
        self._found: dict[tuple[str, int | None], tuple[tuple[FieldRef, ...], Role]] = {}

    def freeze(self) -> None:
        """Nothing more is added: join the globs into one pattern that tells quickly when none applies."""
        self._any_glob = re.compile("|".join(pattern.pattern for pattern, *_ in self._globs) or r"(?!)")
        self._found.clear()

    def add(self, written: str, ref: FieldRef) -> None:
        """Add one header as a recognizer writes it (`*` matches anything)."""
        form = key(written)
        if "*" in form:
            pattern = re.compile(re.escape(form).replace(r"\*", ".*"))
            words = tokens(written.replace("*", ""))
            self._globs.append((pattern, len(form), len(words), ref))
            self._words.setdefault("".join(words), set()).add(words)
            self._stems.setdefault("".join(words), []).append(ref)
        elif form:
            words = tokens(written)
            self._words.setdefault(form, set()).add(words)
            self._among.update(words if len(words) > 1 else ())
            if ref not in self._exact.setdefault(form, []):
                self._exact[form].append(ref)

    def add_role(self, role: Role, words: Iterable[str]) -> None:
        """Add words that make a name somebody else's; `*` at the end matches any ending."""
        exact, prefixes = self._roles.get(role, (set(), ()))
        forms = [key(word) for word in words]
        exact |= {form for form in forms if not form.endswith("*")}
        self._roles[role] = exact, (*prefixes, *(form[:-1] for form in forms if form.endswith("*")))

    def role(self, name: str) -> Role:
        """Return whose value a column or label of this name holds."""
        words = tokens(_MAIDEN.sub(" ", fold_str(name)))
        if words in _OWN:
            return Role.PATIENT
        joined = ["".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, min(i + 4, len(words)) + 1)]
        joined.sort(key=len, reverse=True)  # "responsable légal" tells more than "responsable"
        for word in joined:
            for role, (exact, prefixes) in self._roles.items():
                if word in exact or word.startswith(prefixes):
                    return role
        return Role.PATIENT

    def find(self, name: str, beyond: int | None = None) -> tuple[tuple[FieldRef, ...], Role]:
        """Return what `name` leads to, the best kind of match only, and whose it is.

        Tried in turn: the whole name; a glob; the name without the words of other people. A column's name is short
        whatever stands in it. Before a colon in a text there may be half a sentence, and `vaccin_*` is not "vaccin
        contre la grippe fait le 12/10, patient sous": there a glob lets in `beyond` words at most, of one phrase.
        """
        found = self._found.get((name, beyond))
        if found is None:
            if len(self._found) > 1 << 14:  # names come from scanned files: keep the memory bounded
                self._found.clear()
            found = self._found[name, beyond] = self._find(name, beyond)
        return found

    def _find(self, name: str, beyond: int | None) -> tuple[tuple[FieldRef, ...], Role]:
        words = tokens(name)
        if not "".join(words):
            return (), Role.PATIENT
        globs = beyond is None or not (_BREAK.search(name) or not _OF_SENTENCES.isdisjoint(words))
        role = self.role(name)
        refs = self._exact.get("".join(words)) or (self._by_glob(words, beyond) if globs else [])
        if not refs and role is not Role.PATIENT:
            rest = self._without_role(name, role)
            refs = self._exact.get("".join(rest)) or (self._by_glob(rest, beyond) if globs else [])
        return tuple(refs), role

    def _by_glob(self, words: tuple[str, ...], beyond: int | None) -> list[FieldRef]:
        form = "".join(words)
        if not form or self._any_glob is None or not self._any_glob.fullmatch(form):
            return []
        best = [(size, own, ref) for pattern, size, own, ref in self._globs if pattern.fullmatch(form)]
        longest = max((size for size, _, _ in best), default=0)
        return [ref for size, own, ref in best if size == longest and _is_name(words, own, beyond)]

    def known(self, name: str) -> bool:
        """Whether `name` is vocabulary, and may be shown; anything else may be a value."""
        return bool(self.find(name)[0])

    def _without_role(self, name: str, role: Role) -> tuple[str, ...]:
        exact, prefixes = self._roles[role]
        return tuple(w for w in tokens(name) if w not in exact and not w.startswith(prefixes))

    def exact(self, form: str) -> list[FieldRef]:
        """Return what a key form leads to by itself."""
        return self._exact.get(form, [])

    def beginning(self, start: str) -> Iterator[tuple[tuple[str, ...], list[FieldRef]]]:
        """Yield the words of the names that begin so, with what they lead to."""
        for known in (self._exact, self._stems):
            for form, refs in known.items():
                if form.startswith(start):
                    yield from ((words, refs) for words in self._words[form])

    def is_word(self, word: str) -> bool:
        """Whether known names hold this word beside others: it is whole, and cut from nothing."""
        return word in self._among

    def rest(self, name: str) -> str:
        """Return a name without the words for other people in it."""
        role = self.role(name)
        return name if role is Role.PATIENT else "".join(self._without_role(name, role))

    def labels(self) -> set[str]:
        """Return the exact key forms, for those who look for labels in text."""
        return set(self._exact)


def _is_name(words: tuple[str, ...], own: int, beyond: int | None) -> bool:
    """Whether a name of these words is one, where a glob has `own` words itself and lets in so many beyond."""
    more = len(words) - own
    return beyond is None or (more <= beyond and not (more > 0 and _MEASURE.fullmatch(words[-1])))
