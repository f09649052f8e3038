"""The configuration itself, recognizers, rules, and the parts that not every installation has."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phiscan.doctor.finding import Finding, error, good, note, refused, warning
from phiscan.messages import Told

if TYPE_CHECKING:
    from phiscan.config import Config


def examine(config: Config) -> Iterator[Finding]:
    """Say whether what the configuration points to can be used."""
    yield from _file(config)
    yield from _judging(config)
    yield from _parts()


def _file(config: Config) -> Iterator[Finding]:
    if config.file is None:
        yield note("doctor.config.none")
    else:
        try:
            mode = os.stat(config.file).st_mode
        except OSError:
            mode = 0
        if stat.S_ISREG(mode) and mode & stat.S_IWOTH:
            yield error("doctor.config.writable", path=str(config.file))
        else:
            yield good("doctor.config", path=str(config.file))


def _judging(config: Config) -> Iterator[Finding]:
    from phiscan.daemon.watching import context_of
    from phiscan.pipeline import judging
    from phiscan.seal import Sealer
    from phiscan.verdict import load_test_persons

    try:
        ruleset, rules = judging(config)
        context_of(config, rules)
        load_test_persons(config.test_persons, Sealer.ephemeral())
    except Told as told:
        yield refused(told)
        return
    yield good("doctor.rules", recognizers=len(ruleset.recognizers), rules=len(rules))


def _parts() -> Iterator[Finding]:
    """Say what is missing that phiscan works without."""
    import ctypes

    from phiscan.extract.foreign import libarchive
    from phiscan.isolate import landlock

    yield good("doctor.archives") if libarchive() is not None else warning("doctor.archives.none")
    yield note("doctor.ocr")
    abi = landlock.version(ctypes.CDLL(None, use_errno=True))
    yield good("doctor.confined") if abi else warning("doctor.confined.less")
