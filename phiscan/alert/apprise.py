"""Alerts to whatever Apprise knows (Teams, Mattermost, Matrix, SMS gateways, …): files with one address a line.

An optional dependency: `pip install "phiscan[apprise]"`. The addresses hold tokens: nothing that Apprise says of them
is shown or logged, and no redirection is followed.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phiscan.alert.channel import Undelivered
from phiscan.alert.wording import headline, plain
from phiscan.messages import Told
from phiscan.model import Severity

if TYPE_CHECKING:
    from phiscan.alert.message import Message
    from phiscan.messages import Language


class Apprise:
    """Sends to all addresses, each by itself: who has accepted a message is not asked again for another's sake."""

    def __init__(self, files: tuple[Path, ...], lang: Language) -> None:
        """Raises `Told` where Apprise is not installed, a file cannot be read, or a line is no address."""
        self._lang = lang
        self._services = [service for file in files for service in _services(file)]
        if not self._services:
            raise Told("alert.apprise.none")
        self._took: dict[str, tuple[str, set[int]]] = {}  # by message: what was said, and which have accepted it

    def send(self, message: Message) -> None:
        """Send a message to those that have not accepted it yet. Raises Undelivered where one of them has not."""
        said = headline(message, self._lang) + plain(message, self._lang)
        before, accepted = self._took.get(message.key, ("", set()))
        accepted = accepted if before == said else set()  # there may be more to it since the last attempt
        accepted |= {
            at for at, service in enumerate(self._services) if at not in accepted and self._notify(service, message)
        }
        if len(accepted) < len(self._services):
            self._took[message.key] = said, accepted
            raise Undelivered("not accepted by every service")
        self._took.pop(message.key, None)

    def _notify(self, service: Any, message: Message) -> bool:
        try:
            return bool(
                service.notify(
                    title=headline(message, self._lang),
                    body=plain(message, self._lang),
                    body_format="text",
                    notify_type=_kind(message),
                )
            )
        except Exception:  # a service's own: its words may quote the address
            return False


def _kind(message: Message) -> str:
    if not message.pressing:
        return "success" if message.resolved else "info"
    return "failure" if message.severity >= Severity.HIGH else "warning"


def _services(file: Path) -> list[Any]:
    """Return one notifier for each address in a file. Raises `Told`, which names the line and never repeats it."""
    try:
        import apprise
    except ImportError:
        raise Told("alert.apprise.missing") from None
    logging.getLogger("apprise").disabled = True
    asset = apprise.AppriseAsset(
        app_id="phiscan", app_desc="phiscan", async_mode=False, http_redirects=False, storage_mode="memory"
    )
    found = []
    for number, line in enumerate(_lines(file), 1):
        if not line or line.startswith("#"):
            continue
        notifier = apprise.Apprise(asset=asset)
        service = apprise.Apprise.instantiate(line, asset=asset)
        if service is None or not notifier.add(service):
            raise Told("alert.apprise.line", place=f"{file}:{number}")
        found.append(notifier)
    return found


def _lines(file: Path) -> list[str]:
    try:
        return [line.strip() for line in file.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise Told("file.unreadable", path=str(file), why=getattr(error, "strerror", None) or "UTF-8") from None
