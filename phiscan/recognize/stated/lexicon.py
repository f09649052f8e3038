"""Words that say how a fact is stated, by kind: which of them stand near a fact is what the model goes by.

A kind only groups words that behave alike ("suspect*", "probable", "évoque"): what each is worth, how far it reaches
and what overrides it is learnt. Normal form: lower case ASCII. A word that ends in `*` takes any ending.
"""

from __future__ import annotations

_KINDS = {
    "NO": "pas aucun aucune aucuns aucunes sans ni non jamais absence absences absent absente absents absentes nie"
    " nient niant denie denient neant indemne exempt exempte depourvu depourvue hors zero nul nulle nuls ras n refut*"
    " recus* infirm* indemn* denue* dement*",
    "NEGATIVE": "neg negatif negative negatifs negatives neant absent absente absents absentes sterile steriles normal"
    " normale normaux normales sauvage indetectable indetectables indetecte indetectee seronegatif seronegative nul"
    " nulle negati* elimin* exclu* ecart* infirm*",
    "POSITIVE": "pos reactif reactive present presente presents presentes presence confirme confirmee confirmes"
    " confirmees connu connue connus connues avere averee oui mute mutee positi* confirm* retrouv* detect* identifi*"
    " objectiv* visualis*",
    "SUSPECTED": "compatible compatibles possible possibles eventuel eventuelle peut pourrait pourraient serait"
    " seraient doute douteux douteuse faveur risque risques crainte penser pense songer plutot vs versus differentiel"
    " differentiels susp prob poss semble suspect* suspic* soupcon* evocat* possib* probab* hypoth* vraisembl* presum*"
    " apparent* potentiel* craint* craind* redout* interrog* evoqu* sugger* eventu*",
    "SOUGHT": "eliminer exclure ecarter confirmer infirmer verifier controler controle surveiller guetter faire refaire"
    " realiser doser explorer completer bilan serologie serologies pcr test tests adresser avis prelever prelevement"
    " prevoir programmer recherch* depist* attend* attente demand* prevu* prevo* programm*",
    "PLANNED": "projet sera seront pourra devra introduire debuter instaurer initier prochain prochaine futur future"
    " possibilite option options indication desir si sinon quand lorsque envisag* propos* discut* planifi* souhait*"
    " eligib* candidat*",
    "IF": "si cas lorsque selon sinon echec besoin",
    "PAST": "atcd atcds antec ancien ancienne anciens anciennes ex avait avaient eu auparavant precedemment autrefois"
    " jadis lors sequelle sequelles sequellaire histoire passe cicatrice opere operee operes chirurgie cure hospit"
    " recu subi beneficie premiere hospitalis* anterieur* antecedent* precedent*",
    "ENDED": "traite traitee opere operee ablation exerese resection jusqu ancien ancienne switch relais guer* remiss*"
    " sevr* arret* stopp* stop resol* remplac* eradiq* termin* interrom* relay* suspen* abstin* cess*",
    "SINCE": "depuis connu connue suivi suivie debut debute mis mise sous revele revelee diagnosti* decouver* appar*"
    " instaur* introdui* chroni* evolu*",
    "NOW": "cours actif active toujours encore quotidien quotidienne jour ce habituel habituels actuel* poursui*"
    " persist* equilibr* stab* continu* maint*",
    "KIN": "mere pere parents sour sours soeur soeurs frere freres fils fille filles oncle tante tantes oncles cousin"
    " cousine cousins cousines neveu niece grand grands gmere gpere mgm pgm gm gp maman papa conjoint conjointe mari"
    " epouse epoux compagnon compagne partenaire fratrie famille fam jumeau jumelle ainee cadet cadette aieul"
    " aieule petite demi concubin ami amie apparente apparentee bru gendre ascendant belle beau oncl matern*"
    " patern* famil* hered*",
    "PATIENT": "patient patiente elle il monsieur madame mme mr interesse interessee personnel personnels perso"
    " personnelle",
    "STOPPED": "inefficace intolerance intolerant echec remplace remplacee ancien ex avant auparavant puis relais"
    " switch arret* stop stopp* suspen* interrom* ineffic* intol* remplac* deprescr* cess* sevrage",
    "FORBIDDEN": "ci eviter contre indication indique indiquee allergie allergique refus refuse refusee non proscri*"
    " interdi* deconseil*",
    "VACCINATED": "vacc rappel vaccin* immunis* immun immune protege protegee",
    "TAKEN": "sous prend traitement ttt trt mg cp gel comprime comprimes posologie matin soir jour fois cpr inj ui",
    "BIRTHS": "g p geste gestes pare grossesse grossesses accouchement cesarienne ivg fcs vb",
    "TOLD": "dit signale rapporte craint demande inquiet inquiete accompagne accompagnee vit avec chez",
    "BUT": "mais cependant toutefois sauf hormis excepte donc car puis devant malgre alors",
}
_SHORTEST_BEGINNING, _LONGEST_BEGINNING = 3, 12


def _by_word() -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    words: dict[str, set[str]] = {}
    beginnings: dict[str, set[str]] = {}
    for kind, listed in _KINDS.items():
        for word in listed.split():
            where = beginnings if word.endswith("*") else words
            where.setdefault(word.rstrip("*"), set()).add(kind)
    return words, beginnings


_WORDS, _BEGINNINGS = _by_word()


def kinds(word: str) -> tuple[str, ...]:
    """Return the kinds of a word, in order of their names.

    >>> kinds("suspectee"), kinds("mere"), kinds("genou")
    (('SUSPECTED',), ('KIN',), ())
    """
    found = set(_WORDS.get(word, ()))
    for size in range(_SHORTEST_BEGINNING, min(len(word), _LONGEST_BEGINNING) + 1):
        found |= _BEGINNINGS.get(word[:size], set())
    return tuple(sorted(found))
