"""Ready-made requests that publish one position each; the load client fills in the rest.

Harbor's own code publishes one position into the real Valkey, and what it sent is the
template: the same script with the same arguments as in production. What the load client
replaces stands as a mark of the same width, see `peers/load/publisher.c`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from redis import ConnectionPool, Redis

from bench.installation import Installation, Sender, quiet
from harbor import create_app
from harbor.fleet import geojson
from harbor.fleet.report import PositionReport
from harbor.fleet.status import Patience
from harbor.fleet.vessel import Particulars
from harbor.live.client import Script, Valkey
from harbor.live.event import place
from harbor.live.feed import Change, Feed, How
from harbor.runtime import Runtime

VESSELS = 50
RECORDED_US, DUE_US, NUMBER = 1111111111111111, 2222222222222222, 3333333333
BATCH = UUID("44444444-4444-4444-4444-444444444444")
MARKS = b'"properties":{"t":%d,"n":%d,' % (DUE_US, NUMBER)
NCHAN_POST = (
    b"POST /publish HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"X-EventSource-Event: position\r\nContent-Length: %d\r\n\r\n%b"
)


@dataclass(frozen=True, slots=True)
class Publishing:
    """Where events go in, with files of requests for the load client."""

    port: int
    requests: Path
    is_http: bool = False


@dataclass(frozen=True, slots=True)
class FeedEvents:
    """The feed's own requests: how to publish, and how to subscribe."""

    publishing: Publishing
    subscribe: Path
    payload_bytes: int


def of_feed(site: Installation, directory: Path) -> FeedEvents:
    """What Harbor sends to Valkey for a position of each of 50 vessels."""
    app = create_app(quiet(site.settings))
    runtime: Runtime = app.extensions["harbor"]
    url = urlsplit(site.settings["HARBOR_VALKEY_URL"])
    hello = [command("AUTH", unquote(url.password))] if url.password else [command("PING")]
    try:
        runtime.valkey.close()
        runtime.valkey = overheard = Overheard(runtime.valkey.url, runtime.valkey.timeout_s)
        feed = runtime.feed(site.senders[0].fleet_id)
        events = [overheard.publishing(feed, one) for one in site.senders[:VESSELS]]
        subscribe = directory / "subscribe"
        subscribe.write_bytes(b"".join([*hello, command("SUBSCRIBE", feed.channel)]))
    finally:
        runtime.close()
    requests = write(directory / "feed-requests", hello[0], events)
    return FeedEvents(
        Publishing(url.port or 6379, requests), subscribe, len(feature_of(site.senders[0]))
    )


def of_nchan(site: Installation, directory: Path, port: int) -> Publishing:
    """The same features as POSTs, with the same name of the event."""
    features = [feature_of(one) for one in site.senders[:VESSELS]]
    posts = [NCHAN_POST % (len(one), one) for one in features]
    return Publishing(port, write(directory / "nchan-requests", b"", posts), is_http=True)


class Overheard(Valkey):
    """Valkey as Harbor uses it, remembering the last command that was sent."""

    def __init__(self, url: str, timeout_s: float) -> None:
        super().__init__(url, timeout_s)
        self._client = _Client(connection_pool=ConnectionPool.from_url(url))

    def run(self, script: Script, keys: list[str], args: list[Any]) -> Any:
        return script.run(self._client, keys, args)

    def publishing(self, feed: Feed, sender: Sender) -> bytes:
        """The command that publishes a position of this sender's vessel."""
        placed = place(report_of(sender, geojson.moment_of(RECORDED_US)), feature_of(sender))
        feed.publish(BATCH, [Change(How.POSITION, placed)])
        return command(*self._client.last)

    def close(self) -> None:
        super().close()
        self._client.close()


class _Client(Redis):
    last: tuple[Any, ...] = ()

    def execute_command(self, *args: Any, **options: Any) -> Any:
        self.last = args
        return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]


def report_of(sender: Sender, recorded_at: datetime) -> PositionReport:
    return PositionReport(
        sender.fleet_id,
        sender.vessel_id,
        sender.tracker_id,
        recorded_at,
        latitude=57.68125,
        longitude=11.79034,
        speed_knots=9.5,
        course_degrees=270.0,
        heading_degrees=268.0,
    )


def feature_of(sender: Sender) -> bytes:
    """A feature as the API and the feed have it, with the marks among its properties."""
    vessel = Particulars(sender.vessel_id, sender.fleet_id, "Bench 12", mmsi="265000012")
    # Never in whole seconds, which would be written shorter.
    now = datetime.now(UTC).replace(microsecond=137_137)
    feature = geojson.feature(report_of(sender, now), now, vessel, now, Patience(180, 900))
    return feature.replace(b'"properties":{', MARKS, 1)


def command(*words: Any) -> bytes:
    """One command of RESP 2."""
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    lines = (b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)
    return b"*%d\r\n" % len(parts) + b"".join(lines)


def write(path: Path, first: bytes, requests: Sequence[bytes]) -> Path:
    """Each request behind a line with its length; the first one is sent only once."""
    path.write_bytes(b"".join(b"%d\n%b" % (len(one), one) for one in (first, *requests)))
    return path
