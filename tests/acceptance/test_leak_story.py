"""The leak as a hospital lives it: a real vsftpd, an export in its anonymous zone, somebody who takes it, the repair.

What the security officer is told on Slack, and what `phiscan incidents show -f json` says, at each step.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from phiscan.incidents.incident import Incident
from tests.access.serving import program, running
from tests.generate.leak import write
from tests.hooks import Hook, hook
from tests.running import need, phiscan
from tests.servers import free_port
from tests.watching import Watch, until

SECONDS = 20.0  # within which a repair is noticed, on a busy machine


class Ftp:
    """A vsftpd whose configuration is rewritten, and which is restarted then, as `systemctl restart` does."""

    def __init__(self, home: Path) -> None:
        self.program, self.port = program("vsftpd"), free_port()
        self.home, self.root, self.log = home, home / "ftp", home / "vsftpd.log"
        self.root.mkdir(mode=0o750)
        shutil.chown(self.root, group="ftp")  # so that nobody but the visitors of the server is let in
        (home / "empty").mkdir()
        self.config = home / "vsftpd.conf"
        self._running = contextlib.ExitStack()

    def restart(self, anonymous: str) -> float:
        """Write the setting, restart the server; return when that was written."""
        settings = {
            "listen": "YES", "listen_address": "127.0.0.1", "listen_port": self.port, "background": "NO",
            "anonymous_enable": anonymous, "anon_root": self.root, "local_enable": "YES",
            "xferlog_enable": "YES", "vsftpd_log_file": self.log,
            "secure_chroot_dir": self.home / "empty", "seccomp_sandbox": "NO",
        }  # fmt: skip
        self.close()
        self.config.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), "utf-8")
        self.config.chmod(0o600)
        at = time.time()
        command = [self.program, str(self.config)]
        self._running.enter_context(running(command, self.port, self.home, TZ="UTC"))
        return at

    def close(self) -> None:
        """End the server."""
        self._running.close()

    def fetch(self, name: str) -> bytes:
        """Download a file as a stranger does."""
        out = self.home / "taken"
        url = f"ftp://anonymous:x%40example.org@127.0.0.1:{self.port}/{name}"
        subprocess.run(["curl", "-sS", "--noproxy", "*", "-o", str(out), url], check=True, timeout=60)
        return out.read_bytes()


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="phiscan-leak-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.fixture
def ftp(home: Path) -> Iterator[Ftp]:
    need(shutil.which("curl") is not None, "curl")
    one = Ftp(home)
    one.restart("YES")
    yield one
    one.close()


@pytest.fixture
def slack() -> Iterator[Hook]:
    with hook() as one:
        yield one


@pytest.fixture
def watch(home: Path, ftp: Ftp, slack: Hook) -> Iterator[Watch]:
    (home / "slack").write_text(slack.url)
    one = Watch(
        home,
        watch=[str(ftp.root)],
        zones=[{"path": str(ftp.root), "owner": "Exploitation"}],  # whether it is exposed is for phiscan to find out
        servers=[str(ftp.config)],
        alerts={"slack": {"webhook_url_file": str(home / "slack")}, "group_wait": 0.5},
        language="fr",
    )
    one.env |= {"PHISCAN_DISCOVER": "true", "TZ": "UTC"}
    yield one
    one.close()


def told(slack: Hook, number: int, *, accounts: bool = False) -> dict[str, str]:
    """Return a message of those that came of files, or of accounts, by its labels; its headline under ""."""

    def came() -> list[dict[str, Any]]:
        return [one for one in slack.bodies if ("compte partagé" in one["text"]) is accounts]

    until(lambda: len(came()) > number, lambda: slack.bodies)
    header, *blocks = came()[number]["blocks"]
    lines = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    facts = re.findall(r"^\*([^*]+)\* (.+)$", "\n".join(lines), re.MULTILINE)
    return {"": header["text"]["text"]} | {label.lower(): value for label, value in facts}


def events(said: dict[str, Any]) -> list[str]:
    return [one["event"] for one in said["history"]]


class Story:
    """What is the same at each step: where the export lies, how many people are in it, and by which line it is open."""

    def __init__(self, watch: Watch, ftp: Ftp, slack: Hook) -> None:
        self.watch, self.ftp, self.slack = watch, ftp, slack
        self.place, self.line = f"{ftp.root}/migration", f"{ftp.config}:5"
        self.alarm = f"🔴 phiscan · Alerte · critique · 1 fichier · {self.place}"
        self.persons = write(watch.home / "export.csv", 60, 3)["persons"]
        self.export = (watch.home / "export.csv").read_bytes()

    def incident(self) -> Incident:
        """Return the incident of the health data, as the store has it."""
        (found,) = [one for one in self.watch.incidents() if one.rule == "public.identified-health"]
        return found

    def shown(self) -> dict[str, Any]:
        """Return what `incidents show` says of it."""
        config = str(self.watch.home / "phiscan.yaml")
        number = str(self.incident().id)
        done = phiscan("incidents", "show", number, "-f", "json", "-c", config, cwd=self.watch.home)
        assert (done.returncode, done.stderr) == (0, b"")
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def arrives(self) -> dict[str, str]:
        """Copy the export into the zone that anybody may read; return what is told."""
        (self.ftp.root / "migration").mkdir()
        shutil.copyfile(self.watch.home / "export.csv", f"{self.place}/patients.csv")
        first = told(self.slack, 0)
        assert first[""] == self.alarm
        assert first["exposé"].startswith(f"public, sans aucun compte (vsftpd: {self.line} anonymous_enable=YES, ")
        assert first["personnes"].startswith(f"{self.persons}, dont ")
        assert first["données"].startswith("VIH, ")
        assert "lu par" not in first
        until(lambda: self.shown()["readers"]["state"] == "no_evidence")
        said = self.shown()
        assert (said["state"], said["severity"], said["path"]) == ("new", "critical", f"{self.place}/patients.csv")
        assert said["persons"] == {"count": self.persons, "exact": True}
        assert said["exposure"]["level"] == "public"
        why = {"service": "vsftpd", "setting": "anonymous_enable=YES", "source": self.line, "zone": str(self.ftp.root)}
        assert said["exposure"]["reasons"][0] == why
        logs = [log for one in said["readers"]["services"] for log in one["logs"]]  # of all servers that run here
        assert str(self.ftp.log) in logs  # which only the server's configuration names
        assert events(said) == ["opened"]
        return first

    def is_taken(self) -> dict[str, str]:
        """Download it as a stranger; return what is told."""
        assert self.ftp.fetch("migration/patients.csv") == self.export
        second = told(self.slack, 1)
        (at,) = re.findall(r"(\d\d:\d\d):\d\d \d{4} .*OK DOWNLOAD", self.ftp.log.read_text())
        assert (second[""], second["lu par"]) == (self.alarm, f"127.0.0.1, complet, {at}")
        said = self.shown()
        assert events(said) == ["opened", "read"]
        assert said["readers"]["state"] == "read"
        (reader,) = said["readers"]["by"]
        first, last = reader.pop("first"), reader.pop("last")
        reader.pop("certain")  # it depends on whether other servers of that kind run on this machine
        assert said["readers"]["exposed"]["since"]["at"] <= first == last
        assert said["readers"]["exposed"]["until"] is None
        assert reader == {
            "address": "127.0.0.1",
            "account": "ftp",
            "service": "vsftpd",
            "reads": 1,
            "bytes": len(self.export),
            "extent": "complete",
            "extents": {"complete": 1},
            "during_exposure": True,
        }
        return second

    def is_closed(self, before: dict[str, str]) -> None:
        """Close the server to strangers."""
        since = self.shown()["readers"]["exposed"]["since"]
        at = self.ftp.restart("NO")
        third = told(self.slack, 2)
        assert third[""] == f"✅ phiscan · Terminé · critique · 1 fichier · {self.place}"
        assert (third["était exposé"], third["lu par"]) == (before["exposé"], before["lu par"])
        assert "exposé" not in third
        said = self.shown()
        assert (said["state"], said["resolution"]) == ("resolved", "unexposed")
        assert events(said) == ["opened", "read", "resolved"]
        assert at < (self.incident().closed or 0) < at + SECONDS
        assert said["readers"]["exposed"]["since"] == since  # though what proved it has been rewritten
        assert said["readers"]["exposed"]["until"]["at"] == said["closed"]

    def is_opened_again(self, before: dict[str, str]) -> None:
        """Open it again."""
        self.ftp.restart("YES")
        fourth = told(self.slack, 3)
        assert (fourth[""], fourth["exposé"]) == (self.alarm.replace("Alerte", "Rouvert"), before["exposé"])
        said = self.shown()
        assert (said["state"], said["resolution"], said["closed"]) == ("new", None, None)
        assert events(said) == ["opened", "read", "resolved", "reopened"]
        assert said["readers"]["exposed"]["until"] is None


def test_from_the_export_to_the_repair_and_back(watch: Watch, ftp: Ftp, slack: Hook) -> None:
    story = Story(watch, ftp, slack)
    watch.start()
    first = story.arrives()
    second = story.is_taken()
    assert second["exposé"] == first["exposé"]
    story.is_closed(second)
    story.is_opened_again(first)
    shared = told(slack, 0, accounts=True)  # that strangers come under one name is told too
    assert shared[""] == f"🟠 phiscan · Alerte · haute · 1 compte partagé · {ftp.root}"
    assert slack.unfit == []
