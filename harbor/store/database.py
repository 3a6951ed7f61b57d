"""The connection to PostgreSQL: engine, sessions, time-outs, and what it must promise."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import psycopg2.extensions
from flask_sqlalchemy import SQLAlchemy
from psycogreen.gevent import gevent_wait_callback
from sqlalchemy import Connection, Engine, MetaData, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import QueuePool

from harbor.config import Settings
from harbor.errors import Conflict, Misconfigured, Unavailable


class Base(DeclarativeBase):
    """Every table of Harbor; constraints get names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base)


def engine_options(settings: Settings) -> dict[str, Any]:
    """Pool and time-outs; libpq ignores connect_timeout in green mode, see wait_in_gevent."""
    return {
        "pool_size": settings.database_pool_size,
        "max_overflow": settings.database_pool_overflow,
        "pool_timeout": settings.database_pool_timeout_s,
        "pool_pre_ping": True,
        "hide_parameters": True,  # error texts go into logs, and rows hold secrets
        "connect_args": {
            "connect_timeout": max(2, round(settings.database_timeout_s)),
            "application_name": "harbor",
            "options": "-c timezone=UTC -c statement_timeout=5s -c lock_timeout=1s"
            " -c idle_in_transaction_session_timeout=5s",
        },
    }


def wait_in_gevent(timeout_s: float) -> None:
    """Let greenlets run while one waits for PostgreSQL, for at most `timeout_s` of silence.

    Process-wide: gunicorn's workers call it once after the fork. Command-line programs and
    migrations don't, and keep libpq's own blocking waits.
    """

    def wait(connection: psycopg2.extensions.connection) -> None:
        try:
            gevent_wait_callback(connection, timeout=timeout_s)
        except TimeoutError as error:
            raise psycopg2.OperationalError(
                f"PostgreSQL has been silent for {timeout_s:g} s"
            ) from error

    psycopg2.extensions.set_wait_callback(wait)


class Database:
    """Hands out sessions on one engine; turns its absence into Unavailable."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def connections_in_use(self) -> int:
        """0 where the pool does not count."""
        return self.engine.pool.checkedout() if isinstance(self.engine.pool, QueuePool) else 0

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One unit of work: committed at the end, rolled back on any error.

        Raises Unavailable when PostgreSQL is away, full or has no connection to spare.
        """
        with (
            unavailable_when_away(),
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session


@contextmanager
def unavailable_when_away() -> Iterator[None]:
    """Turn "PostgreSQL can't do it now" into Unavailable; other errors pass."""
    try:
        yield
    except (DBAPIError, psycopg2.Error) as error:
        if is_away(error):
            raise Unavailable("The database is away; nothing was stored.") from error
        raise
    except PoolTimeout as error:
        raise Unavailable("All database connections are busy.") from error


@contextmanager
def conflict_when_taken(message: str) -> Iterator[None]:
    """Turn a broken UNIQUE constraint into Conflict; other errors pass."""
    try:
        yield
    except IntegrityError as error:
        if getattr(error.orig, "pgcode", None) != UNIQUE_VIOLATION:
            raise
        raise Conflict(message) from error


UNIQUE_VIOLATION = "23505"

_AWAY_CLASSES = (
    *("08", "40", "53", "57", "58", "55000", "55P03", "25006"),
    *("42P01", "42703", "42883"),
)
"""SQLSTATEs: connection, deadlock, resources (disk full), operator, system, a table in the way
of a partition, lock, read-only; and a table, column or function that is missing: the release
step has not run yet."""


def is_away(error: DBAPIError | psycopg2.Error) -> bool:
    """Whether waiting may help; a row that breaks a constraint is not helped by waiting."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "pgcode", None)
    if code is None:
        return isinstance(cause, psycopg2.OperationalError | psycopg2.InterfaceError)
    return str(code).startswith(_AWAY_CLASSES)


def first_line(error: DBAPIError) -> str:
    """What PostgreSQL said, without its hints and context."""
    return str(error.orig).strip().partition("\n")[0]


def ask(connection: Connection | Session) -> None:
    """One round trip."""
    connection.execute(text("SELECT 1"))


def is_reachable(database: Database) -> bool:
    """False when PostgreSQL does not answer in time."""
    try:
        with database.session() as session:
            ask(session)
    except Unavailable:
        return False
    return True


def check_promises(database: Database, settings: Settings) -> None:
    """Raise Misconfigured when this server can't keep what Harbor promises.

    Raises Unavailable when the server is away: then there is nothing to check yet.
    """
    with database.session() as session:
        values = {
            name: str(session.execute(text(f"SHOW {name}")).scalar_one())
            for name in (
                "server_version_num",
                "fsync",
                "full_page_writes",
                "synchronous_commit",
                "max_connections",
                "superuser_reserved_connections",
            )
        }
    complaints = broken_promises(values, settings)
    if complaints:
        raise Misconfigured("; ".join(complaints))


def broken_promises(values: dict[str, str], settings: Settings) -> list[str]:
    """What PostgreSQL's settings (as SHOW prints them) don't allow Harbor to promise."""
    complaints = []
    if int(values["server_version_num"]) < 180000:
        complaints.append("PostgreSQL 18 or newer is needed")
    if settings.environment == "production":
        complaints += [
            f"PostgreSQL runs with {name}=off: an acknowledged position could be lost"
            for name in ("fsync", "full_page_writes", "synchronous_commit")
            if values[name] == "off"
        ]
    needed = settings.connections_needed()
    reserved = int(values["superuser_reserved_connections"])
    allowed = int(values["max_connections"])
    total = needed + settings.database_admin_connections + reserved
    if total > allowed:
        complaints.append(
            f"too many connections: 2 (a reload runs old and new workers side by side)"
            f" × {settings.instances} HARBOR_INSTANCES × {settings.workers} HARBOR_WORKERS"
            f" × {settings.connections_per_worker} (HARBOR_DATABASE_POOL_SIZE + "
            f"HARBOR_DATABASE_POOL_OVERFLOW) + {settings.database_admin_connections}"
            f" HARBOR_DATABASE_ADMIN_CONNECTIONS + {reserved} superuser_reserved_connections"
            f" = {total}, but max_connections is {allowed}"
        )
    return complaints
