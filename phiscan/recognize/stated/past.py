"""Whether a fact is over: antecedents, what was cured, stopped or had its year, and what a past says of drugs."""

from __future__ import annotations

import re

from phiscan.recognize.stated.words import words

_MONTH = (
    r"(?:janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
    r"|(?:janv|fev|avr|juil|sept|oct|nov|dec)\.?)"
)
_WHEN = rf"(?:{_MONTH}|0?[1-9]|1[0-2])"
_NUMBER = r"(?:[0-9]+|plusieurs|quelques|une?|deux|trois|quatre|cinq|six|sept|huit|dix|quinze|vingt|trente)"

_PAST = words(
    r"auparavant", r"precedemment", r"anterieurement",
    r"atcds?", r"antecedents?", r"ancien(?:ne|s|nes)?", r"anciennement", r"ex(?! ?(?:[a-z]{2,12} ?)?[:.])",
    r"sequelles? (?:de|d|du)",
    r"guerison d[eu]?", r"(?:revele|inaugure)e?s? par",
    r"histoire (?:de|d)(?! la maladie)", r"autrefois",
    r"(?:avait|avaient|a|ont) (?:deja )?(?:eu|fait) (?:une?|des|deux|trois)",
    r"cicatrice (?:serologique )?(?:de|d)?", r"ayant recu", r"avait recu", r"initialement par",
    r"simplification (?:de|d)", r"en premiere (?:ligne|intention)",
    r"avai(?:t|ent) ete (?:traite|mise?|prise?)e?s?(?: en charge)?(?: par| sous)?",
    r"deja (?:ete )?(?:traite|essaye|recu|pris|eu)e?s?(?: par)?", r"(?:ne|n) (?:fume|boit|consomme|prend) plus",
    rf"(?:recu|realise|effectue|beneficie|administre|eu)e?s?(?: d| de)? {_NUMBER} (?:cures?|cycles?"
    rf"|seances?)(?: (?:d|de))?",
    r"(?:le mois|la semaine|l annee|l ete|l hiver) (?:dernier|derniere|passee?|precedente?) pour",
)  # fmt: skip
_YEAR = r"(?:19[3-9][0-9]|20[0-4][0-9])"
_ENDED = (
    r"(?:(?:en )?remission|(?<!voie de )(?<!cours de )gueri(?:e|s|es|son)?|(?<!non )(?<!pas )sevre(?:e|s|es)?"
    r"|eradique(?:e|s|es)?|resolu(?:e|s|tive)?|remplace(?:e|s|es)? par|(?:l an|l annee) derni(?:er|ere)"
    rf"|jusqu (?:en|a) (?:{_MONTH} )?(?:19|20)[0-9][0-9]|cicatrice(?: serologique)?"
    rf"|(?:il y a|ya|y a) (?:environ |plus de |pres de )?{_NUMBER} (?:ans?|annees)|il y a longtemps|ancien(?:ne|s"
    rf"|nes)?"
    r"|(?:dans|pendant|durant|a|de|pdt|ds) (?:l |son |sa |votre |la )?(?:petite )?(?:enfance|adolescence|jeunesse)"
    r"|antecedents?"
    r"|(?:le mois|la semaine|l ete|l hiver|le printemps|l automne) (?:dernier|derniere|passee?|precedente?)"
    r"|l an(?:nee)? passee?"
    r"|(?:essaye|tente|teste|pris)e?s? (?:puis|et|mais) (?:stoppe|arrete|abandonne|interrompu)e?s?"
    r"|relayee?s? par|au profit (?:de|d|du)|au (?:lycee|college)|dans les annees [0-9]{2,4}"
    r"|atcds?|(?:resolu|stoppe|cicatrise|arrete|abandonne)(?:e|s|es)? (?:en|depuis|il y a|a l age|pour|devant|car"
    r"|apres|suite)"
    r"|(?:par|dans) le passe|abstinente?s? depuis)(?![a-z0-9])"
)
_LATELY = re.compile(
    rf"^[^,.;:!?F>]{{0,25}}?(?:(?<= )(?:ado|enfant)(?= ?[,.;)]|$|  )|(?:il y a|ya|y a) (?:environ |plus de "
    rf"|pres de )?{_NUMBER} mois(?![a-z]))"
    .encode()
)
_YEARS = rf"(?:(?:de |entre )?{_YEAR} (?:a |et )?{_YEAR}|de [0-9]+ a [0-9]+ ans)(?![a-z0-9])"
_OVER = re.compile(
    rf"^(?:[^.;!?F>]{{0,50}}?|[^,.;!?>]{{0,70}}?)(?<![a-z0-9])(?:{_ENDED}|{_YEARS})".encode()
)
_DATE = (
    rf"(?:(?<![a-z])(?:en|vers|fin|debut|courant|ete|hiver|automne) (?:{_WHEN} )?{_YEAR}"
    rf"|(?<= )en [5-9][0-9](?= ?[,;.)]|$)"
    rf"|\( ?(?:en )?(?:{_WHEN} )?{_YEAR}|(?<= )(?:0[1-9]|1[0-2]) {_YEAR}|(?<= ){_MONTH} {_YEAR}"
    rf"|(?<=[a-z] ){_YEAR}(?= ?[,;.)/]|  |$)"
    r"|(?<![a-z])a (?:l age de )?[0-9]{1,2} (?:ans|mois))(?![0-9])"
)
_IN_YEAR = re.compile(rf"^(?: de F+)?(?P<gap>[^,.;:!?F>(0-9]{{0,48}}?){_DATE}|^[ ]{_YEAR}(?![0-9])".encode())
_BRACKETED = re.compile(rb" ?\([^()]{5,60}\)")
_YEARLY = re.compile(
    (
        rf"(?<![a-z])(?:(?:en|vers|fin|debut) (?:{_WHEN} )?{_YEAR}(?![0-9])|a (?:l age de )?[0-9]{{1,2}} ans)"
    ).encode()
)
_OF_YEAR = re.compile(
    rf"^(?P<head>[ *>-]{{0,5}}(?:en )?(?:{_WHEN} )?"
    rf"|.*[a-z] (?:en )?(?=[0-9]{{4}} ?:)){_YEAR} ?[:,]? (?P<gap>[^.;:!?]{{0,90}})$".encode()
)
# A year with such a word is when something began.
ONSET = words(
    r"depuis", r"bilan", r"controle", r"rdv", r"diag[a-z]*", r"dg", r"introduction", r"suivie? pour",
    r"connue? pour", r"decou[a-z]*", r"connue?s?",
    r"posee?", r"debut[a-z]*", r"accept[a-z]*", r"suivie?s?",
    r"appar[a-z]*", r"revel[a-z]*", r"instaur[a-z]*", r"introdui[a-z]*", r"mise? (?:en place|sous)", r"accord[a-z]*",
    r"obten[a-z]*", r"reconnu[a-z]*", r"ouvert[a-z]*", r"valable", r"jusqu[a-z]*", r"prevu[a-z]*", r"renouvel[a-z]*",
    r"depist[a-z]*", r"des", r"evoluant", r"chronique", r"initi[a-z]*", r"confirm[a-z]*", r"valid[a-z]*",
    r"stad[a-z]*",
    r"persist[a-z]*",
)  # fmt: skip
LASTING_DISEASE = words(
    r"diabet[a-z]*", r"hta", r"hypertension", r"asthm[a-z]*", r"bpco", r"sep", r"sclerose", r"parkinson[a-z]*",
    r"alzheimer",
    r"epilep[a-z]*", r"polyarthrite", r"insuffisance (?:renale|cardiaque|respiratoire)", r"irc", r"lupus", r"crohn",
    r"rch",
    r"hypothyroidie", r"schizophren[a-z]*", r"bipolaire", r"vih", r"hiv", r"sida", r"sero ?positi[a-z]*",
    r"spondyl[a-z]*",
    r"mucoviscidose", r"drepanocyt[a-z]*", r"huntington", r"autis[a-z]*", r"tsa", r"dmla", r"glaucome", r"demence",
    r"psoriasis", r"dt[12]", r"dnid", r"did", r"myopathie", r"trisomie", r"hemophil[a-z]*", r"thalassem[a-z]*",
    r"allerg[a-z]*",
)  # fmt: skip
_NOW = words(
    r"actuel(?:le|les|s|lement)?", r"en cours", r"acti(?:f|ve|fs|ves)", r"ce jour", r"persist[a-z]*", r"toujours",
    r"par jour",
    r"quotidien[a-z]*", r"non sevree?", r"poursui[a-z]*", r"encore",
)  # fmt: skip
_GOES_ON = re.compile(
    rb"^[^,.;F]{0,24}(?<![a-z])(?:non traitee?s?|a la demande)(?![a-z])|"
    rb"^[^.;F]{0,20}, (?:toujours|actuellement|encore) (?:sous|traite|suivi|en cours|present|acti)")
_TAKEN = re.compile(
    rb"(?<![a-z])(?:traitee?s? (?:actuellement )?par|sous|ttt?(?: par)?|substituee?s? par|equilibree?s? (?:par|sous)"
    rb"|actuellement)(?: (?:la|le|l|du|de|d))?(?: F+(?: et| puis|,)?)* ?$"
)


CUES = (_PAST, words(_ENDED, "sevree?", "guerie?"))

_ONCE_TAKEN = re.compile(rb"^(?:ement)? (?:sous|traitee? par) $")
_OF_OLD_AGE = (b"ancien", b"ancienne")  # "depression ancienne sous F": an old disease that is treated today
_OF_OLD = re.compile(rb"^(?:ex|ancien(?:ne)?s?) |(?<!non )(?<![a-z])sevre(?:e|s|es)?(?![a-z])")
_PAST_BREAK = re.compile(
    rb"[;!?>.]| (?:mais|actuellement|est|a ete|hospitalis[a-z]*|adress[a-z]*|consult[a-z]*|admis[a-z]*"
    rb"|vue?|qui|se plaint)(?= )"
)
_CURED = re.compile(
    rb"(?<![a-z])(?:guerie?s?|eradiquee?s?|en remission)[^.;F]{0,14}(?:\(|apres|par|avec|grace a"
    rb"|sous)[^.;F,]{0,14}$"
)


def past(before: bytes, fact: bytes, after: bytes) -> bool:
    """Whether the words round a fact say that it is over."""
    if _OF_OLD.search(fact):
        return True
    for cue in _PAST.finditer(before):
        gap = before[cue.end() :]
        if len(gap) < 200 and not _PAST_BREAK.search(gap):
            once = cue.group() not in _OF_OLD_AGE and _ONCE_TAKEN.match(gap) is not None
            once = once or cue.group().startswith((b"deja", b"avai"))
            return once or not still(before, fact, after)
    lately = _LATELY.match(after)
    if lately and not ONSET.search(lately.group()) and not ONSET.search(before[-30:]):
        return True
    over = _OVER.match(after)
    if over and not _NOW.search(re.split(rb"[,.;]", after[over.end() :], maxsplit=1)[0]):
        return True
    if _CURED.search(before) or (_TAKEN.search(before) and re.search(_YEAR.encode(), re.split(rb"[,.;:]", before)[-1])):
        return True
    if re.search(rb"(?<![a-z])(?:sevree?|guerie?) (?:de|d|du) (?:l |la |le )?$", before):
        return True
    return _dated(before, fact, after)


def _dated(before: bytes, fact: bytes, after: bytes) -> bool:
    """Whether a fact had its year: "appendicectomie 1987", "GEU en 2001", and not when a lasting disease began."""
    if LASTING_DISEASE.search(fact):
        return False
    segment = re.split(rb"[,.;:]", before)[-1]
    if ONSET.search(segment):
        return False
    behind = _IN_YEAR.match(_BRACKETED.sub(b"", after)) or _IN_YEAR.match(after)
    if behind and not ONSET.search(behind["gap"] or b""):
        return True
    if _YEARLY.search(segment):
        return True
    ahead = _OF_YEAR.match(before)
    return ahead is not None and not ONSET.search(ahead["gap"]) and not ONSET.search(ahead["head"])


_TREATED_NOW = re.compile(
    rb"^[^.;,:\n]{0,30}?(?<![a-z])(?:sous (?!controle|surveill|anesth|coelio)[a-zF]|(?<!non )traitee?s?(?= ?[,.;)\n]|$)"
    rb"|substituee?s?|appareillee?s?|insulin(?:ee?|o ?dependante?|o ?requerante?|otraitee?)s?|non operee?s?"
    rb"|equilibree?s?"
    rb"|depuis (?:l |la |le )?(?:(?:19|20)[0-9]{2}|[0-9]{1,2} (?:ans|mois)|age|enfance|naissance))(?![a-z])"
)
_TICKED = re.compile(rb"^(?: ?/ ?[a-zF ]{2,20}?)? {2,60}oui(?= {2}|$)")  # a row of a table of yes and no
_TICKED_BEFORE = re.compile(rb" {2}oui {2,}[^\n]*$")


def still(before: bytes, fact: bytes, after: bytes) -> bool:
    """Whether a fact among antecedents goes on: treated now, an allergy, what never ends."""
    if fact.startswith(b"allerg") or _TREATED_NOW.match(after):
        return True
    own = re.split(rb"[,.;]", after, maxsplit=1)[0]
    if _GOES_ON.match(after) or _TICKED.match(after) or _TICKED_BEFORE.search(before):
        return True
    segment = re.split(rb"[,.;:]", before)[-1]
    return _NOW.search(own) is not None or _NOW.search(segment) is not None
