"""`python -m bench.imports`: a million positions out of a file, and live pings beside them.

Writes a CSV of four months at one fix in ten seconds and has `harbor import` take it, as an
operator would; then once more, and a smaller one judged anew; then a GPX; then another CSV
while trackers ping a worker. Ends with one line of JSON.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import cos, radians
from pathlib import Path
from typing import Any

import psutil

from bench import workers
from bench.bare import connected
from bench.installation import Installation, installed
from bench.load import open_loop, percentile
from bench.machine import share_out, versions
from bench.pings import Pings

ROWS, FEWER = 1_000_000, 200_000
EVERY_S = 10
BEGIN = datetime(2025, 3, 1, tzinfo=UTC)
PINGS_PER_S, PING_SECONDS, CONNECTIONS = 200, 20, 64
MEMORY_SECONDS = 0.5
COMMAND = (sys.executable, "-c", "from harbor.cli import main; main()", "import")

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """One `harbor import`: how long it took, what it used, what it said."""

    seconds: float
    peak_mb: int
    cpu_seconds: float
    said: Result

    @property
    def per_second(self) -> int:
        return round(int(self.said["read"]) / self.seconds)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=ROWS)
    options.add_argument("--fewer", type=int, default=FEWER)
    given = options.parse_args()
    with installed(share_out()) as site:
        result = measured(site, given.rows, given.fewer)
    print(json.dumps(result | versions()))


def measured(site: Installation, rows: int, fewer: int) -> Result:
    table = written(site.directory / "long.csv", as_csv(rows))
    short = written(site.directory / "short.csv", as_csv(fewer))
    track = written(site.directory / "short.gpx", as_gpx(fewer))
    first = told("CSV", run(site, table, "Bench 0"))
    require(first.said["accepted"] == rows == stored(site), "a position is missing")
    once_more = told("the same file", run(site, table, "Bench 0"))
    told("a shorter CSV", run(site, short, "Bench 1"))
    again = told("judged anew", run(site, short, "Bench 1", "--again"))
    require(again.said["duplicates"] == fewer, "a position was not known again")
    gpx = told("GPX", run(site, track, "Bench 2"))
    return {
        "rows": rows,
        "seconds": round(first.seconds, 1),
        "csv_per_s": first.per_second,
        "cpu_seconds": round(first.cpu_seconds, 1),
        "peak_mb": first.peak_mb,
        "file_mb": round(table.stat().st_size / 1e6),
        "same_file_again_s": round(once_more.seconds, 1),
        "duplicates_per_s": again.per_second,
        "gpx_per_s": gpx.per_second,
        "gpx_peak_mb": gpx.peak_mb,
        **beside_pings(site, short),
    }


def beside_pings(site: Installation, file: Path) -> Result:
    """How long a live ping takes while nothing else is done, and during an import."""
    pings = Pings(site.senders[8:])
    with workers.harbor(site, {}, site.cores.worker) as service:
        ping(service.port, pings)  # to warm up
        calm = ping(service.port, pings)
        with ThreadPoolExecutor(1) as apart:
            importing = apart.submit(run, site, file, "Bench 3")
            busy = ping(service.port, pings)
            beside = told("a shorter CSV beside pings", importing.result())
    return {
        "pings_per_s": PINGS_PER_S,
        **{f"p{name}_ms_calm": percentile(calm, share) for name, share in SHARES.items()},
        **{f"p{name}_ms_importing": percentile(busy, share) for name, share in SHARES.items()},
        "csv_per_s_beside_pings": beside.per_second,
    }


SHARES = {"50": 0.5, "99": 0.99}


def ping(port: int, pings: Pings) -> list[float]:
    requests = pings.singles(PINGS_PER_S * PING_SECONDS)
    tally = open_loop(port, requests, PINGS_PER_S, CONNECTIONS)
    require(tally.statuses[201] == len(requests), f"pings were refused: {tally.statuses}")
    return tally.latencies_ms


def run(site: Installation, file: Path, vessel: str, *more: str) -> Run:
    """On all cores, wherever this process is."""
    words = [*COMMAND, str(file), "--vessel", vessel, "--json", *more]
    settings = {**os.environ, **site.settings, "PYTHONPATH": str(workers.ROOT)}
    began = time.perf_counter()
    with subprocess.Popen(words, env=settings, stdout=subprocess.PIPE) as process:
        everywhere = sorted(site.cores.worker | site.cores.rest)
        child = psutil.Process(process.pid)
        if everywhere:
            child.cpu_affinity(everywhere)
        peak, cpu = watched(process, child)
        said = json.loads(process.stdout.read() if process.stdout else "")
    seconds = time.perf_counter() - began
    require(process.returncode == 0, f"harbor import ended with {process.returncode}")
    [landing] = said["files"]
    return Run(seconds, peak, cpu, landing)


def watched(process: "subprocess.Popen[bytes]", child: psutil.Process) -> tuple[int, float]:
    """The most memory that it was seen with, in MB, and the CPU time that it had."""
    peak, cpu = 0, 0.0
    while process.poll() is None:
        try:
            peak = max(peak, child.memory_info().rss)
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            break
        cpu = times.user + times.system
        time.sleep(MEMORY_SECONDS)
    return round(peak / 1e6), cpu


def written(file: Path, pieces: Iterator[str]) -> Path:
    with file.open("w", encoding="utf-8") as stream:
        stream.writelines(pieces)
    return file


def as_csv(rows: int) -> Iterator[str]:
    yield "vessel,recorded_at,latitude,longitude,speed_knots,course_degrees,source\n"
    for moment, latitude, longitude in fixes(rows):
        yield f"Bench,{moment},{latitude:.6f},{longitude:.6f},9.5,270.0,logger\n"


def as_gpx(rows: int) -> Iterator[str]:
    yield "<gpx version='1.1' xmlns='http://www.topografix.com/GPX/1/1'><trk><trkseg>\n"
    for moment, latitude, longitude in fixes(rows):
        place = f"lat='{latitude:.6f}' lon='{longitude:.6f}'"
        yield f"<trkpt {place}><ele>2</ele><time>{moment}</time></trkpt>\n"
    yield "</trkseg></trk></gpx>\n"


def fixes(rows: int) -> Iterator[tuple[str, float, float]]:
    """To and fro between two quays at ten knots."""
    for number in range(rows):
        moment = BEGIN + timedelta(seconds=EVERY_S * number)
        way = abs(number % 1440 - 720) / 1440
        latitude = 57.4 + way * 0.6
        longitude = 11.7 + way * 0.2 / cos(radians(latitude))
        yield f"{moment:%Y-%m-%dT%H:%M:%SZ}", latitude, longitude


def stored(site: Installation) -> int:
    with connected(site.postgres_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM position")
        [count] = cursor.fetchone()
    return int(count)


def told(what: str, run: Run) -> Run:
    print(
        f"{what}: {run.said['read']:,} in {run.seconds:.1f} s, {run.per_second:,}/s,"
        f" at most {run.peak_mb} MB",
        flush=True,
    )
    return run


def require(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise RuntimeError(otherwise)


if __name__ == "__main__":
    main()
