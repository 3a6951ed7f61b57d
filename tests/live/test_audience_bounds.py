"""What readers that do not read, or that come together, cost the others and the worker."""

import random

import gevent
import pytest

from harbor.live.latest import Latest
from harbor.live.wish import Mode, Wish
from tests.live.crowd import Sent, settle, until
from tests.live.test_audience import gather, hub, manners, read_all, sail_on
from tests.live.test_hub import EPOCH, event

__all__ = ["gather", "hub"]  # fixtures


@pytest.mark.parametrize("is_compressed", [False, True])
def test_a_stream_begins_with_a_time_of_its_own_to_come_back(hub, gather, is_compressed):
    audience, how = gather(), manners()
    crowd = [Sent(audience, Wish(), how, is_compressed=is_compressed) for _ in range(20)]

    beginnings = {one.heard().split(b"\n")[0] for one in crowd}

    assert all(beginning.startswith(b"retry: ") for beginning in beginnings)
    assert len(beginnings) > 10


@pytest.mark.parametrize("is_compressed", [False, True])
def test_readers_that_never_read_share_one_snapshot(hub, gather, is_compressed):
    audience, how = gather(), manners()
    hub.restart(Latest(tuple(hard_to_deflate(f"v{one}") for one in range(3000)), EPOCH, 5))

    crowd = [
        Sent(audience, Wish(), how, buffer=4096, is_compressed=is_compressed) for _ in range(20)
    ]

    assert len({id(member.tail.obj) for member in audience._members.values()}) == 1
    assert all(read_all(one)[-1][0] == "snapshot" for one in crowd)


def hard_to_deflate(vessel):
    name = random.randbytes(100).hex().encode()
    feature = b'{"properties":{"name":"%b","age_seconds":0,"state":"live"}}' % name
    return event(5, vessel).placed._replace(feature=feature)


def test_a_reader_that_stopped_does_not_make_its_group_with_a_rate_spin(hub, gather):
    audience = gather()
    slow = Sent(audience, Wish(rate_s=1), manners(), buffer=4096)
    sail_all(hub, 500)
    until(lambda: audience.tally["fell_behind"])
    gevent.sleep(1)
    sail_all(hub, 500)

    waits, wait = [], hub.wait
    hub.wait = lambda timeout_s: (waits.append(timeout_s), wait(timeout_s))
    gevent.sleep(0.3)

    assert len(waits) < 10
    assert not slow.is_over


def test_a_thousand_filters_let_the_others_run_between_them(hub, gather):
    audience = gather()
    crowd = [
        Sent(audience, Wish(vessel_ids=frozenset({f"v{n}"})), manners()) for n in range(500)
    ]
    settle()
    before = [len(one.heard()) for one in crowd]

    sail_all(hub, 500)
    gevent.sleep(0)
    gevent.sleep(0)
    told = sum(len(one.heard()) > was for one, was in zip(crowd, before, strict=True))

    assert 0 < told < 500


def sail_all(hub, vessels):
    hub.take(EPOCH, [event(hub.number + 1 + n, f"v{n}") for n in range(vessels)])


def test_an_archive_that_reads_slowly_holds_a_small_piece_and_misses_nothing(hub, gather):
    audience, how = gather(), manners()
    slow = Sent(audience, Wish(mode=Mode.ALL), how, buffer=4096)
    quick = Sent(audience, Wish(), how)
    sail_on(hub, quick, 1900)
    pieces = set()

    while slow.read(3000):
        settle()
        pieces |= {len(one.tail.obj) for one in audience._members.values() if one.tail}

    told = read_all(slow)
    assert [one[1] for one in told] == [f"e1-{number}" for number in range(5, 1906)]
    assert max(pieces) < 60_000
