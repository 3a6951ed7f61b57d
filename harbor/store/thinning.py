"""Thinning: of old positions, the first of each minute and tracker is kept.

Also the last of each vessel and six hours, so that the newest of a vessel never moves back.
Six hours of one vessel at a time, each in a transaction of its own; how far it came is
written down from time to time, and a repeat changes nothing. When late fixes came into a
partition that was done, it is gone over again, at most once a day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, text

from harbor.store.partitions import Span, start_of

AT_ONCE = timedelta(hours=6)
"""At a fix a second 21,600 rows, which a worker can delete in well under its time-out."""
AGAIN_AFTER = timedelta(days=1)
"""A trickle of late fixes must not have months gone over for ever."""
NOBODY = UUID(int=0)
"""Before the first vessel."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What of a partition is to be thinned: from a time and behind a vessel, to `end_at`.

    `begun_at` and `rows_inserted` are of the moment when this pass over the partition began.
    """

    span: Span
    start_at: datetime
    end_at: datetime
    vessel_id: UUID
    rows_inserted: int
    begun_at: datetime

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
    begun = (_begun(span, min(span.end_at, until), now, states[span.name]) for span in old)
    return [one for one in begun if not one.is_done]


@dataclass(frozen=True, slots=True)
class _State:
    """PostgreSQL's count of insertions now, and what `write_down` kept, if anything."""

    rows_inserted: int
    done_until: datetime | None
    done_vessel_id: UUID | None
    rows_then: int | None
    begun_at: datetime | None


def _begun(span: Span, end_at: datetime, now: datetime, state: _State) -> Stretch:
    """Where the last run stopped; at the beginning again when late fixes came since."""
    if state.done_until is None or state.begun_at is None or _is_stale(span, now, state):
        return Stretch(span, span.start_at, end_at, NOBODY, state.rows_inserted, now)
    vessel_id, rows_then = state.done_vessel_id or NOBODY, state.rows_then or 0
    return Stretch(span, state.done_until, end_at, vessel_id, rows_then, state.begun_at)


def _is_stale(span: Span, now: datetime, state: _State) -> bool:
    """Whether it was done as a whole, a day ago or more, and late fixes came since."""
    is_whole = state.done_until is not None and state.done_until >= span.end_at
    is_due = state.begun_at is not None and now - state.begun_at >= AGAIN_AFTER
    return is_whole and is_due and state.rows_then != state.rows_inserted


def _states(connection: Connection, names: list[str]) -> dict[str, _State]:
    rows = connection.execute(
        text("""
        SELECT name, pg_stat_get_tuples_inserted(to_regclass(name)), t.done_until,
            t.done_vessel_id, t.rows_inserted, t.begun_at
        FROM unnest(CAST(:names AS text[])) AS name
        LEFT JOIN thinned_partition AS t USING (name)
        """),
        {"names": names},
    )
    return {name: _State(*state) for name, *state in rows}


def step(connection: Connection, stretch: Stretch) -> tuple[Stretch, int]:
    """Thin six hours of the next vessel with fixes; returns the rest and how many rows went."""
    vessel_id, deleted = _thin(connection, stretch)
    if vessel_id is not None:
        return replace(stretch, vessel_id=vessel_id), deleted
    return replace(stretch, start_at=stretch.start_at + AT_ONCE, vessel_id=NOBODY), 0


def write_down(connection: Connection, stretch: Stretch) -> None:
    """Keep how far it came: `stretch` is what is left."""
    connection.execute(
        text("""
        INSERT INTO thinned_partition
            (name, done_until, done_vessel_id, rows_inserted, begun_at)
        VALUES (:name, :done_until, :vessel_id, :rows_inserted, :begun_at)
        ON CONFLICT (name) DO UPDATE
        SET (done_until, done_vessel_id, rows_inserted, begun_at) = ROW (excluded.done_until,
            excluded.done_vessel_id, excluded.rows_inserted, excluded.begun_at)
        """),
        {
            "name": stretch.span.name,
            "done_until": stretch.start_at,
            "vessel_id": stretch.vessel_id if stretch.vessel_id != NOBODY else None,
            "rows_inserted": stretch.rows_inserted,
            "begun_at": stretch.begun_at,
        },
    )


def _thin(connection: Connection, stretch: Stretch) -> tuple[UUID | None, int]:
    """The next vessel's part; returns it (None: there is no next) and what went.

    LIMIT inside LATERAL makes it one short look into the index for each vessel without rows.
    """
    row = connection.execute(
        text(f"""
        WITH one AS (
            SELECT v.id, v.fleet_id FROM vessel AS v
            CROSS JOIN LATERAL (
                SELECT FROM {stretch.span.name} AS p
                WHERE p.fleet_id = v.fleet_id AND p.vessel_id = v.id
                    AND p.recorded_at >= :start_at AND p.recorded_at < :end_at
                LIMIT 1
            ) AS any_fix
            WHERE v.id > :vessel_id ORDER BY v.id LIMIT 1
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
            "end_at": stretch.start_at + AT_ONCE,
        },
    ).first()
    return (None, 0) if row is None else (row[0], row[1])
