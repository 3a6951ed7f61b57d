"""Take the pictures of docs/screens/ from a running demo: `make screens` beside `make demo`."""

import json
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
THEMES = ("light", "dark")
STILL_MS = 3000


def main() -> None:
    """Log in as the demo's dispatcher and picture each page in each size and theme."""
    demo = json.loads(Path(".harbor/demo.json").read_text())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for size in SIZES:
            for theme in THEMES:
                picture(browser, demo, size, theme)
        browser.close()


def picture(browser: Browser, demo: dict[str, str], size: str, theme: str) -> None:
    width, height = SIZES[size]
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme=theme,
        has_touch=size == "phone",
    )
    page.goto(demo["url"] + "/login")
    page.screenshot(path=HERE / f"login-{size}-{theme}.png")
    page.fill("[name=username]", demo["username"])
    page.fill("[name=password]", demo["password"])
    page.click("button[type=submit]")
    page.wait_for_selector("html[data-ready=true]")
    page.wait_for_timeout(STILL_MS)
    page.screenshot(path=HERE / f"map-{size}-{theme}.png")
    if size == "desktop":
        page.locator("[data-vessel-id]").nth(4).click()
        page.wait_for_timeout(STILL_MS)
        page.screenshot(path=HERE / f"card-{size}-{theme}.png")
    page.close()
    print(f"docs/screens: {size}, {theme}", file=sys.stderr)


if __name__ == "__main__":
    main()
