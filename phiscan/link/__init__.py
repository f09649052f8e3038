"""Linking: which person a record is about, and what stands in that record.

Persons are named by the best identity that stands together in a record, in this order: NIR with name
and birth date; NIR or INS; name and birth date; patient id; name and address; e-mail or phone; a full
name in the patient's position. Null identities are nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

from phiscan.recognize.names import Name
from phiscan.tally import INEXACT, STRONG

NOBODY = Name()
# Of these numbers one patient has several: stays, requests, samples, references of letters.
_SEVERAL = frozenset(
    "NDA IEP SEJOUR VENUE VISITE PASSAGE ADMISSION HOSPITALISATION CONSULTATION ENTREE DEMANDE EXAMEN ECHANTILLON"
    " PRELEVEMENT TUBE LABO BULLETIN ANALYSE ORDONNANCE PRESCRIPTION REF REFERENCE INTERVENTION ACTE MDPH".split()
)
_LONG_ENOUGH = 5  # characters: shorter names differ in one letter and are others
_MISREAD = 2  # letters in which m becomes rn, u becomes ii


@dataclass(slots=True, repr=False)
class Identity:
    """What is known of who a record is about, each value canonical, "" where unknown."""

    nir: str = ""
    ins: str = ""
    patient_id: str = ""
    name: Name = NOBODY
    birth_date: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    called: str = ""  # what the text calls the patient id: IPP, NDA, dossier
    placed: bool = False  # it stands in the patient's position: labelled, or in a table's row

    def __repr__(self) -> str:
        return "<Identity>"

    @property
    def strong(self) -> bool:
        """Whether this identity can begin a record of its own."""
        return bool(self.nir or self.ins or self.patient_id or (self.name.key and self.birth_date))

    def named(self) -> tuple[str, int]:
        """Return the string a person is counted by, and its flags; ("", 0) is nobody.

        `phiscan.link.rows` does the same for whole columns; a test holds the two together.
        """
        name, number = self.name.key, self.nir or self.ins
        if number and name and self.birth_date:
            return f"n|{number}|{name}|{self.birth_date}", STRONG
        if number:
            return f"i|{number}", STRONG
        if name and self.birth_date:
            return f"b|{name}|{self.birth_date}", STRONG
        if self.patient_id:
            return f"p|{self.patient_id}", STRONG
        if not self.placed and not self.birth_date:
            return "", 0  # anybody may be named in a text, with address and phone: who wrote it, who is to be asked
        if name and self.address:
            return f"a|{name}|{self.address}", 0
        if self.email or self.phone:
            return (f"e|{self.email}" if self.email else f"t|{self.phone}"), 0
        if name:
            return f"m|{name}", INEXACT
        part = self.name.birth or self.name.last or self.name.first
        return (f"f|{part}|{self.birth_date}", INEXACT) if part and self.birth_date else ("", 0)

    def known(self) -> tuple[str, ...]:
        """Return what is known, for `explain`: categories, and of a name how much of it and where it stands."""
        names = ("nir", "ins", "patient_id", "birth_date", "address", "email", "phone")
        name = ("full_name" if self.name.key else "part_name",) if self.name else ()
        placed = () if self.placed or not self.name.key else ("not_placed",)
        return (*(part for part in names if getattr(self, part)), *name, *placed)

    def conflicts(self, other: Identity) -> bool:
        """Whether the two cannot be the same person."""
        if not same_name(self.name, other.name):
            return True
        # Under one and the same name, numbers that differ in one place were misread.
        same = near if self.name.key and other.name.first and other.name.last else str.__eq__
        pairs = (
            (self.nir, other.nir),
            (self.ins, other.ins),
            (self.birth_date, other.birth_date),
            # A patient has a number of each kind, and several of stays and samples.
            (self.patient_id, other.patient_id if self.called == other.called not in _SEVERAL else ""),
        )
        return any(a and b and not same(a, b) for a, b in pairs)

    def merge(self, other: Identity) -> None:
        """Take over what is not known yet."""
        if not self.patient_id:
            self.patient_id, self.called = other.patient_id, other.called
        for part in ("nir", "ins", "birth_date", "address", "email", "phone"):
            if not getattr(self, part):
                setattr(self, part, getattr(other, part))
        mine, theirs = self.name, other.name
        if mine.last and mine.last == theirs.first and not mine.first and theirs.last:
            mine = Name(first=mine.last)  # what stood alone was the given name
        if theirs.last and theirs.last == mine.first and not theirs.first and mine.last:
            theirs = Name(first=theirs.last)
        if _in_two(mine, theirs):
            mine = Name(theirs.last, theirs.first, theirs.birth)
        elif _in_two(theirs, mine):
            theirs = mine
        self.name = Name(mine.last or theirs.last, mine.first or theirs.first, mine.birth or theirs.birth)
        self.placed = self.placed or other.placed


def same_name(a: Name, b: Name) -> bool:
    """Whether two names can be one person's: unknown parts contradict nothing, and a name in use no birth name.

    A name that stands alone may be the given name; one that a scanner misread in one place is the same.
    """
    if any(lone == Name(lone.last) and lone.last and lone.last == full.first for lone, full in ((a, b), (b, a))):
        return True
    if any(_in_two(two, one) for two, one in ((a, b), (b, a))):
        return True
    if a.birth and b.birth:
        families = near(a.birth, b.birth)
    elif a.last and b.last:
        both = ((mine, theirs) for mine in (a.last, a.birth) for theirs in (b.last, b.birth))
        families = any(mine and theirs and near(mine, theirs) for mine, theirs in both)
    else:
        families = True
    if families and a.first and b.first and not near(a.first, b.first):
        # Given names are often cut short or given by their first letter.
        return a.first.startswith(b.first) or b.first.startswith(a.first)
    return families


def _in_two(two: Name, one: Name) -> bool:
    """Whether a surname of two words was taken for a surname and a given name: "SAID ALI" where nothing tells more."""
    if not (two.last and two.first) or two.birth:
        return False
    return bool({two.last + two.first, two.first + two.last} & {one.last, one.birth})


def near(a: str, b: str) -> bool:
    """Whether two canonical values are equal, or differ in one place as what a scanner misread does.

    >>> near("KERMARREC", "KERRNARREC"), near("19650312", "19650812"), near("DUPONT", "DURAND"), near("ROY", "REY")
    (True, True, False, False)
    """
    if a == b:
        return True
    least, most = sorted((len(a), len(b)))
    if least < _LONG_ENOUGH or most - least > 1:
        return False
    before = next((at for at in range(least) if a[at] != b[at]), least)
    after = next((at for at in range(least - before) if a[-1 - at] != b[-1 - at]), least - before)
    return most - before - after <= _MISREAD
