"""A daemon for each test that asks for one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.watching import Watch


@pytest.fixture
def home() -> Iterator[Path]:
    """Return a folder into which everybody may look: pytest's own shut everybody out, so that nothing is exposed."""
    with tempfile.TemporaryDirectory(prefix="phiscan-watch-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.fixture
def made(home: Path) -> Iterator[Callable[..., Watch]]:
    """Return what makes a daemon that is not started yet; it is killed at the end."""
    all_: list[Watch] = []

    def make(**config: Any) -> Watch:
        all_.append(Watch(home, **config))
        return all_[-1]

    yield make
    for one in all_:
        one.close()


@pytest.fixture
def watch(made: Callable[..., Watch]) -> Watch:
    """Run a daemon on an empty share."""
    one = made()
    one.start()
    return one
