"""What the map shows and measures, by pointer, by key and by link, in a real Chromium."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from harbor.runtime import Runtime
from tests.builders import moment, ping
from tests.cast import Cast, Hull, add_hull
from tests.journeys.desk import PHONE, Desk, freeze, says, send, shows
from tests.journeys.fleet_server import FleetServer, running, wait_until

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.timeout(90)]

DRAWN_FOR_A_SECOND = """async ([id, longitude]) => {
    const drawn = [];
    let left = 10 * 60;
    while (left-- > 0) {
        await new Promise(requestAnimationFrame);
        drawn.push(Math.round(harbor.hullAt(id)?.x));
        const vessel = harbor.vessels().find((one) => one.id === id);
        if (vessel.longitude === longitude) left = Math.min(left, 60);
    }
    return drawn;
}"""
"""From now until a second after the position is known: where the hull was drawn, in pixels."""

STEP_S = 10
AGES_S = (20 * 60, *range(20 * 60 - 120, 5 * 60, -STEP_S), *range(60, 0, -STEP_S))
"""A gap of two minutes, then one of four: the rest is a fix in ten seconds."""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetServer]:
    """Vinga has sailed north for twenty minutes; Hönö lies to the east, Öckerö far off."""
    with running(tmp_path_factory.mktemp("harbor"), ockero, heartbeat_s=2) as server:
        track = [
            ping(recorded_at=moment(age_s), latitude=57.7 - age_s / 36_000, longitude=11.6)
            for age_s in AGES_S
        ]
        assert server.post(server.cast.vinga, track).status == 201
        at = {"latitude": 57.7, "longitude": 11.8, "speed_knots": 0.2}
        assert server.post(server.cast.hono, ping(recorded_at=moment(1), **at)).status == 201
        yield server


def ockero(runtime: Runtime, cast: Cast) -> list[Hull]:
    with runtime.database.session() as session:
        return [add_hull(runtime, session, cast.fleet_id, "Öckerö", "9262089", "265123458")]


def at_map(desk: Desk, link: str = "") -> Page:
    page = desk.context.new_page()
    page.goto(f"{desk.fleet.url}/fleet/map{link}")
    says(page, "live")
    page.wait_for_selector("html[data-ready=true]")
    return page


def has_in_its_address(page: Page, words: str) -> None:
    expect(page).to_have_url(re.compile(re.escape(words)), timeout=5_000)


def drag(page: Page) -> None:
    page.mouse.move(900, 700)
    page.mouse.down()
    page.mouse.move(960, 640, steps=5)
    page.mouse.up()


def test_a_page_that_was_just_opened_has_the_trails_of_the_last_half_hour(desk, fleet):
    page = at_map(desk)
    vinga = str(fleet.cast.vinga.id)

    page.wait_for_function("id => harbor.trail(id).length > 60", arg=vinga, timeout=15_000)

    assert page.evaluate("id => harbor.rhythm(id)", vinga) == pytest.approx(10_000, abs=100)
    recorded = page.evaluate("id => harbor.trail(id).map((fix) => fix.recordedAt)", vinga)
    assert recorded == sorted(recorded)


def test_a_page_that_slept_fills_the_hole_in_a_trail(desk, fleet):
    page = at_map(desk)
    vinga = str(fleet.cast.vinga.id)
    page.wait_for_function("id => harbor.trail(id).length > 60", arg=vinga, timeout=15_000)
    freeze(page)
    for age_s in (4, 2):
        at = {"latitude": 57.7, "longitude": 11.6}
        send(fleet, fleet.cast.vinga, ping(recorded_at=moment(age_s), **at))

    freeze(page, "active")

    shows(page, fleet.cast.vinga.id, 57.7, timeout_s=20)


def test_a_vessel_is_late_by_its_own_rhythm_and_the_card_says_which(desk, fleet):
    page = at_map(desk, f"#vessel={fleet.cast.vinga.id}")

    facts = page.locator("#card")
    expect(facts).to_contain_text("every 10 s", timeout=15_000)
    late = page.locator("#card[data-kind=late], #card[data-kind=silent]")
    expect(late).to_be_visible(timeout=60_000)
    expect(facts).to_contain_text("reports every 10 s")


def test_colours_trails_names_ways_and_grid_go_by_letter_and_stand_in_the_address(desk):
    page = at_map(desk)

    for letter, words in {
        "c": "colour=speed",
        "t": "trails=all",
        "l": "labels=off",
        "v": "vectors=6",
        "g": "grid=on",
    }.items():
        page.keyboard.press(letter)
        has_in_its_address(page, words)

    expect(page.locator("#legend")).to_have_attribute("data-colour", "speed")
    expect(page.locator(".graticule-edges")).to_be_visible()
    page.reload()
    says(page, "live")
    expect(page.locator("#legend")).to_have_attribute("data-colour", "speed")
    page.click(".layers summary")
    expect(page.get_by_label("All", exact=True).last).to_be_checked()
    expect(page.get_by_label("Names")).not_to_be_checked()


def test_the_popover_is_worked_by_keyboard_alone(desk):
    page = at_map(desk)

    page.locator(".layers summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    has_in_its_address(page, "colour=speed")
    page.keyboard.press("Escape")

    expect(page.locator("#map-options")).to_be_hidden()
    expect(page.locator(".layers summary")).to_be_focused()


def test_two_vessels_are_measured_from_the_list_by_keyboard_and_read_out(desk, fleet):
    page = at_map(desk, "#map=11/57.7/11.7")
    page.keyboard.press("m")

    for hull in (fleet.cast.hono, fleet.cast.vinga):
        page.locator("#search").fill(hull.name)
        page.locator("#search").press("Enter")

    expect(page.locator("#notice")).to_contain_text(re.compile(r"nm, bearing \d{3}° true"))
    expect(page.locator("#measure-legs li")).to_have_count(1)
    hono = next(
        one for one in page.evaluate("harbor.vessels()") if one["id"] == str(fleet.cast.hono.id)
    )
    has_in_its_address(page, f"measure={hono['latitude']:.5f},{hono['longitude']:.5f}/")


def test_units_are_chosen_once_and_hold_in_the_list_the_card_and_all_that_is_measured(
    desk, fleet
):
    page = at_map(desk, "#map=11/57.7/11.7&measure=57.7,11.6/57.7,11.7")
    row = page.locator(f"[data-vessel-id='{fleet.cast.vinga.id}']")
    expect(row.locator(".vessel-speed")).to_have_text("9.5 kn")
    page.locator(".layers summary").click()
    page.get_by_role("radio", name="km/h").check()

    expect(row.locator(".vessel-speed")).to_have_text("17.6 km/h")
    expect(page.locator("#measure-total")).to_have_text(re.compile(r"5\.9\d km"))
    expect(page.locator(".chart-scale-text")).to_have_text("2 km")
    expect(page.locator("#legend-rest")).to_have_text("below 0.9 km/h")
    expect(page.locator(".legend-bounds b").last).to_have_text("37 km/h")
    assert "metric" not in page.url
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    row.click()
    expect(page.locator("#card .card-numbers dd").first).to_have_text("17.6 km/h")
    other = at_map(desk)
    expect(other.locator(".vessel-speed").first).to_contain_text("km/h")
    other.locator(".layers summary").click()
    other.get_by_role("radio", name="mph").check()
    expect(row.locator(".vessel-speed")).to_have_text("10.9 mph")


def test_the_middle_of_the_map_is_measured_with_enter_and_escape_ends_it(desk):
    page = at_map(desk, "#map=11/57.7/11.7&measure=57.7,11.6")
    page.locator("#map").focus()

    page.keyboard.press("Enter")

    expect(page.locator("#measure-total")).to_have_text(re.compile(r"3\.2[01] nm"))
    page.keyboard.press("Escape")
    expect(page.locator("#measure-panel")).to_be_hidden()
    expect(page).not_to_have_url(re.compile("measure="))


def test_a_click_measures_the_vessel_below_it_and_selects_nobody(desk, fleet):
    page = at_map(desk, "#map=11/57.7/11.7&measure=57.7,11.6")
    hull = page.evaluate("id => harbor.hullAt(id)", str(fleet.cast.hono.id))
    box = page.locator("#map").bounding_box()

    page.mouse.click(box["x"] + hull["x"] + 3, box["y"] + hull["y"])

    expect(page.locator("#measure-legs")).to_contain_text(fleet.cast.hono.name)
    expect(page.locator("#card")).to_be_hidden()


def test_a_measured_place_is_written_in_full(desk):
    page = at_map(desk, "#measure=57.60000,11.60000/57.70000,11.80000")

    place = page.locator("#measure-legs li > span").first
    expect(place).to_contain_text(re.compile("57° 42.000. N 011° 48.000. E"))
    assert place.evaluate("({scrollWidth, clientWidth}) => scrollWidth <= clientWidth")


def test_a_link_to_a_vessel_that_is_not_on_the_map_says_so(desk):
    page = at_map(desk, "#vessel=00000000-0000-7000-8000-000000000000&follow=on")

    expect(page.get_by_text("The vessel of this link is not on the map.")).to_be_visible()
    page.wait_for_function("() => !location.hash.includes('vessel')")


def test_following_stands_in_the_address_and_says_why_it_ended(desk, fleet):
    page = at_map(desk, f"#vessel={fleet.cast.hono.id}&follow=on")
    follow = page.locator("[data-action=follow]")
    expect(follow).to_have_attribute("aria-pressed", "true")

    drag(page)

    expect(page.locator("#notice")).to_contain_text("the map was moved")
    expect(follow).to_have_attribute("aria-pressed", "false")
    expect(page).not_to_have_url(re.compile("follow="))


def test_a_link_goes_on_following_a_vessel_that_was_silent_before_it_was_opened(desk, fleet):
    [ockero] = fleet.hulls
    at = {"latitude": 57.2, "longitude": 11.2}
    track = [ping(recorded_at=moment(age_s), **at) for age_s in range(90, 60, -5)]
    assert fleet.post(ockero, track).status == 201
    page = at_map(desk, f"#vessel={ockero.id}&follow=on")

    page.wait_for_function(
        """id => harbor.vessels().some((one) => one.id === id && one.state === "silent")""",
        arg=str(ockero.id),
    )

    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(page.locator("[data-action=follow]")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("way", ["paused", "reduced"])
def test_nothing_glides_when_motion_is_paused_or_reduced(desk, fleet, way):
    page = desk.context.new_page()
    page.emulate_media(reduced_motion="reduce" if way == "reduced" else "no-preference")
    page.goto(f"{fleet.url}/fleet/map#map=12/57.7/11.75{'&motion=off' * (way == 'paused')}")
    says(page, "live")
    hono = fleet.cast.hono
    for longitude in (11.78, 11.782):
        send(fleet, hono, ping(latitude=57.71, longitude=longitude, speed_knots=4))
    before = page.evaluate(DRAWN_FOR_A_SECOND, [str(hono.id), 11.782])[-1]

    send(fleet, hono, ping(latitude=57.71, longitude=11.79, speed_knots=4))

    drawn = page.evaluate(DRAWN_FOR_A_SECOND, [str(hono.id), 11.79])
    assert set(drawn) <= {before, drawn[-1]}
    assert drawn[-1] - before == pytest.approx(0.008 / 360 * 256 * 2**12, abs=1)


def test_the_pointer_reads_its_position_in_degrees_and_decimal_minutes(desk):
    page = at_map(desk, "#map=12/57.7/11.7")
    expect(page.locator(".cursor-place")).to_be_hidden()
    box = page.locator("#map").bounding_box()

    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(box["x"] + box["width"] / 2 + 1, box["y"] + box["height"] / 2)

    place = page.locator(".cursor-place")
    expect(place).to_contain_text(re.compile(r"57° 4[12]\.\d{3}. N  011° 4[12]\.\d{3}. E"))
    page.mouse.move(10, 10)
    expect(place).to_be_hidden()
    page.locator("#map").focus()
    page.keyboard.press("ArrowRight")
    expect(place).to_contain_text("Middle of the map")


CONTRASTS = """() => {
  const probe = document.body.appendChild(document.createElement("i"));
  const light = (role) => {
    probe.style.color = `color-mix(in srgb, var(--${role}), var(--${role}))`;
    const [r, g, b] = getComputedStyle(probe).color.match(/[\\d.]+/g).map(Number)
      .map((part) => (part > 1 ? part / 255 : part))
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((one, other) => one - other);
    return (high + 0.05) / (low + 0.05);
  };
  const grounds = ["map-water", "map-land"];
  const best = grounds.map((on) => Math.max(ratio("hull-outline", on), ratio("hull-halo", on)));
  const late = ratio("kind-late", "hull-core-late");
  const sides = ["kind-silent", "hull-outline"];
  const silent = Math.max(...sides.map((side) => ratio(side, "hull-core-silent")));
  probe.remove();
  return {best: Math.min(...best), late, silent};
}"""


@pytest.mark.parametrize("theme", ["light", "dark", "night"])
def test_a_hull_stands_out_from_water_and_land_in_every_theme(desk, theme):
    page = at_map(desk)
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)

    contrasts = page.evaluate(CONTRASTS)

    assert contrasts["best"] >= 3
    assert contrasts["late"] >= 1.9
    assert contrasts["silent"] >= 3


def test_a_gap_is_known_to_the_trail_that_has_one(desk, fleet):
    page = at_map(desk)
    script = """id => {
        const fixes = harbor.trail(id);
        return fixes.slice(1).map((fix, i) => fix.recordedAt - fixes[i].recordedAt);
    }"""
    vinga = str(fleet.cast.vinga.id)

    def has_gaps() -> bool:
        return len([one for one in page.evaluate(script, vinga) if one > 50_000]) >= 1

    wait_until(has_gaps, 15)


def test_the_card_of_a_phone_leaves_the_credits_of_the_map_to_be_seen(desk, fleet):
    page = at_map(desk, f"#vessel={fleet.cast.vinga.id}")

    page.set_viewport_size(PHONE)

    page.wait_for_function("""() => {
        const of = (selector) => document.querySelector(selector).getBoundingClientRect();
        const [credits, card] = [of(".leaflet-control-attribution"), of("#card")];
        return card.height > 0 && credits.bottom <= card.top && credits.top > 100;
    }""")
