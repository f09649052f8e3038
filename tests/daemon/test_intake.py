"""What is read next: at once, once it holds still, or after ten minutes of never holding still."""

from __future__ import annotations

from dataclasses import replace

import pytest

from phiscan.daemon.intake import Intake, Times
from phiscan.model import Place

A = Place(b"/srv/a", 1, 2, 10, 100, 100, 0o100644, 0, 0)


@pytest.fixture
def intake() -> Intake:
    return Intake(Times(settle=2.0, partial=600.0))


def test_closed_or_moved_is_read_at_once_in_order(intake: Intake) -> None:
    for path in (b"/srv/b", b"/srv/a", b"/srv/b"):
        intake.at_once(path)
    assert [intake.take(), intake.take(), intake.take()] == [b"/srv/b", b"/srv/a", None]


def test_found_settles_first(intake: Intake) -> None:
    intake.later(A, 0.0)
    assert (list(intake.due(1.9)), intake.take(), len(intake)) == ([], None, 1)
    assert list(intake.due(2.0)) == [b"/srv/a"]
    grown = replace(A, size=20)
    intake.settled(grown, 2.0)
    assert (intake.take(), list(intake.due(3.9))) == (None, [])
    intake.settled(grown, 4.0)
    assert (intake.take(), len(intake)) == (b"/srv/a", 0)


def test_closing_ends_the_wait(intake: Intake) -> None:
    intake.later(A, 0.0)
    intake.at_once(A.path)
    assert (intake.take(), list(intake.due(9.0)), len(intake)) == (A.path, [], 0)


def test_what_never_holds_still_is_looked_at_and_waited_for_still(intake: Intake) -> None:
    intake.later(A, 0.0)
    for at in range(2, 602, 2):
        intake.settled(replace(A, size=at), float(at))
        assert (intake.take() is None) == (at < 600)
    assert len(intake) == 1
    intake.settled(replace(A, size=600), 602.0)
    assert (intake.take(), len(intake)) == (A.path, 0)


def test_what_happens_while_it_is_read_is_remembered(intake: Intake) -> None:
    intake.begin(A.path)
    intake.at_once(A.path)
    assert (intake.take(), intake.end(A.path), intake.end(A.path)) == (None, True, False)
    intake.begin(A.path)
    intake.later(A, 0.0)
    assert (len(intake), intake.end(A.path)) == (0, True)
    intake.at_once(A.path)
    intake.forget(A.path)
    assert intake.take() is None
