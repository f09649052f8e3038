"""Whether a fact is a relative's: parents and other kin, partners, what runs in the family.

A relative named before a fact has it, up to the end of the sentence or to a word for the patient; one named behind it
only where a preposition says so. Whom the patient lives with, who came along or is to be called has nothing.
"""

from __future__ import annotations

import re

from phiscan.recognize.stated.words import masked, words

_KIN = (
    r"(?:(?:(?:arriere|demi|belle|beau|gde?|grande?|grands|petits?) )?(?:meres?|peres?|parents|s(?:o|oe)urs?|freres?"
    r"|fils|filles?|enfants)|gmere|gpere|mamans?|papas?|oncles?|tantes?|cousine?s?|neveux?|nieces?|conjointe?s?|mari"
    r"|epouse|epoux|compagn(?:e|on)|concubine?|partenaires?|fratrie|(?:son|l) aine(?= (?:est|a|porte|atteint|de"
    r"|aussi))|ainee"
    r"|cadet(?:te)?|benjamine?|bru|gendre|apparentee?s?|copain|copine|petite? amie?)"  # "aine" is the groin as well
)
_NAMED = _KIN.replace("|filles?|enfants)", "|filles?)")  # "enfant" alone is the patient of a paediatrician
_ELDER = _NAMED.replace("|fils|filles?)", ")")  # "d'une fille": a newborn's birth is its mother's fact
_OWN = r"(?:de|d|par|avec|chez|a|aux?|du)"
_DETERMINER = r"(?:la|sa|son|ses|le|l|les|leur|une?|deux|mon|ma|notre)"

RELATIVE = words(
    _NAMED,
    r"(?:atcds?|antecedents?|histoire|terrain|forme|cas|heredite|risque|predisposition"
    r"|notion)(?: \w+)? fam(?:il[a-z]+)?",
    r"(?:dans|de) (?:la|sa|leur) (?:fratrie|famille|parente)", r"heredite", r"chez (?:la|sa|leur|son|les|ses) "
    r"(?:famille|fratrie|entourage)", r"cotes? (?:maternel|paternel)s?",
    r"branche (?:maternelle|paternelle)",
    r"(?:apparente|parent)e?s? (?:au|du|de) (?:premier|1er|second|deuxieme|2e) degre",
)  # fmt: skip
_BEHIND = re.compile(
    rf"^[^,.;!?]{{0,44}}?(?<![a-z])(?:(?:chez|du cote|cote|de|d|des) (?:(?:la|sa|son|le|l|les|leur|une?|ses|deux"
    rf"|trois) )?"
    rf"(?:\w+ )?{_ELDER}|(?:cote|branche|lignee|famille|origine|transmission) (?:maternel|paternel)(?:le|s|les)?"
    rf"|(?:dans|de) (?:la|sa) (?:famille|fratrie)"
    rf"|(?:forme|terrain|cas|caractere|origine) famil[a-z]+)(?![a-z])|^ famil(?:ial|iale|iales"
    rf"|iaux)(?![a-z])|^ ?(?:\(|:|chez|=)? ?{_NAMED}(?![a-z])(?! ?:)".encode()
)
_COMPANY = (
    "vit|vivant|vivent|habite|habitant|loge|logee?|hebergee?|vient|venue?|accompagnee?|amenee?|conduite?|entouree?"
    "|aidee?"
    "|appel(?:ee?|er)?|prevenue?|prevenir|contact(?:er|ee)?|joindre|jointe?|portable|telephone|tel|mobile|mail|presence"
    "|demande|dires?|relations?|confiee?|contact|entretien|separee? de|soutien|aide|personne de confiance|adressee?"
)
_TELL = (
    "rapporte|signale|decrit|dit|disent|note|constate|consulte|s inquiete|est inquiete|inquiete|amene|raconte|pense"
    "|souhaite"
    "|demande|refuse|explique|nous|confirme|precise|insiste|appelle|trouve|prend rendez|est venue?|sont venus"
    "|etait presente?"
    "|veut|craint|a (?:note|constate|appele|signale|remarque|trouve|vu|ete prevenue?|ete informee?|appris|demande)"
)
_LOST = (
    "deces|mort|depart|perte|maladie|hospitalisation|suicide|disparition|visite|naissance|soutien|aide|accord|demande"
    "|avis"
    "|presence|appel|violences?|conflits?|separation|rupture|inquietude|anxiete|consentement|information|education"
    "|autorisation"
)
_NO_RELATIVE = words(
    rf"{_KIN} (?:{_TELL})(?:nt)?",
    rf"(?:d apres|selon|aux?|informee?s? par|annonce faite a) (?:{_DETERMINER} )?{_KIN}",
    rf"(?:{_LOST}) (?:de|d|du|des|avec) (?:{_DETERMINER} )?{_KIN}", rf"et (?:son|sa) {_KIN}(?= ?[,.;)]|$)",
    r"(?:[0-9]+|plusieurs|multiples|nombreux) partenaires?",
    r"partenaires? (?:multiples?|occasionnels?|sexuels?|a \w+)",
    r"(?:traite[a-z]*|ttt|depist[a-z]*|prevenir|convoquer|notification) (?:(?:du|de la|des|le|la|les|son|sa"
    r"|ses) )?partenaires?",
    rf"(?:marie|mariee|celibataire|divorcee?|veu(?:f|ve)|pacsee?|retraitee?),? (?:[a-z0-9]+ ){{0,3}}{_KIN}",
    r"(?:accord|demande|entretien|soutien|aide|rencontre|visite|avec|appel|presence|reunion) (?:de |avec )?(?:la"
    r"|sa) famille",
    rf"(?:{_COMPANY})(?: (?:toujours|seule?|actuellement|encore"
    rf"|regulierement))?(?: {_OWN})?(?: {_DETERMINER})?(?: \w+)? {_KIN}(?!,? qui (?:a|est|souffre|presente) )",
    rf"(?:avec|par) {_DETERMINER} {_KIN}(?!,? qui )(?= ?[,.;)(]|$| (?:et|ce|aujourd|lors|a la|en|le|pour) )",
    rf"{_KIN} (?:qui )?(?:l|lui|m|nous|vous) (?:a|ont|avait|fait|donne)",  # who does something to the patient
    rf"(?:coups?|agressi(?:on|f|ve)s?|agressee?|frappee?|battue?|blessee?|viol[a-z]*)(?: [a-z]+){{0,3}} {_KIN}",
    rf"{_KIN} (?:de|d) (?:famille|jumeaux|(?:[0-9]|deux|trois|une?|quatre|cinq|six|sept|plusieurs) (?:\w+ )?"
    r"(?:enfants?|filles?|garcons?|fils))",
    rf"{_KIN} (?:a prevenir|prevenue?s?|au courant|contactee?s?|joignables?|(?:non |pas )?informee?s?|(?:ne "
    rf"|n )?(?:sait|ignore|est pas)[a-z ]*|presente?s? a|rassuree?s?"
    rf"|d accueil"
    r"|aidante?|a joindre)",
    rf"(?:a|ont) (?:[0-9]|une?|deux|trois|quatre|cinq|six) {_KIN}(?= ?[.;)(]|$| en bonne)",
    r"(?:medecin|planning|situation|aide|nom|vie|livret|allocations?|entourage|environnement|charges?|problemes?"
    r"|conflits?"
    r"|difficultes?|soutien|milieu|quotient|reunion|fete) famil[a-z]+",
    r"la famille (?:beneficie|est|va|souhaite|a ete|prevenue|informee|demande|vient|dit|ne)",
    r"(?:jeune|petite?) (?:fille|garcon)", r"^ {0,3}filles? (?:agee|nee|de [0-9])",
    r"(?:une|cette) fille (?:agee|nee|de [0-9])",
    r"(?:premier|deuxieme|troisieme|second|seconde|aine|ainee|cadet|cadette|[0-9]e)(?: enfant)? d(?:e|une?) (?:la "
    r"|une )?"
    r"fratrie(?: de [a-z0-9]+)?", r"fratrie de (?:[0-9]|deux|trois|quatre|cinq|six)",
    r"(?:hypercholesterolemie|polypose(?: adenomateuse)?|adenomateuse|hyperlipidemie|mediterraneenne|dyslipidemie"
    r"|amylose"
    r"|cardiomyopathie|hypocalciurique) famil[a-z]+", r"^ famil[a-z]+(?= (?:homozygote|heterozygote))",
    r"(?:mutation|variant|anomalie|deletion) famil[a-z]+", r"ch(?:er|ere)s? (?:\w+ )?(?:parents|mere|pere)",
    r"aux parents", r"parents de l enfant",
    r"(?:cellules?|maison|langue|lait|materno|carte|societe|branche|tumeur) (?:meres?|filles?)", r"mere porteuse",
    r"(?:nom|prenom)s? (?:du|de la|des|d) (?:pere|mere|parents|conjointe?|epoux|epouse)",
    r"s(?:o|oe)ur (?:superieure|infirmiere)",
    r"(?:ablat(?:ion)?|retraits?|retir[a-z]+|enle[a-z]+|depos[a-z]+|ot(?:er|es?|ees?)|poses?|sutur[a-z]*|points?)"
    r"(?: de| des| du| les?| par| aux?| et)? fils",
    r"fils (?:de suture|(?:non )?resorbables?|a (?:oter|retirer|enlever)|chirurgica(?:l|ux)|metalliques?|tenseurs?)",
)  # fmt: skip
_WHOSE = words(  # a relative of the patient is not the patient
    rf"{_KIN} (?:du (?:patient|malade)|de (?:la|cette|notre|votre) (?:patiente|malade)|de (?:monsieur|madame|mr"
    rf"|mme)(?: [a-z]+)?)"
)
_PATIENT = words(
    r"(?:le|la|ce|cette|votre|notre|au|du) (?:patiente?|malade|sujet)", r"l interessee?", r", (?:lui|elle) meme",
    r"(?:atcds?|antecedents?) perso[a-z]*", r"personnel(?:lement|le|s)?", r"(?:monsieur|madame|mme|mr) \w+",
    r"cas index",
)  # fmt: skip

_CHILD_OF = re.compile(rb"(?<![a-z])(?:l |son |sa |leur )?(?:enfant|bebe|nouveau ne) (?:du|de la|de cette"
    rb"|de notre) patiente?(?![a-z])")
_HIS_WIFE = re.compile(rb"(?<=(?<![a-z])sa )femme(?![a-z])")  # any other may be the patient

_ROW = re.compile(rf"^[^a-z]{{0,14}}(?:[ivx]{{1,4}} )?[^a-z]{{0,10}}{_NAMED}(?: (?:maternel"
    rf"|paternel)(?:le)?)?(?: \\([^()]{{0,20}}\\))?[ ]{{3}}".encode())

CUES = (
    RELATIVE, words("sa femme", "(?:enfants?|bebe) d[ue]", "lignee", "transmission", "origine", "famil[a-z]+")
)  # fmt: skip


def of_relative(before: bytes, after: bytes) -> bool:
    """Whether a fact is a relative's by the words round it."""
    before, after = masked(_NO_RELATIVE, _HIS_WIFE.sub(b"epouse", before)), masked(_NO_RELATIVE, after)
    before = _WHOSE.sub(b" mere ", before)
    before = _CHILD_OF.sub(b" mere ", before)
    named = [cue.end() for cue in RELATIVE.finditer(before)]
    if named and not _PATIENT.search(before, named[-1]):
        return True
    return _BEHIND.match(after) is not None


def row_of_relative(before: bytes) -> bool:
    """Whether the first column of a row names a relative: a family tree, or a mother's part of her child's sheet."""
    return _ROW.match(before) is not None
