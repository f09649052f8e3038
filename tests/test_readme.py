"""What README.md, CONTRIBUTING.md and the pages in docs say is so: code runs, commands exist, tables are complete."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from phiscan import config, judge
from phiscan.cli import app
from phiscan.commands import common
from phiscan.config import yamlfile
from phiscan.messages import THIN
from phiscan.recognize import amend, schema
from phiscan.seal import Sealer
from phiscan.verdict import TEST_COLUMNS, load_test_persons
from tests.running import ROOT, command, environment

README = (ROOT / "README.md").read_text("utf-8")
PAGES = {path: path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
REFERENCE = PAGES[ROOT / "docs/reference.md"]
ALL = README + "".join(PAGES.values())
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
COMMANDS: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]
# The contract's commands, of which a version has some.
PUBLIC = """
    scan watch init zones incidents coverage purge dossier subject serve worker check explain doctor alert-test
""".split()
# Lines that differ from one machine and moment to another, and from one training of the model to the next.
VARIES = re.compile(r"^ {12}posix mode|^du |^  énoncé  .*%|^  d'après ")


def blocks(text: str, language: str) -> list[str]:
    """Return the fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    """Return a section of the README."""
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def phiscan(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run phiscan as a newcomer does, in the checkout; the narrow spaces of French typography come back as spaces."""
    done = subprocess.run(
        command(*arguments), cwd=ROOT, env=environment(home), capture_output=True, encoding="utf-8", check=False
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.replace(THIN, " "), done.stderr)


def typed() -> Iterator[list[str]]:
    """Yield every command line of phiscan that the README and the pages show, as its words."""
    lines = "".join(blocks(ALL, "sh")).splitlines()
    lines += re.findall(r"^\$ (.+)$", ALL, re.MULTILINE)
    lines += re.findall(r"`(phiscan [^`]+)`", ALL)
    for line in lines:
        for part in line.split(" && "):
            words = shlex.split(part)
            if words and Path(words[0]).name == "phiscan":
                yield words[1:]


def test_the_readme_shows_its_two_commands() -> None:
    lines = [line for block in blocks(README, "sh") for line in block.splitlines()]
    assert lines == [
        "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/phiscan scan tests/corpus/share",
        'python3 -m venv .venv && .venv/bin/pip install -e ".[test]" && .venv/bin/python -m pytest',
    ]


def test_the_commands_exist() -> None:
    shown = list(typed())
    assert {words[0] for words in shown} == set(
        "scan check explain watch init doctor alert-test incidents coverage purge zones".split()
    )
    for name, *words in shown:
        inner = getattr(COMMANDS[name], "commands", {})
        assert not inner or not words or words[0] in inner or words[0].startswith("-"), words
        ran = (COMMANDS[name], inner[words[0]]) if words and words[0] in inner else (COMMANDS[name],)
        parameters = [parameter for one in ran for parameter in one.params]
        flags = {flag for parameter in parameters for flag in (*parameter.opts, *parameter.secondary_opts)}
        assert {word for word in words if word.startswith("-")} - flags - {"--help"} == set()


def test_every_command_of_the_contract_is_there_or_said_to_be_missing() -> None:
    missing = set(re.findall(r"`([a-z-]+)`", section("Not in this version")))
    assert set(COMMANDS) == {name for name in PUBLIC if name not in missing}
    assert missing & set(COMMANDS) == set()


def test_the_flags_named_in_passing_exist() -> None:
    flags = {flag for command in COMMANDS.values() for parameter in command.params for flag in parameter.opts}
    assert set(re.findall(r"`(--?[a-z-]+)", README + REFERENCE)) - flags == set()


def test_exit_statuses() -> None:
    rows = re.findall(r"^\| ([0-9, ]+) \|", REFERENCE, re.MULTILINE)
    assert [int(status) for row in rows for status in row.split(", ")] == [
        common.EXIT_OK,
        common.EXIT_GAPS,
        common.EXIT_FOUND,
        common.EXIT_ERROR,
        common.EXIT_USAGE,
        common.EXIT_INTERRUPTED,
        common.EXIT_INTERRUPTED + 13,  # SIGTERM is 15, SIGINT 2
    ]


@pytest.mark.parametrize("block", blocks(ALL, "console"), ids=lambda block: block.splitlines()[0].split()[2])
def test_what_is_shown_is_what_is_printed(tmp_path: Path, block: str) -> None:
    first, *shown = block.splitlines()
    name, *arguments = shlex.split(first)[2:]
    # The exposure is that of the README's checkout, whatever the modes of this one.
    assumed = ["--assume-exposure", "shared"] if name == "scan" else []
    printed = iter(phiscan(tmp_path, name, *arguments, *assumed).stdout.splitlines())
    for line in shown:
        assert line == "…" or VARIES.match(line) or line in printed, f"not printed (any more), or not here: {line}"


def test_the_yaml_shown_is_the_file_named() -> None:
    named = [block.split("\n", 1) for block in blocks(README + PAGES[ROOT / "docs/mending.md"], "yaml")]
    assert [Path(name).name for name, _ in named] == ["dossier_bz.yaml", "reseau_vih.yaml", "reseau_vih.yaml"]
    for name, content in named:
        assert (ROOT / name.removeprefix("# ")).read_text("utf-8") == content


def test_the_site_of_the_readme_is_mended(tmp_path: Path) -> None:
    done = phiscan(tmp_path, "check", "-c", "tests/corpus/site/phiscan.yaml")
    assert (done.returncode, done.stderr) == (common.EXIT_OK, "")
    verdicts = {}
    for name in ("planning.txt", "sorties.csv"):
        for flags in ((), ("-c", "tests/corpus/site/phiscan.yaml")):
            done = phiscan(tmp_path, "explain", "--assume-exposure", "public", *flags, f"tests/corpus/site/{name}")
            assert (done.returncode, done.stderr) == (common.EXIT_OK, "")
            (verdict,) = re.findall(r"^Verdict : (\w+)", done.stdout, re.MULTILINE)
            verdicts[name, bool(flags)] = verdict
    assert verdicts == {
        ("planning.txt", False): "critique",
        ("planning.txt", True): "faible",
        ("sorties.csv", False): "information",
        ("sorties.csv", True): "critique",
    }


def test_the_recognizer_holds(tmp_path: Path) -> None:
    named = blocks(README, "yaml")[0].splitlines()[0].removeprefix("# ")
    assert f"`phiscan check {named}`" in README
    done = phiscan(tmp_path, "check", named)
    assert (done.returncode, done.stderr) == (common.EXIT_OK, "")


def test_a_false_positive_as_the_readme_explains_it(tmp_path: Path) -> None:
    block = blocks(README, "yaml")[0]
    file = tmp_path / "dossier.yaml"
    file.write_text(block.replace("no_match: [", 'no_match: ["Dossier BZ 26 004799", '), encoding="utf-8")
    done = phiscan(tmp_path, "check", str(file))
    assert (done.returncode, "BZ 26 004799" in done.stdout) == (common.EXIT_FOUND, True)


def test_presidio() -> None:
    (block,) = blocks(REFERENCE, "python")
    expected = block.rsplit("# ", 1)[1]
    done = subprocess.run([sys.executable, "-c", block], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, expected)


def keys_of(title: str) -> set[str]:
    """Return the keys in the tables of a section of CONTRIBUTING.md."""
    part = CONTRIBUTING.split(f"\n## {title}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", part, re.MULTILINE)
    return {key for cell in cells for key in re.findall(r"`([a-z_]+)`", cell)}


def test_contributing_names_every_key_of_a_recognizer() -> None:
    models = (schema.RecognizerFile, schema.Fields, schema.Examples, amend.Amendment)
    assert keys_of("The recognizer file") == {key for model in models for key in model.model_fields}


def test_contributing_names_every_key_of_a_rule() -> None:
    assert keys_of("The rule file") == {*judge.Rule.model_fields, *judge.Condition.model_fields}


def test_contributing_states_the_default_scores() -> None:
    written = re.search(r"Without `score`:\n`(\{[^`]+\})`", CONTRIBUTING)
    assert written is not None
    assert yamlfile.parse(written[1].encode(), "CONTRIBUTING.md").data == schema.DEFAULT_SCORE


def test_contributing_names_every_module_group() -> None:
    part = CONTRIBUTING.split("\n## Layout\n")[1].split("\n## ")[0]
    named = set(re.findall(r"`([a-z_]+(?:\.py|/))`", part))
    there = {f"{path.name}/" for path in (ROOT / "phiscan").iterdir() if (path / "__init__.py").is_file()}
    there |= {path.name for path in (ROOT / "phiscan").glob("[!_]*.py")}
    assert there - named == set()
    deeper = {path.name for path in (ROOT / "phiscan").glob("*/*.py")}
    assert named - there - deeper == {"phiscan/", "recognizers/", "rules/"}


def anchors(page: Path) -> set[str]:
    """Return what a link into a page may name: its headings, as GitHub writes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


LINKING = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES, *sorted((ROOT / "tests").glob("*/README.md"))]


@pytest.mark.parametrize("page", LINKING, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https:)([^)]+)\)", page.read_text("utf-8")):
        name, _, anchor = target.partition("#")
        there = page.parent / name if name else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there), target


def test_every_page_is_reached_from_the_readme() -> None:
    reached = set(re.findall(r"\]\(docs/([a-z-]+\.md)", README))
    assert reached == {page.name for page in PAGES}


def configurations() -> list[tuple[str, str]]:
    """Return what the pages show of `phiscan.yaml`, with the page's name."""
    shown = {page.stem: blocks(text, "yaml") for page, text in PAGES.items() if page.name != "mending.md"}
    return [(f"{name} {number}", block) for name, found in shown.items() for number, block in enumerate(found)]


@pytest.mark.parametrize("block", [block for _, block in configurations()], ids=[name for name, _ in configurations()])
def test_the_configurations_shown_are_accepted(tmp_path: Path, block: str) -> None:
    assert config.read(block.encode(), tmp_path / "phiscan.yaml", {}).file == tmp_path / "phiscan.yaml"


def test_the_reference_names_every_key_of_the_configuration() -> None:
    part = REFERENCE.split("\n## Configuration\n")[1].split("\n### ")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", part, re.MULTILINE)
    named = {key for cell in cells for key in re.findall(r"`([a-z_]+)`", cell)}
    assert named == {field.alias or name for name, field in config.Config.model_fields.items()}


def test_the_reference_names_the_columns_of_fictitious_people(tmp_path: Path) -> None:
    part = REFERENCE.split("\n### Fictitious people\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+) \|", part, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)} == set(TEST_COLUMNS)
    (example,) = blocks(part, "text")
    (tmp_path / "essai.csv").write_text(example)
    keys = load_test_persons(tmp_path / "essai.csv", Sealer.ephemeral())
    assert keys is not None
    assert len(keys) == 6  # number, name and date, name, and all together; of the other name with and without date
