"""Clients that fetch, leave, cut short, resume and rename files on real servers, and the truth of what they did."""

from __future__ import annotations

import os
import subprocess
import time
from collections import Counter
from pathlib import Path
from urllib.parse import quote

from tests.access.serving import Serving
from tests.running import need
from tests.watching import until

SMALL, BIG = 1000, 30_000_000  # bytes
PLAIN = b"export.csv"
SPACED = "résultat patient 1.csv".encode()
LATIN = "été 2.csv".encode("latin-1")
SIGNS = b"a\"b'c%20;d_e.csv"
LARGE = b"depot.bin"
NAMES = (PLAIN, SPACED, LATIN, SIGNS)
Truth = Counter[tuple[bytes, str, str]]  # name, action, extent


def _has(program: str) -> bool:
    return any(Path(folder, program).exists() for folder in ("/usr/bin", "/bin"))


class Client:
    """One who talks to a server. `truth` is what it did, each transfer by name, action and extent."""

    def __init__(self, serving: Serving, scratch: Path) -> None:
        self.serving, self.out = serving, scratch / "client"
        self.out.mkdir()
        self.truth: Truth = Counter()
        need(_has("curl") and _has("lftp"), "curl and lftp")
        for name in NAMES:
            self._place(name, SMALL)
        self._place(LARGE, BIG)

    def path(self, name: bytes) -> bytes:
        """Return where a file lies on the disk."""
        return os.fsencode(self.serving.root) + b"/depot/" + name

    def _place(self, name: bytes, size: int) -> None:
        with open(self.path(name), "wb") as file:
            file.write(b"y" * size)
        os.chmod(self.path(name), 0o666)

    def curl(self, *arguments: str | bytes) -> int:
        """Run curl; return its status."""
        command = ["curl", "-s", "-S", "--noproxy", "*", "-o", os.fsencode(self.out / "got"), *arguments]
        return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode

    def url(self, name: bytes) -> str:
        """Return the address of a file."""
        return f"{self.serving.url}depot/{quote(name)}"

    def fetch(self, name: bytes) -> None:
        """Fetch a file, whole."""
        assert self.curl(self.url(name)) == 0
        self.truth[name, "read", "complete"] += 1

    def cut(self, name: bytes = LARGE) -> None:
        """Begin to fetch a large file and go away."""
        got = self.out / "got"
        for seconds in (1, 2, 4, 8):  # a loaded machine may not have sent anything by then
            got.unlink(missing_ok=True)
            assert self.curl("--limit-rate", "1M", "-m", str(seconds), self.url(name)) == 28
            if got.exists() and got.stat().st_size:
                return
        raise AssertionError("nothing was sent")

    def resume(self, name: bytes = LARGE, left: int = 1_000_000) -> None:
        """Fetch the end of a file."""
        with (self.out / "got").open("wb") as file:
            file.truncate(BIG - left)
        assert self.curl("-C", "-", self.url(name)) == 0
        self.truth[name, "read", "partial"] += 1

    def look(self) -> None:
        """Do what fetches nothing: ask for sizes, list, ask for what is not there."""
        self.curl("-I", self.url(PLAIN))
        self.curl(f"{self.serving.url}depot/")
        assert self.curl("-f", self.url(b"nope.csv")) != 0

    def leave(self, name: bytes) -> None:
        """Leave a file there."""
        (self.out / "mine").write_bytes(b"z" * SMALL)
        assert self.curl("-T", str(self.out / "mine"), self.url(name)) == 0
        self.truth[name, "write", "complete"] += 1

    def rename(self, name: bytes, to: bytes) -> None:
        """Rename a file."""
        commands: list[str | bytes] = ["-Q", b"RNFR depot/" + name, "-Q", b"RNTO depot/" + to]
        assert self.curl(*commands, self.serving.url) == 0

    def lftp(self, name: bytes) -> None:
        """Fetch a file with lftp, from within its folder."""
        script = b"set net:max-retries 1; cd depot; get -O '%s' '%s'; bye" % (os.fsencode(self.out), name)
        done = subprocess.run(["lftp", "-e", script, self.serving.url], capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        self.truth[name, "read", "complete"] += 1


class SmbClient(Client):
    """The same over SMB, with smbclient."""

    def run(self, script: bytes) -> None:
        """Run commands of smbclient."""
        host, _, port = self.serving.url.split()
        command: list[str | bytes] = ["smbclient", host, "-p", port, "-N", "-U", "guest%", "-c", script]
        done = subprocess.run(command, capture_output=True, check=False, timeout=60, cwd=self.out)
        assert done.returncode == 0, done.stdout + done.stderr

    def fetch(self, name: bytes) -> None:
        """Fetch a file, whole."""
        self.run(b'get "depot/%s" got' % name)
        self.truth[name, "read", "unknown"] += 1  # the log does not tell how much

    def look(self) -> None:
        """List and ask for properties."""
        self.run(b"ls; cd depot; ls; allinfo export.csv")

    def leave(self, name: bytes) -> None:
        """Leave a file there."""
        (self.out / "mine").write_bytes(b"z" * SMALL)
        self.run(b'put mine "depot/%s"' % name)
        self.truth[name, "write", "unknown"] += 1

    def rename(self, name: bytes, to: bytes) -> None:
        """Rename a file."""
        self.run(b'rename "depot/%s" "depot/%s"' % (name, to))


def settled(logs: tuple[Path, ...]) -> None:
    """Wait until nobody writes to logs any more."""

    def quiet() -> bool:
        before = [log.stat().st_size for log in logs if log.exists()]
        time.sleep(0.3)
        return before == [log.stat().st_size for log in logs if log.exists()] and any(before)

    until(quiet)
