"""Headers in no vocabulary: cut short, with words round what is known, or made of a disease's or an analysis's name.

A guess never decides alone: the values of the column must be what the guess says (see `columns`).
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from phiscan.fold import fold_str
from phiscan.model import Kind
from phiscan.recognize.headers import FieldRef, tokens
from phiscan.recognize.recognizer import COUNTS_FROM, FIELD, SHAPE, TERM, WEAK
from phiscan.recognize.ruleset import Ruleset
from phiscan.recognize.spans import Finder, normal_form

# Words round the one that tells: whose column it is in its own program, what kind of value, in which unit.
ROUND = frozenset(
    "res resu result resultat resultats resul rslt rst val valeur value val1 dos dosage taux conc code cod cd lib"
    " libelle libel pat patient patiente pt champ col zone fld field data dat1 txt text texte str chr char num n nb"
    " int var f c z x t p sang serum plasma sg seru urine u jeun ajeun j0 j1 j m0 m3 m6 m12 initial init final dernier"
    " derniere last actuel top flag ind on o statut status stat etat quali quant quanti qual interp conclusion dernier"
    " prec ant anterieur anteriorite g d l dl gd gl gdl mg mgl mgdl mmol mmoll umol umoll nmol nmoll pmol pmoll mol ui"
    " uil uml uiml u ul ml mm mm3 giga tera pct percent pc pourcent ng ngml pg pgml fl kui mui muil miu miul meq meql"
    " mlmin min".split()
)
_LEAST = 3  # letters: a header cut shorter says nothing


@lru_cache(maxsize=1 << 12)
def _words(name: str) -> tuple[str, ...]:
    """The words of a header as they are read for a disease's name: numbers set apart from letters."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z]{2})(?=[0-9])", " ", fold_str(name))
    return tuple(re.findall(r"[A-Za-z]+|[0-9]+|\+", spaced))


_TRADE = frozenset(
    "tarif tarifs tarifaire revision revisions vidange commande commandes livraison livraisons facture factures contrat"
    " contrats vehicule modele immat immatriculation kilometrage garantie abonnement produit produits stock prix"
    " client clients fournisseur fournisseurs adhesion cotisation inscription course dossard".split()
)


def of_trade(name: str) -> bool:
    """Whether a header is a shop's or a club's: nothing is guessed of it. `GROUPE_TARIF` is no blood group."""
    return any(word in _TRADE for word in tokens(name))


def without_round(name: str, ruleset: Ruleset) -> list[FieldRef]:
    """Return what a header leads to without the words round it: `CREAT_µmol`, `RES_VIH`, `HB_gdL`."""
    words = list(tokens(name))
    found: list[FieldRef] = []
    kept = [word for word in words if word not in ROUND and not word.isdigit()]
    for form in ("".join(kept), *(kept if len(kept) > 1 else ())):
        if form and (len(form) > 1 or len(kept) == 1) and form != "".join(words):
            found += [ref for ref in ruleset.headers.exact(form) if ref not in found]
    return found


def cut_short(name: str, ruleset: Ruleset) -> list[FieldRef]:
    """Return what a header that begins known ones leads to, most likely first: `DAT_NA`, `NUM_SE`, `ADR_PA`."""
    words = tokens(name)
    form = "".join(words)
    if len(form) < _LEAST or ruleset.headers.is_word(words[-1]):
        return []
    votes: Counter[FieldRef] = Counter()
    for known, refs in ruleset.headers.beginning(form[:1]):
        if _cut_inside(form, known) or _abbreviates(words, known):
            votes.update(refs)
    return [ref for ref, _ in votes.most_common(8)]


def _cut_inside(form: str, known: tuple[str, ...]) -> bool:
    """Whether a name is the beginning of a known one and ends inside a word: CODE is not cut from CODE_ACCES."""
    if len(form) <= _LEAST or not "".join(known).startswith(form):
        return False
    size = 0
    for word in known:
        size += len(word)
        if size == len(form):
            return False
    return True


def _abbreviates(words: tuple[str, ...], known: tuple[str, ...]) -> bool:
    """Whether these words begin those of a known name, each with two letters or more."""
    if len(words) != len(known) or len(words) < 2 or words == known:
        return False
    return all(len(word) >= 2 and whole.startswith(word) for word, whole in zip(words, known, strict=True))


_CUT = {  # names of diseases as headers cut them
    "diab": "diabete", "epil": "epilepsie", "asthm": "asthme", "hypertens": "hypertension", "depress": "depression",
    "obes": "obesite", "cardiopath": "cardiopathie", "seropos": "seropositif", "tuberc": "tuberculose",
}  # fmt: skip


def diseases(name: str, ruleset: Ruleset) -> list[FieldRef]:
    """Return the health recognizers whose terms a header holds: `SEROLOGIE_HEPATITE_C`, `diabete_type2`, `Toxo IgG`."""
    text = " ".join(_CUT.get(word.lower(), word) for word in _words(name))
    if len(text) < 2:
        return []
    folded = text.encode("ascii", "replace")
    seen = Finder(ruleset).look(folded, normal_form(folded, cells=True), cells=True)
    excluded = {(index, start) for index, start, _ in seen.excluded}
    found: dict[str, int] = {}
    for span in sorted(seen.spans, key=lambda span: span.start - span.end):
        recognizer = ruleset.recognizers[span.recognizer]
        told = span.evidence & (TERM | WEAK | SHAPE) and (span.recognizer, span.start) not in excluded
        if told and recognizer.kind is Kind.HEALTH and recognizer.category not in _NOT_CODED:
            found.setdefault(recognizer.category, span.recognizer)
    return [FieldRef(index, "") for category in found if (index := field_of(category, ruleset)) >= 0]


_NO_FACT = frozenset(
    "code cod id num n no nb prix tarif montant cotation lib libelle libel date dt dat annee an age medecin med dr"
    " service unite lot ref reference stock qte quantite kit notice formation cours campagne budget url lien fichier"
    " version".split()
)


def of_fact(name: str) -> bool:
    """Whether what stands under a header with a disease in it is said of somebody: `TABAC_STATUT`, not `PRIX_VIH`."""
    return not any(word in _NO_FACT for word in tokens(name))


_WORK = frozenset(
    "poste postes fonction fonctions metier metiers formation formations specialite specialites diplome diplomes module"
    " modules theme themes competence competences qualification qualifications".split()
)


def of_work(name: str) -> bool:
    """Whether what stands under a header is somebody's work or training, not their health.

    >>> of_work("INTITULE_FORMATION"), of_work("Poste occupé"), of_work("PROFESSION"), of_work("REMARQUE")
    (True, True, False, False)
    """
    return any(word in _WORK for word in tokens(name))


_MARKS = frozenset(
    "niveau niveaux note notes appreciation appreciations evaluation evaluations classement qualite mention cotation"
    " bulletin moyenne rating grade rang energie dpe ges".split()
)


def of_marks(name: str) -> bool:
    """Whether what stands under a header is a mark: A+ and AB, which are blood groups too.

    >>> of_marks("NOTE_T1"), of_marks("Niveau"), of_marks("GS")
    (True, True, False)
    """
    return any(word in _MARKS for word in tokens(name))


_OF_BLOOD = ("gr", "gp", "gs", "sg", "sang", "abo", "rh", "blood", "pheno")  # how words for blood groups begin


def says_no_blood(name: str) -> bool:
    """Whether a header says something else than a blood group's: a word, and none that begins as theirs do.

    >>> says_no_blood("Option"), says_no_blood("GPE_SG"), says_no_blood("F_31")
    (True, False, False)
    """
    words = tokens(name)
    return any(len(word) >= _LEAST and word.isalpha() for word in words) and not any(
        word.startswith(_OF_BLOOD) for word in words
    )


_NOT_CODED = {"exam_date", "lab_result", "blood_group"}


def field_of(category: str, ruleset: Ruleset) -> int:
    """Return the recognizer of a category to which a header alone is evidence enough, −1 where there is none."""
    for recognizer in ruleset.recognizers:
        fields = recognizer.file.fields
        if recognizer.category == category and fields.headers and recognizer.score(FIELD | SHAPE) >= COUNTS_FROM:
            return recognizer.index
    return -1


_KIN = frozenset(
    "mere meres pere peres parent parents conjoint conjointe epoux mari compagnon frere freres soeur soeurs fratrie"
    " fils ascendant ascendants grandmere grandpere father mother spouse husband wife sibling kin".split()
)
_FAMILIAL = ("famil", "hered", "fam")


def of_family(name: str) -> bool:
    """Whether facts under a header are a relative's: `ATCD familiaux`, `VIH_MERE`; not `nom de famille`.

    >>> of_family("ATCD_FAM"), of_family("Diabète mère"), of_family("ATCD perso")
    (True, True, False)
    """
    return any(word in _KIN or word.startswith(_FAMILIAL) for word in tokens(name))
