"""What `docs/access.md` shows loads, and it names every key, kind of reading and format."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from phiscan import config
from phiscan.access.model import Extent

DOCS = (Path(__file__).parents[2] / "docs/access.md").read_text("utf-8")


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL))
def test_a_configuration_that_is_shown_loads(block: str, tmp_path: Path) -> None:
    file = tmp_path / "phiscan.yaml"
    file.write_text(block, "utf-8")
    assert config.load(str(file), {}).file == file


def test_every_key_and_word_is_explained() -> None:
    shown = DOCS.partition("accounts:\n")[2].partition("```")[0]
    assert set(re.findall(r"^  (\w+):", shown, re.MULTILINE)) == set(config.Accounts.model_fields)
    told = DOCS.partition("**How much**")[2].partition("**Certain")[0]
    assert set(get_args(Extent)) <= set(re.findall(r"`(\w+)`", told))
