"""A dispatcher replays the past, in a real Chromium, against a whole Harbor."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from harbor.runtime import Runtime
from harbor.store import trackers, vessels
from tests.builders import moment, ping
from tests.cast import Cast, Hull
from tests.journeys.desk import DESKTOP, PHONE, Desk, says, send, shows
from tests.journeys.fleet_server import FleetServer, wait_until

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.timeout(90)]

HOURS, EVERY_S = 2, 30
SPOKEN = re.compile(r"\d\d:\d\d:\d\d.*, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC")
LINKED = "part => location.hash.includes(part)"
FED = "latitude => harbor.live().some((one) => one.latitude === latitude)"
SOUTH, NORTH = 57.5, 57.8


def sailed(seconds_ago: float) -> float:
    """The latitude of Vinga at a time: north, all the way."""
    return SOUTH + (NORTH - SOUTH) * (1 - seconds_ago / (HOURS * 3600))


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetServer]:
    """Vinga has sailed north for two hours; Hönö lies in port; Argo has just retired."""
    server = FleetServer(tmp_path_factory.mktemp("harbor"), heartbeat_s=2)
    try:
        server.set_up(argo_too)
        server.start()
        times = range(HOURS * 3600, 0, -EVERY_S)
        track = [ping(recorded_at=moment(ago), latitude=sailed(ago)) for ago in times]
        assert server.post(server.cast.vinga, track).status == 201
        port = {"latitude": 57.7, "longitude": 11.6, "speed_knots": 0.0}
        still = [ping(recorded_at=moment(ago), **port) for ago in times]
        assert server.post(server.cast.hono, still).status == 201
        [argo] = server.hulls
        gone = [ping(recorded_at=moment(ago), **port) for ago in (4_000, 3_700, 3_500)]
        assert server.post(argo, gone).status == 201
        server.harbor("vessel", "retire", "Argo")
        yield server
    finally:
        server.tear_down()


def argo_too(runtime: Runtime, cast: Cast) -> list[Hull]:
    with runtime.database.session() as session:
        vessel = vessels.add(session, cast.fleet_id, "Argo")
        secret = trackers.add(session, runtime.seal, cast.fleet_id, "Argo tracker", vessel.id)
    return [Hull(vessel.id, "Argo", "", *secret)]


@pytest.fixture
def page(desk: Desk) -> Page:
    return desk.tab()


def replay(page: Page) -> dict:
    state: dict = page.evaluate("() => harbor.replay()")
    return state


def shown_at(page: Page) -> datetime:
    return datetime.fromtimestamp(replay(page)["moment"] / 1000, tz=UTC)


def latitude_of(page: Page, name: str) -> float | None:
    script = "name => harbor.vessels().find((one) => one.name === name)?.latitude ?? null"
    found: float | None = page.evaluate(script, name)
    return found


def opened(page: Page) -> None:
    """Replay, with something to see."""
    page.keyboard.press("r")
    page.wait_for_function("() => harbor.replay().moved > 0")


def at_rest(page: Page) -> None:
    """Replay, an hour ago, standing."""
    opened(page)
    page.keyboard.press("Space")
    page.wait_for_function("() => !harbor.replay().isPlaying")


def test_one_key_plays_the_fleet_an_hour_ago_in_a_frame_that_says_so(page):
    opened(page)

    expect(page.get_by_role("heading", name="Replay not live")).to_be_visible()
    expect(page.locator(".replay-moment")).to_contain_text("UTC")
    expect(page.locator("#connection")).to_be_hidden()
    assert latitude_of(page, "Vinga") == pytest.approx(sailed(3600), abs=0.02)
    says(page, "live")


def test_the_list_and_the_card_speak_of_the_replayed_moment(page, fleet):
    at_rest(page)

    page.locator(f"[data-vessel-id='{fleet.cast.vinga.id}']").click()

    card = page.locator("#card")
    expect(card.get_by_text("Replay")).to_be_visible()
    expect(card.locator("[data-field=seen]")).to_contain_text(" s ago")
    said = f"{shown_at(page):%Y-%m-%d}"
    expect(card.locator("[data-field=recorded-utc]")).to_contain_text(said)


def test_a_vessel_that_has_retired_since_is_there_and_marked(page):
    expect(page.locator("#fleet-list")).not_to_contain_text("Argo")

    at_rest(page)
    row = page.locator("#fleet-list .vessel", has_text="Argo")
    row.click()

    expect(row.get_by_text("Retired", exact=True)).to_be_visible()
    expect(page.locator("#card [data-field=retired]")).to_contain_text(":")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#fleet-list")).not_to_contain_text("Argo")


def test_space_pauses_and_plays(page):
    opened(page)

    page.keyboard.press("Space")
    page.wait_for_function("() => !harbor.replay().isPlaying")
    stood_at = replay(page)["moment"]
    page.keyboard.press("Space")

    page.wait_for_function("at => harbor.replay().moment > at", arg=stood_at)


def test_the_scrubber_works_by_keyboard(page):
    at_rest(page)
    began = replay(page)["moment"]
    scrubber = page.get_by_role("slider", name="Moment of the replay")
    scrubber.focus()

    moved = []
    for key in ("ArrowLeft", "PageUp", "End", "Home"):
        page.keyboard.press(key)
        moved.append(replay(page)["moment"] - began)

    assert moved[0] == pytest.approx(-60_000, abs=1)
    assert moved[1] == pytest.approx(540_000, abs=1)
    assert moved[2] - moved[3] == pytest.approx(24 * 3_600_000, abs=1)
    expect(scrubber).to_have_attribute("aria-valuetext", SPOKEN)


def test_rate_and_period_are_chosen(page):
    opened(page)

    page.locator("#replay-rate").select_option("600")
    page.get_by_label("Period").select_option("6")

    wait_until(lambda: replay(page)["rate"] == 600, 5)
    page.wait_for_function("() => harbor.replay().fixes > 400")
    page.wait_for_function(LINKED, arg="rate=600")


def test_a_link_opens_the_moment_that_was_shared(desk, page):
    at_rest(page)
    moment_in_link = f"{shown_at(page):t=%Y-%m-%dT%H:%M:%SZ}"
    page.wait_for_function(LINKED, arg=moment_in_link)
    shown, where = page.evaluate("() => location.href"), latitude_of(page, "Vinga")

    other = desk.context.new_page()
    other.goto(shown)

    other.wait_for_function("() => harbor.replay().fixes > 0")
    expect(other.get_by_role("heading", name="Replay not live")).to_be_visible()
    assert not replay(other)["isPlaying"]
    assert abs(replay(other)["moment"] - replay(page)["moment"]) < 1_000
    assert latitude_of(other, "Vinga") == pytest.approx(where, abs=0.002)


def test_one_key_leads_back_to_a_live_map_that_missed_nothing(page, fleet):
    at_rest(page)
    past = latitude_of(page, "Vinga")

    send(fleet, fleet.cast.vinga, ping(latitude=58.25))
    page.wait_for_function(FED, arg=58.25)
    during = latitude_of(page, "Vinga")
    page.keyboard.press("Escape")

    shows(page, fleet.cast.vinga.id, 58.25)
    assert during == past
    assert not replay(page)["isOpen"]
    expect(page.locator("#replay-banner")).to_be_hidden()
    page.wait_for_function("() => !location.hash.includes('t=')")


def test_an_empty_period_says_so(page):
    page.goto(page.url.partition("#")[0] + "#t=2021-05-04T12:00:00Z")
    page.reload()

    expect(page.get_by_text("Nobody reported in this period.")).to_be_visible(timeout=10_000)


def test_a_replay_that_breaks_off_says_so_and_can_be_begun_again(page):
    page.route("**/fleet/history?**", lambda route: route.abort())
    page.keyboard.press("r")
    expect(page.get_by_text("The history did not come whole.")).to_be_visible()
    page.wait_for_function("() => harbor.vessels().length === 0")
    expect(page.locator("html")).to_have_attribute("data-replay-waits", "true")
    expect(page.locator("#fleet-count")).to_have_text("0 vessels")
    expect(page.get_by_text("The history did not come whole.")).to_be_visible()

    page.unroute("**/fleet/history?**")
    page.get_by_label("Period").select_option("6")

    page.wait_for_function("() => harbor.replay().fixes > 400")


def test_a_second_view_of_the_past_stops_at_now(page):
    at_rest(page)
    page.locator("#replay-moment").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.locator("#replay-rate").select_option("600")

    page.locator("#replay-play").click()

    expect(page.locator("#notice")).to_contain_text("come to its end")
    assert not replay(page)["isPlaying"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_everything_of_the_replay_is_on_the_screen_and_large_enough(page, size):
    page.set_viewport_size(size)
    page.locator("#replay-open").click()
    page.wait_for_function("() => harbor.replay().moved > 0")

    least = 44 if size is PHONE else 24
    for one in page.locator("#replay-bar :is(button, select, input), #replay-close").all():
        box = one.bounding_box()
        if box is None or not one.is_visible():
            continue
        assert min(box["width"], box["height"]) >= least, one.evaluate("e => e.outerHTML")
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"]
        assert box["y"] + box["height"] <= size["height"]
