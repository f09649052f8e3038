"""phiscan's recognizers in a stock Presidio `AnalyzerEngine`, and a site's own Presidio recognizers in phiscan.

    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from phiscan import presidio

    registry = RecognizerRegistry(recognizers=presidio.load_recognizers(), supported_languages=["fr"])
    engine = AnalyzerEngine(registry=registry, nlp_engine=presidio.nlp_engine(), supported_languages=["fr"])
    engine.analyze("NIR : 2 95 10 99 126 111 93", language="fr")

Nothing here reaches the network: a stock engine without an NLP engine tries to. Importing this module
imports Presidio and spaCy (two seconds): phiscan itself does so only where a site configures it.
"""

from __future__ import annotations

import contextlib
import io
import logging
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import spacy
from presidio_analyzer import AnalysisExplanation, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine
from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider

from phiscan.content import recognizers_folder
from phiscan.fold import fold
from phiscan.messages import Told
from phiscan.recognize.external import ExternalHit
from phiscan.recognize.load import load_ruleset
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.text import TextPath

LANGUAGE = "fr"
_FLAGS = re.DOTALL | re.MULTILINE | re.IGNORECASE  # Presidio's own default


class _Blank(SpacyNlpEngine):
    """A tokenizer and nothing else."""

    def __init__(self) -> None:
        super().__init__(models=[{"lang_code": LANGUAGE, "model_name": "blank"}])

    def load(self) -> None:
        """Build the blank French pipeline instead of loading, or fetching, a model."""
        self.nlp: Any = {LANGUAGE: spacy.blank(LANGUAGE)}


def nlp_engine() -> SpacyNlpEngine:
    """Return an NLP engine for French that needs no model and no network."""
    engine = _Blank()
    engine.load()
    return engine


class _Search:
    """Searches each text once, though Presidio asks every recognizer in turn."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self._path = TextPath(ruleset)
        self._done: WeakKeyDictionary[NlpArtifacts, list[tuple[str, int, int, float, str]]] = WeakKeyDictionary()

    def find(self, text: str, artifacts: NlpArtifacts | None) -> list[tuple[str, int, int, float, str]]:
        """Return (entity, start, end, score, recognizer id) of everything in a text; offsets in characters."""
        if artifacts is not None and artifacts in self._done:
            return self._done[artifacts]
        found = [self._result(span) for span in self._path.find(fold(text), everything=True).spans]
        if artifacts is not None:
            self._done[artifacts] = found
        return found

    def _result(self, span: Any) -> tuple[str, int, int, float, str]:
        recognizer = self.ruleset.recognizers[span.recognizer]
        return recognizer.file.entity, span.start, span.end, span.score, recognizer.id


class PhiscanRecognizer(EntityRecognizer):
    """All recognizers of one entity, behind Presidio's interface. Scores are phiscan's: a checksum is no proof."""

    def __init__(self, entity: str, search: _Search) -> None:
        self._search = search
        self.name: str = f"phiscan.{entity}"
        super().__init__(supported_entities=[entity], supported_language=LANGUAGE, name=self.name)

    def load(self) -> None:
        """Nothing to load: the ruleset is compiled already."""

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Return the spans of this entity in `text`."""
        entity = self.supported_entities[0]
        if entity not in entities:
            return []
        return [
            RecognizerResult(
                entity,
                start,
                end,
                score,
                AnalysisExplanation(recognizer=identifier, original_score=score),
                {
                    RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                    RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
                },
            )
            for found, start, end, score, identifier in self._search.find(text, nlp_artifacts)
            if found == entity
        ]


def load_recognizers(folders: Sequence[Path] = ()) -> list[EntityRecognizer]:
    """Return the shipped recognizers, and those in `folders`, for a Presidio registry (language "fr")."""
    ruleset = load_ruleset([recognizers_folder(), *folders])
    search = _Search(ruleset)
    entities = dict.fromkeys(recognizer.file.entity for recognizer in ruleset.recognizers)
    return [PhiscanRecognizer(entity, search) for entity in entities]


def load_site_recognizers(path: Path) -> list[SiteRecognizer]:
    """Return the recognizers of a site's Presidio YAML, in either of the two forms that Presidio reads."""
    from phiscan.recognize.schema import read_yaml

    data = read_yaml(path)
    if not isinstance(data, dict) or not isinstance(data.get("recognizers"), list):
        raise Told("presidio.shape", path=str(path))
    logger = logging.getLogger("presidio-analyzer")
    said, logger.disabled = logger.disabled, True  # it tells of a broken file in lines of its own
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints, too
            registry = _registry(path, data)
    except Exception as error:  # Presidio raises whatever its parser, pydantic or constructor raises
        reason = " ".join(str(error).split())[:200]
        raise Told("presidio.refused", path=str(path), why=reason) from None
    finally:
        logger.disabled = said
    return [SiteRecognizer(recognizer) for recognizer in registry.recognizers]


def _registry(path: Path, data: dict[str, Any]) -> RecognizerRegistry:
    """Read a registry's configuration, or a list of recognizers as `add_recognizers_from_yaml` takes it."""
    of_registry = {"supported_languages", "type"}
    entries = [entry for entry in data["recognizers"] if isinstance(entry, dict)]
    if of_registry & data.keys() or any(of_registry & entry.keys() for entry in entries):
        whole = {"supported_languages": [LANGUAGE, "en"], "global_regex_flags": _FLAGS, **data}
        return RecognizerRegistryProvider(registry_configuration=whole).create_recognizer_registry()
    registry = RecognizerRegistry(recognizers=[], supported_languages=[LANGUAGE, "en"])
    registry.add_recognizers_from_yaml(str(path))
    return registry


class SiteRecognizer:
    """One recognizer of a site, asked for its spans in a text."""

    def __init__(self, recognizer: EntityRecognizer) -> None:
        self._recognizer = recognizer
        self.name = str(getattr(recognizer, "name", ""))
        self.entities = [str(entity) for entity in recognizer.supported_entities]
        self.context = [str(word) for word in recognizer.context or ()]

    def find(self, text: str) -> list[ExternalHit]:
        """Return the hits in `text`, which is folded: offsets are those of the original too."""
        results = self._recognizer.analyze(text, self.entities, None)  # type: ignore[arg-type]
        return [ExternalHit(result.entity_type, result.start, result.end, result.score) for result in results]
