"""What the rights of a file behind a CIFS mount cost: `python -m tests.bench.ntrights [--files N]`. Needs root, Samba.

The server is on this machine. Each file is asked about over SMB once, and then answered from memory.
"""

from __future__ import annotations

import argparse
import os
import time

from phiscan.expose.nt.mounted import Mounted
from phiscan.expose.nt.rights import Rights
from phiscan.expose.permissions import Cache, posix_exposure
from tests.expose import netmatrix
from tests.expose.ntserver import GLOBAL, ntserver


def main() -> None:
    """Print the time of each, all in all and of the processor."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--files", type=int, default=3000)
    count = flags.parse_args().files
    for scratch in netmatrix.scratch():
        with ntserver(scratch, f"[nt]\npath = DATA\nread only = no\n{GLOBAL}") as server:
            files = [os.fsencode(server.data / str(at)) for at in range(count)]
            for file in files:
                with open(file, "wb"):
                    pass
            rights = Rights((server.configured(guests=False),))
            for what in ("asked", "known"):
                cache = Cache(server.mount("nt"), nt=Mounted(rights))
                began, used = time.monotonic(), time.process_time()
                for file in files:
                    posix_exposure(file, os.lstat(file), cache=cache)
                whole, own = time.monotonic() - began, time.process_time() - used
                each, cpu = whole / count * 1e3, own / count * 1e3
                print(f"{what}: {each:.2f} ms a file, {cpu:.2f} of CPU; {rights.asked} questions")
            rights.close()


if __name__ == "__main__":
    main()
