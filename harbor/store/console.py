"""What the command line needs of PostgreSQL besides the queries of each noun."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from harbor.config import Settings
from harbor.errors import Misconfigured
from harbor.store.database import Database, engine_options

Transaction = Session
"""The type by which the command line knows what it hands to the queries."""

FIRST_START = 4_715_003
"""The advisory lock of the first start; migrations and partitions have the two before."""


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """A database for one command; raises Misconfigured when its URL can't be one."""
    url = settings.database_url.get_secret_value()
    if not url:
        raise Misconfigured("HARBOR_DATABASE_URL is missing")
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or parsed.get_backend_name() != "postgresql":
        raise Misconfigured("HARBOR_DATABASE_URL is not a URL of PostgreSQL")
    engine = create_engine(parsed, **engine_options(settings))
    try:
        yield Database(engine)
    finally:
        engine.dispose()


def one_at_a_time(session: Session) -> None:
    """Until the commit, a second first start waits for this one, a few seconds at most."""
    session.execute(text("SET LOCAL lock_timeout = '4s'"))
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": FIRST_START})
