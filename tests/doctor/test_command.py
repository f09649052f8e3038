"""`phiscan doctor` as an operator starts it."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from phiscan.config import Config
from phiscan.doctor import Finding, Grade
from tests.running import Inside, bound_by_rights, phiscan
from tests.watching import Watch, until

GOOD, NOTE, WARNING, ERROR = Grade


def lines(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    return done.stdout.decode().splitlines()


def test_command_says_the_gravest_first_and_leaves_nothing(home: Path, configure: Callable[..., Config]) -> None:
    configure(watch=["srv", "gone"])
    done = phiscan("doctor", "-c", "phiscan.yaml", cwd=home)
    assert done.stderr == b""
    told = [line.split("  ")[0].strip() for line in lines(done)[:-1]]
    assert told == sorted(told, key=["erreur", "attention", "à savoir", "bon"].index)
    assert lines(done)[0] == (
        f"erreur     {home}/gone\u202f: ce dossier à surveiller n'existe pas\u202f; créez-le, montez-le, ou retirez-le "
        "de watch"
    )
    assert lines(done)[-1].startswith("2 erreurs, ")
    assert done.returncode == 10
    assert sorted(os.listdir(home)) == ["phiscan.yaml", "srv"]


def test_command_in_english_and_a_wrong_configuration(home: Path, configure: Callable[..., Config]) -> None:
    configure()
    done = phiscan("doctor", "-c", "phiscan.yaml", cwd=home, PHISCAN_LANGUAGE="en")
    assert f"good     {home}/srv: readable, 1 folder to watch" in lines(done)
    (home / "phiscan.yaml").write_text("watsh: []\n")
    done = phiscan("doctor", "-c", "phiscan.yaml", cwd=home)
    assert (done.returncode, done.stdout) == (2, b"")
    wrong = "phiscan.yaml:1\u202f: watsh\u202f: clé inconnue\u202f; peut-être «\u202fwatch\u202f»"
    assert done.stderr.decode() == f"phiscan: {wrong}\n"


def test_command_without_the_right_to_look(home: Path, configure: Callable[..., Config]) -> None:
    """What root may read anywhere, this account may not: bound by modes, as the service's account is."""
    configure(watch=["srv", "shut"])
    for name in ("srv/a", "srv/b/c", "shut"):
        (home / name).mkdir(parents=True)
    for name in ("srv/a", "srv/b", "shut"):
        os.chmod(home / name, 0)
    done = phiscan("doctor", "-c", "phiscan.yaml", cwd=home, first=bound_by_rights, PHISCAN_LANGUAGE="en")
    for name in ("srv/a", "srv/b", "shut"):
        os.chmod(home / name, stat.S_IRWXU)
    assert f"error    {home}/shut: this account may not read this folder to watch; " in "\n".join(lines(done))
    shut = next(line for line in lines(done) if line.startswith("warning") and f"{home}/srv:" in line)
    assert shut.startswith(f"warning  {home}/srv: 2 folders that this account may not read (one is {home}/srv/a), ")


def test_command_beside_a_daemon_at_work(home: Path) -> None:
    watch = Watch(home)
    try:
        watch.start()
        assert watch.process is not None
        until(lambda: watch.events("covered") == 1)

        def told() -> list[str]:
            return lines(phiscan("doctor", "-c", "phiscan.yaml", cwd=home, PHISCAN_LANGUAGE="en"))

        assert until(lambda: "good     phiscan watch: at work" in (found := told()) and found)
        assert (
            f"good     {home}/state/phiscan.db: the store can be reached, has the right version and is not locked"
            in told()
        )
        assert watch.process.poll() is None
        assert watch.stop()[0] == 0
    finally:
        watch.close()


@pytest.mark.parametrize(
    ("grades", "status", "last"),
    [
        ((GOOD, NOTE), 0, "0 erreur, 0 point d'attention, 1 à savoir, 1 bon"),
        ((GOOD, WARNING, NOTE), 3, "0 erreur, 1 point d'attention, 1 à savoir, 1 bon"),
        ((ERROR, WARNING), 10, "1 erreur, 1 point d'attention, 0 à savoir, 0 bon"),
    ],
)
def test_status(
    grades: tuple[Grade, ...],
    status: int,
    last: str,
    home: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [Finding(grade, "doctor.clock") for grade in grades]
    monkeypatch.setattr("phiscan.doctor.examine", lambda config: found)
    done = Inside(home, capfdbinary, monkeypatch)("doctor")
    assert (done[0], done[1].decode().splitlines()[-1]) == (status, last)
