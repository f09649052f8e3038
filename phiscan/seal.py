"""The only place where a value becomes a mask or a keyed fingerprint.

A fingerprint without a key would be no protection: there are few enough NIR to try them all. The key
lives in a file of its own; a scan that has none makes one up for its own duration, so that nothing
in its report can be recomputed later.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from phiscan.messages import Told

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

EPHEMERAL = "k0"
_ID = re.compile(r"k[1-9][0-9]{0,5}")
_HIDDEN = "•"


class Sealer:
    """Makes keyed fingerprints. `key_id` is `k0` for a key that nobody keeps."""

    def __init__(self, secret: bytes, key_id: str = EPHEMERAL) -> None:
        self.key_id = key_id
        self._content = hashlib.blake2b(secret, digest_size=32, person=b"phiscan content").digest()
        self._person = hashlib.blake2b(secret, digest_size=16, person=b"phiscan person").digest()
        self._record = hashlib.blake2b(secret, digest_size=32, person=b"phiscan record").digest()
        self._line = hashlib.blake2b(secret, digest_size=32, person=b"phiscan log line").digest()
        # Says whether a key is the same without saying anything of it.
        self.check = hashlib.blake2b(secret, digest_size=16, person=b"phiscan check").hexdigest()

    @classmethod
    def ephemeral(cls) -> Sealer:
        """Return a sealer whose key is forgotten with the process."""
        return cls(secrets.token_bytes(32))

    @classmethod
    def from_file(cls, path: Path) -> Sealer:
        """Read a key file: one line `k1:` and 64 hexadecimal digits."""
        try:
            text = path.read_text("ascii").strip()
        except OSError as error:
            raise Told("key.file", path=str(path), why=error.strerror or "") from None
        except UnicodeDecodeError:
            raise Told("key.shape", path=str(path)) from None
        key_id, _, digits = text.partition(":")
        if not _ID.fullmatch(key_id) or not re.fullmatch("[0-9a-f]{64}", digits):
            raise Told("key.shape", path=str(path))
        return cls(bytes.fromhex(digits), key_id)

    @classmethod
    def make(cls, path: Path) -> None:
        """Write a new key file, mode 0600. Raises `Told` where that fails or where there is one."""
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
                file.write(f"k1:{secrets.token_hex(32)}\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Told("key.made", path=str(path), why=error.strerror or "") from None

    def sign(self, record: str) -> str:
        """Return the keyed signature of a record of our own, as hexadecimal digits."""
        return hmac.new(self._record, record.encode(), "sha256").hexdigest()

    def line(self, file: bytes, place: int, line: bytes) -> str:
        """Return the seal of a log line and of where it stood: whoever changes it in the store cannot make it anew."""
        return hmac.new(self._line, b"%s\0%d\0%s" % (file, place, line), "sha256").hexdigest()

    def persons(self, identities: Sequence[str]) -> npt.NDArray[np.uint64]:
        """Return one 64-bit keyed fingerprint for each identity string (never empty ones: leave nobody out before)."""
        import numpy as np

        values = [identity.encode() for identity in identities]
        offsets = np.zeros(len(values) + 1, np.int64)
        np.cumsum([len(value) for value in values], out=offsets[1:])
        return self.persons_in(b"".join(values), offsets)

    def persons_in(self, data: bytes, offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
        """Return the fingerprint of each identity `data[offsets[i]:offsets[i + 1]]`, UTF-8."""
        from phiscan.siphash import siphash

        return siphash(self._person, data, offsets)

    def content(self, descriptor: int) -> str:
        """Return the keyed hash of everything behind a descriptor, as `k1:9f3c…`; its offset is left at 0."""
        state = hmac.new(self._content, digestmod="sha256")  # processors hash it twice as fast as BLAKE2
        offset = 0
        while block := os.pread(descriptor, 1 << 20, offset):
            state.update(block)
            offset += len(block)
        return f"{self.key_id}:{state.hexdigest()[:32]}"


def mask(category: str, value: str) -> str:
    """Return what may be shown of a value: enough to recognise the place, never the person.

    No letter of a name and no full date; at most five characters of a number.

    >>> mask("nir", "2 85 02 78 006 084 36"), mask("birth_date", "12/03/1965"), mask("person_name", "DUPONT")
    ('2 85 02 •• ••• ••• ••', '••/••/19••', '•••')
    """
    shown = _SHOWN.get(category, 0)
    if category in ("birth_date", "exam_date"):
        return "••/••/" + (re.search(r"(?<!\d)(?:19|20)(?=\d\d(?!\d))", value) or [""])[0] + "••"
    if not shown or not value:
        return _HIDDEN * 3
    out, left = [], shown
    for char in value[:40]:
        if not char.isalnum():
            out.append(char if char in " .-/" else _HIDDEN)
        elif left:
            out.append(char)
            left -= 1
        else:
            out.append(_HIDDEN)
    return "".join(out)


# Characters of a number that may be shown, by category.
_SHOWN = {"nir": 5, "ins": 5, "iban": 4, "phone": 2, "rpps": 3, "finess": 3, "adeli": 3, "patient_id": 1}
