"""What the storm is judged by: files end where their number says, and Slack's stand-in refuses what Slack would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bench.writer import FOLDER, Writer, fate
from tests.hooks import unfit


def test_files_end_where_their_number_says(tmp_path: Path) -> None:
    srv, aside, files = tmp_path / "srv", tmp_path / "aside", 3 * FOLDER + 50
    srv.mkdir()
    aside.mkdir()
    writer = Writer(srv, aside, 0, files, 10)
    for at in range(files):
        writer.write(at)
    fates = [fate(at, 10) for at in range(files)]
    there = {str(path.relative_to(srv)): "VIH" in path.read_text() for path in srv.rglob("*") if path.is_file()}
    assert there == {one.place: one.sensitive for one in fates if one.place is not None}
    assert {one.way for one in fates if one.sensitive} == set(range(8))
    assert sum(there.values()) == files // 10


HEADER = {"type": "header", "text": {"type": "plain_text", "text": "Alerte"}}
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*Fait*"}}
ELEMENT = {"type": "mrkdwn", "text": "hôte"}
CONTEXT = {"type": "context", "elements": [ELEMENT]}


@pytest.mark.parametrize(
    ("text", "made", "why"),
    [
        ("a", [HEADER, SECTION, CONTEXT], []),
        ("a", [HEADER, *[SECTION] * 50], ["51 blocks"]),
        ("a", [], ["0 blocks"]),
        ("", [HEADER], ["text of 0 characters"]),
        ("a", [{"type": "header", "text": {"type": "plain_text", "text": "a" * 151}}], ["header of 151 characters"]),
        ("a", [{"type": "section", "text": {"type": "mrkdwn", "text": "a" * 3001}}], ["section of 3001 characters"]),
        ("a", [{"type": "context", "elements": [ELEMENT] * 11}], ["11 elements"]),
        ("<!channel>", [HEADER], ["text that is no plain text"]),
        ("a", [{"type": "divider"}], ["a block of another type"]),
    ],
)
def test_what_slack_would_refuse(text: str, made: list[dict[str, Any]], why: list[str]) -> None:
    assert unfit({"text": text, "blocks": made}) == why
