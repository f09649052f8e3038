"""Runs a command as a whole process tree and measures it from outside, by public means only."""

from __future__ import annotations

import os
import resource
import select
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_POLL = 0.2  # seconds; the high-water mark is the kernel's, and looking must not take a core from what is measured
_KIB = 1_024


@dataclass(frozen=True, slots=True)
class Run:
    """One finished run: wall and processor seconds, the peak resident bytes of its largest process, its output."""

    seconds: float
    cpu: float
    peak: int
    processes: int  # seen while polling
    status: int
    output: bytes


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Run:
    """Run `command` to its end. Standard error is dropped, standard output kept.

    The peak is the highest `VmHWM` in /proc of the process or any descendant, polled every 0.2 s: a descendant that
    lives for less may be missed, so `ru_maxrss` of what was waited for is taken into account where it is this run's.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    peaks: dict[int, int] = {}
    with subprocess.Popen(
        list(command), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=dict(environment or os.environ)
    ) as process:
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        output = bytearray()
        ended = os.pidfd_open(process.pid)
        while not select.select([ended], [], [], _POLL)[0]:
            output += process.stdout.read() or b""
            for pid in tree(process.pid):
                peaks[pid] = max(peaks.get(pid, 0), high_water(pid))
        os.close(ended)
        seconds = time.perf_counter() - start
        os.set_blocking(process.stdout.fileno(), True)
        output += process.stdout.read()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = max(peaks.values(), default=0)
    if after.ru_maxrss > before.ru_maxrss:  # the largest child so far belongs to this run
        peak = max(peak, after.ru_maxrss * _KIB)
    return Run(seconds, cpu, peak, len(peaks), process.returncode, bytes(output))


def tree(root: int) -> list[int]:
    """Return `root` and its descendants that are alive."""
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        found.append(pid)
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                queue += map(int, task.read_text("ascii").split())
            except OSError:  # it has just ended
                continue
    return found


def high_water(pid: int) -> int:
    """Return the peak resident bytes of a process so far, 0 if it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * _KIB
    return 0
