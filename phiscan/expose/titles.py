"""Servers that show a title instead of their arguments: which configuration they run with can only be guessed.

The usual file is what they mostly run with. It is not where no such file is there, nor where one of them is met at a
port of which no file says a word.
"""

from __future__ import annotations

from collections.abc import Iterable

from phiscan.expose.machine import Machine, Process, Trouble
from phiscan.expose.processes import heard_by

NOT_SHOWN = "the arguments of the server are not shown"


def is_title(process: Process) -> bool:
    """Whether a process says what it does, not how it was called: "proftpd: (accepting connections)"."""
    return bool(process.argv) and "(" in process.argv[0]


def ports_of(machine: Machine, processes: Iterable[Process]) -> list[int]:
    """Return the ports at which processes of this machine take connections, as far as we may look."""
    if machine.root != "/":  # what was collected elsewhere, or runs in a network of its own
        return []
    return sorted({one.port for process in processes if process.pid for one in heard_by(process.pid)})


def unexplained(machine: Machine, service: str, processes: Iterable[Process], known: Iterable[int]) -> None:
    """Note that processes with a title run with a configuration that nobody has found. `known`: ports of those found.

    Without any that is so in any case.
    """
    hidden = [process for process in processes if is_title(process)]
    ports = set(known)
    if hidden and (not ports or set(ports_of(machine, hidden)) - ports):
        machine.troubles.append(Trouble(service, service, NOT_SHOWN))
