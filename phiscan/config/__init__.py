"""The configuration: which file, what it may say, and what holds where it says nothing.

`load()` finds the file, lays the environment over it and checks everything; the models are the
contract's keys, to the letter. Reading what the paths point to is left to whoever needs it.
Costs an import of pydantic: commands import it when they run.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    Field,
    PrivateAttr,
    SecretStr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from phiscan.config.alerts import Alerts
from phiscan.config.smb import FileServer
from phiscan.config.types import (
    Bandwidth,
    Bind,
    Channels,
    Durations,
    ExposureName,
    FromEnvironment,
    Hours,
    Location,
    Locations,
    Model,
    Seconds,
    Siren,
    Size,
    Store,
    Texts,
    Words,
    only_from_environment,
)
from phiscan.config.units import parse_duration
from phiscan.config.yamlfile import Document, Key, parse, told
from phiscan.messages import Told, Wrong
from phiscan.model import Limits as FileLimits

PREFIX = "PHISCAN_"
SYSTEM_FILE = Path("/etc/phiscan/phiscan.yaml")
_NO_KEYS = {"PHISCAN_CONFIG"}  # says which file, not what is in it
_STORE: TypeAdapter[str] = TypeAdapter(Store)


def secret(given: SecretStr | None, file: Path | None) -> str | None:
    """Return a secret given by the environment or by a file (its line ends dropped); None where there is none.

    Raises `Told` where the file cannot be read.
    """
    if given is not None:
        return given.get_secret_value()
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Told("file.unreadable", path=str(file), why=getattr(error, "strerror", None) or "UTF-8") from None


class Organisation(Model):
    """Who answers for the data, for the breach file."""

    name: str = ""
    siren: Siren | None = None
    role: Literal["controller", "processor"] = "controller"
    dpo: str | None = None


class Zone(Model):
    """A declared place."""

    path: Location
    exposure: ExposureName | None = None  # only where discovery cannot know
    owner: str | None = None
    contact: str | None = None
    controller: str | None = None
    purpose: str | None = None
    allow: Words | None = None  # None: anything
    until: date | None = None
    remind: Durations = (14 * 86_400.0, 7 * 86_400.0, 86_400.0)  # before that day, while files are there
    _source: str = PrivateAttr("phiscan.yaml")

    @property
    def source(self) -> str:
        """Where the zone is declared: `phiscan.yaml:12`."""
        return self._source


class Retention(Model):
    """How long phiscan keeps its own data, in seconds."""

    closed_incidents: Seconds = parse_duration("3y")
    fingerprints: Seconds = parse_duration("1y")
    reader_addresses: Seconds = parse_duration("1y")
    audit: Seconds = parse_duration("3y")


class Accounts(Model):
    """When the access logs show that several people use one account. The last two watch what staff does."""

    generic: Texts = (
        "admin", "administrateur", "commun", "depot", "ftpuser", "invite", "labo", "laboratoire", "partage", "public",
        "scan", "scanner", "secretariat", "stagiaire", "test", "transfert", "upload", "user", "utilisateur",
    )  # fmt: skip
    addresses: Annotated[int, Field(ge=2)] = 3
    resolve_after: Annotated[Seconds, Field(gt=0)] = 30 * 86_400.0  # of an account that is no longer used so
    within: Annotated[Seconds, Field(gt=0)] = 3600.0
    new_address: bool = False
    hours: tuple[Annotated[int, Field(ge=0, le=24)], Annotated[int, Field(ge=0, le=24)]] | None = None


class Limits(Model):
    """What a scan may cost."""

    workers: Annotated[int, Field(ge=1, le=1024)] = 2
    memory: Annotated[Size, Field(ge=1 << 26)] = 1 << 30
    timeout: Annotated[Seconds, Field(gt=0)] = 120.0
    archive_depth: Annotated[int, Field(ge=0)] = 4
    unpacked: Annotated[Size, Field(ge=1)] = 1 << 30
    bandwidth: Bandwidth | None = None  # bytes a second read of what can wait
    window: Hours = ()  # when the daemon reads what can wait; () is always

    def for_files(
        self, *, max_file_size: int | None = None, timeout: float | None = None, ocr: bool = True
    ) -> FileLimits:
        """Return the limits of one file, with what the command line says laid over."""
        return FileLimits(
            memory=self.memory,
            timeout=self.timeout if timeout is None else timeout,
            archive_depth=self.archive_depth,
            unpacked=self.unpacked,
            max_file_size=max_file_size,
            ocr=ocr,
        )


class Server(Model):
    """The dashboard."""

    bind: Bind = "127.0.0.1:8443"


class Heartbeat(Model):
    """An address that is called regularly, so that silence is noticed. It often holds a token."""

    url: Annotated[SecretStr | None, only_from_environment("url")] = None
    url_file: Location | None = None
    every: Annotated[Seconds, Field(ge=1)] = 300.0


class SelfTest(Model):
    """A file of fictitious people that the daemon has to tell of, so that its silence means something."""

    folder: Location | None = None  # in a watched and exposed place
    every: Annotated[Seconds | None, Field(ge=60)] = None  # the daemon does so by itself; None: `phiscan doctor` asks
    within: Annotated[Seconds, Field(gt=0)] = 60.0  # until the last channel has accepted it
    to: Channels | None = None  # None: every channel


def state_folder() -> Path:
    """Return where phiscan keeps its own data by default."""
    if os.geteuid() == 0:
        return Path("/var/lib/phiscan")
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state", "phiscan")


class Config(Model):
    """Everything that can be configured; without a file, the defaults."""

    language: Literal["fr", "en"] = "fr"
    organisation: Organisation = Organisation()
    watch: Locations = ()
    store_given: Store = Field(
        default_factory=lambda: f"sqlite:///{state_folder() / 'phiscan.db'}", alias="store", repr=False
    )
    store_file: Location | None = None  # holds the address of the store, where that holds a password
    key_file: Location = Field(default_factory=lambda: state_folder() / "key")
    recognizers: Locations = ()
    presidio: Locations = ()
    spacy_model: str | None = None
    rules: Locations = ()
    zones: tuple[Zone, ...] = ()
    exclude: Texts = ()
    test_persons: Location | None = None
    alerts: Alerts = Alerts()
    retention: Retention = Retention()
    fingerprints: Literal["keep", "none"] = "keep"
    limits: Limits = Limits()
    discover: bool = True  # learn from this machine's servers who can read a place
    servers: Locations = ()
    smb: tuple[FileServer, ...] = ()
    logs: Locations = ()
    accounts: Accounts = Accounts()
    response: dict[str, Literal["quarantine", "chmod", "notify-owner"]] = Field(default_factory=dict)
    server: Server = Server()
    heartbeat: Heartbeat = Heartbeat()
    self_test: SelfTest = SelfTest()
    metrics: Bind | None = "127.0.0.1:9464"
    _file: Path | None = PrivateAttr(None)
    _model_place: str = PrivateAttr("spacy_model")

    @field_validator("alerts")
    @classmethod
    def _owners_own_something(cls, alerts: Alerts, info: ValidationInfo) -> Alerts:
        owners = {zone.owner for zone in info.data.get("zones", ())}
        for owner in (route.match.owner for route in alerts.routes):
            if owner is not None and owner not in owners:
                raise Wrong("wrong.owner", owner=owner)
        return alerts

    @property
    def store(self) -> str:
        """The address of the store: that in `store_file`, where there is one. Raises `Told` where it holds none.

        Read when it is asked for: a scan needs no store, nor the right to read that file.
        """
        if self.store_file is None:
            return self.store_given
        try:
            return _STORE.validate_python(FromEnvironment(secret(None, self.store_file) or ""))
        except ValidationError:
            raise Told("file.wrong", place=str(self.store_file), wrong=Wrong("wrong.store")) from None

    @property
    def model_place(self) -> str:
        """Where the model is configured: `/etc/phiscan/phiscan.yaml:9`, or the variable."""
        return self._model_place

    @property
    def file(self) -> Path | None:
        """The file this came from; None where there is none."""
        return self._file


def load(path: str | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """Return the configuration. Without `path` it is looked for in the contract's places; none is no error.

    Raises `Told`, a `UsageError` of one line, on a missing file, an unknown key or a wrong value.
    """
    environ = os.environ if environ is None else environ
    file = find(path, environ)
    return read(_content(file) if file else b"", file, environ)


def read(content: bytes, file: Path | None, environ: Mapping[str, str]) -> Config:
    """Return the configuration that `content` is, as if it stood in `file`, with the environment laid over it.

    Raises `Told` as `load` does.
    """
    document = parse(content, str(file)) if file else Document("", {})
    data = {} if document.data is None else document.data
    if not isinstance(data, dict):
        raise Told("file.wrong", place=f"{document.name}:1", wrong=Wrong("wrong.mapping"))
    names = _lay_over(data, environ)
    try:
        base = str(file.parent) if file else ""
        config = Config.model_validate(data, context={"base": base}, by_alias=True, by_name=False)
    except ValidationError as error:
        raise told(error, document, Config, names) from None
    config._file = file
    config._model_place = names.get(("spacy_model",)) or f"{document.name}:{document.line(('spacy_model',))}"
    for position, zone in enumerate(config.zones):
        zone._source = names.get(("zones",)) or f"{file and file.name}:{document.line(('zones', position))}"
    return config


def find(path: str | None, environ: Mapping[str, str]) -> Path | None:
    """Return the configuration file: the one asked for, which must exist, else the first there is."""
    if asked := path or environ.get("PHISCAN_CONFIG"):
        return Path(asked)
    home = Path(environ.get("HOME", "/nonexistent"))
    places = (Path("phiscan.yaml"), home / ".config/phiscan/phiscan.yaml", SYSTEM_FILE)
    return next((place for place in places if _stands(place)), None)


def _stands(place: Path) -> bool:
    try:
        place.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # it is there and cannot be read: to be said, not passed over
    return True


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise Told("config.missing", path=str(file)) from None
    except OSError as error:
        raise Told("config.denied", path=str(file), why=error.strerror or "") from None


def _lay_over(data: dict[Any, Any], environ: Mapping[str, str]) -> dict[Key, str]:
    """Put every `PHISCAN_…` variable into `data`; return the variable's name by key."""
    names: dict[Key, str] = {}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in _NO_KEYS:
            continue
        key = tuple(name.removeprefix(PREFIX).lower().split("__"))
        group = data
        for part in key[:-1]:
            if group.get(part) is None:
                group[part] = {}
            group = group[part]
            if not isinstance(group, dict):
                raise Told("key.wrong", place=name, key=part, wrong=Wrong("wrong.mapping"))
        group[key[-1]] = _from_environment(name, environ[name])
        names[key] = name
    return names


def _from_environment(name: str, value: str) -> object:
    if value in ("", "null"):
        return None
    if not value.startswith(("[", "{")):
        return FromEnvironment(value)
    try:
        return _marked(yaml.safe_load(value))
    except (yaml.YAMLError, ValueError):
        raise Told("file.wrong", place=name, wrong=Wrong("wrong.value")) from None


def _marked(value: object) -> object:
    """Return `value` with every text in it marked as coming from the environment."""
    if isinstance(value, dict):
        return {key: _marked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner) for inner in value]
    return FromEnvironment(value) if isinstance(value, str) else value
