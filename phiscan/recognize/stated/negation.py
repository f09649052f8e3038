"""Whether a fact is denied: "pas de", "ni … ni", "négatif", "à 0", and what only looks like it.

"pas de" reaches over a list of nouns ("pas de fièvre, de toux ni de diarrhée"), "sans" to the next comma, "non" to the
next word. A result reaches back to the name of its test ("Ag HBs ..... négatif"), in the plural over the list before.
"""

from __future__ import annotations

import re

from phiscan.recognize.stated.words import masked, words

_COURSE = (
    "complication|decompensation|retentissement|progression|poussee|crise|exacerbation|effet|atteinte"
    "|prise|evolution|suivi|traitement|prise en charge|toxicite|tolerance|benefice|reponse|impact|cause|etiologie"
    "|explication"
)
_QUALITY = (
    "equilibre|controle|complique|traite|stabilise|suivi|opere|insulino ?dependant|insulino ?requerant|appareille"
    "|severe|grave|symptomatique|obstructif|resecable|operable|metastatique|ischemique|hodgkinien|invasif|alcoolique"
    "|specifique|observant|fixe|infiltrant|rehausse|febrile|transfuse"
)
_SEEN = "exclu|elimine|ecarte|infirme"

# Looks like a denial, and says nothing of the fact itself: masked before cues are looked for.
NEUTRAL = words(
    r"pas (?:que|seulement)", r"non seulement", r"n est pas sans", r"pas (?:avant|plus)",
    r"(?:pas|sans|aucune|absence)(?: de| d)? contre indications?(?: (?:aux?|a)(?: (?:la|l))?)?",
    r"en l absence d[e]? (?:amelioration|reponse|efficacite|evolution|contre indication|autre|resultat)s?",
    r"ne pas (?:substituer|oublier|arreter|interrompre|stopper|diminuer|modifier|depasser|sauter|suspendre|croquer"
    r"|ecraser"
    r"|ouvrir|couper|hesiter)",
    r"sans (?:gravite|sequelles?|particularite|anomalie|succes|reponse|gluten|sel|sucre|changement|modification"
    r"|rapport|lien|incidence|precision|certitude|preuve|delai|doutes?|traitement|suivi)",
    r"(?:pas d[e]?|aucune?|sans) (?:changement|modification|amelioration|aggravation|doute)s?",
    r"(?:pas|non) (?:change|modifie|ameliore|aggrave)[a-z]*",
    rf"(?:pas|non|mal|peu|jamais) (?:(?:tres|bien|suffisamment|completement|encore|a ce jour) )?(?:{_QUALITY})[a-z]*",
    r"non (?:a )?petites? cellules",
    r"ne (?:prend|prends|suit|veut|supporte|tolere|connait|modifie) (?:plus|pas) (?:(?:bien|toujours) )?"
    r"(?:son|sa|ses|le|la|les|l|en|etre)",
    r"(?:ne|n) (?:\w+ )?pas (?:arrete|stoppe|interrompu|diminue|reduit|oublie)[a-z]*",
    rf"(?:pas|sans|aucune?) (?:de |d )?(?:{_COURSE})s? (?:\w+ ){{0,2}}?"
    r"(?:(?:de|pour|sur|a) (?:son|sa|ses|cette|ce)|du|de la|de l|lie a|liee a|au|aux|a la|a l)",
)  # fmt: skip
# Denied to be excluded: left open.
OPEN = words(
    r"(?:(?:ne|n) )?(?:permet(?:tent|tant)?|peut|peuvent|peux|pouvons|pouvoir|pouvait|suffi[a-z]+) (?:pas )?"
    r"(?:[a-z]+ment )?(?:de |d )?(?:[a-z]+ment )?(?:en )?(?:exclure|eliminer|ecarter|infirmer)",
    rf"(?:ne |n )(?:peut|peuvent|pouvant|pourra) (?:pas )?(?:[a-z]+ment )?etre (?:[a-z]+ment )?(?:{_SEEN})e?s?",
    r"sans (?:pouvoir |pour autant )?(?:l |la |les )?(?:exclure|eliminer|ecarter)",
    r"(?:ne|n) (?:exclut|exclue|elimine|ecarte|infirme)(?:nt)? pas",
    r"s il (?:ne s agit|n y a) pas(?: (?:de|d))?", r"ne s agit il pas(?: (?:de|d))?",
    r"(?:difficile|impossible|delicat) d(?:e|) (?:exclure|eliminer|ecarter)",
    rf"(?:doi(?:t|vent)|devra|devrait) (?:\w+ )?etre (?:{_SEEN})e?s?",
    rf"(?:pas|non|jamais) (?:ete )?(?:[a-z]+ment )?(?:{_SEEN}|confirme|documente|prouve)e?s?",
    r"(?:doute|hypothese) (?:\w+ )?n est pas \w+", r"sans (?:certitude|preuve)",
)  # fmt: skip

_DENIED = words(
    r"pas (?:de|d|du)", r"pas (?:d |de )?(?:argument|signe|trace|notion|antecedent|element|image)s?(?: [a-z]+){0,2}? "
    r"(?:pour|en faveur d[eu]?|d[eu]?)", r"absences?", r"aucune?s?", r"jamais", r"indemnes?", r"exempte?s?",
    r"(?:de)?nie(?:nt|r)?", r"niant", r"(?:refute|rejette)", r"peu d arguments? (?:pour|en faveur d[eu]?)",
    r"incompatibles? avec", r"(?:exclusion|elimination) d[eu]?",
    r"nullement", r"(?:permet(?:tent|tant|tra)?|permis) d (?:exclure|eliminer|ecarter)",
    r"(?:serologies?|recherches?|pcr|tests?|bilan|hemocultures?|marqueurs|depistages?)(?: \w+){0,3}? neg(?:ati(?:f"
    r"|fs|ve|ves))?(?= ?[:(])",
 r"hors de cause", r"depourvue?s?",
    r"(?:ne|n) (?:(?:y|en|lui|l|nous) )?(?:\w+ ){1,2}pas (?:\w+ ){0,3}?(?:de|d|une?|en evidence|en faveur|du|ni)",
    r"(?:ne|n) (?:\w+ ){1,2}(?:jamais|ni|aucune?)", r"ne pas (?:\w+ )?d[e]?", r"plus aucune?",
    r"(?:exclue?s?|elimine(?:e|es|s|nt)?|ecarte(?:e|es|s|nt)?|infirme(?:nt|e)?)(?= (?:une?|le|la|l|toute?"
    r"|l hypothese))",
    r"(?:exclu|elimine|ecarte|infirme|nie|absent)e?s? ?:", r"(?:denue|vierge|libre|exempt)e?s? (?:de|d)",
    r"(?:non|pas) (?:retrouve|vu|objective|detecte|visualise|identifie)e?s? ?:", r"exclut",
    r"(?:excluant|eliminant|ecartant)",
    r"rien (?:ne |n )?(?:evoque|suggere|oriente|plaide|indique|permet)[a-z]*(?: (?:vers|pour|d evoquer))?",
    r"(?:sero ?)?neg(?:ati(?:f|fs|ve|ves|vite))? (?:pour|a)", r"disparition",
)  # fmt: skip
_WITHOUT = words(r"sans", r"ni", r"hors")
_NO_LONGER = re.compile(
    rb"(?:^|[,:(>] ?)[ ]{0,3}plus (?:de|d|du) (?![0-9])|(?<![a-z])n (?:a|ai|ont|y a) plus (?:de|d|du) "
)
_NOT = re.compile(
    rb"(?<![a-z0-9])(?:(?:non|pas|jamais)(?: (?:encore|connue?|une?|immunisee? (?:contre|pour)|porteu[a-z]+ d[eu]?"
    rb"|atteinte? d[eu]?))?(?: (?:l|la|le))?|ni) ?$"
    rb"|(?<![a-z])abstinence (?:totale |complete )?(?:de|d) $|(?:^|[,;:.(\n>] ?|  )0 $|\[ ?\] ?$"
)
_VACCINATED = re.compile(
    rb"(?<![a-z])(?:vacc(?:in(?:e|ee|ation|s)?)?|immunisee?|protegee?)(?: a jour)?(?: (?:contre|anti|pour|de))?"
    rb"(?: (?:l|la|le|les))? ?:? ?$"
)
_INSIDE = words(
    r"sero ?neg[a-z]*", r"hors", r"pas d[e']?", r"non", r"sans", r"absence d[e']?", r"aucune?s?", r"neant", r"ras"
)

# Where the reach of "pas de" ends.
_BREAK = re.compile(
    rb"[;!?|>=]| (?:mais|cependant|toutefois|neanmoins|sauf|hormis|excepte|en dehors|par contre|en revanche|alors que"
    rb"|tandis que|malgre|donc|puis|car|en raison|compte tenu|du fait|devant|vu|suite a|apres|depuis|sous|avec|dans le"
    rb"|pour (?:son|sa|ses)|d ou|liee? a|secondaire a|au decours|chez (?:ce|cette|une?))(?= )"
)
_ITEM_OF_ITS_OWN = re.compile(
    rb"^ ?(?:et |ou )?(?:une?|le|la|les|l|des|son|sa|ses|cette|ce|on|il|elle|ils|avec|bon|bonne|quelques|deux|trois"
    rb"|plusieurs|petite?s?|traite[a-z]*|suivi[a-z]*|stabilite|persistance|presence|aspect|majoration|diminution"
    rb"|regression"
    rb"|discrete?s?) "
)
_SMALL = (
    r"(?:[ ](?:de|d|du|des|pour|une?|la|le|l|les|en faveur|ni|ou|et|nouvel(?:le)?s?|autres?|aucune?|toute?|F+))"
)
_DIRECT = re.compile(  # "sans diabète ni", "sans signe évident de"
    rf"^(?:{_SMALL}*(?:[ ](?:syndrome|lesion|atteinte|trouble|crise|episode|signe|maladie|consommation|prise|recidive"
    rf"|image)s?)?"
    rf"|[ ][a-z]+(?:[ ][a-z]+)?[ ](?:de|d|du|pour|en faveur|evocat[a-z]+"
    rf"|suspecte?s?){_SMALL}*(?:[ ][a-z]+)?)[ ]?$".encode()
)
# Something that is said of an item of a list, which so is stated for itself.
_SAID = words(
    r"connue?s?", r"traitee?s?", r"sous", r"depuis", r"pos(?:iti(?:f|fs|ve|ves))?", r"presente?s?",
    r"en (?:19|20)[0-9]{2}",
    r"stables?", r"retenue?s?", r"confirmee?s?", r"diagnostiquee?s?", r"objectivee?s?", r"sevree?s?",
    r"suivie?s?", r"opere?e?s?", r"est|sont|ont|avait|etait", r"actuel(?:le|les|s|lement)?",
    r"[0-9,.]+ ?(?:mg|g|ml|mm|cm|kg|sa|j|pa|ui|%)", r"equilibree?s?",
    r"(?:moder|discret|minim|leger|sever|important|aigu)[a-z]*", r"neg(?:ati(?:f|fs|ve|ves))?", r"non", r"0",
)  # fmt: skip
_LISTED_ON = re.compile(rb"^ ?(?:(?:et|ou) )?(?:de|d|du|des|ni|aucune?) ")
_PLUS = re.compile(rb"^ ?[+]")

_OF_TEST = (
    r"(?:igg|igm|iga|ac|ag|anticorps|antigenes?|anti|totaux|total|pcr|arn|adn|p24|et|ou|[+]|combinee?|serologies?"
    r"|recherche|tests?|trod|depistage|resultats?|quantitati(?:f|ve)|qualitati(?:f|ve)|[0-9]|urinaires?|sanguine?s?"
    r"|rapide|elisa|la|le|les|l|d|de|du|des|virus|toxine|dans|sang|selles)"
)
_VALUE = (
    r"(?:neg(?:atif|atifs|ative|atives|atv|at)?|negativee?s?|absence(?= |$)|non (?:retenue?s?|reacti(?:f|ve)s?"
    r"|detect(?:ee?s?|ables?)|retrouvee?s?"
    r"|immunisee?s?|immune|objectivee?s?|visualisee?s?|identifiee?s?|vue?s?|porteuse?|porteur|connue?s?"
    r"|mise? en evidence)"
    r"|(?:pas|jamais) (?:ete )?(?:retenue?s?|retrouvee?s?|vue?s?|detectee?s?|connue?|porteuse?|porteur|immunisee?"
    r"|mise? en evidence)"
    r"|absente?s?|sauvages?|wild type|non mutee?s?|exclue?s?|eliminee?s?|ecartee?s?|infirmee?s?|indetectables?"
    r"|non immun(?:s|es)?|(?<!auto )immune"
    r"|immunisee?s?|steriles?|niee?s?|recusee?s?|rejetee?s?|refutee?s?"
    r"|immunite (?:ancienne|vaccinale|acquise)|vaccinee?s?|profil vaccinal|hors de cause"
    r"|(?:est|sont|soit|reste|etait) (?:normale?s?|normaux))(?![a-z0-9])(?! si(?![a-z])| pour (?:une? |l[ae]? )?F"
    r"| ?[<>])"
)
_RESULT = re.compile(
    (
        rf"^(?:[ ]{{0,3}}(?:{_OF_TEST}(?![a-z])|\([^()]{{0,40}}\)|,(?= ?{_OF_TEST}(?![a-z]))))*"
        rf"[ ]{{0,3}}[:=;,]?[ ]{{0,3}}\(?{_VALUE}"  # "IgG, IgM : négatif"
        rf"|^(?:[^,.;:!?F>]{{0,46}}[ ])?\(?{_VALUE}"  # among the words after the fact
        rf"|^[^,.;!?F>]{{0,30}}:[ ](?:(?:[^,;!?(>]|,(?=[0-9])){{0,44}}[ ])?\(?{_VALUE}"  # behind a colon
        rf"|^[^;!?F>(]{{0,12}}[ ]{{2}}(?:[^;!?F>(]{{0,30}}[ ])?{_VALUE}"  # in a column of the same line
    ).encode()
)
_LIST = (
    r"^(?:[ ]?(?:,|:|et|ou|[+]|ni)?[ ]?(?:(?:la|le|les|l|d|de|du|ac|ag|anti|igg|igm|serologies?|pcr|antigene)[ ])*"
    r"(?:F+|[a-z0-9]{2,14})(?:[ ](?:igg|igm|[a-z0-9]))?(?=[ ]?[,:(]|[ ](?:et|ou|neg|sont|non|absent))){1,8}"
    r"(?:[ ]?\([^()]{0,30}\))?[ ]?[:=]?[ ]{0,3}(?:(?:sont|etaient|reviennent|toutes|tous|serologies|recherches|tests"
    r"|pcr)[ ])?"
)
_RESULTS = re.compile(
    rf"{_LIST}(?:negati(?:fs|ves)|non (?:reacti(?:fs|ves)|detecte(?:e)?s|retrouve(?:e)?s)|absent(?:e)?s|indetectables)"
    r"(?![a-z])".encode()
)
_NONE = re.compile(
    rb"^ ?(?:[:=,] ?)?\(?(?:0|non|jamais|neant|zero|nul(?:le)?s?|c est non)(?= ?[.,;)|](?![0-9])| \(|  |$| a ce jour)"
    rb"|^(?: et autres?)? {0,3}[:=] {0,3}(?:n|neant|0|non|jamais|sans objet|na|nc)(?![a-z0-9%.,])"
    rb"|^ {0,3}[:=] {0,3}(?:(?:absence|aucune?s?|pas)(?= ?[.,;)]|  |$| connue?| a ce| retrouv| sign| declar| fum"
    rb"| de (?:mesusage|consommation|prise|conso|dependance)))"
    rb"|^(?: ?/ ?[a-zF ]{2,20}?)?  non(?=  |$)"  # a row of a table of yes and no
)
_BOX = re.compile(rb"^(?: [a-z]{1,10}){0,2}[ :?]{0,12}(?:\[ ?\] ?oui[ ]{1,6})?(?:\[[x*]\]|x) ?non(?![a-z])")
_POSITIVE = re.compile(
    rb"^[^,.;F(]{0,40}?(?<![a-z])(?:pos(?:iti(?:f|fs|ve|ves))?|(?<!non )reacti(?:f|ve)|presente?s?"
    rb"|[+]{1,3})(?![a-z0-9])"
    rb"|^[^,.;F(]{0,40}?(?<!non )(?<![a-z])detectee?s?(?![a-z])"
)
_OTHER = words(
    "vih", "hiv", "vh[abcde]", "h[bc]v", "(?:ac |ag )?(?:anti )?hb[sce]", "aghbs", "toxo[a-z]*", "rub[a-z]*", "cmv",
    "ebv",
    "syphilis", "tpha", "vdrl", "chlamydia[e]?", "gonocoques?", "covid", "rai", "coombs", "hcg", "bhcg", "hpv", "tb",
    "bk",
    "bu", "ecbu", "grippe",
)  # fmt: skip
_ALL = words(r"negati(?:fs|ves)")
_LOAD = words("cv", "charges? virales?", "adn", "viremie", "vih", "hiv", "vih [12]")
_BRACKETED = re.compile(rb" ?\([^()]{0,60}\)")
_CLAUSE_BETWEEN = re.compile(rf"^,[^,;.F]{{3,40}}, (?:est|sont|revient|reviennent) (?:toujours )?{_VALUE}".encode())

CUES = (
    OPEN, _DENIED, _WITHOUT, words(_VALUE, "plus d[e]?", "plus du", "non", "pas", "vacc", "vaccine?e?", "protegee?")
)  # fmt: skip




def negated(before: bytes, fact: bytes, after: bytes) -> bool:
    """Whether the words round a fact deny it."""
    before, after = masked(NEUTRAL, masked(OPEN, before)), masked(NEUTRAL, masked(OPEN, after))
    if _INSIDE.match(fact) or _NOT.search(before) or _VACCINATED.search(before):
        return True
    if any(_reaches(before[cue.end() :], after) for cue in _DENIED.finditer(before)):
        return True
    if any(_near(before[cue.end() :]) for cue in _WITHOUT.finditer(before)):
        return True
    gone = _NO_LONGER.search(before)
    return (gone is not None and _near(before[gone.end() :])) or _result(before, fact, after)


def denies(text: bytes) -> bool:
    """Whether a text begins with a denial: "absence d'anticorps"."""
    text = masked(NEUTRAL, masked(OPEN, text))
    return _DENIED.match(text) is not None or _WITHOUT.match(text) is not None


def by_signs(fact: bytes, after: bytes) -> bool:
    """Whether a fact is denied without any cue: "séronégatif", "tabac 0"."""
    return _INSIDE.match(fact) is not None or _NONE.match(after) is not None


def _reaches(gap: bytes, after: bytes) -> bool:
    """Whether a denial reaches over the words before a fact: a list of nouns, none with a word of its own."""
    if len(gap) > 140 or b". " in gap or _BREAK.search(gap):
        return False
    head, *rest = gap.split(b",")
    if not rest:
        return _open_bracket(head)
    if any(_ITEM_OF_ITS_OWN.match(item) for item in rest):
        return False
    if all(_LISTED_ON.match(item) for item in rest):
        return True  # "de toux, ni de diarrhée": the denial goes on
    if any(_SAID.search(item) for item in rest):
        return False
    own = re.split(rb"[,.;(\n]", after, maxsplit=1)[0]
    return not _PLUS.match(after) and not _SAID.search(own) and len(rest[-1].split()) < 5


def _near(gap: bytes) -> bool:
    """Whether "sans" reaches over some words."""
    return _DIRECT.match(gap) is not None and not _BREAK.search(gap)


def _open_bracket(gap: bytes) -> bool:
    """Whether what is in brackets between a cue and a fact ends before the fact, or the fact is in brackets too."""
    if b"(" in gap and b")" not in gap:
        return len(gap.partition(b"(")[0].split()) < 5  # said of the message: "ne pas laisser de message (…"
    return b")" not in gap or b"(" in gap


def _result(before: bytes, fact: bytes, after: bytes) -> bool:
    """Whether a result after a fact says that it is not there."""
    said = _POSITIVE.match(after)
    if said and not re.search(rb"(?<![a-z])neg", said.group()):
        return False
    if _NONE.match(after) or _BOX.match(after) or _CLAUSE_BETWEEN.match(after) or _RESULTS.match(after):
        return True
    other = _OTHER.search(after)
    if other and not _ALL.search(after):  # "enceinte, toxo negative": the result is the other's
        after = after[: other.start()]
    found = _RESULT.match(after) or _RESULT.match(_BRACKETED.sub(b"", after))
    if found is None:
        return False
    held = b"indetectable" in found.group() and _LOAD.search(before[-40:] + fact + found.group())
    return not held  # under treatment the virus is there all the same
