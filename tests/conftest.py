"""What tests of several folders need: a store of each kind, on SQLite and on PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from phiscan.store import Store
from tests.servers import database, postgresql

# An example that takes long beside other work has not failed.
settings.register_profile("phiscan", deadline=None)
settings.load_profile("phiscan")


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Run PostgreSQL."""
    with postgresql() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state' / 'phiscan.db'}"
    return database(request.getfixturevalue("server"), f"t{secrets.token_hex(6)}")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Open an empty store."""
    store = Store.open(url, create=True)
    yield store
    store.close()
