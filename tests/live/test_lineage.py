"""A Valkey that goes back in time, or another in its place, never uses a feed id twice."""

from contextlib import ExitStack, closing
from time import monotonic, sleep
from uuid import uuid4

import pytest
from redis import Redis
from redis.exceptions import RedisError

from harbor.demo.services import ValkeyService
from harbor.live.client import Valkey
from harbor.live.feed import Feed
from tests.builders import FLEET
from tests.live.test_feed import at

PATIENCE_S = 15


@pytest.fixture
def start(tmp_path):
    """Starts a Valkey with these settings, on a port of its own."""
    with ExitStack() as services:

        def start(name, port, **settings):
            given = {key.replace("_", "-"): value for key, value in settings.items()}
            service = ValkeyService(tmp_path / name, port, given)
            return services.enter_context(service)

        yield start


def password(service):
    return service.url.split(":")[2].split("@")[0]


def replica_of(start, primary):
    replica = start("replica", 63870, masterauth=password(primary))
    follow(replica, primary)
    return replica


def follow(replica, primary):
    with Redis.from_url(primary.url) as redis:
        redis.config_set("repl-diskless-sync-delay", 0)
    with Redis.from_url(replica.url) as redis:
        redis.config_set("masterauth", password(primary))
        redis.replicaof("127.0.0.1", str(primary.port))
        until(lambda: redis.info("replication")["master_link_status"] == "up")


def promote(replica):
    with Redis.from_url(replica.url) as redis:
        redis.replicaof("NO", "ONE")


def publish(service, count=1):
    """As a worker that was sent to this server; returns the ids that it gave."""
    with closing(Valkey(service.url, 2.0)) as client:
        feed = Feed(client, FLEET, 1000)
        before = feed.head()
        feed.publish(uuid4(), [at(number) for number in range(count)])
        span = feed.since(before.epoch, before.number)
        assert span.is_complete
        return [(span.epoch, event.number) for event in span.events]


def one_epoch(given):
    return len({epoch for epoch, _ in given}) == 1


def resumes(service, feed_id):
    with closing(Valkey(service.url, 2.0)) as client:
        return Feed(client, FLEET, 1000).since(*feed_id).is_complete


def number_at(service):
    with Redis.from_url(service.url) as redis:
        return int(redis.hget(f"harbor:{{{FLEET}}}:state", "number") or 0)


def until(is_so):
    deadline = monotonic() + PATIENCE_S
    while True:
        try:
            if is_so():
                return
        except RedisError:
            pass  # it is loading
        assert monotonic() < deadline, "it did not happen"
        sleep(0.02)


def test_a_server_that_restarts_from_an_old_snapshot_gives_no_id_again(start):
    server = start("valkey", 63860)
    given = publish(server, 3)
    with Redis.from_url(server.url) as redis:
        redis.save()
    given += publish(server, 5)
    assert one_epoch(given)

    server.kill()
    server.restart()
    loaded = number_at(server)
    again = publish(server, 8)

    assert loaded == 3
    assert not set(given) & set(again)
    assert not resumes(server, given[2])


def test_a_promoted_replica_that_kept_pace_gives_no_id_again(start):
    primary = start("primary", 63860)
    replica = replica_of(start, primary)
    given = publish(primary, 5)
    until(lambda: number_at(replica) == 5)

    primary.kill()
    promote(replica)
    again = publish(replica, 5)

    assert not set(given) & set(again)
    assert not resumes(replica, given[0])


def test_a_promoted_replica_that_lagged_gives_no_id_again(start):
    primary = start("primary", 63860)
    replica = replica_of(start, primary)
    given = publish(primary, 3)
    until(lambda: number_at(replica) == 3)
    cut(replica)
    given += publish(primary, 5)
    assert one_epoch(given)

    primary.kill()
    promote(replica)
    lagged = number_at(replica)
    again = publish(replica, 8)

    assert lagged == 3
    assert not set(given) & set(again)


def test_a_primary_that_took_over_a_lagging_replica_gives_no_id_again(start):
    """Its run id is the same as before; nobody published anywhere else in between."""
    primary = start("primary", 63860)
    replica = replica_of(start, primary)
    given = publish(primary, 3)
    until(lambda: number_at(replica) == 3)
    cut(replica)
    given += publish(primary, 5)
    assert one_epoch(given)

    promote(replica)
    follow(primary, replica)
    until(lambda: number_at(primary) == 3)
    promote(primary)
    again = publish(primary, 8)

    assert not set(given) & set(again)


def cut(replica):
    """Keeps what it has and hears nothing more, as behind a broken link."""
    with Redis.from_url(replica.url) as redis:
        redis.replicaof("127.0.0.1", "1")
