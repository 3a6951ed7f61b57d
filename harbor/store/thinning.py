"""Thinning: of old positions, the first of each minute and tracker is kept.

Also the last of each vessel and day, so that the newest of a vessel never moves back. One
vessel and day at a time, each in a transaction of its own; how far it came is written down
from time to time, and a repeat changes nothing. When late fixes came into a partition that
was done, it is gone over again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, text

from harbor.store.partitions import Span, start_of

DAY = timedelta(days=1)
NOBODY = UUID(int=0)
"""Before the first vessel."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What of a partition is to be thinned: from a day and behind a vessel, to `end_at`."""

    span: Span
    start_at: datetime
    end_at: datetime
    vessel_id: UUID
    rows_inserted: int

    @property
    def is_done(self) -> bool:
        return self.start_at >= self.end_at

    @property
    def share(self) -> float:
        """How much of its partition it is."""
        return (self.end_at - self.start_at) / (self.span.end_at - self.span.start_at)


def stretches(
    connection: Connection, there: Iterable[Span], now: datetime, days: int
) -> list[Stretch]:
    """What is old enough and not done, the oldest first."""
    until = start_of(now - timedelta(days=days), "day")
    old = [span for span in there if days and span.start_at < until and not span.is_leaving]
    states = _states(connection, [span.name for span in old])
    begun = (_begun(span, min(span.end_at, until), *states[span.name]) for span in old)
    return [one for one in begun if not one.is_done]


def _begun(
    span: Span,
    end_at: datetime,
    rows_inserted: int,
    done_until: datetime | None,
    done_vessel_id: UUID | None,
    rows_then: int | None,
) -> Stretch:
    """Where the last run stopped; at the beginning again when late fixes came since."""
    is_whole = done_until is not None and done_until >= span.end_at
    if done_until is None or (is_whole and rows_then != rows_inserted):
        return Stretch(span, span.start_at, end_at, NOBODY, rows_inserted)
    return Stretch(span, done_until, end_at, done_vessel_id or NOBODY, rows_then or 0)


def _states(
    connection: Connection, names: list[str]
) -> dict[str, tuple[int, datetime | None, UUID | None, int | None]]:
    rows = connection.execute(
        text("""
        SELECT name, pg_stat_get_tuples_inserted(to_regclass(name)), t.done_until,
            t.done_vessel_id, t.rows_inserted
        FROM unnest(CAST(:names AS text[])) AS name
        LEFT JOIN thinned_partition AS t USING (name)
        """),
        {"names": names},
    )
    return {
        name: (inserted, until, vessel, then) for name, inserted, until, vessel, then in rows
    }


def step(connection: Connection, stretch: Stretch) -> tuple[Stretch, int]:
    """Thin one day of the next vessel; returns what is left, and how many rows went."""
    vessel_id, deleted = _thin(connection, stretch)
    if vessel_id is not None:
        return replace(stretch, vessel_id=vessel_id), deleted
    return replace(stretch, start_at=stretch.start_at + DAY, vessel_id=NOBODY), 0


def write_down(connection: Connection, stretch: Stretch) -> None:
    """Keep how far it came: `stretch` is what is left."""
    connection.execute(
        text("""
        INSERT INTO thinned_partition (name, done_until, done_vessel_id, rows_inserted)
        VALUES (:name, :done_until, :vessel_id, :rows_inserted)
        ON CONFLICT (name) DO UPDATE SET (done_until, done_vessel_id, rows_inserted)
            = ROW (excluded.done_until, excluded.done_vessel_id, excluded.rows_inserted)
        """),
        {
            "name": stretch.span.name,
            "done_until": stretch.start_at,
            "vessel_id": stretch.vessel_id if stretch.vessel_id != NOBODY else None,
            "rows_inserted": stretch.rows_inserted,
        },
    )


def _thin(connection: Connection, stretch: Stretch) -> tuple[UUID | None, int]:
    """One day of the next vessel; returns it (None: there is no next) and what went."""
    row = connection.execute(
        text(f"""
        WITH one AS (
            SELECT id, fleet_id FROM vessel WHERE id > :vessel_id ORDER BY id LIMIT 1
        ), fix AS (
            SELECT p.ctid AS place,
                row_number() OVER (
                    PARTITION BY p.tracker_id, date_trunc('minute', p.recorded_at)
                    ORDER BY p.recorded_at) AS number,
                p.recorded_at = max(p.recorded_at) OVER () AS is_last
            FROM one JOIN {stretch.span.name} AS p
                ON p.fleet_id = one.fleet_id AND p.vessel_id = one.id
            WHERE p.recorded_at >= :start_at AND p.recorded_at < :end_at
        ), gone AS (
            DELETE FROM {stretch.span.name}
            WHERE ctid IN (SELECT place FROM fix WHERE number > 1 AND NOT is_last)
            RETURNING 1
        )
        SELECT id, (SELECT count(*) FROM gone) FROM one
        """),  # noqa: S608 - a partition that `spans` knows
        {
            "vessel_id": stretch.vessel_id,
            "start_at": stretch.start_at,
            "end_at": stretch.start_at + DAY,
        },
    ).first()
    return (None, 0) if row is None else (row[0], row[1])
