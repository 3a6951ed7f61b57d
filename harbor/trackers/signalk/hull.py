"""A vessel's particulars, from the values that hardly ever change."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from harbor.trackers.message import StaticData
from harbor.trackers.signalk.delta import Observation
from harbor.trackers.values import number

TEXT_MAX = 120
SHIP_TYPE_MAX = 255


def particulars(
    observations: Iterable[Observation], vessel_id: UUID, now: datetime
) -> StaticData | None:
    """The newest of each; None when there are none."""
    found: dict[str, Any] = {}
    recorded_at: datetime | None = None
    for one in observations:
        said = {name: value for name, value in _members(one.path, one.value) if value}
        if said:
            found |= said
            recorded_at = max(filter(None, (recorded_at, one.moment)), default=None)
    return StaticData(vessel_id, recorded_at or now, **found) if found else None


def _members(path: str, value: Any) -> Iterable[tuple[str, Any]]:
    """What one value says; an object says what its members would say by themselves."""
    if isinstance(value, dict) and path in ("", "communication", "registrations"):
        for name, inner in value.items():
            yield from _members(f"{path}.{name}" if path else name, inner)
        return
    match path:
        case "name":
            yield "name", _text(value)
        case "communication.callsignVhf":
            yield "call_sign", _text(value)
        case "registrations.imo":
            yield "imo_number", _imo(value)
        case "navigation.destination.commonName":
            yield "destination", _text(value)
        case "design.aisShipType":
            yield "ship_type", _ship_type(value)
        case "design.length" | "design.length.overall":
            yield "length_metres", _metres(value, "overall")
        case "design.beam":
            yield "beam_metres", _metres(value, "overall")
        case "design.draft" | "design.draft.current":
            yield "draught_metres", _metres(value, "current")
        case _:
            pass


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    plain = "".join(sign for sign in value[:TEXT_MAX] if sign.isprintable())
    return plain.strip().rstrip("@").rstrip() or None


def _imo(value: Any) -> str | None:
    """Seven digits; servers write `IMO 9074729`."""
    text = (_text(value) or "").upper().removeprefix("IMO").strip()
    return text if len(text) == 7 and text.isascii() and text.isdigit() else None


def _metres(value: Any, member: str) -> float | None:
    found = number(value.get(member) if isinstance(value, dict) else value)
    return found if found is not None and 0 < found < 1000 else None


def _ship_type(value: Any) -> int | None:
    found = number(value.get("id") if isinstance(value, dict) else value)
    is_one = found is not None and found.is_integer() and 0 < found <= SHIP_TYPE_MAX
    return int(found) if found is not None and is_one else None
