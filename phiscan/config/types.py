"""The kinds of group and value that the configuration's keys take, and what is refused in the file: secrets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from phiscan.config.quiet import Window, parse_hours, parse_windows
from phiscan.config.units import parse_bandwidth, parse_duration, parse_size
from phiscan.messages import Wrong


class Model(BaseModel):
    """A group of keys. An unknown one is an error; messages never repeat a value."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True)


class FromEnvironment(str):
    """Text that came from the environment: there secrets are welcome, and a list may be written `a,b`."""

    __slots__ = ()


def listed(value: object) -> object:
    """Split what the environment writes as `a,b`."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, FromEnvironment) else value


def _placed(value: Path, info: ValidationInfo) -> Path:
    try:
        return Path((info.context or {}).get("base", ""), value.expanduser())
    except RuntimeError:  # no home
        raise Wrong("wrong.value") from None


def matching(pattern: str, wrong: str, **params: str) -> AfterValidator:
    """Refuse text that is not wholly `pattern`, with the message `wrong`."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise Wrong(wrong, **params)
        return value

    return AfterValidator(check)


def no_password(name: str) -> BeforeValidator:
    """Refuse `scheme://user:password@host` written in the file."""

    def check(value: object) -> object:
        if isinstance(value, str) and not isinstance(value, FromEnvironment):
            try:
                found = urlsplit(value).password
            except ValueError:
                raise Wrong("wrong.value") from None
            if found is not None:
                raise Wrong("wrong.secret", name=name)
        return value

    return BeforeValidator(check)


def only_from_environment(name: str) -> BeforeValidator:
    """Refuse a secret written in the file, whatever it is."""

    def check(value: object) -> object:
        if value is not None and not isinstance(value, FromEnvironment):
            raise Wrong("wrong.secret", name=name)
        return value

    return BeforeValidator(check)


def address(*schemes: str) -> AfterValidator:
    """Refuse what is no address of one of `schemes`."""
    return matching(rf"(?:{'|'.join(schemes)})://\S+", "wrong.url", schemes=", ".join(f"{one}://…" for one in schemes))


Location = Annotated[Path, AfterValidator(_placed)]  # relative to the configuration file's folder
Locations = Annotated[tuple[Location, ...], BeforeValidator(listed)]
Texts = Annotated[tuple[str, ...], BeforeValidator(listed)]
Size = Annotated[int, BeforeValidator(parse_size)]
Seconds = Annotated[float, BeforeValidator(parse_duration)]
Durations = Annotated[tuple[Annotated[Seconds, Field(gt=0)], ...], BeforeValidator(listed)]
Bind = Annotated[str, matching(r".+:[0-9]{1,5}", "wrong.bind")]
Word = Annotated[str, matching(r"[a-z][a-z0-9_]*", "wrong.value")]
Channel = Literal["webhook", "email", "slack", "syslog", "file", "apprise"]
SeverityName = Literal["info", "low", "medium", "high", "critical"]
ExposureName = Literal["restricted", "shared", "public"]
Quiet = Annotated[tuple[Window, ...], BeforeValidator(parse_windows), BeforeValidator(listed)]
Hours = Annotated[tuple[Window, ...], BeforeValidator(parse_hours), BeforeValidator(listed)]
Bandwidth = Annotated[int, BeforeValidator(parse_bandwidth)]
Channels = Annotated[tuple[Channel, ...], BeforeValidator(listed), Field(min_length=1)]
Store = Annotated[str, no_password("store"), matching(r"(sqlite:///|postgresql\+psycopg://).+", "wrong.store")]
WebAddress = Annotated[str, no_password("url"), address("http", "https")]
SyslogAddress = Annotated[str, no_password("address"), address("tls", "tcp", "udp", "unix")]
Siren = Annotated[str, matching("[0-9]{9}", "wrong.siren")]
Words = Annotated[tuple[Word, ...], BeforeValidator(listed)]
