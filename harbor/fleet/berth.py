"""Berths: places with a name, by which a stop is called."""

from collections.abc import Iterable
from dataclasses import dataclass

from harbor.errors import FieldError, Invalid
from harbor.fleet.geo import distance_metres

RADIUS_METRES_DEFAULT = 150.0
RADIUS_METRES = (1.0, 10_000.0)
NAME_LENGTH_MAX = 80
BERTHS_MAX = 2_000
"""Of a fleet: a page reads them all, 0.4 MB of GeoJSON (0.06 compressed)."""
METRES_A_DEGREE = 111_000
"""Of latitude: a little less than it has, so that nothing in reach is passed over."""


@dataclass(frozen=True, slots=True)
class Berth:
    """A vessel within `radius_metres` of the middle lies at this berth."""

    name: str
    latitude: float
    longitude: float
    radius_metres: float = RADIUS_METRES_DEFAULT


def verified(berth: Berth) -> Berth:
    """The same with its name tidied. Raises Invalid, naming every field that is wrong."""
    name = " ".join(berth.name.split())
    wrong = []
    if not 1 <= len(name) <= NAME_LENGTH_MAX or not name.isprintable():
        wrong.append(_wrong("name", f"1 to {NAME_LENGTH_MAX} printable characters"))
    if not -90 <= berth.latitude <= 90:
        wrong.append(_wrong("latitude", "-90 to 90 degrees"))
    if not -180 <= berth.longitude <= 180:
        wrong.append(_wrong("longitude", "-180 to 180 degrees"))
    low, high = RADIUS_METRES
    if not low <= berth.radius_metres <= high:
        wrong.append(_wrong("radius_metres", f"{low:g} to {high:g} metres"))
    if wrong:
        said = "; ".join(f"{field.code} must be {field.detail}" for field in wrong)
        raise Invalid(f"Not a berth: {said}.", tuple(wrong))
    return Berth(name, berth.latitude, berth.longitude, berth.radius_metres)


def berth_at(berths: Iterable[Berth], latitude: float, longitude: float) -> Berth | None:
    """The berth at which a vessel there lies: of those that reach so far, the nearest."""
    reached = [
        (metres, berth)
        for berth in berths
        # Most are too far north or south already, which is found in a tenth of the time.
        if abs(latitude - berth.latitude) * METRES_A_DEGREE <= berth.radius_metres
        and (metres := distance_metres(latitude, longitude, berth.latitude, berth.longitude))
        <= berth.radius_metres
    ]
    return min(reached, key=lambda one: one[0], default=(0.0, None))[1]


def _wrong(field: str, detail: str) -> FieldError:
    return FieldError(f"/{field}", field, detail)
