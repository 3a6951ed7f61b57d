"""Files of fixes that were recorded elsewhere: one reader for each kind, all of them streams.

A reader cuts a file into stretches of at most `Limits.reports_max` things, each decoded as a
message of that many reports would be, so that memory does not grow with the file.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from types import MappingProxyType
from typing import BinaryIO

from harbor.trackers import nmea
from harbor.trackers.files import csv_table, gpx, ndjson, nmea_log
from harbor.trackers.files.stretch import Stretch
from harbor.trackers.message import Limits, Sender
from harbor.trackers.registry import HARBOR

__all__ = ["EDITION", "KINDS", "Kind", "Stretch", "kind_of"]

EDITION = 1
"""One more whenever a reader counts the things of a file otherwise: what was broken off before
begins anew then."""

Read = Callable[[BinaryIO, Sender, Limits, int], Iterator[Stretch]]
"""The last argument: how far an earlier run came; what has a smaller number was dealt with.

Raises Malformed where the file can't be read on; all before that was given out.
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file; `unit` is what its reader counts, `raw_format` what it puts aside."""

    name: str
    suffixes: tuple[str, ...]
    unit: str
    read: Read
    raw_format: str = HARBOR


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("csv", (".csv", ".tsv"), "line", csv_table.read),
            Kind("gpx", (".gpx",), "point", gpx.read),
            Kind("ndjson", (".ndjson", ".jsonl"), "line", ndjson.read),
            Kind("nmea", (".nmea",), "line", nmea_log.reader_of(nmea.decode), "nmea"),
        )
    }
)
_FIRST_SIGNS = {b"<": "gpx", b"{": "ndjson", b"$": "nmea", b"!": "nmea", b"\\": "nmea"}


def kind_of(name: str, head: bytes) -> Kind:
    """By the end of the file's name, `.gz` left out; else by its first sign."""
    suffix = PurePath(name.lower().removesuffix(".gz")).suffix
    for kind in KINDS.values():
        if suffix in kind.suffixes:
            return kind
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return KINDS[_FIRST_SIGNS.get(begin[:1], "csv")]
