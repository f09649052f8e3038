"""`phiscan zones --from`: the logs that a collector brings tell who has read in the other machine's zones."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given as having
from hypothesis import strategies as st

from phiscan.access import brought
from phiscan.access.zonereaders import with_readers
from phiscan.expose import collected as bringing
from phiscan.expose import listing
from tests.access import serving
from tests.expose import netservers
from tests.running import need, phiscan

VSFTPD = b"anonymous_enable=YES\nanon_root=/srv/ftp\nxferlog_enable=YES\nxferlog_std_format=NO\n"
SAMBA = b"[pub]\npath = /srv/partage\nguest ok = yes\n"
RSYNC = b"[pub]\npath = /srv/rsync\n"
WEB = (
    b"http { server { location /a/ { alias /srv/web/; } location /b/ { alias /srv/vide/; }\n"
    b"access_log /srv/journaux/site.log; } }\n"
)
BASIC: dict[str, bytes] = {
    "/etc/passwd": b"nobody:x:65534:65534::/:/bin/false\nftp:x:103:111::/srv/ftp:/bin/false\n",
    "/etc/group": b"nogroup:x:65534:\nftp:x:111:\n",
    "/.collector": b"yes\n",
}
AT = 1795283699  # Sat Nov 21 17:54:59 2026 in UTC


def vsftpd_line(client: str, path: str, size: int, minute: int = 54, outcome: str = "OK", account: str = "ftp") -> str:
    when = f"Sat Nov 21 17:{minute:02d}:59 2026"
    return f'{when} [pid 2] [{account}] {outcome} DOWNLOAD: Client "{client}", "{path}", {size} bytes, 2.17Kbyte/sec\n'


def web_line(client: str, request: str, status: int, size: int) -> str:
    return f'{client} - - [21/Nov/2026:18:03:43 +0100] "{request}" {status} {size} "-" "curl/8"\n'


def archive(path: Path, files: Mapping[str, bytes | str], modified: float = AT) -> str:
    """Write what a collector brings, each file last written to when its last line says so."""
    with tarfile.open(path, "w") as tar:
        for name, content in {**BASIC, **files}.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo("machine" + name)
            info.size, info.mtime = len(data), modified
            tar.addfile(info, io.BytesIO(data))
    return str(path)


def zones(folder: Path, files: Mapping[str, bytes | str], modified: float = AT) -> dict[str, dict[str, Any]]:
    """Return what the logs tell of the zones of an archive, by path."""
    with bringing.unpacked(archive(folder / "server.tar", files, modified)) as other:
        rows = listing.rows(other.discovery, (), other.access)
        found = with_readers(rows, other.discovery, other.root)
    all_ = {zone["path"]: zone["readers"] for zone in (row.to_dict() for row in found)}
    return {path: readers for path, readers in all_.items() if path.startswith("/srv/")}


def collect(script: bytes, to: Path) -> None:
    """Run a collector as sh does."""
    with to.open("wb") as out:
        done = subprocess.run(["sh"], input=script, stdout=out, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def who(readers: dict[str, Any]) -> list[tuple[str | None, str | None, int, int | None, dict[str, int], bool]]:
    return [
        (one["address"], one["account"], one["reads"], one["bytes"], one["extents"], one["certain"])
        for one in readers["by"]
    ]


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that every account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="phiscan-readers-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_what_real_servers_have_logged_is_told_from_afar(home: Path) -> None:
    """Two folders over vsftpd and nginx, a third that nobody has read; fetched by curl, collected by sh."""
    need(shutil.which("curl") is not None, "curl")
    web, shut = home / "web", home / "vide"
    for folder in (web, shut):
        folder.mkdir(mode=0o755)
    (web / "résultat 1.csv").write_bytes(b"w" * 5000)
    logs = home / "nginx-logs"
    logs.mkdir()
    place = home.name  # no other server of this machine has it
    text = (
        f"server {{ listen 127.0.0.1:PORT;\naccess_log {logs}/access.log combined;\n"
        f"location /{place}/web/ {{ alias {web}/; autoindex on; }}\n"
        f"location /{place}/vide/ {{ alias {shut}/; }} }}\n"
    )

    def curl(*arguments: str) -> None:
        subprocess.run(["curl", "-s", "-S", "--noproxy", "*", "-o", "/dev/null", *arguments], check=True, timeout=60)

    began = datetime.now(UTC).replace(microsecond=0)
    with serving.vsftpd(home / "ftp") as ftp, netservers.nginx(home, text) as nginx:
        (ftp.root / "depot/export.csv").write_bytes(b"f" * 1000)
        for _ in range(3):
            curl(f"{ftp.url}depot/export.csv")
        curl(f"{ftp.url}depot/")
        site = f"http://127.0.0.1:{nginx.port}/{place}"
        for arguments in (["-r", "0-99"], [], ["-I"]):
            curl(*arguments, f"{site}/web/{quote('résultat 1.csv')}")
        curl(f"{site}/web/")
        curl(f"{site}/vide/absent.csv")
        with gzip.open(home / "ftp/vsftpd.log.2.gz", "wb") as old:
            old.write(vsftpd_line("192.0.2.77", "/depot/ancien.csv", 70).encode())
        script = phiscan("zones", "--collector", cwd=home).stdout
        collect(script, home / "server.tar")
        collect(script.replace(b"716800", b"0"), home / "little.tar")
    ended = datetime.now(UTC)
    for name in ("ftp", "nginx-logs", "web"):  # nothing but the archive is read
        shutil.rmtree(home / name)
    told = phiscan("zones", "--from", "server.tar", "-f", "json", str(home), cwd=home)
    assert told.stderr == b""
    found = {zone["path"]: zone["readers"] for zone in json.loads(told.stdout)["zones"]}
    assert who(found[f"{home}/ftp/root"]) == [
        ("127.0.0.1", "ftp", 3, 3000, {"complete": 3}, True),
        ("192.0.2.77", "ftp", 1, 70, {"complete": 1}, True),
    ]
    assert who(found[f"{home}/ftp/root/depot"]) == who(found[f"{home}/ftp/root"])
    assert who(found[str(web)]) == [("127.0.0.1", None, 2, 5100, {"partial": 1, "unknown": 1}, True)]
    for path in (f"{home}/ftp/root", str(web)):
        one = found[path]["by"][0]
        first, last = (datetime.fromisoformat(one[name]) for name in ("first", "last"))
        assert (began <= first <= last <= ended, found[path]["state"]) == (True, "read")
    assert found[str(web)]["logs"].count(f"{logs}/access.log") == 1
    logged = [f"{home}/ftp/vsftpd.log", f"{home}/ftp/vsftpd.log.2.gz"]
    assert (found[f"{home}/ftp/root"]["logs"], found[f"{home}/ftp/root"]["unread"]) == (logged, [])
    assert (found[str(shut)]["state"], found[str(shut)]["by"]) == ("no_evidence", [])
    said = phiscan("zones", "--from", "server.tar", str(home), cwd=home).stdout.decode().replace("\u202f", " ")
    line = r"    lu d'après les journaux, 4 lectures \(4 complètes\) · 3,1 ko · [\d/: –]+ · 2 lecteurs : "
    assert len(re.findall(rf"^{line}127\.0\.0\.1 \(ftp\) 3, 192\.0\.2\.77 \(ftp\) 1$", said, re.MULTILINE)) == 2
    told = phiscan("zones", "--from", "little.tar", "-f", "json", f"{home}/ftp/root", cwd=home)
    left = [zone["readers"] for zone in json.loads(told.stdout)["zones"]]
    assert [(one["state"], one["logs"]) for one in left] == [("not_logged", [])] * 2
    assert {log for log in logged if {"log": log, "reason": "too_big"} in left[0]["unread"]} == set(logged)
    assert told.returncode == 3


def test_logs_that_were_rotated_and_packed_are_read_too(tmp_path: Path) -> None:
    found = zones(
        tmp_path,
        {
            "/etc/vsftpd.conf": VSFTPD,
            "/var/log/vsftpd.log": vsftpd_line("192.0.2.1", "/a.csv", 10, 54),
            "/var/log/vsftpd.log.1": vsftpd_line("192.0.2.1", "/b.csv", 20, 50) * 2,
            "/var/log/vsftpd.log.2.gz": gzip.compress(vsftpd_line("192.0.2.2", "/b.csv", 40, 40).encode()),
            "/var/log/vsftpd.log-20261101.xz": lzma.compress(
                vsftpd_line("192.0.2.3", "/in/c.csv", 80, 30, "FAIL", "labo").encode()
            ),
        },
    )
    readers = found["/srv/ftp"]
    assert who(readers) == [
        ("192.0.2.1", "ftp", 3, 50, {"complete": 3}, True),
        ("192.0.2.2", "ftp", 1, 40, {"complete": 1}, True),
        ("192.0.2.3", "labo", 1, 80, {"partial": 1}, True),
    ]
    latest = readers["by"][0]
    assert (latest["first"], latest["last"]) == ("2026-11-21T17:50:59Z", "2026-11-21T17:54:59Z")
    assert readers["since"] == "2026-11-21T17:30:59Z"
    assert readers["logs"] == [f"/var/log/vsftpd.log{name}" for name in ("", "-20261101.xz", ".1", ".2.gz")]


def test_times_without_a_zone_are_those_of_the_other_machine(tmp_path: Path) -> None:
    """Nouméa is eleven hours ahead. A server that was shut in writes UTC, which the log's time of change shows."""
    noumea = Path("/usr/share/zoneinfo/Pacific/Noumea")
    need(noumea.exists(), "tzdata")
    files: dict[str, bytes | str] = {
        "/etc/vsftpd.conf": VSFTPD,
        "/etc/localtime": noumea.read_bytes(),
        "/var/log/vsftpd.log": vsftpd_line("192.0.2.1", "/a.csv", 10),
    }
    said = [zones(tmp_path, files, at)["/srv/ftp"]["by"][0]["first"][11:16] for at in (AT - 11 * 3600, AT - 86_400, AT)]
    assert said == ["06:54", "06:54", "17:54"]


def test_what_says_nothing_is_told_apart_from_what_logs_nothing(tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {
        "/etc/vsftpd.conf": VSFTPD.replace(b"xferlog_enable=YES", b"xferlog_enable=NO"),
        "/etc/samba/smb.conf": SAMBA,
        "/etc/rsyncd.conf": RSYNC,
        "/etc/nginx/nginx.conf": WEB,
        "/var/log/samba/log.smbd": "[2026/11/21 17:00:00, 0] smbd/server.c:1784(main)\n  smbd version 4 started.\n",
        "/srv/journaux/site.log": web_line("192.0.2.9", "GET /b/x.csv HTTP/1.1", 404, 153)
        + web_line("192.0.2.9", "HEAD /a/x.csv HTTP/1.1", 200, 0),
    }
    found = zones(tmp_path, files)
    assert {path: (one["state"], one["logs"], one["since"], one["unread"]) for path, one in found.items()} == {
        "/srv/ftp": ("not_logged", [], None, []),
        "/srv/partage": ("not_logged", [], None, []),
        "/srv/rsync": ("not_logged", [], None, []),
        "/srv/web": ("no_evidence", ["/srv/journaux/site.log"], "2026-11-21T17:03:43Z", []),
        "/srv/vide": ("no_evidence", ["/srv/journaux/site.log"], "2026-11-21T17:03:43Z", []),
    }
    without = {name: text for name, text in files.items() if "/var/log" not in name and "/srv/" not in name}
    found = zones(tmp_path, {**without, "/.collector": b"no\n"})
    assert {one["state"] for one in found.values()} == {"not_collected"}
    count = len(json.loads(phiscan("zones", "--from", "server.tar", "-f", "json", cwd=tmp_path).stdout)["zones"])
    lines = phiscan("zones", "--from", "server.tar", cwd=tmp_path).stdout.decode().replace("\u202f", " ")
    assert lines.count("les journaux n'ont pas été rapportés (--no-logs)") == count


def test_what_is_probable_is_counted_apart(tmp_path: Path) -> None:
    """A folder with accents is not what the log says, but what it may say; a name without its folder is any zone's."""
    files: dict[str, bytes | str] = {
        "/etc/nginx/nginx.conf": "http { server { location /a/ { alias /srv/web/; } } }\n",
        "/etc/proftpd/proftpd.conf": "<Anonymous /srv/pub>\nUser ftp\nRequireValidShell off\n</Anonymous>\n",
        "/etc/vsftpd.conf": VSFTPD + b"write_enable=YES\nanon_upload_enable=YES\n",
        "/rights": "\n".join(
            f"# file: {path}\n# owner: 0\n# group: 0\nuser::rwx\ngroup::r-x\nother::{other}\n"
            for path, other in {"/": "r-x", "/srv": "r-x", "/srv/ftp": "r-x", "/srv/ftp/dépôt": "rwx"}.items()
        ),
        "/var/log/vsftpd.log": vsftpd_line("192.0.2.1", "/d??p??t/r??s 1.csv", 30)
        + vsftpd_line("192.0.2.1", "/d_p_t/b.csv", 60),
        "/var/log/proftpd/access.log": '192.0.2.2 UNKNOWN ftp [21/Nov/2026:17:00:00 +0000] "RETR c.csv" 226 90\n',
        "/var/log/nginx/access.log": web_line("192.0.2.3", "GET /a/%61.csv HTTP/1.1", 200, 9)
        + web_line("192.0.2.3", f"GET /{'b' * 5000} HTTP/1.1", 200, 9),  # no file's name
    }
    found = zones(tmp_path, files)
    assert who(found["/srv/ftp/dépôt"]) == [("192.0.2.1", "ftp", 1, 30, {"complete": 1}, False)]
    assert who(found["/srv/ftp"]) == [("192.0.2.1", "ftp", 2, 90, {"complete": 2}, True)]
    assert who(found["/srv/pub"]) == [("192.0.2.2", "ftp", 1, 90, {"complete": 1}, False)]
    assert (who(found["/srv/web"]), found["/srv/web"]["unplaced"]) == (
        [("192.0.2.3", None, 1, 9, {"unknown": 1}, True)],
        1,
    )


def test_a_path_on_the_disk_is_no_visitors_path(tmp_path: Path) -> None:
    """ProFTPD's xferlog has the one, what it logs by default the other."""
    line = "Sat Nov 21 17:54:59 2026 1 192.0.2.1 30 {}/b.csv b _ o a x@y ftp 0 * c\n"
    files: dict[str, bytes | str] = {
        "/etc/proftpd/proftpd.conf": "<Anonymous /srv/pub>\nUser ftp\nRequireValidShell off\n</Anonymous>\n",
        "/var/log/proftpd/xferlog": line.format("/srv/pub") + line.format("/srv/ailleurs"),
        "/var/log/proftpd/access.log": '192.0.2.2 UNKNOWN ftp [21/Nov/2026:17:00:00 +0000] "RETR /c.csv" 226 90\n',
    }
    readers = zones(tmp_path, files)["/srv/pub"]
    assert who(readers) == [
        ("192.0.2.1", "anonymous", 1, 30, {"complete": 1}, True),
        ("192.0.2.2", "ftp", 1, 90, {"complete": 1}, True),
    ]
    assert readers["unplaced"] == 1


def test_one_transfer_in_two_logs_counts_once(tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {
        "/etc/vsftpd.conf": VSFTPD + b"dual_log_enable=YES\n",
        "/var/log/vsftpd.log": vsftpd_line("192.0.2.1", "/r??s 1.csv", 10) * 2,
        "/var/log/xferlog": "Sat Nov 21 17:54:59 2026 1 192.0.2.1 10 /r??s_1.csv b _ o a x@y ftp 0 * c\n" * 2,
    }
    (one,) = zones(tmp_path, files)["/srv/ftp"]["by"]
    assert (one["reads"], one["bytes"], one["certain"]) == (2, 20, True)


def test_a_file_that_samba_reads_in_pieces_is_read_once(tmp_path: Path) -> None:
    """The opening stands in the log of before the rotation."""
    said = "2026/11/21 17:5{}:00|labo|192.0.2.1|poste|pub|{}|ok|{}\n"
    opened = said.format(1, "create_file", "0x1|file|open|/srv/partage/a|b.csv")
    pieces = "".join(said.format(n, "pread_recv", "/srv/partage/a|b.csv") for n in (2, 3, 4))
    files: dict[str, bytes | str] = {
        "/etc/samba/smb.conf": SAMBA,
        "/var/log/samba/audit.log.1": opened,
        "/var/log/samba/audit.log": pieces + said.format(5, "pread_recv", "/srv/ailleurs/c.csv"),
    }
    readers = zones(tmp_path, {**files, "/var/log/samba/log.nmbd": ""})["/srv/partage"]
    assert who(readers) == [("192.0.2.1", "labo", 1, None, {"unknown": 1}, True)]
    assert (readers["logs"], readers["unplaced"]) == (["/var/log/samba/audit.log", "/var/log/samba/audit.log.1"], 1)


def test_a_long_request_hides_no_reader(tmp_path: Path) -> None:
    log = web_line("192.0.2.3", f"GET /a/x.csv?{'y' * 100_000} HTTP/1.1", 200, 9)
    readers = zones(tmp_path, {"/etc/nginx/nginx.conf": WEB, "/srv/journaux/site.log": log})["/srv/web"]
    assert (who(readers), readers["unread"]) == ([("192.0.2.3", None, 1, 9, {"unknown": 1}, True)], [])


GOOD = vsftpd_line("192.0.2.1", "/a.csv", 10).encode()


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        (GOOD + b"x" * (3 << 20) + b"\n" + GOOD, "malformed"),  # a line as no server writes it
        (GOOD + GOOD + b"\0\xff" * (5 << 19), "malformed"),
        (GOOD + b"a b" * 5000 + b"\n" + GOOD, "malformed"),  # longer than what each parser may see
        (GOOD + os.urandom(1 << 16).replace(b"\n", b"") + b"\n" + GOOD, "malformed"),
        (GOOD + GOOD.replace(b" 10 bytes", b" " + b"9" * 5000 + b" bytes") + GOOD, None),
        (GOOD + GOOD.replace(b" 10 bytes", b" " + b"9" * 4000 + b" bytes") + GOOD, None),
        (GOOD + GOOD.replace(b"2026", b"0001") + GOOD.replace(b"2026", b"9999") + GOOD, None),
        (gzip.compress(GOOD * 2)[:-4], "malformed"),
        (gzip.compress(GOOD * 2 + bytes(1 << 20) + b"\n" + bytes(64 << 20)), "malformed"),
        (gzip.compress(GOOD * 2) + b"junk", "malformed"),
        (b"\x28\xb5\x2f\xfd" + bytes(range(256)), "malformed"),
        (b"\x5d\x00\x00\xff\xff" + bytes(100), "malformed"),
        (b"\x00\x01\n" * 1000, "unsupported"),
    ],
    ids=range(13),
)
def test_a_hostile_log_does_no_harm(log: bytes, reason: str | None, tmp_path: Path) -> None:
    readers = zones(tmp_path, {"/etc/vsftpd.conf": VSFTPD, "/var/log/vsftpd.log": log})["/srv/ftp"]
    assert [one["reason"] for one in readers["unread"]] == ([reason] if reason else [])
    expected = [] if log.startswith((b"\x28", b"\x5d", b"\0")) else [("192.0.2.1", "ftp", 2, 20, {"complete": 2}, True)]
    assert who(readers) == expected
    assert readers["state"] == ("read" if expected else "not_logged")
    done = phiscan("zones", "--from", "server.tar", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (3 if reason else 0, b"")
    assert ("Journal non lu, ou pas jusqu'au bout" in done.stdout.decode()) is bool(reason)


def test_lines_that_make_a_parser_slow_come_to_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = b"Sat Nov 21 17:54:59 2026 1 h 30 " + b"/a b _ o a " * 700 + b"\n"
    assert len(slow) < brought._LONG
    monkeypatch.setattr(brought, "_FIRST_SECONDS", 0.2)
    monkeypatch.setattr(brought, "_OFTEN", 1)
    monkeypatch.setattr(brought, "_BYTES_A_SECOND", 1 << 40)
    files = {"/etc/vsftpd.conf": VSFTPD, "/var/log/vsftpd.log": GOOD + slow * 1000 + GOOD}
    readers = zones(tmp_path, files)["/srv/ftp"]
    assert (readers["unread"], who(readers)[0][2]) == ([{"log": "/var/log/vsftpd.log", "reason": "timeout"}], 1)


def test_more_than_a_log_may_unpack_to_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brought, "_UNPACKED", 9 << 20)
    files = {"/etc/vsftpd.conf": VSFTPD, "/var/log/vsftpd.log.1.gz": gzip.compress(GOOD + (b"x" * 4095 + b"\n") * 5000)}
    readers = zones(tmp_path, files)["/srv/ftp"]
    assert (readers["unread"][0]["reason"], who(readers)[0][2]) == ("too_big", 1)


def test_a_log_that_the_collector_has_left_out_is_said(tmp_path: Path) -> None:
    files = {
        "/etc/vsftpd.conf": VSFTPD,
        "/.collector": b"yes\nleft /var/log/vsftpd.log.9\n",
        "/var/log/vsftpd.log": GOOD,
    }
    readers = zones(tmp_path, files)["/srv/ftp"]
    assert readers["unread"] == [{"log": "/var/log/vsftpd.log.9", "reason": "too_big"}]
    assert readers["logs"] == ["/var/log/vsftpd.log"]


def test_names_of_the_log_do_not_play_with_a_terminal(tmp_path: Path) -> None:
    log = "".join(vsftpd_line(f"192.0.2.{n}", "/a.csv", 10, n, account="a\x1b[2Jb") for n in range(8))
    assert len(zones(tmp_path, {"/etc/vsftpd.conf": VSFTPD, "/var/log/vsftpd.log": log})["/srv/ftp"]["by"]) == 8
    said = phiscan("zones", "--from", "server.tar", cwd=tmp_path, PHISCAN_LANGUAGE="en").stdout.decode()
    (line,) = [one for one in said.splitlines() if "as the logs say" in one]
    assert line.startswith(
        "    read, as the logs say, 8 reads (8 complete) · 80 B · 2026-11-21 17:00 – 2026-11-21 17:07"
    )
    assert line.endswith("192.0.2.3 (a\\x1b[2Jb) 1, and 3 more")
    assert "192.0.2.2" not in line


def test_more_readers_than_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phiscan.access.zonereaders._APART", 2)
    log = "".join(vsftpd_line(f"192.0.2.{n}", "/a.csv", 10, n) for n in range(5))
    readers = zones(tmp_path, {"/etc/vsftpd.conf": VSFTPD, "/var/log/vsftpd.log": log})["/srv/ftp"]
    assert [(one[0], one[2]) for one in who(readers)] == [(None, 3), ("192.0.2.1", 1), ("192.0.2.0", 1)]


@having(
    st.binary(max_size=3000), st.binary(max_size=200), st.sampled_from([b"", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0"])
)
def test_junk_for_logs(log: bytes, zone: bytes, head: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = {"/etc/vsftpd.conf": VSFTPD, "/var/log/vsftpd.log": head + log, "/etc/localtime": b"TZif2" + zone}
        readers = zones(Path(folder), files)["/srv/ftp"]
    assert readers["by"] == []
