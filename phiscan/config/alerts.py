"""The configuration of alerts: `alerts` in `phiscan.yaml`, its channels and routes. Part of `phiscan.config`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from phiscan.config.types import (
    Channels,
    Location,
    Locations,
    Model,
    Quiet,
    Seconds,
    SeverityName,
    SyslogAddress,
    Texts,
    WebAddress,
    only_from_environment,
)
from phiscan.messages import Wrong


class RepeatAfter(Model):
    """Seconds until an unacknowledged alert is sent again, by exposure."""

    default: Seconds = 86_400.0
    public: Seconds = 3600.0
    shared: Seconds | None = None
    unknown: Seconds | None = None
    restricted: Seconds | None = None


class Webhook(Model):
    """An HTTP address that accepts alerts."""

    url: WebAddress
    format: Literal["json", "ocsf"] = "json"
    token: Annotated[SecretStr | None, only_from_environment("token")] = None
    token_file: Location | None = None
    hmac: Annotated[SecretStr | None, only_from_environment("hmac")] = None  # signs the body
    hmac_file: Location | None = None
    ca_file: Location | None = None  # who signed the server's certificate; default: whom the system trusts
    proxy: WebAddress | None = None


class Email(Model):
    """A mail server."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    starttls: bool = True
    sender: str = Field(alias="from")
    to: Annotated[Texts, Field(min_length=1)]
    ca_file: Location | None = None
    username: str | None = None
    password: Annotated[SecretStr | None, only_from_environment("password")] = None
    password_file: Location | None = None


class Slack(Model):
    """A Slack incoming webhook: its address is the secret."""

    webhook_url: Annotated[SecretStr | None, only_from_environment("webhook_url")] = None
    webhook_url_file: Location | None = None
    proxy: WebAddress | None = None


class Syslog(Model):
    """A syslog server."""

    address: SyslogAddress
    format: Literal["rfc5424", "cef"] = "rfc5424"
    ca_file: Location | None = None


class File(Model):
    """A file to which alerts are added, one line each."""

    path: Location
    format: Literal["json", "cef"] = "json"


class Match(Model):
    """What a route is for; every key given must hold."""

    zone: Location | None = None
    owner: str | None = None  # of a declared zone
    severity: SeverityName | None = None  # at least
    exposure: Literal["restricted", "unknown", "shared", "public"] | None = None  # at least
    rule: str | None = None


class Route(Model):
    """Which channels an alert goes to, from which severity on, and when it waits."""

    match: Match = Match()
    to: Channels
    minimum: SeverityName | None = None  # instead of that of all alerts
    quiet: Quiet = ()  # hours in which only what is public is told
    escalate_after: Seconds | None = None


class Alerts(Model):
    """When and where alerts go."""

    minimum: SeverityName = "high"
    group_wait: Seconds = 5.0
    repeat_after: RepeatAfter = RepeatAfter()
    webhook: Webhook | None = None
    email: Email | None = None
    slack: Slack | None = None
    syslog: Syslog | None = None
    file: File | None = None
    apprise: Locations = ()
    routes: tuple[Route, ...] = ()

    @model_validator(mode="after")
    def _routes_lead_somewhere(self) -> Self:
        for channel in (channel for route in self.routes for channel in route.to):
            if not getattr(self, channel):
                raise Wrong("wrong.channel", channel=channel)
        return self
