"""What a model names, weighed with what rules find: it confirms, it proposes, it takes nothing away."""

from __future__ import annotations

import copy
import os
import shutil

import pytest
import spacy

from phiscan.content import recognizers_folder
from phiscan.fold import fold
from phiscan.isolate.libraries import refuse_downloaders
from phiscan.link.text import TextLinker
from phiscan.model import Gap, Limits, Text
from phiscan.recognize.entities import Entity
from phiscan.recognize.load import load_ruleset
from phiscan.recognize.recognizer import MODEL
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.sitemodel import SpacyModel
from phiscan.recognize.text import Found, TextPath
from phiscan.scan.scanner import Scanner
from phiscan.seal import Sealer
from phiscan.tally import Tally

# So few that what the tests say does not hang on what the others find by themselves.
FEW = (
    "roles.yaml", "codes.yaml", "identity/birth_date.yaml", "identity/person_name.yaml",
    "identity/person_name_model.yaml", "identity/address_part.yaml", "health/hiv.yaml", "health/hiv.txt",
)  # fmt: skip


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Ruleset:
    """Return a ruleset of some of the shipped recognizers."""
    folder = tmp_path_factory.mktemp("few")
    for name in FEW:
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(recognizers_folder() / name, folder / name)
    return load_ruleset([folder])


class Asked(SpacyModel):
    """A real pipeline that knows its entities by heart, and notes what it is asked."""

    def __init__(self, **named: str) -> None:
        refuse_downloaders()
        nlp = spacy.blank("fr")
        ruler = nlp.add_pipe("entity_ruler")
        ruler.add_patterns([{"label": said[0], "pattern": said[1]} for said in _patterns(named)])  # type: ignore[attr-defined]
        super().__init__(nlp)
        self.asked: list[str] = []

    def entities(self, text: str) -> list[Entity]:
        """Note the text."""
        self.asked.append(text)
        return super().entities(text)


def _patterns(named: dict[str, str]) -> list[tuple[str, str]]:
    return [(label, one) for label, said in named.items() for one in said.split(" / ")]


def find(ruleset: Ruleset, text: str, model: SpacyModel | None) -> Found:
    """Return the hits of a text."""
    return TextPath(ruleset).find(fold(text), text=text, model=model, everything=model is not None)


def shown(ruleset: Ruleset, found: Found, text: str) -> list[tuple[str, str, float, bool]]:
    """Return recognizer, words, score, and whether the model said so too."""
    return [
        (ruleset.recognizers[s.recognizer].id, text[s.start : s.end], round(s.score, 2), bool(s.evidence & MODEL))
        for s in found.spans
    ]


def test_a_hit_that_the_model_names_too(few: Ruleset) -> None:
    text = "Patient : DUPONT Marie, VIH positif"
    found = find(few, text, Asked(PER="DUPONT Marie"))
    assert shown(few, found, text) == [
        ("fr.person_name", "DUPONT Marie", 0.85, True),
        ("health.hiv", "VIH", 0.65, False),
    ]


def test_a_score_that_asks_for_the_model(few: Ruleset) -> None:
    text = "VIH. Le colis est au 12 rue de la Paix."
    alone, confirmed = find(few, text, None), find(few, text, Asked(LOC="rue de la Paix"))
    assert shown(few, alone, text) == [("health.hiv", "VIH", 0.65, False)]
    assert shown(few, confirmed, text) == [
        ("health.hiv", "VIH", 0.65, False),
        ("fr.address.part", "12 rue de la Paix", 0.6, True),
    ]


def test_a_clinical_model_tells_births_from_other_dates(few: Ruleset) -> None:
    text = "Patient : DUPONT Marie. VIH le 03/04/2019. 12/03/1965 (Vannes)."
    model = Asked(DATE="03/04/2019", DATE_NAISSANCE="12/03/1965")
    births = [one for one in shown(few, find(few, text, model), text) if one[0].startswith("fr.birth_date")]
    assert births == [("fr.birth_date", "12/03/1965", 0.6, True)]


def test_a_town_or_a_place_is_no_address(few: Ruleset) -> None:
    text = "VIH : consultation à Vannes, patient domicilié à Brest"
    found = find(few, text, Asked(LOC="Vannes / Brest"))
    assert shown(few, found, text) == [("health.hiv", "VIH", 0.65, False)]


def test_surname_and_given_name_apart_are_one(few: Ruleset) -> None:
    text = "Enora Kerbrat, née le 2 mai 1990, VIH"
    found = find(few, text, Asked(PRENOM="Enora", NOM="Kerbrat"))
    assert shown(few, found, text)[0] == ("fr.person_name.model", "Enora Kerbrat", 0.6, True)


def test_an_entity_ends_with_its_line_and_without_marks(few: Ruleset) -> None:
    text = "Née le 2 mai 1990 : (Enora Kerbrat)\nVIH positif"
    found = find(few, text, Asked(PER="(Enora Kerbrat)\nVIH"))
    assert ("fr.person_name.model", "Enora Kerbrat", 0.6, True) in shown(few, found, text)
    assert ("health.hiv", "VIH", 0.65, False) in shown(few, found, text)


def test_no_hit_of_a_rule_is_taken_away(few: Ruleset) -> None:
    text = "Mme Kerbrat Enora née Sida, née le 2 mai 1990, vue pour VIH et hépatite B"
    alone = shown(few, find(few, text, None), text)
    model = Asked(PER="Enora née Sida / VIH et hépatite / Sida", LOC="Kerbrat", ORG="Mme Kerbrat")
    assert [one[:2] for one in shown(few, find(few, text, model), text)] == [one[:2] for one in alone]


def test_it_is_asked_only_where_something_counts(few: Ruleset) -> None:
    dull = "Yann Kerbrat a présenté les chiffres.\n\n" * 3
    text = f"{dull}Le VIH a été évoqué.\n\n{dull}"
    for everything in (False, True):
        model = Asked(PER="Yann Kerbrat")
        TextPath(few).find(fold(text), text=text, model=model, everything=everything)
        assert model.asked == ["Le VIH a été évoqué.\n\n"]
    model = Asked(PER="Yann Kerbrat")
    assert TextPath(few).find(fold(dull), text=dull, model=model).spans == []
    assert model.asked == []


def test_in_a_wall_of_text_it_is_asked_about_the_surroundings(few: Ruleset) -> None:
    wall = "Le temps était au beau. " * 2000
    text = f"{wall}Enora Kerbrat, née le 2 mai 1990, VIH. {wall}"
    model = Asked(PER="Enora Kerbrat")
    found = find(few, text, model)
    assert ("fr.person_name.model", "Enora Kerbrat", 0.6, True) in shown(few, found, text)
    assert [len(one) < 4100 for one in model.asked] == [True]


def test_accents_keep_their_places(few: Ruleset) -> None:
    text = "Élève âgée, œdème : « Maëlle Quéméneur », née le 2 mai 1990, VIH"
    found = find(few, text, Asked(PER="Maëlle Quéméneur"))
    assert ("fr.person_name.model", "Maëlle Quéméneur", 0.6, True) in shown(few, found, text)


def persons(ruleset: Ruleset, text: str, model: SpacyModel) -> int:
    """Return how many persons a text names."""
    tally = Tally()
    linker = TextLinker(ruleset, Sealer.ephemeral(), tally)
    linker.add(find(ruleset, text, model), Text(text))
    linker.close()
    return len(tally.keys)


def test_a_name_of_the_model_needs_an_identity_beside_it(few: Ruleset) -> None:
    model = Asked(PER="Yann Kerbrat / Victor Hugo")
    assert persons(few, "Yann Kerbrat, VIH positif", model) == 0
    assert persons(few, "Le patient Yann Kerbrat a le VIH", model) == 0
    assert persons(few, "Victor Hugo et le VIH", model) == 0
    assert persons(few, "M. le Maire, Yann Kerbrat, VIH", model) == 0
    assert persons(few, "Le patient Yann Kerbrat, né le 12/03/1965, a le VIH", model) == 1


class Failing:
    """A model that chokes."""

    digest = ""

    def entities(self, text: str) -> list[Entity]:
        """Raise what quotes the text."""
        raise ValueError(text)


def test_a_model_that_chokes_leaves_the_rules(few: Ruleset) -> None:
    text = "Patient : DUPONT Marie, VIH positif"
    alone = TextPath(few).find(fold(text), text=text)
    found = TextPath(few).find(fold(text), text=text, model=Failing())
    assert shown(few, found, text) == shown(few, alone, text)
    assert (alone.failed, found.failed) == (False, True)


def test_a_passage_it_chokes_on_is_a_gap(few: Ruleset) -> None:
    descriptor = os.memfd_create("lettre")
    os.write(descriptor, b"Patient : DUPONT Marie, VIH positif\n")
    ruleset = copy.copy(few)
    ruleset.model = Failing()
    ((part, tally, gaps),) = Scanner(ruleset, Sealer.ephemeral(), Limits()).scan(descriptor, "lettre.txt", 36)
    os.close(descriptor)
    assert (part.status, len(tally.keys)) == ("partial", 1)
    assert gaps == [Gap("recognize", "crash", "the site's spaCy model could not read a passage")]
