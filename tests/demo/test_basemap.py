import gzip
import json
from itertools import accumulate, pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

BASEMAP = Path(__file__).parents[2] / "static" / "basemap"

# Longitude, latitude.
LAND = {
    "Paris": (2.35, 48.85),
    "Nairobi": (36.82, -1.29),
    "Denver": (-104.99, 39.74),
    "Alice Springs": (133.88, -23.70),
    "Beijing": (116.40, 39.90),
    "Moscow": (37.62, 55.75),
    "Manaus": (-60.02, -3.10),
    "Jutland": (9.50, 56.20),
    "Aarhus": (10.15, 56.16),
    "Örebro": (15.21, 59.27),
    "Nuuk's inland ice": (-45.0, 70.0),
    "Chukotka east of the date line": (-176.0, 67.0),
    "Chukotka west of the date line": (176.0, 68.0),
    "the South Pole's plateau": (0.0, -89.0),
}
WATER = {
    "mid Atlantic": (-40.0, 30.0),
    "mid Pacific": (-150.0, 10.0),
    "North Sea": (3.0, 56.0),
    "Kattegat": (11.50, 56.90),
    "Hudson Bay": (-85.0, 60.0),
    "Caspian Sea": (50.5, 42.0),
    "Greenland Sea, level with Chukotka": (-5.0, 71.2),
    "Norwegian Sea, level with Chukotka": (0.0, 67.0),
    "Koro Sea, level with Fiji's date line": (-150.0, -16.52),
}
# Decimal places, raw bytes and gzip bytes that each file may have.
SIZES = {"land-50m.json": (2, 250_000, 90_000), "gothenburg.json": (5, 250_000, 80_000)}


@pytest.mark.parametrize("place", LAND)
def test_no_continent_is_lost_from_the_world(place, world):
    assert is_land(world, *LAND[place])


@pytest.mark.parametrize("place", WATER)
def test_no_sea_is_filled_in_the_world(place, world):
    assert not is_land(world, *WATER[place])


def test_no_shore_leaps_across_the_world(world):
    leaps = [
        (start, end)
        for piece in world
        for ring in piece.rings
        for start, end in pairwise(ring)
        if abs(end[0] - start[0]) > 180 and (start[1], end[1]) != (-90, -90)
    ]

    assert leaps == []


def test_the_coarse_world_stays_out_of_the_detailed_harbour(world, harbour_box):
    west, south, east, north = harbour_box
    inside = [
        (start, end)
        for piece in world
        for ring in piece.rings
        for start, end in pairwise(ring)
        if enters(start, end, harbour_box)
    ]
    # With no shore inside, the box is all land or all water: one point tells.
    middle = ((west + east) / 2, (south + north) / 2)

    assert inside == []
    assert not is_land(world, *middle)


def test_no_gap_opens_between_the_layers_on_land(world, harbour, harbour_box):
    _west, south, east, north = harbour_box
    step = 0.01

    assert is_land(harbour, east - step, 57.7)
    assert is_land(world, east + step, 57.7)
    assert is_land(harbour, 12.2, north - step)
    assert is_land(world, 12.2, north + step)
    assert is_land(harbour, 12.3, south + step)
    assert is_land(world, 12.3, south - step)


def test_the_coarse_shore_meets_the_detailed_one_within_five_kilometres(
    world, harbour, harbour_box
):
    _west, south, _east, north = harbour_box
    step, five_km_of_longitude = 0.005, 0.084

    assert first_land(world, south - step) == pytest.approx(
        first_land(harbour, south + step), abs=five_km_of_longitude
    )
    assert first_land(world, north + step) == pytest.approx(
        first_land(harbour, north - step), abs=five_km_of_longitude
    )


@pytest.mark.parametrize("name", SIZES)
def test_a_basemap_file_is_small_enough_to_load_at_sea(name):
    _decimals, raw_limit, gzip_limit = SIZES[name]
    raw = (BASEMAP / name).read_bytes()

    assert len(raw) < raw_limit
    assert len(gzip.compress(raw)) < gzip_limit


@pytest.mark.parametrize("name", SIZES)
def test_coordinates_are_on_the_globe_with_no_more_decimals_than_they_mean(name):
    decimals, _raw_limit, _gzip_limit = SIZES[name]
    points = [point for piece in pieces_of(name) for ring in piece.rings for point in ring]

    assert points
    assert all(abs(east) <= 180 and abs(north) <= 90 for east, north in points)
    assert all(round(value, decimals) == value for point in points for value in point)


Point = tuple[float, float]
Box = tuple[float, float, float, float]


class Piece(NamedTuple):
    """A piece of land: its shore first, then its lakes."""

    rings: list[list[Point]]
    bounds: Box


@pytest.fixture(scope="module")
def world() -> list[Piece]:
    return pieces_of("land-50m.json")


@pytest.fixture(scope="module")
def harbour() -> list[Piece]:
    return pieces_of("gothenburg.json")


@pytest.fixture(scope="module")
def harbour_box() -> Box:
    west, south, east, north = json.loads((BASEMAP / "gothenburg.json").read_text())["bbox"]
    return west, south, east, north


def pieces_of(name: str) -> list[Piece]:
    file = json.loads((BASEMAP / name).read_text())
    if "polygons" in file:
        unit = 10 ** file["decimals"]
        return [
            piece_of([walk(ring, unit) for ring in polygon]) for polygon in file["polygons"]
        ]
    return [piece_of(feature["geometry"]["coordinates"]) for feature in file["features"]]


def walk(steps: list[int], unit: int) -> list[list[float]]:
    """Whole-number differences as degrees, as coastline.js reads them."""
    easts, norths = accumulate(steps[::2]), accumulate(steps[1::2])
    return [[east / unit, north / unit] for east, north in zip(easts, norths, strict=True)]


def piece_of(coordinates: list[list[list[float]]]) -> Piece:
    rings = [[(east, north) for east, north in ring] for ring in coordinates]
    easts, norths = zip(*rings[0], strict=True)
    return Piece(rings, (min(easts), min(norths), max(easts), max(norths)))


def is_land(pieces: list[Piece], longitude: float, latitude: float) -> bool:
    return any(covers(piece, longitude, latitude) for piece in pieces)


def covers(piece: Piece, longitude: float, latitude: float) -> bool:
    west, south, east, north = piece.bounds
    if not (west <= longitude <= east and south <= latitude <= north):
        return False
    shore, *lakes = piece.rings
    return encloses(shore, longitude, latitude) and not any(
        encloses(lake, longitude, latitude) for lake in lakes
    )


def encloses(ring: list[Point], longitude: float, latitude: float) -> bool:
    """Whether a line east from the point crosses the ring an odd number of times."""
    crossings = 0
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > latitude) != (y2 > latitude):
            crossings += longitude < x1 + (latitude - y1) * (x2 - x1) / (y2 - y1)
    return crossings % 2 == 1


def enters(start: Point, end: Point, bounds: Box) -> bool:
    """Whether any of a line lies strictly inside a box (Liang and Barsky's clipping)."""
    west, south, east, north = bounds
    first, last = 0.0, 1.0
    for axis, low, high in [(0, west, east), (1, south, north)]:
        change = end[axis] - start[axis]
        if change == 0:
            if not low < start[axis] < high:
                return False
            continue
        one, other = sorted([(low - start[axis]) / change, (high - start[axis]) / change])
        first, last = max(first, one), min(last, other)
    return last - first > 1e-9


def first_land(pieces: list[Piece], latitude: float) -> float:
    """The longitude where the first land comes, sailing east from the Kattegat."""
    longitudes = [11.3 + step / 100 for step in range(110)]
    return next(east for east in longitudes if is_land(pieces, east, latitude))
