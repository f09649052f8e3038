"""A site's spaCy model: found where it is installed, checked, loaded and warmed. Nothing is downloaded.

It is loaded once, by the process that forks the workers, which share it; in their confinement they could not open
it. Costs the import of spaCy (about a second), and whatever the model takes: only where one is configured.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Collection
from pathlib import Path
from typing import Any, NoReturn

from phiscan.isolate.libraries import one_thread, refuse_downloaders
from phiscan.messages import Told
from phiscan.recognize.entities import Entity

_WARM = "Mme Marie DUPONT, née le 12 mars 1965, domiciliée 12 rue de la Paix à Vannes, a été vue ce jour."
# What of its description says that it would name other things; the rest says how it was installed.
_TELLING = ("lang", "name", "version", "pipeline", "labels", "vectors", "performance")


class SpacyModel:
    """A loaded model."""

    def __init__(self, nlp: Any) -> None:
        self._nlp = nlp
        meta = {key: nlp.meta.get(key) for key in _TELLING}
        self.digest = hashlib.sha256(json.dumps(meta, sort_keys=True, default=str).encode()).hexdigest()

    def entities(self, text: str) -> list[Entity]:
        """Return the model's entities in `text`. Nothing of it stays in the vocabulary."""
        with warnings.catch_warnings(), self._nlp.memory_zone():
            warnings.simplefilter("ignore")
            doc = self._nlp(text)
            return [Entity(ent.label_, ent.start_char, ent.end_char) for ent in doc.ents]


def load_model(name: str, place: str, base: Path, known: Collection[str]) -> SpacyModel:
    """Return the model `name`: that of an installed package, or where it has a `/` that of a folder (below `base`).

    `known` are the labels that recognizers claim, `place` is where it is configured. Raises `Told` where the model
    is missing, broken, made for another spaCy, or names nothing that is of use.
    """
    one_thread()
    refuse_downloaders()
    folder = _folder(name, place, base)
    _check_version(folder, name, place)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import spacy

            nlp = spacy.load(folder if "/" in name else name)
            model = SpacyModel(nlp)
            model.entities(_WARM)
    except Exception as error:  # whatever a model's files or code raise
        _broken(error, name, place)
    _check_labels(nlp, name, place, known)
    return model


def _folder(name: str, place: str, base: Path) -> Path:
    """Where the model's meta.json lies."""
    from spacy import util

    try:
        if "/" in name:
            folder = Path(base, Path(name).expanduser())
            found = folder.is_dir()
        else:
            found = util.is_package(name)
            folder = Path(util.get_package_path(name)) if found else base
    except Exception as error:  # importing the package runs its code
        _broken(error, name, place)
    if not found:
        raise Told("model.missing", place=place, name=name)
    return folder


def _check_version(folder: Path, name: str, place: str) -> None:
    from spacy import util
    from spacy.about import __version__

    try:
        wanted = str(json.loads((folder / "meta.json").read_text("utf-8")).get("spacy_version", ""))
    except (OSError, ValueError, AttributeError) as error:
        _broken(error, name, place)
    if wanted and not util.is_compatible_version(__version__, wanted):
        raise Told("model.version", place=place, name=name, wanted=wanted, have=__version__)


def _check_labels(nlp: Any, name: str, place: str, known: Collection[str]) -> None:
    pipes = [pipe for pipe in nlp.pipe_names if "doc.ents" in nlp.get_pipe_meta(pipe).assigns]
    labels = {str(label) for pipe in pipes for label in nlp.pipe_labels.get(pipe, ())}
    if not pipes:
        raise Told("model.no_entities", place=place, name=name)
    if labels and not {label.upper() for label in labels} & set(known):
        raise Told("model.labels", place=place, name=name, labels=", ".join(sorted(labels)[:8]))


def _broken(error: Exception, name: str, place: str) -> NoReturn:
    said = f"{Path(error.filename).name}: {error.strerror}" if isinstance(error, OSError) and error.filename else error
    why = " ".join(f"{type(error).__name__}: {said}".split())[:160]
    raise Told("model.broken", place=place, name=name, why=why) from None
