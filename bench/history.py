"""`python -m bench.history`: from the click on Replay to a fleet that moves.

A hundred vessels with a fix every ten seconds for 24 hours (864,000 rows), one worker. First
the endpoint alone, then a real Chromium that logs in, waits for the live map and clicks.
Ends with one line of JSON.
"""

import argparse
import http.client
import json
import secrets
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Page, sync_playwright

from bench import workers
from bench.bare import connected
from bench.fill import ADD_DAY, ADD_VESSELS, EVERYBODY
from bench.growth import runtime_of
from bench.installation import Installation, installed
from bench.machine import share_out, versions
from harbor.demo.web import WebService
from harbor.store.models import User
from harbor.store.users import hash_of

VESSELS, HOURS, EVERY_S, ROUNDS = 100, 24, 10, 5
NAME, PASSWORD = "dispatcher", secrets.token_urlsafe(16)
BROWSER = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of the endpoint, as a client sees it arrive."""

    first_slice_ms: float
    whole_ms: float
    bytes: int
    fixes: int


def seed(site: Installation, vessels: int, hours: int, every_s: int) -> int:
    """Fixes until now; returns how many there are."""
    until = datetime.now(UTC)
    every = timedelta(seconds=every_s)
    with connected(site.postgres_url) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET timezone = 'UTC'; SET synchronous_commit = off")
            cursor.execute(
                "UPDATE vessel SET retired_at = '2020-01-01' WHERE name NOT LIKE 'Bench %'"
            )
            cursor.execute(ADD_VESSELS, {"vessels": vessels})
            for hour in range(hours, 0, -1):
                start = until - timedelta(hours=hour)
                end = start + timedelta(hours=1)
                cursor.execute(
                    "SELECT harbor_ensure_position_partition(d, 'month') FROM unnest(%s) AS d",
                    ([start, end],),
                )
                cursor.execute(
                    ADD_DAY, {"start": start, "end": end, "every": every, "names": EVERYBODY}
                )
            cursor.execute("VACUUM (ANALYZE) position")
            cursor.execute("SELECT count(*) FROM position")
            [rows] = cursor.fetchone()
    return int(rows)


@contextmanager
def manned(site: Installation) -> Iterator[WebService]:
    """A worker, and a dispatcher who may log in; over plain HTTP, as in development."""
    settings = {**site.settings, "HARBOR_ENV": "development"}
    with runtime_of(site) as runtime, runtime.database.session() as session:
        fleet_id = site.senders[0].fleet_id
        session.add(User(fleet_id=fleet_id, username=NAME, password_hash=hash_of(PASSWORD)))
    with workers.harbor(replace(site, settings=settings), {}, site.cores.worker) as service:
        yield service


def ask(service: WebService, cookie: str, path: str) -> Answer:
    """Read an answer as it comes, and look when its first slice is there."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    begun = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
    response = connection.getresponse()
    if response.status != 200:
        raise RuntimeError(f"{response.status}: {response.read(200)!r}")
    expander = zlib.decompressobj(zlib.MAX_WBITS | 16)
    first_s, size, text = 0.0, 0, b""
    while piece := response.read1(1 << 16):
        size += len(piece)
        text += expander.decompress(piece)
        if not first_s and text.count(b"\n") >= 3:
            first_s = time.perf_counter() - begun
    whole_s = time.perf_counter() - begun
    connection.close()
    end = json.loads(text.splitlines()[-1])
    if end.get("end") is not True:
        raise RuntimeError(f"The history ended with {end}")
    return Answer(1000 * first_s, 1000 * whole_s, size, end["fixes"])


def endpoint(service: WebService, cookie: str, hours: int) -> Result:
    """The last hours from one hour ago on, several times; and the histogram."""
    now = datetime.now(UTC)
    start, at = (quote((now - timedelta(hours=one)).isoformat()) for one in (hours, 1))
    answers = [
        ask(service, cookie, f"/fleet/history?from={start}&to={quote(now.isoformat())}&at={at}")
        for _ in range(ROUNDS)
    ]
    activity = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        plain(
            service,
            cookie,
            f"/fleet/history/activity?from={start}&to={quote(now.isoformat())}",
        )
        activity.append(1000 * (time.perf_counter() - begun))
    return {
        "first_slice_ms": round(median(one.first_slice_ms for one in answers)),
        "whole_ms": round(median(one.whole_ms for one in answers)),
        "kb_gzip": round(answers[0].bytes / 1000),
        "fixes": answers[0].fixes,
        "activity_ms": round(median(activity)),
    }


def plain(service: WebService, cookie: str, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    connection.request("GET", path, headers={"Cookie": cookie})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"{response.status}: {body[:200]!r}")
    return body


def log_in(page: Page, service: WebService) -> str:
    """The cookie; the page shows the live map."""
    page.goto(service.url + "/login")
    page.fill("[name=username]", NAME)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector('#connection[data-state="live"]')
    return "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())


def clicks(page: Page, rounds: int) -> float:
    """From the click until vessels move at the replayed moment, by the page's own clock."""
    times = []
    for _ in range(rounds):
        page.wait_for_function("() => !harbor.replay().isOpen")
        times.append(
            page.evaluate("""async () => {
                const begun = performance.now();
                document.getElementById("replay-open").click();
                for (;;) {
                    await new Promise(requestAnimationFrame);
                    const { moved } = harbor.replay();
                    if (moved > 1) return performance.now() - begun;
                    if (performance.now() - begun > 30000) throw new Error("It does not play.");
                }
            }""")
        )
        page.keyboard.press("Escape")
    return float(median(times))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--vessels", type=int, default=VESSELS)
    arguments.add_argument("--hours", type=int, default=HOURS)
    arguments.add_argument("--every", type=int, default=EVERY_S, help="seconds between fixes")
    arguments.add_argument("--no-browser", action="store_true")
    given = arguments.parse_args()
    with installed(share_out()) as site:
        rows = seed(site, given.vessels, given.hours, given.every)
        print(f"{rows} rows")
        with manned(site) as service, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            cookie = log_in(page, service)
            result: Result = {"rows": rows}
            if not given.no_browser:
                result["click_to_play_ms"] = round(clicks(page, ROUNDS))
            page.goto("about:blank")
            result |= endpoint(service, cookie, given.hours)
            browser.close()
    print(json.dumps({**result, "versions": versions()}))


if __name__ == "__main__":
    main()
