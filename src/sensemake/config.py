"""Settings: what can be set, where each value came from, and which of them wins.

Flags win over the environment (`SENSEMAKE_*`), that over the project's file (`./sensemake.toml`), that over the
user's (`config.toml` in the user's config folder), that over the defaults.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from platformdirs import user_config_path, user_data_path
from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from sensemake.errors import UsageError

PREFIX = "SENSEMAKE_"
PROJECT_FILE = "sensemake.toml"


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def _default_home() -> Path:
    return user_data_path("sensemake", appauthor=False)


class Settings(BaseSettings):
    """What a home, a command or a server can be told. Made by `load`; `Settings(home=…)` reads nothing else.

    `people_mode in settings.model_fields_set` tells a value that somebody chose from a default.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    home: Path = Field(default_factory=_default_home, description="The data folder.")
    database_url: str | None = Field(
        None,
        repr=False,
        description="The catalog, as an SQLAlchemy URL; when absent, SQLite in the home. It may hold a password.",
    )
    index_url: str = Field("local:", description="The search index; `local:` keeps it in the home.")
    model: str = Field(
        "bundled",
        description="The embedding model: `bundled`, `hashing` (no model, for tests), or the name or folder of any "
        "sentence-transformers model.",
    )
    reranker: str | None = Field(
        None,
        description="A sentence-transformers cross-encoder, by name or folder, that reads the best passages once more; "
        "when absent, none.",
    )
    label_url: str | None = Field(
        None,
        description="An OpenAI-compatible endpoint (`https://…/v1`) that names themes from some of their passages, "
        "which then leave this machine; when absent, none.",
    )
    label_model: str = Field("default", description="The model that this endpoint is asked for.")
    label_key: str | None = Field(None, repr=False, description="The key for this endpoint.")
    label_summaries: bool = Field(
        default=False, description="Ask this endpoint also what each theme is about, in a sentence or two."
    )
    precision: Literal["int8", "fp32"] = Field("int8", description="The bundled model's weights.")
    cache: Path | None = Field(None, description="A folder of embeddings shared between homes; when absent, none.")
    people_mode: Literal["opt-out", "opt-in", "off"] = Field(
        "opt-out", description="Who is named in answers: all but those who opted out, only those who opted in, nobody."
    )
    reflections_floor: int = Field(
        5, ge=2, description="People from which on reflections are counted in themes, bridges and reports."
    )
    insights: bool = Field(
        default=True, description="Count, without names, what five people or more ask and use (`sensemake insights`)."
    )
    read_seconds: int = Field(60, ge=1, description="Seconds that the reading of one file may take.")
    read_memory: int = Field(1024, ge=128, description="Mebibytes of memory that the reading of one file may take.")
    host: str = Field("127.0.0.1", description="The address that `serve` binds; other than loopback only on purpose.")
    port: int = Field(8765, ge=0, le=65535, description="The port that `serve` binds; 0 takes a free one.")
    workers: int = Field(1, ge=1, le=64, description="Processes of `serve` that answer, all over one home.")
    embed_origins: str = Field(
        "",
        pattern=r"^$|^https?://[\w.:*-]+( https?://[\w.:*-]+)*$",
        description="The origins, with a space between, whose pages may show `/embed` in a frame; none when empty.",
    )
    allowed_origins: str = Field(
        "",
        pattern=r"^$|^https?://[\w.:-]+( https?://[\w.:-]+)*$",
        description="The origins, with a space between, whose pages may ask over HTTP (CORS); none when empty.",
    )
    requests_per_minute: int = Field(
        60, ge=0, description="Questions over HTTP that one token may ask in a minute; 0 for any number of everything."
    )
    questions_at_once: int = Field(
        0,
        ge=0,
        description="Questions that each process of `serve` answers at a time, others wait; 0 for its share of the "
        "processors.",
    )
    public_url: str = Field(
        "",
        pattern=r"^$|^https?://[\w.:-]+$",
        description="The origin by which browsers reach `serve` through a proxy, as https://memory.example.org.",
    )
    trusted_proxies: str = Field(
        "",
        description="The addresses or networks, with a space between, of proxies that are believed; none when empty.",
    )
    proxy_user_header: str = Field(
        "", pattern=r"^[\w-]*$", description="The header in which a trusted proxy names who is asking; none when empty."
    )
    proxy_groups_header: str = Field(
        "", pattern=r"^[\w-]*$", description="The header in which a trusted proxy names their groups; none when empty."
    )
    oidc_issuer: str = Field("", description="The identity provider whose bearer tokens are accepted (`iss`).")
    oidc_audience: str = Field("", description="For whom such a token must be made (`aud`).")
    oidc_keys: str = Field("", description="The https address of the provider's public keys (JWKS).")
    oidc_groups_claim: str = Field("groups", description="The claim that holds somebody's groups; none when empty.")
    oidc_client_id: str = Field("", description="The client as which people sign in there on the search page.")
    oidc_client_secret: str = Field("", repr=False, description="That client's secret; none for a public client.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("warning", description="How much `serve` logs.")
    log_format: Literal["text", "json"] = Field("text", description="How `serve` writes its log: lines, or JSON Lines.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in: `load` has read the environment and the files, so that each origin is known."""
        return (init_settings,)


class Origin(NamedTuple):
    """A setting, its value as text (passwords hidden), and the flag, variable or file that set it."""

    name: str
    value: str
    origin: str


def load(flags: Mapping[str, object] | None = None) -> Settings:
    """The settings that hold now; a flag that is None was not given. UsageError when one is unknown or wrong."""
    layers = _layers(flags or {})
    return _settled(layers)[0]


def origins(flags: Mapping[str, object] | None = None) -> list[Origin]:
    """Every setting with where it came from, in the order in which they are declared."""
    settings, source = _settled(_layers(flags or {}))
    return [
        Origin(name, _told(name, getattr(settings, name)), source.get(name, "default"))
        for name in Settings.model_fields
    ]


@dataclass(frozen=True, slots=True)
class _Layer:
    """Values from one place; `name(key)` says where a value stands in it, for people."""

    values: Mapping[str, Any]
    label: str

    def name(self, key: str) -> str:
        return self.label.format(flag=key.replace("_", "-"), variable=key.upper())


def _layers(flags: Mapping[str, object]) -> list[_Layer]:
    """All places, the strongest first."""
    given = {key: value for key, value in flags.items() if value is not None}
    _known_only(given, "flags")
    return [
        _Layer(given, "--{flag}"),
        _Layer(_environment(), PREFIX + "{variable}"),
        _file(Path(PROJECT_FILE)),
        _file(user_config_path("sensemake", appauthor=False) / "config.toml"),
    ]


def _environment() -> Mapping[str, Any]:
    """Our variables. One that is not ours but looks like a slip is an error; others are somebody else's business."""
    for variable in os.environ:
        key = variable.removeprefix(PREFIX).lower()
        if variable.startswith(PREFIX) and key not in Settings.model_fields and (near := _nearest(key, 0.75)):
            raise UsageError(f"{variable} is no setting; did you mean {PREFIX}{near.upper()}?")
    return EnvSettingsSource(Settings, env_ignore_empty=True)()


def _file(path: Path) -> _Layer:
    try:
        values = TomlConfigSettingsSource(Settings, path)()
    except OSError as error:
        raise UsageError(f"the settings in {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{path} is not valid TOML: {error}") from error
    _known_only(values, str(path))
    return _Layer(
        {key: _beside(path, key, value) for key, value in values.items()},
        str(path).replace("{", "{{").replace("}", "}}"),
    )


def _beside(path: Path, key: str, value: object) -> object:
    """A relative folder in a file is meant from where the file lies."""
    if key in {"home", "cache"} and isinstance(value, str):
        return path.parent / Path(value).expanduser()
    return value


def _known_only(values: Mapping[str, object], place: str) -> None:
    for key in values:
        if key not in Settings.model_fields:
            near = _nearest(key, 0.5)
            hint = f"did you mean {near!r}?" if near else f"known settings: {', '.join(Settings.model_fields)}"
            raise UsageError(f"unknown setting {key!r} in {place}; {hint}")


def _nearest(key: str, cutoff: float) -> str | None:
    return next(iter(get_close_matches(key, Settings.model_fields, n=1, cutoff=cutoff)), None)


def _settled(layers: list[_Layer]) -> tuple[Settings, dict[str, str]]:
    """The strongest value of each setting, and the name of the place it stands in."""
    values: dict[str, Any] = {}
    source: dict[str, str] = {}
    for layer in layers:
        for key, value in layer.values.items():
            if key not in values:
                values[key] = value
                source[key] = layer.name(key)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise _wrong_value(error, source) from error
    return settings.model_copy(update={"home": settings.home.expanduser().absolute()}), source


def _wrong_value(error: ValidationError, source: Mapping[str, str]) -> UsageError:
    """The first complaint, without the value: it may be a secret."""
    first = error.errors(include_url=False, include_input=False)[0]
    key = str(first["loc"][0])
    return UsageError(f"setting {key!r} (from {source.get(key, 'default')}) is wrong: {first['msg']}")


def _told(name: str, value: object) -> str:
    """A value as text, but for a key: that there is one is all that is told."""
    return "***" if value and name.endswith("_key") else _shown(value)


def _shown(value: object) -> str:
    """A value as text; the password in a URL is hidden."""
    text = "" if value is None else str(value)
    parts = urlsplit(text) if "://" in text else None
    if parts is None or parts.password is None:
        return text
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{host}"))
