"""A vessel's particulars, as everything outside the database sees them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """The ship type groups of ITU-R M.1371 table 53, in words; `other` is also unknown."""

    CARGO = "cargo"
    TANKER = "tanker"
    PASSENGER = "passenger"
    HIGH_SPEED = "high_speed"
    WING_IN_GROUND = "wing_in_ground"
    FISHING = "fishing"
    TOWING = "towing"
    TUG = "tug"
    DREDGING = "dredging"
    DIVING = "diving"
    SAILING = "sailing"
    PLEASURE = "pleasure"
    PILOT = "pilot"
    SEARCH_AND_RESCUE = "search_and_rescue"
    PORT_TENDER = "port_tender"
    ANTI_POLLUTION = "anti_pollution"
    LAW_ENFORCEMENT = "law_enforcement"
    MEDICAL = "medical"
    MILITARY = "military"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Particulars:
    """Who a vessel is; names and numbers are verified before they get here."""

    id: UUID
    fleet_id: UUID
    name: str
    imo_number: str | None = None
    mmsi: str | None = None
    call_sign: str | None = None
    retired_at: datetime | None = None
    kind: Kind = Kind.OTHER

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None
