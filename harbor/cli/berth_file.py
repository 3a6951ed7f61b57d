"""Berths out of a file: GeoJSON or CSV, told apart by its first character."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, TypeAdapter, ValidationError

from harbor.errors import HarborError, Invalid, Malformed
from harbor.fleet.berth import RADIUS_METRES_DEFAULT, Berth, verified

FILE_BYTES_MAX = 5_000_000
COLUMNS = ("name", "latitude", "longitude")


class Point(BaseModel):
    """Where a feature is: longitude first, as RFC 7946 says; a height is ignored."""

    type: Literal["Point"]
    coordinates: tuple[float, float] | tuple[float, float, float]


class Properties(BaseModel):
    """What a feature says of the berth."""

    name: str
    radius_metres: float = RADIUS_METRES_DEFAULT


class Feature(BaseModel):
    """One berth of a GeoJSON file."""

    geometry: Point
    properties: Properties

    def berth(self) -> Berth:
        longitude, latitude = self.geometry.coordinates[:2]
        return Berth(self.properties.name, latitude, longitude, self.properties.radius_metres)


class Line(BaseModel):
    """One berth of a CSV file; an empty cell is one that is not there."""

    name: str
    latitude: float
    longitude: float
    radius_metres: float = RADIUS_METRES_DEFAULT

    def berth(self) -> Berth:
        return Berth(self.name, self.latitude, self.longitude, self.radius_metres)


def read_berths(file: Path) -> list[Berth]:
    """All berths of the file, verified. Raises Malformed or Invalid, naming the place."""
    if file.stat().st_size > FILE_BYTES_MAX:
        raise Malformed(f"{file.name} is larger than {FILE_BYTES_MAX:,} bytes.")
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed(f"{file.name} is not UTF-8.") from None
    found = of_geojson(text) if text.lstrip().startswith("{") else of_csv(text)
    return without_doubles(list(found))


def of_geojson(text: str) -> Iterator[tuple[str, Berth]]:
    """Each berth with the words for its place in the file."""
    try:
        features = orjson.loads(text).get("features")
    except orjson.JSONDecodeError as error:
        raise Malformed(f"Not JSON: {error}") from None
    if not isinstance(features, list):
        raise Malformed("Not a GeoJSON FeatureCollection: there is no list `features`.")
    for number, feature in enumerate(features, 1):
        yield _berth(f"feature {number}", Feature, feature)


def of_csv(text: str) -> Iterator[tuple[str, Berth]]:
    """As `of_geojson`; the first line names the columns, with commas or semicolons."""
    first = text.partition("\n")[0]
    reader = csv.DictReader(
        io.StringIO(text), delimiter=";" if ";" in first else ",", strict=True
    )
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise Malformed(
                f"line 1: there is no column {missing[0]}; it names {first.strip()!r}"
            )
        for row in reader:
            cells = {name: cell for name, cell in row.items() if cell and name}
            yield _berth(f"line {reader.line_num}", Line, cells)
    except csv.Error as error:
        raise Malformed(f"line {reader.line_num + 1}: {error}") from None


def without_doubles(found: Sequence[tuple[str, Berth]]) -> list[Berth]:
    """Raises Invalid when two have one name: which of them should count?"""
    places: dict[str, str] = {}
    for place, berth in found:
        first = places.setdefault(berth.name.lower(), place)
        if first != place:
            raise Invalid(f"{place}: {berth.name!r} stands in {first} already.")
    return [berth for _, berth in found]


def _berth(
    place: str, shape: type[Feature] | type[Line], given: Mapping[str, Any]
) -> tuple[str, Berth]:
    try:
        return place, verified(TypeAdapter(shape).validate_python(given).berth())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"{place}: {where}: {first['msg']}") from None
    except HarborError as error:
        raise Invalid(f"{place}: {error}") from None
