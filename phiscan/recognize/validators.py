"""Scalar checks of found values: checksums on python-stdnum, and the structure that it leaves out.

Every check takes a folded ASCII string (see `phiscan.fold`), never raises on any string, and answers in
microseconds. `VALIDATORS` is the allow-list of names that a recognizer may ask for. A check says what a value
can be, never that it is one: a checksum alone never alerts, and a labelled value is kept when its check fails.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from phiscan.recognize.dates import parse_date
from phiscan.recognize.persons import (
    NOBODY,
    NOT_A_NAME,
    first_name,
    first_names,
    full_name,
    name_person,
    person_part,
    whole_name,
)

_AS_READ = str.maketrans("OIL", "011")  # what character recognition makes of digits
_DROP = str.maketrans("", "", " .-_/\t\n\r,'()")

# Sex, year, month (01-12; 20-30 and 50-99 unknown; 31-42 from an incomplete deed), place, order.
_NIR13 = re.compile(
    r"[123478][0-9]{2}(?:0[1-9]|1[0-2]|[23][0-9]|4[0-2]|[5-9][0-9])"
    r"(?:(?:0[1-9]|[1-8][0-9]|9[0-6]|99|2[AB])(?!000|99[1-9])[0-9]{3}|9[78][0-9](?!00|9[1-9])[0-9]{2})"
    r"(?!000)[0-9]{3}",
    re.ASCII,
)
_RPPS = re.compile(r"[0-9]{11}", re.ASCII)
_ADELI = re.compile(r"(?:0[1-9]|[1-8][0-9]|9[0-9]|2[AB])[0-9A-Z][0-9]{6}", re.ASCII)
_FINESS = re.compile(r"(?:0[1-9]|[1-8][0-9]|9[0-8]|2[AB])[0-9]{7}", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}", re.ASCII)
_IBAN_FR = re.compile(r"(?:FR|MC)[0-9]{12}[0-9A-Z]{11}[0-9]{2}", re.ASCII)
_PHONE = re.compile(
    r"(?:0|(?:\+|00)33(?:0)?)(?:[1-5][0-9]{8}|[67][0-9]{8}|8[0-9]{8}|9[0-9]{8})"
    r"|(?:\+|00)(?:262[269][0-9]{8}|590[569][0-9]{8}|59[46][5679][0-9]{8}|508[0-9]{6,9}|68[179][0-9]{6,8})",
    re.ASCII,
)
_COUNTING = re.compile("|".join("".join(f"{start + i:02d}" for i in range(5)) for start in range(6)))
_EMAIL = re.compile(
    r"(?=[^@]{1,64}@)[A-Za-z0-9](?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]*[A-Za-z0-9_+-])?"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6}([A-Za-z]{2,18})",
    re.ASCII,
)
_CNI = re.compile(r"[0-9]{12}|[A-Z0-9]{2}[0-9A-Z]{7}|[0-9]{2}[A-Z]{2}[0-9]{5}", re.ASCII)
_LOCAL_ID = re.compile(r"[0-9A-Z]{3,20}", re.ASCII)
_DATED = re.compile(r"[0-3]?[0-9]([./-])[01]?[0-9]\1(?:19|20)?[0-9]{2}", re.ASCII)
_STREET = re.compile(
    r"(?i:(?<![a-z0-9])(?:rue|avenue|ave?|boulevard|bl?v?d|place|pl|impasse|imp|allees?|all|chemin|chem?|che|route|"
    r"rte|quai|square|sq|cite|residence|res|lotissement|lot|lieu[ -]?dit|ld|cours|passage|villa|hameau|faubourg|fbg?|"
    r"sentier|voie|venelle|esplanade|promenade|montee|ruelle|clos|domaine|parc|rond[ -]point|traverse|"
    r"corniche|levee|bourg|quartier|mas|mail|cour|sente|bp|cs)(?![a-z]))",
    re.ASCII,
)
_POSTCODE = re.compile(r"(?<![0-9])(?:0[1-9]|[1-8][0-9]|9[0-8]|2[AB]) ?[0-9]{3}(?![0-9])", re.ASCII)
_NOT_PASSWORD = re.compile(
    r"(?i:x+|\*+|\.+|-+|_+|\?+|#+|n/?a|none|null|nil|true|false|vide|neant|aucun|oui|non|changeme|password|passwd|"
    r"mot_?de_?passe|mdp|secret|token|str|string|bytes|required|optional|utf-?8|sha[0-9]*|md5|[a-z]+\.[a-z_.]+)",
    re.ASCII,
)
_CODE = re.compile(r"[(){}\[\]<>;\"\\`]|\$[A-Za-z{(]|%[sd(]|://|::|->|==", re.ASCII)

# Not top-level domains but endings of files and code that look like an address (image@2x.png).
_FILE_ENDINGS = frozenset(
    "png jpg jpeg gif svg webp ico bmp css js ts jsx tsx py pyc java class cpp hpp rs rb go php html htm "
    "xml json yml yaml txt md rst cfg ini toml lock conf log sh bat exe dll so gz zip tar local "
    "localdomain localhost invalid service target socket timer mount scope slice git noarch".split()
)
_ROBOTS = frozenset(
    "noreply no-reply no_reply donotreply do-not-reply ne-pas-repondre nepasrepondre mailer-daemon "
    "postmaster hostmaster abuse root git svn bounce bounces".split()
)

_NO_ANSWER = frozenset("aucun aucune sans pas non oui ras n/a nr nc".split())


def _compact(value: str) -> str:
    return value.translate(_DROP).upper()


def _luhn(digits: str) -> bool:
    from stdnum import luhn

    # All zeros pass Luhn and are nobody's number.
    return digits.strip("0") != "" and luhn.is_valid(digits)


def nir13(value: str) -> bool:
    """Structure of the 13 characters of a NIR, without its key. Random digits pass once in forty.

    Source: INSEE, https://www.insee.fr/fr/metadonnees/definition/c1409; months 20-42 and 50-99 for incomplete
    deeds; sex 1 or 2, and 3, 4, 7, 8 for people being registered (NIA); 990 communes a département, 90 overseas.

    >>> nir13("2 95 10 99 126 111"), nir13("2 95 13 99 126 111"), nir13("2 95 10 99 126 000")
    (True, False, False)
    """
    return _NIR13.fullmatch(_compact(value)) is not None


def nir(value: str) -> bool:
    """A whole NIR: 15 characters in any spacing, structure of `nir13`, key = 97 - (number mod 97).

    Source: INSEE as above; Corsica 2A counts as 19 and 2B as 18 (python-stdnum `fr.nir`).

    >>> nir("2 95 10 99 126 111 93"), nir("253072B07300470"), nir("295109912611199")
    (True, True, False)
    """
    compact = _compact(value).replace("CLE", "").replace("|", "").replace(":", "").translate(_AS_READ)
    if value.strip().count("\n") > 1:  # over one line's end, not down a column
        return False
    if len(compact) != 15 or not _NIR13.fullmatch(compact[:13]) or not compact.isascii():
        return False
    from stdnum.fr.nir import calc_check_digits

    return calc_check_digits(compact) == compact[13:]


def ins_nir(value: str) -> bool:
    """Matricule INS: a NIR or a NIA with its key, 15 characters.

    Source: ANS, Référentiel Identifiant national de santé (OID 1.2.250.1.213.1.4.8 and .9).

    >>> ins_nir("295109912611193"), ins_nir("2951099126111")
    (True, False)
    """
    return nir(value)


def ins_c(value: str) -> bool:
    """INS-C, the computed identifier in use before the INS: 22 digits, not all the same.

    Source: ASIP Santé, Dossier de conception INS-C (OID 1.2.250.1.213.1.4.2).

    >>> ins_c("0234567890123456789012"), ins_c("0000000000000000000000"), ins_c("12345")
    (True, False, False)
    """
    compact = _compact(value)
    return len(compact) == 22 and compact.isascii() and compact.isdigit() and len(set(compact)) > 2


def ins(value: str) -> bool:
    """A matricule INS or an INS-C: see `ins_nir` and `ins_c`.

    >>> ins("295109912611193"), ins("0234567890123456789012"), ins("12345")
    (True, True, False)
    """
    return ins_nir(value) or ins_c(value)


def rpps(value: str) -> bool:
    """RPPS number of a health professional: 11 digits, Luhn.

    Source: ANS, Répertoire partagé des professionnels de santé; 99700218896 is a published test number.

    >>> rpps("99700218896"), rpps("99700218897"), rpps("00000000000")
    (True, False, False)
    """
    compact = _compact(value)
    return _RPPS.fullmatch(compact) is not None and _luhn(compact)


def adeli(value: str) -> bool:
    """ADELI number: 9 characters, département, then profession (a letter for some), six digits. No key is checked.

    Source: ANS, Répertoire ADELI.

    >>> adeli("75 1 12345 6"), adeli("2A1000123"), adeli("00123")
    (True, True, False)
    """
    return _ADELI.fullmatch(_compact(value)) is not None


def finess(value: str) -> bool:
    """FINESS number of an establishment: 9 characters, département first, Luhn; in Corsica A counts 1 and B 2.

    Source: DREES, FINESS; the rule for Corsica is read off published numbers (2A0000014, 2B0000020).

    >>> finess("750712184"), finess("2A0000014"), finess("750712185")
    (True, True, False)
    """
    compact = _compact(value)
    return _FINESS.fullmatch(compact) is not None and _luhn(compact.replace("A", "1").replace("B", "2"))


def siren(value: str) -> bool:
    """SIREN of a company: 9 digits, Luhn. Source: INSEE, Sirene.

    >>> siren("732 829 320"), siren("732829321")
    (True, False)
    """
    compact = _compact(value)
    return len(compact) == 9 and compact.isascii() and compact.isdigit() and _luhn(compact)


def siret(value: str) -> bool:
    """SIRET of an establishment: 14 digits, Luhn; for La Poste (356000000) the digits add up to a multiple of 5.

    Source: INSEE, Sirene.

    >>> siret("732 829 320 00074"), siret("35600000000048"), siret("73282932000075")
    (True, True, False)
    """
    compact = _compact(value)
    if len(compact) != 14 or not (compact.isascii() and compact.isdigit()):
        return False
    if compact.startswith("356000000") and sum(map(int, compact)) % 5 == 0:
        return True
    return _luhn(compact)


def iban(value: str) -> bool:
    """IBAN of any country python-stdnum knows (all of SEPA): mod 97 = 1 and the country's own structure.

    Source: ISO 13616. The French structure is checked here, because stdnum's general path is ten times slower.

    >>> iban("FR76 3000 6000 0112 3456 7890 189"), iban("BE68 5390 0754 7034"), iban("FR7630006000011234567890188")
    (True, True, False)
    """
    compact = _compact(value)
    if not _IBAN.fullmatch(compact):
        return False
    moved = compact[4:] + compact[:4]
    if int("".join([str(int(char, 36)) for char in moved])) % 97 != 1:
        return False
    if compact[:2] in ("FR", "MC"):
        return _IBAN_FR.fullmatch(compact) is not None
    from stdnum import iban as stdnum_iban

    # Bank code tables age: a bank it does not know is no reason to overlook an account.
    return stdnum_iban.is_valid(compact, check_country=False)


def phone_fr(value: str) -> bool:
    """A telephone number of France or an overseas territory, in any spacing; not one digit repeated, not 0123456789.

    Source: ARCEP, plan national de numérotation (01-09, +33, 0033, +262, 508, 590, 594, 596, 681, 687, 689).

    >>> phone_fr("06 12 34 56 78"), phone_fr("+33 (0)1.42.34.56.78"), phone_fr("+262 692123456"), phone_fr("0012345678")
    (True, True, True, False)
    """
    compact = _compact(value).translate(_AS_READ)
    if value.strip().count("\n") > 1:  # over one line's end, not down a column
        return False
    if len(compact) > 16 or not _PHONE.fullmatch(compact):
        return False
    national = compact[-8:]
    return (
        len(set(national)) > 1
        and not _COUNTING.fullmatch(compact)
        and not (value.isdigit() and compact == "0123456789")
    )


def email(value: str) -> bool:
    """An e-mail address by its structure alone (no network): not a robot's, not a file name such as image@2x.png.

    Source: RFC 5321 lengths, RFC 1123 host names.

    >>> email("marie.dupont@exemple.fr"), email("logo@2x.png"), email("no-reply@exemple.fr"), email("a..b@exemple.fr")
    (True, False, False, False)
    """
    value = value.strip()
    if len(value) > 254 or ".." in value:
        return False
    match = _EMAIL.fullmatch(value)
    if match is None or match[1].lower() in _FILE_ENDINGS:
        return False
    return value.partition("@")[0].lower() not in _ROBOTS


def date(value: str) -> bool:
    """A day that exists, between 1800 and 2199, in any notation of `phiscan.recognize.dates.parse_date`.

    >>> date("31/12/2024"), date("31/11/2024")
    (True, False)
    """
    day = parse_date(value)
    return day is not None and 1800 <= day.year < 2200


def birth_date(value: str) -> bool:
    """A day somebody living can be born on: it exists, from 1895 to today. 01/01/1900 is software's empty date.

    >>> birth_date("12 mars 1965"), birth_date("12/03/2165"), birth_date("01/01/1900")
    (True, False, False)
    """
    day = parse_date(value)
    if day is None or day.year < 1895 or (day.month, day.day, day.year) == (1, 1, 1900):
        return False
    return day <= dt.date.today()  # noqa: DTZ011 - births have no time zone


def cni(value: str) -> bool:
    """Identity card or passport: 12 digits, or 9 characters (since 2021), or 2 digits, 2 letters, 5 digits.

    Source: service-public.fr; no key is checked, so a label is needed.

    >>> cni("880692310285"), cni("D2H6862M2"), cni("14AB12345"), cni("123")
    (True, True, True, False)
    """
    compact = _compact(value)
    if not _CNI.fullmatch(compact) or len(set(compact)) < 3:
        return False
    return len(compact) == 12 or sum(char.isdigit() for char in compact) >= 3


def local_id(value: str) -> bool:
    """A house's own number (IPP, dossier, demande): 3 to 20 letters and digits, three digits or more, not all the same.

    >>> local_id("8001234567"), local_id("A-12 345"), local_id("0000000"), local_id("12"), local_id("DUPONT")
    (True, True, False, False, False)
    """
    compact = _compact(value)
    if not _LOCAL_ID.fullmatch(compact) or _DATED.fullmatch(value):
        return False
    digits = [char for char in compact if char.isdigit()]
    return len(digits) >= 3 and len(set(digits)) > 1


def insurance_value(value: str) -> bool:
    """An insurer's name or a number there: a capital or digit first, at most seven words, no sentence, no placeholder.

    >>> insurance_value("HARMONIE MUTUELLE"), insurance_value("01 751 0000"), insurance_value("voir avec la patiente")
    (True, True, False)
    """
    value = value.strip()
    if not 2 <= len(value) <= 60 or not (value[0].isupper() or value[0].isdigit()):
        return False
    if _CODE.search(value) or "=" in value or "#" in value or value.endswith(","):
        return False
    words = value.lower().split()
    return len(words) <= 7 and words[0].strip(".:") not in NOBODY | NOT_A_NAME | _NO_ANSWER


def password_like(value: str) -> bool:
    """A value that can be a clear-text password: 4 to 64 printable characters without space, no placeholder, no code.

    >>> password_like("Soleil56"), password_like("********"), password_like("os.environ"), password_like("getpass()")
    (True, False, False, False)
    """
    value = value.strip()
    if not 4 <= len(value) <= 64 or " " in value or not value.isascii() or not value.isprintable():
        return False
    return _NOT_PASSWORD.fullmatch(value) is None and _CODE.search(value) is None


def address(value: str) -> bool:
    """A postal address in part or whole: a kind of street (or BP, CS) with a number, or a postcode with a town.

    >>> address("12 bis rue des Lilas"), address("56000 VANNES"), address("BP 123"), address("rue"), address("12345")
    (True, True, True, False, False)
    """
    value = value.replace(" (", ", ").replace(")", "")  # 12 rue des Lilas (56000 Vannes)
    if not 4 <= len(value) <= 300 or _CODE.search(value) or "=" in value:
        return False
    if _STREET.search(value) and any("0" <= char <= "9" for char in value):
        return True
    match = _POSTCODE.search(value)
    return match is not None and re.search(r"[A-Za-z]{2}", value[match.end() :]) is not None


VALIDATORS: dict[str, Callable[[str], bool]] = {
    check.__name__: check
    for check in (
        nir,
        nir13,
        ins_nir,
        ins_c,
        ins,
        rpps,
        adeli,
        finess,
        siren,
        siret,
        iban,
        phone_fr,
        email,
        date,
        birth_date,
        cni,
        first_name,
        full_name,
        whole_name,
        name_person,
        person_part,
        local_id,
        insurance_value,
        password_like,
        address,
    )
}

__all__ = ["VALIDATORS", "first_name", "first_names"]
