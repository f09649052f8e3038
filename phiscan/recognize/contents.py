"""What the values of one column say by themselves: the share of valid ones is the evidence.

Each test takes the distinct filled values of a sample and answers for the column as a whole. None needs a header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from phiscan.recognize import validators
from phiscan.recognize.dates import parse_date
from phiscan.recognize.persons import first_name, name_person

Values = Sequence[str]

_CIVILITIES = frozenset(
    "m m. mr mr. mme mme. mlle mlle. mrs ms monsieur madame mademoiselle enf enf. enfant bb bb. bebe soeur frere dr"
    " dr. pr pr. docteur professeur me".split()
)
_CODE = re.compile(
    r"(?i)[+\-]{1,4}|pos\.?|positi(?:f|ve)s?|neg\.?|negati(?:f|ve)s?|o|n|oui|non|[01]|vrai|faux|true|false|x|yes|no|"
    r"presente?|absente?|detectee?|(?:non|pas) ?detectee?|indetectable|reactif|non ?reactif|douteux|en ?cours|\?|nr|nc|"
    r"na|nd|nf|ni|i|inconnu|non ?fait|sans ?objet|\+/-|indetermine|connu|aucune?"
)
_DOCTOR = re.compile(r"(?i)(?:drs?|pr|docteur|professeur|prof)\b[. ]\s*[a-z]")
_NUMBER = re.compile(r"(?:[<>*=]{1,2} ?)?-?\d{1,7}(?:[ .]\d{3}){0,2}(?:[.,]\d{1,4})?(?: ?[a-zA-Z%/]{1,10}\d?)?")
_GROUP = re.compile(r"^(?:AB|A|B|O|0) ?(?:RH(?:ESUS)? ?)?D? ?(?:[+-]|(?:POS|NEG)\w{0,5})$", re.IGNORECASE)
_SIGNED = re.compile(
    r"(?i)(?:AB|A[12]?B?|B|O|0)[ /,;]{0,2}(?:RH(?:ESUS)?)?[ .:]{0,2}\(?[D1]?\)?[ .:]{0,2}"
    r"(?:\+{1,3}|-|(?:POS|NEG)\w{0,6}|PLUS|MOINS)"
)
_NO_MARK = re.compile(r"(?i)AB|O|0")
_LETTER = re.compile(r"(?i)AB|A[12]?B?|B|O|0")
_CLASS = re.compile(r"(?i)[C-F] ?[0-9+-]?|B ?[1-9]")  # one of classes or of marks
_MANY = 12  # people of whom one in a thousand groups has none with O or AB
_CIM10 = re.compile(r"[A-Z]\d\d(?:\.?\d{1,3})?[*+]?")
_PLACE = re.compile(r"[A-Z]\d{0,3}(?: [A-Z]\d{0,3}){0,4}")
_SEAT = re.compile(r"[A-Z](?:[0-3]\d|40)")
_FEWEST_PLACES = 15
_MOST_ROWS = 5
_ATC = re.compile(r"[ABCDGHJLMNPRSV]\d\d[A-Z]{2}\d\d")
_LOINC = re.compile(r"\d{1,5}-\d")
_CIP13 = re.compile(r"34009\d{8}")
_CCAM = re.compile(r"[A-HJ-NPQYZ][A-Z]{2}[A-HJ-NPYZ]\d{3}")  # region, organ, act, way in; codes of names end otherwise
_FINESS_KIND = re.compile(r"(?:\d\d|2[AB])[08]")
_STREET_TYPE = re.compile(
    r"(?i)(?:^|[ ,])(?:rue|r\.|av(?:enue|\.)?|b(?:ou)?l?v?d\.?|boulevard|place|pl\.?|impasse"
    r"|imp\.?|allees?|all\.?|chemin|"
    r"che\.?|chem\.?|route|rte|quai|square|sq\.?|cours|passage|residence|res\.?|lotissement"
    r"|lot\.?|hameau|faubourg|fbg?\.?|"
    r"sentier|venelle|ruelle|cite|villa|clos|domaine|esplanade|promenade|montee|traverse"
    r"|lieu[ -]?dit|bp|voie|mail|cour)"
    r"(?:[ .]|$)"
)
_ALNUM_DROP = str.maketrans("", "", " .-_/'")


def share(values: Values, check: Callable[[str], object] | None) -> float:
    """Return the share of values that pass a check; 0 where there is none of either."""
    if check is None or not values:
        return 0.0
    return sum(1 for value in values if check(value)) / len(values)


def wordlike(value: str) -> bool:
    """Whether a value reads as a few words: letters in the main, no sentence."""
    letters = sum(char.isalpha() for char in value)
    return letters >= 1 and letters * 2 >= len(value) and value.count(" ") <= 6


def coded(values: Values) -> bool:
    """A few codes that say yes or no, in any of the ways of laboratories."""
    return 1 <= len(set(values)) <= 12 and share(values, _CODE.fullmatch) >= 0.8


def civilities(values: Values) -> bool:
    """M., Mme, Mlle, Enf.: of a name, but no name."""
    return bool(values) and share(values, lambda value: value.lower() in _CIVILITIES) >= 0.9


def places(values: Values) -> bool:
    """Rooms, berths, shelves (C85, D7, C123): a letter and digits, and not as many digits as a code of CIM-10 has.

    Seats have as many; but so many diseases stand in more chapters, and further on in them, than a hall has seats.
    """
    if len(set(values)) < _FEWEST_PLACES:
        return False
    shaped = [value for value in values if _PLACE.fullmatch(value)]
    others = sum(1 for value in shaped if not _CIM10.fullmatch(value))
    rows = len({value[:1] for value in values}) <= _MOST_ROWS and share(values, _SEAT.fullmatch) >= 0.9
    return rows or (len(shaped) >= 0.9 * len(values) and others >= 0.1 * len(values))


def doctors(values: Values) -> bool:
    """Names with a doctor's title."""
    return bool(values) and share(values, _DOCTOR.match) >= 0.6


def numbers(values: Values) -> bool:
    """Measured values: numbers, with or without their unit, a word where nothing was to be measured."""
    measured = share(values, _NUMBER.fullmatch)
    return measured >= 0.6 or (
        measured >= 0.3 and share(values, lambda v: _NUMBER.fullmatch(v) or _CODE.fullmatch(v)) >= 0.8
    )


def first_names(values: Values) -> float:
    """Return the share of values whose first word is in the list of first names."""
    return share(values, lambda value: first_name(re.split(r"[ ,]", value)[0]))


def births(values: Values) -> bool:
    """Dates that spread as the births of a population do: over decades, most of them long ago."""
    if len(values) < 8:
        return False
    years = _years(values, 0.9)
    return bool(years) and _spread(years) >= 25 and years[len(years) // 2] < 2012


def recent(values: Values) -> bool:
    """Dates of the last years, as those of examinations are."""
    years = _years(values, 0.9)
    return len(values) >= 8 and bool(years) and years[0] >= 2000 and _spread(years) <= 15


def _years(values: Values, least: float) -> list[int]:
    dates = [date for date in map(parse_date, values) if date is not None]
    return sorted(date.year for date in dates) if dates and len(dates) >= least * len(values) else []


def _spread(years: list[int]) -> int:
    return years[len(years) * 9 // 10] - years[len(years) // 10]


def streets(values: Values) -> str | None:
    """Return the part of an address that a column of them holds: "" with postcode and town, or "street"."""
    if len(values) < 3 or share(values, _street) < 0.6:
        return None
    return "" if share(values, _with_town) >= 0.5 else "street"


def _street(value: str) -> bool:
    return value[:1].isalnum() and _STREET_TYPE.search(value) is not None and validators.address(value)


_TOWN = re.compile(r"(?<![0-9])(?:0[1-9]|[1-8][0-9]|9[0-8]|2[AB]) ?[0-9]{3},? +[A-Za-z]{2}")


def _with_town(value: str) -> bool:
    return _TOWN.search(value) is not None


_POSTCODE = re.compile(r"(?:0?[1-9]|[1-8][0-9]|9[0-8]|2[AB]) ?[0-9]{3}")


def postcodes(values: Values) -> bool:
    """Five digits (four where a zero is lost) that begin with a département."""
    return len(values) >= 3 and share(values, _POSTCODE.fullmatch) >= 0.95


@cache
def towns() -> frozenset[str]:
    """Return the names of the largest communes of France, folded, lower case, hyphens as spaces."""
    from phiscan.content import recognizers_folder

    lines = (recognizers_folder() / "identity" / "towns.txt").read_text(encoding="ascii").splitlines()
    return frozenset(line.replace("-", " ") for line in lines if line and not line.startswith("#"))


_TOWN_WORDS = re.compile(
    r"(?:saint|sainte|st|ste) [a-z' ]{3,40}|(?!tous )[a-z' ]{3,30}(?<! tous) (?:sur|sous|les|lez) [a-z' ]{3,30}"
    r"|[a-z' ]{2,40} cedex(?: [0-9]{1,2})?"
)
_TOWN_LONG = 6  # words; a remark has as many ("bilan tous les 3 mois")


def town(value: str) -> bool:
    """A commune by the list, or by words that only their names hold."""
    plain = value.lower().replace("-", " ").strip()
    return plain in towns() or (_TOWN_WORDS.fullmatch(plain) is not None and len(plain.split()) <= _TOWN_LONG)


def settled(values: Values) -> bool:
    """Communes, nearly all of them known."""
    return len(values) >= 3 and share(values, town) >= 0.6


def system(values: Values) -> str:
    """Return the code system whose codes nearly all values are, "" where none."""
    if len(values) < 5:
        return ""
    bare = [value.upper() for value in values]
    if share(bare, _loinc) >= 0.9:
        return "loinc"
    if share(bare, lambda value: _CIP13.fullmatch(value) and _ean(value)) >= 0.9:
        return "cip13"
    if share(bare, _ATC.fullmatch) >= 0.9:
        return "atc"
    if share(bare, _CCAM.fullmatch) >= 0.9:
        return "ccam"
    longer = share(bare, lambda value: len(value.replace(".", "")) >= 4)
    chapters = len({value[:1] for value in bare})
    if share(bare, _CIM10.fullmatch) >= 0.9 and longer >= 0.4 and chapters >= 3:
        return "cim10"
    return ""


def cim10(value: str) -> bool:
    """Whether a value is written as a code of CIM-10 is."""
    return _CIM10.fullmatch(value.upper()) is not None


def diagnoses(values: Values) -> bool:
    """Codes of CIM-10 and nothing else, one of them longer than a room: what a column of few diagnoses holds.

    >>> diagnoses(["C509", "B24", "Z21", "I10"]), diagnoses(["B24", "C50", "D12"]), diagnoses(["C509", "VIS"])
    (True, False, False)
    """
    if not 2 <= len(values) <= 20 or share(values, cim10) < 1.0:
        return False
    longer = sum(len(value.replace(".", "")) >= 4 for value in values)
    return bool(longer) and len({value[:1] for value in values}) >= 2


def _loinc(value: str) -> bool:
    from stdnum import luhn

    return _LOINC.fullmatch(value) is not None and luhn.is_valid(value.replace("-", ""))


def _ean(value: str) -> bool:
    from stdnum import ean

    return bool(ean.is_valid(value))


_LONGEST_NAME = 7  # words: "Mme LE GOFF nee DUPONT Marie Anne"; what goes on is a sentence about somebody


def whole_names(values: Values) -> bool:
    """Surname and given name in one cell, in either order; where a narrow column cut them, fewer are known."""
    known = share(values, lambda value: 2 <= len(value.split()) <= _LONGEST_NAME and name_person(value))
    return known >= 0.7 or (known >= 0.35 and share(values, _NAMES.fullmatch) >= 0.9)


_NAME = r"(?:[A-Z][A-Za-z'.\-]*|d[eu]s?|la|le|nee?|ep\.?)"
_NAMES = re.compile(rf"{_NAME}(?:,? {_NAME}){{1,4}},?")


def sanitary(value: str) -> bool:
    """A FINESS number and not any nine digits with a key: the third says what kind of establishment."""
    return validators.finess(value) and _FINESS_KIND.match(value.translate(_ALNUM_DROP)) is not None


_FIRST = 20  # values that tell most columns to be something else


def _mostly(check: Callable[[str], bool], least: float, distinct: int) -> Callable[[Values], str | None]:
    def test(values: Values) -> str | None:
        if len(values) < distinct or (len(values) > 2 * _FIRST and share(values[:_FIRST], check) < least / 2):
            return None
        return "" if share(values, check) >= least else None

    return test


def _names(values: Values) -> str | None:
    if len(values) < 3 or civilities(values):
        return None
    if first_names(values) >= 0.6:
        return "" if share(values, lambda value: len(value.split()) >= 2) >= 0.8 else "first_name"
    return "" if whole_names(values) else None


def _blood(values: Values) -> str | None:
    return "" if len(values) >= 3 and share(values, _GROUP.match) >= 0.8 else None


def marks(values: Values) -> bool:
    """Whether groups may be a teacher's marks, A+ and B-, but no O+: half of all people have O or AB."""
    return not any(_NO_MARK.match(value) for value in values)


def of_zero(values: Values) -> bool:
    """Whether a group O is among groups: AB is a mark as well (assez bien), O is none."""
    return any(value[:1] in "Oo0" for value in values)


def bare_groups(values: Values, filled: int) -> bool:
    """Whether what stands under `Groupe` in so many rows is of blood: with signs, or letters with an O among them.

    A class has groups A, B and C, and marks A+ and B-; but of many people somebody has O or AB.
    """
    if share(values, _CLASS.fullmatch) >= 0.25:
        return False
    if share(values, _SIGNED.fullmatch) >= 0.3:
        return filled < _MANY or not marks(values)
    letters = {value.upper() for value in values if _LETTER.fullmatch(value)}
    return len(letters) > 1 and bool(letters & {"O", "0"}) and share(values, _LETTER.fullmatch) >= 0.8


# Category → the part of it that the values are, None where they are none. Those above are certain whatever the header.
PROOFS: dict[str, Callable[[Values], str | None]] = {
    "nir": _mostly(validators.nir, 0.6, 3),
    "iban": _mostly(validators.iban, 0.8, 3),
    "email": _mostly(validators.email, 0.8, 3),
}
BY_CONTENT: dict[str, Callable[[Values], str | None]] = {
    **PROOFS,
    "rpps": _mostly(validators.rpps, 0.9, 5),
    "finess": _mostly(sanitary, 0.9, 5),
    "phone": _mostly(validators.phone_fr, 0.8, 5),
    "blood_group": _blood,
    "birth_date": lambda values: "" if births(values) else None,
    "address": streets,
    "practitioner": lambda values: "" if len(values) >= 3 and doctors(values) else None,
    "person_name": _names,
}
