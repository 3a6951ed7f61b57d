"""The page in its other dresses: on paper, on a wall, in a theme that somebody chose."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.builders import moment, ping
from tests.journeys.desk import Desk, says
from tests.journeys.fleet_server import FleetServer
from tests.journeys.test_browser import hulls

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.timeout(60)]

WORN = "document.documentElement.dataset.theme"
TURN_MS = 12_000
LATE = 3
"""Whose last report is some minutes old."""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetServer]:
    server = FleetServer(tmp_path_factory.mktemp("harbor"), heartbeat_s=2)
    try:
        server.set_up(more=hulls)
        server.start()
        for number, hull in enumerate(server.hulls[:10]):
            at = {"latitude": 57.6 + number / 100, "longitude": 11.7 + number / 100}
            report = ping(recorded_at=moment(400 if number == LATE else 5), **at)
            assert server.post(hull, report).status == 201
        yield server
    finally:
        server.tear_down()


@pytest.fixture
def page(desk) -> Page:
    page = desk.tab()
    page.wait_for_selector("html[data-ready=true]")
    return page


@pytest.fixture
def wall(desk) -> Page:
    """A wall screen whose time can be wound forward."""
    page = desk.context.new_page()
    page.clock.install()
    page.goto(desk.fleet.url + "/fleet/map?kiosk=1")
    says(page, "live")
    page.wait_for_selector("html[data-ready=true]")
    return page


def to_paper(page: Page) -> None:
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")


def background(page: Page, selector: str) -> str:
    script = "selector => getComputedStyle(document.querySelector(selector)).backgroundColor"
    return str(page.evaluate(script, selector))


def test_paper_has_the_map_the_hour_the_name_and_a_table_of_what_is_in_view(page, fleet):
    to_paper(page)

    sheet = page.locator("#print-sheet")
    expect(sheet.locator("tbody tr")).to_have_count(10)
    expect(sheet.locator("caption")).to_have_text("10 vessels in view")
    expect(sheet.locator("canvas")).to_have_count(1)
    expect(sheet).to_contain_text("UTC")
    expect(sheet).to_contain_text(fleet.cast.username)
    expect(sheet.locator("tbody tr", has_text=fleet.hulls[LATE].name)).to_contain_text("Late")
    expect(sheet.locator(".print-legend")).to_contain_text("Under way")
    expect(sheet.locator(".print-legend .legend-scale")).to_be_hidden()


def test_a_vessel_out_of_view_is_not_on_the_paper(page):
    page.evaluate("location.hash = '#map=15/57.60000/11.70000'")
    page.wait_for_function("() => harbor.hullAt(harbor.vessels().at(-1).id)?.x > innerWidth")
    to_paper(page)

    expect(page.locator("#print-sheet tbody tr")).to_have_count(1)


def test_paper_has_no_controls_and_daylight_colours_even_at_night(page):
    page.evaluate("document.documentElement.dataset.theme = 'night'")
    to_paper(page)

    for part in (".topbar", ".panel", ".map-tools", ".card"):
        expect(page.locator(part)).to_be_hidden()
    middle = page.evaluate(
        """() => {
            const canvas = document.querySelector("#print-sheet canvas");
            return [...canvas.getContext("2d").getImageData(4, 4, 1, 1).data];
        }"""
    )
    assert min(middle) > 150
    assert page.evaluate(WORN) == "night"


def test_p_prints(page):
    page.evaluate("window.print = () => { document.title = 'printed'; }")

    page.keyboard.press("p")

    expect(page).to_have_title("printed")


def test_a_wall_screen_shows_the_map_and_nothing_to_press(wall):
    for part in (".panel", ".map-tools", "#theme-toggle", "#help-open", ".topbar .menu"):
        expect(wall.locator(part)).to_be_hidden()
    for part in ("#map", "#connection", "#clock", ".legend ul"):
        expect(wall.locator(part)).to_be_visible()


def test_a_wall_screen_turns_to_those_who_are_late_and_back_to_all(wall, fleet):
    wall.clock.fast_forward(TURN_MS)
    expect(wall.locator("#card-name")).to_have_text(fleet.hulls[LATE].name)

    for _turn in range(3):
        wall.clock.fast_forward(TURN_MS)

    expect(wall.locator("#card")).to_be_hidden()


def test_a_wall_screen_hides_its_pointer_when_nobody_moves_it(wall):
    wall.mouse.move(300, 300)
    expect(wall.locator(".kiosk-leave")).to_be_visible()

    wall.clock.fast_forward(5_000)

    expect(wall.locator(".kiosk-leave")).to_be_hidden()


def test_the_door_of_a_wall_screen_is_within_a_phone(wall):
    wall.set_viewport_size({"width": 320, "height": 640})
    wall.mouse.move(200, 300)

    door = wall.locator(".kiosk-leave").bounding_box()

    assert door["x"] >= 0
    assert door["x"] + door["width"] <= 320


def test_a_wall_screen_is_left_by_keyboard_too(wall):
    wall.clock.fast_forward(5_000)
    wall.keyboard.press("Tab")
    wall.locator(".kiosk-leave").focus()
    wall.keyboard.press("Enter")

    wall.wait_for_url("**/fleet/map")
    expect(wall.locator(".panel")).to_be_visible()


def test_a_wall_screen_starts_anew_once_a_day(wall):
    wall.evaluate("window.isOld = true")

    wall.clock.fast_forward(24 * 3_600_000 + 1_000)

    wall.wait_for_function("() => window.isOld === undefined")


def test_a_wall_screen_whose_session_ended_says_so_across_the_room(wall, fleet):
    wall.evaluate(
        """async () => {
            const form = document.querySelector('form[action="/logout"]');
            await fetch('/logout', {method: 'POST', body: new FormData(form)});
        }"""
    )
    says(wall, "signed-out")

    size = wall.locator("#banner-title").evaluate("one => getComputedStyle(one).fontSize")
    assert float(size.removesuffix("px")) >= 32


def test_d_puts_on_the_next_theme_and_it_is_remembered(page):
    button = page.locator("#theme-toggle")
    seen = {}
    for _press in range(3):
        page.keyboard.press("d")
        seen[page.evaluate(WORN)] = background(page, "#map")
    page.keyboard.press("d")
    page.reload()

    assert list(seen) == ["dark", "night", "light"]
    assert len(set(seen.values())) == 3
    assert page.evaluate(WORN) == "dark"
    expect(button).to_have_accessible_name("Dark colours. Next: red for a bridge at night (d)")


def test_the_page_follows_the_system_until_somebody_chooses(page):
    before = background(page, "#map")

    page.emulate_media(color_scheme="dark")

    assert background(page, "#map") != before


def test_the_bar_shows_the_readers_time_beside_utc(browser, fleet):
    desk = Desk(browser, fleet, timezone="Asia/Kolkata")
    page = desk.tab()

    here, utc = page.locator("#clock-here"), page.locator("#clock")
    expect(page.locator(".topbar-clock")).to_contain_text("GMT+5:30")
    expect(utc).to_have_attribute("datetime", here.get_attribute("datetime"))
    assert here.text_content() != utc.text_content()
    desk.close()
