"""GPX 1.1: one track, a new segment after every gap.

Speed (metres a second) and course (degrees true) stand in Garmin's TrackPointExtension v2,
which most programs read: GPX 1.1 itself has no place for them.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from harbor.fleet.formats.track_file import Heading, Pages, identity, in_utc, stretches
from harbor.fleet.geo import METRES_PER_NAUTICAL_MILE
from harbor.fleet.report import PositionReport

METRES_A_SECOND = METRES_PER_NAUTICAL_MILE / 3600
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="Harbor Fleet" xmlns="http://www.topografix.com/GPX/1/1"
 xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v2"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://www.topografix.com/GPX/1/1 http://www.topografix.com/GPX/1/1/gpx.xsd http://www.garmin.com/xmlschemas/TrackPointExtension/v2 http://www.garmin.com/xmlschemas/TrackPointExtensionv2.xsd">
<metadata><name>{name}</name><time>{made}</time></metadata>
<trk><name>{name}</name><desc>{about}</desc>
"""  # noqa: E501 - an address can't be broken
END = b"</trk>\n</gpx>\n"


def pieces(heading: Heading, pages: Pages) -> Iterator[bytes]:
    vessel = heading.vessel
    period = f"{in_utc(heading.start_at)} – {in_utc(heading.end_at)}"
    yield HEAD.format(
        name=escape(vessel.name),
        made=in_utc(heading.made_at),
        about=escape("; ".join(filter(None, (identity(vessel), period)))),
    ).encode()
    is_open = False
    for stretch in stretches(heading, pages):
        cut = ("</trkseg>\n" if is_open else "") + "<trkseg>\n" if stretch.is_new else ""
        yield (cut + "".join(map(_point, stretch.reports))).encode()
        is_open = True
    yield (b"</trkseg>\n" if is_open else b"") + END


def _point(report: PositionReport) -> str:
    # 180 degrees east is not in the schema: it is 180 degrees west.
    longitude = -180.0 if report.longitude == 180 else report.longitude
    inside = [f"<time>{in_utc(report.recorded_at)}</time>"]
    if report.altitude_metres is not None:
        inside.insert(0, f"<ele>{_number(report.altitude_metres)}</ele>")
    if said := _motion(report):
        inside.append(
            "<extensions><gpxtpx:TrackPointExtension>"
            f"{said}</gpxtpx:TrackPointExtension></extensions>"
        )
    place = f'lat="{_number(report.latitude)}" lon="{_number(longitude)}"'
    return f"<trkpt {place}>{''.join(inside)}</trkpt>\n"


def _motion(report: PositionReport) -> str:
    said = ""
    if report.speed_knots is not None:
        said += f"<gpxtpx:speed>{_number(report.speed_knots * METRES_A_SECOND)}</gpxtpx:speed>"
    if report.course_degrees is not None:
        said += f"<gpxtpx:course>{_number(report.course_degrees)}</gpxtpx:course>"
    return said


def _number(value: float) -> str:
    """An XML Schema decimal: never an exponent."""
    return f"{value:.7f}".rstrip("0").rstrip(".")
