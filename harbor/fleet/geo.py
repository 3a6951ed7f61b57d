"""Distances and boxes on the globe (WGS 84 degrees, spherical earth)."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from harbor.errors import Malformed

EARTH_RADIUS_METRES = 6_371_008.8
METRES_PER_NAUTICAL_MILE = 1852.0


def distance_metres(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Great-circle distance by the haversine formula; within 0.6 % of the ellipsoid."""
    half_north = radians(other_latitude - latitude) / 2
    half_east = radians(other_longitude - longitude) / 2
    share = (
        sin(half_north) ** 2
        + cos(radians(latitude)) * cos(radians(other_latitude)) * sin(half_east) ** 2
    )
    return 2 * EARTH_RADIUS_METRES * asin(min(1.0, sqrt(share)))


@dataclass(frozen=True, slots=True)
class Box:
    """A bounding box as in RFC 7946 section 5: `west > east` spans the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def contains(self, latitude: float, longitude: float) -> bool:
        if not self.south <= latitude <= self.north:
            return False
        if self.west <= self.east:
            return self.west <= longitude <= self.east
        return longitude >= self.west or longitude <= self.east


def parse_box(text: str) -> Box:
    """Read `west,south,east,north` in degrees; raises Malformed."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise Malformed(
            "bbox is west,south,east,north in degrees: 11.5,57.5,12.1,57.8"
        ) from None
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise Malformed(
            "bbox is out of range: longitudes -180 to 180, latitudes -90 to 90, south first"
        )
    return Box(west, south, east, north)
