"""Tracks as files: what the pages of the database become."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.etree import ElementTree

import gpxpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.fleet.formats import FORMATS, Heading, file_name
from harbor.fleet.formats.csv_table import harmless
from harbor.fleet.report import PositionReport
from harbor.fleet.vessel import Particulars
from tests.builders import FLEET, NOON, VESSEL, report

GX = "{http://www.google.com/kml/ext/2.2}"
HEADING = Heading(
    Particulars(VESSEL, FLEET, "Vinga & Co", "9074729", "265123456", "SABC"),
    NOON,
    NOON + timedelta(days=1),
    NOON + timedelta(days=2),
)


@dataclass(frozen=True)
class Kept:
    report: PositionReport
    received_at: datetime = NOON


def fixes(*seconds, **more):
    return [Kept(report(recorded_at=NOON + timedelta(seconds=at), **more)) for at in seconds]


def written(suffix, *pages, heading=HEADING) -> str:
    return b"".join(FORMATS[suffix].pieces(heading, pages)).decode()


def test_a_track_over_several_pages_is_one_segment_until_a_gap():
    pages = fixes(*range(0, 100, 10)), fixes(*range(100, 150, 10), *range(4000, 4050, 10))

    gpx = gpxpy.parse(written("gpx", *pages))

    assert [len(one.points) for one in gpx.tracks[0].segments] == [15, 5]
    assert gpx.tracks[0].description == (
        "IMO 9074729, MMSI 265123456, call sign SABC;"
        " 2026-05-04T12:00:00Z – 2026-05-05T12:00:00Z"
    )


def test_a_gap_between_two_pages_cuts_too():
    gpx = gpxpy.parse(written("gpx", fixes(*range(0, 100, 10)), fixes(5000, 5010)))

    assert [len(one.points) for one in gpx.tracks[0].segments] == [10, 2]


def test_in_kml_a_stretch_goes_on_where_the_page_before_ended():
    pages = fixes(*range(0, 50, 10)), fixes(*range(50, 100, 10)), fixes(9000)

    tracks = ElementTree.fromstring(written("kml", *pages)).findall(f".//{GX}Track")

    whens = [[one.text[11:19] for one in track if one.tag.endswith("when")] for track in tracks]
    assert [len(one) for one in whens] == [5, 6, 1]
    assert whens[1][0] == whens[0][-1]


def test_gpx_has_no_180_degrees_east_no_exponent_and_nothing_of_what_was_not_said():
    bare = report(longitude=180.0, latitude=1e-7, speed_knots=None, altitude_metres=-1.5)

    text = written("gpx", [Kept(bare)])

    assert 'lat="0.0000001" lon="-180"' in text
    assert "<ele>-1.5</ele>" in text
    assert "<extensions>" not in text


def test_a_course_without_a_speed_is_written():
    text = written("gpx", [Kept(report(speed_knots=None, course_degrees=12.5))])

    assert "<gpxtpx:TrackPointExtension><gpxtpx:course>12.5<" in text


def test_a_second_tracker_beside_the_first_is_in_the_tables_and_not_in_the_lines():
    other = FLEET
    both = sorted(
        fixes(0, 10, 20) + fixes(5, 15, tracker_id=other),
        key=lambda one: one.report.recorded_at,
    )

    assert len(gpxpy.parse(written("gpx", both)).tracks[0].segments[0].points) == 3
    assert len(json.loads(written("geojson", both))["features"]) == 5
    assert len(list(csv.reader(io.StringIO(written("csv", both))))) == 6


def test_a_page_of_the_other_tracker_alone_is_no_segment():
    pages = fixes(0, 10), fixes(15, tracker_id=FLEET), fixes(20)

    gpx = gpxpy.parse(written("gpx", *pages))

    assert [len(one.points) for one in gpx.tracks[0].segments] == [3]


def test_kml_says_nothing_where_nothing_was_said():
    text = written("kml", [Kept(report(speed_knots=None))])

    assert '<gx:SimpleArrayData name="speed_knots"><gx:value/>' in text


@pytest.mark.parametrize(
    ("words", "cell"),
    [("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"),
     ("Vinga", "Vinga"), ("", ""), (None, None)],
)  # fmt: skip
def test_no_cell_of_words_is_a_formula(words, cell):
    assert harmless(words) == cell


names = st.text(max_size=12).filter(str.isprintable).map(lambda name: " ".join(name.split()))


@given(names.filter(bool))
def test_any_name_makes_a_whole_file_of_each_format_and_a_name_without_folders(name):
    heading = Heading(Particulars(VESSEL, FLEET, name), NOON, NOON, NOON)

    assert gpxpy.parse(written("gpx", fixes(0), heading=heading)).tracks[0].name == name
    ElementTree.fromstring(written("kml", fixes(0), heading=heading))
    rows = list(csv.reader(io.StringIO(written("csv", fixes(0), heading=heading), newline="")))
    assert rows[1][0] == harmless(name)
    for one in file_name(heading, "gpx"):
        assert not set(one) & set("/\\\"'<>:|?*\r\n")


@pytest.mark.parametrize(
    ("name", "plain"),
    [("Hönö & Ø", "Hono-O"), ("../x", "x"), ("日本", "vessel"), ("Groß", "Gross")],
)
def test_a_file_has_a_name_in_ascii_too(name, plain):
    heading = Heading(Particulars(VESSEL, FLEET, name), NOON, NOON, NOON)

    assert file_name(heading, "csv")[1] == f"{plain}_20260504T1200Z_20260504T1200Z.csv"
