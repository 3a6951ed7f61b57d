"""A dispatcher's browser at the map: what its scripts cost, and how it pans."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.load import percentile
from bench.map.page import FLAGS

WATCH = Path(__file__).with_name("watch.js")
SCRIPT_LEAST_MS = 0.05
"""A frame in which less ran than this had nothing to do; it would only flatter the others."""


@dataclass(frozen=True, slots=True)
class Frames:
    """Of a stretch of time: how long scripts ran between frames that had any to run, and how
    long drawing took of it in those that drew."""

    seconds: float
    count: int
    script_ms: tuple[float, ...]
    draw_ms: tuple[float, ...]

    @property
    def per_second(self) -> float:
        return round(self.count / self.seconds, 1)

    def script(self, share: float) -> float:
        return percentile(self.script_ms, share)

    def draw(self, share: float) -> float:
        return percentile(self.draw_ms, share)

    @property
    def script_share(self) -> float:
        return round(sum(self.script_ms) / 1000 / self.seconds, 3)


class Desk:
    """One page that shows the fleet."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self.page = page
        self._session = session

    def wait_for(self, vessels: int, timeout_s: float = 60) -> None:
        asked = "(count) => window.harbor?.vessels().length >= count"
        self.page.wait_for_function(asked, arg=vessels, timeout=timeout_s * 1000)
        self.page.wait_for_selector("html[data-ready=true]", timeout=timeout_s * 1000)
        self.page.evaluate("benchDrawing()")

    def watch(self, seconds: float) -> Frames:
        """Nobody touches anything."""
        self._forget()
        self.page.wait_for_timeout(seconds * 1000)
        return self._frames()

    def pan(self, seconds: float) -> Frames:
        """The mouse drags the map about."""
        mouse, began = self.page.mouse, time.monotonic()
        mouse.move(900, 500)
        mouse.down()
        self._forget()
        step = 0
        while time.monotonic() - began < seconds:
            step += 1
            swing = abs(step % 80 - 40)
            mouse.move(900 + swing * 6 - 120, 500 + swing * 3 - 60)
        frames = self._frames()
        mouse.up()
        return frames

    def heap_mb(self) -> float:
        """After a collection: objects, and the numbers in arrays beside them."""
        self._session.send("HeapProfiler.collectGarbage")
        used = self._session.send("Runtime.getHeapUsage")
        return float(used["usedSize"] + used.get("backingStorageSize", 0)) / 1e6

    def _forget(self) -> None:
        self.page.evaluate("for (const one of Object.values(benchFrames)) one.length = 0")

    def _frames(self) -> Frames:
        told = self.page.evaluate("({...benchFrames})")
        at_ms, script_ms = told["at_ms"], told["script_ms"]
        busy = tuple(one for one in script_ms if one >= SCRIPT_LEAST_MS)
        drawn = tuple(one for one in told["draw_ms"] if one >= SCRIPT_LEAST_MS)
        return Frames((at_ms[-1] - at_ms[0]) / 1000, len(at_ms) - 1, busy, drawn)


@contextmanager
def seated(url: str, cookie: str) -> Iterator[Desk]:
    """A browser whose page of the map is open."""
    name, _, value = cookie.partition("=")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": name, "value": value, "url": url}])
        page = context.new_page()
        page.add_init_script(path=WATCH)
        page.goto(f"{url}/fleet/map", timeout=60_000)
        yield Desk(page, context.new_cdp_session(page))
        browser.close()
