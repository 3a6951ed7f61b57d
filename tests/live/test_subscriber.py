"""The worker's subscription, against a real Valkey that it loses in every way."""

import signal
from time import monotonic
from uuid import uuid4

import gevent
import pytest
from redis import Redis

from harbor.demo.services import ValkeyService
from harbor.errors import Unavailable
from harbor.live.client import Valkey
from harbor.live.feed import Feed
from harbor.live.hub import Hub
from harbor.live.latest import LatestPositions
from harbor.live.source import Source
from harbor.live.subscriber import Rhythm, Subscriber
from tests.live.test_feed import at

QUICK = Rhythm(ping_s=0.2, silence_s=1.0, retry_s=0.05)
PATIENCE_S = 15


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A Valkey that these tests may stop, fill and kill."""
    with ValkeyService(tmp_path_factory.mktemp("valkey"), 63850) as service:
        yield service


class CountingHub(Hub):
    """A hub that remembers how much it was given at once, and what it was told."""

    def __init__(self, *args):
        self.takes, self.told = [], []
        super().__init__(*args)

    def take(self, epoch, events):
        self.takes.append(len(events))
        return super().take(epoch, events)

    def degrade(self, is_degraded):
        self.told.append(is_degraded)
        super().degrade(is_degraded)

    def numbers(self):
        return [event.number for event in self._log]


class Fleet:
    """One fleet's feed, hub and source on a server."""

    def __init__(self, server, timeout_s=2.0):
        fleet_id = uuid4()
        self.valkey = Valkey(server.url, timeout_s)
        self.feed = Feed(self.valkey, fleet_id, 100_000)
        self.hub = CountingHub(fleet_id, self.feed.channel, 10_000, self.feed.since)
        self.latest = LatestPositions(fleet_id, self.feed, lambda _: [])
        self.source = Source(self.hub, self.feed, self.latest)
        self._at = 0

    def publish(self, count=1):
        for _ in range(count):
            self._at += 1
            self.feed.publish(uuid4(), [at(self._at)])


@pytest.fixture
def fleet(server):
    fleet = Fleet(server)
    yield fleet
    fleet.valkey.close()


@pytest.fixture
def listening(server, fleet):
    """A subscriber that runs; the hub is live."""
    back = []
    subscriber = Subscriber(server.url, 1.0, lambda: back.append(1), QUICK)
    subscriber.back = back
    greenlet = gevent.spawn(subscriber.run)
    subscriber.listen(fleet.source)
    until(lambda: not fleet.hub.is_degraded)
    yield subscriber
    assert not greenlet.dead, greenlet.exception
    greenlet.kill()


def until(is_so, patience_s=PATIENCE_S):
    deadline = monotonic() + patience_s
    while not is_so():
        assert monotonic() < deadline, "it did not happen"
        gevent.sleep(0.01)


def test_what_is_published_fills_the_hub(fleet, listening):
    fleet.publish(3)

    until(lambda: fleet.hub.number == 3)
    assert fleet.hub.numbers() == [1, 2, 3]


def test_messages_that_came_together_are_taken_together(fleet, listening):
    fleet.publish(50)  # the subscriber's greenlet has no turn meanwhile

    until(lambda: fleet.hub.number == 50)
    assert len(fleet.hub.takes) <= 5


def test_a_fleet_that_comes_later_does_not_wait_for_the_next_ping(server, fleet):
    slow = Rhythm(ping_s=60, silence_s=120, retry_s=0.05)
    subscriber = Subscriber(server.url, 1.0, lambda: None, slow)
    greenlet = gevent.spawn(subscriber.run)
    subscriber.listen(fleet.source)
    until(lambda: not fleet.hub.is_degraded)

    another = Fleet(server)
    subscriber.listen(another.source)
    another.publish()

    until(lambda: another.hub.number == 1)
    greenlet.kill()
    another.valkey.close()


def test_a_cut_subscription_is_made_good_and_said_once(server, fleet, listening):
    fleet.publish()
    until(lambda: fleet.hub.number == 1)
    with Redis.from_url(server.url) as redis:
        redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    fleet.publish(5)

    until(lambda: fleet.hub.number == 6 and not fleet.hub.is_degraded)
    assert fleet.hub.numbers() == [1, 2, 3, 4, 5, 6]
    assert fleet.hub.told == [False, True, False]
    assert fleet.hub.generation == 1
    assert len(listening.back) == 2


def test_a_lost_message_is_read_from_the_history(server, fleet, listening):
    with Redis.from_url(server.url) as redis:
        fleet.publish()
        redis.publish(
            fleet.feed.channel, f"{fleet.feed.head().epoch.decode()} 9\nx y - 1 1 1 {{}}"
        )
        fleet.publish(2)

    until(lambda: fleet.hub.number == 3)
    assert fleet.hub.numbers() == [1, 2, 3]


@pytest.mark.parametrize("junk", ["", "junk", "a b\nc", "e 1\nposition v - x y z {}"])
def test_what_no_harbor_published_does_not_end_the_subscription(server, fleet, listening, junk):
    with Redis.from_url(server.url) as redis:
        redis.publish(fleet.feed.channel, junk)
    fleet.publish()

    until(lambda: fleet.hub.number == 1)


def test_a_valkey_that_is_killed_degrades_the_hub_and_begins_afresh(server, fleet, listening):
    fleet.publish()
    until(lambda: fleet.hub.number == 1)
    epoch = fleet.hub.epoch

    server.kill()
    until(lambda: fleet.hub.is_degraded)
    server.restart()

    until(lambda: not fleet.hub.is_degraded)
    assert fleet.hub.epoch != epoch
    assert fleet.hub.generation == 2


def test_a_valkey_that_hangs_is_noticed_by_its_silence(server, fleet, listening):
    server.kill(signal.SIGSTOP)
    try:
        until(lambda: fleet.hub.is_degraded)
    finally:
        server.kill(signal.SIGCONT)

    until(lambda: not fleet.hub.is_degraded)
    assert fleet.hub.generation == 1


REFUSALS = {
    "read-only": ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
    "out of memory": ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
    "without its replicas": (
        "CONFIG SET min-replicas-to-write 1",
        "CONFIG SET min-replicas-to-write 0",
    ),
}


@pytest.mark.parametrize("how", REFUSALS)
def test_a_valkey_that_takes_no_writes_is_said_to_be_away(server, fleet, listening, how):
    fleet.publish()
    refuse, allow = REFUSALS[how]
    with Redis.from_url(server.url) as redis:
        redis.execute_command(*refuse.split())
        until(lambda: fleet.hub.is_degraded)
        with pytest.raises(Unavailable):
            fleet.feed.newest()
        redis.execute_command(*allow.split())
    until(lambda: not fleet.hub.is_degraded)
    fleet.publish(2)

    until(lambda: fleet.hub.number == fleet.feed.head().number)


def test_with_only_the_subscription_away_events_keep_their_numbers(fleet):
    fleet.source.read_while_away()
    fleet.publish(3)

    fleet.source.follow_while_away()

    assert fleet.hub.is_degraded
    assert fleet.hub.numbers() == [1, 2, 3]
    assert all(event.frame.startswith(b"id: ") for event in fleet.hub._log)


def test_two_who_catch_up_at_once_fill_the_hub_once(fleet):
    fleet.source.read_while_away()
    fleet.publish(1)
    fleet.feed.publish(uuid4(), [at(number) for number in range(2, 2000)])

    both = [gevent.spawn(fleet.source.catch_up) for _ in range(2)]
    gevent.joinall(both, timeout=PATIENCE_S, raise_error=True)

    assert fleet.hub.numbers() == list(range(1, 2000))
    assert fleet.hub.generation == 1


def test_a_hub_seeded_without_valkey_begins_afresh_when_it_is_there(server):
    server.kill()
    fleet = Fleet(server, timeout_s=0.2)
    subscriber = Subscriber(server.url, 0.2, lambda: None, QUICK)
    greenlet = gevent.spawn(subscriber.run)
    subscriber.listen(fleet.source)
    fleet.source.read_while_away()
    seeded_with, generation = fleet.hub.epoch, fleet.hub.generation

    server.restart()

    until(lambda: not fleet.hub.is_degraded)
    assert seeded_with is None
    assert fleet.hub.epoch is not None
    assert fleet.hub.generation == generation + 1
    greenlet.kill()
    fleet.valkey.close()


def test_a_busy_feed_leaves_the_other_greenlets_their_turn(server, fleet, listening):
    """The reader never reads on without having waited."""
    turns = []

    def count():
        while True:
            turns.append(len(fleet.hub.takes))
            gevent.sleep(0)

    counter = gevent.spawn(count)
    fleet.publish(3000)
    until(lambda: fleet.hub.number == 3000)
    counter.kill()

    assert set(range(1, len(fleet.hub.takes))) <= set(turns)
