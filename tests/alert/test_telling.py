"""Incidents over time and what is told of them, on both stores: to whom, together with what, and when again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from phiscan.alert.message import _persons
from phiscan.alert.wording import headline, lines, title
from phiscan.incidents import deciding
from phiscan.incidents.incident import Incident
from phiscan.judge import Fired
from phiscan.model import Level, Severity
from phiscan.store import Store, incidents, outbox
from tests.alert.book import FILE, Desk, rules

PUBLIC, SHARED = "public.identified-health", "shared.identified-health"


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def incident(desk: Desk, number: int) -> Incident:
    with desk.store.read() as connection:
        found = incidents.get(connection, number)
    assert found is not None
    return found


def test_the_first_at_once_then_less_and_less_often(desk: Desk) -> None:
    assert desk.found("/srv/pub/a.csv") == [PUBLIC]
    assert desk.said() == [("alert", "/srv/pub", 1, 1, 0)]
    for number in range(1, 30):
        desk.found(f"/srv/pub/{number}.csv")
    assert desk.said() == []
    desk.at += 5
    assert desk.said() == [("alert", "/srv/pub", 29, 30, 0)]
    for pause in (10, 20, 40, 80, 160, 300, 300):
        desk.found(f"/srv/pub/later{pause}{desk.at}.csv")
        desk.at += pause - 1
        assert desk.said() == []
        desk.at += 1
        assert [kind for kind, *_ in desk.said()] == ["alert"]
    desk.at += 10_000
    desk.found("/srv/pub/much-later.csv")
    assert desk.said() == [("alert", "/srv/pub", 1, 38, 0)]


def test_a_dropped_tree_is_told_as_one_and_other_folders_apart(desk: Desk) -> None:
    for number in range(50):
        desk.found(f"/srv/depot/d{number % 7}/{number}.csv", group=b"/srv/depot")
    desk.found("/srv/autre/a.csv")
    assert desk.said() == [("alert", "/srv/depot", 50, 50, 0), ("alert", "/srv/autre", 1, 1, 0)]


def test_what_is_below_the_minimum_is_kept_and_not_told(desk: Desk) -> None:
    assert desk.found("/srv/a.csv", level=Level.RESTRICTED) == []
    assert desk.found("/srv/b.csv", level=Level.UNKNOWN) == ["unknown.identified-health"]
    assert (desk.states(), desk.said()) == ({"/srv/b.csv": "new"}, [])


def test_what_is_back_when_all_was_over_is_told_soon(desk: Desk) -> None:
    desk.found("/srv/pub/a.csv")
    assert desk.said() == [("alert", "/srv/pub", 1, 1, 0)]
    for _ in range(8):  # a share that is closed and opened again and again
        desk.gone("/srv/pub/a.csv")
        desk.at += 40
        desk.found("/srv/pub/a.csv")
        desk.at += 30
        assert [kind for kind, *_ in desk.said()] == ["alert"]
        desk.at += 100
    desk.gone("/srv/pub/a.csv")
    desk.at += 100
    assert desk.said() == [("resolved", "/srv/pub", 0, 0, 1)]
    desk.at += 40
    desk.found("/srv/pub/a.csv")
    assert desk.said() == [("alert", "/srv/pub", 0, 1, 0)]  # reopened, not new


def test_what_is_back_is_reopened_and_not_new(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    desk.found("/srv/b.csv")
    desk.said()
    for name in ("a", "b"):
        desk.at += 1000
        desk.gone(f"/srv/{name}.csv")
        desk.said()
    desk.at += 1000
    desk.found("/srv/a.csv")
    back = desk.message()
    assert (back.kind, back.new, back.reopened, back.open) == ("alert", 0, 1, 1)
    assert headline(back, "fr") == "phiscan · Rouvert · critique · 1 fichier · /srv"
    assert dict(lines(back, "fr"))["incidents"] == "1 incident ouvert, dont 1 rouvert"
    desk.at += 1000
    desk.found("/srv/b.csv")
    desk.found("/srv/c.csv")
    both = desk.message()
    assert (both.kind, both.new, both.reopened, both.open) == ("alert", 1, 1, 3)
    assert headline(both, "en") == "phiscan · Alert · critical · 3 files · /srv"
    assert dict(lines(both, "en"))["incidents"] == "3 open incidents, 1 of them new, 1 of them reopened"


def test_what_was_opened_over_and_reopened_before_anybody_heard_is_new(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    desk.gone("/srv/a.csv")
    desk.found("/srv/a.csv")
    message = desk.message()
    assert (message.new, message.reopened, message.fresh) == (1, 0, frozenset({1}))


def test_resolved_by_itself_and_back(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    desk.found("/srv/b.csv")
    desk.said()
    desk.at += 100
    desk.gone("/srv/a.csv")
    assert desk.said() == []  # it may only have another name
    desk.at += 5
    assert desk.said() == [("resolved", "/srv", 0, 1, 1)]
    assert (desk.states(), incident(desk, 1).resolution) == ({"/srv/a.csv": "resolved", "/srv/b.csv": "new"}, "gone")
    desk.at += 100
    desk.found("/srv/b.csv", status="encrypted", persons=0)
    assert (incident(desk, 2).resolution, desk.said()) == ("encrypted", [("resolved", "/srv", 0, 0, 1)])
    desk.at += 1000
    assert desk.found("/srv/a.csv") == [PUBLIC]
    assert (desk.said(), desk.kinds(1)) == ([("alert", "/srv", 0, 1, 0)], ["opened", "resolved", "reopened"])
    desk.at += 1000
    desk.found("/srv/a.csv", level=Level.RESTRICTED)
    assert (incident(desk, 1).resolution, desk.said()) == ("unexposed", [("resolved", "/srv", 0, 0, 1)])


def test_what_was_not_read_is_not_clean(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    desk.found("/srv/a.csv", persons=0, status="gap", complete=False, content="k1:other")
    desk.found("/srv/a.csv", persons=0, status="partial", complete=False, content="k1:third")
    assert (desk.states(), desk.kinds(1)) == ({"/srv/a.csv": "new"}, ["opened"])
    desk.found("/srv/a.csv", persons=0, content="k1:third")
    assert incident(desk, 1).resolution == "changed"


def test_more_people_or_another_fact_is_news_and_less_is_not(desk: Desk) -> None:
    desk.found("/srv/a.csv", 7)
    desk.said()
    desk.at += 1000
    assert desk.found("/srv/a.csv", 6) == []
    assert desk.said() == []
    assert desk.found("/srv/a.csv", 9) == [PUBLIC]
    assert desk.said() == [("alert", "/srv", 0, 1, 0)]
    desk.at += 1000
    assert desk.found("/srv/a.csv", 9, "hiv", "cancer") == [PUBLIC]
    assert (desk.said(), incident(desk, 1).facts.persons) == ([("alert", "/srv", 0, 1, 0)], 9)


def test_repeated_until_somebody_answers(store: Store) -> None:
    desk = Desk(store, FILE | {"repeat_after": {"public": "1h", "default": "24h"}})
    desk.found("/srv/a.csv")
    desk.found("/srv/x/b.csv", level=Level.SHARED)
    assert len(desk.said()) == 2

    def again() -> list[tuple[str, str, int, int, int]]:
        with desk.writing() as connection:
            desk.telling.again(connection, desk.at)
        return desk.said()

    desk.at += 3599
    assert again() == []
    desk.at += 1
    assert again() == [("repeat", "/srv", 0, 1, 0)]
    assert again() == []
    with desk.writing() as connection:
        deciding.acknowledge(connection, 1, "moi", desk.at)
    desk.at += 3600
    assert again() == []
    desk.at += 86_400
    assert again() == [("repeat", "/srv/x", 0, 1, 0)]
    assert desk.states() == {"/srv/a.csv": "acknowledged", "/srv/x/b.csv": "new"}


def test_reminders_do_not_pile_up_for_a_channel_that_is_away(store: Store) -> None:
    webhook = {"webhook": {"url": "http://127.0.0.1:9/"}}
    desk = Desk(store, FILE | webhook | {"repeat_after": {"public": "1h", "default": "24h"}})
    desk.found("/srv/a.csv")
    assert desk.said("file") == [("alert", "/srv", 1, 1, 0)]
    for _ in range(3):  # the webhook accepts nothing meanwhile, nobody else misses a reminder for that
        desk.at += 3600
        assert desk.again("file") == [("repeat", "/srv", 0, 1, 0)]
    desk.at += 1800
    assert desk.again("webhook") == [("alert", "/srv", 1, 1, 0)]
    desk.at += 1800  # it has just heard
    assert (desk.again("webhook"), desk.said("file")) == ([], [("repeat", "/srv", 0, 1, 0)])
    desk.at += 1799
    assert desk.again("webhook") == []
    desk.at += 1
    assert (desk.again("webhook"), desk.said("file")) == ([("repeat", "/srv", 0, 1, 0)], [])
    desk.at += 1800
    assert (desk.again("webhook"), desk.said("file")) == ([], [("repeat", "/srv", 0, 1, 0)])


def test_routes_and_escalation(store: Store) -> None:
    webhook = {"webhook": {"url": "http://127.0.0.1:9/"}}
    route = {"match": {"zone": "/srv/mig"}, "to": ["webhook"], "escalate_after": "2h"}
    desk = Desk(store, FILE | webhook | {"routes": [route]})
    desk.found("/srv/mig/a.csv")
    desk.found("/srv/b.csv")
    assert desk.said("file") == [("alert", "/srv", 1, 1, 0)]
    assert sorted(place for _, place, *_ in desk.said("webhook")) == ["/srv", "/srv/mig"]
    desk.at += 7200
    with desk.writing() as connection:
        desk.telling.again(connection, desk.at)
    assert [one for one in desk.said("file") if one[0] == "escalation"] == [("escalation", "/srv/mig", 1, 1, 0)]


def test_a_first_walk_is_one_message_a_zone_but_for_what_is_public(desk: Desk) -> None:
    for number in range(20):
        desk.found(f"/srv/a/{number}.csv", level=Level.SHARED, told_in="initial")
        desk.found(f"/srv/z/{number}.csv", level=Level.SHARED, told_in="initial", zone=b"/srv/z")
    desk.found("/srv/pub/p.csv", told_in="initial")
    assert desk.said() == [("alert", "/srv/pub", 1, 1, 0)]
    with desk.writing() as connection:
        desk.telling.conclude(connection, "initial", desk.at)
    assert desk.said() == [("initial", "/srv", 20, 20, 0), ("initial", "/srv/z", 20, 20, 0)]
    with desk.writing() as connection:
        desk.telling.conclude(connection, "initial", desk.at)
    assert desk.said() == []


def test_a_clock_that_steps_back_hides_nothing_from_a_digest(desk: Desk) -> None:
    for step in (0, -86_400, 60):
        desk.at += step
        desk.found(f"/srv/{step}.csv", level=Level.SHARED, told_in="digest")
        with desk.writing() as connection:
            desk.telling.conclude(connection, "digest", desk.at)
        assert [(kind, new) for kind, _, new, *_ in desk.said()] == [("digest", 1)]
        with desk.writing() as connection:
            desk.telling.conclude(connection, "digest", desk.at)
        assert desk.said() == []


def dismissed(desk: Desk, number: int, scope: str, **more: object) -> list[int]:
    until = more.pop("until", None)
    with desk.writing() as connection:
        asked = deciding.found(connection, number)
        decision = deciding.dismissal(asked, "test_data", scope, until, "essai", "moi", desk.at)  # type: ignore[arg-type]
        return [one.id for one in deciding.dismiss(connection, desk.telling, decision)]


def test_a_dismissed_file_stays_so_wherever_it_lies_and_changes_end_it(desk: Desk) -> None:
    desk.found("/srv/a.csv", content="k1:same")
    desk.said()
    assert dismissed(desk, 1, "file") == [1]
    desk.at += 1000
    assert desk.said() == [("dismissal", "/srv", 0, 1, 0)]
    desk.found("/srv/copie.csv", content="k1:same")
    assert (desk.states(), desk.said()) == ({"/srv/a.csv": "dismissed", "/srv/copie.csv": "dismissed"}, [])
    assert desk.kinds(2) == ["opened", "inherited"]
    desk.found("/srv/a.csv", 5, content="k1:fewer")
    assert desk.states()["/srv/a.csv"] == "dismissed"
    desk.found("/srv/a.csv", 8, content="k1:more")
    assert desk.states()["/srv/a.csv"] == "new"
    assert desk.said() == [("alert", "/srv", 1, 1, 0)]


def test_a_dismissed_folder_until_a_day(desk: Desk) -> None:
    desk.found("/srv/t/a.csv")
    desk.found("/srv/t/b/c.csv")
    desk.found("/srv/u.csv")
    assert dismissed(desk, 1, "folder", until=desk.at + 500) == [1, 2]
    desk.found("/srv/t/d.csv")
    assert desk.states() == {
        "/srv/t/a.csv": "dismissed",
        "/srv/t/b/c.csv": "dismissed",
        "/srv/t/d.csv": "dismissed",
        "/srv/u.csv": "new",
    }
    desk.said()
    desk.at += 500
    with desk.writing() as connection:
        desk.book.expire(connection, desk.at)
    assert set(desk.states().values()) == {"new"}
    desk.at += 10
    assert {(kind, place) for kind, place, *_ in desk.said()} == {("alert", "/srv/t"), ("alert", "/srv/t/b")}


def test_a_person_resolves_and_only_a_change_brings_it_back(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    with desk.writing() as connection:
        deciding.resolve(connection, desk.telling, 1, "moi", desk.at, "droits repris")
    assert desk.found("/srv/a.csv") == []
    assert desk.states() == {"/srv/a.csv": "resolved"}
    assert desk.found("/srv/a.csv", 9, content="k1:new") == [PUBLIC]
    assert desk.kinds(1) == ["opened", "resolved", "reopened"]


def test_deleting_a_file_ends_no_duty(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    with desk.writing() as connection:
        deciding.qualify(connection, 1, "to_notify", "dpo", desk.at, "fichier ouvert", desk.at - 3600)
    desk.gone("/srv/a.csv")
    assert (incident(desk, 1).state, incident(desk, 1).qualification) == ("resolved", "to_notify")
    with desk.store.read() as connection:
        (qualified,) = [one for one in incidents.history(connection, 1) if one.kind == "qualified"]
    assert dict(qualified.data) == {
        "as": "to_notify",
        "was": "to_qualify",
        "reason": "fichier ouvert",
        "aware": desk.at - 3600,
    }


def test_events_are_replayed_from_a_cursor(desk: Desk) -> None:
    for name in "abc":
        desk.found(f"/srv/{name}.csv")
    desk.gone("/srv/b.csv")
    with desk.store.read() as connection:
        found = incidents.since(connection, 0, 100)
        assert [(event.kind, one.shown) for event, one in found] == [
            ("opened", "/srv/a.csv"),
            ("opened", "/srv/b.csv"),
            ("opened", "/srv/c.csv"),
            ("resolved", "/srv/b.csv"),
        ]
        cursor = found[1][0].seq
        assert [event.kind for event, _ in incidents.since(connection, cursor, 100)] == ["opened", "resolved"]
        assert incidents.since(connection, found[-1][0].seq, 100) == []


def test_copies_add_nobody_to_a_message(desk: Desk) -> None:
    desk.found("/srv/a.csv", 7, content="k1:same")
    desk.found("/srv/b.csv", 7, content="k1:same")
    message = desk.message()
    assert (message.open, message.persons, message.persons_exact) == (2, 7, True)


def test_the_persons_of_a_large_tree_are_counted(desk: Desk) -> None:
    for number in range(700):
        desk.found(f"/srv/{number}.csv", 3)
    message = desk.message()
    assert (message.files, message.persons, message.persons_exact, message.health) == (700, 2100, True, 2100)
    with desk.writing() as connection:
        everything = incidents.listed(connection)
        assert _persons(connection, everything) == (2100, True, 2100)
        lost = [replace(one, content="k1:nobody") if one.id == 1 else one for one in everything]
        assert _persons(connection, lost) == (2097, False, 2097)  # at least


def test_what_is_over_is_not_said_to_be_so_still(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    desk.found("/srv/b.csv")
    first = desk.message()
    fact = title(first, "en")
    desk.at += 600
    desk.gone("/srv/a.csv")
    desk.at += 5
    partly = desk.message()
    assert headline(partly, "en") == "phiscan · Partly resolved · critical · 1 file · /srv"
    assert (title(partly, "en"), dict(lines(partly, "en"))["files"]) == (fact, "b.csv (incident 2)")
    desk.at += 600
    desk.gone("/srv/b.csv")
    desk.at += 5
    over = desk.message()
    assert headline(over, "en") == "phiscan · Resolved · critical · 1 file · /srv"
    assert title(over, "en") == f"No longer so: {fact}"
    said = dict(lines(over, "en"))
    assert {"exposed", "to do", "answer"} & said.keys() == set()
    assert said["to examine"].endswith("still to be qualified: phiscan incidents qualify 2")


def test_a_deadline_says_itself_and_how_to_answer_is_said_until_somebody_has(desk: Desk) -> None:
    for number in range(6):
        desk.found(f"/srv/x/{number}.csv")
    said = dict(lines(desk.message(), "en"))
    assert said["files"] == "0.csv (incident 1), 1.csv (incident 2), 2.csv (incident 3), and 3 more"
    assert (said["details"], said["answer"]) == ("phiscan incidents list", "phiscan incidents ack ID")
    with desk.writing() as connection:
        deciding.qualify(connection, 1, "to_notify", "dpo", desk.at, "read", desk.at - 49 * 3600)
        for number in range(1, 7):
            deciding.acknowledge(connection, number, "me", desk.at)
    desk.again("nobody")
    message = desk.message()
    assert (message.kind, "answer" in dict(lines(message, "en"))) == ("deadline", False)
    assert title(message, "en").startswith("Notify the breach to the CNIL: by 1970-01-13 ")
    assert len(dict(lines(message, "en"))["deadline"].splitlines()) == 2


def test_two_rules_on_one_file_are_two_incidents_and_one_file(desk: Desk) -> None:
    both = [Fired(rule, Severity.CRITICAL) for rule in rules() if rule.id in (PUBLIC, "public.identity-list")]
    found = desk.found("/srv/a.csv", 5000, fired=both)
    message = desk.message()
    assert (len(found), message.open, message.files, message.persons) == (2, 2, 1, 5000)


def test_the_outbox_claims_fails_and_forgets_nothing(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    with desk.writing() as connection:
        item = outbox.claim(connection, "file", desk.at)
        assert item is not None
        assert (item.kind, item.since, item.attempts) == ("alert", 0, 1)
        assert outbox.claim(connection, "file", desk.at) is None
        outbox.failed(connection, item, "HTTP 500", desk.at + 2)
        assert outbox.claim(connection, "file", desk.at + 1) is None
        again = outbox.claim(connection, "file", desk.at + 2)
        assert again is not None
        assert (again.id, again.attempts) == (item.id, 2)
    with desk.writing() as connection:  # a daemon died here
        assert outbox.unclaim(connection, ["file"]) == 1
        third = outbox.claim(connection, "file", desk.at + 2)
        assert third is not None
        outbox.sent(connection, third, desk.at + 2, 1)
        assert (outbox.unclaim(connection, ["file"]), outbox.queued(connection)) == (0, {})


def test_what_waits_for_a_channel_that_is_no_more_is_ended(desk: Desk) -> None:
    desk.found("/srv/a.csv")
    with desk.writing() as connection:
        outbox.unclaim(connection, ["slack"])
        assert outbox.queued(connection) == {}


def test_another_name_is_no_news_unless_the_end_was_told(desk: Desk) -> None:
    desk.found("/srv/a.csv", content="k1:x")
    desk.said()
    desk.at += 1000
    desk.gone("/srv/a.csv")
    assert desk.found("/srv/b.csv", content="k1:x") == []
    desk.at += 5
    assert (desk.states(), desk.said()) == ({"/srv/b.csv": "new"}, [])
    desk.at += 1000
    desk.gone("/srv/b.csv")
    desk.at += 5
    assert desk.said() == [("resolved", "/srv", 0, 0, 1)]
    assert desk.found("/srv/c.csv", content="k1:x") == [PUBLIC]  # they think that it is over
    desk.at += 30
    # It is back, which is no new one.
    assert (desk.states(), desk.said()) == ({"/srv/c.csv": "new"}, [("alert", "/srv", 0, 1, 0)])
    assert desk.kinds(1) == ["opened", "resolved", "moved", "resolved", "moved", "reopened"]


def test_of_copies_that_were_moved_each_is_itself(desk: Desk) -> None:
    for name in ("1", "2", "3"):
        desk.found(f"/srv/a/{name}", content="k1:x")
    desk.there.clear()
    for name in ("3", "1", "2"):
        desk.found(f"/srv/b/{name}", content="k1:x", was=f"/srv/a/{name}".encode())
    assert [incident(desk, number).shown for number in (1, 2, 3)] == ["/srv/b/1", "/srv/b/2", "/srv/b/3"]
    desk.there.clear()
    for name in ("3", "1", "2"):
        desk.found(f"/srv/c/{name}", content="k1:x")  # nobody has seen them leave
    assert [incident(desk, number).shown for number in (1, 2, 3)] == ["/srv/c/1", "/srv/c/2", "/srv/c/3"]


def test_a_dismissal_reaches_those_who_had_not_heard(store: Store) -> None:
    desk = Desk(store, {"minimum": "critical", **FILE})
    desk.found("/srv/labo/a.csv", level=Level.SHARED)
    assert (desk.states(), desk.said()) == ({"/srv/labo/a.csv": "new"}, [])
    assert dismissed(desk, 1, "file") == [1]
    assert desk.said() == [("dismissal", "/srv/labo", 0, 1, 0)]


def test_a_file_that_got_worse_is_not_told_as_over(desk: Desk) -> None:
    lesser = Fired(next(one for one in rules() if one.id == "public.contact-health"), Severity.HIGH)
    desk.found("/srv/a.csv", fired=[lesser])
    desk.said()
    desk.at += 1000
    assert desk.found("/srv/a.csv", content="k1:more") == [PUBLIC]
    assert (incident(desk, 1).resolution, desk.said()) == ("replaced", [("alert", "/srv", 1, 1, 1)])
    desk.at += 1000
    desk.found("/srv/a.csv", persons=0, content="k1:nothing")
    assert desk.said() == [("resolved", "/srv", 0, 0, 1)]
