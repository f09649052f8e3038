"""What rules may know of a file: counts, who can read it, what is declared of its place. No text, and nobody's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from phiscan.declared import NOWHERE, Zoned
from phiscan.model import Kind, Level


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """What was found of one category."""

    kind: Kind
    hits: int
    persons: int  # patients with the category in one of their records
    assertions: Mapping[str, int] = field(default_factory=dict)  # hits by assertion in lower case


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """How an account is used at a place, by what access logs say; `kinds` are those of `phiscan.access.accounts`."""

    service: str
    name: str  # "" of visitors without one, or once it was purged
    kinds: tuple[str, ...]
    addresses: int  # from which it came at once, at most

    @property
    def nameable(self) -> bool:
        """Whether the name may be told to everybody: one that belongs to nobody is no person's."""
        return bool({"generic", "anonymous"} & set(self.kinds))


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one file when it is judged, or of an account and the place where it is used.

    Fictitious test persons are in `test_persons` only.
    """

    level: Level
    records: int = 0
    persons: int = 0  # distinct, whatever they are named by
    exact: bool = True
    identified_health: int = 0  # persons who stand in one record with a health category
    identified_health_exact: bool = True
    strong_persons: int = 0  # persons known by NIR, INS, patient id or name and birth date
    categories: Mapping[str, CategoryFacts] = field(default_factory=dict)
    test_persons: int = 0
    weak: bool = False  # some of it is encrypted by a method that is broken
    twin: bool = False  # in clear, beside the encrypted file that was made of it
    zone: Zoned = NOWHERE
    account: AccountFacts | None = None  # what is judged is this account; the counts are of what lies at its place

    @property
    def not_allowed(self) -> frozenset[str]:
        """The categories of patients that may not lie in this zone."""
        allow = self.zone.allow
        if allow is None:
            return frozenset()
        patients = {name: its for name, its in self.categories.items() if its.persons}
        return frozenset(name for name, its in patients.items() if name not in allow and its.kind not in allow)

    @property
    def named(self) -> bool:
        """True where some person is known by more than an address, e-mail or phone."""
        name = self.categories.get("person_name")
        return self.strong_persons > 0 or (name is not None and name.persons > 0)

    def has(self, what: str) -> bool:
        """Return whether the category, or any category of the kind, called `what` was found."""
        if what in set(Kind):
            return any(found.kind == what and found.hits for found in self.categories.values())
        found = self.categories.get(what)
        return found is not None and found.hits > 0
