"""The newest position of each vessel, found in the youngest partitions that have one.

A question over all partitions plans and locks every one of them, of which daily ones may be a
thousand; so some of the youngest are asked first, and older ones only for vessels without an
answer. Last comes what retention kept of vessels that are silent for longer.

Where trackers of a fleet count differently (harbor.fleet.sources), the newest of a vessel is
that of the one which speaks for her.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from harbor.fleet.sources import USUAL, Said, Standings, look_back, spoken_for
from harbor.store import partitions, standings
from harbor.store.partitions import Span
from harbor.store.positions import STORED_COLUMNS, StoredPosition, stored

PARTITIONS_AT_ONCE = (3, 12, 48)
"""The one ahead, this one and the one before answer for a fleet that is at sea."""
BEGINNING_OF_TIME = datetime(2020, 1, 1, tzinfo=UTC)
END_OF_TIME = datetime(2100, 1, 1, tzinfo=UTC)
"""What the table's own check allows, in partitions of whatever name."""

NEWEST_WITHIN = f"""
SELECT {", ".join(f"p.{name}" for name in STORED_COLUMNS)}
FROM vessel AS v
CROSS JOIN LATERAL (
    SELECT * FROM position
    WHERE position.fleet_id = v.fleet_id AND position.vessel_id = v.id
        AND position.recorded_at >= :start_at AND position.recorded_at < :end_at
    ORDER BY position.recorded_at DESC
    LIMIT 1
) AS p
WHERE v.id = ANY (CAST(:vessel_ids AS uuid[]))
"""  # noqa: S608 - the names are constants

# Of each of the better trackers alone, from its newest fix backward. One that was not heard of
# since then has none, and would be looked for in all that the others said.
BETTER = f"""
SELECT {", ".join(f"p.{name}" for name in STORED_COLUMNS)}
FROM unnest(CAST(:vessel_ids AS uuid[]), CAST(:moments AS timestamptz[]),
    CAST(:thans AS smallint[])) AS v (id, at, than)
JOIN tracker ON tracker.fleet_id = :fleet_id AND tracker.precedence < v.than
    AND (tracker.vessel_id = v.id OR tracker.vessel_id IS NULL)
    AND (tracker.last_seen_at IS NULL
        OR tracker.last_seen_at >= v.at - CAST(:look_back AS interval) - interval '5 minutes')
CROSS JOIN LATERAL (
    SELECT * FROM position
    WHERE position.fleet_id = :fleet_id AND position.vessel_id = v.id
        AND position.tracker_id = tracker.id
        AND position.recorded_at >= v.at - CAST(:look_back AS interval)
        AND position.recorded_at <= v.at
        AND position.recorded_at >= :start_at AND position.recorded_at <= :end_at
    ORDER BY position.recorded_at DESC
    LIMIT 1
) AS p
"""  # noqa: S608 - the names are constants

_KEPT = text(
    f"SELECT {', '.join(STORED_COLUMNS)} FROM last_position"  # noqa: S608 - the names are constants
    " WHERE vessel_id = ANY (CAST(:vessel_ids AS uuid[]))"
)


def of_fleet(session: Session, fleet_id: UUID) -> list[StoredPosition]:
    """Of each vessel of the fleet that is not retired and has one."""
    vessel_ids = session.execute(
        text("SELECT id FROM vessel WHERE fleet_id = :fleet_id AND retired_at IS NULL"),
        {"fleet_id": fleet_id},
    ).scalars()
    found = _of_vessels(session, set(vessel_ids))
    return _spoken_for(session, fleet_id, found)


def of_vessel(session: Session, vessel_id: UUID) -> StoredPosition | None:
    found = _of_vessels(session, {vessel_id})
    return next(
        iter(_spoken_for(session, found[0].report.fleet_id, found) if found else ()), None
    )


def recorded_at(session: Session) -> datetime | None:
    """The newest of all fleets, from the youngest partitions that have any."""
    vessel_ids = set(session.scalars(text("SELECT id FROM vessel WHERE retired_at IS NULL")))
    for start_at, end_at in windows(partitions.spans(session)):
        found = _within(session, vessel_ids, start_at, end_at)
        if found:
            return max(one.report.recorded_at for one in found)
    return None


def silent_since(connection: Connection, moment: datetime) -> set[UUID]:
    """The vessels, retired ones left out, without any position from `moment` on."""
    vessel_ids = connection.scalars(text("SELECT id FROM vessel WHERE retired_at IS NULL"))
    silent = set(vessel_ids)
    younger = [span for span in partitions.spans(connection) if span.end_at > moment]
    for start_at, end_at in windows(younger):
        found = _within(connection, silent, max(start_at, moment), end_at)
        silent -= {one.report.vessel_id for one in found}
    return silent


def windows(there: Sequence[Span]) -> Iterator[tuple[datetime, datetime]]:
    """Times that together hold all partitions, the youngest first and few at once."""
    left, end_at, number = list(there), END_OF_TIME, 0
    while left:
        count = PARTITIONS_AT_ONCE[min(number, len(PARTITIONS_AT_ONCE) - 1)]
        left, together = left[:-count], left[-count:]
        start_at = together[0].start_at if left else BEGINNING_OF_TIME
        yield start_at, end_at
        end_at, number = start_at, number + 1


def _of_vessels(session: Session, vessel_ids: set[UUID]) -> list[StoredPosition]:
    found: list[StoredPosition] = []
    silent = set(vessel_ids)
    for start_at, end_at in windows(partitions.spans(session)):
        if not silent:
            return found
        these = _within(session, silent, start_at, end_at)
        silent -= {one.report.vessel_id for one in these}
        found += these
    rows = session.execute(_KEPT, {"vessel_ids": _texts(silent)}).mappings()
    return found + [stored(row) for row in rows]


def _spoken_for(
    session: Session, fleet_id: UUID, found: list[StoredPosition]
) -> list[StoredPosition]:
    """Of each vessel the position that counts, given her newest one."""
    senders = standings.of_fleet(session, fleet_id)
    if not senders or not found:
        return found
    by_vessel = {one.report.vessel_id: [_said(one, senders)] for one in found}
    for better in _better(session, fleet_id, found, senders):
        by_vessel[better.report.vessel_id].append(_said(better, senders))
    spoken = (spoken_for(said) for said in by_vessel.values())
    return [one for one in spoken if one is not None]


def _said(one: StoredPosition, senders: Standings) -> Said[StoredPosition]:
    standing = senders.get(one.report.tracker_id, USUAL)
    return Said(one.report.recorded_at, standing, one)


def _better(
    session: Session, fleet_id: UUID, found: Sequence[StoredPosition], senders: Standings
) -> list[StoredPosition]:
    """What trackers that count more said shortly before."""
    best = min(standing.precedence for standing in senders.values())
    ranked = [(one.report, senders.get(one.report.tracker_id, USUAL)) for one in found]
    doubted = [
        (one, standing.precedence) for one, standing in ranked if standing.precedence > best
    ]
    if not doubted:
        return []
    moments = [one.recorded_at for one, _ in doubted]
    back = look_back(senders)
    asked = {
        "fleet_id": fleet_id,
        "vessel_ids": _texts(one.vessel_id for one, _ in doubted),
        "moments": moments,
        "thans": [precedence for _, precedence in doubted],
        "look_back": back,
        "start_at": min(moments) - back,
        "end_at": max(moments),
    }
    return [stored(row) for row in session.execute(text(BETTER), asked).mappings()]


def _within(
    connection: Connection | Session,
    vessel_ids: set[UUID],
    start_at: datetime,
    end_at: datetime,
) -> list[StoredPosition]:
    asked = {"vessel_ids": _texts(vessel_ids), "start_at": start_at, "end_at": end_at}
    rows = connection.execute(text(NEWEST_WITHIN), asked).mappings()
    return [stored(row) for row in rows]


def _texts(vessel_ids: Iterable[UUID]) -> list[str]:
    return [str(one) for one in vessel_ids]
