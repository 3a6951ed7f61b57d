"""`python -m bench.feed`: from the start of a POST to the event at every subscriber.

First 200 subscribers and 200 pings a second on two workers, then as many subscribers as
one worker carries. Client, servers and workers share the machine's cores here.
"""

import argparse
import json
from typing import Any

from bench import workers
from bench.audience_run import Run, Summary
from bench.installation import Installation, installed
from bench.load import now
from bench.machine import NOWHERE, Cores, allow_many_files, pss_kilobytes, versions
from bench.pings import Pings
from bench.subscribers import Audience

SUBSCRIBERS, PINGS_PER_SECOND = 200, 200.0
STEPS = (100, 500, 1000, 1500, 2000)
STEP_PINGS_PER_SECOND, STEP_SECONDS = 10.0, 8.0
STEP_P99_MS_MAX = 1000.0
REST_SECONDS = 2.0
ROOMY = {"HARBOR_STREAMS_MAX": "2500", "HARBOR_WORKER_CONNECTIONS": "3200"}

Result = dict[str, Any]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=20.0, help="of pings at 200/s")
    arguments.add_argument("--subscribers-max", type=int, default=STEPS[-1])
    given = arguments.parse_args()
    print(f"Up to {allow_many_files()} open files")
    with installed(Cores(NOWHERE, NOWHERE)) as site:
        pings = Pings(site.senders)
        result = two_workers(site, pings, given.seconds)
        result |= one_worker(site, pings, given.subscribers_max)
    print(json.dumps({**result, "versions": versions()}))


def two_workers(site: Installation, pings: Pings, seconds: float) -> Result:
    """The goal: p99 under 250 ms."""
    with workers.harbor(site, {"HARBOR_WORKERS": "2"}, NOWHERE) as service:
        audience = Audience(service.port, site.api_keys)
        run = Run(audience, service, pings)
        try:
            run.warm_up()
            audience.grow(SUBSCRIBERS)
            print(f"{audience.listening} subscribers on two workers", flush=True)
            summary = run.measure(PINGS_PER_SECOND, seconds)
            reasons = workers.reasons_of_closing(service)
        finally:
            audience.close()
    summary.show()
    return {
        "subscribers": SUBSCRIBERS,
        "pings_per_s": round(summary.pings / seconds),
        "events_delivered": summary.events,
        "post_to_event_p50_ms": summary.p50_ms,
        "post_to_event_p99_ms": summary.p99_ms,
        "post_to_event_max_ms": summary.max_ms,
        "lost": summary.lost,
        "repeated": summary.repeated,
        "published_twice": summary.published_twice,
        "post_p50_ms": summary.post_p50_ms,
        "post_p99_ms": summary.post_p99_ms,
        "closed": summary.closed,
        "closed_because": reasons,
        "refused": summary.refused,
        "client_cpu_share": summary.client_cpu_share,
        "workers_cpu_share": summary.workers_cpu_share,
    }


def one_worker(site: Installation, pings: Pings, most: int) -> Result:
    """More and more subscribers, until they get their events too late."""
    steps: list[Result] = []
    with workers.harbor(site, ROOMY, NOWHERE) as service:
        (pid,) = workers.worker_pids(service)
        audience = Audience(service.port, site.api_keys)
        run = Run(audience, service, pings)
        try:
            run.warm_up()
            audience.grow(1)
            rest(audience)
            empty = pss_kilobytes(pid)
            for count in (step for step in STEPS if step <= most):
                audience.grow(count)
                rest(audience)
                grown = pss_kilobytes(pid) - empty
                summary = run.measure(STEP_PINGS_PER_SECOND, STEP_SECONDS)
                steps.append(step_result(audience.listening, grown, summary))
                if audience.listening < count or summary.p99_ms > STEP_P99_MS_MAX:
                    break
        finally:
            audience.close()
    return capacity(steps)


def rest(audience: Audience) -> None:
    """Let everybody be idle for a moment before memory is looked at."""
    until = now() + REST_SECONDS
    while now() < until:
        audience.listen(0.1)


def step_result(subscribers: int, grown_kilobytes: int, summary: Summary) -> Result:
    per_subscriber = round(grown_kilobytes / max(1, subscribers - 1), 1)
    print(f"{subscribers} subscribers on one worker: {per_subscriber} KB each", flush=True)
    summary.show()
    return {
        "subscribers": subscribers,
        "kb_per_subscriber": per_subscriber,
        "p50_ms": summary.p50_ms,
        "p99_ms": summary.p99_ms,
        "lost": summary.lost,
        "repeated": summary.repeated,
        "closed": summary.closed,
    }


def capacity(steps: list[Result]) -> Result:
    """The most subscribers that one worker served in time."""
    if not steps:
        return {}
    good = [
        step
        for step in steps
        if step["p99_ms"] <= STEP_P99_MS_MAX and not step["lost"] and not step["closed"]
    ]
    return {
        "subscribers_per_worker": good[-1]["subscribers"] if good else 0,
        "kb_per_subscriber": (good or steps)[-1]["kb_per_subscriber"],
        "steps": steps,
    }


if __name__ == "__main__":
    main()
