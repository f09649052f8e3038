"""Whom a server is asked as, what is asked again, what is not established: over real servers and mount tables."""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import os
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from phiscan.content import recognizers_folder
from phiscan.daemon.examine import Examiner
from phiscan.expose.discover import Discovery
from phiscan.expose.nt.account import Account, Server, account_of
from phiscan.expose.nt.mounted import Mounted
from phiscan.expose.nt.names import place_of
from phiscan.expose.nt.rights import Rights
from phiscan.expose.permissions import Cache, posix_exposure
from phiscan.expose.zones import Zones, gap_of
from phiscan.model import Exposure, Level
from phiscan.recognize.load import load_ruleset
from phiscan.source.mounts import Mount, Mounts, parse
from phiscan.source.walk import place_of as file_of
from phiscan.store import Store, ledger
from tests.alert.book import Desk, rules
from tests.expose import netmatrix
from tests.expose.ntmatrix import FULL, OWN, READ_
from tests.expose.ntmount import mounted
from tests.expose.ntserver import GLOBAL, NtServer, ntserver
from tests.running import PATIENTS, Inside

SHARES = f"[nt]\npath = DATA\nread only = no\n{GLOBAL}"
EVERYBODY = (f"S-1-1-0:ALLOWED/0x0/{READ_}",)


@pytest.fixture(scope="module")
def nas() -> Iterator[NtServer]:
    """Run a server on which each test has a folder of its own."""
    for folder in netmatrix.scratch():
        with ntserver(folder, SHARES) as running:
            yield running


@pytest.fixture
def folder(nas: NtServer, request: pytest.FixtureRequest) -> Path:
    """Return a folder of the share with one file."""
    nas.share_rights("nt", ("S-1-1-0:ALLOWED/0x0/FULL",))
    made = nas.data / re.sub(r"\W", "-", request.node.name)
    made.mkdir()
    (made / "a.csv").write_text(PATIENTS)
    nas.acl("nt", f"{made.name}\\a.csv", EVERYBODY)
    return made


def state(nas: NtServer, path: Path, rights: Rights) -> Exposure:
    """Return who can read a file, over the mount table."""
    cache = Cache(nas.mount("nt"), nt=Mounted(rights))
    return posix_exposure(os.fsencode(path), path.stat(), cache=cache)


def why(nas: NtServer, path: Path, asked: Server | None) -> str:
    """Return why the rights of a file are not known."""
    rights = Rights((asked,) if asked else ())
    try:
        found = state(nas, path, rights)
    finally:
        rights.close()
    assert found.level is Level.UNKNOWN
    assert gap_of(found).detail == "rights cannot be established here"
    return found.reasons[0].setting.removeprefix("NT ACL not known: ")


# As whom.


def test_a_server_that_nobody_has_configured_is_not_asked(nas: NtServer, folder: Path) -> None:
    rights = Rights()
    assert state(nas, folder / "a.csv", rights).level is Level.UNKNOWN
    assert rights.asked == 0
    assert why(nas, folder / "a.csv", None) == "the server is not configured under smb"
    other = replace(nas.configured(guests=False), name="other")
    assert why(nas, folder / "a.csv", other) == "the server is not configured under smb"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("username=root\npassword=wrong\n", "the server refuses the account"),
        ("username=nosuchaccount\npassword=x\n", "the account is let in as a guest only"),
        ("password=x\n", "no account is stated"),
        ("", "no account is stated"),
    ],
)
def test_accounts_that_do_not_do(nas: NtServer, folder: Path, tmp_path: Path, said: str, told: str) -> None:
    file = tmp_path / "cred"
    file.write_text(said)
    asked = replace(nas.configured(guests=False), credentials=file)
    assert why(nas, folder / "a.csv", asked) == told


def test_a_file_that_is_not_there(nas: NtServer, folder: Path, tmp_path: Path) -> None:
    asked = replace(nas.configured(guests=False), credentials=tmp_path / "none")
    assert why(nas, folder / "a.csv", asked) == "the account's file cannot be read"


def test_an_account_that_may_not_read_the_descriptor(nas: NtServer, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "cred"
    file.write_text("user=games\npass=a pass=word\n")
    asked = replace(nas.configured(guests=False), credentials=file)
    rights = Rights((asked,))
    assert state(nas, folder / "a.csv", rights).level is Level.SHARED
    rights.close()
    nas.acl("nt", f"{folder.name}\\a.csv", (f"S-1-5-18:ALLOWED/0x0/{FULL}",))
    assert why(nas, folder / "a.csv", asked) == "the account may not read them"


def test_the_ticket_of_nobody(nas: NtServer, folder: Path) -> None:
    here = importlib.util.find_spec("gssapi") is not None
    asked = replace(nas.configured(guests=False), login="kerberos")
    told = "the server refuses the account" if here else "no Kerberos library is installed"
    assert why(nas, folder / "a.csv", asked) == told


def test_the_account_of_fstab_is_enough(nas: NtServer, folder: Path, tmp_path: Path) -> None:
    nas.configured(guests=False)
    fstab = tmp_path / "fstab"
    credentials = nas.config.parent / "credentials"
    fstab.write_text(f"# shares\n//127.0.0.1/nt {nas.data} cifs ro,credentials={credentials},nounix 0 0\n")
    rights = Rights((Server(name="127.0.0.1", port=nas.port),), fstab)
    assert state(nas, folder / "a.csv", rights).level is Level.SHARED
    rights.close()


MOUNT = Mount(b"/mnt/my nas", 1, "cifs", frozenset({"addr=192.0.2.1"}), source=b"//nas/export")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("//nas/export /mnt/my\\040nas cifs user=x,pass=y,dom=LABO 0 0", Account("x", "y", "LABO")),
        ("//nas/export /mnt/my\\040nas/ smb3 username=x,password=y=z 0 0", Account("x", "y=z")),
        ("//nas/export /mnt/my\\040nas cifs sec=krb5i,username=x 0 0", Account(kerberos=True)),
        ("//nas/export /mnt/my\\040nas cifs guest 0 0", None),
        ("//nas/export /mnt/other cifs username=x 0 0", None),
        ("#//nas/export /mnt/my\\040nas cifs username=x 0 0", None),
        ("//nas/export /mnt/my\\040nas nfs username=x 0 0", None),
    ],
)
def test_what_fstab_says(tmp_path: Path, line: str, found: Account | None) -> None:
    (tmp_path / "fstab").write_text(f"proc /proc proc defaults 0 0\n{line}\n")
    assert account_of(Server(name="nas"), MOUNT, tmp_path / "fstab") == found


def test_a_password_is_not_shown() -> None:
    account = Account("x", "s3cret", "LABO")
    assert "s3cret" not in repr(account)
    assert account.full == "LABO\\x"


def test_who_mounts_without_an_account_shows_that_guests_are_let_in() -> None:
    plain = Mount(b"/mnt", 1, "cifs", frozenset({"rw"}), source=b"//NAS/export")
    anonymous = replace(plain, options=frozenset({"rw", "sec=none"}))
    assert [Rights().guests(one) for one in (plain, anonymous)] == [False, True]
    assert Rights((Server(name="nas", guests=True),)).guests(plain)
    by_address = replace(MOUNT, source=b"//other/export")
    assert Rights((Server(name="192.0.2.1", guests=True),)).guests(by_address)


# Where.


@pytest.mark.parametrize(
    ("source", "root", "options", "path", "named"),
    [
        ("//nas/export", "/", "", "a/b", "a\\b"),
        ("//nas/export/", "/", "", "", ""),
        ("\\\\nas\\export", "/", "", "a", "a"),
        ("//nas/export/in/side", "/", "", "a", "in\\side\\a"),
        ("//nas/export/in/side", "/in/side", "", "a", "in\\side\\a"),  # reached through the share
        ("//nas/export", "/in", "", "a", "in\\a"),  # a bind mount
        ("//nas/export", "/", "mapposix", 'a:b/"*<>?|', "a\uf022b\\\uf020\uf021\uf023\uf024\uf025\uf027"),
        ("//nas/export", "/", "mapposix", "d./e ", "d\uf029\\e\uf028"),
        ("//nas/export", "/", "mapchars", "a:b", "a\uf03ab"),
        ("//nas/export", "/", "", "a:b", "a:b"),
    ],
)  # fmt: skip
def test_where_a_file_lies_on_its_server(source: str, root: str, options: str, path: str, named: str) -> None:
    line = f"31 1 0:44 {root} /mnt rw - cifs {source} rw,{options}"
    (mount,) = parse(line.encode())
    place = place_of(mount)
    assert (place.server, place.share, place.shown) == ("nas", "export", "//nas/export")
    assert place.path(mount, os.path.join(b"/mnt", path.encode()).rstrip(b"/")) == named


def test_names_of_all_kinds_are_found_on_a_real_server(nas: NtServer, folder: Path) -> None:
    rights = Rights((nas.configured(guests=False),))
    for name in ("été", "a b", "x" * 200, "语"):
        (folder / name).write_text("x")
        (folder / name).chmod(0o644)
        assert state(nas, folder / name, rights).level is Level.SHARED, name
    bad = folder / os.fsdecode(b"\xe9t\xe9")
    bad.write_text("x")
    found = state(nas, bad, rights)
    assert (found.level, found.reasons[0].setting) == (Level.UNKNOWN, "NT ACL not known: its name is no text")
    assert "\\xe9t\\xe9" in found.reasons[0].source
    rights.close()


# What is not to be had.


def test_share_rights_that_nobody_tells(scratch: Path) -> None:
    """Then nothing is open for certain, and what the descriptor closes is closed."""
    settings = "map to guest = Bad User\nrpc start on demand helpers = no"
    with ntserver(scratch, SHARES, settings) as nas:
        for name, aces in (("a", EVERYBODY), ("b", (f"DOMAIN-4711:ALLOWED/0x0/{FULL}",))):
            (nas.data / name).write_text("x")
            nas.acl("nt", name, aces)
        rights = Rights((nas.configured(guests=False),))
        open_, shut = state(nas, nas.data / "a", rights), state(nas, nas.data / "b", rights)
        rights.close()
    assert (open_.level, shut.level) == (Level.UNKNOWN, Level.RESTRICTED)
    assert open_.reasons[1].setting == "share rights not known: the server gives an error"
    assert open_.reasons[0].setting == 'NT ACL "Everyone" S-1-1-0 read'


scratch = pytest.fixture(netmatrix.scratch)


def test_a_server_that_says_nothing_is_not_waited_for_twice(nas: NtServer, folder: Path) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    ended = threading.Thread(target=_hang_up, args=(listening,), daemon=True)
    ended.start()
    rights = Rights((replace(nas.configured(guests=False), port=listening.getsockname()[1]),))
    for _ in range(3):
        found = state(nas, folder / "a.csv", rights)
        assert found.reasons[0].setting == "NT ACL not known: the server does not answer"
        (folder / "a.csv").touch()  # its change time moves: it would be asked again
    assert rights.asked == 1
    listening.close()


def _hang_up(listening: socket.socket) -> None:
    came, _ = listening.accept()
    came.recv(1)
    came.close()


def test_a_server_that_ends_each_session_is_let_alone(nas: NtServer, folder: Path) -> None:
    """It lets in, and hangs up at the first question: the fifth message."""
    sessions: list[int] = []
    with breaking(nas.port, 5, sessions) as port:
        rights = Rights((replace(nas.configured(guests=False), port=port),))
        for _ in range(3):
            found = state(nas, folder / "a.csv", rights)
            assert found.reasons[0].setting == "NT ACL not known: the server does not answer"
            (folder / "a.csv").touch()
        rights.close()
    assert sessions == [5]


@contextlib.contextmanager
def breaking(port: int, after: int, sessions: list[int]) -> Iterator[int]:
    """Carry messages to a server until a session's message of that number comes; note how many came in each."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                came, _ = listening.accept()
                with came, socket.create_connection(("127.0.0.1", port)) as there:
                    sessions.append(0)
                    while message := _message(came):
                        sessions[-1] += 1
                        if sessions[-1] == after:
                            break
                        there.sendall(message)
                        came.sendall(_message(there))

    ended = threading.Thread(target=serve, daemon=True)
    ended.start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        ended.join(5)


def _message(one: socket.socket) -> bytes:
    """Return one message of SMB over TCP: its length stands before it."""
    head = one.recv(4, socket.MSG_WAITALL)
    return head and head + one.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL)


def test_a_session_that_the_server_has_ended_is_begun_anew(nas: NtServer, folder: Path) -> None:
    rights = Rights((nas.configured(guests=False),))
    assert state(nas, folder / "a.csv", rights).level is Level.SHARED
    for one in rights._open.values():
        one._connection.transport.close()
    (folder / "a.csv").touch()
    nas.acl("nt", f"{folder.name}\\a.csv", (f"S-1-5-18:ALLOWED/0x0/{FULL}",))
    assert state(nas, folder / "a.csv", rights).level is Level.RESTRICTED
    rights.close()


# The mount itself.


def test_the_mount_itself_tells_the_descriptor(nas: NtServer, folder: Path, tmp_path: Path) -> None:
    """Through the kernel, by the names that its CIFS has; share rights then take a server that may be asked."""
    (folder / "shut.csv").write_text(PATIENTS)
    nas.acl("nt", f"{folder.name}\\shut.csv", (f"S-1-5-18:ALLOWED/0x0/{FULL}",))
    asked: list[tuple[str, str]] = []
    with nas.session("nt") as session:

        def answer(name: str, path: str) -> bytes | int:
            asked.append((name, path))
            if name != "system.smb3_ntsd":
                return errno.ENODATA if name == "system.cifs_ntsd" else errno.ENOTSUP
            return session.descriptor("\\".join([folder.name, *path.split("/")]))

        with mounted(folder, tmp_path / "mnt", answer) as point:
            table = nas.mount(f"nt/{folder.name}", point)
            alone, with_server = Rights(), Rights((nas.configured(guests=False),))
            found = {
                (which, name): posix_exposure(
                    os.fsencode(point / name), os.lstat(point / name), cache=Cache(table, nt=Mounted(rights))
                )
                for which, rights in (("alone", alone), ("with", with_server))
                for name in ("a.csv", "shut.csv")
            }
    assert {key: one.level for key, one in found.items()} == {
        ("alone", "a.csv"): Level.UNKNOWN,
        ("alone", "shut.csv"): Level.RESTRICTED,
        ("with", "a.csv"): Level.SHARED,
        ("with", "shut.csv"): Level.RESTRICTED,
    }
    assert [(one.setting, one.source) for one in found["alone", "a.csv"].reasons] == [
        ('NT ACL "Everyone" S-1-1-0 read', f"//127.0.0.1/nt/{folder.name}/a.csv"),
        ("share rights not known: the server is not configured under smb", "//127.0.0.1/nt"),
    ]
    assert (alone.asked, with_server.asked) == (0, 1)  # the share's rights, once: no descriptor was asked over SMB
    with_server.close()
    names = [name for name, path in asked if path == "a.csv"]
    assert list(dict.fromkeys(names)) == ["system.cifs_ntsd", "system.smb3_ntsd"]


def test_a_mount_that_may_not_tell_leaves_it_to_the_server(nas: NtServer, folder: Path, tmp_path: Path) -> None:
    with mounted(folder, tmp_path / "mnt", lambda name, path: errno.EACCES) as point:
        table = nas.mount(f"nt/{folder.name}", point)
        rights = Rights((nas.configured(guests=False),))
        found = posix_exposure(
            os.fsencode(point / "a.csv"), os.lstat(point / "a.csv"), cache=Cache(table, nt=Mounted(rights))
        )
        rights.close()
    assert (found.level, rights.asked) == (Level.SHARED, 3)  # file, folder, share


# What is asked again.


def test_the_daemon_does_not_ask_again_what_has_not_changed(
    nas: NtServer, folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Mounts, "read", classmethod(lambda cls: nas.mount("nt")))
    files = [folder / f"{at}.csv" for at in range(30)]
    for file in files:
        file.write_text("x")
        file.chmod(0o644)
    rights = Rights((nas.configured(guests=False),))
    examiner = Examiner(load_ruleset([recognizers_folder()]), rules(), Zones(()), Desk(store).book, rights=rights)
    with store.write() as connection:
        root = ledger.root_of(connection, os.fsencode(nas.data))

    def levels() -> list[Level]:
        examiner.refresh()
        places = [file_of(os.fsencode(file), file.stat()) for file in files]
        return [examiner.exposure(root, place).level for place in places]

    assert levels() == [Level.SHARED] * 30
    first = rights.asked  # the files, their two folders, the share
    assert first == 30 + 2 + 1
    assert [levels() for _ in range(3)] == [[Level.SHARED] * 30] * 3
    assert rights.asked == first
    nas.acl("nt", f"{folder.name}\\7.csv", (f"S-1-5-18:ALLOWED/0x0/{FULL}",))
    assert levels() == [Level.SHARED] * 7 + [Level.RESTRICTED] + [Level.SHARED] * 22
    assert rights.asked == first + 1
    rights.close()


def test_the_rights_of_a_share_are_asked_again_now_and_then(
    nas: NtServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from phiscan.expose.nt import rights as module

    rights = Rights((nas.configured(guests=False),))
    assert state(nas, folder / "a.csv", rights).level is Level.SHARED
    nas.share_rights("nt", (OWN,))
    assert state(nas, folder / "a.csv", rights).level is Level.SHARED
    rights._shares = {key: (0.0, share) for key, (_, share) in rights._shares.items()}
    assert state(nas, folder / "a.csv", rights).level is Level.RESTRICTED
    assert module._SHARE_HOLDS == 300.0
    rights.close()


# As people see it.


def test_scan_and_zones_say_it(
    nas: NtServer,
    folder: Path,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The mount is of the folder, under a path of the share: what a table would say of `mount //nas/nt/folder`."""
    nas.configured(guests=False)
    (folder / "shut.csv").write_text(PATIENTS)
    nas.acl("nt", f"{folder.name}\\shut.csv", (f"S-1-5-18:ALLOWED/0x0/{FULL}",))
    nas.acl("nt", folder.name, (f"S-1-1-0:ALLOWED/0x10/{READ_}",))
    table = nas.mount(f"nt/{folder.name}", folder)
    monkeypatch.setattr(Mounts, "read", classmethod(lambda cls: table))
    inside = Inside(tmp_path, capfdbinary, monkeypatch)
    credentials = nas.config.parent / "credentials"
    config = f"smb: [{{server: 127.0.0.1, credentials_file: {credentials}, port: {nas.port}}}]\n"
    (tmp_path / "phiscan.yaml").write_text(config)
    status, out, _ = inside("scan", "-c", "phiscan.yaml", "--no-ocr", str(folder))
    told = " ".join(out.decode().replace("\u202f", " ").split())
    assert status == 10
    place = f"//127.0.0.1/nt/{folder.name}"
    level = "partagé, tous les comptes serveur de fichiers :"
    assert f"{level} ACL NT « Tout le monde » S-1-1-0 lecture ({place}/a.csv)" in told
    assert "droits du partage « Tout le monde » S-1-1-0 contrôle total (//127.0.0.1/nt)" in told
    monkeypatch.setattr("phiscan.expose.discover.discover", lambda servers: Discovery())  # others' servers run here
    status, out, _ = inside("zones", "-c", "phiscan.yaml", str(folder))
    zones = out.decode()
    assert status == 0
    assert re.search(rf"partagé +r-l +cifs \[//127.0.0.1/nt\] .*{re.escape(str(folder))}", zones)
    assert f"    ACL NT « Tout le monde » S-1-1-0 lecture (héritée) ({place})\n" in zones
    (tmp_path / "phiscan.yaml").write_text("language: en\n")
    status, out, _ = inside("zones", "-c", "phiscan.yaml", str(folder))
    assert status == 3
    assert f"    NT ACL not known: the server is not configured under smb ({place})\n" in out.decode()
