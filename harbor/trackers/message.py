"""What every decoder is given and gives back, whatever the format."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from harbor.config import RECORDED_AT_MIN
from harbor.errors import FieldError
from harbor.fleet.report import SOURCE_TRACKER, PositionReport


@dataclass(frozen=True, slots=True)
class Message:
    """What was posted: the body as it came, and what of HTTP some formats need.

    `query` is as it stood in the address, without the question mark; `headers` have lower-case
    names, and only those that a format asks for.
    """

    body: bytes
    content_type: str = ""
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sender:
    """The tracker that sent it; `find_vessel` knows the vessels it may report for.

    `vessel_id` None: for any of its fleet, named in the message by Harbor id, IMO number or
    MMSI. `source` is what its positions say of where they came from.
    """

    fleet_id: UUID
    tracker_id: UUID
    vessel_id: UUID | None
    find_vessel: Callable[[str], UUID | None]
    source: str = SOURCE_TRACKER


@dataclass(frozen=True, slots=True)
class Limits:
    """What a decoder must know of the settings and of now.

    `recorded_at_min`: what is older is refused, because the fleet says so or because it would
    be dropped at once. `mends_rollover`: a time before a GPS week rollover is taken for what
    was meant.
    """

    now: datetime
    clock_skew_allowed_s: int
    reports_max: int
    recorded_at_min: datetime = RECORDED_AT_MIN
    rollover_tolerance_hours: int = 36
    mends_rollover: bool = False


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
class StaticData:
    """What a message says of a hull rather than of where it is; None: it did not say.

    `ship_type` is the number of ITU-R M.1371 table 53; lengths are metres.
    """

    vessel_id: UUID
    recorded_at: datetime
    name: str | None = None
    call_sign: str | None = None
    imo_number: str | None = None
    ship_type: int | None = None
    length_metres: float | None = None
    beam_metres: float | None = None
    draught_metres: float | None = None
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that somebody must see at once, such as a man overboard.

    `kind` is a word (`man_overboard`, `distress`, `sos`); `is_over` says that it was called
    off. The place is None when the message has none.
    """

    kind: str
    recorded_at: datetime
    text: str
    vessel_id: UUID | None
    latitude: float | None = None
    longitude: float | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a message held, in order; `is_array` says how the sender wants its answer.

    `ignored` counts by a word what is well formed and never a position of ours: `heartbeat`,
    `not_a_position`, `other_vessel`. Accepted and rejected together carry each index once.
    """

    is_array: bool
    accepted: tuple[Accepted, ...]
    rejected: tuple[Rejection, ...]
    ignored: Mapping[str, int] = field(default_factory=dict)
    static: tuple[StaticData, ...] = ()
    alerts: tuple[Alert, ...] = ()


Decoder = Callable[[Message, Sender, Limits], Decoded]
"""Raises Malformed for what is not of the format, Invalid for a message that is too long."""
