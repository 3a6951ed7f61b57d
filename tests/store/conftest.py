"""What tests of the store share: a connection, fixes at sea, partitions of their own."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from harbor.store import partitions, positions, upkeep
from tests.builders import report


@pytest.fixture
def connection(runtime):
    with runtime.database.engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


@pytest.fixture
def same_clock(monkeypatch):
    """PostgreSQL's clock shows what the maintainer is told."""
    monkeypatch.setattr(upkeep, "read_clocks", lambda _, now: upkeep.Clocks(now, now))


@pytest.fixture
def no_partitions(connection, runtime):
    """The table without any partition; those of every day are back afterwards."""
    drop_all(connection)
    yield
    connection.execute(text("RESET lock_timeout"))
    drop_all(connection)
    for span in partitions.missing((), runtime.clock(), "month"):
        partitions.ensure(connection, span.start_at, "month")


def drop_all(connection):
    names = connection.scalars(
        text(r"SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^position_\d'")
    )
    for name in list(names):
        connection.execute(text(f"DROP TABLE {name}"))


@pytest.fixture
def sail(connection, cast):
    """Store a fix of a hull of the cast at each of the moments, partitions and all."""

    def sail(hull, *moments, **changes):
        fixes = [
            report(
                fleet_id=cast.fleet_id,
                vessel_id=hull.id,
                tracker_id=hull.tracker_id,
                recorded_at=moment,
            )
            for moment in sorted(moments)
        ]
        fixes = [replace(one, **changes) for one in fixes]
        for moment in moments:
            partitions.ensure(connection, moment, "month")
        positions.record(
            connection, positions.in_order(fixes), max(moments) + timedelta(seconds=1)
        )
        return fixes

    return sail


@pytest.fixture
def names(connection):
    """The partitions there are, by name."""

    def names():
        return [span.name for span in partitions.spans(connection)]

    return names


@pytest.fixture
def stranger(connection):
    """The id of another fleet."""
    return connection.scalar(text("INSERT INTO fleet (name) VALUES ('stranger') RETURNING id"))
