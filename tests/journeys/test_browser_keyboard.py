"""A dispatcher without a mouse, at the desk and on a phone with a keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.builders import moment, ping
from tests.journeys.desk import DESKTOP, PHONE, Desk, says
from tests.journeys.fleet_server import FleetServer, wait_until

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.timeout(90)]

STOPS_MAX = 80
SEEN = """() => {
    const focused = document.activeElement;
    const row = document.getElementById(focused.getAttribute("aria-activedescendant") ?? "");
    const target = row ?? focused;
    const {left, top, width, height} = target.getBoundingClientRect();
    const outline = getComputedStyle(target);
    const isRinged = outline.outlineStyle !== "none" && parseFloat(outline.outlineWidth) >= 1;
    const parts = [0.1, 0.5, 0.9];
    const points = parts.flatMap((x) => parts.map((y) => [left + width * x, top + height * y]));
    const isOnTop = points.some(([x, y]) => {
        const hit = document.elementFromPoint(x, y);
        return hit && (target.contains(hit) || hit.contains(target));
    });
    const name = target.id || target.getAttribute("aria-label") || target.textContent.trim();
    return {name, isSeen: isRinged && isOnTop};
}"""


@pytest.fixture(scope="module")
def fleet(fleet: FleetServer) -> FleetServer:
    for hull, latitude in ((fleet.cast.vinga, 57.63), (fleet.cast.hono, 57.69)):
        assert fleet.post(hull, ping(recorded_at=moment(5), latitude=latitude)).status == 201
    return fleet


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(request, browser: Browser, fleet: FleetServer) -> Iterator[Page]:
    desk = Desk(browser, fleet)
    page = desk.context.new_page()
    page.set_viewport_size(request.param)
    page.goto(fleet.url + "/fleet/map")
    says(page, "live")
    page.wait_for_selector("html[data-ready=true]")
    yield page
    desk.close()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def active(page: Page) -> str:
    """What the row says that the keys are on."""
    said = (
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))"
    )
    words: str = page.evaluate(f"{said}?.lastElementChild.textContent ?? ''")
    return words


def sees(page: Page) -> str:
    """That the focus can be seen (a sheet may have to move first), and on what it is."""
    wait_until(lambda: page.evaluate(SEEN)["isSeen"], 3, lambda: str(page.evaluate(SEEN)))
    return str(page.evaluate(SEEN)["name"])


def stops(page: Page) -> list[str]:
    """Everything that Tab comes to from the top of the page to its end, each of it seen."""
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    found: list[str] = []
    for _ in range(STOPS_MAX):
        press(page, "Tab")
        if page.evaluate("document.activeElement === document.body"):
            return found
        found.append(sees(page))
    raise AssertionError(f"Tab never leaves the page: {found}")


def test_a_dispatcher_logs_in_without_a_mouse(browser, fleet):
    page = browser.new_page()
    page.goto(fleet.url + "/")
    page.focus("[name=username]")
    page.keyboard.type(fleet.cast.username)
    press(page, "Tab")
    expect(page.locator("[name=password]")).to_be_focused()
    page.keyboard.type(fleet.cast.password)
    press(page, "Enter")

    page.wait_for_url("**/fleet/map**", wait_until="commit", timeout=30_000)
    says(page, "live", timeout_s=30)
    page.close()


def test_the_skip_link_leads_to_the_list_and_leaves_the_address_as_it_was(page):
    press(page, "Tab")
    assert sees(page) == "Skip to the list of vessels"

    press(page, "Enter")

    expect(page.locator("#fleet-list")).to_be_focused()
    assert active(page).startswith("Hönö, ")
    sees(page)
    assert "fleet-list" not in page.evaluate("location.hash")


def test_a_vessel_is_searched_read_followed_and_left_by_keys_alone(page):
    press(page, "/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("vinga")
    expect(page.locator("#fleet-count")).to_have_text("1 of 2 vessels")
    press(page, "ArrowDown")
    assert active(page).startswith("Vinga, ")
    sees(page)

    press(page, "Enter")
    expect(page.locator("#card")).to_be_focused()
    expect(page.locator("#card")).to_contain_text("Vinga")
    sees(page)
    press(page, "f")
    expect(page.locator("[data-action=follow]")).to_have_attribute("aria-pressed", "true")
    press(page, "Tab")
    sees(page)
    press(page, "Escape")

    expect(page.locator("#card")).to_be_hidden()
    expect(page.locator("#fleet-list")).to_be_focused()
    assert active(page).startswith("Vinga, ")
    sees(page)


def test_the_close_button_leads_back_to_the_row_too(page):
    page.focus("#fleet-list")
    press(page, "End", "Enter")
    expect(page.locator("#card")).to_be_focused()

    page.focus("[data-action=close]")
    press(page, "Enter")

    expect(page.locator("#fleet-list")).to_be_focused()
    assert active(page).startswith("Vinga, ")


def test_order_chips_and_view_are_changed_by_keys_and_the_count_is_said(page):
    page.focus("#order")
    press(page, "ArrowDown")
    expect(page.locator("#order")).to_have_value("speed")
    page.focus("[data-show=silent]")
    press(page, "Space")
    expect(page.locator("#list-said")).to_contain_text("No vessel is: Silent")
    press(page, "Space")
    expect(page.locator("#list-said")).to_have_text("2 vessels listed.")
    press(page, "n")
    expect(page.locator("#in-view")).to_have_attribute("aria-pressed", "true")
    press(page, "n")
    expect(page.locator("#in-view")).to_have_attribute("aria-pressed", "false")


def test_who_steps_on_with_j_and_k_hears_where_she_is(page):
    press(page, "j")
    expect(page.locator("#list-said")).to_contain_text("Hönö, ")
    press(page, "j")
    expect(page.locator("#list-said")).to_contain_text("Vinga, ")
    press(page, "k")
    expect(page.locator("#card-name")).to_have_text("Hönö")


def test_help_opens_over_the_page_and_gives_the_focus_back(page):
    page.focus("#fleet-list")
    press(page, "?")
    expect(page.locator("#help")).to_be_visible()
    assert page.evaluate("document.activeElement.closest('#help') !== null")

    press(page, "Escape")

    expect(page.locator("#help")).to_be_hidden()
    expect(page.locator("#fleet-list")).to_be_focused()


def test_tab_goes_through_the_page_in_its_order_and_the_focus_is_always_seen(page):
    found = stops(page)

    wanted = ["Skip to the list of vessels", "order", "search", "fleet-list", "map"]
    if page.viewport_size == DESKTOP:
        wanted.insert(3, "in-view")
    places = [next(at for at, name in enumerate(found) if name_is(name, one)) for one in wanted]
    assert places == sorted(places)


def test_no_stop_is_hidden_under_an_open_card(page):
    page.focus("#fleet-list")
    press(page, "Home", "Enter")
    expect(page.locator("#card")).to_be_focused()

    found = stops(page)

    assert "Close the card" in found


def name_is(name: str, wanted: str) -> bool:
    """A list stands for the row that its keys are on."""
    return name == wanted or (wanted == "fleet-list" and name.startswith("row-"))
