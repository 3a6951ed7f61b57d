"""KML 2.2 with Google's extension gx:Track: the track in time, no line across gaps.

The schema wants all times before all places, so a long stretch is written as several, each
beginning where the one before ended.
"""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from harbor.fleet.formats.track_file import Heading, Pages, identity, in_utc, stretches
from harbor.fleet.report import PositionReport

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">
<Document><name>{name}</name><description>{about}</description>
<Style id="track"><LineStyle><color>ffb0620b</color><width>3</width></LineStyle></Style>
<Schema id="fix">
<gx:SimpleArrayField name="speed_knots" type="float"><displayName>Speed (kn)</displayName></gx:SimpleArrayField>
<gx:SimpleArrayField name="course_degrees" type="float"><displayName>Course (°)</displayName></gx:SimpleArrayField>
</Schema>
<Placemark><name>{name}</name><styleUrl>#track</styleUrl>
<gx:MultiTrack><altitudeMode>clampToGround</altitudeMode><gx:interpolate>0</gx:interpolate>
"""  # noqa: E501 - one element a line
END = b"</gx:MultiTrack>\n</Placemark></Document>\n</kml>\n"


def pieces(heading: Heading, pages: Pages) -> Iterator[bytes]:
    vessel = heading.vessel
    about = (identity(vessel), f"{in_utc(heading.start_at)} – {in_utc(heading.end_at)}")
    yield HEAD.format(
        name=escape(vessel.name), about=escape("; ".join(filter(None, about)))
    ).encode()
    before: list[PositionReport] = []
    for stretch in stretches(heading, pages):
        reports = [*(before if not stretch.is_new else ()), *stretch.reports]
        yield _track(reports).encode()
        before = [reports[-1]]
    yield END


def _track(reports: Sequence[PositionReport]) -> str:
    whens = "".join(f"<when>{in_utc(one.recorded_at)}</when>\n" for one in reports)
    places = "".join(
        f"<gx:coord>{one.longitude} {one.latitude} {one.altitude_metres or 0}</gx:coord>\n"
        for one in reports
    )
    speeds = _values("speed_knots", [one.speed_knots for one in reports])
    courses = _values("course_degrees", [one.course_degrees for one in reports])
    data = f'<ExtendedData><SchemaData schemaUrl="#fix">\n{speeds}{courses}</SchemaData>'
    return f"<gx:Track>\n{whens}{places}{data}</ExtendedData></gx:Track>\n"


def _values(name: str, values: Sequence[float | None]) -> str:
    inside = "".join(
        "<gx:value/>" if one is None else f"<gx:value>{one}</gx:value>" for one in values
    )
    return f'<gx:SimpleArrayData name="{name}">{inside}</gx:SimpleArrayData>\n'
