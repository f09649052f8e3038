"""The rulesets that the tests of recognition search with, each compiled once."""

from __future__ import annotations

import pytest

from phiscan.content import recognizers_folder
from phiscan.recognize.load import load_ruleset
from phiscan.recognize.ruleset import Ruleset
from tests.recognize.small import small


@pytest.fixture(scope="session")
def ruleset() -> Ruleset:
    """The small ruleset of the tests."""
    return small()


@pytest.fixture(scope="session")
def shipped() -> Ruleset:
    """What ships with phiscan."""
    return load_ruleset([recognizers_folder()])
