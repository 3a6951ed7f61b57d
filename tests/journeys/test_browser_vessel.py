"""A dispatcher at a vessel's page, in a real Chromium, against a whole Harbor."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import gpxpy
import pytest
from playwright.sync_api import Page, expect

from tests.builders import moment, ping
from tests.cast import Hull
from tests.journeys.desk import DESKTOP, PHONE, Desk
from tests.journeys.fleet_server import FleetServer

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.timeout(90)]

KNOT_DEGREES = 1 / 60 / 3600
QUAY = 57.6 + 3600 * 8 * KNOT_DEGREES
CHOSEN = "() => harbor.pointed() !== null"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetServer]:
    """Vinga sailed north for an hour and lay at the quay for another."""
    server = FleetServer(tmp_path_factory.mktemp("harbor"))
    try:
        server.set_up()
        server.start()
        server.harbor("berth", "add", "Smögen", str(QUAY), "11.75")
        assert server.post(server.cast.vinga, voyage()).status == 201
        put_aside = ping(recorded_at=moment(4000), latitude=0.0, longitude=0.0)
        assert server.post(server.cast.vinga, put_aside).status == 200
        assert server.post(server.cast.hono, ping(recorded_at=moment(60))).status == 201
        yield server
    finally:
        server.tear_down()


def voyage() -> list[dict]:
    """Two hours until five minutes ago, a fix every ten seconds."""
    begin_s = 2 * 3600 + 300
    return [
        ping(
            recorded_at=moment(begin_s - at),
            latitude=57.6 + min(at, 3600) * 8 * KNOT_DEGREES,
            longitude=11.75,
            speed_knots=8.0 if at <= 3600 else 0.0,
            course_degrees=0.0,
        )
        for at in range(0, 7200, 10)
    ]


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(request, desk) -> Page:
    return opened(desk, size=request.param)


@pytest.fixture
def wide(desk) -> Page:
    return opened(desk)


def opened(desk: Desk, query: str = "", size=DESKTOP, hull: Hull | None = None) -> Page:
    page = desk.context.new_page()
    page.set_viewport_size(size)
    vessel_id = (hull or desk.fleet.cast.vinga).id
    page.goto(f"{desk.fleet.url}/fleet/vessels/{vessel_id}{query}")
    drawn(page)
    return page


def drawn(page: Page) -> None:
    """Wait until the track of the period is there."""
    page.wait_for_function("() => window.harbor && harbor.voyage() !== null", timeout=20_000)
    expect(page.locator("#voyage")).to_have_attribute("aria-busy", "false", timeout=20_000)


def at_chart(page: Page, part: float) -> None:
    """Point at a part of the chart's width."""
    chart = page.locator("#speed-chart")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] * part, box["y"] + box["height"] / 2)


def test_a_voyage_is_told_in_figures_and_its_stop_by_the_name_of_the_berth(page):
    figure = page.locator("[data-figure]")

    expect(page.locator("[data-figure=distance]")).to_have_text("8.0 nm")
    expect(page.locator("[data-figure=under-way]")).to_have_text("1 h")
    expect(page.locator("[data-figure=stops]")).to_have_text("1")
    assert figure.count() == 10
    row = page.locator("#stops-table tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Smögen")
    expect(row).to_contain_text("UTC")
    assert (
        page.evaluate("() => document.documentElement.scrollWidth")
        <= (page.viewport_size["width"])
    )


def test_pointing_at_the_chart_shows_the_same_fix_on_the_map(wide):
    at_chart(wide, 0.3)
    wide.wait_for_function(CHOSEN)
    early = wide.evaluate("() => harbor.pointed()")

    at_chart(wide, 0.45)

    wide.wait_for_function("before => harbor.pointed() > before", arg=early)
    expect(wide.locator(".chart-tip")).to_contain_text("8.0 kn")


def test_pointing_at_the_track_shows_the_same_fix_on_the_chart(wide):
    wide.locator("#track-map").scroll_into_view_if_needed()
    at = wide.evaluate("() => harbor.placeOf(120)")

    wide.mouse.move(at["x"] + 3, at["y"])

    wide.wait_for_function("() => Math.abs(harbor.pointed() - 120) < 4 && harbor.pointed()")
    expect(wide.locator(".chart-cursor")).to_be_visible()
    wide.mouse.move(5, 5)
    wide.wait_for_function("() => harbor.pointed() === null")


def test_by_keys_the_chart_goes_from_fix_to_fix_and_says_each_in_words(page):
    chart = page.locator("#speed-chart")
    chart.focus()

    page.keyboard.press("Home")
    expect(chart).to_have_attribute("aria-valuenow", "0")
    expect(chart).to_have_attribute("aria-valuetext", speaking("8.0 kn at"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(chart).to_have_attribute("aria-valuenow", "2")
    page.keyboard.press("End")
    expect(chart).to_have_attribute("aria-valuenow", "719")
    expect(chart).to_have_attribute("aria-valuetext", speaking("0.0 kn at"))
    page.keyboard.press("PageDown")
    expect(chart).to_have_attribute("aria-valuenow", "683")

    page.keyboard.press("Escape")

    expect(chart).to_have_attribute("aria-valuetext", "No fix chosen")


def speaking(beginning: str):
    return re.compile(f"^{re.escape(beginning)}.*UTC; .*N, .*E$")


def test_a_period_stands_in_the_address_and_back_leads_to_the_one_before(wide, desk):
    wide.get_by_role("link", name="6 h").click()
    wide.wait_for_url("**?last=6h")
    drawn(wide)
    expect(wide.get_by_role("link", name="6 h")).to_have_attribute("aria-current", "true")

    wide.get_by_role("link", name="7 d").click()
    wide.wait_for_url("**?last=7d")
    wide.go_back()

    wide.wait_for_url("**?last=6h")
    expect(wide.get_by_role("link", name="6 h")).to_have_attribute("aria-current", "true")


def test_an_own_period_is_asked_for_in_local_time_and_can_be_shared(page, desk):
    page.get_by_text("Own period").click()
    begin = datetime.now(UTC) - timedelta(hours=2)
    field = page.locator("#period-from")
    field.fill(local(page, begin))
    page.locator("#period-to").fill(local(page, begin + timedelta(minutes=30)))
    expect(page.locator("#period-from-utc")).to_contain_text(f"{begin:%Y-%m-%d %H:%M}:00 UTC")

    page.get_by_role("button", name="Show", exact=True).click()

    page.wait_for_url("**?from=*")
    page.wait_for_function("() => harbor.voyage().figures.fixes <= 180")
    shared = opened(desk, page.url.partition(str(desk.fleet.cast.vinga.id))[2])
    assert shared.evaluate("() => harbor.voyage().figures.fixes") in range(179, 182)


def local(page: Page, moment: datetime) -> str:
    script = """at => { const d = new Date(at);
        return new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 16) }"""
    return page.evaluate(script, moment.isoformat())


def test_an_own_period_that_makes_no_sense_is_refused_in_words(wide):
    wide.get_by_text("Own period").click()
    wide.locator("#period-from").fill("2026-05-04T12:00")
    wide.locator("#period-to").fill("2026-05-04T11:00")

    wide.locator("#period-form button").click()

    expect(wide.locator("#period-error")).to_have_text("From must be before to.")


def test_a_file_of_the_period_is_one_click_away(wide):
    wide.get_by_role("link", name="6 h").click()
    drawn(wide)

    with wide.expect_download() as coming:
        wide.get_by_role("link", name="GPX").click()

    assert coming.value.suggested_filename.startswith("Vinga_")
    with open(coming.value.path()) as file:
        gpx = gpxpy.parse(file)
    assert [len(one.points) for one in gpx.tracks[0].segments] == [720]


def test_choosing_a_stop_brings_the_map_there(wide):
    wide.get_by_role("button", name="Smögen").click()

    middle = """() => {
        const box = document.getElementById('track-map').getBoundingClientRect();
        const at = harbor.placeOf(700);
        const [across, down] = [box.x + box.width / 2, box.y + box.height / 2];
        return Math.hypot(at.x - across, at.y - down) < 30;
    }"""
    wide.wait_for_function(middle)


def test_what_was_put_aside_is_listed_in_words_with_its_place(wide):
    row = wide.locator("#doubts-table tbody tr")

    expect(row).to_have_count(1)
    expect(row).to_contain_text("At 0° 0°: the receiver had no fix")
    row.get_by_role("button").click()
    expect(wide.locator("#show-doubts")).to_be_checked()


def test_what_was_put_aside_is_told_in_the_readers_language(desk):
    german = {"name": "harbor_language", "value": "de", "url": desk.fleet.url}
    desk.context.add_cookies([german])
    page = opened(desk)

    why = page.locator("#doubts-table tbody td").first

    expect(why).to_have_text("Auf 0° 0°: der Empfänger hatte keine Position")


def test_the_speeds_can_be_read_as_a_table(wide):
    wide.get_by_text("Speeds as a table").click()

    rows = wide.locator("#speeds-table tbody tr")
    expect(rows.first).to_contain_text("8.0 kn")
    expect(rows.last).to_contain_text("0.0 kn")
    assert 10 <= rows.count() <= 50


def test_no_periods_name_is_cut_on_a_phone(desk):
    desk.context.add_cookies(
        [{"name": "harbor_language", "value": "de", "url": desk.fleet.url}]
    )
    page = opened(desk, size=PHONE)

    cut = page.locator(".segment, .own-period > .button").evaluate_all(
        "all => all.filter((one) => one.scrollWidth > one.clientWidth).length"
    )

    assert cut == 0
    expect(page.get_by_role("link", name="30 Tage")).to_be_in_viewport(ratio=1)


def test_the_chart_and_the_tables_are_in_the_readers_units(desk):
    opened(desk).evaluate("localStorage.setItem('harbor.units', 'metric')")
    page = opened(desk)

    at_chart(page, 0.2)

    expect(page.locator("[data-figure=distance]")).to_have_text("14.8 km")
    expect(page.locator("[data-tip=speed]")).to_have_text("14.8 km/h")
    expect(page.locator("#speed-unit")).to_have_text("km/h")
    expect(page.locator("#speed-chart")).to_have_attribute("aria-valuetext", re.compile("km/h"))


def test_the_newest_report_is_kept_live(desk, fleet):
    page = opened(desk, hull=fleet.cast.hono)  # Vinga's voyage stays as the others know it
    expect(page.locator("#connection")).to_have_attribute("data-state", "live", timeout=15_000)

    fleet.post(fleet.cast.hono, ping(latitude=57.71, longitude=11.75, speed_knots=6.5))

    expect(page.locator("[data-now=speed]")).to_have_text("6.5", timeout=5_000)
    expect(page.locator("[data-now=kind]")).to_have_text("Under way")


def test_the_link_to_the_map_selects_her_there(wide, fleet):
    wide.get_by_role("link", name="Show on the map").click()

    expect(wide.locator("#card-name")).to_have_text("Vinga", timeout=15_000)


def test_a_track_that_cannot_come_is_said_in_words(wide):
    refusal = json.dumps({"detail": "The database is away."})
    wide.route("**/track?*", lambda route: route.fulfill(status=503, body=refusal))

    wide.get_by_role("link", name="7 d").click()

    expect(wide.locator("#voyage-note")).to_contain_text("The database is away.")
