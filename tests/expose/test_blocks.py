"""Configurations made of blocks: the tree of directives, with conditions and included files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from phiscan.expose import blocks
from phiscan.expose.blocks import APACHE, PROFTPD, Directive, Rules
from phiscan.expose.machine import Machine, Trouble


def tree(found: tuple[Directive, ...]) -> list[Any]:
    """Return directives as lists: line, name, words, and what stands in a block."""
    return [[one.line, one.name, *one.words, *([tree(one.inner)] if one.inner is not None else [])] for one in found]


def read(folder: Path, rules: Rules, **files: str) -> tuple[list[Any], list[Trouble]]:
    """Read the file `a`, beside which others may lie."""
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    machine = Machine(root=str(folder))
    found = tree(blocks.read(machine, "x", "/a", rules))
    return found, machine.troubles


def test_a_tree(tmp_path: Path) -> None:
    text = '# no\nServer A # yes\n<Outer "/srv/a b" >\n  One \\\n  two\n\n  <Inner x>\n  </inner>\n</OUTER>\nLast ""\n'
    assert read(tmp_path, Rules(syntax=PROFTPD), a=text) == (
        [
            [2, "server", "A"],
            [3, "outer", "/srv/a b", [[4, "one", "two"], [7, "inner", "x", []]]],
            [10, "last", ""],
        ],
        [],
    )
    assert read(tmp_path, Rules(syntax=APACHE), a="Server 'A b' # yes\n")[0] == [[1, "server", "A b", "#", "yes"]]


def test_blocks_that_do_not_fit(tmp_path: Path) -> None:
    found, troubles = read(tmp_path, Rules(syntax=PROFTPD), a="</c>\n<A>\n<B>\nx\n</A>\ny\n<D>\nz\n")
    assert found == [[2, "a", [[3, "b", [[4, "x"]]]]], [6, "y"], [7, "d", [[8, "z"]]]]
    assert troubles == [
        Trouble("x", "/a:1", "end of a block that was not begun"),
        Trouble("x", "/a:3", "block without an end"),
        Trouble("x", "/a:7", "block without an end"),
    ]


def test_files_and_conditions(tmp_path: Path) -> None:
    defined = set[str]()

    def included(line: Directive) -> list[str] | None:
        if line.name == "define":
            defined.add(line.words[0])
        return ["/" + word for word in line.words] if line.name == "include" else None

    def condition(head: Directive) -> bool | None:
        return head.words[0] in defined if head.name == "if" else None

    def substitute(line: str) -> str:
        return line.replace("${x}", "value" if "Y" in defined else "${x}")

    rules = Rules(syntax=APACHE, included=included, condition=condition, substitute=substitute)
    text = (
        "One ${x}\n<If Y>\nDefine Z\n<If Z>\nno\n</If>\n</If>\nInclude b none\n"
        "<If Y>\nTwo ${x}\n</If>\n<If Z>\nno\n</If>\n"
    )
    found, troubles = read(tmp_path, rules, a=text, b="<Box>\nDefine Y\n</Box>\nInclude a\n")
    assert found == [[1, "one", "${x}"], [1, "box", [[2, "define", "Y"]]], [10, "two", "value"]]
    assert troubles == [Trouble("x", "/a", "includes itself")]


def test_what_a_directive_holds_is_not_in_its_repr(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("SQLConnectInfo base user mot-de-passe\n", "utf-8")
    (found,) = blocks.read(Machine(root=str(tmp_path)), "x", "/a", Rules(syntax=PROFTPD))
    assert repr(found) == "Directive(name='sqlconnectinfo', file='/a', line=1, inner=None)"
    assert (found.source, found.text) == ("/a:1", "SQLConnectInfo base user mot-de-passe")


def test_deep_blocks_end(tmp_path: Path) -> None:
    found, troubles = read(tmp_path, Rules(syntax=PROFTPD), a="<a>\n" * 5000)
    depth = 0
    while found:
        found, depth = found[0][-1], depth + 1
    assert depth == blocks._DEEP
    assert len(troubles) == 5000


@given(st.text(), st.sampled_from([APACHE, PROFTPD]))
def test_words_hold_what_the_line_does(line: str, syntax: blocks.Syntax) -> None:
    words = blocks.cut(line, syntax)
    assert all(not any(map(str.isspace, word)) or any(quote in line for quote in syntax.quotes) for word in words)
