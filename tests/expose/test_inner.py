"""Servers in containers and chroots: what they give away is found, at the place where it lies here."""

from __future__ import annotations

import ftplib
import http.client
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from phiscan.daemon.surroundings import Surroundings
from phiscan.expose import listing
from phiscan.expose.discover import Discovery, discover
from phiscan.expose.grant import Grant
from phiscan.expose.permissions import Cache
from phiscan.expose.probe import probed
from phiscan.expose.zones import Zones, exposure_of
from phiscan.model import Level
from tests.expose import contained
from tests.servers import free_port
from tests.watching import until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that every account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="phiscan-inner-")).resolve()
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def below(found: Discovery, folder: Path) -> list[Grant]:
    """Return the public grants that lie below a folder."""
    top = os.fsencode(folder)
    return [one for one in found.grants if one.path.startswith(top) and one.level is Level.PUBLIC]


def proof(grant: Grant) -> dict[str, str]:
    return {one.setting: one.source for one in grant.evidence}


def fetched(port: int, name: str) -> bytes:
    parts: list[bytes] = []
    with ftplib.FTP(timeout=20) as client:
        client.connect("127.0.0.1", port)
        client.login()
        client.retrbinary(f"RETR {name}", parts.append)
    return b"".join(parts)


def is_public(found: Discovery, path: Path) -> bool:
    """Whether a file is public; what is not may be unknown because of other servers of this machine."""
    exposure = exposure_of(os.fsencode(path), path.lstat(), Zones(), None, cache=Cache(discovery=found))
    return exposure.level is Level.PUBLIC


def put(path: Path, mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("contenu")
    path.chmod(mode)
    return path


def test_a_server_in_a_chroot_is_read_from_its_own_files(home: Path) -> None:
    port = free_port()
    jail = contained.plant(home / "jail", {"/etc/vsftpd.conf": contained.vsftpd(port)})
    file, shut = put(jail / "srv/ftp/a.csv"), put(jail / "srv/ftp/b.csv", 0o600)
    with contained.chroot(jail, ["vsftpd", "/etc/vsftpd.conf"], port):
        assert fetched(port, "a.csv") == b"contenu"
        found = discover()
        (grant,) = below(found, home)
        assert grant.path == os.fsencode(jail / "srv/ftp")
        assert proof(grant)["anonymous_enable=YES"] == f"{jail}/etc/vsftpd.conf:5"
        assert proof(grant)["chroot"] == "/srv/ftp"
        assert {one.zone for one in grant.evidence} == {f"{jail}/srv/ftp"}
        assert grant.identity is not None
        assert (grant.identity.name, grant.identity.uid) == ("ftp", 912)  # its own /etc/passwd counts
        assert (is_public(found, file), is_public(found, shut)) == (True, False)
        (row,) = probed([row for row in listing.rows(found) if row.grant == grant], found)
        assert (row.state, row.reach) == (listing.State.PROVED, "loopback")


def test_a_chroot_that_the_server_does_not_open_is_not_open(home: Path) -> None:
    """vsftpd refuses an anonymous root that its account may write to: in the jail, by the jail's accounts."""
    port = free_port()
    jail = contained.plant(home / "jail", {"/etc/vsftpd.conf": contained.vsftpd(port)})
    put(jail / "srv/ftp/a.csv")
    os.chown(jail / "srv/ftp", 912, 912)
    with contained.chroot(jail, ["vsftpd", "/etc/vsftpd.conf"], port):
        with pytest.raises(ftplib.all_errors):
            fetched(port, "a.csv")
        assert below(discover(), home) == []


def test_a_container_with_a_volume(home: Path) -> None:
    port = free_port()
    root = contained.plant(home / "root", {"/etc/vsftpd.conf": contained.vsftpd(port)})
    file = put(home / "volume/a.csv")
    with contained.container(root, ["vsftpd"], port, bound={"/srv/ftp": home / "volume"}):
        assert fetched(port, "a.csv") == b"contenu"
        found = discover()
        (grant,) = below(found, home)
        assert grant.path == os.fsencode(home / "volume")
        assert proof(grant)["anonymous_enable=YES"] == f"{root}/etc/vsftpd.conf:5"
        assert proof(grant)["container"] == "/srv/ftp"
        assert is_public(found, file)
        # The folder of that name in the root is hidden by the volume, and so is ours.
        assert not is_public(found, put(root / "srv/ftp/b.csv"))


def test_a_container_on_an_overlay(home: Path) -> None:
    """What the image brings lies in the lower layer, what the container writes in the upper one."""
    port = free_port()
    lower, upper = contained.plant(home / "lower", {"/etc/vsftpd.conf": contained.vsftpd(port)}), home / "upper"
    image = put(lower / "srv/ftp/image.csv")
    for folder in (upper, home / "work", home / "root"):
        folder.mkdir()
    layers = (lower, upper, home / "work")
    with contained.container(home / "root", ["vsftpd", "/etc/vsftpd.conf"], port, layers=layers) as pid:
        written = Path(f"/proc/{pid}/root/srv/ftp/ecrit.csv")
        put(written)
        assert (fetched(port, "image.csv"), fetched(port, "ecrit.csv")) == (b"contenu", b"contenu")
        found = discover()
        assert {os.fsdecode(grant.path) for grant in below(found, home)} == {f"{lower}/srv/ftp", f"{upper}/srv/ftp"}
        assert {proof(grant)["anonymous_enable=YES"] for grant in below(found, home)} == {f"{lower}/etc/vsftpd.conf:5"}
        assert (is_public(found, image), is_public(found, upper / "srv/ftp/ecrit.csv")) == (True, True)


def test_a_service_with_mounts_of_its_own(home: Path) -> None:
    """As systemd's `BindPaths=` does it: our root, and another folder where the configuration says."""
    port = free_port()
    file, hidden = put(home / "data/a.csv"), put(home / "seen/b.csv")
    config = home / "vsftpd.conf"
    (home / "empty").mkdir()
    text = contained.vsftpd(port).replace("/srv/ftp", f"{home}/seen").replace("/var/run/vsftpd/empty", f"{home}/empty")
    config.write_text(text)
    with contained.bound(["vsftpd", str(config)], {f"{home}/seen": home / "data"}, port):
        assert fetched(port, "a.csv") == b"contenu"
        found = discover()
        (grant,) = below(found, home)
        assert grant.path == os.fsencode(home / "data")
        assert proof(grant)["anonymous_enable=YES"] == f"{config}:5"
        assert proof(grant)["mount namespace"] == f"{home}/seen"
        assert (is_public(found, file), is_public(found, hidden)) == (True, False)


def test_mounts_of_its_own_that_change_nothing(home: Path) -> None:
    """A private /tmp, as many services have it: the grant is the same as without, and there is one."""
    port = free_port()
    put(home / "seen/a.csv")
    (home / "empty").mkdir()
    (home / "private").mkdir()
    config = home / "vsftpd.conf"
    text = contained.vsftpd(port).replace("/srv/ftp", f"{home}/seen").replace("/var/run/vsftpd/empty", f"{home}/empty")
    config.write_text(text)
    with contained.bound(["vsftpd", str(config)], {"/mnt": home / "private"}, port):
        assert fetched(port, "a.csv") == b"contenu"
        (grant,) = below(discover([config]), home)
        assert (grant.path, grant.within) == (os.fsencode(home / "seen"), "")


def test_a_network_of_its_own_is_told(home: Path) -> None:
    """Which of its ports the machine lets out is known to the container's tools only."""
    port = free_port()
    root = contained.plant(home / "root", {"/etc/vsftpd.conf": contained.vsftpd(port, address="0.0.0.0")})
    put(root / "srv/ftp/a.csv")
    with contained.container(root, ["vsftpd", "/etc/vsftpd.conf"], port, network=True):
        found = discover()
        (grant,) = below(found, home)
        (row,) = probed([row for row in listing.rows(found) if row.grant == grant], found)
        assert (row.level, row.reach, row.state) == (Level.PUBLIC, "unknown", listing.State.CONFIGURED)
        assert row.proof == "not asked: it listens in a network of its own"
        assert not [one for one in listing.to_dict([row], found, "")["listeners"] if one["port"] == port]


def nginx(port: int, more: str = "") -> str:
    return (
        "daemon off; worker_processes 1; user www-data;\npid /run/nginx.pid; error_log /var/log/error.log;\n"
        "events { worker_connections 64; }\nhttp { access_log off;\n"
        + "".join(f"{kind}_temp_path /tmp/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        + f"\nserver {{ listen 127.0.0.1:{port}; root /srv/www;\n"
        + f"location /prive/ {{ return 403; }} }}\n{more} }}\n"
    )


def answer(port: int, path: str) -> tuple[int, bytes]:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        client.request("GET", path)
        said = client.getresponse()
        return said.status, said.read()
    finally:
        client.close()


def test_nginx_in_a_chroot_with_included_files_and_links(home: Path) -> None:
    port = free_port()
    jail = contained.plant(home / "jail", {"/etc/nginx/nginx.conf": nginx(port, "include conf.d/*.conf;")})
    (jail / "srv/www").mkdir()
    file, shut = put(jail / "srv/www/a.csv"), put(jail / "srv/www/prive/b.csv")
    outside = put(jail / "data/c.csv")
    (jail / "srv/www/lien").symlink_to("/data")  # of the jail, not of this machine
    for folder in ("var/lib/nginx", "usr/share/nginx", "var/log/nginx"):
        (jail / folder).mkdir(parents=True)
    with contained.chroot(jail, ["nginx", "-c", "/etc/nginx/nginx.conf"], port):
        assert [answer(port, path)[0] for path in ("/a.csv", "/prive/b.csv", "/lien/c.csv")] == [200, 403, 200]
        found = discover()
        assert [is_public(found, one) for one in (file, shut, outside)] == [True, False, True]
        assert not [grant for grant in found.grants if grant.path == b"/data"]
        by_path = {os.fsdecode(grant.path): grant for grant in below(found, home)}
        assert proof(by_path[f"{jail}/srv/www"])["root /srv/www"] == f"{jail}/etc/nginx/nginx.conf:6"
        assert proof(by_path[f"{jail}/data"])["symbolic link"] == f"{jail}/srv/www/lien"
        assert f"{jail}/etc/nginx/conf.d" in {os.path.realpath(path) for path in found.files}


def test_rules_on_names_in_a_chroot(home: Path) -> None:
    """Asked of the address there, also of a link's, which is a way around them."""
    port = free_port()
    rules = r"location ~ \.csv$ { deny all; } location ~ ^/lien/d { deny all; } location /prive/"
    text = nginx(port).replace("location /prive/", rules)
    jail = contained.plant(home / "jail", {"/etc/nginx/nginx.conf": text})
    (jail / "srv/www").mkdir()
    file, shut, linked = (put(jail / "srv/www" / name) for name in ("a.txt", "b.csv", "c.csv"))
    (jail / "srv/www/c.txt").symlink_to("c.csv")
    (jail / "srv/www/lien").symlink_to("/data")
    outside, denied = put(jail / "data/c"), put(jail / "data/d")
    for folder in ("var/lib/nginx", "usr/share/nginx", "var/log/nginx"):
        (jail / folder).mkdir(parents=True)
    with contained.chroot(jail, ["nginx", "-c", "/etc/nginx/nginx.conf"], port):
        addresses = ("/a.txt", "/b.csv", "/c.txt", "/lien/c", "/lien/d")
        assert [answer(port, one)[0] for one in addresses] == [200, 403, 200, 200, 403]
        found = discover()
        stated = [is_public(found, one) for one in (file, shut, linked, outside, denied)]
        assert stated == [True, False, True, True, False]


def test_what_is_given_away_where_nothing_is_seen_is_said(home: Path) -> None:
    """Layers on a file system that only the container has mounted."""
    port = free_port()
    root, hidden = home / "root", home / "hidden"
    for folder in (root, hidden):
        folder.mkdir()
    files = contained.plant(home / "files", {"/etc/vsftpd.conf": contained.vsftpd(port)})
    put(files / "srv/ftp/a.csv")
    first = [
        f"mount -t tmpfs none {hidden}",
        f"cp -a {files} {hidden}/lower",
        f"mkdir {hidden}/upper {hidden}/work",
    ]
    layers = (hidden / "lower", hidden / "upper", hidden / "work")
    with contained.container(root, ["vsftpd", "/etc/vsftpd.conf"], port, layers=layers, first=first) as pid:
        assert fetched(port, "a.csv") == b"contenu"
        found = discover()
        assert below(found, home) == []
        source = f"/proc/{pid}/root/etc/vsftpd.conf:5"
        said = {(one.service, one.detail) for one in found.troubles if one.source == source}
        assert said == {("vsftpd", "gives away a folder that is not seen from here")}


def test_a_file_of_a_container_that_is_none_of_a_configuration(home: Path) -> None:
    """A pipe would stop whoever opens it, and a link would lead into our own files."""
    port = free_port()
    files = {"/etc/vsftpd.conf": contained.vsftpd(port), "/etc/nginx/nginx.conf": ""}
    root = contained.plant(home / "root", files)
    (root / "etc/nginx/nginx.conf").unlink()
    os.mkfifo(root / "etc/nginx/nginx.conf")
    trap = home / "smb.conf"
    trap.write_text(f"[piege]\npath = {home}\nguest ok = yes\n")
    (root / "etc/samba").mkdir()
    (root / "etc/samba/smb.conf").symlink_to(trap)
    put(root / "srv/ftp/a.csv")
    with contained.container(root, ["vsftpd", "/etc/vsftpd.conf"], port):
        found = discover()
        assert [grant.service for grant in below(found, home)] == ["vsftpd"]
        said = {(one.service, one.detail) for one in found.troubles if one.source == f"{root}/etc/nginx/nginx.conf"}
        assert said == {("nginx", "cannot be read")}


def test_the_daemon_hears_of_a_change_in_a_chroot(home: Path) -> None:
    port = free_port()
    shut = contained.vsftpd(port).replace("anonymous_enable=YES", "anonymous_enable=NO\nlocal_enable=YES")
    jail = contained.plant(home / "jail", {"/etc/vsftpd.conf": shut})
    file = put(jail / "srv/ftp/a.csv")
    with contained.chroot(jail, ["vsftpd", "/etc/vsftpd.conf"], port):
        bugs: list[Exception] = []
        around = Surroundings([], lambda: None, bugs.append)
        around.start()
        try:
            assert not is_public(around.discovery, file)
            began = time.monotonic()
            (jail / "etc/vsftpd.conf").write_text(contained.vsftpd(port))
            until(lambda: is_public(around.discovery, file))
            assert time.monotonic() - began < 5.0  # a loaded machine needs most of it
        finally:
            around.close()
        assert bugs == []
