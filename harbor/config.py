"""Every HARBOR_* setting: its type, its default and one line of meaning.

Settings are immutable and handed in; `harbor.environments` reads them.
"""

import base64
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AliasChoices,
    AwareDatetime,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

RECORDED_AT_MIN = datetime(2020, 1, 1, tzinfo=UTC)
"""No setting can allow an earlier one: the table has it as a constraint."""

Knots = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Metres = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
SPEED_KNOTS_MAX_BY_KIND = MappingProxyType(
    {
        "cargo": 40.0,
        "tanker": 30.0,
        "passenger": 45.0,
        "high_speed": 80.0,
        "wing_in_ground": 250.0,
        "fishing": 30.0,
        "towing": 25.0,
        "tug": 30.0,
        "dredging": 25.0,
        "diving": 35.0,
        "sailing": 55.0,
        "pleasure": 80.0,
        "pilot": 50.0,
        "search_and_rescue": 70.0,
        "port_tender": 50.0,
        "anti_pollution": 40.0,
        "law_enforcement": 90.0,
        "medical": 70.0,
        "military": 70.0,
    }
)
"""Well above what such a vessel makes good with the stream: this tells wrong from fast."""


class Settings(BaseSettings):
    """All settings with their defaults; see the classes per environment below."""

    model_config = SettingsConfigDict(
        env_prefix="HARBOR_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    environment: Literal["development", "testing", "production"] = Field(
        "production",
        validation_alias=AliasChoices("environment", "HARBOR_ENV"),
        description="Which set of rules applies: `production`, `development` or `testing`.",
    )

    # Secrets
    secret_key: SecretStr = Field(
        SecretStr(""),
        description="Signs session cookies and form tokens; 32 characters at least.",
    )
    master_key: SecretStr = Field(
        SecretStr(""),
        description="Encrypts tracker secrets at rest: 32 bytes as URL-safe base64; several,"
        " separated by commas, while rotating (the first encrypts, all decrypt).",
    )
    sentry_dsn: SecretStr = Field(
        SecretStr(""), description="Where errors are reported; empty: nowhere."
    )

    # PostgreSQL
    database_url: SecretStr = Field(
        SecretStr(""),
        description="PostgreSQL 18 or newer; `postgres://` and `postgresql://` both work.",
    )
    database_pool_size: int = Field(4, ge=1, description="Connections kept per worker.")
    database_pool_overflow: int = Field(
        1, ge=0, description="Connections a worker may add for a moment."
    )
    database_pool_timeout_s: float = Field(
        2.0, gt=0, description="Seconds a request waits for a free connection before 503."
    )
    database_timeout_s: float = Field(
        2.0, gt=0, description="Seconds the database may be silent before a worker gives it up."
    )
    database_admin_connections: int = Field(
        5, ge=0, description="Connections left free for migrations, backups and people."
    )

    # Valkey or Redis
    valkey_url: SecretStr = Field(
        SecretStr("redis://127.0.0.1:6379/0"), description="Valkey or Redis, 6.2 or newer."
    )
    valkey_timeout_s: float = Field(
        0.2, gt=0, description="Seconds one call to Valkey may take; there are no retries."
    )
    valkey_publish_timeout_s: float = Field(
        1.0, gt=0, description="The same for publishing, for which no request waits."
    )

    # Processes
    bind: str = Field("127.0.0.1:8000", description="Where gunicorn listens.")
    metrics_bind: str = Field(
        "",
        description="An address with a port of its own where Prometheus reads `/metrics`, as in"
        " 127.0.0.1:9464; empty: nowhere. Keep it from outside: it shows no pages less.",
    )
    workers: int = Field(2, ge=1, description="Gunicorn workers of this instance.")
    instances: int = Field(
        1,
        ge=1,
        description="Instances of this size on one database (web and stream: 2).",
    )
    worker_connections: int = Field(
        1000,
        ge=10,
        description="Requests and idle connections per worker; streams have a limit of their"
        " own.",
    )
    forwarded_allow_ips: str = Field(
        "127.0.0.1", description="Proxies whose X-Forwarded-* headers are believed."
    )
    proxies: int = Field(
        0, ge=0, description="Proxies in front (nginx: 1); 0 ignores X-Forwarded-For."
    )
    control_socket: str = Field(
        "", description="Path of gunicorn's control socket; empty: none is opened."
    )
    public_url: str = Field(
        "",
        description="Where trackers reach Harbor, `https://host`: in the addresses and QR codes"
        " that `harbor tracker add` shows.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least severe log line that is written."
    )

    # Ingest
    body_bytes_max: int = Field(
        1_048_576, ge=1024, description="Largest body of a webhook, in bytes; over it: 413."
    )
    body_timeout_s: float = Field(
        20.0, gt=0, description="Seconds a sender has for its whole body."
    )
    array_reports_max: int = Field(1000, ge=1, description="Reports in one array.")
    tracker_requests_per_s: float = Field(
        20.0,
        gt=0,
        description="Requests a tracker may send for long, per worker; over it: 429."
        " An array counts one more per 25 reports, and each report that is rejected or"
        " quarantined one more; a shared key is allowed it per vessel.",
    )
    tracker_requests_burst: float = Field(
        600.0, ge=1, description="Requests a tracker may send at once, as when catching up."
    )
    tracker_failures_per_minute: int = Field(
        30,
        ge=1,
        description="Wrong credentials at `/api/v1/ingest/…` that are looked into, per worker"
        " and address, and per tracker that they name; over it: 429.",
    )
    signature_tolerance_s: int = Field(
        300, ge=1, description="How far the time of signing may be from ours, in seconds."
    )
    clock_skew_allowed_s: int = Field(
        120, ge=0, description="How far ahead a position's own time may be, in seconds."
    )
    recorded_at_min: AwareDatetime = Field(
        RECORDED_AT_MIN,
        ge=RECORDED_AT_MIN,
        description="The earliest time that a position may have; an earlier one is refused.",
    )
    rollover_tolerance_hours: int = Field(
        36,
        ge=1,
        le=24 * 7,
        description="A time that is 1,024 or 2,048 weeks from now, give or take so many hours,"
        " is called a GPS week rollover.",
    )
    null_island_degrees: float = Field(
        0.000001, gt=0, le=1, description="Nearer than this to 0/0 a receiver had no fix."
    )
    speed_knots_max: Knots = Field(
        100.0,
        description="A jump faster than this is a teleport and is quarantined; for vessels of"
        " no kind that the next setting names.",
    )
    speed_knots_max_by_kind: dict[str, Knots] = Field(
        dict(SPEED_KNOTS_MAX_BY_KIND),
        description="The same by kind of vessel; kinds that are left out keep the default.",
    )
    jump_metres_min: Metres = Field(
        2000.0, description="A jump shorter than this is bad reception, not a teleport."
    )
    stuck_metres_min: Metres = Field(
        200.0, description="So far apart at one time, a tracker's clock stands still …"
    )
    stuck_seconds_min: Seconds = Field(
        60.0, description="… when the reports came in so many seconds apart, or together."
    )
    hand_over_reports_max: int = Field(
        20_000, ge=1, description="Reports waiting for the writer in a worker; over it: 503."
    )
    hand_over_patience_s: float = Field(
        2.5, gt=0, description="Seconds a request waits for its commit before 503."
    )
    quarantine_reports_max: int = Field(
        100_000, ge=1, description="Rejected reports kept per fleet; the oldest go first."
    )
    quarantine_tracker_reports_max: int = Field(
        5_000,
        ge=1,
        description="… and per tracker, so that a mad one pushes out none but its own.",
    )
    quarantine_days_max: int = Field(
        90, ge=1, description="Days after which a rejected report is deleted."
    )

    # Growth
    position_partitions: Literal["month", "day"] = Field(
        "month",
        description="What one partition of positions holds; a change begins where no partition"
        " was made yet.",
    )
    retention_days: int = Field(
        0,
        ge=0,
        description="Positions older than this are refused, and dropped with their whole"
        " partition; 0: all are kept.",
    )
    thin_after_days: int = Field(
        0,
        ge=0,
        description="Of positions older than this, the first of each minute is kept; 0: all.",
    )

    # Feed
    history_events_max: int = Field(
        100_000, ge=1, description="Events kept in Valkey for resuming, per fleet."
    )
    history_age_s: int = Field(
        3600,
        ge=0,
        description="Seconds for which they are kept at most; 0: until there are too many.",
    )
    fallback_read_s: float = Field(
        1.0,
        gt=0,
        description="Seconds between reads of the newest positions from PostgreSQL while the"
        " feed is away.",
    )
    log_events_max: int = Field(
        10_000, ge=1, description="Events a worker keeps in memory, per fleet."
    )
    heartbeat_s: float = Field(
        15.0, gt=0, description="Seconds between heartbeats; rights are checked as often."
    )
    stream_tick_ms: int = Field(
        0,
        ge=0,
        description="After events were sent to all, requests get as much time as that took, so"
        " many milliseconds at most; what comes meanwhile leaves in one piece. 0: what comes"
        " while events are being sent leaves in one piece, without a rest.",
    )
    streams_max: int = Field(
        5000, ge=1, description="Streams per worker; over it: come back later."
    )
    streams_user_max: int = Field(
        50, ge=1, description="Streams of one person per worker; a browser's tabs share one."
    )
    streams_key_max: int = Field(
        100, ge=1, description="Streams of one API key per worker; over it: 429."
    )
    stream_age_s: float = Field(
        3600.0,
        gt=0,
        description="Seconds, give or take a fifth, after which a stream must come again: no"
        " proxy can keep a reader alive who is gone.",
    )
    stream_stalled_s: float = Field(
        25.0,
        gt=0,
        description="Seconds without any progress after which a reader is let go; the next"
        " heartbeat included, a vanished one is gone within 45.",
    )
    stream_buffer_bytes: int = Field(
        65_536,
        ge=4096,
        description="What the kernel may hold for one slow reader (SO_SNDBUF).",
    )
    drain_s: float = Field(
        4.0, ge=0, description="Seconds over which a leaving worker sends its streams away."
    )
    late_after_s: int = Field(
        180, ge=1, description="A vessel is `late` when its newest position is older than this."
    )
    silent_after_s: int = Field(900, ge=1, description="… and `silent` when older than this.")

    # People
    session_idle_minutes: int = Field(
        720, ge=1, description="Minutes of inactivity until log-out."
    )
    session_hours_max: int = Field(12, ge=1, description="Hours until everybody logs in again.")
    cookie_secure: bool = Field(True, description="Session cookies travel over HTTPS only.")
    api_rate_per_minute: int = Field(60, ge=1, description="API requests a minute per key.")
    login_attempts_per_5_minutes: int = Field(
        10, ge=1, description="Failed log-ins per account and per address in five minutes."
    )

    # Map
    tile_url: str = Field(
        "",
        description="Raster tiles, `https://host/{z}/{x}/{y}.png`; empty: our coastline.",
    )
    tile_attribution: str = Field("", description="What the tile server asks to show.")
    tile_max_zoom: int = Field(18, ge=1, le=22, description="Deepest zoom of the tiles.")
    map_home: str = Field(
        "57.66,11.80,11", description="Where the map opens: latitude,longitude,zoom."
    )

    @field_validator("database_url", mode="after")
    @classmethod
    def name_the_driver(cls, url: SecretStr) -> SecretStr:
        return SecretStr(psycopg2_url(url.get_secret_value()))

    @field_validator("master_key")
    @classmethod
    def fernet_keys(cls, keys: SecretStr) -> SecretStr:
        for key in filter(None, keys.get_secret_value().split(",")):
            try:
                raw = base64.urlsafe_b64decode(key)
            except ValueError:
                raw = b""
            if len(raw) != 32:
                raise ValueError("each key is 32 random bytes as URL-safe base64")
        return keys

    @field_validator("speed_knots_max_by_kind")
    @classmethod
    def known_kinds(cls, given: dict[str, float]) -> dict[str, float]:
        unknown = sorted(given.keys() - SPEED_KNOTS_MAX_BY_KIND.keys())
        if unknown:
            raise ValueError(f"there is no kind of vessel {unknown[0]!r}")
        return {**SPEED_KNOTS_MAX_BY_KIND, **given}

    @field_validator("public_url")
    @classmethod
    def name_a_place(cls, url: str) -> str:
        return plain_url(url) if url else url

    @field_validator("metrics_bind")
    @classmethod
    def name_a_port(cls, bind: str) -> str:
        host, _, port = bind.rpartition(":")
        if bind and not (host and port.isascii() and port.isdigit() and int(port) < 65_536):
            raise ValueError("write host:port, as in 127.0.0.1:9464")
        return bind

    @field_validator("map_home")
    @classmethod
    def three_numbers(cls, home: str) -> str:
        parts = [float(part) for part in home.split(",")]
        if len(parts) != 3 or not (-90 <= parts[0] <= 90 and -180 <= parts[1] <= 180):
            raise ValueError("write latitude,longitude,zoom, as in 57.66,11.80,11")
        return home

    @model_validator(mode="after")
    def in_order(self) -> Self:
        if self.silent_after_s <= self.late_after_s:
            raise ValueError("HARBOR_SILENT_AFTER_S must be more than HARBOR_LATE_AFTER_S")
        return self

    @property
    def metrics_port(self) -> int | None:
        """Where `/metrics` is answered; None: nowhere."""
        return int(self.metrics_bind.rpartition(":")[2]) if self.metrics_bind else None

    @property
    def kept_for(self) -> timedelta | None:
        """How old a position may be; None: as old as it likes."""
        return timedelta(days=self.retention_days) if self.retention_days else None

    @property
    def connections_per_worker(self) -> int:
        """The most PostgreSQL connections of one worker; its writer keeps one of them."""
        return self.database_pool_size + self.database_pool_overflow

    def connections_needed(self) -> int:
        """Of all instances, twice, because a reload runs old and new workers side by side."""
        return 2 * self.instances * self.workers * self.connections_per_worker


def plain_url(url: str) -> str:
    """An address to which a path can be added. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise ValueError("write https://host, as in https://harbor.example")
    if parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise ValueError("an address with nothing behind its path")
    return url.rstrip("/")


def psycopg2_url(url: str) -> str:
    """Name the driver: SQLAlchemy 2.1 takes psycopg 3 for a plain `postgresql://`."""
    scheme, separator, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"}:
        return f"postgresql+psycopg2{separator}{rest}"
    return url
