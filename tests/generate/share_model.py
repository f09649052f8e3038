"""What the parts of the synthetic share have in common: a file with its expectation, and stable zip bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.generate.people import Person, Population
from tests.generate.truth import Census

_EPOCH = (2020, 11, 3, 8, 0, 0)
# What is asked of every file that names a patient and a fact, and of every file that names nobody's.
ALARMING = {"at_least": "high"}
HARMLESS = {"at_most": "info"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a scan as public must say of one file or member; None where a careful reader may think either way.

    `gap` is true where something cannot be read (a picture, without OCR), which a gap must say.
    `records` is given for tables only. `categories` maps to persons as (least, most); categories of the six watched
    ones (`WATCHED`) that are not named must be absent. `identified_health_persons` is (least, most).
    """

    status: str = "scanned"
    gap: bool = False
    records: int | None = None
    persons: int | None = None
    identified_health_persons: tuple[int, int] | None = None
    categories: dict[str, tuple[int, int]] = field(default_factory=dict)
    public: dict[str, str] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "status": self.status,
            "gap": self.gap,
            "records": self.records,
            "persons": self.persons,
            "identified_health_persons": self.identified_health_persons,
            "categories": self.categories,
            "public": self.public,
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the share and what is expected of it, or of its members by their path inside it."""

    path: str
    data: bytes
    expected: dict[str, Expected]  # "" for the file itself, else "inner.csv", "inner.zip!x.csv"
    volatile: bool = False  # bytes differ at each writing (random salt): an existing file is kept


def plain(path: str, data: bytes, expected: Expected) -> Entry:
    """Return an entry without members."""
    return Entry(path, data, {"": expected})


def of_census(census: Census) -> Expected:
    """Return what is expected of a table that `census` has counted."""
    truth: dict[str, Any] = census.as_dict()
    persons: int = truth["persons"]
    categories = {name: (found["persons"], found["persons_at_most"]) for name, found in truth["categories"].items()}
    return Expected(
        records=truth["records"],
        persons=persons,
        identified_health_persons=(truth["persons_with_a_health_fact"], persons),
        categories=categories,
        public=ALARMING if truth["persons_with_a_health_fact"] else None,
    )


def one_patient(*categories: str, maybe: Iterable[str] = ()) -> Expected:
    """Return what is expected of a document about one patient."""
    sure = dict.fromkeys(categories, (1, 1))
    return Expected(
        persons=1,
        identified_health_persons=(1, 1),
        categories=sure | dict.fromkeys(maybe, (0, 1)),
        public=ALARMING,
    )


def nobody(*mentioned: str) -> Expected:
    """Return what is expected of a file that speaks of no patient, whatever categories it mentions."""
    return Expected(identified_health_persons=(0, 0), categories=dict.fromkeys(mentioned, (0, 0)), public=HARMLESS)


def adults(seed: int, count: int, sex: str = "") -> list[Person]:
    """Return `count` adults of their own NIR, of one sex where given."""
    found = (
        p for p in Population(seed, without_nir=0.0) if p.title in ("M.", "Mme", "Mlle") and p.sex in (sex or "MF")
    )
    return [next(found) for _ in range(count)]


def stable_zip(members: Iterable[tuple[str, bytes]]) -> bytes:
    """Return a zip of `members` whose bytes depend on nothing else."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return stream.getvalue()


def freeze(data: bytes) -> bytes:
    """Return a zip-based document with its members' times fixed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return stable_zip([(info.filename, archive.read(info)) for info in archive.infolist()])
