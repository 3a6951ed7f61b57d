"""CSV by RFC 4180: a line for every fix of every tracker, times in UTC.

A cell of words that a spreadsheet would take for a formula begins with an apostrophe.
"""

import csv
import io
from collections.abc import Iterator

from harbor.fleet.formats.track_file import Heading, Pages, Recorded, in_utc

COLUMNS = (
    "vessel",
    "recorded_at",
    "received_at",
    "latitude",
    "longitude",
    "speed_knots",
    "course_degrees",
    "heading_degrees",
    "accuracy_metres",
    "altitude_metres",
    "battery_percent",
    "navigation_status",
    "source",
    "tracker_id",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def pieces(heading: Heading, pages: Pages) -> Iterator[bytes]:
    name = harmless(heading.vessel.name)
    yield _lines([COLUMNS])
    for page in pages:
        yield _lines([_cells(name, one) for one in page])


def harmless(words: str | None) -> str | None:
    """Words that no spreadsheet obeys."""
    return f"'{words}" if words and words.startswith(FORMULA) else words


def _cells(name: str | None, recorded: Recorded) -> tuple[object, ...]:
    report = recorded.report
    return (
        name,
        in_utc(report.recorded_at),
        in_utc(recorded.received_at),
        report.latitude,
        report.longitude,
        report.speed_knots,
        report.course_degrees,
        report.heading_degrees,
        report.accuracy_metres,
        report.altitude_metres,
        report.battery_percent,
        harmless(report.navigation_status),
        harmless(report.source),
        report.tracker_id,
    )


def _lines(rows: list[tuple[object, ...]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
