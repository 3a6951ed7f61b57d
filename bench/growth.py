"""`python -m bench.growth`: what ten million positions cost, against an empty table.

Two databases on one server, a worker for each on the same core, taking turns. Then, on the
filled one: the newest positions after Valkey was emptied, and a vessel's last 24 hours.
"""

import argparse
import http.client
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from statistics import median
from typing import Any
from urllib.parse import quote
from uuid import UUID

from redis import Redis

from bench import fill, workers
from bench.bare import connected
from bench.fill import DAYS, ROWS, WATCHED, Filled
from bench.installation import Installation, furnish, installed
from bench.load import closed_loop
from bench.machine import share_out, versions
from bench.pings import Pings
from harbor import create_app
from harbor.demo.web import WebService
from harbor.environments import Production
from harbor.runtime import Runtime
from harbor.store import newest, tracks

CONNECTIONS, ARRAY_CONNECTIONS, ARRAY_ROWS, ARRAYS_MAX = 64, 4, 500, 300
EMPTY_PORT, FILLED_PORT = 18700, 18900
TRACKS = 20
DAY = timedelta(days=1)

Result = dict[str, Any]


def measured(
    site: Installation,
    seconds: float,
    rounds: int,
    rows: int = ROWS,
    days: int = DAYS,
    period: str = "month",
) -> Result:
    """All figures of growth, for the last line of a bench."""
    settings = {**site.settings, "HARBOR_POSITION_PARTITIONS": period}
    empty = with_database(site, "empty", settings)
    full = with_database(site, "filled", settings)
    filled = fill.fill(full.postgres_url, rows=rows, days=days, period=period)
    print(f"{filled.rows} rows in {filled.partitions} partitions, {filled.seconds:.0f} s")
    with ExitStack() as running:
        sites = {"empty": (empty, EMPTY_PORT), "filled": (full, FILLED_PORT)}
        services = {
            name: (one, running.enter_context(workers.harbor(one, {}, one.cores.worker, port)))
            for name, (one, port) in sites.items()
        }
        result = compared(services, seconds, rounds)
        with runtime_of(full) as runtime:
            result |= rebuilt(runtime, full)
            result |= tracked(runtime, full, filled, services["filled"][1])
    return result | {
        "filled_rows": filled.rows,
        "filled_partitions": filled.partitions,
        "filled_mb_per_million_rows": round(filled.bytes_per_million_rows / 1e6),
        "fill_seconds": round(filled.seconds),
    }


def with_database(site: Installation, name: str, settings: Mapping[str, str]) -> Installation:
    """Another database on the same server, with tables, vessels, trackers and keys."""
    url = f"{site.postgres_url.rpartition('/')[0]}/{name}"
    with connected(site.postgres_url) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
    changed = {**settings, "HARBOR_DATABASE_URL": url}
    senders, keys = furnish(changed)
    return replace(site, postgres_url=url, settings=changed, senders=senders, api_keys=keys)


Services = dict[str, tuple[Installation, WebService]]


def compared(services: Services, seconds: float, rounds: int) -> Result:
    """Single positions and arrays into the empty and the filled table, in turns."""
    pings = {name: Pings(one.senders) for name, (one, _) in services.items()}
    speeds: dict[str, list[tuple[float, float]]] = {name: [] for name in services}
    for number in range(rounds + 1):
        print(f"Round {number} of {rounds}: growth" + " (warm-up)" * (not number))
        empty_the_empty(services["empty"][0])
        # Who goes first changes: the first one pays for what the round before left behind.
        for name in sorted(services, reverse=number % 2 == 0):
            speed = one_round(pings[name], services[name][1], seconds)
            print(f"  {name}: {speed[0]:.0f} single/s, {speed[1]:.0f} rows/s in arrays")
            if number:
                speeds[name].append(speed)
    ratios = [ratio(speeds["filled"], speeds["empty"], kind) for kind in (0, 1)]
    return {
        "filled_vs_empty": min(ratios),
        "filled_vs_empty_single": ratios[0],
        "filled_vs_empty_arrays": ratios[1],
        "growth_rounds": {
            name: [[round(one) for one in pair] for pair in found]
            for name, found in speeds.items()
        },
    }


def one_round(pings: Pings, service: WebService, seconds: float) -> tuple[float, float]:
    singles = closed_loop(
        service.port, pings.singles(int(2000 * seconds)), CONNECTIONS, seconds
    )
    arrays = closed_loop(
        service.port, pings.arrays(ARRAYS_MAX, ARRAY_ROWS), ARRAY_CONNECTIONS, seconds
    )
    if set(singles.statuses) | set(arrays.statuses) != {201}:
        raise RuntimeError(f"answers were {singles.statuses} and {arrays.statuses}")
    service.is_running()  # cuts its log
    return singles.per_second, arrays.per_second * ARRAY_ROWS


def ratio(
    ours: list[tuple[float, float]], theirs: list[tuple[float, float]], kind: int
) -> float:
    """Round by round, then the median: neighbours share what else the machine does."""
    pairs = zip(ours, theirs, strict=True)
    return round(median(one[kind] / other[kind] for one, other in pairs), 3)


def empty_the_empty(site: Installation) -> None:
    """The outbox is left to the worker: both at once would deadlock with its sweeper."""
    with connected(site.postgres_url) as connection, connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE position")


@contextmanager
def runtime_of(site: Installation) -> Iterator[Runtime]:
    """Harbor's own services in this process, without its greenlets."""
    names = {name.removeprefix("HARBOR_").lower(): v for name, v in site.settings.items()}
    names["environment"] = names.pop("env")
    app = create_app(Production.model_validate({**names, "log_level": "ERROR"}))
    runtime: Runtime = app.extensions["harbor"]
    try:
        yield runtime
    finally:
        runtime.close()


def rebuilt(runtime: Runtime, site: Installation) -> Result:
    """From an emptied Valkey to all newest positions in it, and PostgreSQL's part of that."""
    fleet_id = site.senders[0].fleet_id

    def restore() -> None:
        with Redis.from_url(site.settings["HARBOR_VALKEY_URL"]) as valkey:
            valkey.flushall()
        found = runtime.latest(fleet_id).read()
        if found.epoch is None or len(found.positions) != fill.VESSELS:
            raise RuntimeError(f"{len(found.positions)} newest positions")

    def ask() -> None:
        with runtime.database.session() as session:
            newest.of_fleet(session, fleet_id)

    return {"rebuild_ms": timed(restore), "newest_from_postgresql_ms": timed(ask)}


def timed(work: Callable[[], None], repeats: int = 5) -> float:
    """The median in milliseconds."""
    return round(median(milliseconds(work) for _ in range(repeats)), 1)


def milliseconds(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - begun)


def tracked(
    runtime: Runtime, site: Installation, filled: Filled, service: WebService
) -> Result:
    """24 hours at a fix a minute: vessels nobody asked for yet, the same again, over HTTP."""
    with connected(site.postgres_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM vessel WHERE name LIKE %s ORDER BY id", (WATCHED,))
        vessels = [row[0] for row in cursor][:TRACKS]
    fleet_id, points = site.senders[0].fleet_id, []

    def ask(vessel_id: UUID) -> None:
        with runtime.database.session() as session:
            found = tracks.track(
                session, fleet_id, vessel_id, filled.until - DAY, filled.until, 10_000
            )
        points.append(len(found))

    first, again = ([milliseconds(partial(ask, one)) for one in vessels] for _ in range(2))
    by_http = [http_track(service.port, site.api_keys[0], one, filled.until) for one in vessels]
    return {
        "track_24h_points": round(median(points)),
        "track_24h_ms": round(median(first), 1),
        "track_24h_max_ms": round(max(first), 1),
        "track_24h_warm_ms": round(median(again), 1),
        "track_24h_http_ms": round(median(by_http), 1),
    }


def http_track(port: int, key: str, vessel_id: UUID, until: datetime) -> float:
    """One question to the partners' API, until its last byte."""
    ends = f"from={quote((until - DAY).isoformat())}&to={quote(until.isoformat())}"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    begun = time.perf_counter()
    connection.request(
        "GET",
        f"/api/v1/vessels/{vessel_id}/track?{ends}&limit=10000",
        headers={"Authorization": f"Bearer {key}"},
    )
    answer = connection.getresponse()
    body = answer.read()
    took_ms = 1000 * (time.perf_counter() - begun)
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {body[:200]!r}")
    return took_ms


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=5.0, help="length of a round")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--rows", type=int, default=ROWS)
    arguments.add_argument("--days", type=int, default=DAYS, help="over which they spread")
    arguments.add_argument("--period", choices=("month", "day"), default="month")
    given = arguments.parse_args()
    with installed(share_out()) as site:
        result = measured(
            site, given.seconds, given.rounds, given.rows, given.days, given.period
        )
    print(json.dumps({**result, "versions": versions()}))


if __name__ == "__main__":
    main()
