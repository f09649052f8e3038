"""A path is content too: `CR_DUPONT_Marie_VIH.pdf` names a person and a fact.

File names have no sentences and no labels. A person is taken from one only where a first name of the
list stands beside a word written as surnames are, or where the same name also states a health fact.
"""

from __future__ import annotations

import re

from phiscan.recognize.names import Name, canonical, first_given
from phiscan.recognize.persons import first_name

_BETWEEN = re.compile(r"[_ .,;()\[\]+]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z'\-]+")
_ARTICLES = frozenset(("LE", "LA"))
# What file names say besides names: kinds of documents, and words of the trade.
_NOT_NAMES = frozenset(
    "cr crh cro crc crop cra compte rendu lettre courrier ordo ordonnance resultat resultats res labo bio biologie"
    " analyse analyses bilan examen examens dossier patient patiente patients scan scanner irm echo radio image photo"
    " fiche certificat attestation facture devis export import sauvegarde copie final finale v1 v2 version new old test"
    " vih hiv cancer hepatite grossesse covid groupe sanguin serologie consultation hospitalisation urgences docteur dr"
    " pr mme mlle mr monsieur madame pdf doc docx xls xlsx csv txt odt rtf jpg png tif zip www com org net lib src bin"
    " usr etc var home"
    .split()
)


def words_of(path: str) -> str:
    """Return a folded path as running words: separators are blanks, hyphens stay."""
    return re.sub(r"[_./\\!,;()\[\]+]+", " ", path)


def name_in(path: str, *, stated: bool) -> Name | None:
    """Return the person whom a folded path names, None where it names nobody.

    `stated`: the path states a health fact; then capitals are not asked for.

    >>> name_in("scans/CR_DUPONT_Marie_VIH.pdf", stated=True).key
    'DUPONT/MARIE'
    >>> name_in("CR_DE_LA_TOUR_Marie.pdf", stated=False).key
    'DELATOUR/MARIE'
    >>> name_in("doc/martin/readme.txt", stated=False)
    """
    for component in reversed(re.split(r"[/\\!]", path)):
        words = [word for word in _BETWEEN.split(component) if word]
        for at, word in enumerate(words):
            if not (_usable(word) and first_name(word)):
                continue
            for beside in (at - 1, at + 1):
                if 0 <= beside < len(words) and _surname(words[beside], word, stated=stated):
                    last = _with_article(words, beside) if beside < at else words[beside]
                    return Name(canonical(last), first_given(word))
    return None


def _with_article(words: list[str], at: int) -> str:
    """Return the surname that ends at `at`: LE GOFF, DE LA TOUR. A lone *de* is no part of it: courrier de DUPONT."""
    begun = at
    if at and words[at - 1] in _ARTICLES:
        begun -= 1
        if begun and words[begun] == "LA" and words[begun - 1] == "DE":
            begun -= 1
    return " ".join(words[begun : at + 1])


def _usable(word: str) -> bool:
    return _WORD.fullmatch(word) is not None and word.lower() not in _NOT_NAMES


def _surname(word: str, given: str, *, stated: bool) -> bool:
    if not _usable(word) or len(word) < 3:
        return False
    return stated or (word.isupper() and (given.isupper() or given.istitle()))
