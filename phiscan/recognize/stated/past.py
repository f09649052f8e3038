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
    r"atcds?", r"antecedents?", r"ancien(?:ne|s|nes)?", r"anciennement", r"ex", r"sequelles? (?:de|d|du)",
    r"guerison d[eu]?",
    r"histoire (?:de|d)(?! la maladie)", r"autrefois",
    r"(?:avait|avaient|a|ont) (?:deja )?(?:eu|fait) (?:une?|des|deux|trois)",
    r"cicatrice (?:serologique )?(?:de|d)?", r"ayant recu", r"avait recu", r"initialement par",
    r"en premiere (?:ligne|intention)",
)  # fmt: skip
_YEAR = r"(?:19[3-9][0-9]|20[0-4][0-9])"
_ENDED = (
    r"(?:(?:en )?remission|(?<!voie de )(?<!cours de )gueri(?:e|s|es|son)?|(?<!non )(?<!pas )sevre(?:e|s|es)?"
    r"|eradique(?:e|s|es)?|resolu(?:e|s|tive)?|remplace(?:e|s|es)? par|(?:l an|l annee) derni(?:er|ere)"
    rf"|jusqu (?:en|a) (?:{_MONTH} )?(?:19|20)[0-9][0-9]|cicatrice(?: serologique)?"
    rf"|(?:il y a|ya|y a) (?:environ |plus de |pres de )?{_NUMBER} (?:ans?|annees)|il y a longtemps|ancien(?:ne|s|nes)?"
    r"|(?:dans|pendant|durant|a) (?:l |son |sa |votre |la )(?:petite )?(?:enfance|adolescence|jeunesse)|antecedents?"
    r"|atcds?|(?:resolu|stoppe|cicatrise|arrete|abandonne)(?:e|s|es)? (?:en|depuis|il y a|a l age|pour|devant|car"
    r"|apres|suite)"
    r"|(?:par|dans) le passe|abstinente?s? depuis)(?![a-z0-9])"
)
_YEARS = rf"(?:(?:de )?{_YEAR} (?:a )?{_YEAR}|de [0-9]+ a [0-9]+ ans)(?![a-z0-9])"
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
_ONSET = words(
    r"depuis", r"diag[a-z]*", r"dg", r"introduction", r"suivie? pour", r"connue? pour", r"decou[a-z]*", r"connue?s?",
    r"posee?", r"debut[a-z]*", r"accept[a-z]*", r"suivie?s?",
    r"appar[a-z]*", r"revel[a-z]*", r"instaur[a-z]*", r"introdui[a-z]*", r"mise? (?:en place|sous)", r"accord[a-z]*",
    r"obten[a-z]*", r"reconnu[a-z]*", r"ouvert[a-z]*", r"valable", r"jusqu[a-z]*", r"prevu[a-z]*", r"renouvel[a-z]*",
    r"depist[a-z]*", r"des", r"evoluant", r"chronique", r"initi[a-z]*", r"confirm[a-z]*", r"valid[a-z]*", r"stad[a-z]*",
    r"persist[a-z]*",
)  # fmt: skip
_LASTING = words(
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
_GIVEN_UP = re.compile(
    rb"^[^.;F]{0,30}?(?<![a-z])(?:(?:arrete|stoppe)(?:e|s|es)?|arret (?:en|depuis|il y a|a l|(?:19|20)[0-9])"
    rb"|abstinen[a-z]+)(?![a-z])"
)
_SINCE = re.compile(rb"[^,.;]{0,20}(?:depuis|en (?:19|20)|il y a)")
_GAVE_UP = re.compile(
    rb"(?<![a-z])(?:(?:arret|sevrage) (?:du|de|de la|de l|d)|ne (?:fume|boit|consomme) plus(?: de| d)?) ?$"
)
_CONSUMED = re.compile(
    rb"(?:^|[a-z])[ :a]{0,4}(?:[0-9][0-9 ,.a]{0,6} ?(?:cig[a-z]*|verres?|v|joints?|paquets?|paq|g|l|bieres?|unites?"
    rb"|x)? ?(?:/|par| ) ?"
    rb"(?:j|jr|jour|sem|semaine|d)(?![a-z])|(?:actif|active|quotidien)|[0-9]+ cig)"
)
_TAKEN = re.compile(
    rb"(?<![a-z])(?:traitee?s? (?:actuellement )?par|sous|ttt?(?: par)?|substituee?s? par|equilibree?s? (?:par|sous)"
    rb"|actuellement)(?: (?:la|le|l|du|de|d))?(?: F+(?: et| puis|,)?)* ?$"
)
_STOPPED = re.compile(
    rb"(?<![a-z])(?<!a l )(?:arret(?:er|e|ons|ez)?|stop(?:per|pe)?|suspen(?:dre|sion|due?)|interrompre|interruption"
    rb"|supprimer"
    rb"|contre indi[a-z]+|eviter|ne pas (?:\w+ )?)(?: (?:de|d|du|des|la|le|les|l|ce jour))* ?:? ?$"
)
_STOPPED_BEHIND = re.compile(
    rb"^ ?(?:[0-9]+ ?(?:mg|g)? ?)?[:(,]? ?(?:(?:est|a ete|sont) )?(?:(?:a )?arrete[er]?e?s?|stoppee?s?|suspendue?s?"
    rb"|(?:est )?contre indiquee?s?|interrompue?s?|non (?:pris|debute|administre)e?s?)(?![a-z])(?! (?:en|il y a"
    rb"|depuis))"
)

_DISEASE = words("maladie", "syndrome", "hemophilie", "[a-z]+ose", "[a-z]+emie", "[a-z]+pathie")
LASTING = frozenset({"genetic", "blood_group", "ald", "lab_result", "exam_date", "disability"})  # never over

CUES = (_PAST, words(_ENDED, "sevree?", "guerie?"))

_TREATED_IN = re.compile(
    rf"(?<![a-z])(?:traite|opere|soigne|irradi|pris|prise)[a-z]* (?:en charge )?(?:en|vers|debut"
    rf"|fin) (?:{_WHEN} )?{_YEAR}"
    r"(?![^.;]{0,200}(?:depuis|actuel|en cours))[^.;]{0,200}$".encode()
)
_ONCE_TAKEN = re.compile(rb"^(?:ement)? (?:sous|traitee? par) $")
_FAILED = re.compile(
    rb"(?<![a-z])echecs?(?: anterieure?s?)?(?: (?:de|d|du|des|a|aux|au|sous))?(?: (?:l|la|le))?"
    rb"(?: F+(?:,| et| puis)(?: (?:de|d|du))?)* ?$"
)
_USELESS = re.compile(
    rb"^[^.;,F]{0,20}(?<![a-z])(?:inefficaces?|mal toler[a-z]+|echec|intoleran[a-z]+|sans (?:efficacite"
    rb"|effet))(?![a-z])"
)
_FINISHED = {
    "infection": re.compile(rb"^[^,.;:!?F>]{0,24}(?<!non )(?<![a-z])traitee?s?(?= ?[,.;)]|  |$)"),
    "cancer": re.compile(rb"^[^,.;:!?F>]{0,24}(?<!non )(?<![a-z])traitee?s?(?= ?[,.;)]|  |$)"),
    "diagnosis": re.compile(rb"^[^,.;:!?F>]{0,24}(?<!non )(?<![a-z])operee?s?(?= ?[,.;)]|  |$)"),
}
_OF_OLD = re.compile(rb"^(?:ex|ancien(?:ne)?s?) |(?<!non )(?<![a-z])sevre(?:e|s|es)?(?![a-z])")
_PAST_BREAK = re.compile(
    rb"[;!?>.]| (?:mais|actuellement|est|a ete|hospitalis[a-z]*|adress[a-z]*|consult[a-z]*|admis[a-z]*"
    rb"|vue?|qui|se plaint)(?= )"
)
_CURED = re.compile(
    rb"(?<![a-z])(?:guerie?s?|eradiquee?s?|en remission)[^.;F]{0,14}(?:\(|apres|par|avec|grace a"
    rb"|sous)[^.;F,]{0,14}$"
)


def past(before: bytes, fact: bytes, after: bytes, category: str) -> bool:
    """Whether the words round a fact say that it is over."""
    if category in LASTING:
        return False
    if _OF_OLD.search(fact):
        return True
    if category == "treatment" and (_FAILED.search(before) or _USELESS.match(after)):
        return True
    finished = _FINISHED.get(category)
    if finished is not None and finished.match(after):
        return True
    for cue in _PAST.finditer(before):
        gap = before[cue.end() :]
        if len(gap) < 200 and not _PAST_BREAK.search(gap):
            return _ONCE_TAKEN.match(gap) is not None or not still(before, fact, after, category)
    over = _OVER.match(after)
    if over and not _NOW.search(re.split(rb"[,.;]", after[over.end() :], maxsplit=1)[0]):
        return True
    if category == "addiction" and (
        _GIVEN_UP.match(after) or (_GAVE_UP.search(before) and _SINCE.match(after))
    ):
        return True
    if category == "treatment" and _TREATED_IN.search(before) and not _NOW.search(after[:40]):
        return True
    if _CURED.search(before) or (_TAKEN.search(before) and re.search(_YEAR.encode(), re.split(rb"[,.;:]", before)[-1])):
        return True
    if re.search(rb"(?<![a-z])(?:sevree?|guerie?) (?:de|d|du) (?:l |la |le )?$", before):
        return True
    return _dated(before, fact, after, category)


def _dated(before: bytes, fact: bytes, after: bytes, category: str) -> bool:
    """Whether a fact had its year: "appendicectomie 1987", "GEU en 2001", and not when a lasting disease began."""
    if category == "hiv" or _LASTING.search(fact):
        return False
    segment = re.split(rb"[,.;:]", before)[-1]
    if _ONSET.search(segment):
        return False
    behind = _IN_YEAR.match(_BRACKETED.sub(b"", after)) or _IN_YEAR.match(after)
    if behind and not _ONSET.search(behind["gap"] or b""):
        return True
    if category != "cancer" and _YEARLY.search(segment):
        return True
    ahead = _OF_YEAR.match(before)
    return ahead is not None and not _ONSET.search(ahead["gap"]) and not _ONSET.search(ahead["head"])


def still(before: bytes, fact: bytes, after: bytes, category: str) -> bool:
    """Whether a fact among antecedents goes on: taken now, consumed daily, an allergy, what never ends."""
    if (category in LASTING and not (category == "genetic" and _DISEASE.search(fact))) or fact.startswith(b"allerg"):
        return True
    own = re.split(rb"[,.;]", after, maxsplit=1)[0]
    if category == "addiction" and (_CONSUMED.match(after) or _CONSUMED.search(fact)):
        return True
    segment = re.split(rb"[,.;:]", before)[-1]
    if _NOW.search(own) or _NOW.search(segment):
        return True
    taken = category == "treatment" and _TAKEN.search(before)
    return bool(taken) and not re.search(rf"(?<![0-9]){_YEAR}|gueri|remission|opere".encode(), segment)


def stopped(before: bytes, after: bytes) -> bool:
    """Whether a drug is not to be taken, or no longer."""
    return _STOPPED.search(before) is not None or _STOPPED_BEHIND.match(after) is not None
