"""Few people in a table that does not name its columns."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from phiscan.fold import fold_str
from phiscan.model import Role
from phiscan.recognize.columns import make_plan
from phiscan.recognize.plan import Plan
from phiscan.recognize.ruleset import Ruleset
from tests.recognize.test_beside import shown

VISITS = [f"{day:02d}/{1 + day % 12:02d}/2025" for day in range(1, 25)]
NOTES = ["diabète de type 2 sous metformine", "HbA1c 7,2 %", "asthénie", "RAS ce jour"]
ONE = [("LEFEBVRE", "Martine", "14/03/1957")]
THREE = [*ONE, ("TRAORE", "Aminata", "02/11/1988"), ("LE GALL", "Yann", "23/07/1949")]


def plan_of(people: Sequence[tuple[str, ...]], shipped: Ruleset, rows: int = 24, header: tuple[str, ...] = ()) -> Plan:
    """Return the plan of rows about these people: who, a visit's date, a remark."""
    table = [[*people[at % len(people)], VISITS[at], NOTES[at % len(NOTES)]] for at in range(rows)]
    return make_plan(
        [[fold_str(cell) for cell in row] for row in ([list(header)] if header else []) + table], None, shipped
    )


@pytest.mark.parametrize("rows", [2, 24])
def test_one_patient_again_and_again(rows: int, shipped: Ruleset) -> None:
    plan = plan_of(ONE, shipped, rows)
    assert shown(plan, shipped)[:3] == ["person_name/last_name", "person_name/first_name", "birth_date"]
    assert plan.of_patient(shipped)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_handful_by_their_whole_names(count: int, shipped: Ruleset) -> None:
    people = [(f"{last} {first}", birth) for last, first, birth in THREE[:count]]
    plan = plan_of(people, shipped, 24)
    assert shown(plan, shipped)[:2] == ["person_name", "birth_date"]
    assert plan.columns[0].role is Role.PATIENT


def test_headers_that_are_codes_name_no_column(shipped: Ruleset) -> None:
    plan = plan_of(THREE, shipped, 24, ("C_1", "C_2", "C_3", "C_4", "C_5"))
    assert shown(plan, shipped)[:3] == ["person_name/last_name", "person_name/first_name", "birth_date"]


def test_a_child_by_the_dates_that_follow(shipped: Ruleset) -> None:
    plan = plan_of([("LEFEBVRE", "Martine", "14/03/2024")], shipped)
    assert shown(plan, shipped)[2] == "birth_date"


@pytest.mark.parametrize(
    "people",
    [
        [("LEFEBVRE", "Martine", "14/03/2025")],  # among the visits' dates
        [("LEFEBVRE", "Martine", "14/03/1957"), ("LEFEBVRE", "Martine", "15/03/1957")],  # two days for one name
        [("FIEVRE", "Toux", "14/03/1957")],
        [("LEFEBVRE", "Martine", "14 mars")],
    ],
)
def test_a_day_that_is_no_birth(people: Sequence[tuple[str, ...]], shipped: Ruleset) -> None:
    assert not plan_of(people, shipped).of(shipped, "birth_date")


@pytest.mark.parametrize(
    ("days", "births"),
    [
        (["12/03/2001", "04/06/2003", "30/09/1999", "17/12/2006"], False),  # theses, say: of those years all of them
        (["12/03/1961", "04/06/2003", "30/09/1999", "17/12/2006"], True),
        (["12/03/1961", "04/06/1958", "30/09/1989", "17/12/1966"], True),
    ],
)
def test_people_who_come_once(days: list[str], births: bool, shipped: Ruleset) -> None:
    names = ["LEFEBVRE Martine", "TRAORE Aminata", "LE GALL Yann", "PETIT Paul"]
    rows = [[name, day, "Etude du cancer du sein"] for name, day in zip(names, days, strict=True)]
    assert bool(make_plan(rows, None, shipped).of(shipped, "birth_date")) is births


def test_a_header_that_says_otherwise(shipped: Ruleset) -> None:
    plan = plan_of(ONE, shipped, 24, ("RESPONSABLE", "CONTACT", "OUVERTURE", "PASSAGE", "REMARQUE"))
    assert not plan.of(shipped, "birth_date")


def test_the_one_analysis_of_a_follow_up(shipped: Ruleset) -> None:
    rows = [["LEFEBVRE", "Martine", "14/03/1957", VISITS[at], "HBA1C", f"{6 + at / 10:.1f}", "%"] for at in range(20)]
    assert shown(make_plan(rows, None, shipped), shipped)[4:6] == ["lab_result", "lab_result"]
    rows = [[*row[:4], "K", *row[5:]] for row in rows]
    assert shown(make_plan(rows, None, shipped), shipped)[4:6] == ["text", "skip"]
