"""Picture every page into docs/screens/: `make screens`.

From the demo that runs, or from one started for it on the data of the last. Each page is taken
in each size and theme; a picture that cannot be taken fails the whole run, at its end.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
DEMO = PROJECT / ".harbor" / "demo.json"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
PAPER = {"width": 1123, "height": 794}
"""A4 across, at 96 dots to the inch."""
DAY = ("light", "dark")
ALL = (*DAY, "night")
START_SECONDS = 90
SETTLE_MS = 1_500
"""Hulls glide, trails come, the card flies in."""

Step = Callable[[Page], object]


@dataclass(frozen=True, slots=True)
class Picture:
    """What it is called, where it is, how it is reached, and in what it is taken."""

    name: str
    path: str
    reach: Step
    themes: tuple[str, ...] = DAY
    sizes: tuple[str, ...] = tuple(SIZES)


def main() -> int:
    failed = []
    with demo() as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for size in SIZES:
            for theme in ALL:
                failed += take_all(browser, running, size, theme)
        browser.close()
    for one in failed:
        print(f"failed: {one}", file=sys.stderr)
    weight_mb = sum(path.stat().st_size for path in HERE.glob("*.png")) / 1e6
    print(f"docs/screens: {len(list(HERE.glob('*.png')))} pictures, {weight_mb:.1f} MB")
    return 1 if failed else 0


def take_all(browser: Browser, demo: dict[str, str], size: str, theme: str) -> list[str]:
    """Every picture of one size and theme, with one log-in; the names of those that failed."""
    wanted = [one for one in PICTURES if theme in one.themes and size in one.sizes]
    failed = []
    context = visitor(browser, size, theme)
    for one in wanted:
        name = f"{one.name}-{size}-{theme}"
        page = context.new_page()
        try:
            if one.path != "/login":
                sign_in(page, demo)
            page.goto(demo["url"] + one.path)
            one.reach(page)
            keep(page.screenshot(animations="disabled"), HERE / f"{name}.png")
        except Error as error:
            failed.append(f"{name}: {error.message.splitlines()[0]}")
        page.close()
    context.close()
    print(f"docs/screens: {size}, {theme}", file=sys.stderr)
    return failed


def keep(picture: bytes, path: Path) -> None:
    """With 256 colours, which for a page is enough: a third of the bytes."""
    with Image.open(BytesIO(picture)) as full:
        full.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def visitor(browser: Browser, size: str, theme: str) -> BrowserContext:
    """A dispatcher in Gothenburg, who reads English."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="light" if theme == "light" else "dark",
        has_touch=size == "phone",
        locale="en-GB",
        timezone_id="Europe/Stockholm",
        reduced_motion="reduce",
    )
    if theme == "night":
        context.add_init_script("localStorage.setItem('harbor.theme', 'night');")
    return context


def sign_in(page: Page, demo: dict[str, str]) -> None:
    page.goto(demo["url"] + "/login")
    if page.url.endswith("/login"):  # else the session of the picture before goes on
        page.fill("[name=username]", demo["username"])
        page.fill("[name=password]", demo["password"])
        page.click("button[type=submit]")
        page.wait_for_url("**/fleet/map**")


def settle(page: Page) -> None:
    page.wait_for_timeout(SETTLE_MS)


def live(page: Page) -> None:
    page.wait_for_selector("html[data-ready=true]")
    page.wait_for_selector("#connection[data-state=live]")
    settle(page)


def raise_list(page: Page) -> None:
    handle = page.locator("#sheet-handle")
    if handle.is_visible():
        handle.click()
        settle(page)


def choose(page: Page) -> None:
    live(page)
    raise_list(page)
    row = page.locator("#fleet-list [data-vessel-id]", has_text="Havsörnen")
    row.scroll_into_view_if_needed()
    settle(page)
    row.click()
    page.wait_for_selector("#card:not([hidden])")
    settle(page)
    settle(page)


def search(page: Page) -> None:
    live(page)
    raise_list(page)
    page.fill("#search", "ön")
    settle(page)


def open_legend(page: Page) -> None:
    live(page)
    page.click(".legend summary")
    page.keyboard.press("c")
    page.keyboard.press("t")
    page.mouse.move(600, 450)
    settle(page)


def vessel_page(page: Page) -> None:
    live(page)
    vessel = page.locator("#fleet-list [data-vessel-id]", has_text="Havsörnen")
    number = vessel.get_attribute("data-vessel-id")
    page.goto(page.url.split("/fleet/")[0] + f"/fleet/vessels/{number}")
    page.wait_for_selector("html[data-ready=true]")
    settle(page)
    settle(page)


def replay(page: Page) -> None:
    live(page)
    page.keyboard.press("r")
    page.wait_for_function("() => harbor.replay().isOpen")
    settle(page)
    settle(page)


def measure(page: Page) -> None:
    live(page)
    page.evaluate("location.hash += '&measure=57.62,11.6/57.66,11.75/57.68,11.86'")
    settle(page)


def paper(page: Page) -> None:
    live(page)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    settle(page)


def wall(page: Page) -> None:
    live(page)
    page.wait_for_selector("#card:not([hidden])")
    page.wait_for_selector("html[data-pointer=idle]")
    settle(page)


MAP = "/fleet/map"
PICTURES = (
    Picture("login", "/login", settle, ALL),
    Picture("map", MAP, live, ALL),
    Picture("card", MAP, choose, ALL),
    Picture("speeds", MAP, open_legend, sizes=("desktop",)),
    Picture("search", MAP, search),
    Picture("vessel", MAP, vessel_page),
    Picture("replay", MAP, replay),
    Picture("measure", MAP, measure),
    Picture("problem", "/fleet/nothing", settle),
    Picture("wall", f"{MAP}?kiosk=1", wall, sizes=("desktop",)),
    Picture("paper", MAP, paper, ("light",), ("desktop",)),
)


@contextmanager
def demo() -> Iterator[dict[str, str]]:
    """The demo that runs, or one that runs as long as this."""
    if is_up():
        yield json.loads(DEMO.read_text())
        return
    harbor = Path(sys.executable).with_name("harbor")
    command = [str(harbor), "demo", *sys.argv[1:]]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + START_SECONDS
        while not is_up() and time.monotonic() < until and process.poll() is None:
            time.sleep(0.5)
        yield json.loads(DEMO.read_text())
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def is_up() -> bool:
    try:
        url = json.loads(DEMO.read_text())["url"]
        with urlopen(url + "/health", timeout=5) as answer:
            return answer.status == 200
    except (OSError, ValueError):
        return False


if __name__ == "__main__":
    sys.exit(main())
