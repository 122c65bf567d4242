"""The settings: one frozen class, read once at a composition root. Nothing else reads the environment.

The table in docs/operating/settings.md is tested equal to this class.
"""

import ipaddress
import os
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

ENV_PREFIX = "FIELDBEAT_"


class SettingsInvalid(Exception):
    """A setting is missing or cannot be read."""


class Settings(BaseSettings):
    """What an operator may choose. Each field is read from `FIELDBEAT_<NAME>`; an empty variable counts as absent."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_ignore_empty=True, frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="address on which the API listens")
    port: int = Field(8000, ge=0, le=65535, description="port on which the API listens; 0 takes a free one")
    data_dir: Path = Field(Path(".fieldbeat"), description="folder of the embedded servers' data and of files")
    database_url: str | None = Field(
        None, description="PostgreSQL as the application's role, which owns nothing; unset: `up` starts its own server"
    )
    migrate_url: str | None = Field(
        None, description="PostgreSQL as the owner's role, for `migrate` and `tenant create` alone"
    )
    redis_url: str | None = Field(None, description="Valkey or Redis; unset: `up` starts its own server")
    pool_size: int = Field(6, ge=2, description="database connections of one API process")
    statement_cache_size: int = Field(
        100, ge=0, description="prepared statements kept per connection; 0 behind a transaction-mode pooler"
    )
    blobs_url: str | None = Field(
        None,
        pattern="^(s3://.|file:///.)",
        description="where files are kept: `s3://BUCKET/PREFIX` or `file:///FOLDER`; unset: in the data folder",
    )
    blobs_endpoint: str | None = Field(None, description="URL of an S3-compatible store that is not Amazon's")
    blobs_region: str | None = Field(None, description="region of the bucket")
    blobs_key_id: str | None = Field(None, description="access key of the bucket; unset: as the machine has it")
    blobs_secret: str | None = Field(None, description="secret of the access key")
    file_limits: str = Field(
        "image/jpeg=20 image/png=20 image/webp=20 image/heic=20 application/pdf=30",
        pattern=r"^[a-z]+/[a-z0-9.+-]+=[1-9][0-9]{0,4}( [a-z]+/[a-z0-9.+-]+=[1-9][0-9]{0,4})*$",
        description="types of files that are taken, each with its largest size in MiB",
    )
    access_token_ttl_s: int = Field(900, gt=0, description="seconds for which an access token is good")
    refresh_token_ttl_days: int = Field(30, gt=0, description="days for which a refresh token is good")
    portal_token_ttl_days: int = Field(
        365, gt=0, le=3650, description="days for which a customer's portal token is good"
    )
    proxies: int = Field(
        0,
        ge=0,
        le=10,
        description="reverse proxies of yours between clients and the API, each adding to `X-Forwarded-For`; failed "
        "sign-ins are counted by the address that the outermost saw",
    )
    body_bytes_max: int = Field(4 * 1024 * 1024, gt=0, description="largest body of a request, in bytes")
    request_timeout_s: float = Field(20.0, gt=0, description="seconds after which a request is cancelled")
    travel_speed_kmh: float = Field(30.0, gt=0, le=300, description="speed at which plans reckon travel")
    travel_road_factor: float = Field(1.3, ge=1, le=5, description="how much longer a road is than the great circle")
    travel_table: Path | None = Field(
        None, description="CSV of measured ways: from, to (account codes), minutes, km; others are reckoned"
    )
    geofence_radius_m: int = Field(
        200, gt=0, le=100_000, description="metres from a customer within which a check-in is at the place"
    )
    clock_skew_alert_s: int = Field(
        300, gt=0, description="seconds between a phone's clock and the server's from which a visit shows an alert"
    )
    no_show_grace_min: int = Field(
        60, ge=0, description="minutes after its window from which a visit that was not made counts as a no-show"
    )
    no_show_offline_grace_h: int = Field(
        24, ge=0, description="hours of the same for a rep whose phone has sent nothing since"
    )
    location_kept_days: int = Field(
        180, gt=0, description="days after a visit for which its coordinates are kept; its times stay"
    )
    labour_cost_per_hour: float | None = Field(
        None,
        ge=0,
        description="what an hour of labour on tickets costs, in your currency; unset: not reckoned",
    )
    metrics_token: str | None = Field(
        None,
        min_length=16,
        description="with it, and with it alone, `/metrics` is read; unset: from this machine alone",
    )
    worker_metrics_port: int | None = Field(
        None, ge=1, le=65535, description="port of 127.0.0.1 on which a worker shows its metrics; unset: nowhere"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severe line logged")
    log_format: Literal["auto", "text", "json"] = Field(
        "auto", description="shape of the log: `auto` is text on a terminal and JSON elsewhere"
    )

    @property
    def listens_on_loopback(self) -> bool:
        """Whether only this machine can reach the API (the demo's known passwords work only then)."""
        return is_loopback(self.host)

    @property
    def file_bytes_max(self) -> dict[str, int]:
        """The largest file of each type that is taken, in bytes."""
        pairs = (each.split("=") for each in self.file_limits.split())
        return {content_type: int(mebibytes) * 1024 * 1024 for content_type, mebibytes in pairs}

    def needs_database_url(self) -> str:
        """The application's database. Refuses when it is not set."""
        return _set(self.database_url, "database_url")

    def needs_migrate_url(self) -> str:
        """The owner's database. Refuses when it is not set."""
        return _set(self.migrate_url, "migrate_url")

    def needs_redis_url(self) -> str:
        """The queue. Refuses when it is not set."""
        return _set(self.redis_url, "redis_url")


def read_settings(**chosen: object) -> Settings:
    """The settings from the environment, with what a command line `chosen` before it (None = not chosen)."""
    try:
        return Settings(**{name: value for name, value in chosen.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as invalid:
        problems = (f"{ENV_PREFIX}{str(e['loc'][0]).upper()}: {e['msg']}" for e in invalid.errors())
        raise SettingsInvalid("; ".join(problems)) from invalid


def child_environment(settings: Settings) -> dict[str, str]:
    """The environment in which a child process reads exactly these settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ENV_PREFIX)}
    ours = {f"{ENV_PREFIX}{name.upper()}": str(value) for name, value in settings if value is not None}
    return kept | ours


def unknown_variables() -> list[str]:
    """The FIELDBEAT_* variables that name no setting: most likely typing errors."""
    known = {f"{ENV_PREFIX}{name.upper()}" for name in Settings.model_fields}
    return sorted(name for name in os.environ if name.startswith(ENV_PREFIX) and name.upper() not in known)


def masked(url: str) -> str:
    """`url` without its password, fit for a log or a support ticket."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{place}"))


def is_loopback(host: str) -> bool:
    """Whether `host` (a name or an address, without a port) is this machine seen from itself."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _set(value: str | None, name: str) -> str:
    if value is None:
        raise SettingsInvalid(f"{ENV_PREFIX}{name.upper()} is not set.")
    return value
