"""One fleet's feed inside a worker."""

import gevent
import pytest

from harbor.live.event import LATE, POSITION, VESSEL, Event, Placed, decode_event
from harbor.live.hub import Hub
from harbor.live.latest import Latest
from harbor.live.wish import Wish
from tests.builders import FLEET

EPOCH = b"e1"


def event(
    number: int, vessel: str = "v1", kind: bytes = POSITION, epoch: bytes = EPOCH
) -> Event:
    line = b'%b %b - %d 57.5 11.5 {"properties":{"n":%d,"age_seconds":0,"state":"live"}}'
    return decode_event(epoch, number, line % (kind, vessel.encode(), number, number))


def behind(hub, number):
    place = hub.place_behind(number)
    return None if place is None else hub.after(place)


@pytest.fixture
def hub():
    hub = Hub(FLEET, "channel", room=10, replay=lambda epoch, number: None)
    hub.restart(Latest((), EPOCH, 5))
    return hub


def test_events_in_order_are_kept_and_can_be_read_behind_any_number(hub):
    assert hub.take(EPOCH, [event(6), event(7)])

    assert [one.number for one in behind(hub, 5)] == [6, 7]
    assert [one.number for one in behind(hub, 6)] == [7]
    assert list(behind(hub, 7)) == []


def test_a_jump_in_the_numbers_is_a_gap(hub):
    assert not hub.take(EPOCH, [event(7)])
    assert hub.number == 5


def test_an_event_that_comes_twice_is_kept_once(hub):
    hub.take(EPOCH, [event(6)])

    assert hub.take(EPOCH, [event(6)])
    assert hub.take(EPOCH, [event(6), event(7)])
    assert [one.number for one in behind(hub, 5)] == [6, 7]


def test_another_epoch_is_not_taken(hub):
    assert not hub.take(b"e2", [event(6)])


def test_a_number_that_goes_back_is_not_taken(hub):
    assert not hub.take(EPOCH, [event(3)])


def test_the_log_is_bounded_and_says_when_it_no_longer_reaches_back(hub):
    for number in range(6, 106):
        hub.take(EPOCH, [event(number)])

    assert behind(hub, 6) is None
    assert len(behind(hub, 96)) == 9


def test_a_late_position_does_not_become_the_newest(hub):
    hub.take(EPOCH, [event(6), event(7, kind=LATE)])

    assert [one.recorded_us for one in hub.newest()] == [6]


def test_what_a_snapshot_has_overtaken_comes_as_late(hub):
    hub.refresh([event(8).placed])

    hub.take(EPOCH, [event(6), event(7), event(8)])

    kinds = [one.kind for one in behind(hub, 5)]
    assert kinds == [POSITION, LATE, LATE, POSITION]
    assert b"id: e1-6\nevent: late\n" in hub.joined(0, Wish())[0]
    assert [one.recorded_us for one in hub.newest()] == [8]


def test_a_vessel_event_does_not_move_the_newest_back(hub):
    hub.take(EPOCH, [event(6), event(7)])
    old = event(8, kind=VESSEL)
    renamed = Event(8, VESSEL, old.placed._replace(recorded_us=6), old.frame)

    hub.take(EPOCH, [renamed])

    assert [one.recorded_us for one in hub.newest()] == [7]


def test_positions_that_came_past_the_feed_make_snapshots_newer_never_older(hub):
    hub.take(EPOCH, [event(7 - 1)])
    generation = hub.generation

    hub.refresh([event(6).placed._replace(recorded_us=us) for us in (9, 3)])

    assert [one.recorded_us for one in hub.newest()] == [9]
    assert hub.generation == generation


def test_who_resumes_is_told_what_came_past_the_feed_behind_the_last_number(hub):
    """Else it would hear of it only as `late`, once the feed has caught up."""
    hub.take(EPOCH, [event(6)])
    newer = event(6).placed._replace(recorded_us=9)
    hub.refresh([newer])
    hub.take(EPOCH, [event(7), event(9 - 1)])

    told = [(one.kind, one.placed.recorded_us) for one in behind(hub, 6)]

    assert told == [(POSITION, 9), (LATE, 7), (LATE, 8)]
    assert [one.number for one in behind(hub, 7)] == [8]


def test_a_restart_forgets_the_log_and_raises_the_generation(hub):
    hub.take(EPOCH, [event(6)])
    placed = Placed("v9", 1, 0.0, 0.0, b"{}")

    hub.restart(Latest((placed,), b"e2", 1))

    assert hub.generation == 2
    assert hub.newest() == (placed,)
    assert list(behind(hub, 1)) == []


def test_under_load_streams_are_woken_together_once_per_tick():
    hub = Hub(FLEET, "channel", room=1000, replay=lambda epoch, number: None, tick_s=0.05)
    hub.restart(Latest((), EPOCH, 5))
    woken = []
    gevent.spawn(count_wakes, hub, woken)
    gevent.sleep(0)

    for number in range(6, 106):
        hub.take(EPOCH, [event(number)])
        gevent.sleep(0.001)

    gevent.sleep(0.06)
    assert 2 <= len(woken) <= 20
    assert woken[-1] == 105


def count_wakes(hub, woken):
    while True:
        hub.wait(1)
        woken.append(hub.number)


def test_streams_that_keep_pace_share_one_answer(hub):
    wish = Wish()
    hub.take(EPOCH, [event(6), event(7)])

    first, second = hub.joined(0, wish), hub.joined(0, Wish())

    assert first[0] is second[0]
    assert first == (event(6).frame + event(7).frame, 2)
    assert hub.joined(1, wish) == (event(7).frame, 2)
    assert hub.joined(0, Wish(vessel_ids=frozenset({"v2"}))) == (b"", 2)


def test_an_answer_is_not_given_again_after_something_happened(hub):
    hub.joined(0, Wish())

    hub.take(EPOCH, [event(6)])

    assert hub.joined(0, Wish()) == (event(6).frame, 1)


def test_others_get_time_only_after_telling_everybody_took_some():
    hub = Hub(FLEET, "channel", room=1000, replay=lambda epoch, number: None, tick_s=5)
    hub.restart(Latest((), EPOCH, 5))

    hub.took(0.0)
    assert is_told_at_once(hub)
    hub.took(2.0)
    assert not is_told_at_once(hub)


def is_told_at_once(hub):
    before = hub.woken
    hub.take(EPOCH, [event(hub.number + 1)])
    return hub.woken > before
