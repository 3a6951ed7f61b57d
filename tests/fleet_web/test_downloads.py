"""GET /fleet/vessels/<id>/track.<format>, streamed."""

import csv
import io
import json
from datetime import timedelta
from xml.etree import ElementTree

import gpxpy
import pytest
from sqlalchemy import event, text

from harbor.store import vessels
from tests.fleet_web.sailing import leg, sailed
from tests.test_access import log_in

KML = "{http://www.opengis.net/kml/2.2}"
GX = "{http://www.google.com/kml/ext/2.2}"
NAME = "=Hönö & <Ö>"


@pytest.fixture
def get(client, cast, runtime):
    """Download a file of a vessel that sailed for an hour, was silent, and sailed again."""
    begin = runtime.clock().replace(microsecond=0) - timedelta(hours=5)
    sailed(runtime, cast, leg(cast, cast.vinga, begin, 60, 10))
    sailed(runtime, cast, leg(cast, cast.vinga, begin + timedelta(hours=3), 60, 10, 57.5))
    sailed(runtime, cast, leg(cast, cast.hono, begin, 60, 10, 59.0))
    with runtime.database.session() as session:
        vessels.rename(session, cast.fleet_id, "Vinga", NAME)
    log_in(client, cast)

    def get(suffix, hull=cast.vinga, **asked):
        path = f"/fleet/vessels/{hull.id}/track.{suffix}"
        return client.get(path, query_string=asked)

    return get


def test_gpx_is_read_by_another_program_with_a_segment_for_each_part(get):
    answer = get("gpx")

    assert answer.mimetype == "application/gpx+xml"
    gpx = gpxpy.parse(answer.text)
    assert (gpx.version, gpx.tracks[0].name) == ("1.1", NAME)
    assert [len(one.points) for one in gpx.tracks[0].segments] == [360, 360]
    point = gpx.tracks[0].segments[0].points[1]
    assert (round(point.latitude, 5), point.longitude) == (57.00046, 11.5)
    assert [one.tag.rpartition("}")[2] for one in point.extensions[0]] == ["speed", "course"]
    assert float(point.extensions[0][0].text) == pytest.approx(10 * 1852 / 3600)


def test_kml_has_as_many_times_as_places_and_no_line_across_the_silence(get):
    answer = get("kml")

    assert answer.mimetype == "application/vnd.google-earth.kml+xml"
    tracks = ElementTree.fromstring(answer.data).findall(f".//{GX}Track")
    assert [len(one.findall(f"{KML}when")) for one in tracks] == [360, 360]
    assert [len(one.findall(f"{GX}coord")) for one in tracks] == [360, 360]
    speeds = tracks[0].find(f".//{GX}SimpleArrayData[@name='speed_knots']")
    assert [one.text for one in speeds][:2] == ["10.0", "10.0"]
    assert tracks[0].find(f"{GX}coord").text.startswith("11.5 57.0 ")


def test_csv_has_a_line_for_every_fix_and_no_cell_is_a_formula(get):
    answer = get("csv")

    assert answer.mimetype == "text/csv"
    assert answer.data.count(b"\r\n") == 721
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 720
    assert {row["vessel"] for row in rows} == {f"'{NAME}"}
    assert rows[0]["latitude"] == "57.0"
    assert rows[0]["recorded_at"].endswith("Z")
    assert rows[0]["altitude_metres"] == ""


def test_geojson_has_every_fix_as_a_point(get):
    answer = get("geojson")

    assert answer.mimetype == "application/geo+json"
    found = json.loads(answer.data)
    assert len(found["features"]) == 720
    assert found["vessel"]["name"] == NAME
    assert found["features"][0]["geometry"]["coordinates"] == [11.5, 57.0]


@pytest.mark.parametrize("suffix", ["gpx", "kml", "csv", "geojson"])
def test_a_file_of_nothing_is_a_whole_file(get, suffix):
    asked = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}

    answer = get(suffix, **asked)

    assert answer.status_code == 200
    if suffix in {"gpx", "kml"}:
        ElementTree.fromstring(answer.data)
    elif suffix == "geojson":
        assert json.loads(answer.data)["features"] == []
    else:
        assert answer.data.count(b"\r\n") == 1


def test_the_file_is_named_after_the_vessel_and_the_period(get):
    said = get("gpx", **{"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T06:30:00Z"})

    times = "20260101T0000Z_20260102T0630Z.gpx"
    assert said.headers["Content-Disposition"] == (
        f"attachment; filename=Hono-O_{times}; filename*=UTF-8''H%C3%B6n%C3%B6-%C3%96_{times}"
    )


def test_while_a_file_is_written_no_database_session_is_held(get, runtime):
    out = []
    event.listen(runtime.database.engine, "checkout", lambda *_: out.append(1))
    event.listen(runtime.database.engine, "checkin", lambda *_: out.pop())

    pieces = get("csv").response

    for _ in pieces:
        assert out == []


class StoppedReader:
    """A connection whose other end takes nothing; of gunicorn's it has the time-out."""

    timeout_s = None

    def gettimeout(self):
        return self.timeout_s

    def settimeout(self, seconds):
        self.timeout_s = seconds


@pytest.mark.parametrize("what", ["track.gpx", "track.csv"])
def test_a_reader_that_has_stopped_does_not_keep_a_worker_for_ever(get, client, cast, what):
    reader = StoppedReader()
    path = f"/fleet/vessels/{cast.vinga.id}/{what}"

    answer = client.get(path, environ_overrides={"gunicorn.socket": reader})

    assert 0 < reader.gettimeout() <= 60
    answer.close()
    assert reader.gettimeout() is None  # the next request on this connection waits as usual


def test_a_format_that_there_is_not_is_404(get):
    assert get("exe").status_code == 404


def test_another_fleets_track_is_404(get, runtime):
    with runtime.database.session() as session:
        fleet = session.scalar(text("INSERT INTO fleet (name) VALUES ('x') RETURNING id"))
        canary = vessels.add(session, fleet, "Canary")

    assert get("gpx", canary).status_code == 404
