"""A vessel's particulars, as everything outside the database sees them."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Particulars:
    """Who a vessel is; names and numbers are verified before they get here."""

    id: UUID
    fleet_id: UUID
    name: str
    imo_number: str | None = None
    mmsi: str | None = None
    call_sign: str | None = None
    is_retired: bool = False
