"""What is asked for, once for each file; what has come to zones; names that begin alike. On both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from phiscan.messages import Told
from phiscan.model import Level, Place
from phiscan.store import Store, incidents, ledger, ledger_sums, places, responses
from phiscan.store.ledger import entry_of
from phiscan.store.responses import Response
from phiscan.store.retention import Policy, Purge
from tests.alert.book import Desk

POLICY = Policy(
    closed_incidents=10.0,
    fingerprints=10.0,
    reader_addresses=10.0,
    audit=10.0,
    no_duty=("public.identified-health",),
    watched=(),
)


def asked(incident: int, **more: object) -> Response:
    its = {"device": 1, "inode": 2, "size": 3, "mtime_ns": 4, "content": "k1:a", "asked": 5.0, "changed": 5.0}
    return Response(incident=incident, action="quarantine", path=b"/srv/a.csv", **its | more)  # type: ignore[arg-type]


@pytest.fixture
def incident(store: Store) -> int:
    """Return an incident."""
    Desk(store).found("/srv/a.csv")
    return 1


def test_once_for_each_file(store: Store, incident: int) -> None:
    with store.write() as connection:
        first = responses.want(connection, asked(incident))
        assert first is not None
        assert responses.want(connection, asked(incident)) is None
        # The file was written to before anybody acted: what waits is for what it is now.
        assert responses.want(connection, asked(incident, size=30, content="k1:b")) is None
        (waiting,) = responses.in_state(connection, "wanted")
        assert (waiting.id, waiting.size, waiting.content, waiting.asked) == (first.id, 30, "k1:b", 5.0)
        responses.put(connection, replace(waiting, state="done", before={"mode": 420}, kept=b"/q/\xff"))
        assert responses.want(connection, asked(incident, size=30, content="k1:b")) is None
        assert responses.get(connection, first.id).before == {"mode": 420}
        found = incidents.get(connection, incident)
        assert found is not None
        other = incidents.put(connection, replace(found, id=0, rule="zone.undeclared", content="k1:b"))
        elsewhere = incidents.put(connection, replace(other, id=0, path=b"/srv/b.csv"))
        assert [responses.took(connection, replace(found, content=name)) for name in ("k1:b", "k1:a")] == [True, False]
        assert [responses.took(connection, one) for one in (other, elsewhere)] == [True, False]
        assert (responses.kept_below(connection, b"/srv"), responses.kept_below(connection, b"/sr")) == (1, 0)
        # It came back by a person's word, wherever it lies now; another content is another matter.
        responses.put(connection, replace(waiting, state="restored"))
        assert responses.want(connection, asked(incident, inode=9, size=30, content="k1:b")) is None
        assert responses.want(connection, asked(incident, inode=9)) is not None


def test_the_purge_keeps_what_says_how_to_put_a_file_back(store: Store, incident: int) -> None:
    desk = Desk(store)
    desk.gone("/srv/a.csv")
    desk.at += 1000.0
    desk.said()
    with store.write() as connection:
        done = responses.put(connection, asked(incident, state="done"))
        purge(connection)
        assert [one.id for one in responses.of(connection, incident)] == [done.id]
        responses.put(connection, replace(done, state="restored"))
        purge(connection)
        assert responses.of(connection, incident) == []


def purge(connection: object) -> None:
    one = Purge(POLICY, 9e9)
    while one.step(connection):  # type: ignore[arg-type]
        pass


def test_what_has_come_to_a_zone_and_left_it(store: Store) -> None:
    zone = b"/srv/labo"
    with store.write() as connection:
        assert places.get(connection, zone) == places.Traffic(path=zone)
        places.came(connection, zone, 10.0)
        places.came(connection, zone, 20.0)
        places.left(connection, zone, 30.0)
        places.left(connection, b"/srv/autre", 40.0)
        assert places.get(connection, zone) == places.Traffic(
            path=zone, arrived=2, departed=1, first_arrival=10.0, last_arrival=20.0, last_departure=30.0
        )
        assert places.get(connection, b"/srv/autre") == places.Traffic(
            path=b"/srv/autre", departed=1, last_departure=40.0
        )


def test_names_of_one_folder_that_begin_alike(store: Store) -> None:
    names = [b"export.csv", b"export.csv.gpg", b"export\xff.csv", b"exporte/export.csv", b"expor", b"autre.csv"]
    with store.write() as connection:
        root = ledger.root_of(connection, b"/srv").id
        for number, name in enumerate(names):
            place = Place(b"/srv/" + name, 1, number, 1, 1, 1, 0o644, 0, 0)
            ledger.put(connection, entry_of(root, place, Level.PUBLIC))
        found = [one.path for one in ledger.beginning(connection, root, b"/srv/export")]
        assert sorted(found) == [b"/srv/export.csv", b"/srv/export.csv.gpg"]
        assert ledger_sums.count_below(connection, root, b"/srv/exporte") == 1
        assert ledger_sums.count_below(connection, root, b"/srv") == len(names)


def test_one_helper_beside_one_daemon(store: Store, url: str) -> None:
    other = Store.open(url)
    store.enter(helper=True)
    with pytest.raises(Told) as error:
        other.enter(helper=True)
    assert (error.value.key, error.value.status) == ("store.responding", 2)
    other.enter()
    store.close()
    other.leave()
    other.enter(helper=True)
    other.close()
