"""A dispatcher's desk: a browser profile with its log-in, and tabs that show the map."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import urllib3
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.cast import Hull
from tests.journeys.fleet_server import FleetServer, wait_until

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield browser
        browser.close()


class Desk:
    """One profile; any error on any of its pages is written down in `faults`."""

    def __init__(
        self,
        browser: Browser,
        fleet: FleetServer,
        without: tuple[str, ...] = (),
        timezone: str | None = None,
    ) -> None:
        self.faults: list[str] = []
        self.fleet = fleet
        self.context: BrowserContext = browser.new_context(
            viewport=DESKTOP, timezone_id=timezone
        )
        for name in without:
            self.context.add_init_script(f"delete globalThis.{name};")
        self.context.on("page", self._watch)
        self.sign_in()

    def sign_in(self) -> None:
        name, _, value = self.fleet.log_in().partition("=")
        self.context.add_cookies([{"name": name, "value": value, "url": self.fleet.url}])

    def tab(self, state: str = "live") -> Page:
        page = self.context.new_page()
        page.goto(self.fleet.url + "/fleet/map")
        says(page, state)
        return page

    def tabs(self, count: int) -> list[Page]:
        return [self.tab() for _ in range(count)]

    def close(self) -> None:
        self.context.close()
        assert self.faults == []

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda line: note_fault(self.faults, line))
        page.on("request", lambda asked: self._note_stranger(asked.url))

    def _note_stranger(self, asked: str) -> None:
        if not asked.startswith((self.fleet.url, "data:", "blob:")):
            self.faults.append(f"asked another host: {asked}")


def note_fault(faults: list[str], line) -> None:
    """Errors and policy violations; a connection that a test cut is not the page's fault."""
    cut = "net::ERR" in line.text or line.text.startswith("Failed to load resource")
    if line.type == "error" and not cut:
        faults.append(line.text)


def says(page: Page, state: str, timeout_s: float = 15) -> None:
    """Wait until the page says that its connection is in this state."""
    pill = page.locator("#connection")
    expect(pill).to_have_attribute("data-state", state, timeout=timeout_s * 1000)


def shows(page: Page, vessel_id: UUID, latitude: float, timeout_s: float = 5) -> None:
    """Wait until the page has the vessel at this latitude."""
    page.wait_for_function(
        "([id, at]) => harbor.vessels().some((one) => one.id === id && one.latitude === at)",
        arg=[str(vessel_id), latitude],
        timeout=timeout_s * 1000,
    )


def trails(page: Page, vessel_id: UUID, sailed: list[float]) -> None:
    """Wait until the vessel's trail ends with these latitudes, oldest first."""

    def trail() -> list[float]:
        script = "id => harbor.trail(id).map((fix) => fix.latitude)"
        latitudes: list[float] = page.evaluate(script, str(vessel_id))
        return latitudes[-len(sailed) :]

    wait_until(lambda: trail() == sailed, 20, lambda: f"{trail()} is not {sailed}")


def freeze(page: Page, state: str = "frozen") -> None:
    """Put a page to sleep as Chromium does with tabs in the background, or wake it: active."""
    session = page.context.new_cdp_session(page)
    session.send("Page.setWebLifecycleState", {"state": state})
    session.detach()


def send(fleet: FleetServer, hull: Hull, report: dict[str, object]) -> None:
    """Post until it is kept, as trackers do: a reload may cut an idle connection."""

    def is_kept() -> bool:
        try:
            return fleet.post(hull, report).status in {200, 201}
        except urllib3.exceptions.HTTPError:
            return False

    wait_until(is_kept, 25, fleet.tail)
