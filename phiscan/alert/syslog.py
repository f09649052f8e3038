"""Alerts to a syslog server, RFC 5424, over UDP, TCP or TLS (RFC 5425 and 6587, octet counting), or a Unix socket."""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from phiscan.alert import cef
from phiscan.alert.channel import PATIENCE, Undelivered, refused, trust
from phiscan.alert.fields import fields
from phiscan.alert.wording import headline
from phiscan.incidents.incident import moment
from phiscan.model import Severity
from phiscan.report import show

if TYPE_CHECKING:
    from phiscan.alert.message import Message
    from phiscan.config.alerts import Syslog as Settings
    from phiscan.messages import Language

_AUDIT: Final = 13 << 3  # facility "log audit"
_GRADES: Final = {Severity.CRITICAL: 2, Severity.HIGH: 3, Severity.MEDIUM: 4, Severity.LOW: 5}
_PORTS: Final = {"udp": 514, "tcp": 601, "tls": 6514}
_ID: Final = "phiscan@32473"  # the enterprise number for documentation, RFC 5612: we have none of our own
_LAST_WORD: Final = 1.0  # seconds
_REFUSED: Final = "the connection was refused after it was made"
_DATAGRAM: Final = 2048  # bytes that every receiver should take


class Syslog:
    """Sends to one server, over a connection of its own each time."""

    def __init__(self, settings: Settings, lang: Language) -> None:
        self._lang, self._format, self._address = lang, settings.format, urlsplit(settings.address)
        self._trust = trust(settings.ca_file) if self._address.scheme == "tls" else None

    def send(self, message: Message) -> None:
        """Send a message. Raises Undelivered. UDP promises nothing: what left is taken for delivered."""
        data = entry(message, self._lang, self._format)
        try:
            with closing(self._socket()) as out:
                if out.type == socket.SOCK_DGRAM:
                    out.send(data[:_DATAGRAM])
                else:
                    _deliver(out, b"%d %s" % (len(data), data))
        except OSError as error:
            raise refused(error) from None

    def _socket(self) -> socket.socket:
        scheme, host = self._address.scheme, self._address.hostname or ""
        if scheme == "unix":
            out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            out.connect(self._address.path)
            return out
        port = self._address.port or _PORTS[scheme]
        if scheme == "udp":
            family, kind, proto, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
            out = socket.socket(family, kind, proto)
            out.connect(where)
            return out
        out = socket.create_connection((host, port), PATIENCE)
        return out if self._trust is None else self._trust.wrap_socket(out, server_hostname=host)


def _deliver(out: socket.socket, frame: bytes) -> None:
    """Write, say that this was all, and hear whether the server had something against it. Raises Undelivered.

    Syslog has no acknowledgement. But a server that wants a certificate of ours (TLS 1.3), or will not have us, says so
    only after we have written, and what we wrote is lost.
    """
    try:
        out.sendall(frame)
    except (ssl.SSLError, ConnectionError):
        raise Undelivered(_REFUSED) from None
    try:
        _end(out)
        out.settimeout(_LAST_WORD)
        while out.recv(4096):
            pass
    except (TimeoutError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
        return  # silent, or gone without a word, as many are
    except OSError:
        raise Undelivered(_REFUSED) from None


def _end(out: socket.socket) -> None:
    """Say that nothing more will come. Not by `unwrap` alone: it takes a refusal for an end."""
    if not isinstance(out, ssl.SSLSocket):
        out.shutdown(socket.SHUT_WR)
        return
    out.setblocking(False)
    with suppress(ssl.SSLWantReadError):
        out.recv(1)
    with suppress(ssl.SSLWantReadError):
        out.unwrap()


def entry(message: Message, lang: Language, format_: str = "rfc5424") -> bytes:
    """Return a message as RFC 5424 writes it: its facts as structured data, or all of it in CEF as the text."""
    priority = _AUDIT | (_GRADES.get(message.severity, 6) if message.pressing else 6)
    host = re.sub(r"[^!-~]", "_", message.host) or "-"
    head = f"<{priority}>1 {moment(message.at)} {host[:255]} phiscan - {message.kind}"
    if format_ == "cef":
        return f"{head} - {cef.line(message, lang)}".encode()
    facts = " ".join(f'{name}="{_escaped(value)}"' for name, value in fields(message).items())
    return f"{head} [{_ID} {facts}]".encode() + b" \xef\xbb\xbf" + headline(message, lang).encode()


def _escaped(value: str) -> str:
    return re.sub(r'(["\\\]])', r"\\\1", show.safe(value))
