"""A configuration of its own for each test of the doctor."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from phiscan import config as configuration
from phiscan.config import Config


@pytest.fixture
def home() -> Iterator[Path]:
    """Return a folder into which everybody may look."""
    with tempfile.TemporaryDirectory(prefix="phiscan-doctor-") as folder:
        os.chmod(folder, 0o755)
        (Path(folder) / "srv").mkdir()
        yield Path(folder)


@pytest.fixture
def configure(home: Path) -> Callable[..., Config]:
    """Return what writes and reads a configuration."""

    def make(**keys: Any) -> Config:
        plain = {"watch": ["srv"], "store": f"sqlite:///{home}/state/phiscan.db", "key_file": "state/key"}
        (home / "phiscan.yaml").write_text(yaml.safe_dump(plain | keys, allow_unicode=True), "utf-8")
        # What servers this machine happens to have does not count, unless a test says so.
        away = {} if "discover" in keys else {"PHISCAN_DISCOVER": "false"}
        return configuration.load(str(home / "phiscan.yaml"), away)

    return make
