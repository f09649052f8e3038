"""Alerts to a Slack incoming webhook, as Block Kit within Slack's limits."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from phiscan.alert.channel import PATIENCE, Undelivered, refused
from phiscan.alert.wording import headline, lines, title
from phiscan.config import secret
from phiscan.messages import Told, text
from phiscan.model import Severity

if TYPE_CHECKING:
    from phiscan.alert.message import Message
    from phiscan.config.alerts import Slack as Settings
    from phiscan.messages import Language

_TEXT: Final = 2900  # characters of a section; Slack takes 3,000
_FACT: Final = 240  # characters of one fact: there are a dozen in a section
_HEAD: Final = 150
_SIGNS: Final = {Severity.CRITICAL: "🔴", Severity.HIGH: "🟠", Severity.MEDIUM: "🟡"}


class Slack:
    """Posts to one webhook."""

    def __init__(self, settings: Settings, lang: Language) -> None:
        from slack_sdk.webhook import WebhookClient

        url = secret(settings.webhook_url, settings.webhook_url_file)
        if url is None:
            raise Told("alert.no_secret", channel="slack", key="webhook_url_file")
        self._lang = lang
        quiet = logging.getLogger("phiscan.slack")  # the library's own would repeat the address, which is the secret
        quiet.disabled = True
        self._client = WebhookClient(url, timeout=int(PATIENCE), retry_handlers=[], logger=quiet)
        self._client.proxy = settings.proxy  # and never the environment's, which the configuration does not know of

    def send(self, message: Message) -> None:
        """Post a message. Raises Undelivered."""
        try:
            answer = self._client.send(text=escaped(headline(message, self._lang)), blocks=blocks(message, self._lang))
        except (OSError, ValueError) as error:
            raise refused(error) from None
        except Exception:
            raise Undelivered("no answer that could be understood") from None
        if answer.status_code == 200 and answer.body.strip() != "ok":
            raise Undelivered("no answer that could be understood")  # a page of somebody else's
        if answer.status_code != 200:
            after = {name.lower(): value for name, value in answer.headers.items()}.get("retry-after", "")
            after = after[0] if isinstance(after, list) else after
            raise Undelivered(f"HTTP {answer.status_code}", float(after) if str(after).isdecimal() else None)


def blocks(message: Message, lang: Language) -> list[dict[str, Any]]:
    """Return a message as Block Kit: a header, what is wrong, the facts, then a section for each list."""
    sign = _SIGNS.get(message.severity, "") if message.pressing else "✅" if message.resolved else ""
    head = f"{sign} {headline(message, lang)}".strip()
    sections = [f"*{escaped(title(message, lang))}*", *_sections(lines(message, lang), text(lang, "alert.advice"))]
    return [
        {"type": "header", "text": {"type": "plain_text", "text": _cut(head, _HEAD), "emoji": True}},
        *({"type": "section", "text": {"type": "mrkdwn", "text": _cut(one, _TEXT)}} for one in sections),
        {
            "type": "context",
            "elements": [{"type": "mrkdwn", "text": _cut(escaped(f"{message.host} · {message.key}"), _TEXT)}],
        },
    ]


def _sections(said: list[tuple[str, str]], advice: str) -> Iterator[str]:
    """Yield the facts that follow each other as one text, lists and what is to be done by themselves."""
    for apart, some in groupby(said, lambda one: "\n" in one[1] or one[0] == advice):
        if apart:
            yield from (f"{_label(label)}\n{_listed(value)}" for label, value in some)
        else:
            yield "\n".join(f"{_label(label)} {_cut(escaped(value), _FACT)}" for label, value in some)


def _label(label: str) -> str:
    return f"*{escaped(label[:1].upper() + label[1:])}*"


def _listed(value: str) -> str:
    if "\n" not in value:
        return escaped(value)
    return "\n".join(line if line.startswith("(") else f"• {line}" for line in escaped(value).split("\n"))


def escaped(value: str) -> str:
    """Return text that Slack shows as it is: names of files are chosen by strangers.

    >>> escaped("<!channel> a&b *c*")
    '&lt;!channel&gt; a&amp;b *c*'
    """
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(value: str, most: int) -> str:
    return value if len(value) <= most else value[: most - 1] + "…"
