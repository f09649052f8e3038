"""Which configuration files a service reads: named by the operator, by running processes, or in the usual places."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from phiscan.expose.machine import Machine, Process


def files(machine: Machine, service: str, running: Iterable[str | None], usual: Sequence[str]) -> list[str]:
    """Return the files to read, none twice.

    `running` says for each process of the service which file it was started with, None: none that it names. The usual
    places count where a process names none, and where none runs: it may be started tomorrow, or have hidden itself.
    """
    named = list(running)
    found = [*machine.given.get(service, ()), *(path for path in named if path is not None)]
    if None in named or not named:
        found += usual
    return list(dict.fromkeys(os.path.normpath(path) for path in found))


def argument(process: Process, *options: str) -> str | None:
    """Return the value that a process was given for an option: `-s FILE`, `-sFILE`, `--file FILE` or `--file=FILE`."""
    for at, word in enumerate(process.argv[1:], 1):
        for option in options:
            if word == option and at + 1 < len(process.argv):
                return process.argv[at + 1]
            joined = option + "=" if option.startswith("--") else option
            if word.startswith(joined) and len(word) > len(joined):
                return word[len(joined) :]
    return None


def named_file(process: Process, *options: str) -> str | None:
    """Return the absolute path that a process was given for an option."""
    path = argument(process, *options)
    return None if path is None else os.path.join(process.folder, path)
