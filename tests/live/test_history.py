"""The bounded history: what can be replayed, for how long, and at what cost to others."""

from time import monotonic, sleep
from uuid import uuid4

import gevent
import pytest
from redis import Redis

from harbor.live.client import Valkey
from harbor.live.feed import PAGE_EVENTS, REPLAY_EVENTS_MAX, Feed
from tests.live.test_feed import at

PATIENCE_S = 15


@pytest.fixture
def client(valkey):
    client = Valkey(valkey.url, 2.0)
    yield client
    client.close()


@pytest.fixture
def redis(valkey):
    with Redis.from_url(valkey.url) as redis:
        yield redis


def a_feed(client, events_max=100_000, age_s=0.0):
    return Feed(client, uuid4(), events_max, age_s)


def key_of(feed):
    return feed.channel.removesuffix("feed") + "history"


def publish(feed, count, start=0):
    for first in range(start, start + count, 500):
        last = min(first + 500, start + count)
        feed.publish(uuid4(), [at(number) for number in range(first, last)])


def until(is_so):
    deadline = monotonic() + PATIENCE_S
    while not is_so():
        assert monotonic() < deadline, "it did not happen"
        sleep(0.01)


def test_a_replay_of_many_pages_is_whole_and_in_order(client):
    feed = a_feed(client)
    publish(feed, 3 * PAGE_EVENTS + 7)

    span = feed.since(feed.head().epoch, 2)

    assert span.is_complete
    assert [event.number for event in span.events] == list(range(3, 3 * PAGE_EVENTS + 8))


def test_what_is_published_during_a_replay_is_part_of_it(client):
    feed = a_feed(client)
    publish(feed, 2 * PAGE_EVENTS)
    gevent.spawn(publish, feed, 5, 2 * PAGE_EVENTS)  # has its turn between two pages

    span = feed.since(feed.head().epoch, 0)

    assert span.is_complete
    assert span.number == len(span.events) == 2 * PAGE_EVENTS + 5


def test_a_server_emptied_during_a_replay_ends_it_incomplete(client, redis):
    feed = a_feed(client)
    publish(feed, 2 * PAGE_EVENTS)
    gevent.spawn(redis.delete, key_of(feed))

    span = feed.since(feed.head().epoch, 0)

    assert (span.is_complete, span.events) == (False, ())


def test_more_than_may_be_replayed_is_not_read_at_all(client):
    feed = a_feed(client)
    publish(feed, REPLAY_EVENTS_MAX + 1)
    epoch = feed.head().epoch

    assert not feed.since(epoch, 0).is_complete
    assert feed.since(epoch, 1).is_complete


@pytest.mark.parametrize("number", [1, 10**14, 10**15 - 1])
def test_a_number_that_was_never_given_is_not_complete_and_no_fault(client, number):
    feed = a_feed(client)
    epoch = feed.head().epoch

    assert not feed.since(epoch, number).is_complete
    assert not client.breaker.is_open


def test_a_lost_event_in_the_history_is_not_passed_over(client, redis):
    feed = a_feed(client)
    publish(feed, 10)
    redis.xdel(key_of(feed), redis.xrange(key_of(feed), "5-0", count=1)[0][0])
    epoch = feed.head().epoch

    assert not feed.since(epoch, 0).is_complete
    assert not feed.since(epoch, 4).is_complete
    assert feed.since(epoch, 5).is_complete


def test_the_history_is_bounded_by_count(client, redis):
    feed = a_feed(client, events_max=1000)
    publish(feed, 5000)

    assert 1000 <= redis.xlen(key_of(feed)) <= 1100


def test_what_is_too_old_is_not_replayed_even_when_nothing_follows_it(client, redis):
    feed = a_feed(client, age_s=0.3)
    publish(feed, 10)
    epoch = feed.head().epoch

    until(lambda: not feed.since(epoch, 9).is_complete)

    assert feed.since(epoch, 10).is_complete
    until(lambda: not redis.exists(key_of(feed)))


def test_a_young_event_is_replayed_and_its_older_neighbour_is_not(client):
    feed = a_feed(client, age_s=1)
    publish(feed, 1)
    epoch = feed.head().epoch
    began = monotonic()
    until(lambda: monotonic() - began > 0.5)
    publish(feed, 1, start=1)

    until(lambda: not feed.since(epoch, 0).is_complete)

    assert feed.since(epoch, 1).is_complete


def test_publishing_forgets_what_is_too_old_and_nothing_else(client, redis):
    age_ms = 500
    feed = a_feed(client, age_s=age_ms / 1000)
    kept = []
    began = monotonic()
    while monotonic() - began < 1.5:
        publish(feed, 7, start=len(kept))
        kept = redis.xrange(key_of(feed))
        sleep(0.01)
    last_ms = moment(kept[-1])

    assert number(kept[0]) > 1
    assert last_ms - age_ms * 65 / 64 <= moment(kept[0]) <= last_ms - age_ms + 250
    assert number(kept[-1]) - number(kept[0]) + 1 == len(kept)


def number(row):
    return int(row[0].split(b"-")[0])


def moment(row):
    return int(row[0].split(b"-")[1])
