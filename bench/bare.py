"""The bare minimum of storing arrays: one connection, one multi-row insert, one commit."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2
from psycopg2.extras import execute_values, register_uuid

COLUMNS = (
    "fleet_id, vessel_id, recorded_at, tracker_id, received_at, latitude, longitude,"
    " speed_knots, course_degrees, heading_degrees, accuracy_metres, altitude_metres,"
    " battery_percent, navigation_status, source, attributes"
)
INSERT = f"INSERT INTO bare_position ({COLUMNS}) VALUES %s"
MAKE = """
CREATE TABLE bare_position (LIKE position INCLUDING ALL) PARTITION BY RANGE (recorded_at);
DO $$
DECLARE first timestamptz;
BEGIN
    FOREACH first IN ARRAY ARRAY[date_trunc('month', now()),
                                 date_trunc('month', now()) - interval '1 month'] LOOP
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF bare_position FOR VALUES FROM (%L) TO (%L)',
            'bare_position_' || to_char(first, 'YYYY_MM'), first, first + interval '1 month');
    END LOOP;
END
$$
"""


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """A connection as psycopg2 makes it; `url` is SQLAlchemy's."""
    connection = psycopg2.connect(url.replace("postgresql+psycopg2://", "postgresql://"))
    register_uuid(conn_or_curs=connection)  # type: ignore[no-untyped-call]
    try:
        yield connection
    finally:
        connection.close()


def make_table(connection: Any) -> None:
    """Columns, constraints, partitions and primary key as those of `position`."""
    with connection, connection.cursor() as cursor:
        cursor.execute("SET timezone = 'UTC'")
        cursor.execute(MAKE)


def insert(
    connection: Any, statements: Sequence[Sequence[tuple[object, ...]]], seconds: float
) -> float:
    """Rows a second, one statement and one commit after the other."""
    rows, started = 0, time.perf_counter()
    for statement in statements:
        with connection.cursor() as cursor:
            execute_values(cursor, INSERT, statement, page_size=len(statement))
        connection.commit()
        rows += len(statement)
        if time.perf_counter() - started >= seconds:
            break
    return rows / (time.perf_counter() - started)


def count(connection: Any, table: str) -> int:
    with connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        found: int = cursor.fetchone()[0]
    return found
