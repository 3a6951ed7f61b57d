"""What instruments say aboard moves the vessel on the map, through `harbor gateway`."""

import pytest

from tests.gateway.aboard import Aboard
from tests.journeys.desk import says
from tests.journeys.fleet_server import wait_until
from tests.journeys.signalk_server import signalk_server

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
def aboard(tmp_path, fleet):
    hull = fleet.cast.vinga
    aboard = Aboard(tmp_path, fleet.url, str(hull.tracker_id), hull.secret)
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
