"""Files as servers really write them, vsftpd and Samba: each that is sensitive is one incident, with all its persons.

However its client sends it: under any name, in pieces, given up and resumed, under a temporary name, as a tree.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import CLEAN, need
from tests.servers import samba, vsftpd
from tests.watching import Watch, table, until

PUBLIC = "public.identified-health"
LATIN = b"r\xe9sultats d'analyses.csv"
_LINE = 64  # bytes of a line of `aligned`: whatever power of two a client sends at once ends where a line does


def aligned(seed: int, rows: int) -> bytes:
    """Return a table all of whose lines have the same length, its header too."""
    head, *lines = table(seed, rows).split("\n")[:-1]
    return b"".join((line + ";SITE").ljust(_LINE - 1, "_").encode() + b"\n" for line in (head, *lines))


@pytest.fixture
def drop(watch: Watch) -> Path:
    """Return a folder below a watched root, declared public, into which servers let everybody write."""
    folder = watch.srv / "pub"
    folder.mkdir()
    until(watch.idle)
    return folder


@pytest.fixture
def local(watch: Watch) -> Path:
    """Return a folder of the client's."""
    folder = watch.home / "local"
    folder.mkdir()
    return folder


@pytest.fixture
def ftp(watch: Watch, drop: Path) -> Iterator[str]:
    """Run vsftpd; return the address of the folder."""
    with vsftpd(watch.srv, watch.home / "vsftpd", drop) as port:
        yield f"ftp://127.0.0.1:{port}/pub"


@pytest.fixture
def share(watch: Watch, drop: Path) -> Iterator[int]:
    """Run Samba on the folder."""
    with samba(drop, watch.home / "samba") as port:
        yield port


def run(program: str, *arguments: str | bytes, stdin: bytes | None = None, cwd: Path | None = None) -> None:
    need(shutil.which(program) is not None, program)
    done = subprocess.run([program, *arguments], input=stdin, cwd=cwd, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")


def curl(file: bytes | str, url: str, name: bytes | str, *more: str) -> None:
    run("curl", "-sS", *more, "-T", file, f"{url}/{urllib.parse.quote(name)}")


def lftp(url: str, commands: str, cwd: Path) -> None:
    run("lftp", "-c", f"set net:max-retries 2; open {url}; {commands}", cwd=cwd)


def smbclient(port: int, commands: str, cwd: Path) -> None:
    run("smbclient", *_smb(port), "-c", commands, cwd=cwd)


def _smb(port: int) -> list[str]:
    return ["-N", "-s", "/dev/null", "-p", str(port), "//127.0.0.1/depot"]


def given_up(command: list[str], content: bytes, file: Path) -> int:
    """Upload `content` from standard input, and kill the client in the middle; return how many lines have come."""
    need(shutil.which(command[0]) is not None, command[0])
    null = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=null, stderr=null) as client:
        assert client.stdin is not None
        client.stdin.write(content)
        client.stdin.flush()
        until(lambda: file.exists() and file.stat().st_size > 0)
        until(lambda: _still(file))
        client.kill()
    size = file.stat().st_size
    assert 0 < size <= len(content)
    assert size % _LINE == 0
    return size // _LINE


def _still(file: Path) -> bool:
    """Whether a file does not grow for a while."""
    size = file.stat().st_size
    time.sleep(0.3)
    return file.stat().st_size == size


def persons(watch: Watch) -> dict[str, int]:
    """Return how many persons each place has, all of one open incident that has been read whole."""
    found = watch.incidents()
    assert len({one.path for one in found}) == len(found)
    sure = [one for one in found if (one.rule, one.state, one.complete) == (PUBLIC, "new", True) and one.facts.exact]
    return {os.fsdecode(one.path).removeprefix(f"{watch.srv}/pub/"): one.facts.persons for one in sure}


def settled(watch: Watch, expected: dict[str, int], clean: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """Wait until the incidents are those expected and all of them have been told; each stays the one it was."""
    files = {f"pub/{name}": "scanned" for name in (*expected, *clean)}
    until(lambda: persons(watch) == expected and watch.ledger() == files, lambda: (persons(watch), watch.ledger()))
    until(lambda: watch.unsent() == 0)
    assert len(watch.incidents()) == len(expected)
    assert {kind for one in watch.incidents() for kind in watch.kinds(one.id)} <= {"opened", "grown", "moved"}
    last = {one["thread"]: one["open"] for one in watch.messages()}
    assert sum(last.values()) == len(expected)
    assert sum(one["new"] for one in watch.messages()) == len(expected)


def test_curl_to_vsftpd(watch: Watch, ftp: str, local: Path, drop: Path) -> None:
    for number, name in enumerate(("export.csv", "liste des patients.csv", "été 2026 – hôpital.csv"), 1):
        (local / "a.csv").write_text(table(number, number + 3))
        curl(str(local / "a.csv"), ftp, name)
    (local / "a.csv").write_text(table(10, 7))
    curl(str(local / "a.csv"), ftp, LATIN)
    (local / "a.csv").write_text(table(20, 8))
    curl(str(local / "a.csv"), ftp, "un/dossier neuf/a.csv", "--ftp-create-dirs")
    (local / "a.csv").write_text(table(30, 9))
    curl(str(local / "a.csv"), ftp, ".fin.csv.part", "-Q", "-RNFR .fin.csv.part", "-Q", "-RNTO fin.csv")
    (local / "a.txt").write_text(CLEAN)
    curl(str(local / "a.txt"), ftp, "propre.txt")
    assert os.path.exists(os.fsencode(drop) + b"/" + LATIN)
    names = {"export.csv": 4, "liste des patients.csv": 5, "été 2026 – hôpital.csv": 6, os.fsdecode(LATIN): 7}
    settled(watch, {**names, "un/dossier neuf/a.csv": 8, "fin.csv": 9}, {"propre.txt"})


def test_an_ftp_upload_is_given_up_and_resumed(watch: Watch, ftp: str, local: Path, drop: Path) -> None:
    whole = aligned(1, 6000)
    (local / "a.csv").write_bytes(whole)
    came = given_up(["curl", "-sS", "-T", "-", f"{ftp}/lent.csv"], whole[: 4000 * _LINE], drop / "lent.csv")
    settled(watch, {"lent.csv": came - 1})  # what is sensitive in it is so without the rest
    curl(str(local / "a.csv"), ftp, "lent.csv", "-C", "-")
    assert (drop / "lent.csv").read_bytes() == whole
    settled_count(watch, "lent.csv", 6000)


def settled_count(watch: Watch, name: str, count: int) -> None:
    """Wait until the one incident has grown."""
    until(lambda: persons(watch) == {name: count}, lambda: persons(watch))
    until(lambda: watch.unsent() == 0)
    assert [(one.facts.persons, watch.kinds(one.id)[0]) for one in watch.incidents()] == [(count, "opened")]
    until(lambda: watch.messages()[-1]["persons"]["count"] == count)


def test_lftp_to_vsftpd(watch: Watch, ftp: str, local: Path) -> None:
    for number, name in enumerate(("été.csv", "un nom.csv", "trois.csv"), 1):
        (local / name).write_text(table(number, number + 3))
    (local / "arbre/sous dossier/b").mkdir(parents=True)
    (local / "arbre/a.csv").write_text(table(10, 7))
    (local / "arbre/sous dossier/b/c.csv").write_text(table(11, 8))
    (local / "arbre/propre.txt").write_text(CLEAN)
    (local / "tmp.csv").write_text(table(12, 9))
    (local / "r\xe9sultats d'analyses.csv").write_text(table(13, 10))
    lftp(ftp, 'mput "été.csv" "un nom.csv" trois.csv', local)
    lftp(ftp, "mirror -R arbre arbre", local)
    lftp(ftp, "set xfer:use-temp-file yes; set xfer:temp-file-name .*.tmp; put tmp.csv", local)
    lftp(f"{ftp}", "set ftp:charset iso-8859-1; set file:charset utf-8; mput r*", local)
    expected = {"été.csv": 4, "un nom.csv": 5, "trois.csv": 6, "arbre/a.csv": 7, "arbre/sous dossier/b/c.csv": 8}
    settled(watch, {**expected, "tmp.csv": 9, os.fsdecode(LATIN): 10}, {"arbre/propre.txt"})


def test_lftp_resumes(watch: Watch, ftp: str, local: Path, drop: Path) -> None:
    whole = aligned(1, 500)
    (local / "lent.csv").write_bytes(whole[: 200 * _LINE])
    lftp(ftp, "put lent.csv", local)
    settled(watch, {"lent.csv": 199})
    (local / "lent.csv").write_bytes(whole)
    lftp(ftp, "put -c lent.csv", local)
    assert (drop / "lent.csv").read_bytes() == whole
    settled_count(watch, "lent.csv", 500)


def test_smbclient_to_samba(watch: Watch, share: int, local: Path) -> None:
    for number, name in enumerate(("été.csv", "un nom.csv", "trois.csv"), 1):
        (local / name).write_text(table(number, number + 3))
    (local / "arbre/sous dossier/b").mkdir(parents=True)
    (local / "arbre/a.csv").write_text(table(10, 7))
    (local / "arbre/sous dossier/b/c.csv").write_text(table(11, 8))
    (local / "arbre/propre.txt").write_text(CLEAN)
    smbclient(share, 'put "été.csv"; put "un nom.csv" "autre nom.csv"', local)
    smbclient(share, "put trois.csv ~tmp; rename ~tmp trois.csv", local)
    smbclient(share, "prompt off; recurse on; mput arbre", local)
    expected = {"été.csv": 4, "autre nom.csv": 5, "trois.csv": 6, "arbre/a.csv": 7, "arbre/sous dossier/b/c.csv": 8}
    settled(watch, expected, {"arbre/propre.txt"})


def test_a_share_with_names_in_latin_1(watch: Watch, drop: Path, local: Path) -> None:
    (local / "a.csv").write_text(table(1, 5))
    with samba(drop, watch.home / "samba", "ISO-8859-1") as port:
        smbclient(port, f'put a.csv "{LATIN.decode("latin-1")}"', local)
    assert os.path.exists(os.fsencode(drop) + b"/" + LATIN)
    settled(watch, {os.fsdecode(LATIN): 5})


def test_an_smb_upload_is_given_up_and_begun_anew(watch: Watch, share: int, local: Path, drop: Path) -> None:
    whole = aligned(1, 200_000)  # more than the client keeps in its hands
    (local / "lent.csv").write_bytes(whole)
    came = given_up(
        ["smbclient", *_smb(share), "-c", "iosize 65536; put - lent.csv"], whole[: 180_000 * _LINE], drop / "lent.csv"
    )
    settled(watch, {"lent.csv": came - 1})
    smbclient(share, "put lent.csv", local)  # from the beginning: its `reput` writes the rest over the beginning
    assert (drop / "lent.csv").read_bytes() == whole
    settled_count(watch, "lent.csv", 200_000)
