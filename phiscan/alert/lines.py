"""Alerts as lines at the end of a file, of JSON or CEF, for whatever collects logs."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from phiscan.alert import cef
from phiscan.alert.channel import Undelivered

if TYPE_CHECKING:
    from phiscan.alert.message import Message
    from phiscan.config.alerts import File as Settings
    from phiscan.messages import Language


class Lines:
    """Adds to a file. It is opened anew each time, so that it may be rotated."""

    def __init__(self, settings: Settings, lang: Language) -> None:
        self._path, self._format, self._lang = settings.path, settings.format, lang

    def send(self, message: Message) -> None:
        """Write one line, whole and on the disk. Raises Undelivered."""
        if self._format == "cef":
            line = cef.line(message, self._lang).encode() + b"\n"
        else:
            line = json.dumps(message.to_dict(), ensure_ascii=False).encode() + b"\n"
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
            try:
                end = os.fstat(fd).st_size
                if end and os.pread(fd, 1, end - 1) != b"\n":  # somebody was killed while writing
                    line = b"\n" + line
                if os.write(fd, line) != len(line):
                    raise Undelivered("disk full")
                os.fsync(fd)
            finally:
                os.close(fd)
        except OSError:
            raise Undelivered("the file cannot be written") from None
