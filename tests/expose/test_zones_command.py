"""`phiscan zones` beside real servers: what is listed, what a probe proves, what comes from afar."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as having
from hypothesis import strategies as st

from phiscan.expose import collected as bringing
from phiscan.expose.acl import Entry, Tag
from phiscan.messages import Told
from tests import servers
from tests.expose import netservers
from tests.running import Done, need, phiscan, scan

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that every account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="phiscan-zones-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def zones(*arguments: str, cwd: Path) -> tuple[int, dict[str, Any]]:
    """Return the status and the JSON, of this folder's zones only."""
    done = phiscan("zones", "-f", "json", *arguments, cwd=cwd)
    assert done.stderr == b""
    found = json.loads(done.stdout)
    assert found["schema"] == "phiscan.zones/1"
    return done.returncode, found


def tree(home: Path) -> Path:
    pub = home / "pub"
    pub.mkdir(parents=True)
    (pub / "a.csv").write_text("x")
    return pub


def brief(found: dict[str, Any]) -> list[tuple[str | None, str, str, str]]:
    return [(zone["path"], zone["service"], zone["level"], zone["state"]) for zone in found["zones"]]


def test_an_anonymous_zone_is_listed_and_proved(home: Path) -> None:
    pub = tree(home)
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(servers.vsftpd(pub, home / "vsftpd"))
        _, found = zones(str(pub), cwd=home)
        assert brief(found) == [(str(pub), "vsftpd", "public", "configured")]
        (zone,) = found["zones"]
        assert {one["setting"]: one["source"] for one in zone["evidence"]}["anonymous_enable=YES"] == (
            f"{home}/vsftpd/vsftpd.conf:5"
        )
        assert (zone["read"], zone["write"], zone["list"], zone["reach"]) == (True, False, True, "loopback")
        assert zone["identity"] == "ftp"
        assert {"address": "127.0.0.1", "port": port} in found["listeners"]
        status, found = zones(str(pub), "--probe", cwd=home)
        assert brief(found) == [(str(pub), "vsftpd", "public", "proved")]
        assert found["zones"][0]["proof"] == f"an anonymous login lists it (127.0.0.1:{port})"
        assert status == (3 if found["troubles"] else 0)
        assert os.listdir(pub) == ["a.csv"]


def test_a_configuration_that_the_server_does_not_follow_is_contradicted(home: Path) -> None:
    pub = tree(home)
    with servers.vsftpd(pub, home / "vsftpd"):
        config = home / "vsftpd" / "vsftpd.conf"
        config.write_text(config.read_text().replace("anonymous_enable=YES", "anonymous_enable=NO\nlocal_enable=YES"))
        _, found = zones(str(pub), cwd=home)
        assert [zone["level"] for zone in found["zones"] if zone["level"] == "public"] == []
    with servers.vsftpd(pub, home / "vsftpd2") as port:
        config = home / "vsftpd2" / "vsftpd.conf"
        other = home / "other"
        other.mkdir()
        (other / "b").write_text("x")
        config.write_text(config.read_text().replace(f"anon_root={pub}", f"anon_root={other}"))
        status, found = zones(str(other), "--probe", cwd=home)
        assert brief(found) == [(str(other), "vsftpd", "public", "contradicted")]
        assert found["zones"][0]["proof"] == f"an anonymous login sees another folder (127.0.0.1:{port})"
        assert status == 10


def test_folders_in_which_strangers_can_leave_something_are_zones_too(home: Path) -> None:
    """The zone's own folder belongs to root, as vsftpd wants it: what is open for writing lies below."""
    pub = tree(home)
    for name in ("in", "in/deeper", "shut", "shut/open", "a/b/drop", "mine"):
        (pub / name).mkdir(parents=True)
    (pub / "shut").chmod(0o700)
    (pub / "shut/open").chmod(0o777)
    (pub / "a/b/drop").chmod(0o733)
    with servers.vsftpd(pub, home / "vsftpd", pub / "in") as port:
        status, found = zones(str(pub), "--probe", cwd=home)
        assert [
            (zone["path"], zone["read"], zone["write"], zone["list"], zone["state"]) for zone in found["zones"]
        ] == [
            (str(pub), True, False, True, "proved"),
            (str(pub / "a/b/drop"), True, True, False, "proved"),
            (str(pub / "in"), True, True, True, "proved"),
        ]
        assert found["zones"][1]["evidence"][-1] == {
            "service": "posix",
            "setting": "owner 0:0, user::rwx,group::-wx,other::-wx",
            "source": str(pub / "a/b/drop"),
            "zone": str(pub),
        }
        for name, may in (("a/b/drop", True), ("in", True), ("mine", False), ("", False)):
            address = f"ftp://127.0.0.1:{port}/{name}/x".replace("//x", "/x")
            done = subprocess.run(["curl", "-sS", "-T", "a.csv", address], cwd=pub, capture_output=True, check=False)
            assert (done.returncode == 0) is may, (name, done.stderr)
        assert status == (3 if found["troubles"] else 0)
        said = phiscan("zones", str(pub), cwd=home).stdout.decode().replace("\u202f", " ").splitlines()
        assert "Dossiers : 3 · public 3 · où n'importe qui peut écrire 2" in said


def test_a_port_of_another_service_proves_nothing(home: Path) -> None:
    """Both let anybody in, one listens: that the other does not is not seen at the first one's port."""
    pub, other = tree(home), home / "other"
    other.mkdir()
    with servers.vsftpd(pub, home / "vsftpd") as port:
        config = home / "proftpd.conf"
        config.write_text(f"Port {port}\n<Anonymous {other}>\nUser ftp\nRequireValidShell off\n</Anonymous>\n")
        (home / "phiscan.yaml").write_text("servers: [proftpd.conf]\n")
        _, found = zones(str(other), "--probe", "-c", "phiscan.yaml", cwd=home)
        assert brief(found) == [(str(other), "proftpd", "public", "configured")]
        _, found = zones(str(pub), "--probe", "-c", "phiscan.yaml", cwd=home)
        assert brief(found) == [(str(pub), "vsftpd", "public", "proved")]


def test_a_server_that_hides_its_arguments_is_asked_where_it_listens(home: Path) -> None:
    program = servers.program("pure-ftpd")
    need(program is not None, "pure-ftpd")
    port = servers.free_port()
    with subprocess.Popen([str(program), "-S", f"127.0.0.1,{port}", "-e"], stderr=subprocess.DEVNULL) as server:
        try:
            servers.wait_for(port)
            _, found = zones("--probe", cwd=home)
        finally:
            server.terminate()
    mine = [zone for zone in found["zones"] if (zone["proof"] or "").endswith(f"(127.0.0.1:{port})")]
    assert [(zone["service"], zone["level"], zone["reach"]) for zone in mine] == [("pure-ftpd", "public", "loopback")]


def test_samba_and_rsync_are_proved(home: Path) -> None:
    pub, shut = tree(home), home / "shut"
    shut.mkdir(mode=0o700)
    one = tree(home / "eins")
    shares = "\n".join(
        [
            "map to guest = Bad User",
            "[pub]",
            f"path = {pub}",
            "guest ok = yes",
            "[no]",
            f"path = {shut}",
            "guest ok = yes",
            "[one]",  # Samba lets this machine in whatever is written
            f"path = {one}",
            "guest ok = yes",
            "hosts allow = 10.1.2.3",
        ]
    )
    with contextlib.contextmanager(netservers.smbd.__wrapped__)(home, shares):  # type: ignore[attr-defined]
        _, found = zones(str(home), "--probe", cwd=home)
        assert brief(found) == [
            (str(one), "samba", "shared", "configured"),
            (str(pub), "samba", "public", "proved"),
            (str(shut), "samba", "restricted", "proved"),
        ]
        assert found["zones"][0]["proof"] == "let in from this machine, which says nothing of others"
    module = f"[pub]\npath = {pub}\n[auth]\npath = {pub}\nauth users = someone\nsecrets file = {home}/none\n"
    with netservers.rsyncd(home, module):
        _, found = zones(str(home), "--probe", cwd=home)
        said = {zone["name"]: (zone["level"], zone["state"]) for zone in found["zones"]}
        assert said == {"pub": ("public", "proved"), "auth": ("restricted", "proved")}


def test_a_web_server_is_proved(home: Path) -> None:
    pub = tree(home)
    (home / "users").write_text("a:b\n")
    text = (
        "server { listen 127.0.0.1:PORT;\n"
        f"location /pub/ {{ alias {pub}/; }}\n"
        f'location /prive/ {{ alias {home}/prive/; auth_basic "x"; auth_basic_user_file {home}/users; }} }}\n'
    )
    (home / "prive").mkdir()
    (home / "prive" / "b").write_text("xy")
    with netservers.nginx(home, text):
        _, found = zones(str(pub), str(home / "prive"), "--probe", cwd=home)
        states = {
            (zone["path"], zone["level"], zone["state"]) for zone in found["zones"] if zone["state"] != "configured"
        }
        assert (str(pub), "public", "proved") in states
        assert (str(home / "prive"), "shared", "proved") in states


def test_a_listing_without_files_is_proved(home: Path) -> None:
    (home / "tout" / "dossier é").mkdir(parents=True)
    (home / "page" / "dossier").mkdir(parents=True)
    text = (
        "server { listen 127.0.0.1:PORT;\n"
        f"location /tout/ {{ alias {home}/tout/; autoindex on; }}\n"
        f"location /page/ {{ alias {home}/page/; autoindex on; }}\n"
        'location = /page/ { return 200 "<a href=ailleurs/>"; } }\n'
    )
    with netservers.nginx(home, text):
        said: dict[str, tuple[str, str]] = {}
        for name in ("tout", "page"):
            _, found = zones(str(home / name), "--probe", cwd=home)
            said |= {zone["path"]: (zone["state"], zone["proof"]) for zone in found["zones"]}
    assert said[str(home / "tout")][0] == "proved"
    assert said[str(home / "tout")][1].startswith("a listing is shown without an account (127.0.0.1:")
    assert said[str(home / "page")] == ("configured", "an answer that says nothing of it (HTTP 200)")


def test_the_table(home: Path) -> None:
    pub = tree(home)
    (home / "smb.conf").write_text(f"[pub]\npath = {pub}\nguest ok = yes\n")
    (home / "phiscan.yaml").write_text("servers: [smb.conf]\nzones: [{path: pub, exposure: shared}]\n")

    def lines(done: Done) -> list[str]:
        return done.stdout.decode().replace("\u202f", " ").splitlines()

    done = phiscan("zones", "pub", "-c", "phiscan.yaml", cwd=home)
    assert b"\x1b" not in done.stdout
    found = lines(done)
    assert found[0].split() == ["NIVEAU", "DROITS", "SERVICE", "PORTÉE", "COMPTE", "ÉTAT", "DOSSIER"]
    assert found[1].endswith(f"configuré  {pub}")
    assert found[1].startswith("public   r-l     samba [pub]")
    assert f"    guest ok = yes ({home}/smb.conf:3)" in found
    assert "    exposure: shared (phiscan.yaml:2)" in found
    english = lines(phiscan("zones", "pub", "-c", "phiscan.yaml", cwd=home, PHISCAN_LANGUAGE="en"))
    assert english[0].split() == ["LEVEL", "RIGHTS", "SERVICE", "REACH", "ACCOUNT", "STATE", "FOLDER"]
    (home / "smb.conf").write_text("include = registry\n")
    done = phiscan("zones", "pub", "-c", "phiscan.yaml", cwd=home)
    assert (done.returncode, f"Non établi : {home}/smb.conf" in lines(done)[-1]) == (3, True)
    assert phiscan("zones", "--probe", "--collector", cwd=home).returncode == 2


def test_a_grant_of_names_that_are_not_there_is_no_zone(home: Path) -> None:
    """nginx's `location /in` is of /in2 too: that is told where there is one."""
    for name in ("www", "other/in"):
        (home / name).mkdir(parents=True)
    text = f"server {{ listen 127.0.0.1:PORT; root {home}/www; location /in {{ root {home}/other; }} }}"
    with netservers.nginx(home, text):
        _, found = zones(str(home), cwd=home)
        (home / "other/in2").mkdir()
        _, after = zones(str(home), cwd=home)
    paths = [zone["path"] for zone in found["zones"]]
    assert paths == [f"{home}/other/in", f"{home}/www"]
    assert [zone["path"] for zone in after["zones"]] == [f"{home}/other", *paths]
    assert after["zones"][0]["evidence"][0]["setting"] == "location /in"


def test_a_scan_tells_the_evidence(home: Path) -> None:
    pub = tree(home)
    with servers.vsftpd(pub, home / "vsftpd"):
        _, report = found_by_scan(pub, home)
        exposure = report["files"][0]["exposure"]
        assert exposure["level"] == "public"
        assert {
            "service": "vsftpd",
            "setting": "anonymous_enable=YES",
            "source": f"{home}/vsftpd/vsftpd.conf:5",
            "zone": str(pub),
        } in exposure["reasons"]
        (pub / "a.csv").chmod(0o600)
        _, report = found_by_scan(pub, home)
        assert report["files"][0]["exposure"]["level"] != "public"
        _, report = scan(str(pub), cwd=home)  # what servers say is not asked for here
        assert {reason["service"] for reason in report["files"][0]["exposure"]["reasons"]} == {"posix"}


def found_by_scan(pub: Path, home: Path) -> tuple[int, dict[str, Any]]:
    done = phiscan("scan", "-f", "json", str(pub), cwd=home, PHISCAN_DISCOVER="true")
    return done.returncode, json.loads(done.stdout)


# From afar


@pytest.mark.parametrize("old", [False, True], ids=["getfacl", "ls"])
def test_what_the_collector_brings_says_what_is_said_there(home: Path, old: bool) -> None:
    """Old machines have no getfacl: mode bits are what `ls` says of them."""
    need(shutil.which("getfacl") is not None, "getfacl")
    pub = tree(home)
    for name, mode in {"in": 0o755, "drop/box": 0o1733, "set": 0o2775, "none": 0o7000}.items():
        (pub / name).mkdir(parents=True)
        (pub / name).chmod(mode)
    script = home / "collector.sh"
    content = phiscan("zones", "--collector", cwd=home).stdout
    script.write_bytes(content.replace(b"getfacl", b"getfacl-of-tomorrow") if old else content)
    with servers.vsftpd(pub, home / "vsftpd", pub / "in"):
        with (home / "server.tar").open("wb") as out:
            done = subprocess.run(["sh", script, "--no-logs"], stdout=out, stderr=subprocess.PIPE, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        _, here = zones(str(pub), cwd=home)
    _, there = zones("--from", "server.tar", str(pub), cwd=home)
    assert [zone["path"] for zone in here["zones"]] == [str(pub), str(pub / "drop/box"), str(pub / "in")]
    assert brief(here) == brief(there)
    assert all(zone["rights"] for zone in there["zones"])
    assert [zone["evidence"] for zone in here["zones"]] == [zone["evidence"] for zone in there["zones"]]
    with tarfile.open(home / "server.tar") as tar:
        names = tar.getnames()
        passwd = tar.extractfile("machine/etc/passwd")
        assert passwd is not None
        assert {line.split(b":")[1] for line in passwd.read().splitlines()} == {b"x"}
    assert not [name for name in names if "shadow" in name or name.endswith(".key") or "/log/" in name]


def test_an_access_list_that_only_its_sign_tells_of_is_not_known(home: Path) -> None:
    need(shutil.which("setfacl") is not None, "setfacl")
    pub = tree(home)
    subprocess.run(["setfacl", "-m", "u:65534:rwx", str(pub)], check=True)
    content = phiscan("zones", "--collector", cwd=home).stdout.replace(b"getfacl", b"getfacl-of-tomorrow")
    (home / "collector.sh").write_bytes(content)
    with servers.vsftpd(pub, home / "vsftpd"), (home / "server.tar").open("wb") as out:
        subprocess.run(["sh", "collector.sh", "--no-logs"], cwd=home, stdout=out, check=True)
    _, there = zones("--from", "server.tar", str(pub), cwd=home)
    assert [(zone["level"], zone["rights"]) for zone in there["zones"]] == [("public", False)]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_the_collector_brings_access_rules(home: Path) -> None:
    """What .htaccess files say there is said from afar; of the rest that they hold nothing is brought."""
    www = home / "www a"
    for name, text in {
        ".htaccess": 'SetEnv KEY secret1\n<FilesMatch "\\.(csv|xls)$">\nRequire all \\\n denied\n</FilesMatch>\n',
        "ouvert/.htaccess": "# secret2\nsecret3 secret3\nAuthName secret4\nRequire all granted\nOptions +Indexes\n",
        "fermé/deep/.acces": "Require expr %{HTTP:X} == 'secret5'\nRequire all denied\n",
        "fermé/.htaccess": "Require all denied\n",
    }.items():
        (www / name).parent.mkdir(parents=True, exist_ok=True)
        (www / name).write_text(text)
    (home / "secret").write_text("secret6\n")
    (www / "lien").mkdir()
    (www / "lien/.htaccess").symlink_to(home / "secret")
    for folder in (www, *(one for one in www.iterdir() if one.is_dir())):
        folder.chmod(0o755)
    text = (
        f'AccessFileName .htaccess .acces\nDocumentRoot "{www}/"\n<Directory "{www}">\nAllowOverride All\n'
        "Require all granted\n</Directory>\n"
    )
    (www / "lien/.htaccess").unlink()  # Apache follows it, and finds no rules: it answers 500
    with netservers.apache(home, text):
        _, here = zones(str(www), cwd=home)
        (www / "lien/.htaccess").symlink_to(home / "secret")
        (home / "collector.sh").write_bytes(phiscan("zones", "--collector", cwd=home).stdout)
        command = "sh collector.sh --no-logs > server.tar"
        done = subprocess.run(command, shell=True, cwd=home, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
    _, there = zones("--from", "server.tar", str(www), cwd=home)
    assert brief(here) == brief(there)
    assert [zone["evidence"] for zone in here["zones"]] == [zone["evidence"] for zone in there["zones"]]
    assert [(zone["path"], zone["level"], zone["list"]) for zone in there["zones"]] == [
        (str(www), "public", False),
        (str(www / "fermé"), "restricted", False),
        (str(www / "fermé/deep"), "public", False),  # a client may be able to bring that about
        (str(www / "ouvert"), "public", True),
    ]
    assert not [one for one in there["troubles"] if "htaccess" in one["detail"]]
    assert b"secret" not in (home / "server.tar").read_bytes().replace(str(home / "secret").encode(), b"")
    with tarfile.open(home / "server.tar") as tar:
        searched = tar.extractfile("machine/.searched")
        assert searched is not None
        assert f"whole {www}" in searched.read().decode().splitlines()
        brought = {name.partition("machine")[2] for name in tar.getnames() if name.endswith((".htaccess", ".acces"))}
    own = {name.removeprefix(f"{www}/") for name in brought if name.startswith(str(home))}
    assert own == {".htaccess", "ouvert/.htaccess", "fermé/.htaccess", "fermé/deep/.acces"}


def test_the_collector_is_clean(home: Path) -> None:
    need(shutil.which("shellcheck") is not None, "shellcheck")
    (home / "collector.sh").write_bytes(phiscan("zones", "--collector", cwd=home).stdout)
    done = subprocess.run(["shellcheck", "collector.sh"], cwd=home, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")


def archive(path: Path, members: dict[str, bytes | tarfile.TarInfo]) -> str:
    """Write a tar."""
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name) if isinstance(content, bytes) else content
            info.name, data = name, content if isinstance(content, bytes) else b""
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return str(path)


def special(kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo()
    info.type, info.linkname = kind, target
    return info


GOOD: dict[str, bytes | tarfile.TarInfo] = {
    "machine/etc/samba/smb.conf": b"[pub]\npath = /srv/pub\nguest ok = yes\n",
    "machine/etc/passwd": b"nobody:x:65534:65534::/:/bin/false\n",
    "machine/etc/group": b"nogroup:x:65534:\n",
}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("machine/../../../tmp/phiscan-target", b"x"),
        ("/tmp/phiscan-target", b"x"),
        ("machine/../other/etc/passwd", b"x"),
        ("other/etc/passwd", b"x"),
        ("machine/etc/nginx", special(tarfile.SYMTYPE, "/etc")),
        ("machine/etc/exports", special(tarfile.SYMTYPE, "samba/smb.conf")),
        ("machine/etc/exports", special(tarfile.LNKTYPE, "machine/etc/passwd")),
        ("machine/etc/exports", special(tarfile.CHRTYPE)),
        ("machine/etc/exports", special(tarfile.BLKTYPE)),
        ("machine/etc/exports", special(tarfile.FIFOTYPE)),
        ("machine/etc/passwd/x", b"x"),
        ("machine/" + "a/" * 600 + "x", b"x"),
    ],
)
def test_an_archive_that_wants_to_get_out_is_refused(name: str, content: bytes | tarfile.TarInfo, home: Path) -> None:
    found = bringing.collected(archive(home / "good.tar", GOOD))
    assert [(grant.path, grant.service) for grant in found.discovery.grants] == [(b"/srv/pub", "samba")]
    archive(home / "evil.tar", {**GOOD, name: content})
    before = set(os.listdir(home))
    done = phiscan("zones", "--from", "evil.tar", cwd=home)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, b"", 1)
    assert (set(os.listdir(home)), os.path.exists("/tmp/phiscan-target")) == (before, False)


def test_an_archive_whose_head_claims_more_than_memory_holds(home: Path) -> None:
    """A PAX head of 40 GiB, in an archive that unpacks to nothing but zeros."""
    head = tarfile.TarInfo("machine/x")
    head.type, head.size = tarfile.XHDTYPE, 40 << 30
    with gzip.open(home / "evil.tar", "wb") as file:
        file.write(head.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 20))
    with pytest.raises(Told) as told:
        bringing.collected(str(home / "evil.tar"))
    assert told.value.key == "zones.from.big"


@pytest.mark.parametrize("content", [b"", b"nothing", b"\x1f\x8b\x08nothing"])
def test_what_is_no_archive_of_the_collector(content: bytes, home: Path) -> None:
    (home / "x.tar").write_bytes(content)
    done = phiscan("zones", "--from", "x.tar", cwd=home)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    archive(home / "y.tar", {"machine": b"x", "etc/passwd": b"x"})
    assert phiscan("zones", "--from", "y.tar", cwd=home).returncode == 2
    assert phiscan("zones", "--from", "none.tar", cwd=home).returncode == 2


def test_an_archive_that_is_too_large(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bringing, "_ALL", 10)
    with pytest.raises(Told):
        bringing.collected(archive(home / "x.tar", {"machine/etc/passwd": b"x" * 11}))
    monkeypatch.setattr(bringing, "_FILES", 1)
    with pytest.raises(Told):
        bringing.collected(archive(home / "x.tar", {"machine/etc/a": b"", "machine/etc/b": b""}))
    monkeypatch.undo()
    monkeypatch.setattr(bringing, "_FILE", 10)
    with pytest.raises(Told):
        bringing.collected(archive(home / "x.tar", {"machine/etc/passwd": b"x" * 11}))


def test_rights_as_getfacl_writes_them(home: Path) -> None:
    need(shutil.which("setfacl") is not None, "setfacl")
    folder = home / "a b\\é"
    folder.mkdir()
    subprocess.run(["setfacl", "-m", "u:33:rx,g:100:r,m::r", folder], check=True)
    done = subprocess.run(["getfacl", "-n", "-p", "-E", folder], stdout=subprocess.PIPE, check=True)
    (home / "rights").write_bytes(done.stdout)
    (read,) = bringing._rights(str(home / "rights")).items()
    assert read[0] == os.fsencode(folder)
    assert read[1].entries == (
        Entry(Tag.USER_OBJ, 7),
        Entry(Tag.USER, 5, 33),
        Entry(Tag.GROUP_OBJ, 5),
        Entry(Tag.GROUP, 4, 100),
        Entry(Tag.MASK, 4),
        Entry(Tag.OTHER, 5),
    )


@having(st.text())
def test_junk_for_rights(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rights")
        path.write_text(text, "utf-8", "surrogatepass")
        assert isinstance(bringing._rights(str(path)), dict)
