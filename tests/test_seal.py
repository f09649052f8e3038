"""Masks show no person, fingerprints need the key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.messages import Told
from phiscan.model import CATEGORIES
from phiscan.seal import EPHEMERAL, Sealer, mask


@pytest.mark.parametrize(
    ("category", "value", "shown"),
    [
        ("nir", "285027800608436", "28502••••••••••"),
        ("nir", "2 85 02 78 006 084 36", "2 85 02 •• ••• ••• ••"),
        ("birth_date", "12/03/1965", "••/••/19••"),
        ("birth_date", "2004-03-12", "••/••/20••"),
        ("birth_date", "12 mars 65", "••/••/••"),
        ("person_name", "DUPONT Marie", "•••"),
        ("email", "marie.dupont@example.org", "•••"),
        ("phone", "06 12 34 56 78", "06 •• •• •• ••"),
        ("hiv", "séropositif", "•••"),
        ("iban", "FR76 3000 6000 0112 3456 7890 189", "FR76 •••• •••• •••• •••• •••• •••"),
    ],
)
def test_masks(category: str, value: str, shown: str) -> None:
    assert mask(category, value) == shown


@given(st.sampled_from(sorted(CATEGORIES)), st.text(max_size=80))
def test_no_more_than_five_characters_of_any_value(category: str, value: str) -> None:
    assert sum(char.isalnum() for char in mask(category, value)) <= 5


def test_fingerprints_depend_on_the_key_and_on_nothing_else() -> None:
    one, other = Sealer(b"one"), Sealer(b"other")
    values = ["n|2850278006084|DUPONT/MARIE|19850212", "b|MARTIN/PAUL|19700101"]
    assert one.persons(values).tolist() == [one.persons([value])[0] for value in values]
    assert not set(one.persons(values).tolist()) & set(other.persons(values).tolist())
    assert Sealer.ephemeral().persons(values).tolist() != Sealer.ephemeral().persons(values).tolist()


def test_content_hash_names_its_key_and_leaves_the_offset(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"x" * 3_000_000)
    descriptor = os.open(file, os.O_RDONLY)
    try:
        assert Sealer(b"one", "k1").content(descriptor) == Sealer(b"one", "k1").content(descriptor)
        assert Sealer(b"one", "k1").content(descriptor).startswith("k1:")
        assert Sealer.ephemeral().content(descriptor).startswith(EPHEMERAL + ":")
        assert Sealer(b"two", "k1").content(descriptor) != Sealer(b"one", "k1").content(descriptor)
        assert os.lseek(descriptor, 0, os.SEEK_CUR) == 0
    finally:
        os.close(descriptor)


def test_a_key_file_gives_the_same_fingerprints_each_time(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("k2:" + "ab" * 32 + "\n")
    one, again = Sealer.from_file(key), Sealer.from_file(key)
    assert one.key_id == "k2"
    assert one.persons(["a"]).tolist() == again.persons(["a"]).tolist()


@pytest.mark.parametrize("content", ["", "k1:", "k0:" + "ab" * 32, "k1:" + "zz" * 32, "secret"])
def test_a_broken_key_file_is_told(tmp_path: Path, content: str) -> None:
    key = tmp_path / "key"
    key.write_text(content)
    with pytest.raises(Told, match="key_file"):
        Sealer.from_file(key)


def test_a_sealer_never_shows_its_key() -> None:
    assert "secret" not in repr(Sealer(b"secret"))
