"""Refusals that look like acceptance: some recipients of a mail, a syslog server that objects once we have written."""

from __future__ import annotations

import dataclasses
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from phiscan.alert.channel import Partly
from phiscan.alert.message import Message
from tests.alert.test_channels import Mailbox, certificate, configured, endpoint, message, receive, refused
from tests.hooks import Hook
from tests.servers import free_port

__all__ = ["endpoint", "message"]  # fixtures


class Picky(Mailbox):
    def __init__(self) -> None:
        super().__init__()
        self.says: dict[str, str] = {}

    async def handle_RCPT(  # noqa: N802  aiosmtpd's
        self, server: object, session: object, envelope: Any, address: str, options: object
    ) -> str:
        answer = self.says.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer


def test_mail_that_some_do_not_get(message: Message) -> None:
    box = Picky()
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), ready_timeout=60)
    controller.start()
    try:
        settings: dict[str, Any] = {"host": "127.0.0.1", "port": controller.port, "starttls": False}
        settings["from"] = "phiscan@example.org"
        channel = configured("email", **settings, to=["rssi@example.org", "labo@example.org"])
        box.says["labo@example.org"] = "450 grey list"
        assert refused(channel, message) == ("refused for some recipients", None)
        assert refused(channel, dataclasses.replace(message, sequence=9)) == ("refused by the mail server", None)
        assert [to for to, _ in box.got] == [["rssi@example.org"]]  # who has it is not written to again
        box.says.clear()
        channel.send(message)
        assert [to for to, _ in box.got[1:]] == [["labo@example.org"]]
        box.says["labo@example.org"] = "550 no such user"
        with pytest.raises(Partly) as error:  # to try again is of no use
            channel.send(dataclasses.replace(message, key="k2"))
        assert error.value.why == "refused for some recipients"
        assert [to for to, _ in box.got[2:]] == [["rssi@example.org"]]
    finally:
        controller.stop()


def test_syslog_to_a_server_that_will_not_have_us(message: Message, tmp_path: Path) -> None:
    """A server that wants a certificate of ours says so after we have written, in TLS 1.3: that is no delivery."""
    key, public = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, key)
    context.load_verify_locations(public)
    context.verify_mode = ssl.CERT_REQUIRED
    got: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        wrap: Callable[[socket.socket], socket.socket] = lambda raw: context.wrap_socket(raw, server_side=True)  # noqa: E731
        thread = threading.Thread(target=receive, args=(listener, wrap, got))
        thread.start()
        where = f"tls://127.0.0.1:{listener.getsockname()[1]}"
        why = "the connection was refused after it was made"
        assert refused(configured("syslog", address=where, ca_file=str(public)), message) == (why, None)
        plain = configured("syslog", address=where.replace("tls", "tcp"))
        assert refused(plain, message) == (why, None)  # it has not taken what is no TLS
        thread.join(30)
    assert got == []


def test_tls_to_a_server_that_speaks_none(message: Message, endpoint: Hook) -> None:
    address = endpoint.url.replace("http:", "https:")
    assert refused(configured("webhook", url=address), message) == ("no TLS connection", None)
