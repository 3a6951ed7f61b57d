"""What transponders and instruments say of a hull: her type, size, draught and destination."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from harbor.fleet.vessel import Kind

SAID = (
    "name",
    "call_sign",
    "imo_number",
    "ship_type",
    "length_metres",
    "beam_metres",
    "draught_metres",
    "destination",
)
_KINDS = {
    30: Kind.FISHING,
    31: Kind.TOWING,
    32: Kind.TOWING,
    33: Kind.DREDGING,
    34: Kind.DIVING,
    35: Kind.MILITARY,
    36: Kind.SAILING,
    37: Kind.PLEASURE,
    50: Kind.PILOT,
    51: Kind.SEARCH_AND_RESCUE,
    52: Kind.TUG,
    53: Kind.PORT_TENDER,
    54: Kind.ANTI_POLLUTION,
    55: Kind.LAW_ENFORCEMENT,
    58: Kind.MEDICAL,
}
_KINDS_BY_TEN = {
    2: Kind.WING_IN_GROUND,
    4: Kind.HIGH_SPEED,
    6: Kind.PASSENGER,
    7: Kind.CARGO,
    8: Kind.TANKER,
}


@dataclass(frozen=True, slots=True)
class Hull:
    """What one tracker said last of a vessel; None: it did not say. Lengths are metres.

    `ship_type` is the number of ITU-R M.1371 table 53.
    """

    fleet_id: UUID
    vessel_id: UUID
    tracker_id: UUID
    recorded_at: datetime
    name: str | None = None
    call_sign: str | None = None
    imo_number: str | None = None
    ship_type: int | None = None
    length_metres: float | None = None
    beam_metres: float | None = None
    draught_metres: float | None = None
    destination: str | None = None


def kind_of(ship_type: int | None) -> Kind | None:
    """The group of a ship type; None when it says nothing."""
    if ship_type is None:
        return None
    return _KINDS.get(ship_type) or _KINDS_BY_TEN.get(ship_type // 10)


def together(hulls: Sequence[Hull]) -> Hull:
    """Of what was said of one vessel (at least once) what is newest, member by member."""
    first, *others = sorted(hulls, key=lambda hull: hull.recorded_at)
    for one in others:
        said = {name: value for name in SAID if (value := getattr(one, name)) is not None}
        first = replace(first, recorded_at=one.recorded_at, **said)
    return first
