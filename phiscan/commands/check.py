"""`phiscan check [PATH...]`: do recognizers and rules parse, and do the examples they carry hold?

Without PATH: all that ship with phiscan and all that are configured. With PATH, files or folders: those,
run together with all the others, as they would be at work. `--impact` runs nothing: it says what a change would cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from phiscan.commands.common import EXIT_FOUND, EXIT_OK, ConfigFlag, configured, flag, given, one_of
from phiscan.messages import Told, Wrong, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from phiscan.config import Config
    from phiscan.judge import Facts, Rule
    from phiscan.messages import Language
    from phiscan.model import Level
    from phiscan.recognize.ruleset import Ruleset

_FORMATS = ("table", "json")  # of --impact; a check says lines
_NOT_RECOGNIZERS = {"roles.yaml", "codes.yaml", "trades.yaml"}


@dataclass(frozen=True, slots=True)
class Selection:
    """What is to be checked: files, and all rules and recognizers that work beside them."""

    recognizers: frozenset[Path]
    rules: frozenset[Path]


def check(
    paths: Annotated[list[str] | None, typer.Argument(metavar="[PATH...]", help="help.check.paths")] = None,
    impact: Annotated[bool, typer.Option("--impact", help="help.check.impact")] = False,
    format_: Annotated[
        str, typer.Option("-f", "--format", metavar="|".join(_FORMATS), help="help.check.format")
    ] = "table",
    config_file: ConfigFlag = None,
) -> int:
    """Check; 10 where an example fails, else 0. What does not parse raises `UsageError`."""
    for path in paths or ():
        given(path)
    flag("--format", format_, one_of(_FORMATS if impact else _FORMATS[:1]))

    from phiscan.commands import output

    with configured(config_file) as (config, lang):
        if impact:
            from phiscan.commands import impact as impacts

            output.write(impacts.written(impacts.impact(config, paths or ()), format_, lang), None, lang)
            return EXIT_OK
        home = _home(config)
        if not paths:
            from phiscan.seal import Sealer
            from phiscan.verdict import load_test_persons

            load_test_persons(config.test_persons, Sealer.ephemeral())
        selection = select([Path(path) for path in paths]) if paths else home
        said, failed = _run(home, selection, lang, config.presidio)
        output.write((line + "\n" for line in said), None, lang)
    return EXIT_FOUND if failed else EXIT_OK


def _run(home: Selection, selection: Selection, lang: Language, presidio: Sequence[Path] = ()) -> tuple[list[str], int]:
    """Return what to say, and how many examples fail."""
    recognizers = home.recognizers | selection.recognizers
    ruleset = _ruleset(recognizers, presidio) if presidio else _ruleset(recognizers)
    rules = _rules(home.rules | selection.rules, ruleset)
    read = _runner(recognizers, presidio, ruleset)
    lines = [*_check_recognizers(ruleset, selection, lang), *_check_rules(rules, selection, lang, read)]
    failed = sum(line.failed for line in lines)
    counts = {"recognizers": len(selection.recognizers), "rules": len(selection.rules), "failed": failed}
    return [*(line.said for line in lines), text(lang, "check.done", **counts)], failed


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the answer."""

    said: str
    failed: bool = True  # it tells of an example that fails


def _home(config: Config) -> Selection:
    """Return all files that ship with phiscan or are configured."""
    from phiscan.content import recognizers_folder, rules_folder
    from phiscan.judge import rule_files

    recognizers = [recognizers_folder(), *config.recognizers]
    return Selection(
        frozenset(file for folder in recognizers for file in _recognizer_files(folder)),
        frozenset(file.resolve() for file in rule_files([rules_folder(), *config.rules])),
    )


def _recognizer_files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise Told("path.missing", path=str(folder))
    yield from (file.resolve() for file in folder.rglob("*.y*ml") if file.name not in _NOT_RECOGNIZERS)


def select(paths: list[Path]) -> Selection:
    """Return the files of `paths`, told apart by what they say: a rule has `when`."""
    from phiscan.config.yamlfile import read

    recognizers: set[Path] = set()
    rules: set[Path] = set()
    for path in paths:
        for file in sorted(path.rglob("*.y*ml")) if path.is_dir() else [path]:
            if file.name in _NOT_RECOGNIZERS or "duties" in file.parts:
                continue
            data = read(file).data
            if not isinstance(data, dict):
                raise Told("file.wrong", place=f"{file}:1", wrong=Wrong("wrong.mapping"))
            (rules if "when" in data else recognizers).add(file.resolve())
    return Selection(frozenset(recognizers), frozenset(rules))


def _ruleset(files: frozenset[Path], presidio: Sequence[Path] = ()) -> Ruleset:
    from phiscan.content import recognizers_folder
    from phiscan.recognize.amend import read
    from phiscan.recognize.ruleset import CodeSystems, Roles, Ruleset
    from phiscan.recognize.schema import parse_file, read_trades

    folder = recognizers_folder()
    parsed, written = read(sorted(files), folder.resolve())
    external = []
    for path in presidio:
        from phiscan.presidio import load_site_recognizers

        external += load_site_recognizers(path)
    roles, codes = parse_file(folder / "roles.yaml", Roles), parse_file(folder / "codes.yaml", CodeSystems)
    ruleset = Ruleset(parsed, roles, codes, external, read_trades(folder))
    ruleset.amended = written
    return ruleset


def _runner(files: frozenset[Path], presidio: Sequence[Path], ruleset: Ruleset) -> Callable[[str, Level], Facts]:
    """Return what reads the examples of rules: with a site's own recognizers too, where it has any."""
    from phiscan import pipeline
    from phiscan.content import recognizers_folder

    shipped = recognizers_folder().resolve()
    if presidio or not all(file.is_relative_to(shipped) for file in files):
        return partial(pipeline.run_example, ruleset=ruleset)
    return pipeline.run_example


def _rules(files: frozenset[Path], ruleset: Ruleset) -> dict[Path, Rule]:
    from phiscan.judge import load_rules

    ordered = sorted(files)
    return dict(zip(ordered, load_rules(ordered, ruleset.kinds), strict=True))


def _check_recognizers(ruleset: Ruleset, selection: Selection, lang: Language) -> Iterator[Line]:
    from phiscan.recognize.examples import Checker

    chosen = [
        one
        for one in ruleset.recognizers
        if any(Path(path) in selection.recognizers for path in (one.path, *ruleset.amending(one)))
    ]
    if not chosen:
        return
    checker = Checker(ruleset)
    for recognizer in chosen:
        for failure in checker.check(recognizer):
            found = text(lang, "check.found", found=failure.found)
            values = {"file": failure.path, "key": failure.key, "example": repr(failure.example), "found": found}
            yield Line(text(lang, "check.failed", **values))
        for example in checker.known_misses(recognizer):
            yield Line(text(lang, "check.now_found", id=recognizer.id, example=repr(example)), failed=False)


def _check_rules(
    rules: dict[Path, Rule], selection: Selection, lang: Language, read: Callable[[str, Level], Facts]
) -> Iterator[Line]:
    from phiscan.judge import run_examples

    chosen = [rule for file, rule in rules.items() if file in selection.rules]
    for failure in run_examples(chosen, read, list(rules.values())):
        fired = ", ".join(failure.fired) or text(lang, "check.nothing")
        values = {"rule": failure.rule, "kind": failure.kind, "number": failure.number, "fired": fired}
        yield Line(text(lang, "check.rule_failed", **values))
