"""A dispatcher's browser at the map: what its scripts cost, and how it pans."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench.map.page import FLAGS
from bench.map.trace import CATEGORIES, Frames, frames_of

MARKS = Path(__file__).with_name("marks.js")
ASK_FOR_FRAMES = """() => {
  const ask = () => { globalThis.asked = requestAnimationFrame(ask); };
  ask();
}"""


class Desk:
    """One page that shows the fleet."""

    def __init__(self, browser: Browser, page: Page) -> None:
        self.page = page
        self._browser = browser
        self._session: CDPSession = page.context.new_cdp_session(page)

    def wait_for(self, vessels: int, timeout_s: float = 60) -> None:
        asked = "(count) => window.harbor?.vessels().length >= count"
        self.page.wait_for_function(asked, arg=vessels, timeout=timeout_s * 1000)
        self.page.wait_for_selector("html[data-ready=true]", timeout=timeout_s * 1000)
        self.page.evaluate(MARKS.read_text("utf-8"))

    def watch(self, seconds: float) -> Frames:
        """Nobody touches anything."""
        self._begin()
        self.page.wait_for_timeout(seconds * 1000)
        return self._end()

    def pan(self, seconds: float) -> Frames:
        """The mouse drags the map about, and a frame is asked for whenever one was made.

        By itself a page that holds still makes one for each move of the mouse, and Playwright
        moves it forty times a second: that would say nothing of the page.
        """
        mouse = self.page.mouse
        mouse.move(900, 500)
        mouse.down()
        self.page.evaluate(ASK_FOR_FRAMES)
        self._begin()
        self._swing(seconds)
        frames = self._end()
        self.page.evaluate("cancelAnimationFrame(globalThis.asked)")
        mouse.up()
        return frames

    def _swing(self, seconds: float) -> None:
        began, step = time.monotonic(), 0
        while time.monotonic() - began < seconds:
            step += 1
            swing = abs(step % 80 - 40)
            self.page.mouse.move(900 + swing * 6 - 120, 500 + swing * 3 - 60)

    def heap_mb(self) -> float:
        """After a collection: objects, and the numbers in arrays beside them."""
        self._session.send("HeapProfiler.collectGarbage")
        used = self._session.send("Runtime.getHeapUsage")
        return float(used["usedSize"] + used.get("backingStorageSize", 0)) / 1e6

    def _begin(self) -> None:
        self._browser.start_tracing(page=self.page, categories=CATEGORIES)

    def _end(self) -> Frames:
        return frames_of(self._browser.stop_tracing())


@contextmanager
def seated(url: str, cookie: str) -> Iterator[Desk]:
    """A browser whose page of the map is open."""
    name, _, value = cookie.partition("=")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": name, "value": value, "url": url}])
        page = context.new_page()
        page.goto(f"{url}/fleet/map", timeout=60_000)
        yield Desk(browser, page)
        browser.close()
