"""Whether a fact is only thought of: suspected, looked for, feared, planned, asked about.

A cue before a fact reaches to the next comma, over "et" and "ou"; one behind it belongs to the words directly before.
"si" and "en cas de" make only what follows them a condition: "paracétamol si douleur" is prescribed.
"""

from __future__ import annotations

import re

from phiscan.recognize.stated.negation import NEUTRAL, OPEN
from phiscan.recognize.stated.past import LASTING_DISEASE as _LASTING
from phiscan.recognize.stated.words import masked, words

_TO = "eliminer|exclure|ecarter|confirmer|infirmer|discuter|rechercher|evoquer|craindre"

_SUSPECTED = words(
    r"suspicions?", r"suspect(?:e|es|ee|ees|s|ant|ons|er)?", r"soupcon(?:ne|nee|nons)?", r"possibles?",
    r"probable(?:s|ment)?",
    r"peut etre", r"eventuel(?:le|les|s|lement)?", rf"(?:a|pour|afin d|d) (?:{_TO})",
    r"evo(?:que|quent|quant|quer|quons|quait|quaient|quee|ques|cateurs?|catrices?)", r"compatibles? avec",
    r"en faveur d[eu]?",
    r"risques?(?: [a-z]+)? (?:de|d|du)", r"hypotheses?", r"(?:le )?doute (?:sur|quant|de|d)", r"douteu(?:x|se)",
    r"pourrai(?:t|ent)", r"semble(?:rait|nt)? (?:etre|correspondre|s agir|evoquer|s orienter)",
    r"crai(?:nt|ns|nte|ndre)",
    r"peur d[eu]?", r"faut il", r"y a t il", r"s agi(?:t|rait) il", r"s agirait", r"vraisemblable(?:ment)?",
    r"presomption",
    r"presum(?:e|ee|es|ees|ptif|ptive)", r"diagnostics? differentiels?", r"projets? (?:de|d)",
    r"(?:prevention|prophylaxie) (?:de|d|du|des)", r"prevenir", r"envisag(?:e|er|ee|ons|eons)", r"penser a",
    r"(?:a|au) risque d[eu]?", r"plutot en faveur", r"dans l hypothese", r"(?:eliminer|exclure|ecarter)",
    r"arguments? pour",
    r"(?:options?|alternatives?)(?: therapeutiques?)?", r"(?:vs|versus)", r"(?:susp|prob|poss)", r"en attente d[eu]s?",
    r"pourr(?:a|ions|ais|ons)", r"sugger(?:e|ant|ent|erait)", r"s apparente",
    r"idee d[eu]?", r"eligibles? (?:a|pour)", r"candidate?s? (?:a|pour)", r"(?:sera|serait|est) discutee? pour",
    r"(?:eventualite|possibilite|probabilite) d[eu]?",
    r"s interroge[a-z]* sur", r"(?:(?:se )?pose )?(?:la )?question d[eu]?", r"orient(?:e|ant|ent|erait) vers",
    r"plaid(?:e|ant) pour",
    r"fai(?:t|sant) (?:evoquer|suspecter|penser a|craindre|discuter|rechercher|redouter)", r"redout(?:e|ee|er)",
    r"serait",
    r"pour affirmer", r"s agisse", r"il (?:est (?:possible|probable|vraisemblable)|se peut) qu[e ]",
    r"ressembl(?:e|ant|ent) a",
    r"(?:je|on|nous) (?:pense|pensons|songe|songeons)(?: (?:plutot|surtout|d abord|aussi|notamment))? a",
    r"rule out", r"plutot une?", r"sous reserve (?:de confirmation,|de|d)", r"sur liste (?:d attente )?(?:de|d|pour)",
    r"(?:surveill[a-z]*|guetter|apparition eventuelle|prevenir)(?: (?:de|la|l|le|une?|toute))* (?:apparition"
    r"|survenue|developpement) (?:de|d|du)",
    r"(?:traitement|substitution|introduction) (?:proposee?|envisagee?|discutee?)(?: par)?",
    r"peu(?:t|vent) correspondre", r"a priori", r"cliniquement suspecte?", r"potentiel(?:le|les|s)?",
)  # fmt: skip
_ADJECTIVE = words(
    r"possibles?", r"probable(?:s|ment)?", r"potentiel(?:le|les|s)?", r"eventuel(?:le|les|s|lement)?",
    r"vraisemblable(?:ment)?", r"peut etre",
)  # fmt: skip
_RISK = re.compile(
    rb"(?<!facteur de )(?<!facteurs de )(?<![a-z])risques? (?:eleve |majeur |important |accru |faible )?$"
)
_VERSUS = re.compile(rb"^ (?:vs|versus) F|^ ou F+ ?[?]")
_CONDITION = words(r"si(?! besoin| possible| necessaire)", r"s il", r"en cas d[eu]?", r"lorsqu[e ]", r"au cas ou")
_SEARCH = words(
    r"(?:en )?attente d[eu]s?", r"attend(?:s|re|ons)? (?:le|les|son|ses) resultats? d[eu]s?",
    r"(?:analyse|etude|sequencage|panel|genotypage|test genetique|screening)(?: \w+)? (?:d[eu]s?|pour)",
    r"(?:preleve[a-z]*|preleves?) (?:\w+ )?pour", r"recherch(?:e|er|ee|ees|es|ons|ait)", r"a la recherche",
    r"depist(?:age|er|ages)",
    r"(?:prescription|prescri[ts]|demand(?:e|es|ons|er|ez)|prevoir|faire pratiquer|a faire|a prevoir|refaire|faire"
    r"|control(?:e|er)"
    r"|verifier) ?:? ?(?:(?:une?|la|le|les|des|d|de|du|bilan) )*(?:serologies?|pcr|tests?|dosages?|depistage|recherche"
    r"|biologie|bio)",
    r"(?:serologies?|pcr|tests?|bilan|prelevements?|mutations?|genes?|statut) (?:\w+ )?(?:a (?:faire|prevoir"
    r"|programmer|refaire)"
    r"|demandee?s?|prevue?s?|en cours|en attente|a venir)",
)  # fmt: skip
_FOUND = re.compile(
    rb"(?<![a-z])(?:pos|positi(?:f|fs|ve|ves)|reacti(?:f|ve)|[+]{1,3}|presen(?:t|te|ce)|retrouv[a-z]+"
    rb"|identifie[a-z]*|pathogene|(?:hetero|homo)zygote|mise? en evidence)(?![a-z])"
)
_LAST_ITEM = re.compile(rb", [^,]{0,24}$")
_EITHER = words(r"ou", r"soit")
_BREAK = re.compile(
    rb"[;!?|>]| (?:mais|cependant|toutefois|sauf|par contre|en revanche|alors que|donc|puis|car|en raison|compte tenu"
    rb"|devant|chez (?:ce|cette|une?)|est|sont|sous|connu[a-z]*|traite[a-z]*|montre|retrouve|confirme|on|il|elle|mis"
    rb"|par)(?= )"
)

_THOUGHT = (
    rf"(?:(?:reste(?:nt|ant)? )?(?:est |sont )?a (?:{_TO}|(?:re)?(?:evaluer|discuter|surveiller|controler|verifier)"
    r"|explorer|preciser|documenter|etayer|envisager)"
    r"|(?:ne )?(?:pourra|peut|pourrait) (?:etre )?(?:re)?(?:evalue|discute|confirme|precise|affirme)(?:e|s|es)?"
    r"|envisageables?"
    r"|(?:doi(?:t|vent)|devra|reste a) etre (?:exclu|elimine|ecarte|recherche|confirme|discute|evoque)(?:e|es|ees|s)?"
    r"|(?:sera|seront|est|sont|a ete) (?:re)?cherche(?:e|es|s|ees)?|redoute(?:e|es|s)?|craint(?:e|es|s)?"
    r"|sous reserve|en cours de (?:documentation|recherche|confirmation|caracterisation)|(?:resultats?"
    r"|analyse) attendue?s?"
    r"|possibles?(?! d)|probable(?:s|ment)?|vraisemblable(?:s|ment)?|suspect(?:e|es|ee|ees|s)?|douteu(?:x|se)"
    r"|eventuel(?:le|s|les|lement)?|peut etre|(?<!l )(?:en )?attente|envisage(?:e|r|es|ees)?|evoque(?:e|es|ees)?"
    r"|discute(?:e|es|s|ees)"
    r"|presume(?:e|es|ees)?|soupconne(?:e|es|ees)?|indetermine(?:e|es|ees)?|equivoques?|zone grise"
    r"|(?:pas encore|non) (?:arrive|recu|parvenu|rendu)(?:e|es|ees|s)?"
    r"|en cours d (?:analyse|exploration|investigation|evaluation)"
    r"|(?:recherche|analyse|bilan|serologie|confirmation|resultat|exploration|test)s? (?:est |sont )?"
    r"(?:a suivre|suivr(?:a|ont)|en cours|en attente|demandee?s?|a venir|prevue?s?))(?![a-z0-9])"
)
_LISTED = re.compile(
    rb"(?<![a-z])(?:hypotheses?|diagnostics? (?:evoques?|discutes?|possibles?|envisages?|differentiels?)"
    rb"|a (?:surveiller|eliminer|rechercher"
    rb"|discuter|evoquer))(?: [a-z]+){0,5} ?: [^:.;?]{0,120}$"
)
_BEHIND = re.compile(
    rf"^(?:[ ]?(?:,|et|ou|[+])?[ ]F+){{0,8}}[^,.;!?F>]{{0,40}}?(?<![a-z0-9]){_THOUGHT}"
    rf"|^ ?[,(:] ?(?:tres |fort |assez |plutot )?{_THOUGHT}(?= ?[,.;)!]|$| (?:par|a|au|en|sur|devant|apres|avec"
    rf"|selon)(?![a-z]))"
    .encode()
)
_WATCHED = re.compile(rb"^[^.;]{0,40}(?<![a-z])a (?:re)?(?:evaluer|surveiller|controler|verifier)(?![a-z])")
_MEASURED = words(r"b?eta ?hcg|b?hcg|cv|charge virale|cd4|psa|ace|afp|ca [0-9 ]+")
_RUNNING = re.compile(rb"(?:pcr|serologie|bk|ecbu|bmr|covid|grippe|vih|vh[bc]|clostridium)[a-z ]*$")
_PLANNED = re.compile(
    rb"^(?:[ ]?(?:,|et|ou|[+])?[ ]F+){0,8}[^,.;!?>]{0,30}?(?<![a-z0-9])(?:(?:est |sont |a ete )?(?:re)?(?:demande"
    rb"|propose|adresse)e?s?"
    rb"|(?:non|pas encore|jamais) (?:rendu|recu|fait|realise|revenu|parvenu)e?s?"
    rb"|a (?:programmer|prevoir|faire|prescrire"
    rb"|refaire|realiser|pratiquer|demander|controler|recontroler|verifier|depister|doser|redoser|rechercher)|(?:prelevee|envoyee)s?|prescrite?s?"
    rb"|prevue?s?|programmee?s?)(?![a-z0-9])"
)
_QUESTION = re.compile(rb"^(?: F+)?[^,.;:!?()F>]{0,48}\(? ?[?]|^ {0,2}[:=;|] {0,2}\(?[?]")
_QUESTIONED = re.compile(rb"(?:^|[\n,;:(>-]|  ) {0,2}[?]{1,3} {0,2}$")
_REQUEST = words(r"tu", r"vous", r"peux", r"pouvez", r"pourri?ez", r"merci", r"demande d ald")

_IN_BRACKETS = re.compile(  # "test de la sueur à prévoir (mucoviscidose)"
    rb"(?:a (?:faire|prevoir|explorer|controler|programmer|realiser|demander|refaire|depister|rechercher)"
    rb"|(?:demande|prevu|programme)e?s?|en attente|en cours) ?\((?:[^()]{0,30} )?$"
)
_UNTIL_PROOF = re.compile(rb"^[^.;!?]{0,40}jusqu a preuve du contraire")

CUES = (OPEN, _SUSPECTED, _CONDITION, _SEARCH, words(_THOUGHT))
_OPEN_BIT, _SUSPECTED_BIT, _CONDITION_BIT, _SEARCH_BIT, _THOUGHT_BIT = 1, 2, 4, 8, 16  # of each of them


def by_signs(before: bytes, after: bytes) -> bool:
    """Whether a question mark leaves a fact open."""
    if b"?" not in after and b"?" not in before:
        return False
    return _QUESTIONED.search(before) is not None or _QUESTION.match(after) is not None


def open_to_doubt(before: bytes, fact: bytes, after: bytes, told: int) -> bool:
    """Whether the words round a fact leave it open. `told`: which of `CUES` may stand there, as bits."""
    if told & _OPEN_BIT:
        denied = OPEN.search(after)
        if denied and not re.search(rb"[,.;!?>]", after[: denied.start()]) and denied.start() < 60:
            return True
        if any(_reaches(before[cue.end() :]) for cue in OPEN.finditer(before)):
            return True
    whole, before, after = before, masked(NEUTRAL, before), masked(NEUTRAL, after)
    if _QUESTIONED.search(before) or (_QUESTION.match(after) and not _REQUEST.search(before)):
        return True
    if _suspected(before, after, told) or _LISTED.search(before):
        return True
    thought = _BEHIND.match(after) if told & _THOUGHT_BIT else None
    if thought and not _FOUND.search(thought.group()):
        watched = _WATCHED.match(after)  # what is there already, or is measured again
        if not (watched and (_LASTING.search(fact) or _MEASURED.search(fact))):
            return True
    if _IN_BRACKETS.search(whole) or _UNTIL_PROOF.match(after):
        return True
    if _RUNNING.match(fact) and re.match(rb" {0,2}:? ?en cours(?![a-z])", after):
        return True
    looked_for = told & _SEARCH_BIT and _looked_for(before, fact + after)
    return bool(looked_for) or _PLANNED.match(after) is not None


def _suspected(before: bytes, after: bytes, told: int) -> bool:
    if _RISK.search(before) or _VERSUS.match(after):
        return True
    for cue in _SUSPECTED.finditer(before) if told & _SUSPECTED_BIT else ():
        gap = before[cue.end() :]
        if _ADJECTIVE.fullmatch(cue.group()) and (len(gap) > 25 or b"F" in gap):
            continue  # it may belong to what stands before it
        if _reaches(gap):
            return True
    for cue in _CONDITION.finditer(before) if told & _CONDITION_BIT else ():
        gap = before[cue.end() :]
        if len(gap) < 50 and not re.search(rb"[,:;F]| (?:alors|prendre|appeler|donner|faire) ", gap):
            return True
    return False


def _looked_for(before: bytes, after: bytes) -> bool:
    if _FOUND.search(re.split(rb"[,.;F]", after, maxsplit=1)[0]):
        return False
    cues = (before[cue.end() :] for cue in _SEARCH.finditer(before))
    return any(not _FOUND.search(gap) and len(gap) < 110 and not _BREAK.search(gap) for gap in cues)


def _reaches(gap: bytes) -> bool:
    """Whether a cue reaches over the words between it and a fact: no comma but in a list with "ou" or "et"."""
    if len(gap) > 110 or _BREAK.search(gap):
        return False
    if b")" in gap and b"(" not in gap:
        return False
    if b"," not in gap:
        return True
    return _LAST_ITEM.search(gap) is not None and _EITHER.search(gap) is not None
