"""Whether what is stated public is what can be opened: `python -m tests.bench.rights [--files N] [--seeds N]`.

Needs root. For each forest of random owners, modes, lists and links, and each account, a forked process that has
become the account opens every path there is.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from tests.expose.forest import VISITORS, grow, opened, stated


def main() -> None:
    """Print how many files differ."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--files", type=int, default=2000)
    flags.add_argument("--seeds", type=int, default=5)
    wanted = flags.parse_args()
    compared = public = differing = 0
    seconds = 0.0
    for seed in range(wanted.seeds):
        with tempfile.TemporaryDirectory(prefix="phiscan-rights-") as folder:
            os.chmod(folder, 0o755)
            forest = grow(Path(folder), seed, wanted.files)
            for visitor in VISITORS:
                began = time.monotonic()
                said = stated(forest, visitor)
                seconds += time.monotonic() - began
                truth = opened(forest, visitor)
                compared += len(forest.files)
                public += len(truth)
                differing += len(said ^ truth)
    print(f"{compared} files stated and tried ({public} could be opened): {differing} differ")
    print(f"{seconds / compared * 1e6:.0f} microseconds a file, folders and the search for links included")


if __name__ == "__main__":
    main()
