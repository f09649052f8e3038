"""From `guest ok = yes` to the alert: `python -m tests.bench.opened [--files N] [--trials N]`. Needs root.

A daemon knows a folder of patients' data that only the guests' account may read. The configuration above it opens and
shuts again; measured from the moment the configuration has been written to the moment the alert is in the file.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from phiscan.incidents.incident import Incident
from phiscan.model import Level
from tests.watching import Watch, table, until

_NOBODY = 65534


def main() -> None:
    """Print the distribution."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--files", type=int, default=1000)
    flags.add_argument("--trials", type=int, default=10)
    wanted = flags.parse_args()
    with tempfile.TemporaryDirectory(prefix="phiscan-opened-") as folder:
        os.chmod(folder, 0o755)
        watch = Watch(Path(folder), servers=[f"{folder}/smb.conf"], zones=[])
        watch.env = {"PHISCAN_DISCOVER": "true"}
        labo = watch.srv / "labo"
        labo.mkdir()
        os.chown(labo, _NOBODY, _NOBODY)
        labo.chmod(0o500)
        for number in range(wanted.files):
            (labo / f"{number}.csv").write_text(table(number))
        _say(watch, "no")
        watch.start()
        try:
            until(lambda: watch.idle() and set(watch.ledger().values()) == {"scanned"})
            waits = np.array([_trial(watch) for _ in range(wanted.trials)])
        finally:
            watch.close()
    p50, p90 = np.percentile(waits, [50, 90])
    print(f"{wanted.files} files under the share, {wanted.trials} trials, from the configuration to the alert:")
    print(f"p50 {p50:.2f} s, p90 {p90:.2f} s, most {waits.max():.2f} s")


def _trial(watch: Watch) -> float:
    alerts = _told(watch, "alert")
    _say(watch, "yes")
    began = time.monotonic()
    until(lambda: _told(watch, "alert") > alerts)
    took = time.monotonic() - began
    time.sleep(3.0)  # the rest is judged, and the daemon takes the change for settled
    _say(watch, "no")
    until(lambda: not any(one.level is Level.PUBLIC for one in _open(watch)))
    time.sleep(2.0)  # what was held back of the last group has been told
    return took


def _told(watch: Watch, kind: str) -> int:
    return sum(message["kind"] == kind for message in watch.messages())


def _open(watch: Watch) -> list[Incident]:
    return [one for one in watch.incidents() if one.open]


def _say(watch: Watch, guest: str) -> None:
    new = watch.home / "smb.conf.new"
    general = "[global]\nmap to guest = Bad User\nguest account = nobody\n"
    new.write_text(f"{general}[labo]\npath = {watch.srv}/labo\nguest ok = {guest}\n")
    new.rename(watch.home / "smb.conf")


if __name__ == "__main__":
    main()
