"""Where the vessels of a fleet have just been: thinned fixes, and how often each reports.

Each vessel's time is cut into steps, and the first fix of each step is looked up by the key.
So it costs what it answers, however often the trackers report: 30 minutes of a thousand
vessels at 1 Hz are 1.8 million rows, of which this touches the 40,000 that it returns.

Where trackers of a fleet count differently each is looked up by itself, and of several the one
that counts makes a vessel's line (harbor.fleet.lead): with a receiver ashore it would zigzag.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from math import ceil
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from harbor.fleet.lead import Lead
from harbor.fleet.sources import Standing, by_name
from harbor.fleet.track import TrackFix
from harbor.store import standings

NOBODY = UUID(int=0)
"""Before every vessel."""
STEP_LEAST_S = 8
FIXES_MAX = 40_000
"""Of all vessels together: the steps grow longer when there are more vessels."""
LOOKS_AT_ONCE = 8_000
VESSELS_AT_ONCE = 1_000
"""In one question, about a fifth of a second: a worker gives up a database that is silent for
two, and all of ten thousand vessels in one took as long as that."""
STEPS_LEARNED = 20
STEPS_NEEDED = 3
"""A tracker's rhythm is the median of its last steps, unknown below so many."""

_COUNT = text(
    "SELECT count(*) FROM vessel WHERE fleet_id = :fleet_id AND retired_at IS NULL"
    " AND (CAST(:vessel_id AS uuid) IS NULL OR id = :vessel_id)"
)

# Both ends stand as constants beside the steps: with them partitions are left out when the
# question is planned, and not only when it runs.
TRAILS = f"""
SELECT CAST(v.id AS text) AS vessel, CAST(sender.id AS text) AS tracker, rhythm.interval_s,
    kept.fixes
FROM (
    SELECT id, fleet_id FROM vessel
    WHERE fleet_id = :fleet_id AND retired_at IS NULL AND id > CAST(:after AS uuid)
        AND (CAST(:vessel_id AS uuid) IS NULL OR id = :vessel_id)
    ORDER BY id
    LIMIT :at_once
) AS v
CROSS JOIN LATERAL (
    SELECT CAST(NULL AS uuid) AS id WHERE NOT CAST(:is_by_tracker AS boolean)
    UNION ALL
    SELECT id FROM tracker
    WHERE CAST(:is_by_tracker AS boolean) AND tracker.fleet_id = v.fleet_id
        AND (tracker.vessel_id = v.id OR tracker.vessel_id IS NULL)
        AND (tracker.last_seen_at IS NULL
            OR tracker.last_seen_at >= :start_at - interval '5 minutes')
) AS sender
CROSS JOIN LATERAL (
    SELECT string_agg(format('[%s,%s,%s]', CAST(extract(epoch FROM fix.recorded_at) * 1000
        AS bigint), fix.latitude, fix.longitude), ',' ORDER BY fix.recorded_at) AS fixes
    FROM generate_series(0, :steps - 1) AS number
    CROSS JOIN LATERAL (
        SELECT recorded_at, latitude, longitude FROM position AS p
        WHERE p.fleet_id = v.fleet_id AND p.vessel_id = v.id
            AND p.recorded_at >= :start_at AND p.recorded_at < :end_at
            AND p.recorded_at >= :start_at + number * CAST(:step AS interval)
            AND p.recorded_at < :start_at + (number + 1) * CAST(:step AS interval)
            AND (sender.id IS NULL OR p.tracker_id = sender.id)
        ORDER BY p.recorded_at
        LIMIT 1
    ) AS fix
) AS kept
CROSS JOIN LATERAL (
    SELECT CAST(percentile_cont(0.5) WITHIN GROUP (ORDER BY step) AS float8) AS interval_s
    FROM (
        SELECT extract(epoch FROM recorded_at - lag(recorded_at) OVER (ORDER BY recorded_at))
            AS step
        FROM (
            SELECT recorded_at FROM position AS p
            WHERE p.fleet_id = v.fleet_id AND p.vessel_id = v.id
                AND p.recorded_at >= :start_at AND p.recorded_at < :end_at
                AND (sender.id IS NULL OR p.tracker_id = sender.id)
            ORDER BY p.recorded_at DESC
            LIMIT {STEPS_LEARNED + 1}
        ) AS newest
    ) AS steps
    WHERE step > 0
    HAVING count(*) >= {STEPS_NEEDED}
    UNION ALL SELECT NULL LIMIT 1
) AS rhythm
ORDER BY v.id
"""  # noqa: S608 - the numbers are constants


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when, one fix a step."""

    start_at: datetime
    end_at: datetime
    step: timedelta


@dataclass(frozen=True, slots=True)
class Trail:
    """`fixes` is JSON: [recorded, latitude, longitude] by comma, oldest first, times in ms."""

    vessel_id: str
    interval_s: float | None
    fixes: str


def span_of(
    session: Session, fleet_id: UUID, now: datetime, back: timedelta, vessel_id: UUID | None
) -> Span:
    """The time until now, in steps such that all vessels together stay below FIXES_MAX."""
    asked = {"fleet_id": fleet_id, "vessel_id": vessel_id}
    count = session.scalar(_COUNT, asked) or 0
    step_s = max(STEP_LEAST_S, ceil(back.total_seconds() * count / FIXES_MAX))
    # On the same steps every time, or two questions would answer with different fixes.
    since_s = (now - back).timestamp() // step_s * step_s
    return Span(datetime.fromtimestamp(since_s, UTC), now, timedelta(seconds=step_s))


def of_fleet(
    session: Session, fleet_id: UUID, span: Span, vessel_id: UUID | None = None
) -> Iterator[Trail]:
    """Of each vessel that has fixes in the span, or of the one that is asked for."""
    # Compiling such a plan takes longer than running it.
    session.execute(text("SET LOCAL jit = off"))
    senders = by_name(standings.of_fleet(session, fleet_id))
    steps = ceil((span.end_at - span.start_at) / span.step)
    asked = {
        "fleet_id": fleet_id,
        "vessel_id": vessel_id,
        "start_at": span.start_at,
        "end_at": span.end_at,
        "step": f"{span.step.total_seconds()} seconds",
        "steps": steps,
        "is_by_tracker": bool(senders),
        "at_once": min(max(1, LOOKS_AT_ONCE // steps), VESSELS_AT_ONCE),
    }
    rows, after = _page(session, asked, str(NOBODY))
    while rows:
        said = (row for row in rows if row.fixes is not None)
        for _, its in groupby(said, key=lambda row: row.vessel):
            yield _trail(list(its), senders)
        rows, after = _page(session, asked, after)


def _trail(rows: Sequence[Row[Any]], senders: Mapping[str, Standing]) -> Trail:
    """Of one vessel, given what each of her trackers said."""
    if len(rows) == 1:
        return Trail(rows[0].vessel, rows[0].interval_s, rows[0].fixes)
    lead = Lead(senders)
    said = sorted(fix for row in rows for fix in _fixes(row))
    line = [
        [round(fix.at_s * 1000), fix.latitude, fix.longitude]
        for fix in said
        if lead.follows(fix)
    ]
    (led,) = (row for row in rows if row.tracker == lead.tracker)
    return Trail(led.vessel, led.interval_s, orjson.dumps(line)[1:-1].decode())


def _fixes(row: Row[Any]) -> Iterator[TrackFix]:
    for at_ms, latitude, longitude in orjson.loads(f"[{row.fixes}]"):
        yield TrackFix(at_ms / 1000, latitude, longitude, None, None, row.tracker)


def _page(
    session: Session, asked: Mapping[str, object], after: str
) -> tuple[Sequence[Row[Any]], str]:
    """Some vessels by id, and the last of them."""
    rows = session.execute(text(TRAILS), {**asked, "after": after}).all()
    return rows, rows[-1].vessel if rows else after
