"""Alerts by e-mail, as plain text and HTML. What is said of one group is one thread."""

from __future__ import annotations

import html
import os
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import formatdate
from typing import TYPE_CHECKING, Final

from phiscan.alert.channel import PATIENCE, Partly, Undelivered, refused, trust
from phiscan.alert.wording import headline, lines, plain, title
from phiscan.config import secret
from phiscan.messages import text
from phiscan.model import Severity

if TYPE_CHECKING:
    from phiscan.alert.message import Message
    from phiscan.config.alerts import Email as Settings
    from phiscan.messages import Language


# Dark enough on white to be read.
_COLOURS: Final = {Severity.CRITICAL: "#b42318", Severity.HIGH: "#b54708", Severity.MEDIUM: "#8a6100"}
_CALM, _OVER = "#344054", "#1a7f37"
_FOR_GOOD: Final = 500  # replies of a mail server from here on say that to try again is of no use


class Mail:
    """Sends mails through one server, over a connection of its own each time."""

    def __init__(self, settings: Settings, lang: Language, dpo: str | None = None) -> None:
        """Write to `dpo` too when something grave is dismissed and when a deadline comes near."""
        self._settings, self._lang, self._dpo = settings, lang, dpo
        self._password = secret(settings.password, settings.password_file)
        self._trust = trust(settings.ca_file) if settings.starttls else None
        self._took: dict[str, tuple[str, set[str]]] = {}  # by message: what was said, and who has it already

    def send(self, message: Message) -> None:
        """Send a mail. Raises Undelivered, also where some are refused for now (grey lists); Partly where for good.

        Who has it is not written to again, unless there is more to it by then.
        """
        settings, said = self._settings, headline(message, self._lang) + plain(message, self._lang)
        before, took = self._took.get(message.key, ("", set()))
        took = took if before == said else set()
        to = [one for one in self._to(message) if one not in took]
        try:
            with smtplib.SMTP(settings.host, settings.port, timeout=PATIENCE) as server:
                if self._trust is not None:
                    server.starttls(context=self._trust)
                if settings.username is not None:
                    server.login(settings.username, self._password or "")
                turned = server.send_message(self.mail(message), to_addrs=to)
        except smtplib.SMTPResponseException as error:
            raise Undelivered(f"SMTP {error.smtp_code}") from None
        except smtplib.SMTPException:
            raise Undelivered("refused by the mail server") from None
        except (OSError, ValueError) as error:
            raise refused(error) from None
        if any(code < _FOR_GOOD for code, _ in turned.values()):
            self._took[message.key] = said, took | (set(to) - set(turned))
            raise Undelivered("refused for some recipients")
        self._took.pop(message.key, None)
        if turned:
            raise Partly("refused for some recipients")

    def mail(self, message: Message) -> EmailMessage:
        """Return a message as a mail."""
        domain = self._settings.sender.rpartition("@")[2] or message.host
        mail = EmailMessage()
        mail["From"], mail["To"] = self._settings.sender, ", ".join(self._to(message))
        mail["Subject"] = headline(message, self._lang)
        mail["Date"] = formatdate(message.at)
        mail["Message-ID"] = f"<{message.key}@{domain}>"
        mail["In-Reply-To"] = mail["References"] = f"<{message.thread}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        if message.pressing and message.severity >= Severity.HIGH:
            mail["X-Priority"] = "1"
        mail.set_content(plain(message, self._lang))
        mail.add_alternative(_html(message, self._lang), subtype="html")
        return mail

    def _to(self, message: Message) -> list[str]:
        to = [*self._settings.to]
        if message.kind in ("dismissal", "deadline") and self._dpo is not None and self._dpo not in to:
            to.append(self._dpo)
        return to


class ToOwner(Mail):
    """Writes to whom a place belongs, and to nobody else: the channel of the response `notify-owner`."""

    def __init__(self, settings: Settings, lang: Language, contact: Callable[[bytes], str | None]) -> None:
        """`contact` says to whom to write about a place."""
        super().__init__(settings, lang)
        self._contact = contact

    def _to(self, message: Message) -> list[str]:
        if message.kind == "test":
            return super()._to(message)
        contact = self._contact(os.fsencode(message.zone))
        if contact is None:
            raise Undelivered("the zone has no contact")
        return [contact]


def _html(message: Message, lang: Language) -> str:
    """Return a message as HTML that mail clients show alike: tables, and a style on each element."""
    colour = _COLOURS.get(message.severity, _CALM) if message.pressing else _OVER if message.resolved else _CALM
    todo = text(lang, "alert.advice")
    rows = "".join(_row(label, value, strong=label == todo) for label, value in lines(message, lang))
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"></head>'
        '<body style="margin:0;padding:12px;background:#f2f4f7;font-family:Arial,Helvetica,sans-serif;color:#1d2939">'
        '<table role="presentation" align="center" cellpadding="0" cellspacing="0" style="width:100%;max-width:680px;'
        f'background:#ffffff;border-top:6px solid {colour};border-collapse:collapse">'
        f'<tr><td colspan="2" style="padding:16px 20px 0;font-size:13px;font-weight:bold;color:{colour}">'
        f"{html.escape(headline(message, lang))}</td></tr>"
        '<tr><td colspan="2" style="padding:6px 20px 12px;font-size:18px;font-weight:bold;line-height:1.3">'
        f"{html.escape(title(message, lang))}</td></tr>{rows}</table></body></html>"
    )


def _row(label: str, value: str, *, strong: bool) -> str:
    shown, style = "<br>".join(html.escape(line) for line in value.split("\n")), "font-size:14px;line-height:1.45;"
    back = "background:#fef3e2;font-weight:bold;" if strong else ""
    name = html.escape(label[:1].upper() + label[1:])
    return (
        '<tr style="border-top:1px solid #eaecf0"><th scope="row" align="left" valign="top" '
        f'style="padding:7px 12px 7px 20px;white-space:nowrap;color:#475467;font-weight:normal;{style}">{name}</th>'
        f'<td style="padding:7px 20px 7px 0;word-break:break-word;{style}{back}">{shown}</td></tr>'
    )
