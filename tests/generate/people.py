"""A seeded population of fictitious people, with the identity fields that laboratory software keeps.

`Population` hands out families: adults with a NIR of their own, children who stand under a parent's NIR, as on
a French insurance card. A person is who the contract says: NIR + birth name + first given name + birth date.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from tests.generate import names

T = TypeVar("T")

# Number ranges that no subscriber has: ARCEP keeps the first for fiction; 0700 and 0Z00 are not allotted.
_FICTION_MOBILE = "063998"
_FICTION_LANDLINES = ("019900", "026191", "035301", "046571", "053649")
_MAIL_DOMAINS = ("example.org", "example.fr", "example.com", "example.net")
_BIRTHPLACES = ("56", "45", "22", "35", "27", "29", "41", "44", "75", "93", "13", "59", "67", "69", "33", "76")
_FOREIGN = ("99352", "99350", "99351", "99139", "99134", "99127", "99122", "99109", "99341", "99326", "99208", "99243")
_OVERSEAS = ("971", "972", "973", "974", "976")
_DAY0 = date(1920, 1, 1)


@dataclass(frozen=True, slots=True)
class Person:
    """One fictitious patient. `nir` has 13 characters, `nir_key` 2; both are "" for who has no number.

    `birth_name` is the name at birth, `used_name` the name in use: equal for most. `given` are all given names.
    """

    sex: str  # "M" or "F"
    title: str  # civility as the counter typed it: "M.", "Mme", "Mlle", "enfant", "bébé", "sœur"
    birth: date
    nir: str
    nir_key: str
    birth_name: str
    used_name: str
    given: tuple[str, ...]
    street: str
    postcode: str
    town: str
    phone: str  # ten digits or ""
    mobile: str  # ten digits or ""
    email: str
    insurer: int  # index into names.INSURERS, -1 for none
    member: str  # member number at the insurer
    abo: str  # "A", "B", "AB", "O" or ""
    rhesus: str  # "+", "-" or ""

    @property
    def identity(self) -> tuple[str, str, str, date]:
        """Who this is for counting: NIR, birth name, first given name, birth date, spelling ignored."""
        return (self.nir, fold(self.birth_name), fold(self.given[0]), self.birth)


def nir_key(nir: str) -> str:
    """Return the two-digit key of a 13-character NIR: 97 minus the number modulo 97; 2A counts 19, 2B 18 (INSEE).

    >>> nir_key("2690549588157"), nir_key("253072B073004"), nir_key("2950199126111") != nir_key("2951099126111")
    ('80', '70', True)
    """
    digits = nir.replace("2A", "19").replace("2B", "18")
    return f"{97 - int(digits) % 97:02d}"


def fold(text: str) -> str:
    """Return `text` in capitals without accents, ligatures opened: how two spellings of one name are compared."""
    opened = text.replace("œ", "oe").replace("Œ", "OE").replace("ı", "i").replace("ł", "l").replace("Ł", "L")
    return "".join(c for c in unicodedata.normalize("NFKD", opened) if not unicodedata.combining(c)).upper()


def spell(text: str, encoding: str) -> str:
    """Return `text` as software limited to `encoding` would have kept it: letters it lacks lose their accent."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(c if _encodable(c, encoding) else fold(c) if c.isupper() else fold(c).lower() for c in text)
    return text


def _encodable(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def spaced_nir(nir: str, key: str = "") -> str:
    """Return a NIR as printed on a card: `1 85 05 78 006 084 36`."""
    parts = (nir[0], nir[1:3], nir[3:5], nir[5:7], nir[7:10], nir[10:13], key)
    return " ".join(part for part in parts if part)


def spaced_phone(phone: str, separator: str = " ") -> str:
    """Return ten digits in pairs."""
    return separator.join(phone[i : i + 2] for i in range(0, 10, 2)) if phone else ""


class Population:
    """An endless supply of people, the same for the same seed. No two NIR holders share a number but families."""

    def __init__(self, seed: int, *, wide: bool = False, without_nir: float = 0.004) -> None:
        """`wide` adds names that need Unicode; `without_nir` is the share of people whose number nobody knows."""
        self._rng = random.Random(seed)
        self._surnames: Sequence[str] = (*names.SURNAMES, *names.WIDE_SURNAMES) if wide else names.SURNAMES
        self._without_nir = without_nir
        self._taken: set[str] = set()

    def people(self, count: int) -> list[Person]:
        """Return the next `count` people, members of a family beside each other."""
        source = self._stream()
        return [next(source) for _ in range(count)]

    def __iter__(self) -> Iterator[Person]:
        return self._stream()

    def _stream(self) -> Iterator[Person]:
        random_ = self._rng.random
        while True:
            adult = self._adult()
            yield adult
            if adult.nir and adult.birth.year > 1960 and random_() < 0.033:
                for _ in range(1 + int(random_() * 2.4)):
                    yield self._child(adult)

    def _pick(self, items: Sequence[T]) -> T:
        return items[int(self._rng.random() * len(items))]

    def _digits(self, count: int) -> str:
        return f"{int(self._rng.random() * 10**count):0{count}d}"

    def _surname(self) -> str:
        name = self._pick(self._surnames)
        if self._rng.random() < 0.12:
            other = self._pick(names.SURNAMES)
            return f"{name}-{other}" if self._rng.random() < 0.7 else f"{name} {other}"
        return name

    def _given(self, sex: str) -> tuple[str, ...]:
        pool = names.FEMALE if sex == "F" else names.MALE
        first = self._pick(pool)
        if self._rng.random() > 0.1:
            return (first,)
        return tuple(dict.fromkeys((first, self._pick(pool), self._pick(pool))))[:3]

    def _adult(self) -> Person:
        random_ = self._rng.random
        sex = "F" if random_() < 0.57 else "M"
        birth = _DAY0 + timedelta(days=int(random_() * 30_300))  # 1920 to 2002
        surname = self._surname()
        married = sex == "F" and random_() < 0.55
        nir = "" if random_() < self._without_nir else self._nir(sex, birth)
        draw = random_()
        title = "M." if sex == "M" else "sœur" if draw < 0.001 else "Mlle" if draw < 0.12 and not married else "Mme"
        return self._person(sex, title, birth, nir, surname, self._surname() if married else surname)

    def _child(self, parent: Person) -> Person:
        """A child under the parent's NIR, at the parent's address."""
        random_ = self._rng.random
        sex = "F" if random_() < 0.5 else "M"
        birth = date(2004, 1, 1) + timedelta(days=int(random_() * 6_020))
        title = "bébé" if birth.year >= 2020 else "enfant"
        child = self._person(sex, title, birth, parent.nir, parent.used_name, parent.used_name)
        return replace(
            child,
            street=parent.street,
            postcode=parent.postcode,
            town=parent.town,
            phone=parent.phone,
            insurer=parent.insurer,
            member=parent.member,
        )

    def _person(self, sex: str, title: str, birth: date, nir: str, birth_name: str, used_name: str) -> Person:
        random_, pick = self._rng.random, self._pick
        given = self._given(sex)
        postcode, town = pick(names.TOWNS)
        street = f"{1 + int(random_() * 180)}{' bis' if random_() < 0.05 else ''} {pick(names.STREETS)}"
        email = ""
        if random_() < 0.12:
            local = fold(f"{given[0]}.{used_name}").lower().replace(" ", "").replace("'", "")
            email = f"{local}{int(random_() * 90)}@{pick(_MAIL_DOMAINS)}"
        blood = random_()
        abo = "" if blood > 0.09 else pick(("A", "A", "A", "A", "O", "O", "O", "O", "B", "AB"))
        insurer = int(random_() * len(names.INSURERS)) if random_() < 0.28 else -1
        return Person(
            sex=sex,
            title=title,
            birth=birth,
            nir=nir,
            nir_key=nir_key(nir) if nir else "",
            birth_name=birth_name,
            used_name=used_name,
            given=given,
            street=street,
            postcode=postcode,
            town=town,
            phone=self.phone() if random_() < 0.55 else "",
            mobile=self.mobile() if random_() < 0.325 else "",
            email=email,
            insurer=insurer,
            member=self._digits(9) if insurer >= 0 else "",
            abo=abo,
            rhesus=("-" if random_() < 0.15 else "+") if abo else "",
        )

    def phone(self) -> str:
        """Return a landline that nobody has."""
        if self._rng.random() < 0.2:
            return self._pick(_FICTION_LANDLINES) + self._digits(4)
        return "0" + self._pick("12345") + "00" + self._digits(6)

    def mobile(self) -> str:
        """Return a mobile number that nobody has."""
        return _FICTION_MOBILE + self._digits(4) if self._rng.random() < 0.1 else "0700" + self._digits(6)

    def _nir(self, sex: str, birth: date) -> str:
        """Return a NIR not handed out before, rarely with an unknown month or a birth in Corsica or abroad."""
        random_ = self._rng.random
        while True:
            draw = random_()
            if draw < 0.05:
                place = "2A" if random_() < 0.5 and birth.year >= 1976 else "2B" if birth.year >= 1976 else "20"
                place += f"{1 + int(random_() * 360):03d}"
            elif draw < 0.12:
                place = self._pick(_FOREIGN)
            elif draw < 0.14:
                place = self._pick(_OVERSEAS) + f"{1 + int(random_() * 30):02d}"
            else:
                place = self._pick(_BIRTHPLACES) + f"{1 + int(random_() * 380):03d}"
            month = birth.month if random_() > 0.002 else 20 + int(random_() * 10)
            order = f"{1 + int(random_() * 998):03d}"
            nir = f"{'2' if sex == 'F' else '1'}{birth.year % 100:02d}{month:02d}{place}{order}"
            if nir not in self._taken:
                self._taken.add(nir)
                return nir
