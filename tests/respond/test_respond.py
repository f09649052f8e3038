"""What is done about incidents, by the helper as a process: first nothing, then what is configured, and back."""

from __future__ import annotations

import base64
import configparser
import hashlib
import inspect
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import py7zr
import pytest

from phiscan.alert.channel import Undelivered
from phiscan.alert.mail import ToOwner
from phiscan.alert.message import message_of
from phiscan.config import Config, Zone
from phiscan.config.alerts import Alerts
from phiscan.declared import contacts
from phiscan.messages import Told
from phiscan.messages.catalogue import TEXTS
from phiscan.respond import files, helper, quarantine, rights
from phiscan.respond.asking import actions_of
from phiscan.respond.files import ACL, Held, Refused, held
from phiscan.store import incidents, outbox
from tests.alert.book import context, rules
from tests.respond.bench import RULE, Bench
from tests.running import PATIENTS, ROOT, need

STEPS = ["claimed", "folder", "manifest", "moved", "synced", "recorded"]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Return what makes a bench."""
    all_: list[Bench] = []

    def make(*arguments: str, **config: Any) -> Bench:
        all_.append(Bench(tmp_path, *arguments, **config))
        return all_[-1]

    yield make
    for one in all_:
        one.store.close()


def seen(place: Path) -> tuple[int, ...]:
    """Return what a move leaves as it is, the access time too."""
    s = place.lstat()
    return s.st_ino, s.st_mode, s.st_uid, s.st_gid, s.st_size, s.st_mtime_ns, s.st_atime_ns


def test_without_a_configured_action_nothing_is_asked(made: Callable[..., Bench]) -> None:
    bench = made()
    bench.desk.book._asking = None
    bench.put()
    assert bench.respond("--apply").stdout.decode() == "Rien n'attend.\n"
    assert bench.states() == []


def test_dry_run_first(made: Callable[..., Bench]) -> None:
    bench = made()
    place = bench.put()
    before = seen(place)
    for _ in range(2):
        said = bench.respond().stdout.decode()
        assert "quarantaine\u202f: à blanc" in said
        assert "phiscan incidents respond --apply" in said
    assert (bench.states(), bench.said()) == ([("quarantine", "wanted", None)], ["dry"])
    assert (seen(place), bench.quarantine.exists()) == (before, False)


def test_a_dry_run_looks_as_an_action_does(made: Callable[..., Bench]) -> None:
    bench = made()
    place = bench.put()
    place.rename(bench.srv / "ailleurs.csv")
    said = bench.respond().stdout.decode()
    assert said.splitlines()[0] == (
        f"#1  quarantaine\u202f: ne se ferait pas (le fichier ou son dossier n'est plus là)  {place}"
    )
    assert (bench.states(), bench.said()) == ([("quarantine", "wanted", None)], [])


def test_quarantine_and_back(made: Callable[..., Bench]) -> None:
    bench = made()
    place = bench.put()
    before = seen(place)
    bench.respond("--apply")
    assert (place.exists(), bench.states(), bench.said()) == (False, [("quarantine", "done", None)], ["done"])
    (kept,) = bench.kept()
    assert seen(kept) == before
    assert [oct(folder.stat().st_mode & 0o7777) for folder in (bench.quarantine, kept.parent)] == ["0o700", "0o700"]
    said = bench.manifest()
    assert base64.b64decode(said["path_base64"]) == os.fsencode(place)
    assert (said["before"]["mode"], said["before"]["uid"], said["inode"]) == (0o644, os.getuid(), before[0])
    # The daemon notices that it is gone, and knows why.
    bench.desk.gone(str(place))
    shown = bench.run("incidents", "show", "1").stdout.decode()
    assert "mis en quarantaine" in shown
    assert "quarantaine\u202f: fait" in shown
    done = bench.restore()
    assert (done.returncode, done.stderr) == (0, b"")
    assert seen(place) == before
    assert (bench.kept(), bench.said()) == ([], ["done", "restored"])
    assert bench.states() == [("quarantine", "restored", None)]
    # Somebody has decided: it is not taken away again as it is, but with another content it is.
    bench.judge(place)
    bench.respond("--apply")
    assert (place.exists(), len(bench.states())) == (True, 1)
    place.write_text(PATIENTS * 2, "utf-8")
    bench.judge(place)
    bench.respond("--apply")
    assert (place.exists(), [state for _, state, _ in bench.states()]) == (False, ["restored", "done"])
    assert bench.restore().returncode == 0
    again = bench.restore()
    assert (again.returncode, "rien à remettre" in again.stderr.decode()) == (2, True)


def test_all_incidents_of_a_file_know_where_it_is(made: Callable[..., Bench], tmp_path: Path) -> None:
    """It is moved because of one; both say so, and the sealed copy is of the file, not of what has its name by now."""
    bench = made()
    place = bench.put()
    with bench.store.write() as connection:
        first = incidents.get(connection, 1)
        assert first is not None
        incidents.put(connection, replace(first, id=0, rule="zone.undeclared"))
    bench.respond("--apply")
    bench.desk.gone(str(place))
    (kept,) = bench.kept()
    place.write_text("un autre", "utf-8")
    (tmp_path / "phrase").write_text("une longue phrase secrète\n", "utf-8")
    for number in ("1", "2"):
        said = bench.run("incidents", "show", number).stdout.decode()
        assert f"gardé dans     {kept}\n" in said
        assert "résolu (mis en quarantaine)" in said
        to = tmp_path / f"copie{number}.7z"
        flags = ["--to", str(to), "--passphrase-file", str(tmp_path / "phrase"), "--reason", "essai"]
        done = bench.run("incidents", "preserve", number, *flags)
        assert (done.returncode, hashlib.sha256(PATIENTS.encode()).hexdigest().encode() in done.stdout) == (0, True)
        with py7zr.SevenZipFile(to, password="une longue phrase secrète") as archive:
            factory = py7zr.io.BytesIOFactory(1 << 20)
            archive.extractall(factory=factory)
        assert factory.products["fichier/export.csv"].read() == PATIENTS.encode()
        manifest = json.loads(factory.products["manifest.json"].read())
        assert (manifest["file"]["path"], manifest["file"]["quarantine"]) == (str(place), str(kept))
    place.unlink()
    assert bench.restore(2).returncode == 0
    assert (place.read_text("utf-8"), bench.kept()) == (PATIENTS, [])


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_every_step_of_a_move(made: Callable[..., Bench], step: str) -> None:
    """Wherever it dies the file is at one of two places, whole, and the next helper ends what was begun."""
    bench = made()
    place = bench.put()
    before = seen(place)
    bench.respond("--apply", die=step)
    (there,) = [place] * place.exists() + bench.kept()
    assert seen(there) == before
    bench.respond()  # what was begun is ended, dry run or not
    assert (place.exists(), [seen(one) for one in bench.kept()]) == (False, [before])
    assert (bench.states(), bench.said()) == ([("quarantine", "done", None)], ["done"])
    assert bench.restore().returncode == 0
    assert seen(place) == before


@pytest.mark.parametrize("step", ["claimed", "moved", "synced", "recorded"])
def test_killed_at_every_step_back(made: Callable[..., Bench], step: str) -> None:
    bench = made()
    place = bench.put()
    before = seen(place)
    bench.respond("--apply")
    assert bench.restore(die=step).returncode == -9
    bench.respond()
    assert (seen(place), bench.kept()) == (before, [])
    assert (bench.states(), bench.said()) == ([("quarantine", "restored", None)], ["done", "restored"])


def test_what_changed_since_is_left_alone(made: Callable[..., Bench]) -> None:
    bench = made()
    place = bench.put()
    times = place.stat()
    place.write_text(PATIENTS.replace("positif", "négatif")[: len(PATIENTS)], "utf-8")  # as long, and as old
    os.utime(place, ns=(times.st_atime_ns, times.st_mtime_ns))
    os.truncate(place, times.st_size)
    os.utime(place, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert (place.stat().st_size, place.stat().st_mtime_ns) == (times.st_size, times.st_mtime_ns)
    bench.respond("--apply")
    assert (place.exists(), bench.states()) == (True, [("quarantine", "refused", "changed")])
    assert bench.said() == ["refused"]


@pytest.mark.parametrize("what", ["file", "folder", "other", "gone"])
def test_nothing_is_followed_and_nothing_else_is_taken(made: Callable[..., Bench], what: str) -> None:
    bench = made()
    place = bench.put()
    elsewhere = bench.home / "ailleurs"
    elsewhere.mkdir()
    victim = elsewhere / "export.csv"
    if what == "folder":
        os.rename(place, victim)  # the same inode, behind a link
        place.parent.rmdir()
        place.parent.symlink_to(elsewhere)
    elif what == "file":
        os.rename(place, victim)
        place.symlink_to(victim)
    elif what == "other":
        shutil.copy2(place, victim)
        shutil.copy2(place, elsewhere / "copie")  # all the same, but for the inode
        os.replace(elsewhere / "copie", place)
    else:
        os.rename(place, victim)
    bench.respond("--apply")
    assert bench.states()[0][1] == "refused"
    assert bench.states()[0][2] == {"file": "link", "folder": "vanished", "other": "changed", "gone": "vanished"}[what]
    assert (victim.exists(), bench.kept()) == (True, [])


def test_a_file_that_was_swapped_in_the_last_moment_goes_back(
    made: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = made()
    place, aside = bench.put(), bench.srv / "depot/autre"

    def swap(self: Held) -> bool:
        """Look, and have somebody swap the file right after."""
        os.rename(place, aside)
        place.write_text("autre chose", "utf-8")
        return True

    monkeypatch.setattr(Held, "still_named", swap)
    (one,) = bench.responses()
    one = replace(one, kept=os.fsencode(bench.quarantine / "x-1"), before={})
    with held(os.fsencode(bench.srv), one) as file, pytest.raises(Refused) as no:
        quarantine.take(file, one, lambda step: None)
    assert no.value.why == "changed"
    assert (place.read_text("utf-8"), aside.read_text("utf-8"), bench.kept()) == ("autre chose", PATIENTS, [])


def test_a_name_that_is_taken_is_not_overwritten(made: Callable[..., Bench]) -> None:
    bench = made()
    place = bench.put()
    bench.respond("--apply")
    place.write_text("un autre", "utf-8")
    done = bench.restore()
    assert (done.returncode, "un autre fichier a pris cette place" in done.stderr.decode()) == (1, True)
    assert (place.read_text("utf-8"), len(bench.kept())) == ("un autre", 1)
    place.unlink()
    assert bench.restore().returncode == 0
    assert place.read_text("utf-8") == PATIENTS


def test_a_quarantine_that_is_not_ours(made: Callable[..., Bench]) -> None:
    bench = made()
    place = bench.put()
    bench.quarantine.mkdir(mode=0o755)
    bench.quarantine.chmod(0o755)
    bench.respond("--apply")
    assert (place.exists(), bench.states()) == (True, [("quarantine", "refused", "not_ours")])
    bench.quarantine.chmod(0o700)  # somebody has seen to it
    bench.respond("--apply")
    assert (place.exists(), bench.states()) == (False, [("quarantine", "done", None)])


def test_another_name_of_the_file_is_said(made: Callable[..., Bench]) -> None:
    bench = made()
    place = bench.put()
    os.link(place, bench.srv / "lien.csv")
    bench.respond("--apply")
    assert "il a 1 autre nom" in bench.run("incidents", "show", "1").stdout.decode()


def test_an_incident_that_is_over_or_dismissed(made: Callable[..., Bench]) -> None:
    bench = made()
    place = bench.put()
    assert bench.run("incidents", "resolve", "1").returncode == 0
    bench.respond("--apply")
    assert (place.exists(), bench.states()) == (True, [("quarantine", "refused", "over")])


# Rights.


@pytest.mark.parametrize("acl", [False, True])
def test_rights_are_closed_and_given_back(made: Callable[..., Bench], acl: bool) -> None:
    bench = made("chmod")
    place = bench.put(mode=0o664)
    if acl:
        need(shutil.which("setfacl") is not None, "setfacl")
        subprocess.run(["setfacl", "-m", "u:65534:rw", str(place)], check=True)
    before, listed = seen(place), os.getxattr(place, ACL) if acl else None
    bench.respond("--apply")
    assert (oct(place.stat().st_mode & 0o7777), bench.states()) == ("0o600", [("chmod", "done", None)])
    assert ACL not in os.listxattr(place)
    assert bench.restore().returncode == 0
    assert seen(place)[:6] == before[:6]
    assert (os.getxattr(place, ACL) if acl else None) == listed


@pytest.mark.parametrize("step", ["claimed", "mode", "acl", "synced", "recorded"])
def test_killed_at_every_step_of_closing(made: Callable[..., Bench], step: str) -> None:
    need(shutil.which("setfacl") is not None, "setfacl")
    bench = made("chmod")
    place = bench.put(mode=0o664)
    subprocess.run(["setfacl", "-m", "u:65534:rw", str(place)], check=True)
    before, listed = place.stat().st_mode, os.getxattr(place, ACL)
    bench.respond("--apply", die=step)
    bench.respond()
    assert (oct(place.stat().st_mode & 0o7777), ACL in os.listxattr(place)) == ("0o600", False)
    assert (bench.states(), bench.said()) == ([("chmod", "done", None)], ["done"])
    assert bench.restore(die=step).returncode == -9
    bench.respond()
    assert (place.stat().st_mode, os.getxattr(place, ACL)) == (before, listed)
    assert bench.states() == [("chmod", "restored", None)]


# The owner.

EMAIL = {"email": {"host": "127.0.0.1", "from": "p@example.org", "to": ["dpo@example.org"], "starttls": False}}


def test_the_owner_is_written_to(made: Callable[..., Bench], tmp_path: Path) -> None:
    zone = {"path": str(tmp_path / "srv"), "contact": "ftp-admins@example.org"}
    bench = made("notify-owner", alerts=EMAIL, zones=[zone])
    bench.put()
    bench.desk.at = 9e9  # everything is due
    assert [said[0] for said in bench.desk.said("email")] == ["alert"]
    bench.respond()
    assert (bench.desk.waits("owner"), bench.said()) == (False, ["dry"])
    bench.respond("--apply")
    assert (bench.states(), bench.said()) == ([("notify-owner", "done", None)], ["dry", "done"])
    settings = Alerts.model_validate(EMAIL).email
    assert settings is not None
    channel = ToOwner(settings, "fr", contacts([Zone.model_validate(zone)]))
    hearing = replace(context(), hears=lambda name, incident: name == "owner")
    with bench.store.write() as connection:
        item = outbox.claim(connection, "owner", bench.desk.at)
        assert item is not None
        message = message_of(connection, item, hearing, bench.desk.at)
    assert message is not None
    assert (message.kind, message.open) == ("alert", 1)
    assert not bench.desk.waits("email")
    mail = channel.mail(message)
    assert mail["To"] == "ftp-admins@example.org"
    assert "GARNIER" not in mail.as_string()
    with pytest.raises(Undelivered):
        ToOwner(settings, "fr", contacts([])).mail(message)


@pytest.mark.parametrize(
    ("alerts", "contact", "why"), [(EMAIL, None, "no_contact"), (None, "a@example.org", "no_mail")]
)
def test_nobody_to_write_to(
    made: Callable[..., Bench], tmp_path: Path, alerts: object, contact: str | None, why: str
) -> None:
    zone = {"path": str(tmp_path / "srv"), "contact": contact}
    bench = made("notify-owner", zones=[zone], **({"alerts": alerts} if alerts else {}))
    bench.put()
    bench.respond("--apply")
    assert bench.states() == [("notify-owner", "refused", why)]


# What is configured.


def test_an_action_for_a_rule_that_there_is_not() -> None:
    assert actions_of(Config(response={RULE: "chmod"}), rules()) == {RULE: "chmod"}
    with pytest.raises(Told) as error:
        actions_of(Config(response={"public.nothing": "chmod"}), rules())
    assert error.value.key == "response.rule"


def test_only_one_helper(made: Callable[..., Bench]) -> None:
    bench = made()
    bench.store.enter(helper=True)
    done = bench.run("incidents", "respond", "--once")
    assert done.returncode == 2
    assert "un autre « phiscan incidents respond »" in done.stderr.decode().replace("\u202f", " ")
    bench.store.enter()  # the daemon is another matter
    bench.store.leave()


def test_every_reason_has_its_words() -> None:
    source = "".join(inspect.getsource(module) for module in (files, helper, quarantine, rights))
    found = set(re.findall(r'Refused\("(\w+)"\)', source)) | set(re.findall(r'return "(\w+)"\n', source))
    assert {f"response.why.{why}" for why in found} <= set(TEXTS)


def test_the_unit_of_the_helper_is_a_dry_run_without_network() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.read(ROOT / "packaging/phiscan-respond.service")
    service = unit["Service"]
    assert service["execstart"].split()[1:] == ["incidents", "respond", "-c", "/etc/phiscan/phiscan.yaml"]
    assert service["user"] == configured_user()
    assert (service["privatenetwork"], service["nonewprivileges"]) == ("yes", "yes")
    need(shutil.which("systemd-analyze") is not None, "systemd-analyze")
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=30"]
    done = subprocess.run([*command, str(ROOT / "packaging/phiscan-respond.service")], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout[-300:]


def configured_user() -> str:
    """Return the account of the daemon: the folder in quarantine is left out of its walks because it is its own."""
    unit = configparser.RawConfigParser(strict=False)
    unit.read(ROOT / "packaging/phiscan.service")
    return unit["Service"]["user"]


def test_the_top_of_a_file_system() -> None:
    assert quarantine.top_of(b"/proc/self/status") == b"/proc"
    assert quarantine.top_of(b"/procession") != b"/proc"
