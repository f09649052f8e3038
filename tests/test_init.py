"""`phiscan init`: what it proposes is what the servers give away, and what it writes is a configuration."""

from __future__ import annotations

import contextlib
import ftplib
import os
import resource
import signal
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from phiscan import config as configuration
from phiscan.commands import init
from phiscan.config import Config
from phiscan.draft import Draft, Folder, draft, scalar, written
from phiscan.expose import shares
from phiscan.expose.serverfiles import Given
from phiscan.expose.shares import Share
from phiscan.messages import THIN, Language
from phiscan.source.mounts import Mount, Mounts
from tests.hooks import hook
from tests.running import Done, phiscan
from tests.servers import free_port, vsftpd


@pytest.fixture
def home() -> Iterator[Path]:
    """Return a folder into which everybody may look, with a few others in it."""
    with tempfile.TemporaryDirectory(prefix="phiscan-init-") as folder:
        os.chmod(folder, 0o755)
        for name in ("ftp/pub", "labo", "commun: #1"):
            (Path(folder) / name).mkdir(parents=True)
        os.chmod(Path(folder) / "labo", 0o750)
        yield Path(folder)


def said(done: Done) -> list[str]:
    """Return what was said, with plain spaces."""
    return (done.stdout + done.stderr).decode().replace(THIN, " ").splitlines()


def samba(home: Path) -> Path:
    """Write an smb.conf of four shares."""
    file = home / "smb.conf"
    file.write_text(
        f"[ftp]\npath = {home}/ftp\nguest ok = yes\n[commun]\npath = {home}/commun: #1\n"
        f"[labo]\npath = {home}/labo\nguest ok = yes\n[loin]\npath = /srv/nulle-part\n[tout]\npath = /etc\n",
        "utf-8",
    )
    return file


def load(file: Path) -> Config:
    return configuration.load(str(file), {})


def test_what_is_written_is_what_was_found(home: Path) -> None:
    server = samba(home)
    done = phiscan("init", "-o", "a/b/phiscan.yaml", "--server", "smb.conf", cwd=home)
    assert (done.returncode, done.stderr) == (0, b"")
    file = home / "a/b/phiscan.yaml"
    shown = said(done)
    assert shown[0] == f"{file} : écrit. Proposé à la surveillance :"
    assert shown[-1] == f"Relisez {file}, puis lancez « phiscan doctor » et « phiscan watch »."
    ours = [line for line in shown if str(server) in line or f"{home}/" in line][1:-1]
    read = ours.pop()
    assert read.startswith("  Configurations de serveurs lues : ")
    assert str(server) in read.split(" : ")[1].split(", ")
    assert ours == [
        f"  {home}/commun: #1 : selon les droits des fichiers",
        f"    samba [commun] : path = {home}/commun: #1 ({server}:5)",
        f"  {home}/ftp : public, à confirmer",
        f"    samba [ftp] : guest ok = yes ({server}:3)",
        f"  {home}/labo : selon les droits des fichiers",  # guests are let in, but the folder does not let them
        f"    samba [labo] : guest ok = yes ({server}:8)",
        "  Laissé de côté, ce dossier n'existe pas : /srv/nulle-part, partagé par samba [loin] : "
        f"path = /srv/nulle-part ({server}:10)",
        f"  Laissé de côté, dossier du système : /etc, partagé par samba [tout] : path = /etc ({server}:12)",
    ]
    config = load(file)
    below = [path for path in config.watch if path.is_relative_to(home)]
    assert below == [home / "commun: #1", home / "ftp", home / "labo"]
    zones = [(zone.path, zone.exposure) for zone in config.zones if zone.path.is_relative_to(home)]
    assert zones == [(home / "commun: #1", None), (home / "ftp", "public"), (home / "labo", None)]
    assert config.servers == (server,)
    assert config.alerts == Config().alerts
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert os.listdir(file.parent) == ["phiscan.yaml"]


def test_a_file_that_is_there_is_replaced_only_where_that_is_wanted(home: Path) -> None:
    file = home / "phiscan.yaml"
    file.write_text("language: en\n")
    done = phiscan("init", "-o", "phiscan.yaml", cwd=home)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said(done) == [f"phiscan: {file} : ce fichier existe déjà ; --force le remplace, -o en écrit un autre"]
    assert file.read_text() == "language: en\n"
    assert phiscan("init", "-o", "phiscan.yaml", "--force", cwd=home).returncode == 0
    assert load(file).language == "fr"
    assert sorted(os.listdir(home)) == ["commun: #1", "ftp", "labo", "phiscan.yaml"]


def test_a_link_that_leads_nowhere_is_a_file_too(home: Path) -> None:
    (home / "phiscan.yaml").symlink_to("elsewhere")
    assert phiscan("init", "-o", "phiscan.yaml", cwd=home).returncode == 2
    assert not (home / "elsewhere").exists()


def test_english(home: Path) -> None:
    done = phiscan("init", "-o", "phiscan.yaml", cwd=home, PHISCAN_LANGUAGE="en")
    assert said(done)[-1] == f"Read {home}/phiscan.yaml, then run “phiscan doctor” and “phiscan watch”."
    written_ = (home / "phiscan.yaml").read_text("utf-8")
    assert written_.startswith("# Configuration of phiscan, proposed by “phiscan init” from this machine. ")
    assert load(home / "phiscan.yaml").language == "en"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--server", "gone.conf"], "gone.conf : ce fichier ou dossier n'existe pas"),
        (["--server", "x.conf"], "x.conf : configuration de serveur inconnue ; attendu : un chemin qui contient smb"),
        (["--email", "a@example.org"], "--email et --smtp vont ensemble : à qui écrire, et par quel serveur"),
        (["--smtp", "localhost"], "--email et --smtp vont ensemble : à qui écrire, et par quel serveur"),
        (["--webhook", "example.org"], "alerts.webhook.url : adresse attendue : http://…, https://…"),
        (["--webhook", "https://a:b@example.org"], "alerts.webhook.url : un secret ne s'écrit pas"),
        (["--slack", "gone"], "gone : illisible (aucun fichier ou dossier de ce nom)"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(arguments: list[str], told: str, home: Path) -> None:
    (home / "x.conf").write_text("")
    done = phiscan("init", "-o", "phiscan.yaml", *arguments, cwd=home)
    assert (done.returncode, done.stdout, len(said(done))) == (2, b"", 1)
    assert told in said(done)[0]
    assert not (home / "phiscan.yaml").exists()


def no_room() -> None:
    """Let no file grow, as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_a_folder_that_cannot_be_written(home: Path) -> None:
    (home / "plain").write_text("")
    done = phiscan("init", "-o", "plain/phiscan.yaml", cwd=home)
    where = f"phiscan: {home}/plain/phiscan.yaml : n'a pas pu être écrit"
    told = [f"{where} (un fichier de ce nom existe déjà) ; -o choisit un autre emplacement"]
    assert (done.returncode, said(done)) == (1, told)
    full = phiscan("init", "-o", "phiscan.yaml", cwd=home, first=no_room)
    assert (full.returncode, len(said(full)), "phiscan.yaml" in os.listdir(home)) == (1, 1, False)


def test_the_channels_it_is_given_are_written_and_tried(home: Path) -> None:
    with hook() as slack, hook() as siem:
        (home / "slack").write_text(f"{slack.url}\n")
        arguments = ["init", "-o", "phiscan.yaml", "--slack", "slack", "--webhook", siem.url]
        done = phiscan(*arguments, cwd=home)
        assert (done.returncode, said(done)[-3:-1]) == (0, ["webhook  accepté", "slack    accepté"])
        assert (len(slack.bodies), len(siem.bodies)) == (1, 1)
        alerts = load(home / "phiscan.yaml").alerts
        assert (alerts.minimum, alerts.email, alerts.syslog) == ("high", None, None)
        assert alerts.slack is not None
        assert alerts.webhook is not None
        assert (alerts.slack.webhook_url_file, alerts.webhook.url) == (home / "slack", siem.url)
        siem.answer = lambda number: (500, {})
        done = phiscan(*arguments, "--force", cwd=home)
        assert (done.returncode, said(done)[-3:-1]) == (1, ["webhook  pas accepté : HTTP 500", "slack    accepté"])


@pytest.mark.parametrize(
    ("smtp", "expected"),
    [("mail.invalid", ("mail.invalid", 587, True)), ("127.0.0.1:25", ("127.0.0.1", 25, False))],
)
def test_mail(smtp: str, expected: tuple[str, int, bool], home: Path) -> None:
    made = Draft(alerts=init._alerts(["a@example.org", "b@example.org"], smtp, None, None, None, None))
    email = configuration.read(written(made, "fr").encode(), home / "phiscan.yaml", {}).alerts.email
    assert email is not None
    assert (email.host, email.port, email.starttls) == expected
    assert (email.sender, email.to) == ("phiscan@example.org", ("a@example.org", "b@example.org"))


def test_a_mail_server_that_does_not_answer(home: Path) -> None:
    where = f"127.0.0.1:{free_port()}"
    done = phiscan("init", "-o", "phiscan.yaml", "--email", "a@example.org", "--smtp", where, cwd=home)
    assert (done.returncode, said(done)[-2]) == (1, "email    pas accepté : serveur injoignable")
    assert (home / "phiscan.yaml").exists()  # written all the same: the channel can be mended in it


def test_a_real_anonymous_zone_is_proposed_as_public(home: Path) -> None:
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(vsftpd(home / "ftp", home / "vsftpd"))
        client = stack.enter_context(ftplib.FTP())
        client.connect("127.0.0.1", port)
        client.login()  # so it is
        assert client.nlst() == ["pub"]
        done = phiscan("init", "-o", "phiscan.yaml", "--server", "vsftpd/vsftpd.conf", cwd=home)
    assert done.returncode == 0
    zones = [(zone.path, zone.exposure) for zone in load(home / "phiscan.yaml").zones]
    assert (home / "ftp", "public") in zones


def test_where_it_is_written_the_other_commands_look(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PHISCAN_CONFIG", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    mine = init._target(None)
    mine.parent.mkdir(parents=True)
    mine.write_text("")
    monkeypatch.chdir("/")
    assert configuration.find(None, os.environ) == mine
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert init._target(None) == configuration.SYSTEM_FILE


def test_a_configuration_that_cannot_be_read_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = samba(home)
    monkeypatch.setattr(shares, "usual", lambda: [("nfs", home / "ftp"), ("samba", server)])  # a folder is no file
    made = init._drafted([])
    assert (made.read, made.unread, made.servers) == ((str(server),), (f"{home}/ftp",), ())
    line = f"{home}/ftp : illisible pour ce compte, ce que ce serveur partage n'est pas proposé ; relancez en root"
    assert f"# {line}" in written(made, "fr").splitlines()
    assert f"  {line}" in [one.replace(THIN, " ") for one in init._summary(made, home / "phiscan.yaml", "fr")]


# The draft.


def share(path: str, *, opened: bool = True, line: int = 1) -> Share:
    return Share("samba", os.fsencode(path), Given(path, line, "guest ok = yes", open=opened), f"/etc/smb.conf:{line}")


def test_a_folder_inside_another_is_a_zone_and_no_root(home: Path) -> None:
    made = draft(
        [share(f"{home}/ftp/pub", opened=False), share(f"{home}/ftp"), share(f"{home}/ftp", line=2)], Mounts([])
    )
    assert made.watch == [os.fsencode(home / "ftp")]
    found = [(folder.path, folder.public, len(folder.shares)) for folder in made.folders]
    assert found == [(os.fsencode(home / "ftp"), True, 2), (os.fsencode(home / "ftp/pub"), False, 1)]


def test_links_are_followed_and_the_system_is_left_out(home: Path) -> None:
    (home / "link").symlink_to("labo")
    (home / "all").symlink_to("/")
    (home / "r\udce9s").mkdir()
    (home / "a\nb").mkdir()
    paths = ["/", "/usr/share/doc", "/proc", f"{home}/all", f"{home}/gone", f"{home}/r\udce9s", f"{home}/a\nb"]
    made = draft([share(path) for path in [*paths, f"{home}/link"]], Mounts([]))
    assert [folder.path for folder in made.folders] == [os.fsencode(home / "labo")]
    assert [why.rpartition(".")[2] for _, why in made.left] == ["system"] * 4 + ["missing", "name", "name"]
    assert yaml.safe_load(written(made, "fr"))["watch"] == [f"{home}/labo"]


def test_mounts_are_left_as_comments() -> None:
    kinds = {
        "/": "ext4", "/boot": "ext4", "/srv/nas": "nfs4", "/mnt/usb": "vfat", "/mnt/ram": "tmpfs", "/win": "cifs",
        "/proc": "proc", "/run/user/0/doc": "fuse.portal", "/data/a b": "xfs", "/var/lib/x": "ext4",
    }  # fmt: skip
    mounts = Mounts([Mount(os.fsencode(at), n, kind, frozenset()) for n, (at, kind) in enumerate(kinds.items())])
    made = draft([], mounts)
    lines = written(made, "fr").splitlines()
    at = lines.index("watch: []")
    remote = "changements faits ailleurs non annoncés par le noyau, parcouru chaque minute"
    assert lines[at - 1 : at + 6] == [
        "# Aucun dossier partagé n'a été trouvé : donnez au moins un dossier, comme [/srv/ftp].",
        "watch: []",
        '#  - "/data/a b"  # xfs',
        "#  - /mnt/usb  # vfat",
        f"#  - /srv/nas  # nfs4 : {remote}",
        f"#  - /win  # cifs : {remote}",
        "",
    ]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_key_left_as_a_comment_holds_when_it_is_taken_in(lang: Language, tmp_path: Path) -> None:
    lines = written(Draft(), lang).splitlines()
    keys = tuple(f"# {field.alias or name}:" for name, field in Config.model_fields.items())
    taken = [line[2:] if line.startswith((*keys, "#   ")) else line for line in lines]
    config = configuration.read("\n".join(taken).encode(), tmp_path / "phiscan.yaml", {})
    assert config.organisation.dpo == "dpo@example.org"
    assert config.alerts.email is not None
    assert [zone.exposure for zone in config.zones] == ["public"]
    assert (config.heartbeat.every, config.exclude, config.limits) == (300.0, ("*.iso",), Config().limits)
    assert config.store == "sqlite:////var/lib/phiscan/phiscan.db"


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=30))
def test_any_name_is_written_as_yaml(name: str) -> None:
    assert yaml.safe_load(f"{{a: [{scalar(name)}]}}") == {"a": [name]}


def test_any_evidence_stays_in_its_comment(home: Path) -> None:
    odd = Share("samba", b"", Given("", 1, "a\nwatch: [/]", open=True, name="x\ry"), "/etc/a\u2028b:1")
    text = written(Draft(folders=[Folder(os.fsencode(home), [odd])]), "fr")
    assert yaml.safe_load(text)["watch"] == [str(home)]
    assert r"    # samba [x\x0dy] : a\x0awatch: [/] (/etc/a\xe2\x80\xa8b:1)" in text.splitlines()
