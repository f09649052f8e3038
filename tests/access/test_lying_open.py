"""Which reads fall within the time that a file lay open, and what the lines of logs prove of its beginning and end."""

from __future__ import annotations

from collections import Counter

import pytest

from phiscan.access.lying_open import during, refined
from phiscan.access.readers import Reader
from phiscan.incidents.incident import Incident
from phiscan.model import Exposure, Level, Severity
from phiscan.store.access import Kept
from phiscan.store.exposures import Interval, Moment
from tests.alert.book import facts

INCIDENT = Incident(
    rule="r", version=1, root=1, path=b"/srv/a", shown="/srv/a", masked="/srv/a", zone=b"/srv", content="k1:a",
    state="new", severity=Severity.HIGH, exposure=Exposure(Level.PUBLIC), facts=facts(Level.PUBLIC, 1), complete=True,
    first_seen=100.0, last_seen=100.0,
)  # fmt: skip


def line(at: float, action: str = "read", address: str = "10.0.0.1", place: int = 0) -> Kept:
    return Kept(
        id=1, incident=1, at=at, action=action, address=address, account="labo", service="vsftpd", size=1,
        extent="complete", sure=True, file=b"/var/log/vsftpd.log", place=place, line=b"", seal="",
    )  # fmt: skip


def span(opened: float, closed: float | None = None, why: str = "gone") -> Interval:
    end = None if closed is None else Moment(at=closed, proof="incident")
    why_ = None if closed is None else why
    return Interval(incident=1, opened=Moment(at=opened, proof="incident"), closed=end, why=why_)  # type: ignore[arg-type]


def reader(first: float, last: float, reads: int) -> Reader:
    return Reader(
        key=1, address="10.0.0.1", account="labo", service="vsftpd", first=first, last=last,
        extents=Counter(complete=reads),
    )  # fmt: skip


def moments(known: list[Interval], *lines: Kept) -> list[tuple[float, str, float | None]]:
    return [
        (one.opened.at, one.opened.proof, None if one.closed is None else one.closed.at)
        for one in refined(INCIDENT, known, sorted(lines, key=lambda one: one.at), None)
    ]


def test_a_reader_proves_the_first_opening_and_no_later_one() -> None:
    known = [span(100, 200, "unexposed"), span(300)]
    assert moments(known, line(50), line(250)) == [(50, "log", 200), (300, "incident", None)]
    assert moments(known, line(150)) == [(100, "incident", 200), (300, "incident", None)]


def test_a_deletion_in_a_log_is_the_end_of_what_is_gone() -> None:
    assert moments([span(100, 200)], line(190, "delete")) == [(100, "incident", 190)]
    assert moments([span(100, 200)], line(255, "delete")) == [(100, "incident", 255)]
    assert moments([span(100, 200)], line(261, "delete"), line(99, "delete")) == [(100, "incident", 200)]
    assert moments([span(100, 200, "unexposed")], line(190, "delete")) == [(100, "incident", 200)]
    two = [span(100, 200), span(300, 400)]
    assert moments(two, line(190, "delete"), line(390, "delete")) == [
        (100, "incident", 190),
        (300, "incident", 390),
    ]


@pytest.mark.parametrize(
    ("first", "last", "reads", "lines", "expected"),
    [
        (150, 150, 1, [150], True),
        (250, 250, 1, [250], False),
        (202, 202, 1, [202], True),  # written when the transfer had ended
        (203, 203, 1, [203], False),
        (350, 350, 1, [], True),
        (250, 280, 9, [250], False),  # all of them between the two
        (90, 250, 2, [90, 250], False),  # none within, and there are no others
        (90, 250, 3, [90, 250], None),  # of the third nobody knows when
        (90, 250, 3, [90, 150, 250], True),
    ],
)
def test_reads_within_and_beside(
    first: float, last: float, reads: int, lines: list[float], expected: bool | None
) -> None:
    known = [span(100, 200), span(300)]
    assert during(reader(first, last, reads), [line(at) for at in lines], known) is expected


def test_lines_of_others_say_nothing_of_a_reader() -> None:
    others = [line(150, address="10.0.0.2"), line(150, "write")]
    assert during(reader(90, 250, 2), [line(90), line(250), *others], [span(100, 200)]) is False
