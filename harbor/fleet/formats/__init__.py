"""Tracks as files that other programs read: GPX, KML, CSV, GeoJSON.

Every format takes a heading and the fixes, oldest first and in pages, and yields the file in
pieces: however long the track, no more than a page is in memory.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from harbor.fleet.formats import csv_table, geojson_points, gpx, kml
from harbor.fleet.formats.track_file import Heading, Pages, file_name

__all__ = ["FORMATS", "Format", "Heading", "Pages", "file_name"]


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file."""

    suffix: str
    media_type: str
    pieces: Callable[[Heading, Pages], Iterator[bytes]]


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        one.suffix: one
        for one in (
            Format("gpx", "application/gpx+xml", gpx.pieces),
            Format("kml", "application/vnd.google-earth.kml+xml", kml.pieces),
            Format("csv", "text/csv; charset=utf-8; header=present", csv_table.pieces),
            Format("geojson", "application/geo+json", geojson_points.pieces),
        )
    }
)
