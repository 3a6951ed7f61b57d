"""The list of vessels at its sizes: none, a few, and ten thousand, by eye, key and ear."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.builders import moment
from tests.journeys.desk import DESKTOP, Desk, says
from tests.journeys.fleet_server import FleetServer, wait_until
from tests.journeys.spoken_stream import OPENING, SPOKEN_STREAM, hear

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.timeout(90)]

MANY = 10_000
BERTHS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "id": "majnabbe",
            "geometry": {"type": "Point", "coordinates": [11.91, 57.69]},
            "properties": {"name": "Majnabbe", "radius_metres": 200},
        }
    ],
}
OPTIONS = "#fleet-list > [role=option]"


@pytest.fixture
def desk(browser: Browser, fleet: FleetServer) -> Iterator[Desk]:
    desk = Desk(browser, fleet, without=("SharedWorker", "BroadcastChannel"))
    desk.context.add_init_script(SPOKEN_STREAM)
    desk.context.route("**/fleet/berths", lambda route: route.fulfill(json=BERTHS))
    yield desk
    desk.close()


def at_the_list(desk: Desk, vessels: list[dict[str, Any]], hash_: str = "") -> Page:
    page = desk.context.new_page()
    page.set_viewport_size(DESKTOP)
    page.goto(f"{desk.fleet.url}/fleet/map{hash_}")
    says(page, "connecting")
    page.wait_for_function("() => 'hear' in globalThis")
    hear(page, OPENING % ",".join(json.dumps(one) for one in vessels))
    page.wait_for_selector("html[data-ready=true]")
    return page


def vessel(
    name: str, latitude: float = 57.65, longitude: float = 11.7, **known: object
) -> dict[str, Any]:
    properties = {"name": name, "recorded_at": moment(), "state": "live"} | known
    geometry = {"type": "Point", "coordinates": [longitude, latitude]}
    return {"type": "Feature", "id": name, "geometry": geometry, "properties": properties}


def report(page: Page, feature: dict[str, Any]) -> None:
    hear(page, f"event: position\ndata: {json.dumps(feature)}\n\n")


def listed(page: Page, *names: str) -> None:
    """Wait until these are listed, in this order; the cast of the server are bystanders."""

    def found() -> list[str]:
        ids: list[str] = page.evaluate("harbor.listed()")
        return [one for one in ids if not re.fullmatch(r"[0-9a-f-]{36}", one)]

    wait_until(lambda: found() == list(names), 10, lambda: f"{found()} is not {names}")


def active(page: Page) -> str:
    """What the row says that the keys are on."""
    said = (
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))"
    )
    words: str = page.evaluate(f"{said}?.lastElementChild.textContent ?? ''")
    return words


def some_fleet() -> list[dict[str, Any]]:
    return [
        vessel("Göteborg Express", 57.70, 11.90, speed_knots=12, imo_number="9512305"),
        vessel("Hönö Klara", 57.60, 11.60, speed_knots=0, mmsi="265990295"),
        vessel("Älvfrakt", 57.68, 11.75, speed_knots=7, state="late", call_sign="SBQP"),
    ]


@pytest.fixture
def page(desk: Desk) -> Page:
    """A small fleet at the desk."""
    return at_the_list(desk, some_fleet(), "#map=10/57.65/11.75")


@pytest.fixture
def crowded(desk: Desk) -> Page:
    """Ten thousand vessels, of which the browser holds the rows that are looked at."""
    names = [f"Ship {number:05}" for number in range(MANY)]
    page = at_the_list(desk, [vessel(name, speed_knots=5) for name in names])
    page.wait_for_function("(many) => harbor.listed().length > many", arg=MANY)
    return page


def test_ten_thousand_vessels_are_listed_with_the_rows_of_some_thirty(crowded):
    expect(crowded.locator(OPTIONS).first).to_be_visible()

    rows = crowded.locator(OPTIONS)
    assert rows.count() < 60
    height = crowded.evaluate("document.getElementById('fleet-scroll').scrollHeight")
    assert height == pytest.approx((MANY + 2) * 61, abs=2)
    crowded.evaluate("document.getElementById('fleet-scroll').scrollTop = 61 * 5000")
    box = crowded.locator("#fleet-scroll").bounding_box()
    under = "([x, y]) => document.elementFromPoint(x, y).closest('[role=option]')?.dataset.name"
    at = [box["x"] + 100, box["y"] + 100]
    wait_until(
        lambda: re.fullmatch(r"Ship 0(4999|500\d)", crowded.evaluate(under, at) or ""), 5
    )
    assert rows.count() < 60


def test_keys_walk_through_the_whole_fleet_and_the_row_they_are_on_is_never_recycled(crowded):
    crowded.focus("#search")
    crowded.keyboard.press("ArrowDown")
    crowded.keyboard.press("End")
    assert active(crowded).startswith("Vinga,")
    crowded.keyboard.press("PageUp")
    crowded.keyboard.press("Home")
    crowded.keyboard.press("ArrowDown")
    before = active(crowded)

    crowded.evaluate("document.getElementById('fleet-scroll').scrollTop = 61 * 7000")
    row = crowded.locator(f"{OPTIONS}[aria-posinset='7005']")
    row.wait_for()

    assert active(crowded) == before
    crowded.keyboard.press("ArrowDown")
    expect(row).to_have_count(0)
    assert active(crowded) != before


def test_the_accessibility_tree_has_a_list_box_whose_rows_know_their_place(crowded):
    crowded.focus("#fleet-list")
    session = crowded.context.new_cdp_session(crowded)

    nodes = session.send("Accessibility.getFullAXTree")["nodes"]

    box = next(one for one in nodes if one["role"]["value"] == "listbox")
    properties = {one["name"]: one["value"] for one in box["properties"]}
    assert box["name"]["value"] == "Vessels"
    assert properties["focused"]["value"]
    named = {one["nodeId"]: one for one in nodes}
    [pointed] = properties["activedescendant"]["relatedNodes"]
    active_node = next(
        one for one in nodes if one.get("backendDOMNodeId") == pointed["backendDOMNodeId"]
    )
    assert active_node["name"]["value"].startswith("Hönö, Silent, never seen, speed unknown")
    options = [named[child] for child in box["childIds"] if child in named]
    assert {one["role"]["value"] for one in options} == {"option"}
    places = "[...document.querySelectorAll('[role=option]')].map((row) => row.ariaPosInSet)"
    assert crowded.evaluate(places) == [str(1 + at) for at in range(len(options))]
    expect(crowded.locator(OPTIONS).first).to_have_attribute("aria-setsize", str(MANY + 2))


def test_a_report_is_not_read_out_but_a_vessel_that_falls_late_is(page):
    page.evaluate("document.getElementById('fleet-list').focus()")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    before = active(page)
    assert before.startswith("Göteborg Express, Under way, seen ")

    report(page, vessel("Göteborg Express", 57.71, 11.91, speed_knots=13.5))

    row = page.locator(f"{OPTIONS}[data-name='Göteborg Express']")
    expect(row).to_contain_text("13.5")
    assert active(page) == before
    assert page.text_content("#list-said") == ""
    report(page, vessel("Göteborg Express", 57.71, 11.91, speed_knots=13.5, state="late"))
    wait_until(lambda: active(page).startswith("Göteborg Express, Late,"), 5)


def test_a_row_says_all_that_the_map_shows_of_a_vessel(page):
    one = {"course_degrees": 213, "heading_degrees": 210, "speed_knots": 8.2}
    report(page, vessel("Tärnan", 57.6802, 11.7002, **one))
    page.fill("#search", "tarnan")
    listed(page, "Tärnan")

    page.keyboard.press("ArrowDown")

    assert re.fullmatch(
        r"Tärnan, Under way, seen \d+ s ago, at \d\d:\d\d:\d\d, 8.2 knots, course 213°, "
        r"heading 210°, 57° 40.812\u2032 N, 011° 42.012\u2032 E",
        active(page),
    )


def test_a_search_needs_no_diacritics_marks_what_it_found_and_says_how_many(page):
    page.fill("#search", "goteborg")

    listed(page, "Göteborg Express")
    expect(page.locator(f"{OPTIONS} mark")).to_have_text(["Göteborg"])
    expect(page.locator("#fleet-count")).to_have_text("1 of 5 vessels")
    expect(page.locator("#list-said")).to_have_text("1 vessel listed.")
    expect(page.locator("[data-show=all] [data-count]")).to_have_text("1")
    expect(page.locator("[data-show=late] [data-count]")).to_have_text("0")
    page.wait_for_function("() => location.hash.includes('q=goteborg')")


@pytest.mark.parametrize(
    ("typed", "name", "shown"),
    [("9512", "Göteborg Express", "IMO 9512305"), ("265 990", "Hönö Klara", "MMSI 265990295"),
     ("sbq", "Älvfrakt", "Call sign SBQP")],
)  # fmt: skip
def test_a_number_that_found_a_vessel_is_shown_in_her_row(page, typed, name, shown):
    page.fill("#search", typed)

    listed(page, name)
    expect(page.locator(f"{OPTIONS} .vessel-number")).to_have_text(shown)
    expect(page.locator(f"{OPTIONS} .vessel-number mark").first).to_be_visible()


def test_a_name_in_the_list_is_text_and_never_markup(page):
    report(page, vessel("<img src=x onerror=alert(1)> Göta"))
    page.fill("#search", "img gota")

    listed(page, "<img src=x onerror=alert(1)> Göta")
    assert page.locator(f"{OPTIONS} img").count() == 0
    expect(page.locator(f"{OPTIONS} mark")).to_have_text(["img", "Göta"])


def test_chips_show_one_kind_and_count_all_of_them(page):
    page.click("[data-show=late]")

    listed(page, "Älvfrakt")
    counts = page.locator(".chip [data-count]")
    expect(counts).to_have_text(["5", "1", "1", "1", "2"])
    page.click("[data-show=late]")
    listed(page, "Älvfrakt", "Göteborg Express", "Hönö Klara")


def test_distances_are_from_the_maps_middle_until_a_pointer_is_on_the_map(page):
    page.select_option("#order", "cursor")

    listed(page, "Älvfrakt", "Hönö Klara", "Göteborg Express")
    chosen = page.locator("#order option:checked")
    expect(chosen).to_have_text("Distance to map centre")
    expect(page.locator(f"{OPTIONS} .vessel-distance").first).to_contain_text("nm")
    hull = page.evaluate("harbor.hullAt('Göteborg Express')")
    box = page.locator("#map").bounding_box()
    page.mouse.move(box["x"] + hull["x"], box["y"] + hull["y"])
    listed(page, "Göteborg Express", "Älvfrakt", "Hönö Klara")
    expect(chosen).to_have_text("Distance to cursor")


def test_distances_to_a_berth_are_offered_by_its_name(page):
    page.select_option("#order", label="Distance to Majnabbe")

    listed(page, "Göteborg Express", "Älvfrakt", "Hönö Klara")
    expect(page.locator(f"{OPTIONS} .vessel-distance").first).to_have_text("0.7 nm")
    page.wait_for_function("() => location.hash.includes('sort=berth&berth=majnabbe')")


def test_without_berths_no_distance_to_one_is_offered(desk):
    desk.context.unroute("**/fleet/berths")
    desk.context.route("**/fleet/berths", lambda route: route.fulfill(status=404))

    page = at_the_list(desk, some_fleet())

    expect(page.locator("#order option")).to_have_count(4)


def test_in_view_only_follows_the_map(page):
    page.keyboard.press("n")
    expect(page.locator("#in-view")).to_have_attribute("aria-pressed", "true")
    listed(page, "Älvfrakt", "Göteborg Express", "Hönö Klara")

    page.evaluate("location.hash = '#map=13/57.70/11.90&inview=1'")

    listed(page, "Göteborg Express")
    page.evaluate("location.hash = '#map=13/57.70/-348.10&inview=1'")
    listed(page, "Göteborg Express")


def test_a_link_brings_back_what_was_asked_of_the_list(desk):
    page = at_the_list(desk, some_fleet(), "#q=%C3%B6&show=late&sort=berth&berth=majnabbe")
    listed(page)
    page.evaluate("location.hash = '#q=%C3%B6&sort=berth&berth=majnabbe'")

    listed(page, "Göteborg Express", "Hönö Klara")
    expect(page.locator("#search")).to_have_value("ö")
    expect(page.locator("#order option:checked")).to_have_text("Distance to Majnabbe")


@pytest.mark.parametrize(
    ("hash_", "title", "detail"),
    [
        ("#q=xyz", "No vessel found for “xyz”", "a part of it is enough"),
        ("#show=stopped&q=express", "No vessel found for “express”", "a part of it"),
        ("#map=12/10/10&inview=1", "No vessel in view", "Move the map, or list all"),
    ],
)
def test_an_empty_list_says_why_and_what_to_do(desk, hash_, title, detail):
    page = at_the_list(desk, some_fleet(), hash_)

    expect(page.locator("#empty-title")).to_have_text(title)
    expect(page.locator("#empty-detail")).to_contain_text(detail)
    page.click("#clear-filter")
    listed(page, "Älvfrakt", "Göteborg Express", "Hönö Klara")
    expect(page.locator("#search")).to_be_focused()
    expect(page.locator("#empty-list")).to_be_hidden()


def test_vessels_that_never_reported_stay_listed_when_the_snapshot_comes(page):
    names = page.locator(f"{OPTIONS} .vessel-name").all_text_contents()

    assert {"Vinga", "Hönö"} <= set(names)


def test_rows_rest_under_a_pointer_and_are_sorted_again_when_it_has_gone(page):
    page.select_option("#order", "speed")
    listed(page, "Göteborg Express", "Älvfrakt", "Hönö Klara")

    page.hover(f"{OPTIONS} >> nth=1")
    report(page, vessel("Hönö Klara", 57.6, 11.6, speed_knots=20))

    row = page.locator(f"{OPTIONS}[data-name='Hönö Klara']")
    expect(row).to_contain_text("20.0")
    listed(page, "Göteborg Express", "Älvfrakt", "Hönö Klara")
    page.mouse.move(900, 500)
    wait_until(lambda: nudge(page)[0] == "Hönö Klara", 15)


def nudge(page: Page) -> list[str]:
    """Another report, and who is listed then."""
    report(page, vessel("Hönö Klara", 57.6, 11.6, speed_knots=20))
    ids: list[str] = page.evaluate("harbor.listed()")
    return ids
