"""The HTML report is one file that loads nothing and believes nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from phiscan.report.htmlout import write_html
from phiscan.report.model import Report


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["1 file needs attention (critical 1)", "491,840 people", "Close the access.", "malformed (xref table"]),
        ("fr", ["1 fichier à traiter (critique 1)", "491\u202f840 personnes", "Fermer l'accès.", "contenu abîmé"]),
    ],
)
def test_html(report: Report, lang: str, said: list[str]) -> None:
    page = "".join(write_html(report, "fr" if lang == "fr" else "en"))
    reader = _Reader()
    reader.feed(page)
    assert [one for one in said if one not in reader.text] == []
    assert reader.tags.isdisjoint({"script", "img", "link", "iframe", "b"})
    assert reader.attributes.isdisjoint({"src", "href", "onclick", "style"})
    assert not re.search(r"https?:|url\(|@import", page)
    assert "/srv/samba/labo/export.zip!=cmd.csv" in reader.text


def test_a_path_is_text(report: Report) -> None:
    leak = replace(report.files[2], path='/srv/<script>alert("x")</script>\x1b')
    page = "".join(write_html(replace(report, files=(leak,)), "en"))
    assert "/srv/&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;\\x1b" in page
    assert "<script" not in page


def test_many_samples_are_folded(report: Report) -> None:
    leak = next(one for one in report.files if one.samples)
    (one,) = leak.samples
    many = tuple(replace(one, where=replace(one.where, row=row)) for row in range(1, 51))
    page = "".join(write_html(replace(report, files=(replace(leak, samples=many),)), "fr"))
    seen, _, folded = page.partition("<details>")
    assert "<summary>42 autres exemples</summary>" in folded
    assert (seen.count("NUM_SECU"), folded.count("NUM_SECU")) == (8, 42)
    assert "<details>" not in "".join(write_html(report, "fr"))
