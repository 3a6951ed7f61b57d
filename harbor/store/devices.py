"""Which vessel a fleet-wide tracker means by a name of its own, such as a device's id."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from harbor.errors import Conflict, Invalid, NotFound
from harbor.store import trackers
from harbor.store.database import conflict_when_taken
from harbor.store.models import Tracker, TrackerDevice, Vessel

DEVICE_LENGTH_MAX = 64


@dataclass(frozen=True, slots=True)
class Device:
    """A name that a tracker gives to a vessel."""

    tracker_id: UUID
    tracker: str
    device: str
    vessel_id: UUID
    vessel: str
    created_at: datetime


def add(
    session: Session, fleet_id: UUID, tracker_name: str, device: str, vessel_id: UUID
) -> Device:
    """Raises NotFound, Invalid, and Conflict when it has a vessel already."""
    if not 1 <= len(device) <= DEVICE_LENGTH_MAX or not device.isprintable():
        raise Invalid(f"A device's name has 1 to {DEVICE_LENGTH_MAX} printable characters.")
    tracker = trackers.find(session, fleet_id, tracker_name)
    if tracker.vessel_id is not None:
        raise Conflict(
            f"Whatever {tracker.name!r} sends is of one vessel: devices are for a tracker that"
            " was added with --fleet-wide."
        )
    with conflict_when_taken(f"{tracker.name!r} has a vessel for {device!r} already."):
        session.add(
            TrackerDevice(
                tracker_id=tracker.id, device=device, fleet_id=fleet_id, vessel_id=vessel_id
            )
        )
        _tell_workers(tracker)
        session.flush()
    return next(one for one in of_tracker(session, tracker) if one.device == device)


def remove(session: Session, fleet_id: UUID, tracker_name: str, device: str) -> Device:
    """Raises NotFound. Returns what it was."""
    tracker = trackers.find(session, fleet_id, tracker_name)
    known = [one for one in of_tracker(session, tracker) if one.device == device]
    if not known:
        raise NotFound(f"{tracker.name!r} has no vessel for {device!r}.")
    session.execute(
        delete(TrackerDevice).where(
            TrackerDevice.tracker_id == tracker.id, TrackerDevice.device == device
        )
    )
    _tell_workers(tracker)
    return known[0]


def of_tracker(session: Session, tracker: Tracker) -> list[Device]:
    """By name."""
    query = (
        select(TrackerDevice, Vessel.name)
        .join(Vessel, Vessel.id == TrackerDevice.vessel_id)
        .where(TrackerDevice.tracker_id == tracker.id)
        .order_by(TrackerDevice.device)
    )
    return [
        Device(tracker.id, tracker.name, one.device, one.vessel_id, vessel_name, one.created_at)
        for one, vessel_name in session.execute(query)
    ]


def everywhere(session: Session, fleet_id: UUID | None = None) -> dict[tuple[UUID, str], UUID]:
    """Vessels by tracker and device; of one fleet, or of all."""
    query = select(TrackerDevice.tracker_id, TrackerDevice.device, TrackerDevice.vessel_id)
    if fleet_id is not None:
        query = query.where(TrackerDevice.fleet_id == fleet_id)
    return {
        (tracker_id, device): vessel_id
        for tracker_id, device, vessel_id in session.execute(query)
    }


def _tell_workers(tracker: Tracker) -> None:
    """They read the directory again when a tracker's revision grows; see `store.directory`."""
    flag_modified(tracker, "name")
