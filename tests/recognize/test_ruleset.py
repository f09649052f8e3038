"""The ruleset: what loads, what is refused, and what of it decides what is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from phiscan.errors import PhiscanError, UsageError
from phiscan.messages import tell
from phiscan.model import CATEGORIES, SITE_BIT, Kind, Role
from phiscan.recognize.load import load_ruleset
from phiscan.recognize.recognizer import CODE, COLUMN, CONTEXT, FIELD, SHAPE, TERM, VALID, WEAK
from phiscan.recognize.ruleset import Ruleset
from tests.recognize.small import found, loaded, of, recognizer, small, write
from tests.running import environment

PROVEN = 'examples: {match: ["[zorg]", "le [zorg]", "[ZORG] !"], no_match: [a, b, c]}\n'


def site(folder: Path, text: str) -> Path:
    """Write one recognizer of a site's own."""
    folder.mkdir(exist_ok=True)
    (folder / "site.yaml").write_text(text, "utf-8")
    return folder


def proven(name: str, category: str, body: str) -> str:
    return recognizer(name, category, body).replace("examples: {match: [a, b, c], no_match: [a, b, c]}\n", PROVEN)


def refused(folder: Path, files: dict[str, str]) -> str:
    with pytest.raises(UsageError) as caught:
        loaded(folder, files)
    return tell(caught.value, "en").replace(str(folder), "")


def test_everything_is_loaded_in_order_of_its_path() -> None:
    assert [one.id for one in small().recognizers] == [
        "health.blood_group",
        "health.diagnosis",
        "health.exam_date",
        "health.hiv",
        "health.lab",
        "fr.address",
        "fr.person_name.bare",
        "fr.birth_date",
        "fr.person_name.civility",
        "fr.email",
        "fr.person_name",
        "fr.nir",
        "fr.patient_id",
        "fr.phone",
        "fr.practitioner",
        "fr.rpps",
    ]
    assert [one.index for one in small().recognizers] == list(range(16))


def test_categories_have_the_contracts_bits_and_kinds() -> None:
    assert {one.category: one.bit for one in small().recognizers} == {
        category: bit
        for bit, category in enumerate(CATEGORIES)
        if category in {one.category for one in small().recognizers}
    }
    assert of(small(), "fr.nir").kind is Kind.IDENTIFIER
    assert of(small(), "fr.rpps").kind is Kind.PROFESSIONAL
    assert of(small(), "health.hiv").kind is Kind.HEALTH


def test_whose_facts_recognizers_find(tmp_path: Path) -> None:
    assert of(small(), "fr.rpps").role is Role.PROFESSIONAL
    assert of(small(), "fr.nir").role is None
    ruleset = loaded(tmp_path, {"identity/one.yaml": recognizer("test.one", "phone", "role: relative\n")})
    assert of(ruleset, "test.one").role is Role.RELATIVE


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("validator: nirr\n", "/identity/one.yaml: validator: “nirr” is unknown; expected one of: "),
        ("codes: {icd9: [B20]}\n", "/identity/one.yaml: codes: “icd9” is no code system of recognizers/codes.yaml"),
        ("terms_file: none.txt\n", "/identity/none.txt: cannot be read"),
        ("patterns: {p: '(?P<a>'}\n", "/identity/one.yaml:"),
    ],
)
def test_what_is_refused(tmp_path: Path, body: str, said: str) -> None:
    told = refused(tmp_path, {"identity/one.yaml": recognizer("test.one", "iban", body)})
    assert told.startswith(said)
    assert "\n" not in told


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    told = refused(tmp_path, {"identity/zz.yaml": recognizer("fr.nir", "nir", "")})
    assert told.startswith("/identity/zz.yaml: id: “fr.nir” is")


def test_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_ruleset([tmp_path / "none"])
    assert tell(caught.value, "en") == f"{tmp_path}/none: no folder of recognizers here"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("roles.yaml", "professional: [medecin]\n"),
        ("codes.yaml", "systems: {cim10: {headers: []}}\n"),
        ("codes.yaml", "other: 1\n"),
    ],
)
def test_roles_and_codes_are_checked(tmp_path: Path, file: str, text: str) -> None:
    assert refused(tmp_path, {file: text}).startswith(f"/{file}:1: ")


# ---- a site's own ----


def test_a_sites_recognizer_is_added(tmp_path: Path) -> None:
    shipped = write(tmp_path / "shipped")
    own = site(tmp_path / "own", proven("site.zorg", "hiv", "terms: [zorg]\n"))
    ruleset = load_ruleset([shipped, own])
    assert [one.id for one in ruleset.recognizers][-1] == "site.zorg"
    assert found("le zorg et le VIH", ruleset) == [("site.zorg", "zorg"), ("health.hiv", "VIH")]


def test_a_sites_categories_take_the_upper_bits(tmp_path: Path) -> None:
    shipped = write(tmp_path / "shipped")
    own = site(tmp_path / "own", proven("site.zorg", "zorg", "kind: health\nterms: [zorg]\n"))
    more = proven("site.zurg", "zurg", "kind: identifier\nterms: [zurg]\nscore: {term: 0.9}\n").replace(
        "[zorg]", "[zurg]"
    )
    (own / "more.yaml").write_text(more.replace("[ZORG]", "[ZURG]"), "utf-8")
    ruleset = load_ruleset([shipped, own])
    assert {one.category: (one.bit, one.kind) for one in ruleset.recognizers[-2:]} == {
        "zurg": (SITE_BIT, Kind.IDENTIFIER),
        "zorg": (SITE_BIT + 1, Kind.HEALTH),
    }


def test_more_categories_than_there_are_bits(tmp_path: Path) -> None:
    files = {f"health/site{n:02d}.yaml": recognizer(f"site.a{n:02d}", f"site_{n}", "kind: health\n") for n in range(31)}
    assert refused(tmp_path, files) == "/health/site30.yaml: category: too many categories of your own (at most 30)"
    del files["health/site30.yaml"]
    (tmp_path / "health/site30.yaml").unlink()
    assert max(one.bit for one in loaded(tmp_path, files).recognizers) == 61


def test_a_sites_recognizer_that_fails_its_examples_does_not_load(tmp_path: Path) -> None:
    shipped = write(tmp_path / "shipped")
    own = site(tmp_path / "own", recognizer("site.zorg", "hiv", "terms: [zorg]\n"))
    load_ruleset([shipped, own])
    site(own, proven("site.zorg", "hiv", "terms: [autre]\n"))
    with pytest.raises(UsageError) as caught:
        load_ruleset([shipped, own])
    assert tell(caught.value, "en").startswith(f"{own}/site.yaml: examples.match: [zorg]: found: nothing")


# ---- scores, codes, words ----


@pytest.mark.parametrize(
    ("name", "evidence", "score"),
    [
        ("fr.nir", SHAPE | VALID | CONTEXT, 0.95),
        ("fr.nir", SHAPE | VALID, 0.4),
        ("fr.nir", SHAPE, 0.0),
        ("fr.nir", FIELD | SHAPE, 0.6),
        ("fr.nir", FIELD | SHAPE | VALID | CONTEXT | COLUMN, 0.95),
        ("fr.nir", COLUMN, 0.9),
        ("health.hiv", TERM, 0.8),
        ("health.hiv", WEAK, 0.0),
        ("health.hiv", WEAK | CONTEXT, 0.6),
        ("health.hiv", CODE, 0.8),
        ("health.hiv", 0, 0.0),
    ],
)
def test_the_best_score_whose_evidence_is_there(name: str, evidence: int, score: float) -> None:
    recognizer = of(small(), name)
    assert recognizer.score(evidence) == score
    assert recognizer.score(evidence) == score, "asked twice"


def test_which_wait_for_their_label() -> None:
    assert [one.id for one in small().recognizers if one.needs_field] == ["fr.person_name", "fr.rpps"]


@pytest.mark.parametrize(
    ("system", "code", "claimants"),
    [
        ("cim10", "B20", ["health.hiv"]),
        ("cim10", "B20.1", ["health.hiv"]),
        ("cim10", "b201", ["health.hiv"]),
        ("cim10", "E11", ["health.diagnosis"]),
        ("cim10", "J45.0", ["health.diagnosis"]),
        ("cim10", "J44", []),
        ("cim10", "B2", []),
        ("cim10", "", []),
        ("atc", "J05AR10", ["health.hiv"]),
        ("atc", "J05AB", []),
    ],
)
def test_who_claims_a_code(system: str, code: str, claimants: list[str]) -> None:
    indices = small().systems[system].claimants(code)
    assert [small().recognizers[index].id for index in indices] == claimants


def test_words_near_a_hit() -> None:
    pattern, window = of(small(), "fr.nir").near("context")
    assert pattern is not None
    assert (window, bool(pattern.search(b"n secu")), bool(pattern.search(b"nirvana"))) == (40, True, False)
    assert of(small(), "fr.email").near("context") == (None, 0)
    assert of(small(), "fr.email").near("reject") == (None, 0)


def test_labels_are_looked_for_in_long_texts() -> None:
    database = small().label_db
    assert database.scan(b"le nom : x")[1] == [8]
    assert database.scan(b"le nom de x")[1] == []


def test_patterns_of_a_recognizer() -> None:
    assert [one.name for one in small().patterns_of(of(small(), "fr.nir").index)] == ["shape", "thirteen"]
    assert small().patterns_of(of(small(), "fr.person_name").index) == []


# ---- digest ----


def test_what_changes_the_digest(tmp_path: Path) -> None:
    def digest(name: str, body: str, *, words: str = "zorg\n") -> str:
        folder = tmp_path / name
        (folder / "health").mkdir(parents=True)
        (folder / "health" / "words.txt").write_text(words, "utf-8")
        return loaded(folder, {"health/one.yaml": recognizer("test.one", "hiv", body)}).digest

    same = digest("a", "terms_file: words.txt\n")
    assert same.startswith("sha256:")
    assert digest("b", "terms_file: words.txt\n") == same
    others = [
        digest("c", "terms_file: words.txt\n", words="zorg\nzarg\n"),
        digest("d", "terms_file: words.txt\nat_least: 2\n"),
        digest("e", "terms_file: words.txt\npatterns: {p: abcd}\n"),
        digest("f", "terms_file: words.txt\nscore: {term: 0.7}\n"),
    ]
    assert len({same, *others}) == 5


def test_examples_do_not_change_the_digest(tmp_path: Path) -> None:
    plain, more = (
        recognizer("test.one", "hiv", ""),
        recognizer("test.one", "hiv", "").replace("match: [a,", "match: [z, a,", 1),
    )
    assert (
        loaded(tmp_path / "a", {"health/one.yaml": plain}).digest
        == loaded(tmp_path / "b", {"health/one.yaml": more}).digest
    )


@pytest.mark.parametrize("changed", ["weak", "roles", "codes"])
def test_all_that_decides_changes_the_digest(tmp_path: Path, changed: str) -> None:
    digests = []
    for at in (0, 1):
        folder = tmp_path / str(at)
        (folder / "health").mkdir(parents=True)
        strong, weak = ("zarg\n", "zorg\n") if changed == "weak" and at else ("zarg\nzorg\n", "\n")
        (folder / "health" / "strong.txt").write_text(strong, "utf-8")
        (folder / "health" / "weak.txt").write_text(weak, "utf-8")
        files = {"health/one.yaml": recognizer("test.one", "hiv", "terms_file: strong.txt\nweak_file: weak.txt\n")}
        if changed == "roles" and at:
            files["roles.yaml"] = "professional: [zorg]\nrelative: []\n"
        if changed == "codes" and at:
            files["codes.yaml"] = (write(tmp_path / "x") / "codes.yaml").read_text("utf-8").replace("code_cim*", "zorg")
        digests.append(loaded(folder, files).digest)
    assert digests[0] != digests[1]


def test_shipped_rulesets_load(shipped: Ruleset) -> None:
    assert len({one.id for one in shipped.recognizers}) == len(shipped.recognizers)
    assert {one.category for one in shipped.recognizers} <= set(CATEGORIES)
    assert all(pattern.shape.width <= 300 for pattern in shipped.patterns)


def test_a_pattern_that_the_engine_refuses_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("phiscan.recognize.ruleset.loosen", lambda source: "(" if "zo" in source else "abc")
    with pytest.raises(PhiscanError) as caught:
        loaded(
            tmp_path,
            {"identity/one.yaml": recognizer("test.one", "iban", "patterns: {p: 'zo[0-9]rg'}\nscore: {shape: 0.9}\n")},
        )
    assert str(tmp_path) in tell(caught.value, "en")


def test_the_digest_is_the_same_in_every_process(tmp_path: Path) -> None:
    """Sets come in another order in each: another digest would have every file of every share read again."""
    code = (
        "from phiscan.recognize import compiled, load; from phiscan.content import recognizers_folder\n"
        "compiled.load = lambda name: None; compiled.keep = lambda name, data: None\n"
        "print(load.load_ruleset([recognizers_folder()]).digest)"
    )
    run = [sys.executable, "-c", code]
    said = {
        subprocess.run(run, env=environment(tmp_path, PYTHONHASHSEED=seed), capture_output=True, check=True).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
    assert said.pop().startswith(b"sha256:")
