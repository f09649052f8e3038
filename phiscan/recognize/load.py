"""Loads a ruleset from its files, or, where nothing has changed, from what an earlier run made of them.

Parsing and compiling some eighty files takes most of a second. The result is kept beside the compiled
databases (see `phiscan.recognize.compiled`), under a name that says every byte of every file it was
made from, and of the code that made it.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from phiscan import __version__
from phiscan.messages import Told
from phiscan.recognize import compiled
from phiscan.recognize.amend import read
from phiscan.recognize.examples import Checker
from phiscan.recognize.external import ExternalRecognizer
from phiscan.recognize.ruleset import CodeSystems, Roles, Ruleset
from phiscan.recognize.schema import parse_file, read_trades


def load_ruleset(folders: Iterable[Path], presidio: Iterable[Path] = ()) -> Ruleset:
    """Read every recognizer under `folders`; the first holds the shipped ones, with what steers them all (roles.yaml).

    `presidio` are a site's Presidio recognizer files. Raises `Told` on the first thing wrong; a recognizer of a
    site whose own examples fail does not load.
    """
    shipped, *others = folders
    external = _external(presidio)
    files = _files([shipped, *others])
    name = _name(files)
    known = None if external else _kept(name)
    if known is not None:
        return known
    special = {shipped / name for name in ("roles.yaml", "codes.yaml", "trades.yaml")}
    yaml_files = (path for path in files if path not in special and path.suffix in (".yaml", ".yml"))
    recognizers, written = read(yaml_files, shipped)
    roles, codes = parse_file(shipped / "roles.yaml", Roles), parse_file(shipped / "codes.yaml", CodeSystems)
    ruleset = Ruleset(recognizers, roles, codes, external, read_trades(shipped))
    ruleset.amended = written
    data = b"" if external else pickle.dumps(ruleset.complete())  # before anything is compiled at need
    _prove(ruleset, others)
    if data:
        compiled.keep(name, data)
    return ruleset


def _external(presidio: Iterable[Path]) -> list[ExternalRecognizer]:
    found: list[ExternalRecognizer] = []
    for path in presidio:
        from phiscan.presidio import load_site_recognizers

        found += load_site_recognizers(path)
    return found


def _files(folders: Sequence[Path]) -> list[Path]:
    """Every file of the folders, term lists too, in the order in which recognizers are numbered."""
    files: list[Path] = []
    for folder in folders:
        if folder.is_file():  # one on trial, with the lists it may name
            files += [folder, *sorted(folder.parent.glob("*.txt"))]
            continue
        if not folder.is_dir():
            raise Told("recognizer.none", path=str(folder))
        files += sorted(path for path in folder.rglob("*") if path.suffix in (".yaml", ".yml", ".txt"))
    return files


def _name(files: Sequence[Path]) -> str:
    state = hashlib.sha256(f"{__version__} {sys.version}".encode())
    for path in [*files, *sorted(Path(__file__).parent.glob("*.py"))]:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Told("file.unreadable", path=str(path), why=error.strerror or "") from None
        state.update(f"{path} {len(content)} ".encode("utf-8", "surrogateescape") + content)
    return f"ruleset-{state.hexdigest()[:32]}.pickle"


def _kept(name: str) -> Ruleset | None:
    data = compiled.load(name)
    if data is None:
        return None
    try:
        # Like bytecode: what can write here can write the program. Nothing of a scanned file ever comes near.
        ruleset = pickle.loads(data)  # noqa: S301
    except Exception:  # whatever unpickling an old or damaged file raises: it is made again
        return None
    return ruleset if isinstance(ruleset, Ruleset) else None


def _prove(ruleset: Ruleset, folders: Sequence[Path]) -> None:
    """Run the examples of a site's recognizers, and of those it amends.

    Those of the others are run by `phiscan check` and the tests.
    """
    checker = Checker(ruleset)
    for recognizer in ruleset.recognizers:
        own = any(Path(recognizer.path).is_relative_to(folder) for folder in folders)
        if own or ruleset.amending(recognizer):
            for failure in checker.check(recognizer):
                raise Told(
                    "recognizer.unproven",
                    file=failure.path,
                    key=failure.key,
                    example=failure.example,
                    found=failure.found,
                )
