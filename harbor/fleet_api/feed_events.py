"""What /stream sends, event by event, as models: the feed's contract with its readers.

The hub joins ready-made bytes and never meets these; they make the AsyncAPI document, and the
tests hold every frame of a real stream against them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from harbor.fleet.status import State
from harbor.trackers.contract import NavigationStatus


def _as_published(schema: dict[str, Any]) -> None:
    """Without what binds only us: readers must bear members that are added later."""
    schema.pop("additionalProperties", None)
    for member in schema["properties"].values():
        member.pop("title", None)


class Sent(BaseModel):
    """Nothing but what stands here is sent."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        json_schema_extra=_as_published,
    )


FeedId = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-z]+-[0-9]+$",
        description="`<epoch>-<number>`: give it back as Last-Event-ID to get what follows.",
    ),
]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]


class Point(Sent):
    """WGS 84, longitude first (RFC 7946)."""

    type: Literal["Point"]
    coordinates: Annotated[list[float], Field(min_length=2, max_length=2)]


class Known(Sent):
    """A vessel's particulars, and her position; null is what nobody said."""

    name: str
    imo_number: str | None
    mmsi: str | None
    call_sign: str | None
    recorded_at: Annotated[AwareDatetime | None, Field(description="The tracker's clock.")]
    received_at: Annotated[AwareDatetime | None, Field(description="Harbor's clock.")]
    speed_knots: Annotated[float | None, Field(description="Over ground.")]
    course_degrees: Annotated[float | None, Field(description="True, over ground.")]
    heading_degrees: Annotated[float | None, Field(description="True.")]
    accuracy_metres: float | None
    altitude_metres: float | None
    navigation_status: NavigationStatus | None
    battery_percent: float | None
    source: str | None
    age_seconds: Annotated[int | None, Field(ge=0, description="When this was sent first.")]


class Properties(Known):
    """With how fresh the position is."""

    state: State


class Changed(Properties):
    """And what became of the vessel."""

    change: Literal["added", "renamed", "removed"]


class Left(Known):
    """The last of a vessel that left the box, until she comes back."""

    state: Literal["outside"]


class Feature(Sent):
    """A vessel at sea."""

    type: Literal["Feature"]
    id: UUID
    geometry: Point
    properties: Properties


class VesselFeature(Sent):
    """A vessel that changed, or left the box; no geometry while she never reported."""

    type: Literal["Feature"]
    id: UUID
    geometry: Point | None
    properties: Changed | Left


def _no_default(schema: dict[str, Any]) -> None:
    del schema["default"]


class Snapshot(Sent):
    """The newest position of each vessel that the reader may see and asked for."""

    type: Literal["FeatureCollection"]
    feed_id: Annotated[FeedId | SkipJsonSchema[None], Field(json_schema_extra=_no_default)] = (
        None
    )
    features: list[Feature]


class Raised(Sent):
    """What was raised or called off; the vessel's particulars are null when it is nobody's."""

    kind: Annotated[
        str,
        Field(
            pattern=r"^[a-z_]{1,40}$",
            description="man_overboard, distress, sos; there may be others.",
        ),
    ]
    is_over: Annotated[bool, Field(description="It was called off.")]
    text: Annotated[str, Field(max_length=256, description="As the sender put it.")]
    vessel_id: UUID | None
    name: str | None
    imo_number: str | None
    mmsi: str | None
    call_sign: str | None
    recorded_at: Annotated[AwareDatetime, Field(description="The tracker's clock.")]
    received_at: Annotated[AwareDatetime, Field(description="Harbor's clock.")]


class AlertFeature(Sent):
    """An alert where it was raised; no geometry when nobody said where."""

    type: Literal["Feature"]
    id: UUID
    geometry: Point | None
    properties: Raised


class Position(Feature):
    """The newest position of its vessel. Without an id while the feed is degraded."""


class Late(Feature):
    """A position that is not her newest: older, or from a source that counts less."""


class Vessel(VesselFeature):
    """A vessel was added, renamed or removed; or she left the box that was asked for."""


class Alert(AlertFeature):
    """Somebody asks for help, or is safe again; of this the reader must be told at once."""


class Merged(Sent):
    """This `latest` stream fell behind: the newest of each vessel follow instead."""

    events: Annotated[int, Field(ge=1, description="How many were left out.")]


class Feed(Sent):
    """How the feed is; with an id it only moves Last-Event-ID forward on a quiet stream."""

    state: Annotated[
        Literal["live", "degraded"],
        Field(description="degraded: positions once a second, without an id to resume from."),
    ]


class Resync(Sent):
    """What was missed can't be replayed; a `snapshot` follows.

    Only with mode=all and `too_slow` the stream ends instead: resume by the last id.
    """

    reason: Literal["history_gone", "feed_restarted", "too_slow"]


class Reconnect(Sent):
    """The stream ends: come back after the `retry` milliseconds said just before."""

    reason: Literal["leaving", "full", "age"]


EVENTS: Mapping[str, type[Sent]] = MappingProxyType(
    {
        "snapshot": Snapshot,
        "position": Position,
        "late": Late,
        "vessel": Vessel,
        "alert": Alert,
        "merged": Merged,
        "feed": Feed,
        "resync": Resync,
        "reconnect": Reconnect,
    }
)
NUMBERED = frozenset({"snapshot", "position", "late", "vessel", "alert", "feed"})
"""They may have an id. It is missing where there is nothing to resume from."""


class Question(Sent):
    """The query string of /stream; all of it may be left out."""

    vessels: Annotated[str, Field(description="Harbor ids, IMO numbers, MMSIs, by comma.")]
    bbox: Annotated[
        str,
        Field(description="west,south,east,north; west > east crosses the antimeridian."),
    ]
    types: Annotated[str, Field(description="Some of position,late,vessel,alert.")]
    mode: Annotated[
        Literal["latest", "all"],
        Field(description="Who falls behind gets the newest of each vessel, or everything."),
    ]
    max_rate: Annotated[
        int,
        Field(ge=1, le=3600, description="At most one event a vessel in so many seconds."),
    ]
    last_event_id: Annotated[FeedId, Field(description="Instead of the header Last-Event-ID.")]
