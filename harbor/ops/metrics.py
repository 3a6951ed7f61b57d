"""Every metric, and the page on which Prometheus reads them; docs/operations.md tells of each.

Workers count in files that all of them share (`metrics_folder`), so that whichever is asked
answers for all. Labels come from small fixed sets: vessels and partners are fields of the log.
"""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from harbor.ops.metrics_folder import is_shared

CONTENT_TYPE = CONTENT_TYPE_LATEST
REGISTRY = CollectorRegistry()
BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUEST_SECONDS = Histogram(
    "harbor_request_seconds",
    "How long answers took, by part and by class of status; without the streams.",
    ["part", "status"],
    buckets=BOUNDS_S,
    registry=REGISTRY,
)
REPORTS = Counter(
    "harbor_reports",
    "Position reports of trackers, by format and by verdict.",
    ["format", "verdict"],
    registry=REGISTRY,
)
REPORTS_WAITING = Gauge(
    "harbor_reports_waiting",
    "Reports that wait to be committed.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
DATABASE_CONNECTIONS = Gauge(
    "harbor_database_connections",
    "Connections to PostgreSQL that are in use.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
FEED_DEGRADED = Gauge(
    "harbor_feed_degraded",
    "1 while a worker's map lives on PostgreSQL, because the feed is away.",
    multiprocess_mode="livemax",
    registry=REGISTRY,
)
STREAMS = Gauge(
    "harbor_streams",
    "Streams that are open.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
STREAM_GROUPS = Gauge(
    "harbor_stream_groups",
    "Groups of streams with the same filters.",
    multiprocess_mode="livesum",
    registry=REGISTRY,
)
STREAMS_BEGUN = Counter(
    "harbor_streams_begun",
    "Streams that began, by how: a snapshot, all that was missed (replay), or resync.",
    ["how"],
    registry=REGISTRY,
)
STREAMS_CLOSED = Counter(
    "harbor_streams_closed", "Streams that ended, by reason.", ["reason"], registry=REGISTRY
)
STREAM_BATCHES = Counter(
    "harbor_stream_batches", "Pieces sent to a whole group.", registry=REGISTRY
)
STREAM_DELIVERIES = Counter(
    "harbor_stream_deliveries", "The same, counted by reader.", registry=REGISTRY
)
STREAM_BYTES = Counter("harbor_stream_bytes", "Bytes of these deliveries.", registry=REGISTRY)
STREAM_SEND_SECONDS = Counter(
    "harbor_stream_send_seconds", "Time spent on telling all groups.", registry=REGISTRY
)
STREAMS_BEHIND = Counter(
    "harbor_streams_behind",
    "How often a reader could not take a whole piece, and went on by itself.",
    registry=REGISTRY,
)
STREAMS_TOO_SLOW = Counter(
    "harbor_streams_too_slow",
    "How often one fell out of the worker's memory and got resync.",
    registry=REGISTRY,
)
SUMS: Mapping[str, tuple[Counter, float]] = {
    "batches": (STREAM_BATCHES, 1.0),
    "deliveries": (STREAM_DELIVERIES, 1.0),
    "bytes": (STREAM_BYTES, 1.0),
    "send_us": (STREAM_SEND_SECONDS, 1e-6),
    "fell_behind": (STREAMS_BEHIND, 1.0),
    "too_slow": (STREAMS_TOO_SLOW, 1.0),
}
"""What an audience tallies, and the factor that brings it to the metric's unit."""
BEGAN, CLOSED = "began_", "closed_"
STREAM = "stream"
PARTS = (
    ("/api/v1/positions", "ingest"),
    ("/api/v1/ingest/", "ingest"),
    ("/api/", "api"),
    ("/stream", STREAM),
    ("/static/", "static"),
    ("/fleet", "page"),
    ("/login", "page"),
    ("/health", "health"),
    ("/ready", "health"),
)


def answered(path: str, status: int, seconds: float) -> None:
    """A request was answered; a stream is none."""
    part = part_of(path)
    if part == STREAM and status == HTTPStatus.OK:
        return
    _request_seconds(part, status // 100).observe(seconds)


def part_of(path: str) -> str:
    return next((part for prefix, part in PARTS if path.startswith(prefix)), "other")


def received(format_: str, verdicts: Mapping[str, int]) -> None:
    """What became of the reports of one message."""
    for verdict, count in verdicts.items():
        _reports(format_, verdict).inc(count)


# A look-up by labels takes longer than the count itself.
@cache
def _request_seconds(part: str, hundreds: int) -> Histogram:
    return REQUEST_SECONDS.labels(part, f"{hundreds}xx")


@cache
def _reports(format_: str, verdict: str) -> Counter:
    return REPORTS.labels(format_, verdict)


def streamed(tally: Mapping[str, int]) -> None:
    """What an audience did since the last time."""
    for name, count in tally.items():
        if name in SUMS:
            metric, factor = SUMS[name]
            metric.inc(count * factor)
        elif name.startswith(BEGAN):
            STREAMS_BEGUN.labels(name.removeprefix(BEGAN)).inc(count)
        elif name.startswith(CLOSED):
            STREAMS_CLOSED.labels(name.removeprefix(CLOSED)).inc(count)


def page() -> bytes:
    """All metrics of all workers, as Prometheus reads them."""
    if not is_shared():
        return generate_latest(REGISTRY)
    everybody = CollectorRegistry()
    MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]
    return generate_latest(everybody)
