"""What one stream gets to read."""

import json
from itertools import islice

import gevent
import pytest

from harbor.errors import Unavailable
from harbor.fleet.geo import Box
from harbor.fleet.status import Patience
from harbor.live.event import LATE, VESSEL
from harbor.live.feed import Span
from harbor.live.hub import Hub
from harbor.live.latest import Latest
from harbor.live.reading import Manners, Reading
from harbor.live.subscription import Subscription
from harbor.live.wish import Mode, Wish, kinds_of
from tests.builders import FLEET, NOON
from tests.live.test_hub import EPOCH, event


class History:
    """Valkey's history, as far as a stream asks for it."""

    def __init__(self):
        self.events = ()
        self.away = False

    def __call__(self, epoch, number):
        if self.away:
            raise Unavailable("away")
        found = tuple(one for one in self.events if one.number > number)
        complete = bool(found) and found[0].number == number + 1
        return Span(epoch, found[-1].number if found else 0, found, complete)


@pytest.fixture
def history():
    return History()


@pytest.fixture
def hub(history):
    hub = Hub(FLEET, "channel", room=10, replay=history)
    hub.restart(Latest((event(5).placed,), EPOCH, 5))
    hub.degrade(False)
    return hub


def listen(hub, wish=Wish(), is_allowed=lambda: True, heartbeat_s=0.02, last=None):  # noqa: B008
    manners = Manners(heartbeat_s, 0.0, Patience(180, 900), lambda: NOON)
    return Subscription(Reading(hub, wish, manners), manners, is_allowed, last).frames()


def parse(piece: bytes) -> list[tuple[str, str | None, dict]]:
    """Event, id and data of each frame; a small reader of our own for whole frames."""
    found = []
    for block in piece.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in fields:
            found.append((fields["event"], fields.get("id"), json.loads(fields["data"])))
    return found


def names(piece: bytes) -> list[str]:
    return [name for name, _, _ in parse(piece)]


def test_a_new_stream_begins_with_a_snapshot_and_the_id_to_resume_from(hub):
    opening = next(listen(hub))

    assert opening.startswith(b"retry: ")
    [(name, event_id, data)] = parse(opening)
    assert (name, event_id, data["feed_id"]) == ("snapshot", "e1-5", "e1-5")
    assert len(data["features"]) == 1


def test_events_follow_the_snapshot_without_gap_or_repeat(hub):
    stream = listen(hub)
    next(stream)

    hub.take(EPOCH, [event(6), event(7, kind=LATE)])

    assert [(name, event_id) for name, event_id, _ in parse(next(stream))] == [
        ("position", "e1-6"),
        ("late", "e1-7"),
    ]


def test_a_waiting_stream_wakes_when_something_happens(hub):
    stream = listen(hub, heartbeat_s=5)
    next(stream)
    piece = gevent.spawn(next, stream)
    gevent.sleep(0)

    hub.take(EPOCH, [event(6)])

    assert names(piece.get(timeout=1)) == ["position"]


def test_a_stream_that_comes_back_gets_only_what_it_missed(hub):
    hub.take(EPOCH, [event(6), event(7)])

    assert [event_id for _, event_id, _ in parse(next(listen(hub, last="e1-6")))] == ["e1-7"]


def test_what_the_log_lost_comes_from_the_history(hub, history):
    history.events = tuple(event(n) for n in range(2, 6))

    opening = next(listen(hub, last="e1-1"))

    assert [event_id for _, event_id, _ in parse(opening)] == ["e1-2", "e1-3", "e1-4", "e1-5"]


@pytest.mark.parametrize("last", ["e1-1", "e0-5", "e1-", "e1-x", "nonsense", "e1-99", "-5"])
def test_what_cannot_be_replayed_is_said_and_a_snapshot_follows(hub, last):
    assert names(next(listen(hub, last=last))) == ["resync", "snapshot"]


def test_an_absent_history_is_said_too(hub, history):
    history.away = True

    assert names(next(listen(hub, last="e1-1"))) == ["resync", "snapshot"]


def test_a_feed_that_began_afresh_is_said_and_a_snapshot_follows(hub):
    stream = listen(hub)
    next(stream)

    hub.restart(Latest((), b"e2", 0))

    pieces = parse(next(stream))
    assert [name for name, _, _ in pieces] == ["resync", "snapshot"]
    assert pieces[1][1] == "e2-0"


def test_a_stream_that_fell_out_of_the_log_starts_anew(hub):
    stream = listen(hub)
    next(stream)

    for number in range(6, 60):
        hub.take(EPOCH, [event(number)])

    assert names(next(stream)) == ["resync", "snapshot"]


def test_an_archive_that_fell_out_of_the_log_is_closed_so_that_it_resumes(hub):
    stream = listen(hub, Wish(mode=Mode.ALL))
    next(stream)

    for number in range(6, 60):
        hub.take(EPOCH, [event(number)])

    assert names(next(stream)) == ["resync"]
    assert list(stream) == []


def test_silence_is_filled_with_heartbeats_that_carry_no_id(hub):
    stream = listen(hub)
    next(stream)

    assert next(stream) == b": live\n\n"


def test_a_withdrawn_right_ends_the_stream_at_the_next_heartbeat(hub):
    allowed = [True, False]
    stream = listen(hub, is_allowed=lambda: allowed.pop(0))

    assert len(list(stream)) == 2


def test_a_busy_stream_loses_its_right_as_soon_as_a_quiet_one(hub):
    stream = listen(hub, is_allowed=lambda: False, heartbeat_s=0.05)
    numbers = iter(range(6, 10_000))
    pieces = 0

    for _ in stream:
        hub.take(EPOCH, [event(next(numbers))])
        gevent.sleep(0.005)
        pieces += 1

    assert pieces < 50


def test_a_stream_sees_nothing_outside_its_scope(hub, history):
    mine = Wish(vessel_ids=frozenset({"v2"}))
    stream = listen(hub, mine)

    opening = next(stream)
    hub.take(EPOCH, [event(6), event(7, vessel="v2"), event(8, kind=VESSEL)])

    assert parse(opening)[0][2]["features"] == []
    assert [event_id for _, event_id, _ in parse(next(stream))] == ["e1-7"]


def test_a_box_chooses_by_place_in_snapshot_and_events(hub):
    elsewhere = Wish(box=Box(0, 0, 1, 1))
    stream = listen(hub, elsewhere)

    opening = next(stream)
    hub.take(EPOCH, [event(6)])

    assert parse(opening)[0][2]["features"] == []
    assert next(stream) == b": live\n\n"


def test_only_the_kinds_asked_for_are_sent(hub):
    stream = listen(hub, Wish(kinds=kinds_of("late")))
    next(stream)

    hub.take(EPOCH, [event(6), event(7, kind=LATE)])

    assert names(next(stream)) == ["late"]
    assert kinds_of("late,position,no") is None


def test_a_stream_far_behind_gets_one_event_per_vessel(history):
    hub = Hub(FLEET, "channel", room=5000, replay=history)
    hub.restart(Latest((), EPOCH, 0))
    hub.degrade(False)
    latest, archive = listen(hub), listen(hub, Wish(mode=Mode.ALL))
    next(latest), next(archive)

    hub.take(EPOCH, [event(n, vessel=f"v{n % 3}") for n in range(1, 1001)])

    told = parse(next(latest))
    assert told[0] == ("merged", None, {"events": 997})
    assert [event_id for _, event_id, _ in told[1:]] == [
        "e1-998",
        "e1-999",
        "e1-1000",
    ]
    assert len(parse(next(archive))) == 1000


def test_a_degraded_feed_is_said_once_and_its_return_too(hub):
    stream = listen(hub)
    next(stream)

    hub.degrade(True)
    assert parse(next(stream)) == [("feed", None, {"state": "degraded"})]
    assert next(stream) == b": degraded\n\n"
    hub.degrade(False)
    assert parse(next(stream)) == [("feed", None, {"state": "live"})]


def test_a_leaving_worker_says_reconnect_with_a_time_of_its_own_for_each(hub):
    streams = [listen(hub) for _ in range(20)]
    for stream in streams:
        next(stream)

    hub.leave()

    endings = [b"".join(stream) for stream in streams]
    assert all(names(ending) == ["reconnect"] for ending in endings)
    assert len({ending.splitlines()[0] for ending in endings}) > 10


def test_without_a_feed_the_snapshot_has_no_id(history):
    hub = Hub(FLEET, "channel", room=10, replay=history)
    hub.restart(Latest((event(5).placed,), None, 0))
    hub.degrade(False)

    [(name, event_id, data)] = parse(next(listen(hub)))

    assert (name, event_id, "feed_id" in data) == ("snapshot", None, False)


def test_two_streams_read_the_same_bytes(hub):
    pair = [listen(hub), listen(hub)]
    for stream in pair:
        next(stream)

    hub.take(EPOCH, [event(6), event(7)])

    first, second = (b"".join(islice(stream, 1)) for stream in pair)
    assert first == second
