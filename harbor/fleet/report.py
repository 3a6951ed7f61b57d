"""One position as a tracker reported it, whatever format it came in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

SOURCE_TRACKER = "tracker"
SOURCE_IMPORT = "import"
"""Recorded elsewhere, and the format of the trackers under which such fixes stand."""


@dataclass(frozen=True, slots=True)
class PositionReport:
    """Where a vessel was at `recorded_at`, by the tracker's clock (aware UTC).

    Angles are degrees (course and heading true, 0 up to 360), speed is knots over ground,
    lengths are metres. None means that the tracker did not say.
    """

    fleet_id: UUID
    vessel_id: UUID
    tracker_id: UUID
    recorded_at: datetime
    latitude: float
    longitude: float
    speed_knots: float | None = None
    course_degrees: float | None = None
    heading_degrees: float | None = None
    accuracy_metres: float | None = None
    altitude_metres: float | None = None
    navigation_status: str | None = None
    battery_percent: float | None = None
    source: str = SOURCE_TRACKER
    attributes: Mapping[str, object] = field(default_factory=dict)
