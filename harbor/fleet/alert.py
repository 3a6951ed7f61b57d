"""Something that somebody must see at once, such as a man overboard."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

TEXT_LENGTH_MAX = 256


@dataclass(frozen=True, slots=True)
class Alert:
    """As a tracker told it; `vessel_id` None: of no vessel of the fleet, as far as is known.

    `kind` is a word such as `man_overboard`, `distress` or `sos`; `is_over`: called off. The
    place is None when nobody said where.
    """

    fleet_id: UUID
    tracker_id: UUID
    vessel_id: UUID | None
    kind: str
    recorded_at: datetime
    received_at: datetime
    text: str
    latitude: float | None = None
    longitude: float | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class RaisedAlert:
    """One that was stored, and the id by which everybody knows it."""

    id: UUID
    alert: Alert
