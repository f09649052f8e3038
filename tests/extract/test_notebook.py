"""Notebooks: the outputs that they keep are tables, from HTML or as printed."""

from __future__ import annotations

import json

import pytest

from phiscan.extract.notebook import frame
from tests.extract.opening import read, types

HEAD = ["", "NOM", "DDN", "CIM10"]
ROWS = [
    ["0", "KERVRAN", "1977-09-12", "C50.9"],
    ["1", "LE GOFF", "1951-03-25", "F32.1"],
    ["2", "PETIT", "1940-08-09", "B24"],
]
FRAME = "       NOM         DDN  CIM10\n" + "".join("{}  {:>8}  {}  {:>5}\n".format(*row) for row in ROWS)
HTML = "<table><tr><th></th><th>NOM</th><th>DDN</th><th>CIM10</th></tr>"
HTML += "".join(f"<tr><th>{'</th><td>'.join(row)}</td></tr>" for row in ROWS) + "</table>"


def notebook(*outputs: object, source: str = "df.head()") -> bytes:
    cell = {"cell_type": "code", "source": [source], "outputs": outputs}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}).encode()


def result(**data: str) -> dict[str, object]:
    return {
        "output_type": "execute_result",
        "data": {kind.replace("_", "/"): text.splitlines(True) for kind, text in data.items()},
    }


def content(data: bytes, name: str = "a.ipynb") -> list[object]:
    ((member, status, found),) = read(data, name)
    assert (member, status) == ("", "scanned")
    return found


@pytest.mark.parametrize(
    "output",
    [
        result(text_plain=FRAME),
        result(text_html=HTML),
        result(text_plain="deux formes de la même table", text_html=HTML),
        {"output_type": "stream", "name": "stdout", "text": FRAME},
        {"output_type": "stream", "text": FRAME + "\n[3 rows x 3 columns]"},
    ],
)
@pytest.mark.parametrize("name", ["a.ipynb", "carnet.json", "x"])
def test_an_output_is_a_table(output: object, name: str) -> None:
    data = notebook(output)
    assert types(data, name) == ["application/x-ipynb+json"]
    table, said = content(data, name)
    assert table == [HEAD, *ROWS]
    assert "source: df.head()\n" in str(said)


def test_texts_and_older_notebooks() -> None:
    cells = [{"cell_type": "markdown", "source": ["# Titre\n", "texte"]}, {"cell_type": "raw", "source": ""}]
    (said,) = content(json.dumps({"cells": cells}).encode())
    assert "# Titre\n, texte" in str(said)
    old = {"cell_type": "code", "input": ["x"], "outputs": [{"output_type": "pyout", "text": [FRAME]}]}
    table, said = content(json.dumps({"worksheets": [{"cells": [old]}]}).encode())
    assert (table, "input: x\n" in str(said)) == ([HEAD, *ROWS], True)


@pytest.mark.parametrize(
    "output",
    [
        {"data": {"application/json": {"nom": "KERVRAN"}}},
        {"data": {"text/html": "", "text/plain": "KERVRAN"}},
        {"data": {"text/html": "<p>x</p>", "text/plain": "KERVRAN"}},
        {"traceback": ["KERVRAN"]},
    ],
)
def test_nothing_is_left_out(output: object) -> None:
    assert "KERVRAN" in str(content(notebook(output)))
    metadata = json.dumps({"cells": [{"cell_type": "code", "source": "x"}], "metadata": {"title": "KERVRAN"}})
    assert "KERVRAN" in str(content(metadata.encode()))
    blood = {"patient": {"nom": "KERVRAN"}, "cells": [{"cell_type": "CD4", "count": 210}]}
    assert "nom: KERVRAN" in str(content(json.dumps(blood).encode(), "a.json"))


def test_a_line_that_begins_with_many_blanks_takes_no_time() -> None:
    assert frame(" " * 200_000 + "x\n0  1") == [["", "x"], ["0", "1"]]


def test_what_only_resembles_a_notebook_is_json() -> None:
    assert content(b'{"a": "x", "cells": ["y"]}', "a.ipynb") == ["a: x\ncells: y\n"]
    assert types(b'{"cells": ["y"]}', "a.json") == ["application/json"]


def test_a_frame_printed_in_blocks_is_one() -> None:
    wide = "       NOM  \\\n0  KERVRAN   \n1    PETIT   \n\n          DDN  \n0  1977-09-12  \n1  1951-03-25  \n"
    wide += "\n[2 rows x 2 columns]"
    assert frame(wide) == [["", "NOM", "DDN"], ["0", "KERVRAN", "1977-09-12"], ["1", "PETIT", "1951-03-25"]]


@pytest.mark.parametrize(
    "text", ["", "12", "Epoch 1/10\n  loss: 0.3\n", "  a  b\n0  1\n", " a  b\n", "0  1  2\n1  3  4\n", "\n\n  \n"]
)
def test_other_outputs_are_no_frames(text: str) -> None:
    assert frame(text) == []
