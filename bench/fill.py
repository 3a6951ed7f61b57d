"""`python -m bench.fill URL`: a big table, as a fleet of 1,000 vessels leaves it over months.

PostgreSQL makes the rows itself, a day at a time: every vessel sails its own ellipse, with a
fix every so many minutes. Vessels, partitions and statistics are made as well.
"""

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from bench.bare import connected

VESSELS = 1000
DAYS = 180
ROWS = 10_000_000
DAY = timedelta(days=1)

ADD_VESSELS = """
WITH one AS (SELECT min(id::text)::uuid AS fleet_id FROM fleet), sailing AS (
    INSERT INTO vessel (fleet_id, name)
    SELECT fleet_id, 'Filled ' || number
    FROM one, generate_series(1, %(vessels)s - (SELECT count(*) FROM vessel)) AS number
    RETURNING fleet_id, id, name
)
INSERT INTO tracker (fleet_id, vessel_id, name, secret)
SELECT fleet_id, id, 'aboard ' || name, 'signs nothing: it only owns rows' FROM sailing
"""

ADD_DAY = """
INSERT INTO position (fleet_id, vessel_id, recorded_at, tracker_id, received_at, latitude,
    longitude, speed_knots, course_degrees, heading_degrees, source)
SELECT v.fleet_id, v.id, at, t.id, at + interval '2 seconds',
    57.5 + v.number % 40 / 50.0 + 0.3 * sin(angle),
    11.0 + v.number / 40 / 25.0 + 0.5 * cos(angle),
    8 + 4 * sin(angle * 3), abs(angle * 57)::numeric % 360, abs(angle * 58)::numeric % 360,
    'tracker'
FROM (SELECT *, row_number() OVER (ORDER BY name) AS number FROM vessel) AS v
JOIN tracker AS t ON t.vessel_id = v.id
CROSS JOIN generate_series(%(start)s, %(end)s - interval '1 microsecond', %(every)s) AS tick
CROSS JOIN LATERAL (SELECT tick + v.number * interval '137 milliseconds' AS at) AS moved
CROSS JOIN LATERAL (
    SELECT (extract(epoch FROM at) / (7200 + v.number))::float8 AS angle) AS sailed
WHERE v.name LIKE %(names)s
ORDER BY at
ON CONFLICT DO NOTHING
""".replace(" % ", " %% ")
EVERYBODY, WATCHED = "%", "Filled 1__"
"""By name: all vessels, and the hundred that send a fix a minute in the last two days."""
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Filled:
    """What is in the table now, and what it takes."""

    rows: int
    vessels: int
    partitions: int
    bytes: int
    seconds: float
    until: datetime

    @property
    def bytes_per_million_rows(self) -> int:
        return round(self.bytes / self.rows * 1_000_000)


def fill(
    url: str,
    rows: int = ROWS,
    vessels: int = VESSELS,
    days: int = DAYS,
    period: str = "month",
) -> Filled:
    """Spread `rows` over the `days` until some hours ago; needs a fleet and the tables.

    Vessels that exist already sail as well, if they have a tracker of their own.
    """
    # What the benches post begins three hours ago: no vessel is at two places then.
    until = datetime.now(UTC) - timedelta(hours=6)
    started = time.perf_counter()
    every = DAY * vessels * days / rows
    with connected(url) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor, bar(days) as advance:
            cursor.execute("SET timezone = 'UTC'; SET synchronous_commit = off")
            cursor.execute(ADD_VESSELS, {"vessels": vessels})
            for start, end in spans(until, days):
                cursor.execute(
                    "SELECT harbor_ensure_position_partition(d, %s) FROM unnest(%s) AS d",
                    (period, [start, end - timedelta(microseconds=1)]),
                )
                span = {"start": start, "end": end}
                cursor.execute(ADD_DAY, {**span, "every": every, "names": EVERYBODY})
                if until - start <= 2 * DAY:
                    cursor.execute(ADD_DAY, {**span, "every": MINUTE, "names": WATCHED})
                advance()
            cursor.execute("VACUUM (ANALYZE) position")
            cursor.execute("ANALYZE vessel")
        return measured(connection, vessels, time.perf_counter() - started, until)


def spans(until: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
    """Stretches of 24 hours, the oldest first."""
    for number in range(days, 0, -1):
        end = until - (number - 1) * DAY
        yield end - DAY, end


def measured(connection: Any, vessels: int, seconds: float, until: datetime) -> Filled:
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT (SELECT count(*) FROM position), count(*),
                sum(pg_total_relation_size(inhrelid))::bigint
            FROM pg_inherits WHERE inhparent = 'position'::regclass
        """)
        rows, partitions, size = cursor.fetchone()
    return Filled(rows, vessels, partitions, size, seconds, until)


@contextmanager
def bar(days: int) -> Iterator[Any]:
    """How many days are filled, on the terminal."""
    columns = ("filling, days", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("", total=days)
        yield lambda: progress.advance(task)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("url", help="of a database with Harbor's tables and a fleet")
    arguments.add_argument("--rows", type=int, default=ROWS)
    arguments.add_argument("--vessels", type=int, default=VESSELS)
    arguments.add_argument("--days", type=int, default=DAYS)
    arguments.add_argument("--period", choices=("month", "day"), default="month")
    given = arguments.parse_args()
    print(fill(given.url, given.rows, given.vessels, given.days, given.period))


if __name__ == "__main__":
    main()
