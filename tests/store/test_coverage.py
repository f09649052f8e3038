"""What was checked on a day: its walks, when nobody watched, and records that somebody has altered; both databases."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from phiscan.commands.coverage_day import Day, absent, day_of, table
from phiscan.incidents.incident import moment
from phiscan.seal import Sealer
from phiscan.store import Store, coverage, ledger
from phiscan.store.coverage import Life

SEALER = Sealer(b"0" * 32, "k1")
HOUR, DAY = 3600.0, 86_400.0
START = 1_795_000_000.0 // DAY * DAY  # midnight UTC: the zone does not matter here
END = START + DAY


def life(began: float, alive: float) -> Life:
    return Life(began=START + began * HOUR, alive=START + alive * HOUR, signature="")


@pytest.mark.parametrize(
    ("lives", "expected"),
    [
        ([(-5, 30)], []),
        ([(0, 24)], []),
        ([(-5, 10), (11, 30)], [(10, 11)]),
        ([(-5, 10), (10, 30)], []),
        ([(-5, 2), (3, 4), (6, 20)], [(2, 3), (4, 6), (20, 24)]),
        ([(-9, -5), (26, 30)], [(0, 24)]),
        ([], [(0, 24)]),
        ([(5, 30), (-5, 2)], [(2, 5)]),  # in whatever order
        ([(-5, 20), (1, 3)], [(20, 24)]),
    ],
)
def test_when_nobody_watched(lives: Sequence[tuple[float, float]], expected: list[tuple[float, float]]) -> None:
    found = absent([life(*one) for one in lives], START, END, END + 100 * DAY)
    assert [((began - START) / HOUR, (ended - START) / HOUR) for began, ended in found] == expected


def test_one_that_is_at_work_has_watched_up_to_now() -> None:
    at = START + 10 * HOUR
    assert absent([Life(began=START, alive=at - 60, signature="")], START, at, at) == []
    assert absent([Life(began=START, alive=at - 600, signature="")], START, at, at) == [(at - 600, at)]


class Years:
    """A store, with walks and lives at hours of the day."""

    def __init__(self, store: Store) -> None:
        self.store = store
        with store.write() as connection:
            self.root = ledger.root_of(connection, b"/srv").id

    def walk(self, began: float, ended: float, gaps: int = 0, down: tuple[float, float] | None = None) -> None:
        said = {
            "root": "/srv", "started": _at(began), "ended": _at(ended),
            "files": 3, "gaps_count": gaps, "by_status": {"scanned": 3},
            "down": None if down is None else {"from": _at(down[0]), "to": _at(down[1])},
        }  # fmt: skip
        record = json.dumps(said)
        times = START + began * HOUR, START + ended * HOUR
        with self.store.write() as connection:
            coverage.put(connection, self.root, *times, record, SEALER.sign(record))

    def lived(self, *hours: float, begins: bool = True) -> None:
        with self.store.write() as connection:
            for number, hour in enumerate(hours):
                coverage.live(connection, START + hour * HOUR, SEALER.sign, begins=begins and not number)

    def day(self, at: float = 1000) -> Day:
        with self.store.read() as connection:
            return day_of(connection, START, END, START + at * HOUR, SEALER.sign)

    def spoil(self, statement: str) -> None:
        with self.store.write() as connection:
            connection.execute(sa.text(statement))


def _at(hour: float) -> str:
    return moment(START + hour * HOUR)


def hours(day: Day) -> list[tuple[float, float]]:
    return [((began - START) / HOUR, (ended - START) / HOUR) for began, ended in day.down]


@pytest.fixture
def years(store: Store) -> Years:
    return Years(store)


def steady(first: float, last: float) -> list[float]:
    """Return the signs of life of a daemon, one every three minutes."""
    return [first + number / 20 for number in range(int((last - first) * 20) + 1)]


def test_a_day_on_which_all_was_watched(years: Years) -> None:
    years.lived(*steady(-2, 26))
    for hour in range(-2, 26):
        years.walk(hour, hour + 0.25)
    day = years.day()
    assert [(one.walk.started - START) / HOUR for one in day.walks] == [float(hour) for hour in range(24)]
    assert (day.known, day.down, day.whole) == (True, [], True)
    data = day.to_dict()
    assert (data["day"], data["watched_known"], data["down"]) == ({"from": _at(0), "to": _at(24)}, True, [])
    assert [(one["from"], one["to"], one["valid"]) for one in data["watched"]] == [(_at(0), _at(24), True)]
    assert {(one["valid"], one["that_day"]) for one in data["walks"]} == {(True, True)}
    assert list(table(day, "en"))[1:] == ["  watched all the time\n"]


def test_two_stops_between_two_walks_are_both_told(years: Years) -> None:
    years.lived(*steady(-1, 10))
    years.lived(11, 11.05)  # it began and was killed before a walk had ended
    years.lived(*steady(12, 25))
    years.walk(9, 9.5)
    years.walk(12, 12.5, down=(11.05, 12))
    day = years.day()
    assert hours(day) == [(10.0, 11.0), (11.05, 12.0)]
    assert (day.known, day.whole, len(day.walks)) == (True, False, 2)


def test_a_machine_that_slept_was_not_watched(years: Years) -> None:
    years.lived(*steady(-1, 8))
    years.lived(*steady(14, 25), begins=False)  # the same daemon, woken up
    years.walk(15, 15.5)
    assert hours(years.day()) == [(8.0, 14.0)]


def test_a_day_without_a_walk_shows_the_one_before_and_proves_nothing(years: Years) -> None:
    years.lived(*steady(-3, 26))
    years.walk(-2, -1)
    years.walk(23.9, 24.1)  # ended the day after
    day = years.day()
    assert [(one.that_day, (one.walk.ended - START) / HOUR) for one in day.walks] == [(False, -1.0)]
    assert (day.down, day.whole) == ([], False)


@pytest.mark.parametrize("gaps", [0, 1])
def test_one_whole_walk_of_the_day_is_a_proof_and_one_with_gaps_is_none(years: Years, gaps: int) -> None:
    years.lived(*steady(-3, 26))
    years.walk(3, 4, gaps=gaps)
    assert years.day().whole is not bool(gaps)


def test_from_before_daemons_lives_were_kept_the_walks_tell(years: Years) -> None:
    years.walk(1, 2)
    years.walk(6, 7, down=(3, 6))
    years.walk(30, 31, down=(20, 30))
    day = years.day()
    assert (hours(day), day.known, day.whole) == ([(3.0, 6.0), (20.0, 24.0)], False, False)
    years.lived(*steady(10, 12))
    assert (hours(years.day()), years.day().known) == ([(3.0, 6.0), (12.0, 24.0)], False)


def test_a_day_that_is_not_over_is_asked_for_up_to_now(years: Years) -> None:
    years.lived(*steady(-1, 10))
    years.walk(3, 4)
    assert (years.day(at=10).down, years.day(at=10).end, years.day(at=10).whole) == ([], START + 10 * HOUR, True)
    assert hours(years.day(at=11)) == [(10.0, 11.0)]
    assert years.day(at=-5).end == START


def test_an_altered_walk_is_no_proof(years: Years) -> None:
    years.lived(*steady(-1, 26))
    years.walk(3, 4, gaps=2)
    years.walk(5, 6)
    assert years.day().whole
    years.spoil("UPDATE walks SET record = replace(record, '\"gaps_count\": 2', '\"gaps_count\": 0')")
    day = years.day()
    assert ([one.valid for one in day.walks], day.whole) == ([False, True], False)
    years.spoil("UPDATE walks SET record = 'no JSON at all' WHERE id = 1")
    assert [one["valid"] for one in years.day().to_dict()["walks"]] == [False, True]


def test_an_altered_life_counts_for_nothing_and_is_said(years: Years) -> None:
    years.lived(*steady(-1, 10))
    years.walk(3, 4)
    years.lived(*steady(12, 26))
    assert hours(years.day()) == [(10.0, 12.0)]
    years.spoil(f"UPDATE lives SET alive = {START + 12 * HOUR} WHERE id = 1")
    day = years.day()
    assert (hours(day), day.known, day.whole) == ([], False, False)
    assert [valid for _, valid in day.lives] == [False, True]
    assert "  wrong signature: a record of when somebody watched was altered\n" in list(table(day, "en"))


def test_a_life_that_was_taken_out_is_a_time_without_watch(years: Years) -> None:
    for first, last in ((-1, 8), (8, 12), (12, 26)):
        years.lived(*steady(first, last))
    assert hours(years.day()) == []
    years.spoil("DELETE FROM lives WHERE id = 2")
    assert hours(years.day()) == [(8.0, 12.0)]


def test_a_clock_that_steps_back_begins_another_life(years: Years) -> None:
    years.lived(5, 5.05)
    years.lived(4, begins=False)
    years.lived(4.05, begins=False)
    with years.store.read() as connection:
        found = [((one.began - START) / HOUR, (one.alive - START) / HOUR) for one in coverage.lived(connection)]
    assert found == [(5.0, 5.05), (4.0, 4.05)]
