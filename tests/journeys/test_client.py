"""harbor.client against a whole Harbor: what it promises its users."""

import os
import signal
import threading
import time
from contextlib import contextmanager, suppress

import pytest
import urllib3

from harbor.client import (
    BadRequest,
    Feed,
    FeedState,
    Late,
    Position,
    Refused,
    Snapshot,
    VesselChange,
)
from tests.builders import moment, ping
from tests.journeys.fleet_server import wait_until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(120)]


class Reader:
    """A program that reads the feed in a thread, as a partner's does."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.events = []
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        wait_until(lambda: self.error or self.of(Snapshot) or feed.last_event_id, 15)

    def _read(self) -> None:
        try:
            self.events.extend(self.feed)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.error = error

    def of(self, kind) -> list:
        return [one for one in self.events if isinstance(one, kind)]

    def moments(self) -> list[str]:
        return [one.vessel.properties["recorded_at"] for one in self.of(Position | Late)]

    def numbers(self) -> list[int]:
        return [int(one.id.rpartition("-")[2]) for one in self.events if one.id]

    def leave(self) -> None:
        self.feed.close()
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture
def read(fleet):
    """Programs with the partner's key that leave at the end of the test."""
    readers = []

    def begin(key=None, **asked):
        readers.append(Reader(Feed(fleet.url, key or fleet.cast.partner_key, **asked)))
        return readers[-1]

    yield begin
    for one in readers:
        one.leave()


@contextmanager
def sailing(fleet, hull):
    """Posts one position after the other, each until it is acknowledged; gives the list."""
    acknowledged, stop = [], threading.Event()

    def run():
        report = ping()
        while not stop.wait(0.01):
            with suppress(urllib3.exceptions.HTTPError):  # its worker was killed: sent again
                if fleet.post(hull, report).status in {200, 201}:
                    acknowledged.append(report["recorded_at"])
                    report = ping()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield acknowledged
    finally:
        stop.set()
        thread.join()


def sail_on(acknowledged, count) -> None:
    goal = len(acknowledged) + count
    wait_until(lambda: len(acknowledged) >= goal, 20)


def test_reloads_and_a_killed_worker_cost_a_client_nothing(fleet, read):
    plain, compressed = read(mode="all", is_compressed=False), read(mode="all")

    with sailing(fleet, fleet.cast.vinga) as acknowledged:
        sail_on(acknowledged, 20)
        fleet.reload()
        sail_on(acknowledged, 50)
        wait_until(lambda: len(fleet.workers()) == 2, 20)
        os.kill(fleet.workers()[0], signal.SIGKILL)
        sail_on(acknowledged, 50)

    for one in (plain, compressed):
        wait_until(lambda one=one: set(acknowledged) <= set(one.moments()), 30)
        assert len(set(one.moments())) == len(one.moments())
        assert one.numbers() == list(range(one.numbers()[0], one.numbers()[-1] + 1))
        assert one.feed.repeated == 0
        assert len(one.of(Snapshot)) == 1


def test_a_program_goes_on_where_it_stored_that_it_was(fleet, read):
    first = read(mode="all")
    fleet.post(fleet.cast.vinga, ping())
    wait_until(lambda: first.of(Position), 10)
    stored = first.feed.last_event_id
    first.leave()
    missed = [ping() for _ in range(3)]
    for report in missed:
        fleet.post(fleet.cast.vinga, report)

    second = read(mode="all", after=stored)

    wait_until(lambda: len(second.events) >= 3, 10)
    assert second.moments() == [report["recorded_at"] for report in missed]


def test_a_vessel_that_sails_out_of_the_box_is_said_to_be_outside(fleet, read):
    fleet.post(fleet.cast.vinga, ping())
    reader = read(bbox=(11.5, 57.5, 12.0, 58.0))

    fleet.post(fleet.cast.vinga, ping(longitude=12.5))

    def left():
        return [one for one in reader.of(VesselChange) if one.change == "outside"]

    assert wait_until(left, 10)[0].vessel.longitude == 12.5


def test_a_rate_is_kept_for_each_vessel(fleet, read):
    reader = read(max_rate_s=2, vessels=[fleet.cast.hono.imo_number])
    began = time.monotonic()

    with sailing(fleet, fleet.cast.hono) as acknowledged:
        wait_until(lambda: len(reader.of(Position)) >= 3, 20)
    took_s = time.monotonic() - began

    assert len(acknowledged) > len(reader.of(Position))
    assert took_s > 3.5


def test_a_dispatchers_session_opens_it_too(fleet):
    with Feed(fleet.url, headers={"Cookie": fleet.log_in()}) as feed:
        assert isinstance(next(feed), Snapshot | FeedState)


def test_a_revoked_key_ends_it_and_says_what_to_do(fleet):
    feed = Feed(fleet.url, fleet.cast.revoked_key)

    with feed, pytest.raises(Refused, match="operator") as raised:
        next(feed)

    assert raised.value.status == 401


def test_a_filter_that_makes_no_sense_is_named(fleet):
    feed = Feed(fleet.url, fleet.cast.partner_key, vessels=["0000000"])

    with feed, pytest.raises(BadRequest, match="there is no vessel '0000000'"):
        next(feed)


def test_a_client_tells_that_the_feed_is_degraded_and_goes_on(fleet, read):
    reader = read(types=["position"])
    fleet.valkey.kill()
    try:
        wait_until(lambda: FeedState(None, "degraded") in reader.events, 20)
    finally:
        fleet.valkey.restart()

    wait_until(lambda: reader.of(FeedState)[-1].state == "live", 20)
    report = ping(recorded_at=moment())
    fleet.post(fleet.cast.vinga, report)
    wait_until(lambda: report["recorded_at"] in reader.moments(), 20)
