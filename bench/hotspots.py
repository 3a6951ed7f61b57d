"""`python -m bench.hotspots PY_SPY`: where the ingest worker spends its time under load.

PY_SPY is the program py-spy, which is none of the project's requirements: install it
into an environment of its own.
"""

import argparse
import subprocess
from collections import Counter
from pathlib import Path

from bench import workers
from bench.ingest import CONNECTIONS
from bench.installation import installed
from bench.load import closed_loop
from bench.machine import share_out
from bench.pings import Pings

RATE_HZ, SECONDS, WARM_UP_SECONDS, TOP = 200, 10, 3.0, 40
REQUESTS = 25_000
WAITING = "_WorkerGreenlet.run"
"""A thread of gevent's pool that only waits for work."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("py_spy", type=Path)
    py_spy: Path = arguments.parse_args().py_spy
    with installed(share_out()) as site:
        pings = Pings(site.senders)
        with workers.harbor(site, {}, site.cores.worker) as service:
            closed_loop(service.port, pings.singles(5000), CONNECTIONS, WARM_UP_SECONDS)
            (pid,) = workers.worker_pids(service)
            requests = pings.singles(REQUESTS)
            output = site.directory / "stacks"
            watcher = subprocess.Popen(command(py_spy, pid, output))
            tally = closed_loop(service.port, requests, CONNECTIONS, SECONDS + 2.0)
            watcher.wait(30)
        print(f"{tally.per_second:.0f} positions/s while watched")
        show(output.read_text(encoding="utf-8").splitlines())


def command(py_spy: Path, pid: int, output: Path) -> list[str]:
    """Only what is on the CPU, as one line per stack with its count."""
    options = ["--rate", str(RATE_HZ), "--duration", str(SECONDS), "--format", "raw"]
    return [str(py_spy), "record", "--pid", str(pid), *options, "--output", str(output)]


def show(stacks: list[str]) -> None:
    """By itself: the innermost function. With what it calls: anywhere in the stack."""
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        if WAITING in stack:
            continue
        frames = [frame.rpartition(":")[0] for frame in stack.split(";")]
        own[frames[-1]] += int(count)
        for frame in set(frames):
            whole[frame] += int(count)
    table("by itself", own, own.total(), TOP)
    table("with what it calls", whole, own.total(), 3 * TOP)


def table(title: str, counts: Counter[str], total: int, rows: int) -> None:
    print(f"\n{title}, of {total} samples")
    for name, count in counts.most_common(rows):
        print(f"  {count / total:6.1%} {name}")


if __name__ == "__main__":
    main()
