"""What every decoder is given and gives back, whatever the format."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from harbor.config import RECORDED_AT_MIN
from harbor.errors import FieldError
from harbor.fleet.report import PositionReport


@dataclass(frozen=True, slots=True)
class Sender:
    """The tracker that signed; `find_vessel` knows the vessels it may report for."""

    fleet_id: UUID
    tracker_id: UUID
    vessel_id: UUID | None
    find_vessel: Callable[[str], UUID | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a decoder must know of the settings and of now.

    `earliest_at`: what is older would be dropped at once; None: everything is kept.
    """

    now: datetime
    clock_skew_allowed_s: int
    reports_max: int
    earliest_at: datetime | None = None
    recorded_at_min: datetime = RECORDED_AT_MIN
    rollover_tolerance_hours: int = 36


@dataclass(frozen=True, slots=True)
class Accepted:
    """One report that keeps the contract, and its raw form."""

    index: int
    report: PositionReport
    raw: bytes


@dataclass(frozen=True, slots=True)
class Rejection:
    """One report that breaks the contract, field by field, and its raw form.

    `vessel_id` is the vessel that it names, if that can be told.
    """

    index: int
    fields: tuple[FieldError, ...]
    raw: bytes
    vessel_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Decoded:
    """A message's reports in order; `is_array` says how the sender wants its answer."""

    is_array: bool
    accepted: tuple[Accepted, ...]
    rejected: tuple[Rejection, ...]
