"""Mail: a message (headers, body, attachments), and mailboxes of many.

The body is one part: its headers first, then its text. Attachments are parts of their own. A forwarded
message is a passage of the body, and its attachments stand beside the others.
"""

from __future__ import annotations

import email.policy
import io
import re
from collections.abc import Iterator
from email.message import EmailMessage, Message
from email.parser import BytesParser
from typing import TYPE_CHECKING, BinaryIO

from phiscan.errors import Unreadable
from phiscan.extract.budget import Budget, Doc, Visit, gap_part, numbered, texts
from phiscan.extract.budget import leaf as leaf_part
from phiscan.model import Chunk, Gap, Part, Text

if TYPE_CHECKING:
    from phiscan.extract.kind import Kind

MAX_MESSAGE = 128 << 20  # bytes: a message is held in memory several times
MAX_PARTS = 1000  # of one message
HEADERS = ("From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Date", "Subject", "Comments", "Keywords")
_FROM = re.compile(rb"From [^\r\n]* \d{4}(?: [+-]\d{4})?\r?\n")
_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime")


def parts(doc: Doc, kind: Kind, visit: Visit, budget: Budget) -> Iterator[Part]:
    """Yield the body of one message, then its attachments."""
    doc.stream.seek(0)
    if doc.size > MAX_MESSAGE:
        yield gap_part(doc, kind, "too_big", "message too large to be read")
        return
    message = _parse(doc.stream.read(MAX_MESSAGE))
    if sealed := _sealed(message):
        yield leaf_part(doc, kind, numbered(_headers(message, starts=False)))
        yield Part(doc.label("encrypted body"), _type(message), 0, iter(()), "encrypted", sealed)
        return
    yield leaf_part(doc, kind, numbered(_body(message)))
    yield from _attachments(doc, message, visit, budget)


def mailbox(doc: Doc, kind: Kind, visit: Visit, budget: Budget) -> Iterator[Part]:
    """Yield all bodies of a mailbox as one part, then all attachments. Each message begins something new."""
    yield leaf_part(doc, kind, numbered(_bodies(doc)))
    for number, raw in enumerate(_messages(doc.stream), 1):
        if isinstance(raw, bytes):
            yield from _attachments(doc, _parse(raw), visit, budget, prefix=f"{number}/")


def _bodies(doc: Doc) -> Iterator[Chunk | Gap]:
    for raw in _messages(doc.stream):
        if isinstance(raw, Gap):
            yield raw
        else:
            message = _parse(raw)
            yield from _headers(message, starts=True) if _sealed(message) else _body(message, starts=True)


def _messages(stream: BinaryIO) -> Iterator[bytes | Gap]:
    """Yield the messages of a mailbox. They are told apart by a line "From " behind an empty line."""
    stream.seek(0)
    held: list[bytes] = []
    size, empty = 0, True
    while line := stream.readline(1 << 16):
        if empty and _FROM.match(line) and held:
            yield b"".join(held)
            held, size = [], 0
        elif not _FROM.match(line) or not empty:
            held.append(line)
            size += len(line)
        if size > MAX_MESSAGE:
            yield Gap("extract", "too_big", "message too large to be read")
            held, size = [], 0
        empty = line in (b"\n", b"\r\n")
    if held:
        yield b"".join(held)


def _parse(raw: bytes) -> Message:
    return BytesParser(policy=email.policy.default).parse(io.BytesIO(raw))


def _header(message: Message, name: str) -> list[str]:
    """Return the values of a header; hostile ones make the parser of the standard library fail."""
    try:
        return [str(value) for value in message.get_all(name, [])]
    except Exception:
        raw = message.raw_items() if isinstance(message, EmailMessage) else message.items()
        return [str(value) for key, value in raw if key.lower() == name.lower()]


def _headers(message: Message, *, starts: bool) -> Iterator[Text]:
    lines = [f"{name}: {' '.join(value.split())}" for name in HEADERS for value in _header(message, name)]
    yield from texts([*lines, ""], starts=starts)


def _sealed(message: Message) -> str:
    """Return "smime" or "pgp" where the whole message is encrypted, else ""."""
    content = _type(message)
    if content == "multipart/encrypted":
        return "pgp"
    if content in _SEALED and "signed" not in str(_param(message, "smime-type")):
        return "smime"
    return ""


def _type(message: Message) -> str:
    try:
        return message.get_content_type()
    except Exception:
        return "application/octet-stream"


def _param(message: Message, name: str) -> str:
    try:
        return str(message.get_param(name) or "").lower()
    except Exception:
        return ""


def _leaves(message: Message) -> Iterator[Message]:
    """Yield a message and everything within it, in order; at most `MAX_PARTS`."""
    for count, leaf in enumerate(message.walk()):
        if count >= MAX_PARTS:
            raise Unreadable("bomb", "more parts in a message than allowed")
        yield leaf


def _is_attachment(leaf: Message) -> bool:
    if leaf.is_multipart():
        return False
    named = leaf.get_content_disposition() == "attachment" or bool(_filename(leaf))
    return named or leaf.get_content_maintype() != "text"


def _filename(leaf: Message) -> str:
    try:
        return str(leaf.get_filename() or "")
    except Exception:
        return ""


def _body(message: Message, *, starts: bool = False) -> Iterator[Chunk | Gap]:
    """Yield headers and texts. HTML that says no more than the plain text before it is left out."""
    said: set[str] = set()
    yield from _headers(message, starts=starts)
    for leaf in _leaves(message):
        if leaf is not message and _type(leaf) == "message/rfc822":
            said = set()
            yield from _forwarded(leaf)
        elif not leaf.is_multipart() and not _is_attachment(leaf):
            yield from _text(leaf, said)


def _forwarded(leaf: Message) -> Iterator[Text]:
    inner = leaf.get_payload()
    if isinstance(inner, list) and inner and isinstance(inner[0], Message):
        yield from _headers(inner[0], starts=True)


def _text(leaf: Message, said: set[str]) -> Iterator[Chunk | Gap]:
    raw = leaf.get_payload(decode=True)
    data = raw if isinstance(raw, bytes) else b""
    charset = _param(leaf, "charset")
    if _type(leaf) == "text/html":
        from phiscan.extract.markup import html_chunks

        chunks = list(html_chunks(data, charset))
        words = {word for chunk in chunks if isinstance(chunk, Text) for word in chunk.text.split()}
        if all(isinstance(chunk, Text) for chunk in chunks) and words <= said:
            return
        yield from chunks
        return
    text = _decode(data, charset)
    said.update(text.split())
    yield from texts([*text.splitlines(), ""])


def _decode(data: bytes, charset: str) -> str:
    """Decode by the declared character set where that works, otherwise by looking."""
    try:
        return data.decode(charset or "utf-8")
    except (LookupError, UnicodeDecodeError):
        from phiscan.extract.decode import decode_bytes, detect

        return decode_bytes(data, detect(data[: 1 << 16], whole=len(data) <= 1 << 16))


def _attachments(doc: Doc, message: Message, visit: Visit, budget: Budget, prefix: str = "") -> Iterator[Part]:
    for number, leaf in enumerate(_leaves(message), 1):
        if not _is_attachment(leaf):
            continue
        if budget.spent:
            return
        name = prefix + (_filename(leaf) or f"part-{number}")
        raw = leaf.get_payload(decode=True)
        data = raw if isinstance(raw, bytes) else b""
        budget.entry()
        budget.take(len(data))
        yield from visit(Doc(io.BytesIO(data), name, len(data), doc.label(name), doc.depth + 1))
