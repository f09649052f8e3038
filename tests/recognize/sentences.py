"""French sentences with facts in brackets, and how each is stated: one word for each bracket."""

from __future__ import annotations

import re

_CATEGORIES = {
    "hiv": "vih|séro(?:pos|nég)",
    "infection": "hépatite|vhc|vhb|bk",
    "cancer": "cancer|tumeur|récidive",
    "pregnancy": "grossesse",
    "addiction": "toxico",
}


def category_of(fact: str) -> str:
    """Return the category of a fact in these sentences."""
    found = (name for name, words in _CATEGORIES.items() if re.search(words, fact, re.IGNORECASE))
    return next(found, "diagnosis")


SENTENCES = [
    # affirmed
    ("Le patient est porteur du [VIH].", "AFFIRMED"),
    ("[VIH] positif", "AFFIRMED"),
    ("Sérologie [VIH] : positive", "AFFIRMED"),
    ("Patiente suivie pour un [cancer] du sein.", "AFFIRMED"),
    ("[Asthme] sous traitement de fond.", "AFFIRMED"),
    ("Présente un [diabète] de type 2.", "AFFIRMED"),
    ("Diagnostic : [diabète]", "AFFIRMED"),
    ("[VIH]+ connu", "AFFIRMED"),
    ("Il est traité pour [hépatite] B.", "AFFIRMED"),
    ("Enceinte de 12 SA, [toxoplasmose] confirmée.", "AFFIRMED"),
    # negated, before
    ("Pas de [VIH].", "NEGATED"),
    ("pas d'[asthme]", "NEGATED"),
    ("Absence de [diabète].", "NEGATED"),
    ("Aucun [cancer] connu.", "NEGATED"),
    ("Aucune [hépatite].", "NEGATED"),
    ("Sans [diabète] ni [asthme].", "NEGATED NEGATED"),
    ("N'a jamais eu d'[hépatite].", "NEGATED"),
    ("Pas d'argument pour un [cancer].", "NEGATED"),
    ("Pas de signe de [récidive].", "NEGATED"),
    ("On ne retrouve pas de [tumeur].", "NEGATED"),
    ("L'examen ne met pas en évidence de [tumeur].", "NEGATED"),
    ("Ni [VIH] ni [VHC].", "NEGATED NEGATED"),
    ("Elle nie toute [toxicomanie].", "NEGATED"),
    ("Le scanner élimine une [embolie].", "NEGATED"),
    # negated, after
    ("[VIH] négatif", "NEGATED"),
    ("La sérologie [VIH] est négative.", "NEGATED"),
    ("Sérologies [VIH] et [VHC] négatives.", "NEGATED NEGATED"),
    ("Recherche de [VIH] : négative", "NEGATED"),
    ("[VIH] : non réactif", "NEGATED"),
    ("[BK] absent", "NEGATED"),
    ("[Tumeur] éliminée au scanner.", "NEGATED"),
    ("[VIH], négatif en 2020", "NEGATED"),
    # hypothetical
    ("Suspicion de [cancer].", "HYPOTHETICAL"),
    ("[VIH] ?", "HYPOTHETICAL"),
    ("Probable [hépatite].", "HYPOTHETICAL"),
    ("[Asthme] possible.", "HYPOTHETICAL"),
    ("Rechercher un [cancer].", "HYPOTHETICAL"),
    ("Évoque une [tumeur].", "HYPOTHETICAL"),
    ("[Cancer] à éliminer.", "HYPOTHETICAL"),
    ("Aspect compatible avec un [cancer].", "HYPOTHETICAL"),
    ("[VIH] à contrôler.", "HYPOTHETICAL"),
    ("Résultat [VIH] en attente.", "HYPOTHETICAL"),
    ("Il pourrait s'agir d'un [cancer].", "HYPOTHETICAL"),
    ("Éventuelle [grossesse].", "HYPOTHETICAL"),
    ("[VIH] douteux", "HYPOTHETICAL"),
    # only looks negated
    ("L'examen ne permet pas d'exclure un [cancer].", "HYPOTHETICAL"),
    ("On ne peut pas éliminer une [tumeur].", "HYPOTHETICAL"),
    ("[Cancer] non exclu.", "HYPOTHETICAL"),
    # family
    ("Fils : [asthme].", "FAMILY"),
    ("Retrait des fils, [hépatite] B chronique.", "AFFIRMED"),
    ("Fils à retirer à J10, [cancer] du sein.", "AFFIRMED"),
    ("Mère atteinte d'un [cancer] du sein.", "FAMILY"),
    ("[Cancer] du sein chez sa mère.", "FAMILY"),
    ("Père [diabétique].", "FAMILY"),
    ("Antécédents familiaux de [cancer].", "FAMILY"),
    ("ATCD familiaux : [diabète]", "FAMILY"),
    ("Frère décédé d'un [cancer].", "FAMILY"),
    ("Sa sœur a un [asthme].", "FAMILY"),
    ("Pas de [diabète] dans la famille.", "FAMILY"),
    ("Grand-mère [diabétique]", "FAMILY"),
    ("Oncle [VIH] positif", "FAMILY"),
    # history
    ("Antécédent de [cancer] en 2010.", "HISTORY"),
    ("ATCD : [hépatite]", "HISTORY"),
    ("[Cancer] en rémission.", "HISTORY"),
    ("Antécédents : [asthme] dans l'enfance", "HISTORY"),
    # one clause does not speak for the next
    ("Pas de [VIH] mais [asthme] connu.", "NEGATED AFFIRMED"),
    ("Pas de fièvre. [VIH] connu.", "AFFIRMED"),
    ("[Asthme] connu. Pas de fièvre.", "AFFIRMED"),
    ("La mère va bien. [VIH] positif.", "AFFIRMED"),
    # the stronger of two
    ("Pas d'antécédent de [cancer].", "NEGATED"),
    ("Suspicion de [VIH] chez la mère", "FAMILY"),
    ("Pas de [cancer] possible à exclure chez le père", "FAMILY"),
]

# Shorthand that EDS-NLP does not read.
CUES_ONLY = [
    ("[VIH]-", "NEGATED"),
    ("[VIH] -", "NEGATED"),
    ("[VIH]-, [VHC]-, [VHB]+", "NEGATED NEGATED AFFIRMED"),
    ("[VIH]+", "AFFIRMED"),
    ("[VIH](-)", "NEGATED"),
    ("[VIH] 1/2 -", "NEGATED"),
    ("[VIH] neg", "NEGATED"),
    ("[VIH] nég.", "NEGATED"),
    ("[VIH] NEG ce jour", "NEGATED"),
    ("[VIH] : N", "NEGATED"),
    ("[VIH] = 0", "NEGATED"),
    ("[VIH] : -", "NEGATED"),
    ("[VIH] : ?", "HYPOTHETICAL"),
    ("[VIH]?", "HYPOTHETICAL"),
    ("[VIH] (?)", "HYPOTHETICAL"),
    ("[VIH]: pos", "AFFIRMED"),
    ("[VIH] ; négatif", "NEGATED"),
    ("[séronégatif]", "NEGATED"),
    ("Père VIH-, mère [VIH]+", "FAMILY"),
    ("[VIH] - RDV lundi", "AFFIRMED"),
    ("ex [toxicomane]", "HISTORY"),
    ("[Diabète] il y a 10 ans", "HISTORY"),
    ("Charge virale [VIH] indétectable sous traitement", "AFFIRMED"),
    ("ne fume pas\n[VIH] positif", "AFFIRMED"),
]
