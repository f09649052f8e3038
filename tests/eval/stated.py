"""Trains the net that sees signs near a fact, and measures it on authors it was not trained on.

    python -m tests.eval.stated                  trains on everything, writes `phiscan/recognize/stated/weights.tsv`
    python -m tests.eval.stated --unseen c d e   leaves these authors out, and tells how their facts are told

The labelled facts are those of `families/dev`, of `wordings/` and of `letters/`; `families/held` is never read here.
What learns from them is in `net.py`. The encoder beside the net is trained by `encoder.py`.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from unittest.mock import patch

import numpy as np

from phiscan.fold import compose, fold
from phiscan.link.text import TextLinker
from phiscan.model import Assertion, Kind, Text
from phiscan.recognize.prose import Page
from phiscan.recognize.spans import Span
from phiscan.recognize.stated.layout import stem
from phiscan.recognize.stated.model import MOST, NOUGHT, SCALE, WEIGHTS, WIDE, decide
from phiscan.recognize.text import Found
from tests.eval import reading
from tests.eval.documents import HEALTH, Document, documents
from tests.eval.net import Numbers, trained
from tests.eval.noise import spoil
from tests.eval.wordings import letters, wordings
from tests.generate import names

# Prefixes of families; all others are by the first three.
_AUTHORS = ("a", "b", "c", "d", "e", "h", "h2", "i", "j", "k")
_NOISES = {"plain": 0.6, "narrow": 0.4}  # conditions that documents are read in, and what a fact counts in each
_OF_FAMILIES = 3.0  # how often their facts count for the net: letters are far more, and of other hands
_FOUND_IN = ("plain", "plain", "plain", "narrow", "scanned")  # conditions that letters are read in, in turn
_TEXTS = 8  # of so many texts a feature must be, to be learnt
_LEAST = 0.35  # the most that a feature may move: one that moves less is left out, nothing is told otherwise for it
_KINDS = len(Assertion)
_WORD = re.compile(r"[^\W\d_]+")
_CALLED = re.compile(  # the words behind a civility or a label, with a capital
    r"(?<!\w)(?:M\.|MM\.|Mr|Mme|MME|Mlle|Dr|DR|Pr|Me|Docteur|Professeur|Monsieur|Madame|Mademoiselle|[Nn]ée?|[ÉEée]pouse|"
    r"N[Oo][Mm]|Pr[ée]nom|PRENOM)(?!\w)[ .:]{1,4}((?:[^\W\d_a-zà-ÿ][\w’'-]+[ ]?){1,4})"
)
_CALLED_SO, _LARGE = 0.2, 5  # a word is a name that is one so often, and begins with a capital so many times for once


@dataclass(frozen=True, slots=True)
class Labelled:
    """A passage whose facts are labelled, by number: what each counts, by whom it is and in which text it stands."""

    page: Page
    stated: dict[int, Assertion]
    weight: float
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled fact: what is seen of it, how it is stated, what it counts, by whom and in which text it stands."""

    seen: frozenset[str]
    stated: Assertion
    weight: float
    author: str
    text: str


def labelled() -> Iterator[Labelled]:
    """Yield all passages. The models that ship have no say in it: they may be of another form.

    Letters are read twice: with the facts that their authors marked, and with those that are found in them.
    """
    for number, one in enumerate(wordings()):
        yield Labelled(one.page(), dict(enumerate(one.stated)), one.weight, "wordings", f"wording {number}")
    for number, (author, one) in enumerate(letters()):
        yield Labelled(one.page(), dict(enumerate(one.stated)), 1.0, author, f"letter {number}")
        if one.text.startswith("<"):  # markup is read without its tags
            continue
        letter = one.document(f"letter {number}")
        for page, stated in passages(spoil(letter, _FOUND_IN[number % len(_FOUND_IN)])):
            yield Labelled(page, stated, 1.0, author, f"letter {number}")
    for document in documents("dev", 1):
        prefix = document.family.split("_")[0]
        author = prefix if prefix in _AUTHORS else "first"
        for noise, weight in _NOISES.items():
            for page, stated in passages(spoil(document, noise)):
                yield Labelled(page, stated, weight, author, document.family)


def examples(given: Iterable[Labelled]) -> list[Example]:
    """Return the labelled facts of passages."""
    return [
        Example(frozenset(one.page.seen(at)), stated, one.weight * often, one.author, one.text)
        for one in given
        for often in [1.0 if one.text.startswith(("letter ", "wording ")) else _OF_FAMILIES]
        for at, stated in one.stated.items()
    ]


class _Pages(reading.Watcher):
    """Keeps the passages as the models see them, and where the hits stand that their facts become."""

    def __init__(self, text: str) -> None:
        super().__init__(reading.shipped()[0], text)
        self.pages: list[Page] = []
        self.where: dict[int, tuple[int, int]] = {}  # of a hit: the passage, and the number of the fact there

    def text(self, found: Found, chunk: Text, linker: TextLinker) -> None:
        first = len(self.hits)
        super().text(found, chunk, linker)
        kinds = [self.ruleset.recognizers[span.recognizer] for span in found.spans]
        facts = [at for at, one in enumerate(kinds) if one.kind is Kind.HEALTH and one.category != "exam_date"]
        if not chunk.prose or not facts:
            return
        numbers: dict[int, int] = {}  # of the hit that a span has become
        for at, span in enumerate(found.spans):
            if not self.is_nobodys(span):
                numbers[at] = first + len(numbers)
        spans = [found.spans[at] for at in facts]
        categories = [kinds[at].category for at in facts]
        for number, at in enumerate(facts):
            if not found.coded[at]:
                self.where[numbers[at]] = len(self.pages), number
        self.pages.append(Page(compose(chunk.text), found.folded, found.normal, spans, categories))


def _unweighed(_text: str, _folded: bytes, _normal: bytes, spans: Sequence[Span], _: Sequence[str]) -> list[Assertion]:
    return [Assertion.AFFIRMED] * len(spans)


def passages(document: Document) -> Iterator[tuple[Page, dict[int, Assertion]]]:
    """Yield the passages of a document, and how each labelled fact is stated: the hit that covers most of its mark."""
    pages = _Pages(document.text)
    with patch("phiscan.recognize.prose.qualify_prose", _unweighed):
        reading.scanned(document.path, document.text.encode(), pages)
    stated: dict[int, dict[int, Assertion]] = {}
    for mark in document.marks:
        for category in HEALTH.intersection(mark.categories):
            over = [
                (min(hit.end, mark.end) - max(hit.start, mark.start), -number)
                for number, hit in enumerate(pages.hits)
                if hit.category == category and hit.start < mark.end > mark.start < hit.end
            ]
            if over and not mark.optional and (where := pages.where.get(-max(over)[1])):
                stated.setdefault(where[0], {})[where[1]] = mark.assertion
    for number, page in enumerate(pages.pages):
        yield page, stated.get(number, {})


class Model:
    """A net, and the features that it knows."""

    def __init__(self, given: Sequence[Example]) -> None:
        self.names = ["", *learnt(given)]
        self._number = {name: at for at, name in enumerate(self.names)}
        stated = np.array([one.stated for one in given])
        weights = np.array([one.weight for one in given], np.float32)
        self.net = trained(self._rows(given), stated, weights, len(self.names))

    def _rows(self, given: Iterable[Example]) -> list[Numbers]:
        known = self._number
        return [np.array([0, *sorted(known[f] for f in one.seen if f in known)]) for one in given]

    def decide(self, given: Sequence[Example]) -> Numbers:
        """Return the assertion of each example."""
        return np.array([decide(total) for total in self.net.sums(self._rows(given))])

    def lines(self) -> Iterator[str]:
        """Yield what is common to all features, then a line for each that matters, in order."""
        net = self.net
        rows = net.rows.copy()
        rows[0, :_KINDS] += net.base
        rows[:, :_KINDS] -= rows[:, :_KINDS].mean(axis=1, keepdims=True)
        step = float(np.quantile(np.abs(rows[:, _KINDS:]), 0.9998)) / MOST
        steps = np.clip(np.rint(rows[:, _KINDS:] / step), -MOST, MOST).astype(int)
        linear = np.rint(rows[:, :_KINDS] * SCALE).astype(int)
        yield f"=step\t{step:.6f}"
        yield "\t".join(["=thresholds", *(f"{value:.4f}" for value in net.thresholds)])
        for one in Assertion:
            yield "\t".join([f"={one.name.lower()}", *(f"{value:.4f}" for value in net.votes[:, one])])
        moves = np.abs(rows[:, :_KINDS]).max(axis=1) + np.abs(rows[:, _KINDS:]) @ np.abs(net.votes).max(axis=1)
        parts = zip(self.names, moves.tolist(), linear.tolist(), steps.tolist(), strict=True)
        for name, most, own, units in sorted(parts):
            if not name or most >= _LEAST:
                numbers = "".join(f"{hundredths:{WIDE}}" for hundredths in own)
                assert len(numbers) == _KINDS * WIDE, name
                yield "\t".join([name, numbers, "".join(chr(NOUGHT + unit) for unit in units)])


def learnt(given: Iterable[Example]) -> list[str]:
    """Return the features to be learnt: of several texts, and no name of a person in them: `explain` shows them."""
    texts: dict[str, set[str]] = {}
    for one in given:
        for name in one.seen:
            texts.setdefault(name, set()).add(one.text)
    persons = {_stem(part) for part in (*names.SURNAMES, *names.FEMALE, *names.MALE)} | named()
    return sorted(name for name, where in texts.items() if len(where) >= _TEXTS and not persons & words(name))


def named() -> frozenset[str]:
    """Return the stems of the words that letters call people by: behind a civility or a label, and hardly in small."""
    small, large, called = Counter[str](), Counter[str](), Counter[str]()
    for _, one in letters():
        for word in _WORD.findall(one.text):
            (small if word[0].islower() else large)[_stem(word)] += 1
        for found in _CALLED.finditer(one.text):
            called.update(_stem(word) for word in _WORD.findall(found[1]) if len(word) > 1)
    return frozenset(
        word
        for word, count in called.items()
        if count >= _CALLED_SO * (small[word] + large[word]) and large[word] > _LARGE * small[word]
    )


@cache
def _stem(word: str) -> str:
    return stem(fold(word).decode("ascii").lower())


def words(feature: str) -> set[str]:
    """Return the stems of the words in a feature: labels stand there whole."""
    return set(map(stem, "".join(char if char.isalpha() else " " for char in feature).split()))


def unseen(given: Sequence[Example], authors: Sequence[str]) -> None:
    """Print how facts are told of authors by a model trained on all others."""
    own = [one for one in given if one.author in authors]
    said = Model([one for one in given if one.author not in authors]).decide(own)
    tell(own, [Assertion(name) for name in said.tolist()])


def tell(own: Sequence[Example], said: Sequence[Assertion]) -> None:
    """Print how many of the facts were told rightly, by author and by how they are stated."""
    pairs: Counter[tuple[int, int]] = Counter()
    for author in sorted({one.author for one in own}):
        mine = [(one, name) for one, name in zip(own, said, strict=True) if one.author == author]
        right = sum(one.weight for one, name in mine if one.stated == name)
        print(f"{author:6} {right / sum(one.weight for one, _ in mine):.4f} of {len(mine)} facts")
        pairs.update((int(one.stated), int(name)) for one, name in mine)
    right = sum(one.weight for one, name in zip(own, said, strict=True) if one.stated == name)
    print(f"all    {right / sum(one.weight for one in own):.4f} of {len(own)} facts")
    print("stated as (rows), told as: " + " ".join(one.name.lower() for one in Assertion))
    for one in Assertion:
        print(f"  {one.name.lower():13}" + "".join(f"{pairs[one, other]:7}" for other in Assertion))


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.eval.stated", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--unseen", nargs="+", metavar="AUTHOR", help="leave these out and measure, write nothing")
    given = parser.parse_args(arguments)
    known = examples(labelled())
    if given.unseen:
        unseen(known, given.unseen)
        return 0
    lines = list(Model(known).lines())
    head = "# feature, then hundredths for: " + " ".join(one.name.lower() for one in Assertion)
    WEIGHTS.write_text("\n".join([head, *lines]) + "\n", "ascii")
    print(f"{len(known)} facts, {len(lines)} features")
    return 0


if __name__ == "__main__":
    sys.exit(main())
