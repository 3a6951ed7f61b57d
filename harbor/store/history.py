"""The whole fleet's past, thinned for a replay: read slice by slice, one row per vessel.

PostgreSQL thins, counts differences and writes JSON itself: a day of a hundred vessels is
864,000 rows, and none of them becomes an object of ours. Where trackers of a fleet count
differently (harbor.fleet.sources), it leaves out what those said that a better one spoke for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from harbor.fleet.history import Slice
from harbor.fleet.sources import look_back
from harbor.store import standings

SHARP_DEGREES = 20
"""A course that changes more from one fix to the next is a turn."""
MOVING_KNOTS = 0.5
VESSELS_AT_ONCE = 100
VESSEL_SECONDS_AT_ONCE = 100_000
"""Read in one question: a worker gives up a database that is silent for two seconds, and a
tracker may report each second, ten times as often as a plan takes it to."""

# In order of time by its index, so that nothing is sorted.
_ALL = """
    SELECT * FROM position
    WHERE position.fleet_id = :fleet_id AND position.vessel_id = ship.id
        AND recorded_at >= :start_at AND recorded_at < :end_at
"""

# What is worse than the best (or than the second best) is left out while one of those speaks,
# which it may have begun to before the slice. There are seldom more than three kinds of source.
_SPOKEN = """
    SELECT * FROM (
        SELECT heard.*, precedence > :best AND greatest(before.best_until, max(until_at)
                FILTER (WHERE precedence <= :best) OVER so_far) >= recorded_at
            OR precedence > :second AND greatest(before.second_until, max(until_at)
                FILTER (WHERE precedence <= :second) OVER so_far) >= recorded_at AS is_silent
        FROM (
            SELECT position.*, tracker.precedence,
                recorded_at + tracker.patience_s * interval '1 second' AS until_at
            FROM position JOIN tracker ON tracker.id = position.tracker_id
            WHERE position.fleet_id = :fleet_id AND position.vessel_id = ship.id
                AND recorded_at >= :start_at AND recorded_at < :end_at
        ) AS heard
        CROSS JOIN (
            SELECT max(recorded_at + patience_s * interval '1 second')
                    FILTER (WHERE precedence <= :best) AS best_until,
                max(recorded_at + patience_s * interval '1 second')
                    FILTER (WHERE precedence <= :second) AS second_until
            FROM position JOIN tracker ON tracker.id = position.tracker_id
            WHERE position.fleet_id = :fleet_id AND position.vessel_id = ship.id
                AND recorded_at < :start_at
                AND recorded_at >= :back_at
        ) AS before
        WINDOW so_far AS (ORDER BY recorded_at, precedence
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ) AS said
    WHERE is_silent IS NOT TRUE
"""

# Of each vessel, by its own index scan, which gives the fixes in order of time: no sort.
# Kept is the first fix of each step, what is on either side of a gap, and turns.
_KEPT = """
    SELECT at_ms, latitude, longitude, speed, course, heading, lasted_ms FROM (
        SELECT *, at_ms - lag(at_ms) OVER fixes AS lasted_ms,
            lead(at_ms) OVER fixes - at_ms AS until_ms,
            at_ms / :step_ms <> lag(at_ms / :step_ms) OVER fixes AS is_first,
            :with_turns AND speed >= 10 * :moving_knots
                AND abs((course - lag(course) OVER fixes + 5400) % 3600 - 1800)
                    > 10 * :sharp_degrees AS is_turn
        FROM (
            SELECT CAST(1000 * date_part('epoch',
                    recorded_at - CAST(:start_at AS timestamptz)) AS int) AS at_ms,
                CAST(latitude * 1e6 AS int) AS latitude,
                CAST(longitude * 1e6 AS int) AS longitude,
                CAST(speed_knots * 10 AS int) AS speed,
                CAST(course_degrees * 10 AS int) % 3600 AS course,
                CAST(heading_degrees * 10 AS int) % 3600 AS heading
            FROM ({fixes}) AS position
            ORDER BY recorded_at
        ) AS said
        WINDOW fixes AS (ORDER BY at_ms ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ) AS seen
    WHERE is_first IS NOT FALSE OR until_ms IS NULL OR until_ms > :step_ms OR is_turn
"""

_SLICE = f"""
SELECT kept.*
FROM unnest(CAST(:vessel_ids AS uuid[])) WITH ORDINALITY AS ship (id, number)
CROSS JOIN LATERAL (
    SELECT count(*) AS fixes, concat('[', CAST(:first AS int) + ship.number, ',',
        coalesce(CAST(percentile_disc(0.5) WITHIN GROUP (ORDER BY lasted_ms)
            FILTER (WHERE lasted_ms > 0) AS text), 'null'), ',',
        concat_ws(',', array_to_json(array_agg(after_ms)), array_to_json(array_agg(north)),
            array_to_json(array_agg(east)), array_to_json(array_agg(speed)),
            array_to_json(array_agg(course)), array_to_json(array_agg(heading))),
        ']') AS track
    FROM (
        SELECT at_ms - lag(at_ms, 1, 0) OVER kept AS after_ms,
            latitude - lag(latitude, 1, 0) OVER kept AS north,
            longitude - lag(longitude, 1, 0) OVER kept AS east,
            speed, course, heading, lasted_ms
        FROM ({_KEPT}) AS chosen
        WINDOW kept AS (ORDER BY at_ms ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ) AS differences
) AS kept
WHERE kept.fixes > 0
"""  # noqa: S608 - the pieces are constants

SLICE = _SLICE.format(fixes=_ALL)
SLICE_SPOKEN = _SLICE.format(fixes=_SPOKEN)

_NEWEST = """
    SELECT * FROM position
    WHERE position.fleet_id = :fleet_id AND position.vessel_id = ship.id
        AND recorded_at >= :start_at AND recorded_at < :end_at
    ORDER BY recorded_at DESC
    LIMIT 1
"""

# The newest, or that of a better tracker which still spoke then.
_NEWEST_SPOKEN = f"""
    SELECT chosen.* FROM ({_NEWEST}) AS last
    CROSS JOIN LATERAL (
        SELECT position.* FROM position JOIN tracker ON tracker.id = position.tracker_id
        WHERE position.fleet_id = :fleet_id AND position.vessel_id = ship.id
            AND recorded_at <= last.recorded_at
            AND recorded_at >= last.recorded_at - CAST(:look_back AS interval)
            AND recorded_at >= :start_at AND recorded_at < :end_at
            AND (tracker.id = last.tracker_id AND recorded_at = last.recorded_at
                OR recorded_at + tracker.patience_s * interval '1 second' >= last.recorded_at)
        ORDER BY tracker.precedence, recorded_at DESC
        LIMIT 1
    ) AS chosen
"""  # noqa: S608 - the pieces are constants

_BEFORE = """
SELECT 1 AS fixes, concat('[', CAST(:first AS int) + ship.number, ',null,',
    concat_ws(',', '[' || CAST(1000 * date_part('epoch',
            recorded_at - CAST(:end_at AS timestamptz)) AS int) || ']',
        '[' || CAST(latitude * 1e6 AS int) || ']', '[' || CAST(longitude * 1e6 AS int) || ']',
        array_to_json(ARRAY[CAST(speed_knots * 10 AS int)]),
        array_to_json(ARRAY[CAST(course_degrees * 10 AS int) % 3600]),
        array_to_json(ARRAY[CAST(heading_degrees * 10 AS int) % 3600])),
    ']') AS track
FROM unnest(CAST(:vessel_ids AS uuid[])) WITH ORDINALITY AS ship (id, number)
CROSS JOIN LATERAL ({newest}) AS newest
"""
BEFORE = _BEFORE.format(newest=_NEWEST)
BEFORE_SPOKEN = _BEFORE.format(newest=_NEWEST_SPOKEN)

# One look into the index per vessel and bucket, however many fixes there are.
ACTIVITY = """
SELECT bucket, count(*) AS reporting,
    count(*) FILTER (WHERE newest.speed_knots >= :moving_knots) AS under_way
FROM generate_series(0, CAST(:buckets AS int) - 1) AS bucket
CROSS JOIN LATERAL (
    SELECT CAST(:start_at AS timestamptz) + bucket * CAST(:wide AS interval) AS start_at
) AS part
CROSS JOIN unnest(CAST(:vessel_ids AS uuid[])) AS ship (id)
CROSS JOIN LATERAL (
    SELECT speed_knots FROM position
    WHERE position.fleet_id = :fleet_id AND position.vessel_id = ship.id
        AND recorded_at >= part.start_at
        AND recorded_at < part.start_at + CAST(:wide AS interval)
        AND recorded_at >= :start_at AND recorded_at < :end_at
    ORDER BY recorded_at DESC
    LIMIT 1
) AS newest
GROUP BY bucket
"""


@dataclass(frozen=True, slots=True)
class Tracks:
    """What the vessels of a question did in a slice of time, as JSON without brackets."""

    fixes: int
    json: str


@dataclass(frozen=True, slots=True)
class Activity:
    """Of how many vessels there is a fix in a bucket, and how many of those were moving."""

    reporting: int
    under_way: int


def tracks(
    session: Session,
    fleet_id: UUID,
    vessel_ids: Sequence[UUID],
    part: Slice,
    step_s: int,
    *,
    with_turns: bool,
) -> Tracks:
    """`[number, interval_ms, [ms], [north], [east], [speed], [course], [heading]]` of each
    vessel with a fix in the slice; `number` is its place among `vessel_ids`.

    Times, latitudes and longitudes (millionths of a degree) are differences: the first to
    the slice's beginning and to 0, each other one to the fix before. Speeds are tenths of a
    knot, courses and headings tenths of a degree; null is unknown.
    """
    asked = {"step_ms": 1000 * step_s, "with_turns": with_turns, "sharp_degrees": SHARP_DEGREES}
    rule = _rule(session, fleet_id, part)
    query = SLICE_SPOKEN if rule else SLICE
    at_once = _vessels_at_once(part)
    return _tracks(session, query, fleet_id, vessel_ids, part, asked | rule, at_once)


def before(session: Session, fleet_id: UUID, vessel_ids: Sequence[UUID], part: Slice) -> Tracks:
    """The newest fix in the slice of each vessel; its time counts from the slice's end."""
    rule = _rule(session, fleet_id, part)
    query = BEFORE_SPOKEN if rule else BEFORE
    return _tracks(session, query, fleet_id, vessel_ids, part, rule, len(vessel_ids) or 1)


def _rule(session: Session, fleet_id: UUID, part: Slice) -> dict[str, object]:
    """What the questions must know where trackers count differently; else nothing."""
    senders = standings.of_fleet(session, fleet_id)
    if not senders:
        return {}
    best, second, *_ = sorted({standing.precedence for standing in senders.values()})
    back = look_back(senders)
    return {
        "best": best,
        "second": second,
        "look_back": back,
        "back_at": part.start_at - back,
    }


def _tracks(
    session: Session,
    query: str,
    fleet_id: UUID,
    vessel_ids: Sequence[UUID],
    part: Slice,
    asked: Mapping[str, object],
    at_once: int,
) -> Tracks:
    # Compiling such a plan takes longer than running it.
    session.execute(text("SET LOCAL jit = off"))
    found: list[Row[Any]] = []
    for first in range(0, len(vessel_ids), at_once):
        whose = _whose(fleet_id, vessel_ids[first : first + at_once], part)
        more = {"first": first - 1, "moving_knots": MOVING_KNOTS}  # ordinality begins with 1
        found += session.execute(text(query), {**whose, **asked, **more}).all()
    return Tracks(sum(row.fixes for row in found), ",".join(row.track for row in found))


def _vessels_at_once(part: Slice) -> int:
    seconds = (part.end_at - part.start_at).total_seconds()
    return max(1, int(VESSEL_SECONDS_AT_ONCE / max(1.0, seconds)))


def activity(
    session: Session,
    fleet_id: UUID,
    vessel_ids: Sequence[UUID],
    period: Slice,
    buckets: int,
) -> list[Activity]:
    """What went on in each of so many equal parts of the period."""
    wide = (period.end_at - period.start_at) / buckets
    session.execute(text("SET LOCAL jit = off"))
    reporting, under_way = [0] * buckets, [0] * buckets
    for first in range(0, len(vessel_ids), VESSELS_AT_ONCE):
        few = vessel_ids[first : first + VESSELS_AT_ONCE]
        asked = _whose(fleet_id, few, period) | {
            "buckets": buckets,
            "wide": wide,
            "moving_knots": MOVING_KNOTS,
        }
        for row in session.execute(text(ACTIVITY), asked):
            reporting[row.bucket] += row.reporting
            under_way[row.bucket] += row.under_way
    return [Activity(*counts) for counts in zip(reporting, under_way, strict=True)]


def _whose(fleet_id: UUID, vessel_ids: Sequence[UUID], part: Slice) -> dict[str, object]:
    return {
        "fleet_id": fleet_id,
        "vessel_ids": [str(one) for one in vessel_ids],
        "start_at": part.start_at,
        "end_at": part.end_at,
    }
