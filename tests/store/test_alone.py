"""One daemon a store, also where the connection that holds the lock is lost: never two at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from phiscan.messages import Broken, Told
from phiscan.store import Store
from phiscan.store.alone import LOCK, RUNNING
from phiscan.store.schema import meta
from tests.servers import database
from tests.watching import until

ENDED = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND classid = :a AND objid = :b AND granted
"""


@pytest.fixture
def address(server: str) -> str:
    """Return the address of an empty store on PostgreSQL."""
    return database(server, "alone")


@pytest.fixture
def pair(server: str, request: pytest.FixtureRequest) -> Iterator[tuple[Store, Store]]:
    """Return a store opened twice, by a daemon at work and by another one."""
    url = database(server, f"pair{abs(hash(request.node.name)) % 10**9}")
    first, second = Store.open(url, create=True), Store.open(url)
    first.enter()
    yield first, second
    first.close()
    second.close()


def lose(store: Store) -> None:
    """End the connection that holds the lock, as an administrator, a restart or a firewall would."""
    with store.read() as connection:
        assert connection.scalars(sa.text(ENDED), {"a": LOCK, "b": RUNNING}).all() == [True]
    until(lambda: free(store))


def free(store: Store) -> bool:
    held = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = :a AND objid = :b"
    with store.read() as connection:
        return connection.scalar(sa.text(held), {"a": LOCK, "b": RUNNING}) is None


def write(store: Store, name: str) -> str:
    """Write something; return what is wrong."""
    try:
        with store.write() as connection:
            connection.execute(meta.insert().values(name=name, value="x"))
    except Broken as error:
        return error.key
    return ""


def written(store: Store) -> set[str]:
    with store.read() as connection:
        return set(connection.scalars(sa.select(meta.c.name))) - {"id"}


def test_what_was_lost_is_noticed_before_anything_is_written(pair: tuple[Store, Store]) -> None:
    first, second = pair
    assert write(first, "a") == ""
    lose(second)
    assert [write(first, "b"), write(first, "c")] == ["store.lock_lost"] * 2
    assert written(first) == {"a"}
    assert write(second, "d") == ""  # people may still decide


def test_it_is_taken_again_where_nobody_else_has_it(pair: tuple[Store, Store]) -> None:
    first, second = pair
    lose(second)
    assert write(first, "a") == "store.lock_lost"
    first.enter()
    assert write(first, "b") == ""
    with pytest.raises(Told) as error:
        second.enter()
    assert (error.value.key, error.value.status) == ("store.running", 2)
    lose(second)  # as often as need be
    assert write(first, "c") == "store.lock_lost"
    first.enter()
    assert write(first, "d") == ""
    assert written(first) == {"b", "d"}


def test_who_came_too_late_stays_out_until_the_other_has_ended(pair: tuple[Store, Store]) -> None:
    first, second = pair
    lose(second)
    second.enter()
    with pytest.raises(Told) as error:
        first.enter()
    assert error.value.key == "store.running"
    assert [write(first, "a"), write(second, "b")] == ["store.lock_lost", ""]
    second.leave()
    assert write(first, "c") == "store.lock_lost"  # it may have been another's meanwhile
    first.enter()
    assert write(first, "d") == ""
    assert written(first) == {"b", "d"}


def test_to_enter_twice_is_to_enter(pair: tuple[Store, Store]) -> None:
    first, second = pair
    first.enter()
    assert write(first, "a") == ""
    first.leave()
    second.enter()
    with pytest.raises(Told):
        first.enter()


def test_a_lock_on_an_idle_connection_is_not_taken_for_forgotten(address: str) -> None:
    store = Store.open(f"{address}%20-cidle_session_timeout%3D50", create=True)
    try:
        store.enter()
        (holder,) = _holders(store)
        until(lambda: _holders(store) != [holder] or _waited(store, holder))
        assert _holders(store) == [holder]
        assert write(store, "a") == ""
    finally:
        store.close()


def _holders(store: Store) -> list[int]:
    held = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = :a AND objid = :b"
    with store.read() as connection:
        return list(connection.scalars(sa.text(held), {"a": LOCK, "b": RUNNING}))


def _waited(store: Store, holder: int) -> bool:
    idle = "SELECT now() - state_change > interval '0.5 s' FROM pg_stat_activity WHERE pid = :pid"
    with store.read() as connection:
        return bool(connection.scalar(sa.text(idle), {"pid": holder}))
