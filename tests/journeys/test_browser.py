"""A dispatcher at the map, in a real Chromium, against a whole Harbor."""

import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from harbor.demo.sailing import fleet as demo_vessels
from harbor.runtime import Runtime
from harbor.store import trackers, vessels
from tests.builders import moment, ping
from tests.cast import Hull
from tests.journeys.desk import DESKTOP, PHONE, note_fault
from tests.journeys.fleet_server import FleetServer

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.timeout(90)]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetServer]:
    """Harbor with the ten other vessels of a fleet of twelve, all of which have reported."""
    server = FleetServer(tmp_path_factory.mktemp("harbor"), heartbeat_s=2)
    try:
        server.set_up(more=hulls)
        server.start()
        for number, hull in enumerate(server.hulls):
            at = {"latitude": 57.6 + number / 100, "longitude": 11.7 + number / 100}
            assert server.post(hull, ping(recorded_at=moment(5), **at)).status == 201
        yield server
    finally:
        server.tear_down()


def hulls(runtime: Runtime, cast) -> list[Hull]:
    made = [cast.vinga, cast.hono]
    with runtime.database.session() as session:
        for one in demo_vessels()[:10]:
            vessel = vessels.add(session, cast.fleet_id, one.name, one.imo_number, one.mmsi)
            tracker_id, secret = trackers.add(
                session, runtime.seal, cast.fleet_id, one.name, vessel.id
            )
            made.append(Hull(vessel.id, one.name, one.imo_number, tracker_id, secret))
    return made


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(request, browser, fleet) -> Iterator[Page]:
    """A signed-in dispatcher at the live map; any error on the page fails the test."""
    page = browser.new_page(viewport=request.param)
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("console", lambda line: note_fault(page.faults, line))
    page.on("request", lambda asked: note_stranger(page, asked.url, fleet.url))
    page.goto(fleet.url + "/")
    page.fill("[name=username]", fleet.cast.username)
    page.fill("[name=password]", fleet.cast.password)
    page.click("button[type=submit]")
    page.wait_for_url("**/fleet/map**")
    expect(page.locator("#connection")).to_have_attribute("data-state", "live", timeout=10_000)
    yield page
    faults = list(page.faults)
    page.close()
    assert faults == []


def note_stranger(page, asked: str, ours: str) -> None:
    if not asked.startswith((ours, "data:", "blob:")):
        page.faults.append(f"asked another host: {asked}")


def places(page: Page) -> dict[str, tuple[float, float]]:
    known = page.evaluate("window.harbor.vessels()")
    return {one["id"]: (one["latitude"], one["longitude"]) for one in known}


def test_a_dispatcher_sees_twelve_vessels_and_one_move_within_a_second(page, fleet):
    hull = fleet.hulls[3]
    row = page.locator(f"[data-vessel-id='{hull.id}']").first
    before = page.evaluate("id => window.harbor.hullAt(id)", str(hull.id))
    assert len(page.evaluate("harbor.listed()")) == 12
    assert len(places(page)) == 12
    page.locator("#search").fill(hull.name)  # the list has rows only for what it shows

    report = ping(latitude=57.71, longitude=11.66)
    assert fleet.post(hull, report).status == 201

    expect(row).to_have_attribute("data-latitude", "57.71", timeout=1_000)
    assert places(page)[str(hull.id)] == (57.71, 11.66)
    moved = "([id, x, y]) => Math.hypot(harbor.hullAt(id).x - x, harbor.hullAt(id).y - y) > 5"
    page.wait_for_function(moved, arg=[str(hull.id), before["x"], before["y"]], timeout=5_000)
    fleet.post(hull, ping(latitude=57.63, longitude=11.73))
    expect(row).to_have_attribute("data-latitude", "57.63", timeout=2_000)


def test_a_cut_server_is_told_and_its_return_too(page, fleet):
    fleet.terminate()
    state = page.locator("#connection")
    expect(state).not_to_have_attribute("data-state", "live", timeout=10_000)
    expect(state).to_have_attribute("data-state", "reconnecting", timeout=10_000)
    fleet.start()

    expect(state).to_have_attribute("data-state", "live", timeout=35_000)
    hull = fleet.hulls[4]
    fleet.post(hull, ping(latitude=57.655, longitude=11.71))
    row = page.locator(f"[data-vessel-id='{hull.id}']").first
    expect(row).to_have_attribute("data-latitude", "57.655", timeout=2_000)


def test_a_relay_that_is_away_makes_the_feed_degraded_not_live(page, fleet):
    state = page.locator("#connection")
    fleet.valkey.kill(signal.SIGKILL)
    try:
        expect(state).to_have_attribute("data-state", "degraded", timeout=15_000)
    finally:
        fleet.valkey.restart()

    expect(state).to_have_attribute("data-state", "live", timeout=15_000)


def test_a_session_that_ended_is_told_as_signed_out(page, fleet):
    page.evaluate(
        """async () => {
            const form = document.querySelector('form[action="/logout"]');
            await fetch('/logout', {method: 'POST', body: new FormData(form)});
        }"""
    )

    expect(page.locator("#connection")).to_have_attribute(
        "data-state", "signed-out", timeout=15_000
    )


def test_searching_and_choosing_a_vessel_opens_its_card(page, fleet):
    hull = fleet.hulls[5]
    if page.viewport_size == PHONE:
        page.click("#sheet-handle")
    page.fill("#search", hull.name)

    page.locator(f"[data-vessel-id='{hull.id}']").click()

    expect(page.locator("#card-name")).to_have_text(hull.name)
    expect(page.locator("#card")).to_contain_text(hull.imo_number)


def test_without_scripts_the_page_still_names_the_fleet(browser, fleet):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(fleet.url + "/login")
    page.fill("[name=username]", fleet.cast.username)
    page.fill("[name=password]", fleet.cast.password)
    page.click("button[type=submit]")

    assert page.locator("[data-vessel-id]").count() == 12
    assert "Vinga" in page.content()
    context.close()
