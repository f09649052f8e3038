"""Files that configure by being there, `.htaccess` and new ones in a folder of configurations: known in two seconds."""

from __future__ import annotations

import http.client
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from phiscan.daemon.surroundings import Surroundings
from phiscan.expose.permissions import Cache
from phiscan.expose.zones import Zones, exposure_of
from phiscan.model import Level
from tests.expose import netservers
from tests.running import PATIENTS
from tests.watching import Watch, until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
WITHIN = 2.0  # seconds, of the best of three: somebody else may be at work on this machine
NOBODY = 65534


def timed(change: Callable[[], object], back: Callable[[], object], state: Callable[[], bool]) -> float:
    """Return how long it took at best until a change was known. What is taken back waits until all is calm."""
    waits = []
    for _ in range(3):
        assert not state()
        began = time.monotonic()
        change()
        until(state)
        waits.append(time.monotonic() - began)
        back()
        until(lambda: not state())
    return min(waits)


class Around:
    """What is known of a machine with one configuration."""

    def __init__(self, config: Path, *roots: Path) -> None:
        self.bugs: list[Exception] = []
        self.found = Surroundings([config], lambda: None, self.bugs.append, [os.fsencode(root) for root in roots])
        self.found.start()

    def is_public(self, path: Path) -> bool:
        self.found.take()
        cache = Cache(discovery=self.found.discovery)
        return exposure_of(os.fsencode(path), path.lstat(), Zones(), None, cache=cache).level is Level.PUBLIC


@pytest.fixture
def around() -> Iterator[Callable[..., Around]]:
    made: list[Around] = []

    def make(config: Path, *roots: Path) -> Around:
        made.append(Around(config, *roots))
        return made[-1]

    yield make
    for one in made:
        one.found.close()
        assert one.bugs == []


def closed(folder: Path) -> Path:
    """Return a file that nobody but a server's account may read."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "a.csv"
    file.write_text(PATIENTS)
    for path in (folder, file):
        os.chown(path, NOBODY, NOBODY)
    folder.chmod(0o500)
    file.chmod(0o400)
    return file


def share(folder: Path, name: str = "labo") -> str:
    return f"[{name}]\npath = {folder}\nguest ok = yes\n"


def test_a_file_in_a_folder_of_configurations(home: Path, around: Callable[..., Around]) -> None:
    file = closed(home / "labo")
    (home / "conf.d").mkdir()
    config = home / "rsyncd.conf"
    config.write_text(f"uid = nobody\n&include {home}/conf.d\n")
    one, new = around(config), home / "conf.d/labo.conf"
    text = f"[labo]\npath = {home}/labo\n"
    assert timed(lambda: new.write_text(text), new.unlink, lambda: one.is_public(file)) < WITHIN


def test_a_file_in_a_folder_of_many_folders(home: Path, around: Callable[..., Around]) -> None:
    """`include sites/*/nginx.conf`: the folder was there before."""
    top = home / "www"
    file = closed(top)
    for path in (top, file):
        os.chown(path, 33, 33)
    (home / "sites/labo").mkdir(parents=True)
    config = home / "nginx.conf"
    config.write_text(f"user www-data; events {{}} http {{ include {home}/sites/*/nginx.conf; }}\n")
    one, new = around(config), home / "sites/labo/nginx.conf"
    text = f"server {{ listen 8080; root {top}; }}\n"
    assert timed(lambda: new.write_text(text), new.unlink, lambda: one.is_public(file)) < WITHIN


def test_a_share_that_a_user_makes(home: Path, around: Callable[..., Around]) -> None:
    file = closed(home / "labo")
    (home / "usershares").mkdir()
    config = home / "smb.conf"
    config.write_text(f"[global]\nusershare path = {home}/usershares\nusershare allow guests = yes\n")
    one, new = around(config), home / "usershares/labo"
    text = f"#VERSION 2\npath={home}/labo\ncomment=\nusershare_acl=S-1-1-0:R\nguest_ok=y\nsharename=labo\n"

    def made() -> None:  # as Samba's tools do it
        (home / "usershares/:tmp").write_text(text)
        (home / "usershares/:tmp").rename(new)

    assert timed(made, new.unlink, lambda: one.is_public(file)) < WITHIN


def test_a_configuration_that_is_replaced(home: Path, around: Callable[..., Around]) -> None:
    file = closed(home / "labo")
    config, new = home / "smb.conf", home / "new"
    config.write_text("[global]\n")
    one = around(config)

    def put(text: str) -> None:
        new.write_text(text)
        new.rename(config)

    opened = share(home / "labo")
    assert timed(lambda: put(opened), lambda: put("[global]\n"), lambda: one.is_public(file)) < WITHIN


# Apache

SITE = (
    'DocumentRoot "{top}"\n<Directory "{top}">\nAllowOverride All\nRequire all denied\n</Directory>\n'
    '<Directory "{home}">\nAllowOverride None\nRequire all denied\n</Directory>\n'
)


def status(port: int, path: str) -> int:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        client.request("GET", path)
        return client.getresponse().status
    finally:
        client.close()


def test_htaccess_above_health_data_is_told_within_two_seconds(home: Path, made: Callable[..., Watch]) -> None:
    """It appears, is changed, and disappears; Apache itself says what is true."""
    watch = made(servers=[], zones=[])
    watch.env = {"PHISCAN_DISCOVER": "true"}
    labo = watch.srv / "site/labo"
    file = closed(labo)
    for path in (labo, file):
        os.chown(path, 33, 33)
    with netservers.apache(home, SITE.format(top=watch.srv, home=home)) as server:
        watch.start()
        until(lambda: watch.idle() and watch.ledger() == {"site/labo/a.csv": "scanned"})
        assert (status(server.port, "/site/labo/a.csv"), watch.messages()) == (403, [])
        waits = []
        for number in range(3):
            told, began = len(watch.messages()), time.monotonic()
            (watch.srv / "site/.htaccess").write_text("Require all granted\n")
            until(lambda: len(watch.messages()) > told)  # noqa: B023  it is asked at once
            waits.append(time.monotonic() - began)
            assert status(server.port, "/site/labo/a.csv") == 200
            if number:
                (watch.srv / "site/.htaccess").unlink()
            else:
                (watch.srv / "site/.htaccess").write_text("Require all denied\n")
            assert status(server.port, "/site/labo/a.csv") == 403
            until(lambda: all(one.state == "resolved" for one in watch.incidents() if one.severity >= 4))
        assert min(waits) < WITHIN


def test_htaccess_that_closed_and_disappears(home: Path, around: Callable[..., Around]) -> None:
    top = home / "www"
    file = closed(top / "labo")
    for path in (top, top / "labo", file):
        os.chown(path, 33, 33)
    (top / "labo").chmod(0o700)
    shut = top / "labo/.htaccess"
    shut.write_text("Require all denied\n")
    text = SITE.format(top=top, home=home).replace("Require all denied", "Require all granted", 1)
    with netservers.apache(home, text) as server:
        one = around(server.config, top)
        assert (status(server.port, "/labo/a.csv"), one.is_public(file)) == (403, False)
        back = lambda: shut.write_text("Require all denied\n")  # noqa: E731
        assert timed(shut.unlink, back, lambda: one.is_public(file)) < WITHIN


def test_htaccess_between_what_is_served_and_what_is_watched(home: Path, around: Callable[..., Around]) -> None:
    """The daemon watches a folder deep below: nobody tells of the folders above it but the surroundings themselves."""
    top = home / "www"
    file = closed(top / "un/deux/labo")
    for path in (top / "un/deux/labo", file):
        os.chown(path, 33, 33)
    with netservers.apache(home, SITE.format(top=top, home=home)) as server:
        one, new = around(server.config, top / "un/deux/labo"), top / "un/.htaccess"
        assert status(server.port, "/un/deux/labo/a.csv") == 403
        wait = timed(lambda: new.write_text("Require all granted\n"), new.unlink, lambda: one.is_public(file))
        assert wait < WITHIN


def test_htaccess_where_none_is_read_costs_nothing(home: Path, around: Callable[..., Around]) -> None:
    """AllowOverride None: the file is no configuration, and nothing is looked at again."""
    top = home / "www"
    file = closed(top / "labo")
    config = home / "apache.conf"
    config.write_text(
        f'Listen 8080\nUser www-data\nDocumentRoot "{top}"\n<Directory "/">\nAllowOverride None\nRequire all denied\n'
        "</Directory>\n"
    )
    one = around(config, top)
    assert [at for at, _ in one.found.discovery.appearing if at.startswith(os.fsencode(home))] == []
    (top / ".htaccess").write_text("Require all granted\n")
    one.found.appeared(os.fsencode(top / ".htaccess"))
    time.sleep(1.0)
    assert (str(top / ".htaccess") in one.found.discovery.files, one.is_public(file)) == (False, False)
