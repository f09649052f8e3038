"""Recognizer files: each way to write one wrong is told in one line, with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from phiscan.errors import UsageError
from phiscan.messages import tell
from phiscan.recognize.schema import DEFAULT_SCORE, RecognizerFile, parse_file, read_lines

GOOD = """\
id: test.one
version: 1
category: hiv
entity: TEST_ONE
title: {fr: Un, en: One}
terms: [vih]
patterns:
  shape: |
    a{1,3} b
  other: "[0-9]{2}"
context: {words: [x], window: 10}
fields:
  headers: [vih]
score: {term: 0.6}
examples:
  match: [a, b, c]
  no_match: [d, e, f]
"""


def wrong(folder: Path, text: str, language: str = "en") -> str:
    """Return what is said of a file with this text; "" where nothing is wrong."""
    path = folder / "one.yaml"
    path.write_text(text, "utf-8")
    try:
        parse_file(path, RecognizerFile)
    except UsageError as error:
        said = tell(error, "en" if language == "en" else "fr")
        return said.replace(str(folder), "")
    return ""


def test_a_good_file(tmp_path: Path) -> None:
    assert wrong(tmp_path, GOOD) == ""
    made = parse_file(tmp_path / "one.yaml", RecognizerFile)
    assert (made.id, made.version, made.category, made.entity, made.title.fr) == (
        "test.one",
        1,
        "hiv",
        "TEST_ONE",
        "Un",
    )
    assert made.patterns == {"shape": "a{1,3} b\n", "other": "[0-9]{2}"}
    assert (made.anchor, made.require_valid, made.at_least, made.role) == (True, False, 1, None)


def test_what_is_not_written(tmp_path: Path) -> None:
    assert (
        wrong(tmp_path, GOOD.replace("score: {term: 0.6}\n", "").replace("window: 10", "").replace("[x],", "[x]")) == ""
    )
    made = parse_file(tmp_path / "one.yaml", RecognizerFile)
    assert made.score == DEFAULT_SCORE
    assert made.context is not None
    assert made.context.window == 60


CASES = [
    ("id: test.one\n", "", "/one.yaml:1: id: missing key"),
    ("id: test.one", "id: one", "/one.yaml:1: id: invalid value"),
    ("id: test.one", "id: Test.One", "/one.yaml:1: id: invalid value"),
    ("id: test.one", "id: 3", "/one.yaml:1: id: expected text (quote it if need be)"),
    ("version: 1", "version: 0", "/one.yaml:2: version: at least 1"),
    ("version: 1", "version: un", "/one.yaml:2: version: expected a whole number"),
    ("category: hiv\n", "", "/one.yaml:1: category: missing key"),
    ("category: hiv", "category: aids", "/one.yaml:3: category: “aids” is unknown; a new category needs kind too"),
    ("entity: TEST_ONE", "entity: test one", "/one.yaml:4: entity: invalid value"),
    ("title: {fr: Un, en: One}", "title: {fr: Un}", "/one.yaml:5: title.en: missing key"),
    ("title: {fr: Un, en: One}", "title: Un", "/one.yaml:5: title: expected a group of keys"),
    ("terms: [vih]", "terms: vih", "/one.yaml:6: terms: expected a list"),
    ("terms: [vih]", "terms: [vih, [hiv]]", "/one.yaml:6: terms[1]: expected text (quote it if need be)"),
    ("terms: [vih]", "term: [vih]", "/one.yaml:6: term: unknown key; perhaps “terms”"),
    ("terms: [vih]", "couleur: rouge", "/one.yaml:6: couleur: unknown key"),
    ("terms: [vih]", "terms: [vih]\nterms: [hiv]", "/one.yaml:7: terms: key written twice"),
    (
        "    a{1,3} b",
        "    (a{1,3} b",
        "/one.yaml:8: patterns.shape: not a regular expression (missing ), unterminated subpattern)",
    ),
    (
        "    a{1,3} b",
        "    a* b",
        "/one.yaml:8: patterns.shape: may span more than 300 characters; bound its repetitions",
    ),
    ("    a{1,3} b", "    a{0,3}", "/one.yaml:8: patterns.shape: not a regular expression (it matches the empty text)"),
    ("    a{1,3} b", "    # rien", "/one.yaml:8: patterns.shape: not a regular expression (it matches the empty text)"),
    (
        "    a{1,3} b",
        "    (a) \\1",
        "/one.yaml:8: patterns.shape: not a regular expression (groupref is not supported)",
    ),
    (
        "    a{1,3} b",
        "    a{1,301}",
        "/one.yaml:8: patterns.shape: may span more than 300 characters; bound its repetitions",
    ),
    ('"[0-9]{2}"', '"[0-9"', "/one.yaml:10: patterns.other: not a regular expression (unterminated character set)"),
    ('"[0-9]{2}"', "3", "/one.yaml:10: patterns.other: expected text (quote it if need be)"),
    ("context: {words: [x], window: 10}", "context: {window: 10}", "/one.yaml:11: context.words: missing key"),
    ("window: 10", "window: 0", "/one.yaml:11: context.window: more than 0"),
    ("window: 10", "windows: 10", "/one.yaml:11: context.windows: unknown key; perhaps “window”"),
    ("  headers: [vih]", "  headers: vih", "/one.yaml:13: fields.headers: expected a list"),
    ("  headers: [vih]", "  header: [vih]", "/one.yaml:13: fields.header: unknown key; perhaps “headers”"),
    (
        "  headers: [vih]",
        "  values: any",
        "/one.yaml:13: fields.values: expected one of: pattern, coded, text, date, name",
    ),
    ("  headers: [vih]", "  parts: {key: cle}", "/one.yaml:13: fields.parts.key: expected a list"),
    (
        "score: {term: 0.6}",
        "score: {terme: 0.6}",
        "/one.yaml:14: score: “terme” is no evidence;"
        " expected one of: shape, valid, context, field, column, term, weak, code, clinical, model, listed",
    ),
    ("score: {term: 0.6}", "score: {term: fort}", "/one.yaml:14: score.term: expected a number"),
    ("score: {term: 0.6}", "role: doctor", "/one.yaml:14: role: expected one of: patient, relative, professional"),
    ("score: {term: 0.6}", "anchor: peut-être", "/one.yaml:14: anchor: expected true or false"),
    ("score: {term: 0.6}", "at_least: 0", "/one.yaml:14: at_least: at least 1"),
    ("score: {term: 0.6}", "reject_near: [x]", "/one.yaml:14: reject_near: expected a group of keys"),
    ("score: {term: 0.6}", "codes: {cim10: B20}", "/one.yaml:14: codes.cim10: expected a list"),
    ("  match: [a, b, c]", "  match: [a, b]", "/one.yaml:16: examples.match: at least 3"),
    ("  no_match: [d, e, f]", "  no_match: []", "/one.yaml:17: examples.no_match: at least 3"),
    ("  no_match: [d, e, f]\n", "", "/one.yaml:15: examples.no_match: missing key"),
    ("  no_match: [d, e, f]", "  no_match: [d, e, f]\n  misses: []", "/one.yaml:18: examples.misses: unknown key"),
]


@pytest.mark.parametrize(("old", "new", "said"), CASES)
def test_what_is_wrong_is_told_in_one_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert GOOD.count(old) == 1
    assert wrong(tmp_path, GOOD.replace(old, new)) == said


def test_it_is_told_in_french_too(tmp_path: Path) -> None:
    assert wrong(tmp_path, GOOD.replace("    a{1,3} b", "    a* b"), "fr") == (
        "/one.yaml:8\u202f: patterns.shape\u202f: peut couvrir plus de 300 caractères\u202f; bornez ses répétitions"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: [", "/one.yaml:2: invalid YAML"),
        ("a: b: c", "/one.yaml:1: invalid YAML"),
        ("id: test.one\n\tversion: 1", "/one.yaml:2: invalid YAML"),
        ("", "/one.yaml:1: id: missing key"),
        ("- a", "/one.yaml:1: "),
        ("texte", "/one.yaml:1: "),
    ],
)
def test_what_is_no_recognizer(tmp_path: Path, text: str, said: str) -> None:
    told = wrong(tmp_path, text)
    assert told.startswith(said)
    assert "\n" not in told


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        parse_file(tmp_path / "none.yaml", RecognizerFile)
    (tmp_path / "latin.yaml").write_bytes("title: é".encode("latin-1"))
    with pytest.raises(UsageError):
        parse_file(tmp_path / "latin.yaml", RecognizerFile)


def test_values_of_a_category_of_the_site(tmp_path: Path) -> None:
    assert wrong(tmp_path, GOOD.replace("category: hiv", "category: badge\nkind: identifier")) == ""
    assert wrong(tmp_path, GOOD.replace("category: hiv", "category: badge\nkind: other")) == (
        "/one.yaml:4: kind: expected one of: identifier, professional, health"
    )


def test_term_files(tmp_path: Path) -> None:
    path = tmp_path / "terms.txt"
    path.write_text("# titre\nvih  # le virus\n\n  charge virale \nc#\n", "utf-8")
    assert read_lines(path) == ["vih", "charge virale", "c#"]
    with pytest.raises(UsageError):
        read_lines(tmp_path / "none.txt")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError):
        read_lines(path)
