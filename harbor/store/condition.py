"""How PostgreSQL and what it keeps are doing: what `harbor doctor` asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg2.extensions
from sqlalchemy import text
from sqlalchemy.orm import Session

from harbor.store import newest

SHOWN = (
    "server_version",
    "server_version_num",
    "fsync",
    "full_page_writes",
    "synchronous_commit",
    "max_connections",
    "superuser_reserved_connections",
)


@dataclass(frozen=True, slots=True)
class ServerCondition:
    """The server itself; `data_directory` None when it won't tell us."""

    shown: Mapping[str, str]
    now: datetime
    data_directory: str | None


@dataclass(frozen=True, slots=True)
class Work:
    """What waits to be published, and the newest position of all fleets."""

    outbox_batches: int
    outbox_oldest_at: datetime | None
    newest_recorded_at: datetime | None


def server(session: Session) -> ServerCondition:
    """Needs no tables. The clock is read last, just before the answer."""
    shown = {
        name: str(session.execute(text(f"SHOW {name}")).scalar_one())  # the names above
        for name in SHOWN
    }
    directory = session.scalar(
        text("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
    )
    now = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return ServerCondition(shown, now, directory)


def work(session: Session) -> Work:
    """Needs the tables."""
    batches, oldest_at = session.execute(
        text("SELECT count(*), min(created_at) FROM feed_outbox")
    ).one()
    return Work(batches, oldest_at, newest.recorded_at(session))


def can_wait_in_gevent() -> bool:
    """Whether this psycopg2 lets greenlets run while it waits for PostgreSQL."""
    return hasattr(psycopg2.extensions, "set_wait_callback")
