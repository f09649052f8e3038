"""What programs exchange as text, told by how it begins: HL7, HPRIM, calendars."""

from __future__ import annotations

_HPRIM = (".hpr", ".hprim", ".hpm", ".ora", ".oru")


def exchanged(head: bytes, name: str) -> tuple[str, str] | None:
    """Return the MIME type and the family of what begins so, None where it is nothing of the kind. `name`: in small."""
    body = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if body[:4] == b"MSH|" or body[:1] == b"\x0b":
        return "application/hl7-v2", "message"
    if body[:2] == b"H|" and name.endswith(_HPRIM):
        return "application/x-hprim", "message"
    if body[:15].upper() == b"BEGIN:VCALENDAR":
        return "text/calendar", "calendar"
    return None
