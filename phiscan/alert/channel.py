"""What a channel is: it takes a message, or says why not. Each has a module of its own."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from phiscan.messages import Told

if TYPE_CHECKING:
    from phiscan.alert.message import Message
    from phiscan.config import Config
    from phiscan.config.alerts import Alerts
    from phiscan.messages import Language

PATIENCE: Final = 10.0  # seconds a channel may be silent


class Undelivered(Exception):
    """A channel has not accepted a message. `why` is a phrase of ours, `after` seconds it asks us to wait."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.why, self.after = why, after


class Partly(Exception):
    """A channel has accepted a message, but not for everybody, and will not: to try again is of no use."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Channel(Protocol):
    """Where messages go."""

    def send(self, message: Message) -> None:
        """Deliver a message: returns once it was accepted. Raises Undelivered or Partly."""


def make(name: str, config: Config, lang: Language) -> Channel:
    """Return the channel of this name. Raises `Told` where its secret cannot be read."""
    alerts: Alerts = config.alerts
    if name == "file" and alerts.file is not None:
        from phiscan.alert.lines import Lines

        return Lines(alerts.file, lang)
    if name == "webhook" and alerts.webhook is not None:
        from phiscan.alert.webhook import Webhook

        return Webhook(alerts.webhook, lang)
    if name == "email" and alerts.email is not None:
        from phiscan.alert.mail import Mail

        return Mail(alerts.email, lang, config.organisation.dpo)
    if name == "slack" and alerts.slack is not None:
        from phiscan.alert.slack import Slack

        return Slack(alerts.slack, lang)
    if name == "syslog" and alerts.syslog is not None:
        from phiscan.alert.syslog import Syslog

        return Syslog(alerts.syslog, lang)
    if name == "apprise" and alerts.apprise:
        from phiscan.alert.apprise import Apprise

        return Apprise(alerts.apprise, lang)
    raise Told("alert.unknown", channel=name)


def trust(ca_file: Path | None) -> ssl.SSLContext:
    """Return whom to trust: those that a file names, else those that the system does. Raises `Told`."""
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as error:
        why = (error.strerror or "") if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else "PEM"
        raise Told("file.unreadable", path=str(ca_file), why=why) from None


def refused(error: Exception) -> Undelivered:
    """Return what a failure to reach a server means, without its words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Undelivered("the certificate is not trusted")
    if isinstance(error, ssl.SSLError):
        return Undelivered("no TLS connection")
    if isinstance(error, TimeoutError):
        return Undelivered("no answer in time")
    return Undelivered("not reached")
