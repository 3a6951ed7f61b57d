"""The newest position of each vessel, found in the youngest partitions that have one.

A question over all partitions plans and locks every one of them, of which daily ones may be a
thousand; so some of the youngest are asked first, and older ones only for vessels without an
answer. Last comes what retention kept of vessels that are silent for longer.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from harbor.store import partitions
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
    return _of_vessels(session, set(vessel_ids))


def of_vessel(session: Session, vessel_id: UUID) -> StoredPosition | None:
    return next(iter(_of_vessels(session, {vessel_id})), None)


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


def _within(
    connection: Connection | Session,
    vessel_ids: set[UUID],
    start_at: datetime,
    end_at: datetime,
) -> list[StoredPosition]:
    asked = {"vessel_ids": _texts(vessel_ids), "start_at": start_at, "end_at": end_at}
    rows = connection.execute(text(NEWEST_WITHIN), asked).mappings()
    return [stored(row) for row in rows]


def _texts(vessel_ids: set[UUID]) -> list[str]:
    return [str(one) for one in vessel_ids]
