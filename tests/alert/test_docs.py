"""What the documentation of alerts shows is a configuration, and it names every key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from phiscan import config
from phiscan.config import alerts as configalerts

DOCS = (Path(__file__).parents[2] / "docs/alerts.md").read_text("utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_configuration_that_is_shown_loads(block: str, tmp_path: Path) -> None:
    file = tmp_path / "phiscan.yaml"
    file.write_text(block, "utf-8")
    assert config.load(str(file), {}).file == file


def test_every_key_of_a_route_is_explained() -> None:
    named = set(re.findall(r"^\| `(\w+)` \|", DOCS.partition("| key of a route")[2].partition("\n\n")[0], re.MULTILINE))
    assert named == set(configalerts.Route.model_fields)
    (match,) = re.findall(r"^\| `match` \|.*", DOCS, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", match)) - {"match"} == set(configalerts.Match.model_fields)
