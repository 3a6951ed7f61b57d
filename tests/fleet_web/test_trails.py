"""Trails for the map's scripts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import moment, ping, post
from tests.fleet_web.sailing import leg, sailed
from tests.test_access import log_in

JSON = {"Accept": "application/json"}


def test_a_dispatcher_gets_where_her_vessels_have_just_been(client, cast):
    for seconds_ago in (40, 30, 20, 10):
        post(client, cast.vinga, ping(recorded_at=moment(seconds_ago), latitude=57.6))
    log_in(client, cast)

    told = client.get("/fleet/trails", headers=JSON).json

    assert set(told["vessels"]) == {str(cast.vinga.id)}
    trail = told["vessels"][str(cast.vinga.id)]
    assert trail["interval_s"] == pytest.approx(10, abs=0.1)
    assert [fix[1:] for fix in trail["fixes"]] == [[57.6, 11.8]] * 4
    assert told["step_s"] == 8


def test_trails_are_told_to_nobody_without_a_session(client, cast):
    answer = client.get("/fleet/trails", headers=JSON)

    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    [
        *("minutes=0", "minutes=121", "minutes=x", "vessel=Vinga"),
        "minutes=00000003099999",  # begins with 30
        "minutes=000000030" + 30 * "9",  # more than a timedelta holds
    ],
)
def test_a_question_that_makes_no_sense_is_refused(client, cast, query):
    log_in(client, cast)

    assert client.get(f"/fleet/trails?{query}", headers=JSON).status_code == 400


def test_a_vessel_of_another_fleet_has_no_trail_here(client, cast):
    log_in(client, cast)
    other = "00000000-0000-7000-8000-0000000000a1"

    told = client.get(f"/fleet/trails?minutes=10&vessel={other}", headers=JSON).json

    assert told["vessels"] == {}


def test_a_receiver_ashore_makes_no_zigzag(client, runtime, cast, ais):
    """It hears her a ship's length away, between any two reports of the tracker aboard."""
    now = runtime.clock()
    aboard = leg(cast, cast.vinga, now - timedelta(minutes=25), 10, 5)
    ashore = leg(cast, cast.vinga, now - timedelta(minutes=25, seconds=-5), 25, 5, 57.1)
    sailed(runtime, cast, aboard)
    sailed(runtime, cast, [replace(one, tracker_id=ais) for one in ashore])
    sailed(runtime, cast, leg(cast, cast.hono, now - timedelta(minutes=5), 4, 5))
    log_in(client, cast)

    told = client.get("/fleet/trails", headers=JSON).json["vessels"]

    fixes = told[str(cast.vinga.id)]["fixes"]
    heard_ashore = [at for at, latitude, _ in fixes if latitude >= 57.1]
    last_aboard = aboard[-1].recorded_at.timestamp() * 1000
    assert len(fixes) - len(heard_ashore) == 60
    assert min(heard_ashore) > last_aboard + 720_000
    assert max(at for at, latitude, _ in fixes if latitude < 57.1) == pytest.approx(
        last_aboard, abs=1
    )
    assert told[str(cast.hono.id)]["interval_s"] == 10
