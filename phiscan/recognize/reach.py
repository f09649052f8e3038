"""How far a name reaches: patterns find where one begins and take all words that may belong to it, this tells the last.

Capitals tell in most texts; where everything is in capitals, and over line ends, the first names and the common
words of French do. Texts are folded; nothing here raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from phiscan.recognize.persons import NOBODY, first_name

_WORD = re.compile(r"[Nn][Ee]\([Ee]\)|[A-Za-z][A-Za-z'\-]*\.?|\(|,")
_PARTICLES = frozenset(
    "de du des d le la les l el al ben bin ait ould van von der den da dos do di del della mc mac st ste".split()
)
_MARKERS = frozenset("ne ne(e) nee epouse ep epx vve veuve njf divorcee div".split())
_ELIDED = re.compile(r"[dl]'[A-Z]")
_ALL_PARTICLES = re.compile(
    r"(?:Le|LE|Ben|BEN|El|EL|Van|VAN|Do|DO|Da|DA)[ \n](?:Van|VAN|Do|DO|Ben|BEN|La|LA)"
)
_LEAST_COMMON = 3  # letters: shorter words begin names as well
_MOST_WORDS = 5  # of a name, particles apart
_ENDINGS = re.compile(
    r"[a-z]{2,}(?:tions?|ologie|ologue|iatre|iatrie|ectomie|opathie|icienne?|ements?|iques|eurs?|euses?|ites|oses|emie)"
)

# Words that no name holds, wherever they stand.
_NEVER = frozenset(
    "nee ne et ou est sont etait a au aux en y il elle on ils elles je tu nous vous ce cet cette ces se si que "
    "qui quoi dont mais donc or ni car un une son sa ses leur leurs mon ma mes votre vos notre nos date dates ddn "
    "dn tel tels telephone fax mobile gsm mail email e-mail courriel adresse adresses sexe age agee nir nss ins "
    "ipp nip nda iep demeurant domicilie domiciliee habitant nom noms prenom prenoms medecin medecins docteur "
    "docteurs dr drs dre pr professeur service services patient patiente patients pour par avec sans sous sur "
    "dans chez vers objet merci bonjour cher chere dossier dossiers resultat resultats code cp bp cs ville rue "
    "avenue boulevard impasse monsieur madame mademoiselle messieurs mesdames m mr mme mlle mm preleve prelevee "
    "prelevement examen examens bilan hopital clinique laboratoire chu chr ch assure assuree mutuelle compte "
    "conclusion motif consultation diagnostic chambre lit vih hiv id n no numero rpps adeli finess siret siren "
    "ide interne externe signe valide suivi suivie vu vue venu venue entre entree sorti sortie admis admise "
    "adressee hospitalise hospitalisee presente presentait montre retrouve consulte souffre beneficie vient "
    "venait revient arrive arrivee opere operee traite traitee decede decedee connu connue rentre rentree reste "
    "marche mange dort refuse accepte demande dit pense prend porte allait va doit peut sera fut avait ayant "
    "etant atteint atteinte porteur porteuse enceinte celibataire mariee retraite retraitee antecedents atcd "
    "traitement ordonnance prescription biologie anapath radio scanner irm echographie tests test positif "
    "positive laboratoires societe societes ets etablissement etablissements association fondation groupe agence "
    "caisse cpam mairie ehpad cabinet jour garde astreinte pharmacie institut centre pole unite universite "
    "faculte ecole direction negatif negative absence presence evolution histoire examinateur destinataire "
    "expediteur correspondant copie cc docx pdf"
    .split()
)


@cache
def common_words() -> frozenset[str]:
    """Return the words of `recognizers/identity/common_words.txt`: folded, lower case."""
    from phiscan.content import recognizers_folder

    lines = (recognizers_folder() / "identity" / "common_words.txt").read_text(encoding="ascii").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def name_reach(value: str) -> int:
    r"""Return how many characters at the beginning of `value` are a name; 0 where it begins with none.

    >>> name_reach("DUPONT Marie Service de"), name_reach("EST SUIVI"), name_reach("LE GOFF ANNE SORTIE CE JOUR")
    (12, 0, 12)
    >>> name_reach("DUPONT nee MARTIN Sophie Sexe"), name_reach("MARTIN\nCardiologue"), name_reach("LE\nGOFF Yann")
    (24, 6, 12)
    """
    reading = _Reading()
    end = at = 0
    for match in _WORD.finditer(value):
        if not reading.takes(match.group(), "\n" in value[at : match.start()]):
            if reading.words == 1 and value.isupper() and is_common(value[:end].strip(" .").lower()):
                return 0  # MONSIEUR MONTRE UNE …
            break
        at = match.end()
        if reading.complete:
            end = at - (match.group().endswith(".") and not reading.initial)
    if not reading.words and _ALL_PARTICLES.fullmatch(value[:at]):
        return at  # Le Van: two particles are a name
    return end if reading.words else 0


def name_within(value: str) -> tuple[int, int]:
    """Return where in `value` a name stands that begins with no common word, of two words or a known first name.

    >>> name_within("JE VOIS CE JOUR LE GOFF ANNE"), name_within("Hopital Pasteur"), name_within("Le petit Hugo")
    ((16, 28), (0, 0), (9, 13))
    """
    for match in _WORD.finditer(value):
        word = match.group()
        lower = word.lower()
        common = is_common(lower) and not _is_surname(word, value[match.end() :])
        if word in "(," or word in _PARTICLES or lower in _MARKERS or (common and len(word) > _LEAST_COMMON):
            continue
        size = name_reach(value[match.start() :])
        name = value[match.start() : match.start() + size]
        real = [written.lower() for written in _WORD.findall(name) if written.lower().strip("'") not in _PARTICLES]
        if real and not (common and is_common(real[0])) and (len(real) > 1 or first_name(name)):
            return match.start(), match.start() + size
    return 0, 0


def _is_surname(word: str, behind: str) -> bool:
    """Whether a word only ends as common ones do (VASSEUR), in capitals before a given name that is not."""
    given = _WORD.match(behind, len(behind) - len(behind.lstrip(" ")))
    return (
        word.isupper()
        and word.lower() not in common_words()
        and given is not None
        and not given.group().isupper()
        and first_name(given.group())
    )


class _Reading:
    """A name as it is read, word by word."""

    def __init__(self) -> None:
        self.complete = False  # it may end with the word read last
        self.initial = False  # that word is an initial, and its full stop belongs to it
        self.words = 0  # initials and particles apart
        self._words = 0
        self._given = self._family = self._marked = self._capitals = False

    def takes(self, written: str, broken: bool) -> bool:
        """Whether the next word belongs to the name; `broken`: a line ends before it."""
        word = written.rstrip(".")
        lower = word.lower()
        if written in "(,":
            self.complete = False
            return self._words > 0
        if lower in _MARKERS and self.words and not self._marked:
            self._marked, self.complete, self._family = True, False, False
            return True
        if broken and self.complete and self._given and self._family:
            return False
        if lower.strip("'") in _PARTICLES:
            self.complete = False
            return True
        self.initial = len(word) == 1 or (len(word) == 3 and word[1] == "-")
        if self.initial:
            return self._takes_initial(written, broken)
        return self._takes_word(word, lower, broken)

    def _takes_initial(self, written: str, broken: bool) -> bool:
        if broken or not written.endswith(".") or not written[0].isupper():
            return False
        self._given = self.complete = True
        self._words += 1
        return self._words <= _MOST_WORDS

    def _takes_word(self, word: str, lower: str, broken: bool) -> bool:
        bare = re.sub(r"^[dl]'", "", lower)
        if (word[0].islower() and not _ELIDED.match(word)) or {bare, lower} & (_NEVER | _MARKERS) or bare in NOBODY:
            return False
        known = first_name(word)
        begins = not self._words or (self._marked and not self._family)
        surname = word.isupper() and self._words == 1 and not self._capitals  # after Jun, CISSE
        if not (begins or surname) and not known and is_common(bare):
            return False
        if self._words and broken and self.complete and not (known or surname) and (self._family or not self._given):
            return False
        self._capitals = word.isupper()
        self._family = self._family or not known or self._words > 0
        self._given = self._given or known
        self._words += 1
        self.words += 1
        self.complete = True
        return self._words <= _MOST_WORDS + 2 * self._marked


def is_common(bare: str) -> bool:
    """Whether every part of a word is a common one, which ends a name that has begun."""
    return all(part in common_words() or _ENDINGS.fullmatch(part) for part in bare.split("-"))


TRIMS: dict[str, Callable[[str], tuple[int, int]]] = {
    "name": lambda value: (0, name_reach(value)),
    "name_within": name_within,
}
