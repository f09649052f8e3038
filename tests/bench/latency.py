"""From a file's arrival to Slack: `python -m tests.bench.latency [--files N] [--rate PER_SECOND]`.

Each file lands in a folder of its own, so each is the first alert of its group: the worst that a rate can do.
Measured from outside: from the moment the writer has closed the file to the moment the endpoint has the whole request.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.hooks import hook
from tests.watching import Watch, table, until


def main() -> None:
    """Print the distribution."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--files", type=int, default=1000)
    flags.add_argument("--rate", type=float, default=20.0)
    flags.add_argument("--fresh", action="store_true", help="each folder is made just before its file")
    flags.add_argument("--delay", type=float, default=0.0, help="seconds that the endpoint takes to answer")
    wanted = flags.parse_args()
    with tempfile.TemporaryDirectory(prefix="phiscan-latency-") as folder, hook() as slack:
        os.chmod(folder, 0o755)
        slack.hold = lambda: time.sleep(wanted.delay)
        watch = Watch(Path(folder))
        (watch.home / "slack").write_text(slack.url)
        watch.config["alerts"] = {"slack": {"webhook_url_file": "slack"}}
        for number in range(0 if wanted.fresh else wanted.files):
            (watch.srv / f"d{number}z").mkdir()
        watch.start()
        try:
            until(watch.idle)
            closed = _write(watch.srv, wanted.files, wanted.rate)
            until(lambda: len(slack.bodies) >= wanted.files, lambda: len(slack.bodies))
            usage = Path(f"/proc/{watch.process.pid}/stat").read_text().split()  # type: ignore[union-attr]
        finally:
            watch.close()
    first: dict[int, float] = {}
    for body, at in zip(slack.bodies, slack.times, strict=True):
        number = int(body["text"].rpartition("/d")[2].partition("z")[0])
        first.setdefault(number, at)
    waits = np.array([first[number] - closed[number] for number in range(wanted.files)])
    p50, p90, p99 = np.percentile(waits, [50, 90, 99])
    seconds = sum(int(ticks) for ticks in usage[13:15]) / os.sysconf("SC_CLK_TCK")
    print(f"{wanted.files} files at {wanted.rate:g}/s, from close to Slack:")
    print(f"p50 {p50:.2f} s, p90 {p90:.2f} s, p99 {p99:.2f} s, most {waits.max():.2f} s")
    print(f"the daemon's own process: {seconds / wanted.files * 1000:.0f} ms of a processor a file")


def _write(srv: Path, files: int, rate: float) -> list[float]:
    closed, began = [], time.monotonic()
    for number in range(files):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        (srv / f"d{number}z").mkdir(exist_ok=True)
        (srv / f"d{number}z" / "export.csv").write_text(table(number))
        closed.append(time.time())
    return closed


if __name__ == "__main__":
    main()
