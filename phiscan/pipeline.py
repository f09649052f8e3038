"""The whole of phiscan, readable top to bottom: walk, open, read in a worker, expose, judge, report.

    walk ─▶ Place ─▶ (worker: extract ─▶ recognize ─▶ link) ─▶ Tally ─┐
              └────▶ expose ─▶ Exposure ──────────────────────────────┴▶ judge ─▶ FileReport
    whatever could not be read, at any step ─▶ Gap
"""  # noqa: D208  (a drawing)

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from phiscan.content import recognizers_folder, rules_folder
from phiscan.explain import explain
from phiscan.isolate import Pool
from phiscan.judge import Facts, Rule, load_rules
from phiscan.model import Level, Limits
from phiscan.recognize.load import load_ruleset
from phiscan.recognize.ruleset import Ruleset
from phiscan.report.model import Report
from phiscan.scan.request import Progress, ScanRequest
from phiscan.scan.run import Run
from phiscan.scan.scanner import Scanner
from phiscan.seal import Sealer
from phiscan.tally import Tally
from phiscan.verdict import facts_of

if TYPE_CHECKING:
    from phiscan.config import Config


def scan(request: ScanRequest, on_progress: Callable[[Progress], None] = lambda progress: None) -> Report:
    """Scan what `request` asks for and return the report. Raises `UsageError` on what a person has to mend first."""
    import numpy  # noqa: F401, ICN001  every worker needs it, and so do we: loaded once, before they are forked

    run = Run(request, *prepare(request.config), on_progress=on_progress)
    with (
        Pool(run.scanner.task, request.workers, request.limits, stop=request.stop) as pool,
        closing(run.rights),
        _counted(run),
    ):
        for result in pool.run(run.jobs(), run.progressed):
            run.take(result)
    return run.report()


def _counted(run: Run) -> AbstractContextManager[object]:
    """Have counted what there is to read, where somebody watches and all of it lies on this machine."""
    if not run.request.count or len(run.local) < len(run.request.paths):
        return nullcontext()
    from phiscan.scan.counting import Counting

    counting = Counting(run.local, run.request.exclude, run.request.config.exclude)
    run.totals = counting.totals
    return counting


def prepare(config: Config) -> tuple[Ruleset, tuple[Rule, ...], Sealer]:
    """Load what a scan works with: recognizers, rules, and the key (an ephemeral one where none was made)."""
    ruleset, rules = judging(config)
    try:
        key = config.key_file.is_file() and os.access(config.key_file, os.R_OK)
    except OSError:
        key = False
    return ruleset, rules, Sealer.from_file(config.key_file) if key else Sealer.ephemeral()


def judging(config: Config) -> tuple[Ruleset, tuple[Rule, ...]]:
    """Load recognizers and rules, the shipped ones and a site's. Raises `Told` on what is wrong in them."""
    ruleset = load_ruleset([recognizers_folder(), *config.recognizers], config.presidio)
    ruleset.warm()
    if config.spacy_model:
        from phiscan.recognize.sitemodel import load_model

        base = config.file.parent if config.file else Path()
        ruleset.model = load_model(config.spacy_model, config.model_place, base, ruleset.entities)
    return ruleset, load_rules([rules_folder(), *config.rules], ruleset.kinds)


@cache
def _example_scanner() -> Scanner:
    return Scanner(load_ruleset([recognizers_folder()]), Sealer.ephemeral(), Limits())


def run_example(content: str, level: Level, ruleset: Ruleset | None = None) -> Facts:
    """Return the facts of a small file, as a rule's example writes it, in a place of that exposure.

    It is read with the shipped recognizers, or with those of `ruleset`.
    """
    scanner, total = Scanner(ruleset, Sealer.ephemeral(), Limits()) if ruleset else _example_scanner(), Tally()
    descriptor = os.memfd_create("example")
    try:
        os.write(descriptor, content.encode())
        for _, tally, _ in scanner.scan(descriptor, "example.txt", len(content.encode())):
            total.add(tally)
    finally:
        os.close(descriptor)
    return facts_of(total, level, scanner.ruleset)


__all__ = ["explain", "judging", "prepare", "run_example", "scan"]
