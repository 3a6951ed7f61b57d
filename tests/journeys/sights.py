"""Everything that a dispatcher can have before the eyes: one line for each, for all who look.

A new page, card, menu or mode gets its line here and is then looked at in every theme and
size: for accessibility, for the security policy, for strangers, for what is cut off.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from tests.journeys.desk import PHONE, says

Reach = Callable[[Page], object]


@dataclass(frozen=True, slots=True)
class Sight:
    """Where it is, who sees it, and how it is reached from there."""

    name: str
    path: str
    who: str
    reach: Reach = lambda page: page.wait_for_load_state("load")


AT_REST = """() => Promise.all(document.getAnimations()
  .filter((one) => one.effect?.getComputedTiming().endTime !== Infinity)
  .map((one) => one.finished.catch(() => null)))"""
"""A sheet that still rises covers for a moment what it will not cover."""
DISPATCHER, NEWCOMER, STRANGER = "dispatcher", "newcomer", "stranger"
"""With a fleet, with an empty fleet, and not logged in."""


def at_the_map(*steps: Reach) -> Reach:
    def reach(page: Page) -> None:
        says(page, "live")
        page.wait_for_selector("html[data-ready=true]")
        for step in steps:
            step(page)
        page.evaluate(AT_REST)

    return reach


def choose_a_vessel(page: Page) -> None:
    raise_list(page)
    page.locator("[data-vessel-id]").nth(1).click()
    expect(page.locator("#card")).to_be_visible()


def raise_list(page: Page) -> None:
    handle = page.locator("#sheet-handle")
    if handle.is_visible() and handle.get_attribute("aria-expanded") == "false":
        handle.click()


def search_in_vain(page: Page) -> None:
    raise_list(page)
    page.fill("#search", "no such vessel")
    expect(page.locator("#empty-list")).to_be_visible()


def open_help(page: Page) -> None:
    if page.viewport_size == PHONE:
        page.keyboard.press("?")
    else:
        page.click("#help-open")
    expect(page.locator("#help")).to_be_visible()


def open_menus(page: Page) -> None:
    """Every <details> that is not hidden, which is all of our menus."""
    for summary in page.locator("details > summary").all():
        if summary.is_visible():
            summary.evaluate("one => { one.parentElement.open = true; }")


def replay(page: Page) -> None:
    """At rest at its end, where everybody who ever reported is on the map."""
    page.keyboard.press("r")
    page.wait_for_function("() => harbor.replay().fixes > 0")
    page.locator("#replay-moment").press("End")


def go_to_her_page(page: Page) -> None:
    page.locator("#card a[href*='/fleet/vessels/']").click()
    page.wait_for_url("**/fleet/vessels/**")
    page.wait_for_selector("html[data-ready=true]")
    page.wait_for_selector("#voyage[aria-busy=false]")


def hear_alerts(page: Page) -> None:
    """One that goes on, and one of nobody's vessel that nobody knows the place of."""
    now = datetime.now(UTC).isoformat()
    common = {"recorded_at": now, "received_at": now}
    hers = {"kind": "man_overboard", "is_over": False, "text": "Person in the water"}
    whose = {"vessel_id": "018f0000-0000-7000-8000-000000000001", "name": "Vinga"}
    nobodys = {"kind": "distress", "is_over": True, "text": "", "vessel_id": None, "name": None}
    place = {"type": "Point", "coordinates": [11.8, 57.65]}
    features = [
        {"type": "Feature", "geometry": place, "properties": hers | whose | common},
        {"type": "Feature", "geometry": None, "properties": nobodys | common},
    ]
    page.route("**/fleet/alerts", lambda route: route.fulfill(json={"features": features}))
    page.reload()
    expect(page.locator(".alert")).to_have_count(2)
    page.unroute("**/fleet/alerts")


def be_refused(page: Page) -> None:
    page.fill("[name=username]", "dispatcher")
    page.fill("[name=password]", "wrong")
    page.click("button[type=submit]")
    expect(page.get_by_role("alert")).to_be_visible()


def leave_it_empty(page: Page) -> None:
    page.click("button[type=submit]")
    expect(page.get_by_role("alert")).to_be_visible()


ALL_SHOWN = "colour=speed&trails=all&vectors=12&grid=on"
MEASURED = "map=9/57.7/11.7&measure=57.7,11.5/57.7,11.9/57.5,11.9"

SIGHTS: tuple[Sight, ...] = (
    Sight("login", "/login", STRANGER),
    Sight("login refused", "/login", STRANGER, be_refused),
    Sight("login left empty", "/login", STRANGER, leave_it_empty),
    Sight("map", "/fleet/map", DISPATCHER, at_the_map()),
    Sight("map with every menu open", "/fleet/map", DISPATCHER, at_the_map(open_menus)),
    Sight("map with a card", "/fleet/map", DISPATCHER, at_the_map(choose_a_vessel)),
    Sight("map by speed with all trails", f"/fleet/map#{ALL_SHOWN}", DISPATCHER, at_the_map()),
    Sight("map with a measure", f"/fleet/map#{MEASURED}", DISPATCHER, at_the_map()),
    Sight("map with help", "/fleet/map", DISPATCHER, at_the_map(open_help)),
    Sight("list raised", "/fleet/map", DISPATCHER, at_the_map(raise_list)),
    Sight("list with nothing found", "/fleet/map", DISPATCHER, at_the_map(search_in_vain)),
    Sight("map without vessels", "/fleet/map", NEWCOMER, at_the_map()),
    Sight("replay", "/fleet/map", DISPATCHER, at_the_map(replay)),
    Sight("replay with a card", "/fleet/map", DISPATCHER, at_the_map(choose_a_vessel, replay)),
    Sight("vessel", "/fleet/map", DISPATCHER, at_the_map(choose_a_vessel, go_to_her_page)),
    Sight(
        "vessel with every menu open",
        "/fleet/map",
        DISPATCHER,
        at_the_map(choose_a_vessel, go_to_her_page, open_menus),
    ),
    Sight("map with alerts", "/fleet/map", DISPATCHER, at_the_map(hear_alerts)),
    Sight("wall screen", "/fleet/map?kiosk=1", DISPATCHER, at_the_map()),
    Sight("problem 404", "/fleet/nothing", DISPATCHER),
    Sight("problem 405", "/logout", DISPATCHER),
    Sight("problems", "/problems", STRANGER),
)
