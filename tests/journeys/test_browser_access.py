"""Every sight in every theme, on a desk and on a phone: axe, the security policy, the eye."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from harbor.runtime import Runtime
from harbor.store import users
from harbor.store.models import Fleet
from tests.builders import moment, ping
from tests.cast import PASSWORD, Hull
from tests.journeys.desk import DESKTOP, PHONE, note_fault
from tests.journeys.fleet_server import FleetServer
from tests.journeys.sights import DISPATCHER, NEWCOMER, SIGHTS, STRANGER, Sight
from tests.journeys.test_browser import hulls

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.timeout(90)]

AXE = Path(__file__).parents[2] / ".venv/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ONLY_COLOURS = ["color-contrast", "link-in-text-block"]
"""What another theme can break; the rest is the same page."""
THEMES = ("light", "dark", "night")
SIZES = {"desktop": DESKTOP, "phone": PHONE}
AGES_S = (0, 5, 30, 240, 400, 3600, 7200)
"""Some live, some late, some silent."""


def name_of(param: tuple[str, Sight]) -> str:
    size, sight = param
    return f"{sight.name.replace(' ', '-')}-{size}"


WATCH = """
globalThis.violations = [];
addEventListener("securitypolicyviolation", (event) =>
  violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
"""
PUT_ON = """theme => {
  document.documentElement.dataset.theme = theme;
  document.dispatchEvent(new Event("harbor:theme"));
}"""
RUN_AXE = """async ([tags, rules]) => {
  const runOnly = rules ? {type: "rule", values: rules} : {type: "tag", values: tags};
  const {violations} = await axe.run(document, {runOnly, resultTypes: ["violations"]});
  return violations.flatMap(({id, nodes}) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 120)} ${node.failureSummary ?? ""}`));
}"""
BRIGHTEST_BESIDES_RED = """async (url) => {
  const picture = await createImageBitmap(await (await fetch(url)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
  let worst = 0;
  for (let i = 0; i < data.length; i += 4)
    worst = Math.max(worst, Math.max(data[i + 1], data[i + 2]) - data[i] / 2);
  return worst;
}"""
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))"
"""The change is drawn with one, shown with the next."""
CUT_OFF = """() => {
  const found = [];
  const page = document.scrollingElement;
  if (page.scrollWidth > innerWidth) found.push(`page: ${page.scrollWidth} > ${innerWidth}`);
  for (const one of document.querySelectorAll("button, a.button, h1, h2, label, .pill")) {
    const box = one.getBoundingClientRect();
    if (!box.width || one.closest(".visually-hidden, [hidden], .skip")) continue;
    const style = getComputedStyle(one);
    const isEllipsis = [...one.querySelectorAll("*"), one].some(
      (part) => getComputedStyle(part).textOverflow === "ellipsis");
    if (!isEllipsis && one.scrollWidth > one.clientWidth + 1 && style.display !== "inline")
      found.push(`${one.outerHTML.slice(0, 90)}: ${one.scrollWidth} > ${one.clientWidth}`);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetServer]:
    """Twelve vessels, of which some are late, some silent and some have never reported."""
    server = FleetServer(tmp_path_factory.mktemp("harbor"))
    try:
        server.set_up(more=crew)
        server.start()
        for number, (hull, age_s) in enumerate(zip(server.hulls, AGES_S, strict=False)):
            at = {"latitude": 57.6 + number / 100, "longitude": 11.7 + number / 100}
            fix = ping(recorded_at=moment(age_s), speed_knots=number % 3 * 6.0, **at)
            assert server.post(hull, fix).status == 201
        yield server
    finally:
        server.tear_down()


def crew(runtime: Runtime, cast) -> list[Hull]:
    with runtime.database.session() as session:
        other = Fleet(name="Empty")
        session.add(other)
        session.flush()
        users.add(session, other.id, NEWCOMER, PASSWORD)
    return hulls(runtime, cast)


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as it stands, and what has gone wrong on it since it was opened."""

    page: Page
    faults: list[str]


class Onlooker:
    """One who looks at everything, as each of those who may, and writes down what is wrong."""

    def __init__(self, browser: Browser, fleet: FleetServer, size: str) -> None:
        self.fleet, self.faults = fleet, []
        self._pages = {
            who: self._page(browser, who, size) for who in (DISPATCHER, NEWCOMER, STRANGER)
        }

    def _page(self, browser: Browser, who: str, size: str) -> Page:
        context = browser.new_context(viewport=SIZES[size], has_touch=size == "phone")
        context.add_init_script(WATCH)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda line: note_fault(self.faults, line))
        page.on("request", lambda asked: self._note_stranger(asked.url))
        if who != STRANGER:
            sign_in(context, self.fleet, who)
        return page

    def _note_stranger(self, asked: str) -> None:
        if not asked.startswith((self.fleet.url, "data:", "blob:")):
            self.faults.append(f"asked another host: {asked}")

    def look_at(self, sight: Sight) -> Seen:
        page = self._pages[sight.who]
        page.goto("about:blank")
        self.faults.clear()
        page.goto(self.fleet.url + sight.path)
        sight.reach(page)
        return Seen(page, self.faults)

    def close(self) -> None:
        for page in self._pages.values():
            page.context.close()


def sign_in(context: BrowserContext, fleet: FleetServer, who: str) -> None:
    dispatcher = fleet.cast
    try:
        fleet.cast = replace(dispatcher, username=who)
        name, _, value = fleet.log_in().partition("=")
    finally:
        fleet.cast = dispatcher
    context.add_cookies([{"name": name, "value": value, "url": fleet.url}])


@pytest.fixture(scope="module")
def onlookers(browser, fleet) -> Iterator[dict[str, Onlooker]]:
    both = {size: Onlooker(browser, fleet, size) for size in SIZES}
    yield both
    for onlooker in both.values():
        onlooker.close()


@pytest.fixture(
    scope="module", params=[(size, one) for one in SIGHTS for size in SIZES], ids=name_of
)
def seen(request, onlookers) -> Seen:
    """One sight, reached once; every test below looks at it and leaves it as it was."""
    size, sight = request.param
    return onlookers[size].look_at(sight)


def test_no_sight_breaks_an_accessibility_rule_in_any_theme(seen):
    seen.page.evaluate(AXE.read_text())

    found = {}
    for theme in THEMES:
        seen.page.evaluate(PUT_ON, theme)
        rules = None if theme == "light" else ONLY_COLOURS
        found[theme] = seen.page.evaluate(RUN_AXE, [TAGS, rules])

    assert found == {theme: [] for theme in THEMES}


def test_no_sight_breaks_the_security_policy_or_asks_another_host(seen):
    assert seen.page.evaluate("violations") == []
    assert seen.faults == []


def test_the_bridge_at_night_sees_red_alone(seen, blank):
    seen.page.evaluate(PUT_ON, "night")
    seen.page.evaluate(TWO_FRAMES)
    picture = base64.b64encode(seen.page.screenshot(animations="disabled")).decode()

    other = blank.evaluate(BRIGHTEST_BESIDES_RED, f"data:image/png;base64,{picture}")

    assert other <= 12


def test_nothing_is_cut_off_on_the_narrowest_screen(seen):
    usual = seen.page.viewport_size
    seen.page.set_viewport_size({"width": 320, "height": 640})
    try:
        assert seen.page.evaluate(CUT_OFF) == []
    finally:
        seen.page.set_viewport_size(usual)


def test_nothing_is_cut_off_with_text_twice_as_large(seen):
    seen.page.evaluate("document.documentElement.style.fontSize = '200%'")
    try:
        assert seen.page.evaluate(CUT_OFF) == []
    finally:
        seen.page.evaluate("document.documentElement.style.fontSize = ''")


@pytest.fixture(scope="module")
def blank(browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()
