"""The one shape of a vessel."""

from datetime import timedelta

import orjson

from harbor.fleet import geojson
from harbor.fleet.status import Patience
from harbor.fleet.vessel import Particulars
from tests.builders import FLEET, NOON, VESSEL, report

PATIENCE = Patience(180, 900)
VINGA = Particulars(VESSEL, FLEET, 'Vinga "the 1st"\r\n', "9074729", "265123456", "SABC")


def made(**changes) -> bytes:
    return geojson.feature(report(**changes), NOON, VINGA, NOON, PATIENCE)


def test_longitude_stands_first():
    assert orjson.loads(made())["geometry"]["coordinates"] == [11.8, 57.66]


def test_a_feature_is_one_line_whatever_the_name():
    assert b"\n" not in made()
    assert b"\r" not in made()


def test_refreshing_changes_age_and_state_and_nothing_else():
    later = NOON + timedelta(seconds=200)

    fresh = orjson.loads(geojson.refreshed(made(), geojson.microseconds(NOON), later, PATIENCE))

    before = orjson.loads(made())
    before["properties"] |= {"age_seconds": 200, "state": "late"}
    assert fresh == before


def test_a_vessel_that_never_reported_has_the_same_members_and_no_geometry():
    silent = orjson.loads(geojson.silent_feature(VINGA))

    assert silent["geometry"] is None
    assert silent["properties"]["state"] == "silent"
    assert silent["properties"].keys() == orjson.loads(made())["properties"].keys()


def test_a_change_is_told_beside_the_rest():
    changed = orjson.loads(geojson.changed(made(), "renamed"))

    assert changed["properties"]["change"] == "renamed"
    assert changed["properties"]["state"] == "live"


def test_microseconds_survive_the_way_there_and_back():
    moment = NOON + timedelta(microseconds=123_457)

    assert geojson.moment_of(geojson.microseconds(moment)) == moment


def test_a_change_is_not_told_again_when_the_feature_is_refreshed():
    changed = geojson.changed(made(), "renamed")

    fresh = geojson.refreshed(changed, geojson.microseconds(NOON), NOON, PATIENCE)

    assert fresh == made()
