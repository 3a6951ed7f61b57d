"""The contract of a position, whatever format it came in: one model, one way to refuse.

Every format translates what it was sent into the members of `Report`, and `judge` holds them
against it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from harbor.config import RECORDED_AT_MIN as EARLIEST
from harbor.errors import FieldError
from harbor.fleet.report import PositionReport
from harbor.trackers import timestamps
from harbor.trackers.message import Accepted, Limits, Rejection, Sender

_RFC_3339 = re.compile(
    r"\A20[2-9][0-9]-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"([Zz]|[+-](0[0-9]|1[0-4]):[0-9]{2})\Z"
)
NavigationStatus = Literal[
    "under_way_using_engine",
    "at_anchor",
    "not_under_command",
    "restricted_manoeuvrability",
    "constrained_by_draught",
    "moored",
    "aground",
    "engaged_in_fishing",
    "under_way_sailing",
    "undefined",
]
"""The navigational statuses of ITU-R M.1371 table 45, in words."""


def read_moment(value: object) -> datetime:
    """RFC 3339 with an offset, the years 2020 to 2099, at most microseconds."""
    if not isinstance(value, str) or _RFC_3339.match(value) is None:
        raise PydanticCustomError(
            "timestamp",
            "write RFC 3339 with an offset, 2020 to 2099, at most 6 fraction digits:"
            " 2026-05-04T12:30:00.250Z",
        )
    try:
        moment = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PydanticCustomError("timestamp", "there is no such date or time") from None
    if moment < EARLIEST:
        raise PydanticCustomError("timestamp_too_old", "earlier than 2020-01-01T00:00:00Z")
    return moment


Moment = Annotated[datetime, BeforeValidator(read_moment)]


def read_scalar(value: object) -> object:
    """A short text, a number, true, false or null; anything else would not fit a column."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and abs(value) < 2**53:  # neither NaN nor infinite
        return value
    if isinstance(value, str) and len(value) <= 256 and "\0" not in value:
        return value
    raise PydanticCustomError(
        "scalar", "a text of at most 256 characters, a number, true, false or null"
    )


Scalar = Annotated[str | bool | int | float | None, PlainValidator(read_scalar)]


class Report(BaseModel):
    """One position as it is posted to /api/v1/positions."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, allow_inf_nan=False, title="PositionReport"
    )

    vessel: (
        Annotated[
            str,
            Field(
                min_length=1,
                max_length=64,
                pattern=r"^[A-Za-z0-9_-]+$",
                description="IMO number, MMSI or Harbor id; implied by a vessel's own tracker.",
            ),
        ]
        | None
    ) = None
    recorded_at: Annotated[Moment, Field(description="RFC 3339, with an offset.")]
    latitude: Annotated[float, Field(ge=-90, le=90, description="WGS 84 degrees.")]
    longitude: Annotated[float, Field(ge=-180, le=180, description="WGS 84 degrees.")]
    speed_knots: Annotated[float, Field(ge=0, le=1000, description="Over ground.")] | None = (
        None
    )
    course_degrees: Annotated[float, Field(ge=0, le=360, description="True, over ground.")] | (
        None
    ) = None
    heading_degrees: Annotated[float, Field(ge=0, le=360, description="True.")] | None = None
    accuracy_metres: Annotated[float, Field(ge=0, le=1_000_000)] | None = None
    altitude_metres: Annotated[float, Field(ge=-12_000, le=100_000)] | None = None
    navigation_status: NavigationStatus | None = None
    battery_percent: Annotated[float, Field(ge=0, le=100)] | None = None
    attributes: (
        Annotated[
            dict[Annotated[str, Field(max_length=64, pattern=r"^[^\x00]*$")], Scalar],
            Field(max_length=32, description="Anything else, as short scalars."),
        ]
        | None
    ) = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One position in the members of `Report`, not yet held against it.

    `item` may be anything where the sender's own form is Harbor's. `base` is the JSON pointer
    of the item in its message (RFC 6901). `raw` is a message by itself: decoded again, it gives
    this position.
    """

    index: int
    item: Any
    raw: bytes
    base: str = ""


def judge_all(
    drafts: Iterable[Draft], sender: Sender, limits: Limits
) -> tuple[tuple[Accepted, ...], tuple[Rejection, ...]]:
    """Each by itself: those that keep the contract, and those that break it."""
    accepted, rejected = [], []
    latest = limits.now + timedelta(seconds=limits.clock_skew_allowed_s)
    for draft in drafts:
        found = _judge(draft, sender, limits, latest)
        if isinstance(found, Accepted):
            accepted.append(found)
        else:
            rejected.append(found)
    return tuple(accepted), tuple(rejected)


def _judge(
    draft: Draft, sender: Sender, limits: Limits, latest: datetime
) -> Accepted | Rejection:
    index, item, raw, base = draft.index, draft.item, draft.raw, draft.base
    if limits.mends_rollover:
        item = timestamps.mended(item, limits)
    try:
        fields = Report.model_validate(item)
    except ValidationError as error:
        faults = timestamps.named(_field_errors(error, base), item, limits)
        return Rejection(index, faults, raw, _named_vessel(item, sender))
    vessel_id, complaint = _vessel(fields.vessel, sender, base)
    complaint = complaint or _untimely(fields.recorded_at, latest, limits, base)
    if vessel_id is None or complaint is not None:
        faults = timestamps.named((complaint,) if complaint else (), item, limits)
        return Rejection(index, faults, raw, vessel_id)
    return Accepted(index, _report(fields, sender, vessel_id), raw)


def _vessel(
    reference: str | None, sender: Sender, base: str
) -> tuple[UUID | None, FieldError | None]:
    """The vessel that is meant, or why none can be."""
    if reference is None:
        if sender.vessel_id is None:
            return None, FieldError(
                f"{base}/vessel", "missing", "name the vessel: this key is not one vessel's own"
            )
        return sender.vessel_id, None
    vessel_id = sender.find_vessel(reference)
    if vessel_id is None or sender.vessel_id not in (None, vessel_id):
        return None, FieldError(
            f"{base}/vessel", "unknown_vessel", "no vessel that this key may report for"
        )
    return vessel_id, None


def _named_vessel(item: Any, sender: Sender) -> UUID | None:
    """The vessel that a broken report is about, so that it can be counted."""
    reference = item.get("vessel") if isinstance(item, dict) else None
    if reference is None:
        return sender.vessel_id
    vessel_id = sender.find_vessel(reference) if isinstance(reference, str) else None
    return vessel_id if sender.vessel_id in (None, vessel_id) else sender.vessel_id


def _untimely(
    recorded_at: datetime, latest: datetime, limits: Limits, base: str
) -> FieldError | None:
    if limits.recorded_at_min <= recorded_at <= latest:
        return None
    pointer = f"{base}/recorded_at"
    if recorded_at < limits.recorded_at_min:
        earliest = limits.recorded_at_min.isoformat().replace("+00:00", "Z")
        return FieldError(pointer, "timestamp_too_old", f"earlier than {earliest}")
    ahead = timedelta(seconds=int((recorded_at - limits.now).total_seconds()))
    return FieldError(pointer, "timestamp_in_future", f"{ahead} (h:mm:ss) ahead of our clock")


def _report(fields: Report, sender: Sender, vessel_id: UUID) -> PositionReport:
    # Adding zero turns -0.0 into 0.0; 360 degrees is 0.
    return PositionReport(
        fleet_id=sender.fleet_id,
        vessel_id=vessel_id,
        tracker_id=sender.tracker_id,
        recorded_at=fields.recorded_at,
        latitude=fields.latitude + 0.0,
        longitude=fields.longitude + 0.0,
        speed_knots=fields.speed_knots,
        course_degrees=_angle(fields.course_degrees),
        heading_degrees=_angle(fields.heading_degrees),
        accuracy_metres=fields.accuracy_metres,
        altitude_metres=fields.altitude_metres,
        navigation_status=fields.navigation_status,
        battery_percent=fields.battery_percent,
        source=sender.source,
        attributes=fields.attributes or {},
    )


def _angle(degrees: float | None) -> float | None:
    return 0.0 if degrees == 360 else degrees


def _field_errors(error: ValidationError, base: str) -> tuple[FieldError, ...]:
    return tuple(
        FieldError(
            pointer="/".join([base, *(_escape(part) for part in fault["loc"])]) or base,
            code=fault["type"],
            detail=fault["msg"],
        )
        for fault in error.errors(include_url=False, include_input=False)
    )


def _escape(part: object) -> str:
    """One token of an RFC 6901 pointer."""
    return str(part).replace("~", "~0").replace("/", "~1")
