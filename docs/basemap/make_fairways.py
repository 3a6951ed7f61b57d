"""Find the demo vessels' ways through the water: fills in harbor/demo/fairways.json.

Vessels and berths in that file are written by hand. A berth without a heading is a wish:
it moves to the nearest quay. The legs between berths are found here, anew on every run:
the cheapest way over a grid of water, pulled straight, kept to starboard and rounded.
docs/basemap.md says which packages to install first and how to run this.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from scipy.ndimage import distance_transform_edt, gaussian_filter1d, label, map_coordinates
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import LineString, Point, shape
from shapely.geometry.base import BaseGeometry

CELL_METRES = 40.0
MARGIN_METRES = 5_000.0
LEAST_CLEARANCE = 45.0  # under way; a lane is up to 20 m beside the line found here
QUAY_METRES = 15.0  # from the shore to the middle of the hull
HALF_HULL_METRES = 14.0
SEA_ROOM_METRES = 80.0  # how far a vessel goes straight off the quay
STEP_METRES = 15.0
KEEP_RIGHT_METRES = 55.0
TURN_METRES = 150.0  # spread of the rounding; a right angle becomes a radius of 240 m
TOLERANCE_METRES = 0.4

Points = np.ndarray  # rows of x (east) and y (north) in metres


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--coast", type=Path, default=Path("static/basemap/gothenburg.json"))
    parser.add_argument("--fairways", type=Path, default=Path("harbor/demo/fairways.json"))
    options = parser.parse_args()
    document = json.loads(options.fairways.read_text())
    chart = Chart.read(options.coast, document["berths"])

    document["berths"] = [chart.moor(berth) for berth in document["berths"]]
    berths = {berth["name"]: berth for berth in document["berths"]}
    sailed = {
        pair
        for vessel in document["vessels"]
        for pair in zip(vessel["route"], vessel["route"][1:] + vessel["route"][:1], strict=True)
        if pair[0] != pair[1]
    }
    ways = Ways(chart)
    document["legs"] = [
        {"from": start, "to": end, "track": ways.leg(berths[start], berths[end])}
        for start, end in sorted(sailed)
    ]
    options.fairways.write_text(one_row_each(document))


@dataclass(frozen=True)
class Chart:
    """The coast in metres round a middle, and the distance to it from every cell of water."""

    land: BaseGeometry
    middle: tuple[float, float]
    corner: Points
    clearance: np.ndarray
    at_sea: np.ndarray  # cells with enough room, and not in a pond or a closed bay

    @classmethod
    def read(cls, coast: Path, berths: list[dict[str, Any]]) -> "Chart":
        document = json.loads(coast.read_text())
        west, south, east, north = document["bbox"]
        middle = (south + north) / 2, (west + east) / 2
        degrees = shapely.union_all([shape(f["geometry"]) for f in document["features"]])
        land = shapely.transform(degrees, lambda at: to_metres(at[:, ::-1], middle))
        places = to_metres([[b["latitude"], b["longitude"]] for b in berths], middle)
        # On whole cells: a grid that shifted with a berth would open and close narrow sounds.
        corner = np.floor((places.min(axis=0) - MARGIN_METRES) / CELL_METRES) * CELL_METRES
        columns, rows = ((places.max(axis=0) + MARGIN_METRES - corner) / CELL_METRES).astype(
            int
        )
        x = corner[0] + np.arange(columns) * CELL_METRES
        y = corner[1] + np.arange(rows) * CELL_METRES
        shapely.prepare(land)
        water = ~shapely.contains_xy(land, *np.meshgrid(x, y))
        clearance = distance_transform_edt(water) * CELL_METRES
        waters, _ = label(clearance >= LEAST_CLEARANCE + CELL_METRES / 2)
        at_sea = waters == np.bincount(waters[waters > 0]).argmax()
        return cls(land, middle, corner, clearance, at_sea)

    def room(self, line: Points) -> np.ndarray:
        """Metres to the coast at each point, from the grid."""
        column, row = ((line - self.corner) / CELL_METRES).T
        return map_coordinates(self.clearance, [row, column], order=1, mode="nearest")

    def exact_room(self, line: Points) -> np.ndarray:
        return shapely.distance(self.land, shapely.points(line))

    def moor(self, berth: dict[str, Any]) -> dict[str, Any]:
        if "heading_degrees" in berth:
            return berth
        wish = Point(to_metres([[berth["latitude"], berth["longitude"]]], self.middle)[0])
        at, along = (
            (np.array(wish.coords[0]), np.array([0.8, 0.6]))
            if berth.get("anchorage")
            else self.nearest_quay(wish, berth["name"])
        )
        latitude, longitude = to_degrees(at[None], self.middle)[0]
        heading = float(np.degrees(np.arctan2(*along)) % 360)
        place = {"latitude": round(latitude, 6), "longitude": round(longitude, 6)}
        print(f"{berth['name']}: {wish.distance(Point(at)):.0f} m from the wish")
        return berth | place | {"heading_degrees": round(heading, 1)}

    def nearest_quay(self, wish: Point, name: str) -> tuple[Points, Points]:
        """Where a hull lies along the shore with nothing under it and sea room outside."""
        nearby = shapely.intersection(self.land, wish.buffer(1_500))
        shore = nearby.buffer(QUAY_METRES).boundary
        places = [place for ring in shapely.get_parts(shore) for place in along_ring(ring)]
        places.sort(key=lambda place: wish.distance(Point(place[0])))
        quay = next((place for place in places if self.is_quay(*place)), None)
        if quay is None:
            raise SystemExit(f"no quay near {name}")
        return quay

    def is_quay(self, at: Points, along: Points) -> bool:
        hull = LineString([at - along * HALF_HULL_METRES, at + along * HALF_HULL_METRES])
        outside = self.exact_room(np.array([at, self.off_the_quay(at, along)]))
        return (
            self.land.distance(hull) > QUAY_METRES / 2
            and outside[0] > QUAY_METRES * 0.9
            and outside[1] > SEA_ROOM_METRES * 0.6
            and self.is_at_sea(self.off_the_quay(at, along))
        )

    def is_at_sea(self, at: Points) -> bool:
        column, row = np.rint((at - self.corner) / CELL_METRES).astype(int)
        return bool(self.at_sea[row - 1 : row + 2, column - 1 : column + 2].any())

    def off_the_quay(self, at: Points, along: Points) -> Points:
        """Straight off, to whichever side the water is."""
        across = np.array([along[1], -along[0]])
        sides = [at + across * SEA_ROOM_METRES * side for side in (1, -1)]
        return max(sides, key=lambda side: float(self.exact_room(side[None])[0]))


def along_ring(ring: LineString) -> list[tuple[Points, Points]]:
    steps = np.arange(0, ring.length, 8.0)
    ends = shapely.line_interpolate_point(
        ring, np.array([steps - 15, steps, steps + 15]) % ring.length
    )
    behind, at, ahead = shapely.get_coordinates(ends).reshape(3, -1, 2)
    along = ahead - behind
    return list(zip(at, along / np.linalg.norm(along, axis=1)[:, None], strict=True))


class Ways:
    """The cheapest ways over the grid; one search from each berth serves all its legs."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.cost = 1 + 3 * np.exp(-chart.clearance / 120)
        self.cost[~chart.at_sea] = np.inf
        self.graph = self.neighbours()
        self.searches: dict[int, np.ndarray] = {}

    def neighbours(self) -> coo_array:
        rows, columns = self.cost.shape
        number = np.arange(rows * columns).reshape(rows, columns)
        starts, ends, costs = [], [], []
        for down, right in ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1)):
            here = slice(0, rows - down), slice(max(0, -right), columns - max(0, right))
            there = slice(down, rows), slice(max(0, right), columns - max(0, -right))
            cost = (self.cost[here] + self.cost[there]) / 2 * np.hypot(down, right)
            open_water = np.isfinite(cost)
            starts.append(number[here][open_water])
            ends.append(number[there][open_water])
            costs.append(cost[open_water])
        edges = np.concatenate(starts), np.concatenate(ends)
        return coo_array((np.concatenate(costs), edges), shape=(number.size,) * 2).tocsr()

    def leg(self, start: dict[str, Any], end: dict[str, Any]) -> list[list[float]]:
        quays = [self.place(start), self.place(end)]
        rough = self.search(self.roads(start), self.roads(end))
        rough[[0, -1]] = self.roads(start), self.roads(end)
        line = np.vstack([quays[0], self.pull_straight(rough), quays[1]])
        smooth = self.round_off(self.keep_right(resample(line)))
        track = shapely.get_coordinates(LineString(smooth).simplify(TOLERANCE_METRES))
        least = self.chart.exact_room(smooth[8:-8]).min()
        print(f"{start['name']} to {end['name']}: {len(track)} points, {least:.0f} m clear")
        return np.round(to_degrees(track, self.chart.middle), 6).tolist()

    def place(self, berth: dict[str, Any]) -> Points:
        return to_metres([[berth["latitude"], berth["longitude"]]], self.chart.middle)[0]

    def roads(self, berth: dict[str, Any]) -> Points:
        if berth.get("anchorage"):
            return self.place(berth)
        heading = np.radians(berth["heading_degrees"])
        return self.chart.off_the_quay(
            self.place(berth), np.array([np.sin(heading), np.cos(heading)])
        )

    def search(self, start: Points, end: Points) -> Points:
        source, target = self.nearest_cell(start), self.nearest_cell(end)
        if source not in self.searches:
            _, self.searches[source] = dijkstra(
                self.graph, directed=False, indices=source, return_predecessors=True
            )
        before, cells = self.searches[source], [target]
        while cells[-1] != source:
            cells.append(before[cells[-1]])
            if cells[-1] < 0:
                raise SystemExit(f"no water between {start} and {end}")
        row, column = np.divmod(np.array(cells[::-1]), self.cost.shape[1])
        return self.chart.corner + np.column_stack([column, row]) * CELL_METRES

    def nearest_cell(self, at: Points) -> int:
        rows, columns = np.nonzero(np.isfinite(self.cost))
        away = np.hypot(
            *(self.chart.corner + np.column_stack([columns, rows]) * CELL_METRES - at).T
        )
        nearest = away.argmin()
        return int(rows[nearest] * self.cost.shape[1] + columns[nearest])

    def pull_straight(self, path: Points) -> Points:
        """Few long straights instead of a staircase, where they cost hardly more."""
        nodes = path[np.unique(np.append(np.arange(0, len(path), 3), len(path) - 1))]
        best, before = np.full(len(nodes), np.inf), np.zeros(len(nodes), int)
        best[0] = 0
        for here in range(len(nodes) - 1):
            for there in range(here + 1, min(here + 90, len(nodes))):
                price = best[here] + self.price(nodes[here], nodes[there], there - here) + 250
                if price < best[there]:
                    best[there], before[there] = price, here
        kept = [len(nodes) - 1]
        while kept[-1]:
            kept.append(before[kept[-1]])
        return nodes[kept[::-1]]

    def price(self, start: Points, end: Points, skipped: int) -> float:
        length = np.hypot(*(end - start))
        share = np.linspace(0, 1, int(length / CELL_METRES) + 2)[:, None]
        room = self.chart.room(start + share * (end - start))
        if skipped > 1 and room.min() < LEAST_CLEARANCE + 10:
            return np.inf
        return float(length * (1 + 3 * np.exp(-room / 120)).mean())

    def keep_right(self, line: Points) -> Points:
        """To starboard of the middle, less where it is narrow and near the berths."""
        beside = np.clip((self.chart.room(line) - 60) * 0.35, 0, KEEP_RIGHT_METRES)
        ends = np.minimum(np.arange(len(line)), np.arange(len(line))[::-1]) * STEP_METRES
        beside = gaussian_filter1d(beside * np.clip((ends - 150) / 500, 0, 1), 12)
        beside *= np.clip(ends / 200, 0, 1)  # the filter moved the very ends off their berths
        along = np.gradient(gaussian_filter1d(line, 8, axis=0, mode="nearest"), axis=0)
        along /= np.linalg.norm(along, axis=1)[:, None]
        return resample(line + np.column_stack([along[:, 1], -along[:, 0]]) * beside[:, None])

    def round_off(self, line: Points) -> Points:
        """Rounded turns, tighter only where a wide one would come too near the shore."""
        ends = np.minimum(np.arange(len(line)), np.arange(len(line))[::-1]) * STEP_METRES
        spread = np.minimum(TURN_METRES, 2 + ends / 1.6)
        smooth = line
        for _ in range(40):
            smooth = spread_out(line, spread)
            near = (self.chart.exact_room(smooth) < LEAST_CLEARANCE) & (
                ends > 2 * SEA_ROOM_METRES
            )
            if not near.any():
                break
            near = np.convolve(near, np.ones(21), "same") > 0
            spread = gaussian_filter1d(
                np.where(near, np.maximum(spread * 0.8, np.minimum(spread, 40)), spread), 4
            )
        return smooth


def spread_out(line: Points, spread: np.ndarray) -> Points:
    """A Gaussian mean along the line whose width varies; the ends stay where they are."""
    tail = int(4 * TURN_METRES / STEP_METRES)
    longer = np.pad(line, ((tail, tail), (0, 0)), mode="reflect", reflect_type="odd")
    offsets = np.arange(-tail, tail + 1)
    weights = np.exp(-0.5 * (offsets[None] * STEP_METRES / np.maximum(spread, 1)[:, None]) ** 2)
    weights /= weights.sum(axis=1)[:, None]
    windows = np.lib.stride_tricks.sliding_window_view(longer, 2 * tail + 1, axis=0)
    return np.einsum("ndk,nk->nd", windows, weights)


def resample(line: Points) -> Points:
    drawn = LineString(line)
    steps = np.linspace(0, drawn.length, max(2, round(drawn.length / STEP_METRES) + 1))
    return shapely.get_coordinates(shapely.line_interpolate_point(drawn, steps))


def to_metres(degrees: Any, middle: tuple[float, float]) -> Points:
    """Latitude and longitude on a flat sheet; within 0.1 % over the harbour's 70 km."""
    north, east = (np.asarray(degrees, float) - middle).T
    return np.column_stack([east * 111_320 * np.cos(np.radians(middle[0])), north * 111_320])


def to_degrees(metres: Points, middle: tuple[float, float]) -> np.ndarray:
    east, north = metres.T / 111_320
    return np.column_stack([north, east / np.cos(np.radians(middle[0]))]) + middle


def one_row_each(document: dict[str, Any]) -> str:
    def rows(items: list[dict[str, Any]]) -> str:
        return ",\n".join("    " + json.dumps(item, ensure_ascii=False) for item in items)

    parts = ",\n".join(f'  "{name}": [\n{rows(items)}\n  ]' for name, items in document.items())
    return "{\n" + parts + "\n}\n"


if __name__ == "__main__":
    main()
