"""`python -m bench.map`: 10,000 vessels at 1 Hz on the map, in a headless Chromium.

All of them are in view. `draw_*` is the script of drawing in a frame that draws; `script_*` is
everything the page ran between two frames: events of the real stream, list, card and drawing;
`main_*` is all that its main thread did, with style, layout and paint. They are CPU times of
that thread, from the browser's trace, because browser, server and publisher share the machine;
what the clock said is `*_wall_ms`. Then panning, with the vessels held and under the feed, and
half an hour of memory. Ends with one line of JSON. `--quick`: two minutes of it.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import urllib3
from sqlalchemy import text

from bench import workers
from bench.bare import connected
from bench.installation import Installation, installed, quiet
from bench.load import percentile
from bench.machine import share_out, versions
from bench.map.desk import Desk, seated
from bench.map.page import measure_page
from bench.map.trace import Costs
from harbor import create_app
from harbor.runtime import Runtime
from harbor.store import users

VESSELS = 10_000
MINUTES, QUICK_MINUTES, WARM_UP_S = 30.0, 2.0, 20.0
WATCH_S, PAN_S, CALM_S = 30.0, 10.0, 5.0
USERNAME, PASSWORD = "bench", "a password of the bench"
PORT = 18500
PATIENT = {"HARBOR_VALKEY_PUBLISH_TIMEOUT_S": "10", "HARBOR_VALKEY_TIMEOUT_S": "10"}
"""A publisher that gave up on a busy machine would leave the map with nothing to draw."""

ADD_VESSELS = """
INSERT INTO vessel (fleet_id, name)
SELECT %(fleet_id)s, 'Bench vessel ' || number
FROM generate_series(1, %(vessels)s - (SELECT count(*) FROM vessel)) AS number
"""

Result = dict[str, Any]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="two minutes of memory")
    arguments.add_argument("--minutes", type=float, help="of memory; 30")
    arguments.add_argument("--vessels", type=int, default=VESSELS)
    given = arguments.parse_args()
    minutes = given.minutes or (QUICK_MINUTES if given.quick else MINUTES)
    result = measured(given.vessels, minutes)
    print(json.dumps({**result, "versions": versions()}))


def measured(vessels: int, minutes: float) -> Result:
    with installed(share_out()) as site:
        fleet = furnish(site, vessels)
        settings = {"HARBOR_ENV": "development"}
        everywhere = site.cores.worker | site.cores.rest
        with (
            workers.harbor(site, settings, everywhere, PORT) as service,
            sailing(site, fleet) as sailors,
        ):
            os.sched_setaffinity(0, everywhere)  # the browser's too, which starts from here
            url, cookie = service.url, log_in(service.url)
            with seated(url, cookie) as desk:
                result = watched(desk, sailors, vessels, minutes)
            result |= {"publisher_late_p95_s": lateness(sailors)}
            result |= measure_page(f"{url}/fleet/map", cookie)
    return result


def watched(desk: Desk, sailors: subprocess.Popen[str], vessels: int, minutes: float) -> Result:
    desk.wait_for(vessels)
    desk.page.keyboard.press("0")  # all of them in view
    desk.page.wait_for_timeout(WARM_UP_S * 1000)
    still = desk.watch(WATCH_S)
    print(f"Watching: {still.per_second} frames a second, {still.script_share:.0%} script")
    fed = desk.pan(PAN_S)
    sailors.send_signal(signal.SIGSTOP)
    desk.page.wait_for_timeout(CALM_S * 1000)  # what was on its way arrives
    panned = desk.pan(PAN_S)
    sailors.send_signal(signal.SIGCONT)
    print(f"Panning: {panned.per_second} frames a second, {fed.per_second} under the feed")
    return {
        "vessels": vessels,
        **told("draw", still.draw),
        **told("script", still.script),
        **told("main", still.main),
        "script_share": still.script_share,
        "fps": still.per_second,
        "pan_fps": panned.per_second,
        "pan_fps_under_feed": fed.per_second,
        **grown(desk, minutes),
    }


def told(name: str, costs: Costs) -> Result:
    return {
        f"{name}_p50_ms": costs.cpu(0.5),
        f"{name}_p95_ms": costs.cpu(0.95),
        f"{name}_max_ms": costs.cpu(1.0),
        f"{name}_p50_wall_ms": costs.wall(0.5),
        f"{name}_p95_wall_ms": costs.wall(0.95),
        f"{name}_frames": len(costs.cpu_ms),
    }


def grown(desk: Desk, minutes: float) -> Result:
    """The memory's slope, as least squares see it, brought to 30 minutes."""
    began, samples = time.monotonic(), []
    while (at := time.monotonic() - began) <= minutes * 60:
        samples.append((at / 60, desk.heap_mb()))
        desk.page.wait_for_timeout(min(30, minutes * 6) * 1000)
    print("Memory, MB by minute:", [f"{at:.1f}: {mb:.1f}" for at, mb in samples])
    return {
        "memory_mb": round(samples[-1][1], 1),
        "memory_growth_mb_30min": round(slope(samples) * 30, 1),
        "memory_watched_minutes": minutes,
    }


def slope(samples: list[tuple[float, float]]) -> float:
    count = len(samples)
    middle_x = sum(x for x, _ in samples) / count
    middle_y = sum(y for _, y in samples) / count
    spread = sum((x - middle_x) ** 2 for x, _ in samples)
    return sum((x - middle_x) * (y - middle_y) for x, y in samples) / (spread or 1)


def furnish(site: Installation, vessels: int) -> Result:
    """The vessels, and a dispatcher who may see them."""
    fleet_id = site.senders[0].fleet_id
    with connected(site.postgres_url) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(ADD_VESSELS, {"fleet_id": str(fleet_id), "vessels": vessels})
    app = create_app(quiet(site.settings))
    runtime: Runtime = app.extensions["harbor"]
    try:
        with runtime.database.session() as session:
            users.add(session, fleet_id, USERNAME, PASSWORD)
            rows = session.execute(text("SELECT CAST(id AS text), name FROM vessel"))
            return {"fleet_id": str(fleet_id), "vessels": [list(row) for row in rows]}
    finally:
        runtime.close()


@contextmanager
def sailing(site: Installation, fleet: Result) -> Iterator[subprocess.Popen[str]]:
    command = ["nice", "-n", "10", sys.executable, "-m", "bench.map.sailing"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=workers.ROOT)
    try:
        if process.stdin is None:
            raise RuntimeError("no pipe to the sailors")
        json.dump({"settings": {**site.settings, **PATIENT}, **fleet}, process.stdin)
        process.stdin.close()
        yield process
    finally:
        process.kill()
        process.wait(5)


def lateness(sailors: subprocess.Popen[str]) -> float:
    """By how much the publisher's seconds were too long; ends it."""
    sailors.kill()
    told = sailors.stdout.read().splitlines() if sailors.stdout else []
    late = []
    for line in told:
        with suppress(ValueError):  # the last one may be cut
            late.append(float(line))
    return percentile(late, 0.95)


def log_in(url: str) -> str:
    """The cookie of the dispatcher's session, as name=value."""
    pool = urllib3.PoolManager()
    page = pool.request("GET", f"{url}/login")
    token = page.data.decode().split('name="csrf_token"', 1)[1]
    token = token.split('value="', 1)[1].split('"', 1)[0]
    answer = pool.request(
        "POST",
        f"{url}/login",
        fields={"username": USERNAME, "password": PASSWORD, "csrf_token": token},
        encode_multipart=False,
        headers={"Cookie": page.headers["Set-Cookie"].split(";")[0]},
        redirect=False,
    )
    if answer.status != 302:
        raise RuntimeError(f"The log-in was answered {answer.status}")
    return str(answer.headers["Set-Cookie"].split(";")[0])


if __name__ == "__main__":
    main()
