"""What programs exchange as text, told by how it begins: HL7, HPRIM, cards of contacts, calendars."""

from __future__ import annotations

from phiscan.extract.hprim import is_message

_HPRIM = (".hpr", ".hprim", ".hpm", ".ora", ".oru")


def exchanged(head: bytes, name: str) -> tuple[str, str] | None:
    """Return the MIME type and the family of what begins so, None where it is nothing of the kind. `name`: in small."""
    body = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if body[:4] == b"MSH|" or body[:1] == b"\x0b":
        return "application/hl7-v2", "message"
    if body[:2] == b"H|" and name.endswith(_HPRIM):
        return "application/x-hprim", "message"
    if body[:11].upper() == b"BEGIN:VCARD":
        return "text/vcard", "vcard"
    if body[:15].upper() == b"BEGIN:VCALENDAR":
        return "text/calendar", "calendar"
    if is_message(head):
        return "application/x-hprim-medecin", "hprim"
    return None
