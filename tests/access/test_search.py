"""Names as servers write them, rotated and packed logs, renames, twins: on lines as the servers write them."""

from __future__ import annotations

import bz2
import gzip
import lzma
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.access import clock, files
from phiscan.access.formats import Parser
from phiscan.access.matching import Matcher, Name
from phiscan.access.model import Access, Mapping, Target, Writing
from phiscan.access.places import mappings_of
from phiscan.access.search import Looked, Part, look_up
from phiscan.access.wanted import Wanted
from phiscan.expose.grant import Grant
from phiscan.model import Level, Reason

VSFTPD = (
    "Sat Nov 21 {clock} 2026 [pid 2] [{who}] OK DOWNLOAD: "
    'Client "203.0.113.7", "{path}", {size} bytes, 23.17Kbyte/sec\n'
)
XFER = "Sat Nov 21 {clock} 2026 1 203.0.113.7 {size} {path} b _ o r {who} ftp 0 * c\n"


def line(form: str, path: str, clock: str = "17:54:59", size: int = 20, who: str = "labo") -> bytes:
    return form.format(path=path, clock=clock, size=size, who=who).encode()


def search(folder: Path, logs: dict[str, bytes], *targets: Target, mappings: tuple[Mapping, ...] = ()) -> Looked:
    for name, content in logs.items():
        (folder / name).write_bytes(content)
    return look_up([Part(file=str(folder / name).encode()) for name in logs], targets, mappings)


def reads(looked: Looked) -> list[tuple[int, str, int, bool]]:
    return [
        (one.key, one.extent, one.line.offset, one.sure) for one in looked.gathered.lines if one.access.action == "read"
    ]


AT = Mapping(service="vsftpd", path=b"/srv/ftp")
TARGET = Target(key=1, path=b"/srv/ftp/in/a.csv", size=20)


def _question(name: bytes) -> bytes:
    return bytes(byte if 0x20 <= byte <= 0x7E else 0x3F for byte in name)


def _underscore(name: bytes) -> bytes:
    return bytes(0x5F if byte <= 0x20 or byte == 0x7F else byte for byte in name)


@given(st.binary(min_size=1, max_size=40).filter(lambda name: not set(name) & set(b"/\n\0")))
def test_a_name_is_found_however_a_server_writes_it(name: bytes) -> None:
    wanted = Wanted([name], renames=False)
    over = "".join(f"%{byte:02x}" for byte in name).encode()
    forms = {name, _question(name), _underscore(name), _question(_underscore(name)), quote(name).encode(), over}
    for form in forms:
        if b"\n" in form:
            continue
        text = b"x /in/" + form + b" y"
        block = b"before\n" + text + b"\nafter\n"
        found = dict(wanted.lines(block))
        assert found[7] == text.rstrip(b"\r")


@given(
    st.binary(min_size=1, max_size=40).filter(lambda name: not set(name) & set(b"/\n\0") and name not in (b".", b".."))
)
def test_a_path_matches_however_a_server_writes_it(name: bytes) -> None:
    matcher = Matcher([Name(key=1, path=b"/srv/ftp/in/" + name)], [AT])
    forms: dict[Writing, bytes] = {
        "raw": name,
        "question": _question(name),
        "underscore": _underscore(name),
        "both": _question(_underscore(name)),
    }
    for writing, form in forms.items():
        access = Access(
            at=1.0, action="read", address="", account="", path=b"/in/" + form, writing=writing,
            services=("vsftpd",), format="test",
        )  # fmt: skip
        (match,) = matcher.of(access, access.path, access.services)
        assert match.sure == (form == name)


def test_only_lines_that_may_speak_of_it_are_pointed_at() -> None:
    block = b"".join(line(VSFTPD, path) for path in ("/a.csv", "/in/a.csv", "/b.csv", "/in/a.csv.bak"))
    assert [text[-40:] for _, text in Wanted([b"b.csv"]).lines(block)] == [line(VSFTPD, "/b.csv")[-41:-1]]
    assert list(Wanted([]).lines(block)) == []


@given(st.binary(max_size=300))
def test_junk_is_no_access(junk: bytes) -> None:
    Parser()(junk)


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_packed_logs_are_read_and_offsets_are_those_of_the_text(tmp_path: Path, pack: object) -> None:
    content = line(VSFTPD, "/b.csv") + line(VSFTPD, "/in/a.csv") + line(VSFTPD, "/in/a.csv")[:-1]
    looked = search(tmp_path, {"vsftpd.log.2": pack(content)}, TARGET, mappings=(AT,))  # type: ignore[operator]
    assert reads(looked) == [(1, "complete", len(line(VSFTPD, "/b.csv")), True)]  # the last line is not ended


def test_zstandard_too(tmp_path: Path) -> None:
    zstd = pytest.importorskip("backports.zstd")
    looked = search(tmp_path, {"v.zst": zstd.compress(line(VSFTPD, "/in/a.csv"))}, TARGET, mappings=(AT,))
    assert reads(looked) == [(1, "complete", 0, True)]


def test_a_packed_log_that_breaks_off_is_said(tmp_path: Path) -> None:
    content = gzip.compress(line(VSFTPD, "/in/a.csv") * 9999)[:-30]
    looked = search(tmp_path, {"vsftpd.log.2.gz": content}, TARGET)
    assert looked.unread == {str(tmp_path / "vsftpd.log.2.gz").encode(): "malformed"}


def test_a_log_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert look_up([Part(file=b"/nowhere/log")], [TARGET]).unread == {b"/nowhere/log": "vanished"}


@pytest.mark.parametrize(
    ("written", "path", "mapped", "sure"),
    [
        ("/in/a.csv", b"/srv/ftp/in/a.csv", True, True),
        ("/in/../in//a.csv", b"/srv/ftp/in/a.csv", True, True),
        ("/in/a.csv", b"/srv/ftp/in/a.csv", False, False),  # nobody knows what the server gives away
        ("/in/r??s 1.csv", "/srv/ftp/in/rés 1.csv".encode(), True, False),
        ("/in/r?s 1.csv", "/srv/ftp/in/rés 1.csv".encode("latin-1"), True, False),
        ("/in/a.csv", b"/srv/web/in/a.csv", True, None),
        ("/a.csv", b"/srv/ftp/in/a.csv", True, None),
        ("/in/r?s 1.csv", "/srv/ftp/in/rés 1.csv".encode(), True, None),  # two bytes, one sign
        ("/in/a?csv", b"/srv/ftp/in/a.csv", True, None),  # a dot is never written so
    ],
)
def test_vsftpds_paths(tmp_path: Path, written: str, path: bytes, *, mapped: bool, sure: bool | None) -> None:
    target = Target(key=1, path=path, size=20)
    looked = search(tmp_path, {"vsftpd.log": line(VSFTPD, written)}, target, mappings=(AT,) if mapped else ())
    assert reads(looked) == ([] if sure is None else [(1, "complete", 0, sure)])


def test_renames_are_followed_in_the_order_of_time(tmp_path: Path) -> None:
    """`b` is `a` renamed at 18:00; another `a` came afterwards and is another file."""
    renamed = b'Sat Nov 21 18:00:00 2026 [pid 2] [labo] OK RENAME: Client "203.0.113.7", "/in/a b.csv /in/b.csv"\n'
    content = b"".join(
        [
            line(VSFTPD, "/in/a b.csv", "17:00:00"),
            line(VSFTPD, "/in/b.csv", "17:10:00"),  # what was called b before is gone
            renamed,
            line(VSFTPD, "/in/b.csv", "18:10:00"),
            line(VSFTPD, "/in/a b.csv", "18:20:00"),
        ]
    )
    looked = search(tmp_path, {"vsftpd.log": content}, Target(key=1, path=b"/srv/ftp/in/b.csv"), mappings=(AT,))
    assert [one.access.at for one in looked.gathered.lines if one.access.action == "read"] == [
        clock.ctime(b"Sat Nov 21 17:00:00 2026"),
        clock.ctime(b"Sat Nov 21 18:10:00 2026"),
    ]


def test_what_the_store_knows_of_earlier_names_counts(tmp_path: Path) -> None:
    until = clock.ctime(b"Sat Nov 21 18:00:00 2026")
    assert until is not None
    target = Target(key=1, path=b"/srv/ftp/b.csv", names=((b"/srv/ftp/a.csv", until),))
    content = line(VSFTPD, "/a.csv", "17:00:00") + line(VSFTPD, "/a.csv", "19:00:00")
    looked = search(tmp_path, {"vsftpd.log": content}, target, mappings=(AT,))
    assert [offset for _, _, offset, _ in reads(looked)] == [0]


def test_one_transfer_in_two_logs_is_one_and_two_are_two(tmp_path: Path) -> None:
    logs = {
        "vsftpd.log": line(VSFTPD, "/in/a.csv") * 2 + line(VSFTPD, "/in/a.csv", "18:00:00"),
        "xferlog": line(XFER, "/in/a.csv", "17:55:00") * 2 + line(XFER, "/in/a.csv", "19:00:00"),
    }
    looked = search(tmp_path, logs, TARGET, mappings=(AT,))
    (reader,) = looked.gathered.readers.values()
    assert (reader.reads, reader.size) == (4, 80)


def test_a_log_that_nobody_is_known_to_write_may_be_of_any(tmp_path: Path) -> None:
    """vsftpd writes none any more, of ProFTPD nobody knows which: what was read before is not lost."""
    silent = Mapping(service="vsftpd", path=AT.path, seen=AT.seen, logs=frozenset())
    other = Mapping(service="proftpd", path=b"/srv/pro", seen=b"/")
    content = line(XFER, "/in/a.csv")
    looked = search(tmp_path, {"xferlog.1": content}, TARGET, mappings=(silent, other))
    assert [(one.size, one.sure) for one in looked.gathered.readers.values()] == [(20, False)]
    # Where one of them is known to write it, it is that one's.
    mine = Mapping(service="proftpd", path=b"/srv/pro", seen=b"/", logs=frozenset({bytes(tmp_path / "xferlog")}))
    assert search(tmp_path, {"xferlog.1": content}, TARGET, mappings=(silent, mine)).gathered.readers == {}


def test_more_lines_than_are_kept_are_counted(tmp_path: Path) -> None:
    looked = search(tmp_path, {"vsftpd.log": line(VSFTPD, "/in/a.csv") * 5000}, TARGET, mappings=(AT,))
    (reader,) = looked.gathered.readers.values()
    assert (reader.reads, len(looked.gathered.lines)) == (5000, 50)


@pytest.mark.parametrize(
    ("sizes", "extent"),
    [([20], "complete"), ([12], "partial"), ([12, 8], "parts"), ([12, 7], "partial"), ([0, 12], "partial")],
)
def test_how_much_of_it(tmp_path: Path, sizes: list[int], extent: str) -> None:
    content = b"".join(line(VSFTPD, "/in/a.csv", size=size) for size in sizes)
    (reader,) = search(tmp_path, {"vsftpd.log": content}, TARGET, mappings=(AT,)).gathered.readers.values()
    assert reader.extent(20) == extent


@pytest.mark.parametrize(
    "text", [line(VSFTPD, "/in/a.csv", size=0), line(VSFTPD, "/in/a.csv").replace(b", 20 bytes", b"")]
)
def test_a_transfer_of_nothing_is_no_read(tmp_path: Path, text: bytes) -> None:
    """vsftpd tells of no bytes where there were none."""
    assert search(tmp_path, {"vsftpd.log": text}, TARGET, mappings=(AT,)).gathered.readers == {}


def test_where_logs_are(tmp_path: Path) -> None:
    for name in ("vsftpd.log", "vsftpd.log.1", "vsftpd.log.2.gz", "vsftpd.log-20261120", "vsftpd.logs", "other"):
        (tmp_path / name).write_bytes(b"x\n")
    found = {log.path.rpartition(b"/")[2]: log.growing for log in files.found([tmp_path / "vsftpd.log"], ())}
    assert found == {
        b"vsftpd.log": True,
        b"vsftpd.log.1": False,
        b"vsftpd.log.2.gz": False,
        b"vsftpd.log-20261120": False,
    }
    assert len(files.found([tmp_path], ())) == 6
    assert len(files.found([tmp_path / "vsftpd.log*"], ())) == 5
    assert files.found([tmp_path / "nothing"], ()) == []


def test_sambas_logs_are_named_after_its_clients(tmp_path: Path) -> None:
    names = {"log.192.0.2.1": True, "log.192.0.2.1.old": False, "log.192.0.2.1.1": False, "log.192.0.2.1.2.gz": False}
    names |= {
        "log.poste-12": True,
        "log.poste-12.old": False,
        "log.smbd-20261120": False,
        "log.smbd-20261120.gz": False,
    }
    for name in names:
        (tmp_path / name).write_bytes(b"x\n")
    found = {log.path.rpartition(b"/")[2].decode(): log.growing for log in files.found([], [f"{tmp_path}/*"])}
    assert found == names


def test_a_clock_in_utc_is_seen_by_the_time_of_the_file() -> None:
    from datetime import UTC, datetime

    last = datetime(2026, 11, 21, 17, 0, 0).timestamp()
    ahead = (datetime.fromtimestamp(last).astimezone().utcoffset() or datetime.now(UTC).utcoffset()).total_seconds()  # type: ignore[union-attr]
    assert clock.shift(last, last) == 0.0
    assert clock.shift(last, last + ahead) == ahead
    assert clock.shift(last, last + 7 * 3600 + 120) == 0.0


def test_a_matcher_needs_the_whole_name() -> None:
    matcher = Matcher([Name(key=1, path=b"/srv/ftp/in/a.csv")])
    access = Parser()(line(VSFTPD, "/in/a.csv")[:-1])
    assert access is not None
    assert [match.name.key for match in matcher.of(access, b"/in/a.csv", ("vsftpd",))] == [1]
    assert matcher.of(access, b"/n/a.csv", ("vsftpd",)) == []


def test_mappings_are_those_of_grants(tmp_path: Path) -> None:
    why: tuple[Reason, ...] = ()
    grants = [
        Grant(service="vsftpd", path=b"/srv/ftp", level=Level.PUBLIC, evidence=why),
        Grant(service="nginx", path=b"/srv/ftp/in", level=Level.PUBLIC, evidence=why, seen=b"/fichiers/"),
        Grant(service="proftpd", path=b"/srv/ftp", level=Level.PUBLIC, evidence=why),
    ]
    mappings = mappings_of(grants)
    logs = {
        "vsftpd.log": line(VSFTPD, "/in/a.csv"),
        "nginx-access.log": b'::1 - - [21/Nov/2026:18:03:43 +0000] "GET /fichiers/a.csv HTTP/1.1" 200 20 "-" "-"\n',
        "proftpd-xferlog": line(XFER, "/srv/ftp/in/a.csv", "19:00:00"),
        "proftpd-extended": b'2026-11-21 20:55:22,607 ::1 ftp "RETR /in/a.csv" 226 20\n',
    }
    looked = search(tmp_path, logs, TARGET, mappings=mappings)
    assert sorted((one.service, one.reads, one.sure) for one in looked.gathered.readers.values()) == [
        ("nginx", 1, True),
        ("proftpd", 1, True),
        ("proftpd", 1, True),
        ("vsftpd", 1, True),
    ]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (b"Nov 21 17:56:29 vm smbd_audit[77]: mdupont|10.0.0.9|pread_send|ok|/srv/ftp/in/a.csv", None),
        (b"<13>Nov 21 17:56:29 vm smbd_audit: mdupont|10.0.0.9|pread_send|ok|/srv/ftp/in/a.csv", None),
        (b"2026-11-21T17:56:29.5+01:00 vm smbd_audit: mdupont|10.0.0.9|pread_send|ok|/srv/ftp/in/a.csv", 1795280189.5),
        (b"2026/11/21 17:56:29|mdupont|10.0.0.9|pc|pub|pread_recv|ok|/srv/ftp/in/a.csv", None),
    ],
)
def test_samba_through_syslog_and_not(text: bytes, at: float | None) -> None:
    found = Parser()(text)
    assert found is not None
    assert (found.action, found.account, found.address, found.path) == (
        "read", "mdupont", "10.0.0.9", b"/srv/ftp/in/a.csv",
    )  # fmt: skip
    assert found.zoned == (at is not None)
    assert at is None or found.at == at


def samba(operation: str, second: int, rest: str = "/srv/ftp/in/a.csv") -> bytes:
    return f"2026/11/21 17:56:{second:02d}|u|10.0.0.9|pc|pub|{operation}|ok|{rest}\n".encode()


def test_sambas_reads_of_one_open_file_are_one(tmp_path: Path) -> None:
    opened = "0x120089|file|open|/srv/ftp/in/a.csv"
    looked_at = "0x80|file|open|/srv/ftp/in/a.csv"  # its properties
    once = samba("create_file", 1, opened) + samba("pread_send", 2) + samba("pread_recv", 3) + samba("pread_send", 50)
    only_open = samba("create_file", 51, opened) + samba("create_file", 52, looked_at) + samba("close", 53)
    again = samba("create_file", 54, opened) + samba("pread_send", 54)
    looked = search(tmp_path, {"audit.log": once + only_open + again}, TARGET)
    assert [one.line.text for one in looked.gathered.lines] == [
        samba("pread_send", 2)[:-1],
        samba("pread_send", 54)[:-1],
    ]


@pytest.mark.parametrize(
    ("text", "extent"),
    [
        (b'::1 - - [21/Nov/2026:18:03:43 +0000] "GET /in/a.csv HTTP/1.1" 200 20 "-" "-"\n', "complete"),
        (b'site:80 ::1 - u [21/Nov/2026:18:03:43 +0000] "GET /in/%61.csv?x HTTP/2.0" 200 250 "-" "-"\n', "complete"),
        (b'::1 - - [21/Nov/2026:18:03:43 +0000] "GET /x/../in//a.csv HTTP/1.1" 206 20\n', "partial"),
        (b'::1 - - [21/Nov/2026:18:03:43 +0000] "GET http://h/in/a.csv HTTP/1.1" 200 7\n', "short"),
        (b'::1 - - [21/Nov/2026:18:03:43 +0000] "HEAD /in/a.csv HTTP/1.1" 200 20\n', None),
        (b'::1 - - [21/Nov/2026:18:03:43 +0000] "GET /in/a.csv HTTP/1.1" 304 0\n', None),
        (b'::1 - - [21/Nov/2026:18:03:43 +0000] "GET /in/a.csv HTTP/1.1" 403 20\n', None),
        (b'::1 - - [21/Nov/2026:18:03:43 +0000] "GET /in/a.csv/ HTTP/1.1" 200 20\n', None),
        (b'::1 - - [21/Nov/2026:18:03:43 +0000] "-" 400 0\n', None),
    ],
)
def test_the_web(tmp_path: Path, text: bytes, extent: str | None) -> None:
    looked = search(tmp_path, {"access.log": text}, TARGET, mappings=(Mapping(service="nginx", path=b"/srv/ftp"),))
    assert [one.extent for one in looked.gathered.lines] == ([] if extent is None else [extent])
