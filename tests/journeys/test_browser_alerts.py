"""Calls for help and sources on the dispatcher's map, in a real Chromium."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from harbor.store.trackers import key_of, token_of
from tests.builders import moment, ping
from tests.journeys.desk import PHONE, says
from tests.journeys.fleet_server import FleetServer

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.timeout(90)]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetServer]:
    """Vinga has a phone besides her tracker, and both have a boat's Signal K server."""
    server = FleetServer(tmp_path_factory.mktemp("harbor"))
    try:
        server.set_up()
        server.start()
        assert server.post(server.cast.vinga, ping()).status == 201
        yield server
    finally:
        server.tear_down()


@pytest.fixture(scope="module")
def phone(fleet: FleetServer) -> str:
    """The address to which the phone sends."""
    words = ("tracker", "add", "phone", "--vessel", "Vinga", "--format", "osmand")
    return f"/api/v1/ingest/osmand/{token_of(key_of(fleet.harbor(*words)['secret']))}"


@pytest.fixture(scope="module")
def boat(fleet: FleetServer) -> str:
    words = ("tracker", "add", "boat", "--vessel", "Hönö", "--format", "signalk")
    return f"/api/v1/ingest/signalk/{token_of(key_of(fleet.harbor(*words)['secret']))}"


def call_for_help(fleet: FleetServer, phone: str, minutes_ago: float = 0) -> None:
    at = int(time.time() - 60 * minutes_ago)
    place = f"lat=57.7&lon=11.9&timestamp={at}&alarm=sos"
    assert fleet.get(f"{phone}?{place}").status == 200


def alerts(page: Page) -> Locator:
    """The phone's; those of other tests may stand beside them."""
    return page.locator("#alerts .alert").filter(has_text="SOS")


def test_a_call_for_help_is_shown_read_out_and_stays_until_it_was_seen(fleet, phone, desk):
    page, other = desk.tabs(2)

    call_for_help(fleet, phone)

    expect(alerts(page)).to_have_count(1, timeout=10_000)
    expect(alerts(page)).to_contain_text("SOS")
    expect(alerts(page)).to_contain_text("Vinga")
    expect(page.locator("#alerts-said")).to_contain_text("SOS. Vinga. 57° 42.000")
    page.reload()
    expect(alerts(page)).to_have_count(1, timeout=10_000)
    alerts(page).get_by_role("button", name="Seen").press("Enter")
    expect(alerts(page)).to_have_count(0)
    expect(page.locator("#map:focus, #alerts button:focus")).to_have_count(1)
    expect(alerts(other)).to_have_count(0)
    page.reload()
    page.wait_for_selector("html[data-ready=true]")
    expect(alerts(page)).to_have_count(0)


def test_an_alert_is_found_on_the_map_of_a_phone(fleet, phone, desk):
    page = desk.context.new_page()
    page.set_viewport_size(PHONE)
    page.goto(fleet.url + "/fleet/map#map=4/40/-20")
    call_for_help(fleet, phone, minutes_ago=5)

    find = alerts(page).get_by_role("button", name="Show on map")
    expect(find).to_be_visible(timeout=15_000)
    box = find.bounding_box()
    find.click()

    assert box["height"] >= 44
    page.wait_for_function("() => /#map=1[0-9][^&]*\\/57\\./.test(location.hash)")


def test_the_card_says_when_the_best_source_is_silent(fleet, boat, desk):
    assert fleet.post(fleet.cast.hono, ping(recorded_at=moment(1800))).status == 201
    delta = {
        "context": "vessels.self",
        "updates": [
            {
                "timestamp": moment(5),
                "values": [
                    {
                        "path": "navigation.position",
                        "value": {"latitude": 57.7, "longitude": 11.8},
                    }
                ],
            }
        ],
    }
    assert fleet.http.request("POST", fleet.url + boat, json=delta).status == 200
    page = desk.tab()

    page.get_by_role("option", name="Hönö").click()

    note = page.locator(".card-source")
    expect(note).to_contain_text("Position from Signal K (Hönö tracker silent for 30 min)")
    assert fleet.post(fleet.cast.hono, ping()).status == 201
    expect(note).to_be_hidden(timeout=10_000)


def test_a_call_for_help_is_shown_while_valkey_is_away(fleet, boat, desk):
    alarm = {"state": "emergency", "message": "MOB, port side"}
    said = [{"path": "notifications.mob", "value": alarm}]
    updates = [{"timestamp": moment(1), "values": said}]
    delta = {"context": "vessels.self", "updates": updates}
    page = desk.tab()
    fleet.valkey.kill()
    try:
        says(page, "degraded", timeout_s=30)
        assert fleet.http.request("POST", fleet.url + boat, json=delta).status == 200

        expect(page.get_by_text("MOB, port side")).to_be_visible(timeout=25_000)
    finally:
        fleet.valkey.restart()
    says(page, "live", timeout_s=30)
