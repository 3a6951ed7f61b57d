"""The feed's numbers and newest positions in a real Valkey."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from redis import Redis

from harbor.errors import Unavailable
from harbor.fleet.sources import Said, Standing
from harbor.live.client import Valkey
from harbor.live.event import Placed
from harbor.live.feed import Change, Feed, How, decode_message
from tests.builders import FLEET, NOON

VESSEL = "01a204d3-51c4-772e-98cb-a5852ffebc8b"


@pytest.fixture
def redis(settings):
    with Redis.from_url(settings.valkey_url.get_secret_value()) as redis:
        yield redis


@pytest.fixture
def feed(settings, redis):
    client = Valkey(settings.valkey_url.get_secret_value(), 1.0)
    yield Feed(client, FLEET, 1000)
    client.close()


def at(recorded_us: int, vessel: str = VESSEL) -> Change:
    feature = b'{"properties":{"at":%d,"age_seconds":0,"state":"live"}}' % recorded_us
    return Change(How.POSITION, Placed(vessel, recorded_us, 57.5, 11.5, feature))


def published(feed, *changes):
    """What a subscriber would have heard, from the history."""
    head = feed.head()
    feed.publish(uuid4(), changes)
    return feed.since(head.epoch, head.number).events


def test_numbers_are_contiguous_across_batches(feed):
    events = [*published(feed, at(1), at(2)), *published(feed, at(3))]

    assert [event.number for event in events] == [1, 2, 3]


def test_an_older_position_is_late_and_never_becomes_the_newest(feed):
    events = published(feed, at(5), at(3), at(5), at(7))

    assert [event.kind for event in events] == [b"position", b"late", b"late", b"position"]
    assert [one.recorded_us for one in feed.newest().positions] == [7]


def test_an_event_says_where_the_vessel_was_before(feed):
    events = published(feed, at(7), at(3))

    assert [event.before for event in events] == [None, (57.5, 11.5)]


def test_the_same_batch_again_adds_nothing(feed):
    batch = uuid4()
    feed.publish(batch, [at(1)])

    feed.publish(batch, [at(1)])

    assert feed.head().number == 1


def test_what_is_published_is_what_the_history_keeps(feed, redis):
    with redis.pubsub() as pubsub:
        pubsub.subscribe(feed.channel)
        pubsub.get_message(timeout=2)
        kept = published(feed, at(1), at(2))
        message = pubsub.get_message(timeout=2)

    epoch, heard = decode_message(message["data"])
    assert epoch == feed.head().epoch
    assert tuple(heard) == kept


def test_an_emptied_server_begins_a_new_epoch(feed, redis):
    feed.publish(uuid4(), [at(1)])
    before = feed.head()

    redis.flushall()

    assert feed.head().epoch != before.epoch
    assert not feed.since(before.epoch, 1).is_complete


def test_a_server_of_another_lineage_begins_a_new_epoch_and_a_new_history(feed, redis):
    feed.publish(uuid4(), [at(1)])
    before = feed.head()
    redis.hset(f"harbor:{{{FLEET}}}:state", "lineage", "0" * 40)

    events = published(feed, at(2))

    assert feed.head().epoch != before.epoch
    assert [event.number for event in events] == [1]


def test_a_span_that_the_history_no_longer_has_is_not_complete(settings, redis):
    client = Valkey(settings.valkey_url.get_secret_value(), 1.0)
    feed = Feed(client, FLEET, 10)
    epoch = feed.head().epoch
    for start in range(0, 1000, 100):
        feed.publish(uuid4(), [at(start + n) for n in range(100)])
    client_side = feed.since(epoch, 10)
    client.close()

    assert not client_side.is_complete


def test_the_newest_is_whole_only_after_it_was_restored(feed):
    feed.publish(uuid4(), [at(5)])
    assert not feed.newest().is_whole

    feed.restore(feed.head().epoch, [at(3).placed, at(9, "other").placed])

    newest = feed.newest()
    assert newest.is_whole
    assert {one.vessel_id: one.recorded_us for one in newest.positions} == {
        VESSEL: 5,
        "other": 9,
    }


def test_restoring_twice_adds_nothing_that_the_feed_has_not_told(feed):
    epoch = feed.head().epoch
    feed.restore(epoch, [at(3).placed])

    feed.restore(epoch, [at(9).placed])

    assert [one.recorded_us for one in feed.newest().positions] == [3]


def test_more_callers_than_connections_do_not_make_a_healthy_server_look_away(feed):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(60) as pool:
        heads = list(pool.map(lambda _: feed.head(), range(60)))

    assert len(heads) == 60


def test_restoring_for_an_epoch_that_ended_changes_nothing(feed, redis):
    epoch = feed.head().epoch
    redis.flushall()

    feed.restore(epoch, [at(3).placed])

    assert feed.newest().positions == ()


def test_a_vessel_that_is_gone_leaves_the_newest(feed):
    feed.publish(uuid4(), [at(5)])

    feed.publish(uuid4(), [Change(How.GONE, at(5).placed)])

    assert feed.newest().positions == ()


def test_a_renamed_vessel_has_its_new_name_in_the_newest(feed):
    feed.publish(uuid4(), [at(5)])
    renamed = Placed(
        VESSEL, 5, 57.5, 11.5, b'{"properties":{"name":"new","age_seconds":0,"state":"live"}}'
    )

    feed.publish(uuid4(), [Change(How.VESSEL, renamed)])

    assert [one.feature for one in feed.newest().positions] == [renamed.feature]


def test_a_server_that_is_away_is_unavailable_at_once(unused_port):
    client = Valkey(f"redis://127.0.0.1:{unused_port}/0", 0.2)

    with pytest.raises(Unavailable):
        Feed(client, FLEET, 10).head()


@pytest.fixture
def unused_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


GPS, AIS = Standing(10, 720), Standing(30, 720)


def heard(seconds: int, standing: Standing | None) -> Change:
    change = at(seconds * 1_000_000)
    return replace(change, placed=change.placed._replace(standing=standing))


def test_a_source_that_counts_less_never_moves_a_vessel_that_is_spoken_for(feed):
    events = published(
        feed, heard(1000, GPS), heard(1010, AIS), heard(1720, AIS), heard(1730, GPS)
    )

    assert kinds_of(events) == ["position", "late", "late", "position"]


def test_a_source_that_counts_less_speaks_after_the_better_one_was_silent(feed):
    events = published(
        feed, heard(1000, GPS), heard(1721, AIS), heard(1722, AIS), heard(1723, GPS)
    )

    assert kinds_of(events) == ["position"] * 4


def test_a_better_source_that_is_heard_later_takes_over_in_the_end(feed):
    """AIS is heard at once, the tracker half a minute later: it would be older for ever."""
    events = published(
        feed, heard(1020, AIS), heard(1000, GPS), heard(1030, AIS), heard(1021, GPS)
    )

    assert kinds_of(events) == ["position", "late", "late", "position"]


def test_a_buffer_of_yesterday_does_not_silence_who_speaks_today(feed):
    events = published(feed, heard(90_000, AIS), heard(1000, GPS), heard(90_010, AIS))

    assert kinds_of(events) == ["position", "late", "position"]


def test_a_worker_of_the_version_before_publishes_beside_us(feed):
    """It knows no standing: then the newest counts, as it always did."""
    events = published(feed, heard(1000, GPS), heard(1010, None), heard(1020, AIS))

    assert kinds_of(events) == ["position", "position", "late"]


def test_who_speaks_is_restored_with_the_positions(feed):
    head = feed.head()
    feed.restore(head.epoch, [heard(1000, GPS).placed])

    events = published(feed, heard(1010, AIS))

    assert kinds_of(events) == ["late"]
    assert [one.recorded_us for one in feed.newest().positions] == [1_000_000_000]


def test_a_tracker_that_counts_less_from_now_on_gives_way_at_once(feed):
    """Else nobody would speak for her until the patience that it had is over: up to a week."""
    demoted = Standing(40, 720)
    changed = replace(heard(1000, demoted), how=How.VESSEL)

    events = published(
        feed,
        heard(1000, GPS),
        changed,
        heard(1010, AIS),
        heard(1020, demoted),
        heard(1030, AIS),
    )

    assert kinds_of(events) == ["position", "vessel", "position", "late", "position"]


def test_a_new_name_lets_nobody_else_speak(feed):
    renamed = replace(heard(1000, GPS), how=How.VESSEL)

    events = published(feed, heard(1000, GPS), renamed, heard(1010, AIS))

    assert kinds_of(events) == ["position", "vessel", "late"]


def test_nobody_speaks_for_a_vessel_that_has_gone(feed):
    gone = replace(heard(1000, None), how=How.GONE)

    events = published(feed, heard(1000, GPS), gone, heard(1010, AIS))

    assert kinds_of(events) == ["position", "vessel", "position"]


said = st.lists(st.tuples(st.integers(0, 3000), st.sampled_from([GPS, Standing(20, 300), AIS])))


@given(said)
@settings_of_hypothesis(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_in_order_the_feed_keeps_the_rule_of_the_fleet(feed, redis, said):
    redis.flushall()
    in_order = sorted(said, key=lambda one: (one[0], one[1].precedence))
    expected, speaks = [], None
    for seconds, standing in in_order:
        one = Said(NOON + timedelta(seconds=seconds), standing, seconds)
        is_shown = speaks is None or speaks.gives_way_to(one)
        expected.append("position" if is_shown else "late")
        speaks = one if is_shown else speaks

    events = published(feed, *(heard(1000 + seconds, who) for seconds, who in in_order))

    assert kinds_of(events) == expected


def kinds_of(events):
    return [event.kind.decode() for event in events]
