"""Whether a text is JSON, and of which kind: by its first tokens."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r'[ \t\r\n]*(?:([{}\[\]:,])|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))'
)


def json_kind(body: bytes, name: str, head: int) -> tuple[str, str] | None:
    """Return the MIME type and the family of a document that begins so, None where it is no JSON.

    `name`: in small; `head`: bytes looked at at most.
    """
    if not body or body[:1] not in b"{[" or not _is_json(body, head):
        return None
    if b'"resourceType"' in body:
        return "application/fhir+json", "json"
    if b'"cell_type"' in body or (name.endswith(".ipynb") and b'"cells"' in body):
        return "application/x-ipynb+json", "notebook"
    return "application/json", "json"


def _is_json(body: bytes, head: int) -> bool:
    """Read the first tokens: they must follow each other the way JSON's do."""
    text = body.decode("utf-8", "replace")
    at, previous, count = 0, "", 0
    while found := _TOKEN.match(text, at):
        sign = found[1] or "v"  # a value, or what it stands among
        if (sign == "v" and previous in ("v", "}", "]")) or (sign == ":" and previous != "v"):
            return False
        if sign in "{[" and previous == "v":
            return False
        # Between two lines of NDJSON stands no comma.
        at, previous, count = found.end(), sign, count + 1
    rest = text[at:].strip()
    return count >= 2 and (len(body) >= head - 64 or not rest or rest[0] in '"-0123456789tfn')
