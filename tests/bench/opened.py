"""From `guest ok = yes` to the alert: `python -m tests.bench.opened [--files N] [--trials N]`. Needs root.

A daemon knows folders of patients' data that only the guests' account may read, each a share. One share after the
other is opened; measured from the moment the configuration has been written to the moment the alert is in the file.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.watching import Watch, table, until

_NOBODY = 65534


def main() -> None:
    """Print the distribution."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--files", type=int, default=200, help="under each share")
    flags.add_argument("--trials", type=int, default=10)
    wanted = flags.parse_args()
    with tempfile.TemporaryDirectory(prefix="phiscan-opened-") as folder:
        os.chmod(folder, 0o755)
        watch = Watch(Path(folder), servers=[f"{folder}/smb.conf"], zones=[])
        watch.env = {"PHISCAN_DISCOVER": "true"}
        for trial in range(wanted.trials):
            labo = watch.srv / f"labo{trial}"
            labo.mkdir()
            os.chown(labo, _NOBODY, _NOBODY)
            labo.chmod(0o500)
            for number in range(wanted.files):
                (labo / f"{number}.csv").write_text(table(trial * wanted.files + number))
        _say(watch, wanted.trials, 0)
        watch.start()
        try:
            until(lambda: watch.idle() and set(watch.ledger().values()) == {"scanned"})
            waits = np.array([_trial(watch, wanted.trials, trial) for trial in range(wanted.trials)])
        finally:
            watch.close()
    p50, p90 = np.percentile(waits, [50, 90])
    print(f"{wanted.files} files under each share, {wanted.trials} trials, from the configuration to the alert:")
    print(f"p50 {p50:.2f} s, p90 {p90:.2f} s, most {waits.max():.2f} s")


def _trial(watch: Watch, trials: int, trial: int) -> float:
    _say(watch, trials, trial + 1)
    began = time.monotonic()
    names = f"/labo{trial}/", f"/labo{trial}'"
    until(lambda: any(name in str(message) for message in watch.messages() for name in names))
    took = time.monotonic() - began
    time.sleep(3.0)  # the rest is judged, and the daemon takes the change for settled
    return took


def _say(watch: Watch, shares: int, opened: int) -> None:
    lines = ["[global]", "map to guest = Bad User", "guest account = nobody"]
    for share in range(shares):
        guest = "yes" if share < opened else "no"
        lines += [f"[labo{share}]", f"path = {watch.srv}/labo{share}", f"guest ok = {guest}"]
    new = watch.home / "smb.conf.new"
    new.write_text("\n".join(lines) + "\n")
    new.rename(watch.home / "smb.conf")


if __name__ == "__main__":
    main()
