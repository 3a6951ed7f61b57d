"""Ready-made requests that publish one position each; the load client fills in the rest.

Harbor's own code publishes one position into the real Valkey, and what it sent is the
template: the same script with the same arguments as in production. What the load client
replaces stands as a mark of the same width, see `peers/load/publisher.c`.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import cos, radians, sin
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

from redis import ConnectionPool, Redis

from bench.installation import Installation, Sender, quiet
from harbor import create_app
from harbor.fleet import geojson
from harbor.fleet.report import PositionReport
from harbor.fleet.status import Patience
from harbor.fleet.vessel import Particulars
from harbor.live.client import Script, Valkey
from harbor.live.event import Placed, place
from harbor.live.feed import Change, Feed, How
from harbor.runtime import Runtime

VESSELS, FIXES = 50, 10
CROWD = 100
NAMES = ("Aurora", "Baltic", "Carrier", "Delfin", "Ester", "Fjord", "Gull", "Havfrue", "Iris")
RECORDED_US, DUE_US, NUMBER = 1111111111111111, 2222222222222222, 3333333333
BATCH = UUID("44444444-4444-4444-4444-444444444444")
MARKS = b'"properties":{"t":%d,"n":%d,' % (DUE_US, NUMBER)
NCHAN_POST = (
    b"POST /publish HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b"X-EventSource-Event: position\r\nContent-Length: %d\r\n\r\n%b"
)


@dataclass(frozen=True, slots=True)
class Publishing:
    """Where events go in, with files of requests for the load client.

    `crowded` are the requests for many events at once, as one commit publishes them.
    """

    port: int
    requests: Path
    crowded: Path
    is_http: bool = False


@dataclass(frozen=True, slots=True)
class Voyage:
    """Positions of all vessels in turn, the same ones for every peer."""

    positions: tuple[Placed, ...]

    @property
    def feature_bytes(self) -> int:
        return sum(len(one.feature) for one in self.positions) // len(self.positions)

    def crowds(self) -> Iterator[tuple[Placed, ...]]:
        for at in range(0, len(self.positions), CROWD):
            yield self.positions[at : at + CROWD]


@dataclass(frozen=True, slots=True)
class Feeds:
    """Harbor's own feed, and one of another fleet for the broadcaster in C.

    Harbor does not listen to the other one, so that an idle peer costs the busy one nothing.
    `subscribe` is what the broadcaster says to Valkey.
    """

    harbor: Publishing
    other: Publishing
    subscribe: Path


def feeds(site: Installation, voyage: Voyage, directory: Path) -> Feeds:
    """What Harbor sends to Valkey for each position."""
    app = create_app(quiet(site.settings))
    runtime: Runtime = app.extensions["harbor"]
    url = urlsplit(site.settings["HARBOR_VALKEY_URL"])
    hello = command("AUTH", unquote(url.password)) if url.password else command("PING")
    subscribe = directory / "subscribe"
    fleets = {"harbor": site.senders[0].fleet_id, "other": uuid4()}
    found = {}
    try:
        runtime.valkey.close()
        runtime.valkey = overheard = Overheard(runtime.valkey.url, runtime.valkey.timeout_s)
        for name, fleet_id in fleets.items():
            feed = runtime.feed(fleet_id)
            single = [overheard.publishing(feed, [one]) for one in voyage.positions]
            crowds = [overheard.publishing(feed, crowd) for crowd in voyage.crowds()]
            found[name] = Publishing(
                url.port or 6379,
                write(directory / f"{name}-requests", hello, single),
                write(directory / f"{name}-crowded", hello, crowds),
            )
            subscribe.write_bytes(hello + command("SUBSCRIBE", feed.channel))
    finally:
        runtime.close()
    return Feeds(found["harbor"], found["other"], subscribe)


def of_nchan(voyage: Voyage, directory: Path, port: int) -> Publishing:
    """The same features as POSTs, with the same name of the event."""
    features = [one.feature for one in voyage.positions]
    posts = [NCHAN_POST % (len(one), one) for one in features]
    requests = write(directory / "nchan-requests", b"", posts)
    return Publishing(port, requests, requests, is_http=True)


class Overheard(Valkey):
    """Valkey as Harbor uses it, remembering the last command that was sent."""

    def __init__(self, url: str, timeout_s: float) -> None:
        super().__init__(url, timeout_s)
        self._client = _Client(connection_pool=ConnectionPool.from_url(url))

    def run(self, script: Script, keys: list[str], args: list[Any]) -> Any:
        return script.run(self._client, keys, args)

    def publishing(self, feed: Feed, positions: Sequence[Placed]) -> bytes:
        """The command that publishes these positions."""
        feed.publish(BATCH, [Change(How.POSITION, one) for one in positions])
        return command(*self._client.last)

    def close(self) -> None:
        super().close()
        self._client.close()


class _Client(Redis):
    last: tuple[Any, ...] = ()

    def execute_command(self, *args: Any, **options: Any) -> Any:
        self.last = args
        return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]


def sail(site: Installation) -> Voyage:
    """Each vessel on a course of her own, a minute from fix to fix."""
    dice = random.Random(1852)
    fixes = [_courses(dice, one) for one in site.senders[:VESSELS]]
    return Voyage(tuple(fix for turn in zip(*fixes, strict=True) for fix in turn))


def _courses(dice: random.Random, sender: Sender) -> list[Placed]:
    latitude, longitude = dice.uniform(54, 59), dice.uniform(8, 20)
    knots, course = dice.uniform(4, 20), dice.uniform(0, 360)
    name = f"{dice.choice(NAMES)} {dice.choice(NAMES)}"
    vessel = Particulars(
        sender.vessel_id, sender.fleet_id, name, mmsi=f"265{dice.randrange(10**6):06}"
    )
    fixes = []
    for _ in range(FIXES):
        latitude += knots / 3600 * cos(radians(course))
        longitude += knots / 3600 * sin(radians(course)) / cos(radians(latitude))
        course = (course + dice.uniform(-2, 2)) % 360
        report = PositionReport(
            sender.fleet_id,
            sender.vessel_id,
            sender.tracker_id,
            geojson.moment_of(RECORDED_US),
            latitude=round(latitude, 6),
            longitude=round(longitude, 6),
            speed_knots=round(dice.gauss(knots, 0.3), 1),
            course_degrees=round(course, 1),
            heading_degrees=round((course + dice.uniform(-3, 3)) % 360),
        )
        fixes.append(place(report, _marked(report, vessel, dice)))
    return fixes


def _marked(report: PositionReport, vessel: Particulars, dice: random.Random) -> bytes:
    """A feature as the API and the feed have it, with the marks among its properties."""
    now = datetime.now(UTC).replace(microsecond=dice.randrange(1, 10**6))
    recorded = replace(report, recorded_at=now - timedelta(seconds=2))
    feature = geojson.feature(recorded, now, vessel, now, Patience(180, 900))
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
