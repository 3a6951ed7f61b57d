"""GET /fleet/berths."""

import gzip

import pytest
from sqlalchemy import text

from harbor.fleet.berth import BERTHS_MAX, NAME_LENGTH_MAX, Berth
from harbor.store import berths
from tests.test_access import log_in

JSON = {"Accept": "application/json"}


@pytest.fixture
def quays(runtime, cast):
    with runtime.database.session() as session:
        other = session.scalar(text("INSERT INTO fleet (name) VALUES ('x') RETURNING id"))
        berths.add(session, other, Berth("Canary Wharf", 51.5, -0.02))
        berths.add(session, cast.fleet_id, Berth("Öckerö", 57.7, 11.65, 120))
        berths.add(session, cast.fleet_id, Berth("Arendal", 57.69, 11.82))


def test_scripts_read_the_fleets_own_berths_by_name(client, cast, quays):
    log_in(client, cast)

    answer = client.get("/fleet/berths", headers=JSON)

    assert answer.mimetype == "application/geo+json"
    features = answer.json["features"]
    assert [one["properties"]["name"] for one in features] == ["Arendal", "Öckerö"]
    assert features[1]["geometry"] == {"type": "Point", "coordinates": [11.65, 57.7]}
    assert features[1]["properties"]["radius_metres"] == 120


def test_a_script_without_a_session_is_told_so_in_json(client, cast):
    answer = client.get("/fleet/berths", headers=JSON)

    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_as_many_berths_as_a_fleet_may_have_are_less_than_a_megabyte(client, cast, runtime):
    """With the longest names, of letters that take two bytes each: 0.67 MB."""
    name = "Ö" * (NAME_LENGTH_MAX - 4)
    full = [Berth(f"{name}{number}", -57.123456, -151.123456) for number in range(BERTHS_MAX)]
    with runtime.database.session() as session:
        berths.bring_in(session, cast.fleet_id, full)
    log_in(client, cast)

    answer = client.get("/fleet/berths", headers=JSON)

    assert len(answer.json["features"]) == BERTHS_MAX
    assert len(answer.get_data()) < 1_000_000
    assert len(gzip.compress(answer.get_data())) < 150_000
