"""Alerts to an HTTP address, as JSON of our own or as OCSF findings.

`Idempotency-Key` is the same at every attempt. With a key the body is signed: `X-Phiscan-Signature: sha256=…`.
"""

from __future__ import annotations

import hmac
import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from phiscan import __version__
from phiscan.alert.channel import PATIENCE, Undelivered, refused, trust
from phiscan.alert.ocsf import findings
from phiscan.config import secret

if TYPE_CHECKING:
    from phiscan.alert.message import Message
    from phiscan.config.alerts import Webhook as Settings
    from phiscan.messages import Language


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Alerts go where the configuration says and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


class Webhook:
    """Posts messages."""

    def __init__(self, settings: Settings, lang: Language) -> None:
        self._settings, self._lang = settings, lang
        self._token = secret(settings.token, settings.token_file)
        self._hmac = secret(settings.hmac, settings.hmac_file)
        proxies = {} if settings.proxy is None else {"http": settings.proxy, "https": settings.proxy}
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler(proxies),
            urllib.request.HTTPSHandler(context=trust(settings.ca_file)),
            _NoRedirect(),
        )

    def send(self, message: Message) -> None:
        """Post a message. Raises Undelivered."""
        data: Any = findings(message, self._lang) if self._settings.format == "ocsf" else message.to_dict()
        body = json.dumps(data, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"phiscan/{__version__}",
            "Idempotency-Key": message.key,
        }
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if self._hmac:
            headers["X-Phiscan-Signature"] = "sha256=" + hmac.new(self._hmac.encode(), body, "sha256").hexdigest()
        post(self._opener, self._settings.url, body, headers)


def post(opener: urllib.request.OpenerDirector, url: str, body: bytes, headers: dict[str, str]) -> None:
    """Post a body. Raises Undelivered, with the pause that the server asks for."""
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310  the configuration allows http(s) only
    try:
        with opener.open(request, timeout=PATIENCE) as answer:
            answer.read(1 << 16)
    except urllib.error.HTTPError as error:
        with error:
            after = error.headers.get("Retry-After", "")
        raise Undelivered(f"HTTP {error.code}", float(after) if after.isdecimal() else None) from None
    except urllib.error.URLError as error:
        raise refused(error.reason if isinstance(error.reason, Exception) else error) from None
    except (OSError, ValueError) as error:
        raise refused(error) from None
    except Exception:
        raise Undelivered("no answer that could be understood") from None
