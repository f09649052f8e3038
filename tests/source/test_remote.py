"""What lies behind an address, with a real FTP server, a real web server, and servers that mean harm."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.errors import Unreadable
from phiscan.model import Place
from phiscan.source import remote
from phiscan.source.ftp import parse_line
from phiscan.source.remote import Remote
from phiscan.source.server import Entry
from phiscan.source.walk import Excluded, Missed
from phiscan.source.web import linked
from tests.running import CLEAN, PATIENTS, gaps, phiscan, scan, statuses
from tests.servers import free_port, vsftpd, web

LATIN = b"r\xe9sultats.csv"


@pytest.fixture
def zone() -> Iterator[Path]:
    """A public zone, which everybody may enter from / on."""
    root = Path(tempfile.mkdtemp(dir="/tmp"))
    root.chmod(0o755)
    (root / "migration 2020").mkdir()
    (root / "migration 2020" / "patients.csv").write_text(PATIENTS, "utf-8")
    (root / "migration 2020" / ".note").write_text(CLEAN, "utf-8")
    (root / "été.txt").write_text(CLEAN, "utf-8")
    Path(os.fsdecode(os.fsencode(root) + b"/" + LATIN)).write_text(CLEAN, "utf-8")
    (root / "lien").symlink_to("/etc/passwd")
    yield root
    shutil.rmtree(root)


@pytest.fixture
def ftp(zone: Path, tmp_path: Path) -> Iterator[str]:
    closed = zone / "fermé"
    closed.mkdir()
    (closed / "a.txt").write_text("x", "utf-8")
    closed.chmod(0o700)
    with vsftpd(zone, tmp_path / "vsftpd") as port:
        yield f"ftp://127.0.0.1:{port}"


@pytest.fixture
def site(zone: Path) -> Iterator[str]:
    (zone / "lien").unlink()  # a web server follows it
    Path(os.fsdecode(os.fsencode(zone) + b"/" + LATIN)).unlink()  # Python's server writes such a name its own way
    with web(root=zone) as port:
        yield f"http://127.0.0.1:{port}"


def walked(address: str, *exclude: str) -> list[str]:
    """Return what is behind an address: paths of files, reasons after a colon, exclusions in brackets."""
    found = []
    server = Remote(address.encode(), exclude)
    for step in server.walk():
        rest = step.path.removeprefix(address.encode()).decode("utf-8", "backslashreplace")
        if isinstance(step, Place):
            found.append(rest)
        elif isinstance(step, Missed):
            found.append(f"{rest}: {step.gap.reason}")
        else:
            assert isinstance(step, Excluded)
            found.append(f"[{rest}]")
    server.close()
    return found


def taken(server: Remote, path: bytes, most: int, timeout: float) -> tuple[int, os.stat_result]:
    steps = server.open(path, most, timeout)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: tuple[int, os.stat_result] = end.value
            return found


def fetched(address: str, path: str = "", most: int = 1 << 20, timeout: float = 5.0) -> bytes:
    """Return the content of a file behind an address, read to its end; nobody can write to it."""
    with contextlib.closing(Remote(address.encode())) as server:
        descriptor, status = taken(server, (address + path).encode(), most, timeout)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.write(descriptor, b"x")
    with os.fdopen(descriptor, "rb") as file:
        content = file.read()
    assert len(content) == status.st_size
    return content


def refused(address: str, path: str = "", most: int = 1 << 20, timeout: float = 5.0) -> str:
    """Return why a file behind an address could not be fetched."""
    with pytest.raises(Unreadable) as told:
        fetched(address, path, most, timeout)
    return told.value.reason


def test_an_ftp_zone_is_walked_as_a_stranger_sees_it(ftp: str) -> None:
    assert walked(ftp) == [
        "/fermé: denied",
        "/migration 2020/.note",
        "/migration 2020/patients.csv",
        "/r\\xe9sultats.csv",
        "/été.txt",
    ]
    assert walked(ftp + "/migration 2020") == ["/.note", "/patients.csv"]
    assert walked(ftp + "/migration%202020/".replace("%20", " "), "*.csv") == [".note", "[patients.csv]"]
    assert walked(ftp + "/été.txt") == [""]


def test_an_ftp_file_is_fetched_into_memory(ftp: str) -> None:
    assert fetched(ftp, "/migration 2020/patients.csv") == PATIENTS.encode()
    assert fetched(ftp + "/été.txt") == CLEAN.encode()
    assert refused(ftp, "/none.csv") == "denied"
    assert refused(ftp, "/migration 2020/patients.csv", most=10) == "too_big"
    assert refused(ftp, "/a\nDELE b") == "unsupported"


def test_an_ftp_connection_that_was_dropped_is_made_again(ftp: str) -> None:
    with contextlib.closing(Remote(ftp.encode())) as server:
        assert len(list(server.walk())) == 5
        server._server._client.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]
        descriptor, status = taken(server, f"{ftp}/été.txt".encode(), 1000, 5.0)
        os.close(descriptor)
    assert status.st_size == len(CLEAN.encode())


def test_an_ftp_file_given_up_leaves_the_next_one_whole(zone: Path, ftp: str) -> None:
    (zone / "grand.csv").write_bytes(b"x" * 20_000_000)
    with contextlib.closing(Remote(ftp.encode())) as server:
        with pytest.raises(Unreadable, match="larger than"):
            taken(server, f"{ftp}/grand.csv".encode(), 1000, 5.0)
        descriptor, status = taken(server, f"{ftp}/été.txt".encode(), 1000, 5.0)
        os.close(descriptor)
    assert status.st_size == len(CLEAN.encode())


def test_a_site_that_lists_its_folders_is_walked(site: str) -> None:
    files = ["/migration 2020/.note", "/migration 2020/patients.csv", "/été.txt"]
    assert walked(site) == files
    assert walked(site + "/") == [name[1:] for name in files]
    assert walked(site, "migration*/") == ["[/migration 2020]", *files[2:]]
    assert walked(site + "/none") == [": vanished"]


def test_a_file_of_a_site_is_fetched_into_memory(site: str) -> None:
    assert fetched(site, "/migration 2020/patients.csv") == PATIENTS.encode()
    assert fetched(site + "/migration%202020/patients.csv") == PATIENTS.encode()
    assert refused(site, "/none") == "vanished"
    assert refused(site, "/migration 2020/patients.csv", most=10) == "too_big"


def test_scanning_addresses(ftp: str, tmp_path: Path) -> None:
    status, report = scan(ftp, cwd=tmp_path)
    patients = f"{ftp}/migration 2020/patients.csv"
    assert status == 10
    assert report["roots"] == [ftp]
    assert report["totals"] | {"bytes": 0} == {
        "files": 4, "bytes": 0, "scanned": 4, "unchanged": 0, "encrypted": 0, "gaps": 2, "excluded": 0, "persons": 2,
    }
    assert gaps(report) == {ftp: ("expose", "exposure_unknown"), f"{ftp}/fermé": ("walk", "denied")}
    (found,) = [file for file in report["files"] if file["path"] == patients]
    assert (found["exposure"]["level"], found["severity"], found["persons"]["count"]) == ("unknown", "medium", 2)
    _, report = scan(patients, "--assume-exposure", "public", cwd=tmp_path)
    (found,) = report["files"]
    assert (found["exposure"]["level"], found["severity"]) == ("public", "critical")


def test_a_large_table_behind_an_address_is_read_by_all_workers(zone: Path, site: str, tmp_path: Path) -> None:
    head, *rows = PATIENTS.splitlines(keepends=True)
    (zone / "large.csv").write_text(head + "".join(rows) * 400_000, "utf-8")
    _, report = scan(f"{site}/large.csv", cwd=tmp_path)
    (found,) = report["files"]
    assert (found["records"], found["persons"]["count"], found["status"]) == (800_000, 2, "scanned")
    assert report["totals"]["bytes"] == (zone / "large.csv").stat().st_size


def test_addresses_that_are_none(tmp_path: Path) -> None:
    for address, said in {
        "ftp://labo:secret@127.0.0.1/": "an address with an account is not read",
        "http:///x": "http:///x: invalid address",
        "http://127.0.0.1:99999/": "http://127.0.0.1:99999/: invalid address",
        "sftp://h/x": "only http://, https://, ftp:// and ftps:// addresses are read",
    }.items():
        done = phiscan("scan", address, cwd=tmp_path, PHISCAN_LANGUAGE="en")
        assert (done.returncode, done.stdout) == (2, b"")
        assert said in done.stderr.decode()
        assert "secret" not in done.stderr.decode()
    done = phiscan("explain", "http://127.0.0.1/x", cwd=tmp_path, PHISCAN_LANGUAGE="en")
    assert (done.returncode, done.stderr.decode()) == (
        2,
        "phiscan: http://127.0.0.1/x: a file is expected, no address; copy it first\n",
    )


def test_a_server_that_is_not_there_is_a_gap(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}/"
    status, report = scan(address, cwd=tmp_path)
    assert (status, gaps(report), statuses(report)) == (3, {address: ("walk", "vanished")}, {})


def answering(answer: Callable[[BaseHTTPRequestHandler], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with_suppressed(answer, self)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def with_suppressed(answer: Callable[[BaseHTTPRequestHandler], None], handler: BaseHTTPRequestHandler) -> None:
    try:
        answer(handler)
    except OSError:  # the client hung up
        handler.close_connection = True


def page(body: bytes, kind: str = "text/html") -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def status(code: int, *headers: tuple[str, str]) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers:
            handler.send_header(name, value)
        handler.end_headers()

    return answer


def endless(handler: BaseHTTPRequestHandler) -> None:
    page(b"<title>Index of /</title>")(handler)
    while True:
        handler.wfile.write(b"x" * 65536)


def listing_then_page(handler: BaseHTTPRequestHandler) -> None:
    title = b"Index of /" if handler.path == "/" else b"Bienvenue"
    page(b"<title>%b</title><a href='x'><a href='sub/'>" % title)(handler)


def cut_short(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"x" * 10)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (status(401), [": denied"]),
        (status(403), [": denied"]),
        (status(404), [": vanished"]),
        (status(500), [": vanished"]),
        (status(302, ("Location", "http://elsewhere.invalid/")), [": denied"]),
        (status(302, ("Location", "file:///etc/passwd")), [": vanished"]),
        (status(302, ("Location", "/")), [": vanished"]),  # for ever
        (page(b"<title>Index of /</title><a href='x'>"), ["/x"]),
        (page(b"<title>Bienvenue</title><a href='x'>"), [""]),
        (page(b"a;b", "text/csv"), [""]),
        (page(b"<title>Index of /</title><a href='sub/'>"), None),  # folders within folders, for ever
        (endless, [": too_big"]),
        (listing_then_page, ["/sub: unsupported", "/x"]),
    ],
)
def test_answers_of_a_site(answer: Callable[[BaseHTTPRequestHandler], None], found: list[str] | None) -> None:
    with web(answering(answer)) as port:
        if found is None:
            found = ["/sub" * remote._DEEPEST + "/sub: too_big"]
        assert walked(f"http://127.0.0.1:{port}") == found


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(status(401), "denied"), (status(404), "vanished"), (cut_short, "vanished"), (endless, "too_big")],
)
def test_answers_for_a_file(answer: Callable[[BaseHTTPRequestHandler], None], reason: str) -> None:
    with web(answering(answer)) as port:
        assert refused(f"http://127.0.0.1:{port}/x.csv") == reason


def test_a_site_that_trickles_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def trickle(handler: BaseHTTPRequestHandler) -> None:
        page(b"")(handler)
        while True:
            handler.wfile.write(b"x")
            handler.wfile.flush()

    with web(answering(trickle)) as port:
        assert refused(f"http://127.0.0.1:{port}/x.csv", most=1 << 40, timeout=0.2) == "timeout"


APACHE = b"""<html><head><title>Index of /pub</title></head><body><h1>Index of /pub</h1><table>
<tr><th><a href="?C=N;O=D">Name</a></th></tr><tr><td><a href="/">Parent Directory</a></td></tr>
<tr><td><a href="r%c3%a9sultats/">r&eacute;sultats/</a></td></tr><tr><td><a href="a%20b.csv">a b.csv</a></td></tr>"""
NGINX = b"""<html><head><title>Index of /pub/</title></head><body><h1>Index of /pub/</h1><hr><pre><a href="../">../</a>
<a href="r%C3%A9sultats/">r\xc3\xa9sultats/</a>   21-Nov-2026 17:54   -\n<a href="a%20b.csv">a b.csv</a>  20\n</pre>"""
HOSTILE = b"""<title>Index of /</title><a href="http://elsewhere.invalid/pub/x"><a href="//elsewhere.invalid/pub/y">
<a href="../../etc/passwd"><a href="..%2f..%2fetc"><a href="%2e%2e/"><a href="file:///etc/passwd"><a href="a/b/c">
<a href="javascript:alert(1)"><a href="x%00y"><a href=""><a href="http://[broken/"><a href="ok">"""


@pytest.mark.parametrize(
    ("listing", "entries"),
    [
        (APACHE, [Entry("résultats".encode(), True), Entry(b"a b.csv", False)]),
        (NGINX, [Entry("résultats".encode(), True), Entry(b"a b.csv", False)]),
        (HOSTILE, [Entry(b"ok", False)]),
    ],
)
def test_what_a_listing_links_to(listing: bytes, entries: list[Entry]) -> None:
    assert linked(listing, "http://labo.example/pub/") == entries


@given(st.binary(max_size=400))
def test_no_listing_leads_out_of_its_folder(listing: bytes) -> None:
    links = b"".join(b'<a href="%b">' % part for part in listing.split(b" "))
    for entry in linked(links, "http://labo.example/pub/"):
        assert entry.name not in (b"", b".", b"..")
        assert b"/" not in entry.name


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        (b"-rw-r--r--    1 0        0              20 Nov 21 17:54 pub.txt", Entry(b"pub.txt", False, 20)),
        (b"-rw-r--r--+   1 ftp  ftp   3000000 Nov 21  2021  two blanks.csv", Entry(b" two blanks.csv", False, 3000000)),
        (b"drwxr-xr-x    2 0        0            4096 Nov 21 17:54 r\xe9sultats", Entry(b"r\xe9sultats", True, 4096)),
        (b"11-21-26  05:54PM       <DIR>          Archives", Entry(b"Archives", True, 0)),
        (b"11-21-2026  05:54PM             1234 patients 2020.csv", Entry(b"patients 2020.csv", False, 1234)),
        (b"lrwxrwxrwx    1 0        0              11 Nov 21 17:54 lien -> /etc/passwd", None),
        (b"crw-rw-rw-    1 0        0               0 Nov 21 17:54 null", None),
        (b"drwxr-xr-x    2 0        0            4096 Nov 21 17:54 ..", None),
        (b"-rw-r--r--    1 0        0              20 Nov 21 17:54 a/../../b", None),
        (b"total 12", None),
    ],
)
def test_lines_of_an_ftp_listing(line: bytes, entry: Entry | None) -> None:
    assert parse_line(line) == entry


@given(st.binary(max_size=200))
def test_any_line_is_an_entry_or_a_gap(line: bytes) -> None:
    found = None
    with contextlib.suppress(Unreadable):
        found = parse_line(line)
    assert found is None or (b"/" not in found.name and found.name not in (b".", b".."))


def test_a_line_of_no_known_server_is_a_gap() -> None:
    with pytest.raises(Unreadable) as told:
        parse_line(b"pub.txt")
    assert told.value.reason == "unsupported"
