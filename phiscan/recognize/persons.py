"""Checks of names of people: the list of first names, null identities, and what reads as a name and not as a sentence.

They take folded ASCII strings and never raise, as all checks of `phiscan.recognize.validators`, which registers them.
"""

from __future__ import annotations

import re
from functools import cache

_NAME_TOKEN = re.compile(r"[A-Za-z][A-Za-z'.-]*", re.ASCII)
_NAME_WORD = re.compile(r"[A-Za-z][A-Za-z'.-]*", re.ASCII)
_NAME_ONLY = re.compile(r"[A-Za-z '.,/()\n-]+", re.ASCII)
_CODE_WORD = re.compile(r"[a-z]\.[A-Za-z]|[A-Z][a-z]{3,}[A-Z]|[a-z]{3}[A-Z]", re.ASCII)
_ELIDED = re.compile(r"[dl]'[A-Z]")
_SAME_LETTER = re.compile(r"([a-z])\1{2,}", re.ASCII)

# Null identities: a person so named is nobody.
NOBODY = frozenset(
    "inconnu inconnue anonyme test teste essai exemple example sample toto xxx xxxx xx zzz aaa null none "
    "neant vide patient patiente sans-nom nom prenom bidon fictif demo factice".split()
)
# Words that open a sentence or a file name where a name was expected.
NOT_A_NAME = frozenset(
    "voir non oui homme femme garcon fille bebe adulte sujet sexe age agee ans mois semaines jours "
    "enceinte hospitalise hospitalisee adresse adressee pour avec dans par sur est sont ont cette votre "
    "notre nos vos leur leurs mon ma mes son sa ses ce ces qui que dont ci joint dossier fichier table "
    "colonne champ liste base nombre date demande resultat resultats compte rendu objet reference "
    "concerne renseigner renseigne renseignee obligatoire facultatif numero code service export import "
    "valeur type true false if else elsif elif then endif loop select where insert update delete".split()
)
# Words that make a pair with a first name in it the name of a place or of a house.
_PLACES = frozenset(
    "hopital clinique centre chu chr chru chi ch ehpad cabinet laboratoire labo institut service pole "
    "unite faculte universite ecole college lycee mairie pharmacie societe sarl sas rue avenue place "
    "boulevard bd allee impasse chemin route quai square cours saint sainte departement region commune "
    "canton association fondation mutuelle caisse cpam ars ministere direction hotel gare "
    "maison version license licence copyright readme makefile error warning table page figure chapitre "
    "annexe total date".split()
)
_MARKERS = frozenset("ne nee epouse ep epx vve veuve njf".split())  # between two surnames
_PARTICLES = frozenset("de du des d le la les l el al ben bin van von der den da dos do di mc mac st ste".split())


@cache
def first_names() -> frozenset[str]:
    """Return the first names of `recognizers/identity/first_names.txt`: folded, lower case, hyphens kept."""
    from phiscan.content import recognizers_folder

    lines = (recognizers_folder() / "identity" / "first_names.txt").read_text(encoding="ascii").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _known(name: str) -> bool:
    """Whether a name, or the first part of a compound, is in the list of first names."""
    lower = name.lower()
    return lower in first_names() or lower.partition("-")[0] in first_names()


def first_name(value: str) -> bool:
    """One first name of the list, alone; a compound counts where its first part does.

    >>> first_name("Marie"), first_name("JEAN-CLAUDE"), first_name("Martinez")
    (True, True, False)
    """
    name = value.strip()
    return len(name) <= 60 and _known(name.replace(" ", "-"))


def name_person(value: str) -> bool:
    """Two names or more, one of them in the first-name list and another beside it; null identities are nobody.

    >>> name_person("DUPONT Marie"), name_person("M. Jean-Marc LE GOFF"), name_person("TEST Ana"), name_person("Ana")
    (True, True, False, False)
    """
    if len(value) > 120:
        return False
    tokens = [token.lower().rstrip(".") for token in _NAME_TOKEN.findall(value)]
    if any(token in NOBODY or token in _PLACES or token in NOT_A_NAME for token in tokens):
        return False
    names = [t for t in tokens if len(t) > 1 and t not in _PARTICLES and t not in ("mr", "mme", "mlle", "dr")]
    return len(names) >= 2 and any(_known(name) for name in names)


_INITIAL_AND = re.compile(
    r"[A-Z](?:\.?-[A-Z])?\.[ \n]?[A-Za-z'-]{3,}.*|[A-Za-z'-]{3,}.*[ \n][A-Z](?:-[A-Z])?\.", re.ASCII | re.DOTALL
)


def full_name(value: str) -> bool:
    """A name that reads as one without a title: a known first name in it, an initial, or a given name before capitals.

    >>> full_name("Enora KERVELLA"), full_name("DUPONT J."), full_name("Lucie Petit"), full_name("TYMPANS NORMAUX")
    (True, True, True, False)
    """
    if not person_part(value):
        return False
    words = [word for word in _NAME_WORD.findall(value) if word.lower().strip("'") not in _PARTICLES]
    mixed = any(word.isupper() and len(word) > 2 for word in words) and any(word.istitle() for word in words)
    return name_person(value) or mixed or _INITIAL_AND.fullmatch(value) is not None


_FIRMS = "SA SAS SASU SARL EURL SELAS SELARL SELAFA SCM SCP SNC GIE GmbH Ltd Inc".split()
FIRM = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(_FIRMS)})(?![A-Za-z])", re.ASCII)


def person_part(value: str) -> bool:
    """What a name column or label may hold: one to eight words of letters that read as a name, not as a sentence.

    Null identities (INCONNU, TEST, XXX) are nobody; words in lower case count only where one is a known first
    name; dotted and camel-case words are program code.

    >>> person_part("LE GOFF"), person_part("INCONNU"), person_part("12B"), person_part("femme de 40 ans")
    (True, False, False, False)
    >>> person_part("BIOMATEL DIAGNOSTICS SAS")
    False
    """
    words = _NAME_WORD.findall(value) if 2 <= len(value) <= 100 else []
    if not 1 <= len(words) <= 8 or not _NAME_ONLY.fullmatch(value):
        return False
    lower = [word.lower().rstrip(".") for word in words]
    if any(word in NOBODY or word in NOT_A_NAME for word in lower) or _SAME_LETTER.fullmatch("".join(lower)):
        return False
    if any(_CODE_WORD.search(word) for word in words) or words[-1] in _FIRMS:
        return False
    core = [word for word, low in zip(words, lower, strict=True) if low not in _PARTICLES | _MARKERS]
    if all(word[0].isupper() or _ELIDED.match(word) for word in core):
        return any(len(word) > 1 for word in lower)
    return any(_known(word) for word in core)


def whole_name(value: str) -> bool:
    """Two words or more that read as a name, known or not, and none of them the word of a place or a house.

    >>> whole_name("Yann Kerbrat"), whole_name("Kerbrat"), whole_name("Clinique Kerbrat")
    (True, False, False)
    """
    words = [word.lower().rstrip(".") for word in _NAME_WORD.findall(value)]
    names = [word for word in words if len(word) > 1 and word not in _PARTICLES]
    return len(names) >= 2 and person_part(value) and not any(word in _PLACES for word in words)
