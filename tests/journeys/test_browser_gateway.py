"""What instruments say aboard moves the vessel on the map, through `harbor gateway`."""

import time

import pytest
from pyais import encode_dict

from harbor.demo.sailing import fleet as demo_vessels
from tests.gateway.aboard import Aboard
from tests.journeys.desk import says, shows
from tests.journeys.fleet_server import running, wait_until
from tests.journeys.signalk_server import signalk_server
from tests.journeys.test_browser import hulls

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    """With vessels of whom only AIS tells, whichever test comes first."""
    with running(tmp_path_factory.mktemp("harbor"), hulls) as server:
        yield server


@pytest.fixture
def aboard(tmp_path, fleet):
    aboard = Aboard(tmp_path, fleet.url)
    yield aboard
    aboard.close()


def at_map(desk):
    page = desk.context.new_page()
    page.goto(f"{desk.fleet.url}/fleet/map")
    says(page, "live")
    return page


def places(page, vessel_id):
    """Where the map has shown a vessel, while this was called again and again."""
    script = "id => harbor.vessels().filter((one) => one.id === id).map((one) => one.latitude)"
    return set(page.evaluate(script, str(vessel_id)))


def test_a_signal_k_server_moves_its_vessel_on_the_map(aboard, desk, figures, fleet, tmp_path):
    page, seen = at_map(desk), set()
    aboard.tracker, aboard.secret = fleet.cast.vinga.tracker_id, fleet.cast.vinga.secret
    with signalk_server(tmp_path) as (address, which):
        # The sample data has the time of day when it was recorded.
        aboard.start(address, "--time", "arrival", "--period", "0.2")

        def has_moved():
            seen.update(places(page, fleet.cast.vinga.id) - {None})
            return len(seen) >= 4

        wait_until(has_moved, 40, aboard.log.read_text)

    assert all(60.0 < latitude < 60.2 for latitude in seen)
    vessel = page.evaluate("id => harbor.trail(id).at(-1)", str(fleet.cast.vinga.id))
    assert vessel is not None
    figures["Signal K on the map"] = f"{which}: {len(seen)} places seen"


def heard(path, mmsi, latitude, moment_s):
    """A line of AIS at the end of a receiver's file; of its time it tells the second."""
    members = {"type": 1, "mmsi": mmsi, "lat": latitude, "lon": 11.8, "speed": 9.5}
    [line] = encode_dict(members | {"course": 0, "second": int(moment_s) % 60})
    with path.open("a") as file:
        file.write(line + "\n")


def test_an_ais_file_that_grows_moves_the_vessels_that_it_names(aboard, desk, fleet, tmp_path):
    page, path = at_map(desk), tmp_path / "ais.nmea"
    path.touch()
    aboard.tracker, aboard.secret = fleet.cast.shore_id, fleet.cast.shore_secret
    aboard.start(str(path), "--follow")

    one, other = demo_vessels()[:2]
    for latitude, ago_s in ((57.5, 6), (57.51, 3)):
        then_s = time.time() - ago_s
        heard(path, one.mmsi, latitude, then_s)
        heard(path, other.mmsi, latitude + 0.1, then_s)
        heard(path, "244650946", latitude, then_s)
        shows(page, fleet.hulls[2].id, latitude, 20)
        shows(page, fleet.hulls[3].id, latitude + 0.1, 20)
