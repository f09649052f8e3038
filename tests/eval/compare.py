"""phiscan beside Presidio and EDS-NLP: the same documents, the same scoring, one run.

Four systems read every document: phiscan; Presidio with those of its own recognizers that can serve French; the same
with phiscan's recognizers loaded into it; EDS-NLP's rule-based pipes. None of them gets a model, none fetches anything.
What a label of theirs means here stands in `PRESIDIO` and `EDS`; a category that no label means is one the system
cannot express, and is left out of its totals. Only phiscan links facts to persons. Time is the processor's, since all
run in this process and the machine may have other things to do; what two systems import, the first of them loads.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from phiscan.model import Assertion, Severity
from tests.eval.documents import HEALTH, Document, documents
from tests.eval.noise import spoil
from tests.eval.score import Board, Hit, Read, Score, total

# Presidio's entities as categories; None: what it says is no category here (a date is not said to be anybody's birth).
PRESIDIO: dict[str, str | None] = {
    "EMAIL_ADDRESS": "email",
    "PHONE_NUMBER": "phone",
    "IBAN_CODE": "iban",
    "DATE_TIME": None,
    "CREDIT_CARD": None,
    "IP_ADDRESS": None,
    "URL": None,
    "MAC_ADDRESS": None,
    "UUID": None,
    "CRYPTO": None,
}
# EDS-NLP's pipes, the label each gives, and the category it means.
EDS: dict[str, tuple[str, str]] = {
    "aids": ("aids", "hiv"),
    "solid_tumor": ("solid_tumor", "cancer"),
    "lymphoma": ("lymphoma", "cancer"),
    "leukemia": ("leukemia", "cancer"),
    "TNM": ("tnm", "cancer"),
    "adicap": ("adicap", "cancer"),
    "diabetes": ("diabetes", "diagnosis"),
    "ckd": ("ckd", "diagnosis"),
    "copd": ("copd", "diagnosis"),
    "congestive_heart_failure": ("congestive_heart_failure", "diagnosis"),
    "cerebrovascular_accident": ("cerebrovascular_accident", "diagnosis"),
    "connective_tissue_disease": ("connective_tissue_disease", "diagnosis"),
    "dementia": ("dementia", "diagnosis"),
    "hemiplegia": ("hemiplegia", "diagnosis"),
    "liver_disease": ("liver_disease", "diagnosis"),
    "myocardial_infarction": ("myocardial_infarction", "diagnosis"),
    "peptic_ulcer_disease": ("peptic_ulcer_disease", "diagnosis"),
    "peripheral_vascular_disease": ("peripheral_vascular_disease", "diagnosis"),
    "covid": ("covid", "infection"),
    "suicide_attempt": ("suicide_attempt", "psychiatric"),
    "alcohol": ("alcohol", "addiction"),
    "tobacco": ("tobacco", "addiction"),
    "drugs": ("drug", "treatment"),
    "cim10": ("cim10", "diagnosis"),  # its codes say more, see `CIM10`
}
CIM10: tuple[tuple[str, str], ...] = (
    ("B20 B21 B22 B23 B24 Z21", "hiv"),
    ("C D0", "cancer"),
    ("O Z33 Z34 Z35", "pregnancy"),
    ("F10 F11 F12 F13 F14 F15 F16 F17 F18 F19", "addiction"),
    ("F", "psychiatric"),
    ("A B", "infection"),
    ("E84 D57 Q9", "genetic"),
)
_ANTIRETROVIRALS = ("J05AE", "J05AG", "J05AJ", "J05AR")  # ATC: drugs that say whose virus they are for
_QUALIFIERS = (
    ("family", Assertion.FAMILY),
    ("negation", Assertion.NEGATED),
    ("hypothesis", Assertion.HYPOTHETICAL),
    ("history", Assertion.HISTORY),
)

Reader = Callable[[Document], Read]


@dataclass
class System:
    """One of those compared: how it reads, what it can express, what it took, and its scores."""

    name: str
    read: Reader
    categories: frozenset[str]
    asserts: bool
    links: bool
    load_seconds: float
    seconds: float = 0.0
    board: Board = field(default_factory=Board)


def compare(splits: Sequence[str], each: int, noises: Sequence[str]) -> dict[str, Any]:
    """Let every system read the documents of each split, print the tables, and return their figures."""
    warm = list(islice(documents(splits[0], 1), _WARM))
    systems = [_loaded(make, warm) for make in (_phiscan, _presidio_alone, _presidio_with_ours, _eds)]
    return {split: _compared(split, each, noises, systems) for split in splits}


def _compared(split: str, each: int, noises: Sequence[str], loaded: Sequence[System]) -> dict[str, Any]:
    whole = [spoil(document, noise) for document in documents(split, each) for noise in noises]
    systems = [replace(system, seconds=0.0, board=Board()) for system in loaded]
    for document in whole:
        for system in systems:  # in turn: whatever else the machine does disturbs all alike
            begun = time.process_time()
            found = system.read(document)
            system.seconds += time.process_time() - begun
            system.board.add(document, found)
    size = sum(len(document.text) for document in whole)
    _print(split, len(whole), size, systems)
    return {
        "documents": len(whole),
        "characters": size,
        "systems": {system.name: _figures(system, size) for system in systems},
    }


_Made = tuple[str, Reader, frozenset[str], bool, bool]


_WARM = 5  # documents read before the clock starts: each system loads on until it has met everything once


def _loaded(make: Callable[[], _Made], warm: Sequence[Document]) -> System:
    """Load a system and let it read a few documents, so that nothing is left to load."""
    begun = time.process_time()
    name, reader, categories, asserts, links = make()
    for document in warm:
        reader(document)
    return System(name, reader, categories, asserts, links, time.process_time() - begun)


def _phiscan() -> _Made:
    from tests.eval.reading import read, shipped

    return "phiscan", read, frozenset(shipped()[0].kinds), True, True


def _presidio_alone() -> _Made:
    read = _presidio(ours=False)
    return "presidio", read, frozenset(filter(None, PRESIDIO.values())), False, False


def _presidio_with_ours() -> _Made:
    from tests.eval.reading import shipped

    return "presidio + phiscan's recognizers", _presidio(ours=True), frozenset(shipped()[0].kinds), False, False


def _presidio(*, ours: bool) -> Reader:
    """Return an engine with Presidio's recognizers that need neither a model nor another country's numbers."""
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry, predefined_recognizers

    from phiscan import presidio
    from tests.eval.reading import shipped

    offline = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())  # the one it comes with fetches a list
    tldextract.extract = offline  # type: ignore[assignment]  # a wrapped function there, an object with its call here
    own = predefined_recognizers
    recognizers: list[Any] = [
        own.PhoneRecognizer(supported_language="fr", supported_regions=("FR",)),
        *(
            recognizer(supported_language="fr")
            for recognizer in (
                own.EmailRecognizer, own.IbanRecognizer, own.DateRecognizer, own.CreditCardRecognizer,
                own.IpRecognizer, own.UrlRecognizer, own.MacAddressRecognizer, own.UuidRecognizer, own.CryptoRecognizer,
            )
        ),
    ]  # fmt: skip
    means = dict(PRESIDIO)
    if ours:
        recognizers += presidio.load_recognizers()
        # Its own entities keep their meaning; ours have theirs.
        means = {**{r.file.entity: r.category for r in shipped()[0].recognizers}, **means}
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=["fr"])
    engine = AnalyzerEngine(registry=registry, nlp_engine=presidio.nlp_engine(), supported_languages=["fr"])

    def read(document: Document) -> Read:
        hits = [
            Hit(result.start, result.end, category, f"presidio.{result.entity_type}", Assertion.AFFIRMED)
            for result in engine.analyze(document.text, language="fr")
            if (category := means[result.entity_type]) is not None
        ]
        return Read(hits, [], Severity.NONE)

    return read


def _eds() -> _Made:
    with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        os.environ.setdefault("TQDM_DISABLE", "1")
        import edsnlp
        from loguru import logger

        logger.remove()
        nlp = edsnlp.blank("eds")
        for name in ("normalizer", "sentences", *EDS):
            nlp.add_pipe(f"eds.{name}")
        for name, _ in _QUALIFIERS:
            sections = {"use_sections": False} if name in ("family", "history") else {}
            nlp.add_pipe(f"eds.{name}", config={"span_getter": {label: True for label, _ in EDS.values()}, **sections})

    def read(document: Document) -> Read:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            doc = nlp(document.text)
        return Read(_spans(doc), [], Severity.NONE)

    means = {category for _, category in EDS.values()} | {category for _, category in CIM10}
    return "eds-nlp", read, frozenset(means), True, False


def _spans(doc: Any) -> list[Hit]:
    """Return what the pipes found in a document, each place once for a category."""
    found: dict[tuple[int, int, str], Hit] = {}
    for pipe, (label, category) in EDS.items():
        for span in doc.spans.get(label, ()):
            means = [_of_code(span.kb_id_) if label == "cim10" else category]
            if label == "drug" and span.kb_id_.startswith(_ANTIRETROVIRALS):
                means.append("hiv")
            stated = next((said for name, said in _QUALIFIERS if getattr(span._, name)), Assertion.AFFIRMED)
            for each in means:
                place = span.start_char, span.end_char
                found[*place, each] = Hit(*place, each, f"eds.{pipe}", stated)
    return list(found.values())


def _of_code(code: str) -> str:
    """Return the category of a CIM-10 code."""
    return next((means for heads, means in CIM10 if code.startswith(tuple(heads.split()))), EDS["cim10"][1])


def _figures(system: System, size: int) -> dict[str, Any]:
    board = system.board
    able = {name: score for name, score in board.spans.items() if name in system.categories}
    found: dict[str, Any] = {
        "load_seconds": round(system.load_seconds, 2),
        "characters_per_second": round(size / system.seconds),
        "spans": {name: able[name].as_dict() for name in sorted(able)},
        "spans_it_can_express": total(able.values()).as_dict(),
        "spans_of_all_categories": total(board.spans.values()).as_dict(),
        "false_alarms": dict(sorted(board.alarms.items(), key=lambda item: -item[1])),
    }
    if system.asserts:
        found["assertions_all"] = total(board.assertions.values()).as_dict()
    if system.links:
        found["records_all"] = total(board.records.values()).as_dict()
    return found


def _print(split: str, count: int, size: int, systems: Sequence[System]) -> None:
    print(f"\ncompare, {split}: {count} documents, {size} characters; precision / recall, - for what cannot be said")
    print(f"  {'':24}" + "".join(f"{system.name[:22]:>24}" for system in systems))
    marked = sorted({name for system in systems for name in system.board.spans}, key=lambda n: (n in HEALTH, n))
    for name in marked:
        cells = (s.board.spans[name] if name in s.categories and name in s.board.spans else None for s in systems)
        print(f"  {name:24}" + "".join(f"{_rates(score):>24}" for score in cells))
    able = (total(v for n, v in s.board.spans.items() if n in s.categories) for s in systems)
    print(f"  {'SPANS it can express':24}" + "".join(f"{_rates(score):>24}" for score in able))
    everything = (total(s.board.spans.values()) for s in systems)
    print(f"  {'SPANS of all categories':24}" + "".join(f"{_rates(score):>24}" for score in everything))
    stated = (total(s.board.assertions.values()) if s.asserts else None for s in systems)
    print(f"  {'STATED rightly, if found':24}" + "".join(f"{_recall(score):>24}" for score in stated))
    linked = (total(s.board.records.values()) if s.links else None for s in systems)
    print(f"  {'RECORDS (only phiscan)':24}" + "".join(f"{_rates(score):>24}" for score in linked))
    print(f"  {'characters a second':24}" + "".join(f"{size / s.seconds:>24,.0f}" for s in systems))
    print(f"  {'seconds to load':24}" + "".join(f"{s.load_seconds:>24.1f}" for s in systems))


def _rates(score: Score | None) -> str:
    return "-" if score is None else f"{_number(score.precision)} / {_number(score.recall)}"


def _recall(score: Score | None) -> str:
    return "-" if score is None else _number(score.recall)


def _number(rate: float) -> str:
    return "-" if math.isnan(rate) else f"{rate:.3f}"
