"""File servers that may be asked over SMB for the rights behind their mounts, each with the account to do so."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from phiscan.config.types import Location, Model, matching


class FileServer(Model):
    """A server, as its mounts name it. Without a line here a server is never asked: only the mount itself is."""

    server: Annotated[str, matching(r"[^/\\\s]+", "wrong.value")]
    credentials_file: Location | None = None  # as mount.cifs(8) reads it: username=, password=, domain=
    login: Literal["fstab", "kerberos"] = "fstab"  # without such a file: as fstab says, or the ticket of this process
    port: Annotated[int, Field(ge=1, le=65535)] = 445
    guests: bool = False  # it is known to let in whoever comes without an account
