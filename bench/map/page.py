"""The map page as a browser first meets it: its weight, and how soon it is useful."""

from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
TRIES = 3
QUIET_MS = 2_000
"""After the fleet shows, what is asked for late still comes: the rest of the chart."""
NOTE_WHEN_READY = """
new MutationObserver((_, observer) => {
  if (document.documentElement?.dataset.ready !== "true") return;
  globalThis.readyAt = performance.now();
  observer.disconnect();
}).observe(document, {attributes: true, subtree: true, attributeFilter: ["data-ready"]});
"""
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def measure_page(url: str, cookie: str) -> dict[str, float]:
    """Open the page with an empty cache a few times; `cookie` is `name=value` of a session.

    first_paint_ms: the list of vessels with their positions is on the screen.
    fleet_drawn_ms: so is the fleet on the chart, as of the stream's snapshot.
    page_kb_gzip: all that came over the wire but the stream, headers included.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        visits = [visit(browser, url, cookie) for _ in range(TRIES)]
        browser.close()
    return {name: round(median(one[name] for one in visits), 1) for name in visits[0]}


def visit(browser: Browser, url: str, cookie: str) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    name, _, value = cookie.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": url}])
    page = context.new_page()
    page.add_init_script(NOTE_WHEN_READY)
    sizes = weigh(page)
    page.goto(url)
    page.wait_for_function("() => globalThis.readyAt > 0", timeout=60_000)
    page.wait_for_timeout(QUIET_MS)
    found = {
        "page_kb_gzip": sum(sizes) / 1_000,
        "requests": float(len(sizes)),
        "first_paint_ms": float(page.evaluate(FIRST_PAINT)),
        "fleet_drawn_ms": float(page.evaluate("readyAt")),
    }
    context.close()
    return found


def weigh(page: Page) -> list[float]:
    """Grows with every answer that has come whole; a stream never does."""
    sizes: list[float] = []
    session = page.context.new_cdp_session(page)
    session.on("Network.loadingFinished", lambda done: sizes.append(done["encodedDataLength"]))
    session.send("Network.enable")
    return sizes
