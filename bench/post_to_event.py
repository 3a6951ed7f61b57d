"""From the start of a POST to the event at every subscriber, through the public doors.

200 subscribers and 200 pings a second on two workers. Workers share all cores; client and
servers are where they always are.
"""

from typing import Any

from bench import workers
from bench.audience_run import Run
from bench.installation import Installation
from bench.pings import Pings
from bench.subscribers import Audience

SUBSCRIBERS, PINGS_PER_SECOND = 200, 200.0

Result = dict[str, Any]


def two_workers(site: Installation, pings: Pings, seconds: float) -> Result:
    """The goal: p99 under 250 ms."""
    everywhere = site.cores.worker | site.cores.rest
    with workers.harbor(site, {"HARBOR_WORKERS": "2"}, everywhere) as service:
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
