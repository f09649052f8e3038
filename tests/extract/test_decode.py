"""Encodings: which one, and that no byte is lost when it was the wrong one."""

from __future__ import annotations

import io
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phiscan.extract.decode import (
    Encoding,
    FoldingReader,
    Source,
    Structure,
    cell_blocks,
    decode_bytes,
    detect,
    is_text,
    read_text,
)
from phiscan.fold import fold
from tests.extract.tabling import Failing, Shrinking

TEXTS = [
    "Hélène est née à Évreux, où elle a été opérée en août. Reçu le çà et là d'un bilan.",
    "LEFÈVRE;Hélène;née le 12/03/1985",
    "PRÉNOM : FRANÇOIS, DÉCÉDÉ",
    "Hélène",
    "L'hôpital : groupe sanguin à contrôler, sérologie négative",
    "Noël Zoë Maïté Gaël",
    "N° de dossier 12, prélevé à 8 h",
]
SINGLE = ["cp1252", "cp850", "mac-roman"]
WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("encoding", SINGLE)
def test_french_in_one_byte_a_character(text: str, encoding: str) -> None:
    assert detect(text.encode(encoding), whole=True) == Encoding(encoding, 0, encoding)


@pytest.mark.parametrize("text", ["l’été dernier, « négative » — 12 €", "d’après l’échographie", "cœur : sœur"])
@pytest.mark.parametrize("encoding", ["cp1252", "mac-roman"])
def test_french_typography(text: str, encoding: str) -> None:
    assert detect(text.encode(encoding), whole=True).name == encoding


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", *WIDE])
def test_unicode_without_a_mark(text: str, encoding: str) -> None:
    assert detect(text.encode(encoding), whole=True) == Encoding(encoding)


@pytest.mark.parametrize(("encoding", "size"), [("utf-8", 3), ("utf-16-le", 2), ("utf-16-be", 2), ("utf-32-le", 4)])
def test_byte_order_mark(encoding: str, size: int) -> None:
    data = "\ufeffHélène".encode(encoding)
    assert detect(data, whole=True) == Encoding(encoding, size)
    assert "".join(read_text(io.BytesIO(data), detect(data, whole=True))) == "Hélène"


def test_plain_ascii_is_decided_by_the_tail() -> None:
    assert detect(b"abc" * 100, tail="né à Évreux".encode("cp850"), whole=False) == Encoding("utf-8", 0, "cp850")
    assert detect(b"", whole=True) == Encoding("utf-8")


def test_a_character_cut_at_the_end_of_the_head() -> None:
    head = "Hélène Évreux é".encode()[:-1]
    assert detect(head, whole=False).name == "utf-8"
    assert detect(head, whole=True).name != "utf-8"


def test_what_is_text() -> None:
    assert all(is_text(text.encode(encoding)) for text in TEXTS for encoding in ["utf-8", *SINGLE, *WIDE])
    assert is_text(b"")
    assert is_text(b"DUPONT\0\0\0MARIE\0\0\n" * 5)
    assert is_text(b"\xff\xfea\0")
    assert is_text("Дата рождения пациента".encode("cp1251"))


def test_what_is_no_text() -> None:
    noise = random.Random(1).randbytes(4096)
    assert not is_text(noise)
    assert not is_text(b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\0>\0\x01\0\0\0" * 20)
    assert not is_text(bytes(4096))
    assert not is_text(b"".join(value.to_bytes(2, "little") for value in range(1, 30)) * 8)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", *SINGLE, *WIDE])
def test_text_and_folded(text: str, encoding: str) -> None:
    long = (text + "\n") * 40_000
    data = long.encode(encoding)
    found = detect(data[: 1 << 18], whole=False)
    assert "".join(read_text(io.BytesIO(data), found)) == long
    assert FoldingReader(io.BytesIO(data), found).read() == fold(long)
    assert b"".join(cell_blocks(Source(io.BytesIO(data)), found, Structure(";", '"'))) == fold(long)


def test_reading_in_small_steps() -> None:
    reader = FoldingReader(io.BytesIO("né à Évreux\n".encode() * 3), Encoding())
    assert reader.readable()
    assert not reader.seekable()
    found = []
    while data := reader.read(5):
        found.append(data)
    assert b"".join(found) == b"ne a Evreux\n" * 3
    assert max(map(len, found)) == 5
    assert reader.gap is None


def test_combining_marks_are_composed_even_across_blocks() -> None:
    text = "He\u0301le\u0300ne " * 200_000
    assert FoldingReader(io.BytesIO(text.encode()), Encoding()).read() == b"Helene " * 200_000
    assert "".join(read_text(io.BytesIO(text.encode("utf-16-le")), Encoding("utf-16-le"))) == "Hélène " * 200_000


def test_a_few_bytes_that_are_no_utf8() -> None:
    data = "Hélène né à Évreux\n".encode() * 3 + "Hélène à Évreux\n".encode("cp1252") + "Zoé œuf\n".encode() * 3
    found = detect(data[:20], whole=False)
    assert found.name == "utf-8"
    assert FoldingReader(io.BytesIO(data), found).read() == (
        b"Helene ne a Evreux\n" * 3 + b"Helene a Evreux\n" + b"Zoe ouf\n" * 3
    )


@pytest.mark.parametrize("first", ["utf-8", *SINGLE, *WIDE])
@pytest.mark.parametrize("second", ["utf-8", *SINGLE])
def test_the_encoding_changes_half_way(first: str, second: str) -> None:
    line = "LEFÈVRE;Hélène;prélevée à domicile\n"
    data = (line * 60_000).encode(first) + (line * 60_000).encode(second)
    folded = FoldingReader(io.BytesIO(data), detect(data[: 1 << 18], whole=False)).read()
    right = folded.count(b"LEFEVRE;Helene;prelevee a domicile\n")
    # A block of 1 MiB in which the change falls may keep the first encoding for the rest of it.
    assert right >= 60_000 if first in WIDE else right >= 120_000 - (1 << 20) // 36


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_appended_to_8_bit(encoding: str) -> None:
    data = b"DUPONT;Marie\n" * 10 + "LEFÈVRE;Hélène\n".encode(encoding) * 100
    folded = FoldingReader(io.BytesIO(data), Encoding()).read()
    assert folded.count(b"LEFEVRE;Helene") == 100


@pytest.mark.parametrize(
    ("spoilt", "meant"),
    [
        ("HÃ©lÃ¨ne, nÃ©e Ã\xa0 Ã‰vreux\n", "Hélène, née à Évreux\n"),
        ("dÃ©cÃ¨s de sa sÅ“ur Ã\xa0 lâ€™hÃ´pital Â«\xa0Nord\n", "décès de sa sœur à l’hôpital «\xa0Nord\n"),
        ("Schizophr&eacute;nie&nbsp;: l&#39;h&#xf4;pital &#233;\n", "Schizophrénie\xa0: l’hôpital é\n"),
        (
            "&lt;b&gt; &quot;AT&T&quot; &amp; &foo; &#10; &#8232;\n",
            "&lt;b&gt; &quot;AT&T&quot; &amp; &foo; &#10; &#8232;\n",
        ),
        ("SÃO PAULO, IRMÃ © 2024\n", "SÃO PAULO, IRMÃ © 2024\n"),
        ("une seule fois : Ã©\n", "une seule fois : Ã©\n"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_spoilt_text_is_read_as_it_was_meant(spoilt: str, meant: str, encoding: str) -> None:
    data = ("ligne\n" + spoilt).encode(encoding)
    assert "".join(read_text(io.BytesIO(data), Encoding(encoding))) == "ligne\n" + meant
    assert decode_bytes(data, Encoding(encoding)) == "ligne\n" + meant
    folded = FoldingReader(io.BytesIO(data), Encoding(encoding)).read()
    assert folded == fold("ligne\n" + meant)


def test_entities_in_8_bit_text() -> None:
    data = b"n&eacute;e \xe0 Vannes\n"
    assert "".join(read_text(io.BytesIO(data), Encoding("cp1252"))) == "née à Vannes\n"
    assert FoldingReader(io.BytesIO(data), Encoding("cp1252")).read() == b"nee a Vannes\n"


def test_nul_bytes_are_spaces() -> None:
    assert "".join(read_text(io.BytesIO(b"a\0b\0\0c"), Encoding())) == "a b  c"
    assert FoldingReader(io.BytesIO(b"a\0b\0\0c"), Encoding("cp1252")).read() == b"a b  c"


def test_what_folds_to_structure_is_made_harmless() -> None:
    text = "« a »;“b”;c\u037ed\u2028e\tf\n"
    folded = b"".join(cell_blocks(Source(io.BytesIO(text.encode())), Encoding(), Structure(";", '"')))
    assert folded == b"' a ';'b';c d e f\n"
    data = "« a »;“b”\n".encode("cp1252")
    assert b"".join(cell_blocks(Source(io.BytesIO(data)), Encoding("cp1252"), Structure(";", '"'))) == b"' a ';'b'\n"


def test_decode_bytes() -> None:
    assert decode_bytes("Hélène".encode()[:-1], Encoding()) == "Hélèn" + "e"[:0]
    assert decode_bytes("\ufeffHé".encode("utf-16-le") + b"x", Encoding("utf-16-le", 2)) == "Hé"


def test_failing_and_shrinking_files() -> None:
    failing = Failing(b"abc\n" * 1_000_000)
    failing.good = 1 << 20
    reader = FoldingReader(failing, Encoding())
    assert len(reader.read()) == 1 << 20
    assert reader.gap is not None
    assert (reader.gap.reason, reader.gap.detail) == ("vanished", "the file could not be read to its end")
    shrinking = Shrinking(b"abc\n" * 1_000_000)
    shrinking.left = 5
    reader = FoldingReader(shrinking, Encoding())
    assert len(reader.read()) == 1 << 20
    assert reader.gap is not None
    assert reader.gap.detail == "the file became shorter while it was read"
    closed = io.BytesIO(b"abc")
    closed.close()
    assert list(read_text(closed, Encoding())) == []


@given(st.binary(max_size=300), st.sampled_from(["utf-8", *SINGLE, *WIDE]), st.booleans())
def test_any_bytes_can_be_read(data: bytes, name: str, whole: bool) -> None:
    for encoding in (Encoding(name), detect(data, whole=whole)):
        text = "".join(read_text(io.BytesIO(data), encoding))
        folded = FoldingReader(io.BytesIO(data), encoding).read()
        assert len(folded) == len(text)
        assert folded.isascii()
        b"".join(cell_blocks(Source(io.BytesIO(data)), encoding, Structure(",", '"'), 64))
        decode_bytes(data, encoding)
    is_text(data)


@given(st.text(max_size=300))
def test_utf8_text_comes_back(text: str) -> None:
    from phiscan.fold import compose

    found = "".join(read_text(io.BytesIO(text.encode("utf-8", "ignore")), Encoding()))
    if text.count("\0") <= 16:
        assert found == compose(text.replace("\0", " "))


def test_a_long_line_takes_constant_time_per_byte() -> None:
    start = time.perf_counter()
    data = "é".encode("cp1252") * (20 << 20)
    assert sum(map(len, read_text(io.BytesIO(data), Encoding("cp1252", 0, "cp1252")))) == 20 << 20
    assert time.perf_counter() - start < 10
