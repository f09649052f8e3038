"""What facts stand under: headings of antecedents, of the family's history, of tests to be done.

A heading is known by its words, at the beginning of a line or, with a colon, of a sentence. It rules the lines below
it up to the next heading, to a line with another label, or to a block after an empty line that is no list. One with
text behind it on its line rules that text and what goes on below. Lists that stand further in belong to it, and a
heading among them ("Familiaux :", "Allergies :") rules its own line alone.

One walk over the lines of a passage, in linear time. Passages are read one by one: a section that began in the one
before is not known.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import Enum

from phiscan.recognize.stated.sentences import ends_line


class Under(Enum):
    """What a section says of the facts in it."""

    NOTHING = 0
    PAST = 1
    FAMILY = 2
    TO_DO = 3
    DOUBT = 4


_PAST = (
    r"(?:principaux |autres )?(?:atcd[ts]?s?|antecedents?|antec|antcd)(?: (?:personnels|perso"
    r"|medicaux)[ ,&+]{1,3}(?:et |ou )?fam[a-z]*)?(?:[ ,+&]{1,3}(?!fam|d )(?:[a-z]{2,}\.?)){0,5}|passe (?:medical"
    r"|chirurgical|psychiatrique)"
    r"|(?:(?:gyneco|medico) )?(?:medicaux|chirurgicaux|obstetricaux|gynecologiques"
    r"|personnels)(?:[ ,&+]{1,3}(?:et )?[a-z]+aux)?"
    r"|historique(?! des? (?:consult|visite|acte|passage|courrier|ordonnance|prescription|resultat|sejour|contact"
    r"|message"
    r"|soin|appel|examen|biolog))(?: [a-z]+){0,3}|traitements? (?:deja )?(?:realises?|effectues?|recus?)"
    r"|(?:interventions?|hospitalisations?|pathologies|maladies|grossesses|traitements?)(?: [a-z]+)? anterieure?s?"
    r"|(?:interventions|operations) chirurgicales"
    r"|maladies infantiles|(?:grossesse et )?naissance|periode neonatale"
    r"|(?:rappel (?:des|de ses) |(?:dans|parmi|aux|pour) (?:les |ses )?|a\.?)(?:atcd[ts]?s?|antecedents)"
    r"(?: [a-z]+){0,2}|a\.t\.c\.d\.?(?:s\.)?"
    r"|rappels?(?: (?:anamnestiques?|cliniques?|historiques?|medica(?:l|ux)))?(?=[ :.]*$)"
    r"|(?:problemes?|episodes?|evenements?|suivis?) (?:[a-z]+ )?(?:anciens?|anterieurs?|passes?|precedents?)"
    r"|(?:traitements?|hospitalisations?|lignes?|cures?|therapeutiques?|interventions?) (?:[a-z]+ )?(?:precedente?s?"
    r"|essaye[es]*|arrete[es]*|pris(?:es?)? auparavant|utilise[es]*)"
)
_FAMILY = (
    r"atcdf(?:am)?s?|(?:atcds?|antecedents?) (?:\w+ )?fam(?:il[a-z]+)?(?: [a-z]+){0,3}|familiaux"
    r"|heredite(?: familiale)?|fam(?:ille"
    r"|iliaux|\.)?|histoire familiale"
    r"|(?:cote|branche|lignee) (?:maternel(?:le)?|paternel(?:le)?)|enquete familiale|(?:arbre|contexte"
    r"|terrain) (?:genealogique|familial)|(?:atcd[ts]?|antecedents?) (?:chez|dans) (?:la|les|sa) [a-z]+"
    r"|(?:sur le )?plan familial|genealogie|fratrie|ascendants|collateraux|apparentes"
)
_TO_DO = (
    r"bilans? (?:dans|a (?:faire|prevoir|realiser)|demandes?|prevus?|prescrits?|de controle)(?: [a-z0-9]+){0,3}"
    r"|(?:examens?|analyses?|serologies?|biologie|bio|tests?|prelevements?)(?: [a-z]+)? (?:demande|prescrit"
    r"|a (?:faire|prevoir|realiser)|prevu)[a-z]*"
    r"|faire pratiquer(?: [a-z]+){0,4}|presc(?:ription|r)?s?(?: de)? (?:bio|biologie|biologique|laboratoire)s?"
    r"|(?:reste )?a (?:faire|prevoir|demander|programmer|realiser|completer|controler)(?: [a-z]+){0,2}"
    r"|(?:resultats?|examens?|bilans?|analyses?|serologies?) (?:[a-z]+ )?(?:en attente|en cours|attendus?)"
    r"|en attente(?: de(?:s| resultats?)?)?|demandes? (?:de bilans?|d examens?|de serologies?)"
)
_DOUBT = (
    r"hypotheses?(?: [a-z]+){0,2}"
    r"|(?:diagnostics?|diag\.?|dg) (?:diff(?:erentiels?|\.)?|(?:suppose|evoque|possible|suspecte|envisage|probable"
    r"|presume|discute|craint|redoute|provisoire|presomptif)s?"
    r"|a (?:evoquer|eliminer|exclure|ecarter|discuter|rechercher|confirmer|infirmer))|d ?d ?x?(?= ?:)"
    r"|(?:points? |reste )?a (?:eliminer|exclure|ecarter|infirmer|confirmer|discuter|evoquer)(?: [a-z]+){0,2}"
    r"|suspicions?(?: [a-z]+){0,2}|(?:pistes?|orientations?)(?: (?:diagnostiques?|etiologiques?))"
    r"|(?:etiologies?|causes?) (?:possibles?|evoquees?|envisagees?|probables?|suspectees?|a eliminer)"
    r"|on (?:evoque|discute|suspecte|elimine)"
)
_OTHER = (
    r"(?:traitements?|ttt|trt|tt)(?: [a-z']+){0,4}|allergies?(?: [a-z]+)?|histoire(?: (?:de la|recente)[a-z ]*)?|hdm"
    r"|anamnese|motifs?(?: [a-z']+){0,3}"
    r"|mode de vie|habitus|contexte(?: social)?|examen(?: [a-z]+){0,2}|clinique|a l examen|biologie|bio|bilan"
    r"|resultats?|conclusion|au total|evolution"
    r"|synthese|discussion|diagnostics?(?: [a-z]+)?|conduite a tenir|cat|prise en charge|plan|imagerie|radiologie"
    r"|scanner|irm|echographie|echo|ecg"
    r"|indication|technique|suivi|consultation|constantes|poids|taille|tabac|alcool|toxiques|vaccin[a-z]*|vacc"
    r"|groupe(?: sanguin)?|terrain"
    r"|situation(?: [a-z]+)?|social|profession|autonomie|geste|installation|intervention|sortie|consignes"
    r"|surveillance|observations?|interrogatoire"
    r"|pathologies?(?: [a-z]+){0,3}|affections?(?: [a-z]+){0,3}|depistage|grossesse actuelle|traitement|ordonnance"
    r"|courrier|objet|appels?|pathologie actuelle"
)
_TITLE = rf"(?:(?P<family>{_FAMILY})|(?P<doubt>{_DOUBT})|(?P<todo>{_TO_DO})|(?P<past>{_PAST})|(?P<other>{_OTHER}))"
_LEAD = r"[ >*#_=|+\[({-]{0,12}(?:(?:[0-9]{1,2}|[ivx]{1,4}|[a-h])[.) ]{1,3})?[ *_]{0,4}"
_AT_LINE = re.compile(
    rf"{_LEAD}{_TITLE}[ *_=#\])}}-]{{0,40}}(?:\([^()]{{0,30}}\) ?)?"
    rf"(?:(?P<colon>[:=;|]|[.](?= [a-z0-9]))|(?=[ .]*$)|(?P<wide>(?<=[ ]{{2}})))".encode()
)
_AT_END = re.compile(
    rb"(?<![a-z])(?:(?P<past>atcd[ts]?s?|antecedents?)(?: (?!fam)[a-z]+){0,3}|(?P<family>(?:atcd"
    rb"|antecedent)s? fam[a-z]*)) ?:[ ]*$"
)
_ASIDE = re.compile(rb"allerg|tabac|alcool|toxique|vacc|oh(?![a-z])")
_BARE = re.compile(
    (
        rf"{_LEAD}(?:atcd[ts]?s?|antcd|antec\.)(?: (?:med|chir|perso|medicaux|chirurgicaux"
        rf"|personnels))?(?= )(?! (?:de|d|du|fam)[ .])"
    ).encode()
)
_RULED = re.compile(rb"[ =_*#~.-]{3,}$")
_AT_SENTENCE = re.compile(rf"(?:(?<=[.;?!] )|(?<=[ ]{{3}})){_TITLE}[ ]?(?P<colon>:)".encode())
_LABEL = re.compile(rb"[ ]{0,40}(?P<label>[a-z][a-z0-9 ().]{1,40}?)[ ]{0,30}:")
_SPECIALTY = re.compile(
    rb"(?:cardio|cv\b|pneumo|resp|neuro|dig|gastro|hepato|uro|neph|endoc|metabol|ortho|traumato|rhumato|gyneco|gyn"
    rb"|obst|psy|ophtalmo"
    rb"|orl|dermato|onco|hemato|hemost|vasculaire|infect|medica|med\b|chir|perso|anesth|fracture|hospitalisation"
    rb"|intervention|cancer"
    rb"|immuno|somati|addict|sur le plan|plan|autres?\b|facteurs? de risque|fdr)"
)
_BULLET = re.compile(rb"[ ]{0,20}(?:[-*>+]|[0-9]{1,2}[.)/] )")
_NARRATED = re.compile(
    rb"[ ]{0,4}(?:hospitalis|admis|adress|actuellement|ce jour|a l (?:entree|examen|admission)|je |j |nous |vous "
    rb"|depuis|consult"
    rb"|(?:le|la|ce|cette|votre) patient|(?:(?:il|elle|monsieur|madame)(?: [a-z]+)? (?:consulte|est|presente|prend"
    rb"|vit|vient|souffre|decrit"
    rb"|rapporte|a ete (?:hosp|adress|admis|vu)))|se (?:presente|plaint)|devant|dans ce contexte|aux urgences|bonjour"
    rb"|cher|patiente? )"
)
_OF_PATIENT = re.compile(rb"[ ]{0,4}(?:il|elle|monsieur|madame|mme|mr) ")
_HEADED = re.compile(rb"[ ]{0,4}(?:[0-9]{1,2}[ /.][0-9]{1,2}[ /.][0-9]{2,4}|patiente?|[a-z ]{3,40}$|.*:$)")
_SENTENCE = re.compile(rb"[.;] ")
_BRACKETED = re.compile(rb" {0,8}\[[a-z][a-z .]{1,40}\] *$")


class Sections:
    """The headings of one passage, and what each fact stands under."""

    def __init__(self, folded: bytes, normal: bytes, marked: bytes) -> None:
        """`marked` is the normal form with facts masked by `F`: a label that names one is no heading."""
        self._marked = marked
        self._places = [0]
        self._rules = [Under.NOTHING]
        self._rule, self._level = Under.NOTHING, 0  # of the section that is open, and how far its heading stands in
        self._filled = self._deeper = self._inline = False
        self._lapsed = Under.NOTHING
        self._spaced = False  # empty lines stand between the parts of a section as well
        blank = True
        for start, end in _lines(folded):
            line = normal[start:end]
            if _RULED.match(line) or not line.strip():
                blank = blank or not line.strip()
                self._spaced = self._spaced or (blank and not self._filled)
                continue
            self._line(start, line, after_blank=blank)
            blank = False

    def under(self, place: int) -> Under:
        """Return what the section at a place of the passage says."""
        return self._rules[bisect_right(self._places, place) - 1]

    def _mark(self, place: int, rule: Under) -> None:
        if rule is not self._rules[-1]:
            self._places.append(max(place, self._places[-1]))
            self._rules.append(rule)

    def _line(self, start: int, line: bytes, *, after_blank: bool) -> None:
        title = _AT_LINE.match(line)
        bare = _BARE.match(line) if title is None else None
        level = _level(line)
        if title is not None:
            self._lapsed = Under.NOTHING
            self._open(start, line, title, level)
        elif bare is not None:
            self._rule, self._level, self._inline, self._filled, self._deeper = Under.PAST, level, True, True, False
            self._mark(start + bare.end(), self._rule)
        else:
            self._ended(line, self._marked[start : start + len(line)], level, after_blank=after_blank)
            self._filled = True
            self._deeper = self._deeper or level > self._level
            self._mark(start, self._rule)
        self._inside(start, line, title.end() if title else 0)
        last = _AT_END.search(line, max(0, len(line) - 80))
        if last is not None and title is None:
            self._rule = Under.FAMILY if last["family"] else Under.PAST
            self._level, self._inline, self._filled, self._deeper = level, False, False, False
            self._mark(start + last.end(), self._rule)

    def _open(self, start: int, line: bytes, title: re.Match[bytes], level: int) -> None:
        rule = _rule_of(title)
        inline = bool(line[title.end() :].strip(b" :.;"))
        if self._rule in (Under.PAST, Under.FAMILY) and not self._inline and rule is Under.NOTHING:
            other = title["other"] or b""
            if _ASIDE.match(other):
                self._mark(start + title.end(), rule)  # a word on the side: the section goes on behind it
                return
            if _SPECIALTY.match(other):
                self._mark(start, self._rule)
                return
        if self._rule in (Under.PAST, Under.FAMILY) and not self._inline and inline and level > self._level:
            self._mark(start + title.end(), rule)  # one line of a list: the next is under the list's heading again
            self._filled = self._deeper = True
            return
        if line.lstrip().startswith(b"[") and (title["past"] or b"").startswith(b"historique"):
            rule = Under.NOTHING  # a program's log of visits
        self._rule, self._level, self._inline = rule, level, inline
        self._filled, self._deeper, self._spaced = inline, False, False
        self._mark(start if rule is Under.NOTHING else start + title.end(), rule)  # "Tabac : 10/j" may be a fact itself

    def _ended(self, line: bytes, marked: bytes, level: int, *, after_blank: bool) -> None:
        """Look whether a line ends the section, or goes on with a list that only a broken line had ended."""
        if self._lapsed is not Under.NOTHING and not after_blank and level > self._level:
            self._rule = self._lapsed
        self._lapsed = Under.NOTHING
        if self._rule is not Under.NOTHING and self._over(line, marked, level, after_blank=after_blank):
            if self._deeper and not after_blank and not (_LABEL.match(line) or _BRACKETED.match(line)):
                self._lapsed = self._rule
            self._rule = Under.NOTHING

    def _inside(self, start: int, line: bytes, at: int) -> None:
        """Headings within a line, and sentences that tell of today."""
        for title in _AT_SENTENCE.finditer(line, at):
            self._rule, self._level, self._inline, self._filled = _rule_of(title), _level(line), True, True
            self._mark(start + title.start(), self._rule)
            at = title.end()
            if self._rule is Under.FAMILY and (stop := _SENTENCE.search(line, at)):
                self._rule = Under.NOTHING
                self._mark(start + stop.end(), self._rule)
        if self._rule is not Under.PAST or not self._inline:
            return
        for stop in _SENTENCE.finditer(line, at):
            if _NARRATED.match(line, stop.end()):
                self._rule = Under.NOTHING
                self._mark(start + stop.end(), self._rule)
                return

    def _goes_on(self, line: bytes) -> bool:
        """Whether a section whose parts stand apart goes on with a line behind an empty one."""
        if self._inline or not self._spaced or self._rule is Under.FAMILY or len(line) > 90:
            return False
        return _HEADED.match(line) is None

    def _over(self, line: bytes, marked: bytes, level: int, *, after_blank: bool) -> bool:
        """Whether a line that is no known heading ends the section."""
        if _BRACKETED.match(line):
            return True
        if level > self._level:
            return False
        if not self._inline and not self._filled:
            return False
        if self._deeper or (after_blank and not self._goes_on(line)):
            return True
        label = _LABEL.match(line)
        if label is not None and not _SPECIALTY.match(label["label"].strip()) and b"F" not in marked[: label.end()]:
            return True
        if self._inline and (self._rule is Under.FAMILY or len(line) > 90):
            return True
        return _NARRATED.match(line) is not None or _OF_PATIENT.match(line) is not None


def _level(line: bytes) -> int:
    """How far a line stands in: a bullet counts for two blanks."""
    return len(line) - len(line.lstrip()) + (2 if line.lstrip()[:1] in b"-*>+" else 0)


def _rule_of(title: re.Match[bytes]) -> Under:
    if title["family"]:
        return Under.FAMILY
    if title["todo"] or title["doubt"]:
        return Under.TO_DO if title["todo"] else Under.DOUBT
    return Under.PAST if title["past"] else Under.NOTHING


def _lines(folded: bytes) -> list[tuple[int, int]]:
    """Return the lines of a passage, those only wrapped by the page taken together."""
    lines: list[tuple[int, int]] = []
    start = 0
    for mark in re.finditer(rb"\n", folded):
        if ends_line(folded, mark.start()):
            lines.append((start, mark.start()))
            start = mark.end()
    return [*lines, (start, len(folded))]
