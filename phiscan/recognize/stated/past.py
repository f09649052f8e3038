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
_GIVEN_UP = re.compile(
    rb"^[^.;F]{0,30}?(?<![a-z])(?:(?:arrete|stoppe|cesse|interrompu)(?:e|s|es)?|arret (?:en|depuis|il y a|a l|(?:19"
    rb"|20)[0-9])"
    rb"|abstinen[a-z]+)(?![a-z])"
)
_SINCE = re.compile(rb"[^,.;]{0,20}(?:depuis|en (?:19|20)|il y a)")
_GAVE_UP = re.compile(
    rb"(?<![a-z])(?:(?:arret|sevrage) (?:du|de|de la|de l|d)|ne (?:fume|boit|consomme) plus(?: de| d)?) ?$"
)
_GOES_ON = re.compile(
    rb"^[^,.;F]{0,24}(?<![a-z])(?:non traitee?s?|a la demande)(?![a-z])|"
    rb"^[^.;F]{0,20}, (?:toujours|actuellement|encore) (?:sous|traite|suivi|en cours|present|acti)")
_FINISHED_DRUG = re.compile(rb"^ ?(?:[0-9]+ ?(?:j|jours?|semaines?|mois) ?)?,? ?(?:(?:est|a ete) )?(?:termine|fini"
    rb"|acheve)(?:e|s|es)?(?![a-z])")
_SWITCH = re.compile(rb"(?<![a-z])(?:switch|relais|remplace(?:r|ment|z|ons)?|passage|changement"
    rb"|substitution)(?: (?:de|d|du|des"
    rb"|la|le|l))* ?:? ?$")
_TO_ANOTHER = re.compile(rb"^[^.;,F]{0,20}(?:>|(?<![a-z])(?:par|vers|pour|a)) ?(?:la |le |l )?F")
_SINCE_THEN = re.compile(rb"^(?![^,.;]{0,30}(?:arret|stop|sevr))[^,.;F]{0,20}(?<![a-z])depuis(?! arret)")
_CONSUMED = re.compile(
    rb"(?:^|[a-z])[ :a]{0,4}(?:[0-9][0-9 ,.a]{0,6} ?(?:cig[a-z]*|verres?|v|joints?|paquets?|paq|g|l|bieres?|unites?"
    rb"|x)? ?(?:/|par| ) ?"
    rb"(?:j|jr|jour|sem|semaine|d)(?![a-z])|(?:actif|active|quotidien)|[0-9]+ cig)"
)
_TAKEN = re.compile(
    rb"(?<![a-z])(?:traitee?s? (?:actuellement )?par|sous|ttt?(?: par)?|substituee?s? par|equilibree?s? (?:par|sous)"
    rb"|actuellement)(?: (?:la|le|l|du|de|d))?(?: F+(?: et| puis|,)?)* ?$"
)
_SKIPPED = (
    rb"ne pas (?:delivrer|associer|prendre|utiliser|prescrire|donner|administrer|reprendre|reintroduire|debuter)"
)
_STOPPED = re.compile(
    rb"(?<![a-z])(?<!a l )(?:arret(?:er|e|ons|ez)?|stop(?:per|pe|pons)?|suspen(?:dre|ds|dons|sion|due?)|interrompre"
    rb"|interruption|supprimer)(?: (?:de|d|du|des|la|le|les|l|ce jour))* ?:? ?(?:F+(?:,| et|[ ]?[+]) ?(?:(?:la|le"
    rb"|les|l|du|de|d) )?){0,6}$"
)
_FORBIDDEN = re.compile(
    rb"(?<![a-z])(?:(?<!de )(?<!sans )(?<!aucune )contre indications?(?: (?:a|aux|au))?|ci (?:a|aux|au)"
    rb"|(?<!F )contre indi[a-z]+|proscrire|interdire|eviter"
    rb"|ne pas (?!substituer|oublier|arreter|interrompre|stopper|diminuer|modifier|depasser|sauter|suspendre|croquer"
    rb"|ecraser|ouvrir|couper|hesiter)(?:\w+ (?:a |avec )?)?)(?: (?:de|d|du|des|la|le|les|l|ce jour))* ?:? ?$"
    rb"|(?<![a-z])(?:" + _SKIPPED + rb"|contre indications?(?: (?:a|aux|au))?|eviter) ?:? ?(?:(?:les |l |la |des "
    rb"|d |de )?"
    rb"(?:[a-z]{2,20}|F+)(?: [a-z]{2,12})?(?:,| et| ou| ni) ?){1,8}(?:les |l |la |des |d |de )?$"
)
_FORMERLY = re.compile(rb"(?<![a-z])(?:auparavant|precedemment|anterieurement|anciennement|initialement)[^.;F]{0,30}$")
_STOPPED_BEHIND = re.compile(
    rb"^ ?(?:[0-9]+ ?(?:mg|g)? ?)?[:(,]? {0,20}(?:(?:est|a ete|sont) )?(?:(?:a )?arrete[er]?e?s?|stop(?:pee?s?|(?! j))"
    rb"|suspendue?s?|interrompue?s?)(?![a-z])(?! (?:en|il y a|depuis|[0-9]+ ?(?:h|j|heures?|jours?)(?![a-z])))"
)
_FORBIDDEN_BEHIND = re.compile(
    rb"^ ?(?:[0-9]+ ?(?:mg|g)? ?)?[:(,]? ?(?:(?:est|a ete|sont) )?(?:contre indiquee?s?|proscrite?s?|interdite?s?"
    rb"|deconseillee?s?"
    rb"|(?:a )?eviter|a proscrire|non (?:pris|debute|administre|repris|reconduit|poursuivi)e?s?)(?![a-z])"
)

# "G4P1 : une IVG, une GEU traitee par X": what came of pregnancies before this one.
_OBSTETRIC = re.compile(
    rb"(?<![a-z])(?:g ?[0-9]{1,2} ?,? ?p ?[0-9]{1,2}|gestite :? ?[0-9]{1,2}"
    rb"|parite :? ?[0-9]{1,2})(?![0-9])(?:[^.;F]{0,20}$|[^.;]{0,160}"
    rb"(?<![a-z])(?:une?|deux|trois|[0-9]|x ?[0-9]),? (?:F+ (?:[a-z]+ )?(?:par|sous) $|$))(?<!sous )"
)
_BORNE = re.compile(rb"(?:[2-9] |deux |trois |quatre |cinq |plusieurs )?grossesses(?![a-z])")
_AMONG = re.compile(rb"F+,? dont (?:une?|deux|trois|[0-9]) $")
_DELIVERED = re.compile(
    rb"(?:fcs?|fausses? couches?|ivg|img|itg|geu|grossesses? (?:extra|molaire|arrete)|av[bs]|vb|accouchements?"
    rb"|cesariennes?"
    rb"|voies? basses?|mfiu|morts? (?:foetale|in utero)|mole|curetage|naissances?|prematur[a-z]+"
    rb"|avortements?)(?![a-z])"
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
_OF_OLD_AGE = (b"ancien", b"ancienne")  # "depression ancienne sous F": an old disease that is treated today
_FAILED = re.compile(
    rb"(?<![a-z])echecs?(?: anterieure?s?)?(?: (?:de|d|du|des|a|aux|au|sous))?(?: (?:l|la|le))?"
    rb"(?: F+(?:,| et| puis)(?: (?:de|d|du))?)* ?$"
)
_USELESS = re.compile(
    rb"^(?! (?:apres|en cas|si|suite a|devant|vu) )[^.;,F]{0,20}(?<![a-z])(?<!cas d )(?:inefficaces?"
    rb"|mal (?:toler|support)[a-z]+|essaye[a-z]*|n a (?:ete )?(?:maintenu|poursuivi)[a-z]*|echec"
    rb"|intoleran[a-z]+|sans (?:efficacite|effet))(?![a-z])"
)
_FINISHED = {
    "infection": re.compile(rb"^[^,.;:!?F>]{0,24}(?<!non )(?<![a-z])traitee?s?(?= ?[,.;)]|  |$)"),
    "cancer": re.compile(rb"^[^,.;:!?F>]{0,24}(?<!non )(?<![a-z])traitee?s?(?= ?[,.;)]|  |$)"),
    "diagnosis": re.compile(rb"^[^,.;:!?F>]{0,24}(?<!non )(?<![a-z])operee?s?(?= ?[,.;)]|  |$)"),
}
_TREATED_THEN = re.compile(
    rf"^[^,.;:!?F>]{{0,24}}(?<!non )(?<![a-z])traitee?s? (?:par|avec|sous) (?:la |le |l )?F+(?: ?(?:,|et|puis"
    rf"|[+]) ?F+)*[^.;F]{{0,16}}?"
    rf"(?<![a-z])(?:(?:en|vers|debut|fin) (?:{_WHEN} )?{_YEAR}|il y a {_NUMBER} (?:ans?|annees"
    rf"|mois))(?![a-z0-9])".encode()
)
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
    if category == "treatment" and (
        _FAILED.search(before) or _USELESS.match(after) or _STOPPED_LIST.search(before.lstrip())
    ):
        return True
    finished = _FINISHED.get(category)
    if finished is not None and finished.match(after):
        return True
    if category in ("infection", "cancer") and _TREATED_THEN.match(after) and not _NOW.search(after[:120]):
        return True
    for cue in _PAST.finditer(before):
        gap = before[cue.end() :]
        if len(gap) < 200 and not _PAST_BREAK.search(gap):
            once = cue.group() not in _OF_OLD_AGE and _ONCE_TAKEN.match(gap) is not None
            once = once or cue.group().startswith((b"deja", b"avai"))
            return once or not still(before, fact, after, category)
    lately = _LATELY.match(after)
    if lately and not ONSET.search(lately.group()) and not ONSET.search(before[-30:]):
        return True
    if category in ("pregnancy", "treatment") and _OBSTETRIC.search(before) and (
        category == "treatment" or _DELIVERED.match(fact)
    ):
        return True
    over = _OVER.match(after)
    if over and not _NOW.search(re.split(rb"[,.;]", after[over.end() :], maxsplit=1)[0]):
        return True
    if category == "addiction" and (
        _GIVEN_UP.match(after) or (_GAVE_UP.search(before) and _SINCE.match(after))
    ):
        return True
    if category == "pregnancy" and (_BORNE.match(fact) or (_AMONG.search(before) and _DELIVERED.match(fact))):
        return True
    if category == "treatment" and _given_up(before, after):
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
    if category == "hiv" or LASTING_DISEASE.search(fact):
        return False
    segment = re.split(rb"[,.;:]", before)[-1]
    if ONSET.search(segment):
        return False
    behind = _IN_YEAR.match(_BRACKETED.sub(b"", after)) or _IN_YEAR.match(after)
    if behind and not ONSET.search(behind["gap"] or b""):
        return True
    if category != "cancer" and _YEARLY.search(segment):
        return True
    ahead = _OF_YEAR.match(before)
    return ahead is not None and not ONSET.search(ahead["gap"]) and not ONSET.search(ahead["head"])


_TREATED_NOW = re.compile(
    rb"^[^.;,:\n]{0,30}?(?<![a-z])(?:sous (?!controle|surveill|anesth|coelio)[a-zF]|(?<!non )traitee?s?(?= ?[,.;)\n]|$)"
    rb"|substituee?s?|appareillee?s?|insulin(?:ee?|o ?dependante?|o ?requerante?|otraitee?)s?|non operee?s?"
    rb"|equilibree?s?"
    rb"|depuis (?:l |la |le )?(?:(?:19|20)[0-9]{2}|[0-9]{1,2} (?:ans|mois)|age|enfance|naissance))(?![a-z])"
)
_FOR_LIFE = re.compile(rb"vih|hiv|sero ?posi|infection (?:par le |a )?(?:vih|hiv)|cd4|charge virale|cv(?![a-z])")
_TICKED = re.compile(rb"^(?: ?/ ?[a-zF ]{2,20}?)? {2,60}oui(?= {2}|$)")  # a row of a table of yes and no
_TICKED_BEFORE = re.compile(rb" {2}oui {2,}[^\n]*$")
_STOPPED_LIST = re.compile(
    rb"(?:^|[.;\n] ?)(?:(?:medicaments?|traitements?) )?(?:arrets?|arretes?|stop(?:pes?)?|suspendus?) ?:[^.;:\n]*$"
)


def still(before: bytes, fact: bytes, after: bytes, category: str) -> bool:
    """Whether a fact among antecedents goes on: taken now, consumed daily, an allergy, what never ends."""
    if (category in LASTING and not (category == "genetic" and _DISEASE.search(fact))) or fact.startswith(b"allerg"):
        return True
    own = re.split(rb"[,.;]", after, maxsplit=1)[0]
    if category != "treatment" and (_TREATED_NOW.match(after) or (category == "hiv" and _FOR_LIFE.match(fact))):
        return True
    if _GOES_ON.match(after) or _TICKED.match(after) or _TICKED_BEFORE.search(before):
        return True
    if category == "addiction" and (_CONSUMED.match(after) or _CONSUMED.search(fact)):
        return True
    segment = re.split(rb"[,.;:]", before)[-1]
    if _NOW.search(own) or _NOW.search(segment):
        return True
    if category == "treatment" and _SINCE_THEN.match(after):
        return True
    taken = category == "treatment" and _TAKEN.search(before)
    return bool(taken) and not re.search(rf"(?<![0-9]){_YEAR}|gueri|remission|opere".encode(), segment)


def _given_up(before: bytes, after: bytes) -> bool:
    """Whether a drug has come to its end, or another took its place."""
    return _FINISHED_DRUG.match(after) is not None or (
        _SWITCH.search(before) is not None and _TO_ANOTHER.match(after) is not None
    )


def stopped(before: bytes, after: bytes) -> bool:
    """Whether a drug was taken and is no longer."""
    if _FORMERLY.search(before):
        return True  # once taken, and given up
    return _STOPPED.search(before) is not None or _STOPPED_BEHIND.match(after) is not None


def forbidden(before: bytes, after: bytes) -> bool:
    """Whether a drug is not to be taken."""
    return _FORBIDDEN.search(before) is not None or _FORBIDDEN_BEHIND.match(after) is not None
