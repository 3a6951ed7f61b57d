"""Gunicorn workers under test: Harbor's own, and one that does nothing."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.installation import Installation
from bench.machine import pinned
from harbor.demo.web import WebService

ROOT = Path(__file__).parents[1]
HARBOR_PORT, NOOP_PORT = 18100, 18300


class NoopService(WebService):
    """The view that does nothing, under the same gunicorn; see `noop_conf.py`."""

    program = "gunicorn (no operation)"

    def _command(self) -> list[str]:
        configuration = str(Path(__file__).with_name("noop_conf.py"))
        return [sys.executable, "-m", "gunicorn", "-c", configuration]


@contextmanager
def harbor(
    site: Installation,
    changes: Mapping[str, str],
    cores: frozenset[int],
    port: int = HARBOR_PORT,
) -> Iterator[WebService]:
    """Harbor's own configuration; `changes` are HARBOR_* variables."""
    directory = site.directory / f"harbor-{port}"
    settings = {**site.settings, **changes, "PYTHONPATH": str(ROOT)}
    service = WebService(directory, directory / "log", settings, port)
    with pinned(cores, site.cores.rest):
        service.start()
    try:
        yield service
    finally:
        service.stop()


@contextmanager
def noop(site: Installation) -> Iterator[WebService]:
    """One worker on the core of Harbor's worker."""
    directory = site.directory / "noop"
    settings = {**site.settings, "PYTHONPATH": str(ROOT)}
    service = NoopService(directory, directory / "log", settings, NOOP_PORT)
    with pinned(site.cores.worker, site.cores.rest):
        service.start()
    try:
        yield service
    finally:
        service.stop()


def worker_pids(service: WebService) -> list[int]:
    """The workers behind the master."""
    if service.pid is None:
        raise RuntimeError(f"{service.program} has ended:\n{service.log.last_lines()}")
    return sorted(child.pid for child in psutil.Process(service.pid).children())


def reasons_of_closing(service: WebService) -> dict[str, int]:
    """Why streams ended before their clients left, from the workers' log."""
    found: Counter[str] = Counter()
    for line in service.log.path.read_bytes().splitlines():
        if b'"stream.closed"' in line:
            found[str(json.loads(line).get("reason"))] += 1
    return dict(found)
