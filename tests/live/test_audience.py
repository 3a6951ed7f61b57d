"""Streams that were handed over: the same bytes as the generator, and who falls behind."""

import random

import gevent
import pytest

from harbor.errors import Unavailable
from harbor.fleet.geo import Box
from harbor.fleet.status import Patience
from harbor.live.event import LATE, VESSEL, Placed
from harbor.live.feed import Span
from harbor.live.hub import Hub
from harbor.live.latest import Latest
from harbor.live.reading import Manners
from harbor.live.wish import Mode, Wish, kinds_of
from tests.builders import FLEET, NOON
from tests.live.crowd import Company, Pulled, Sent, settle, until, without_retry
from tests.live.test_hub import EPOCH, event
from tests.live.test_subscription import names, parse

LONG = 1000.0
WISHES = [
    Wish(),
    Wish(mode=Mode.ALL),
    Wish(vessel_ids=frozenset({"v1", "v3"})),
    Wish(box=Box(11, 57, 12, 58)),
    Wish(box=Box(11, 57, 12, 58), kinds=kinds_of("vessel")),
    Wish(kinds=kinds_of("late,vessel")),
]


def manners(**changes):
    given = {"heartbeat_s": LONG, "drain_s": 0.0, "age_s": LONG, "stalled_s": LONG} | changes
    return Manners(patience=Patience(180, 900), clock=lambda: NOON, **given)


@pytest.fixture
def hub():
    hub = Hub(FLEET, "channel", room=2000, replay=lambda epoch, n: Span(epoch, n, (), False))
    hub.restart(Latest((event(5).placed,), EPOCH, 5))
    hub.degrade(False)
    return hub


@pytest.fixture
def gather(hub):
    """An audience of this hub; closed when the test is over."""
    companies = []

    def gather(**changes):
        companies.append(Company(hub, manners(**changes)))
        return companies[-1].audience

    yield gather
    for company in companies:
        company.close()


def happen(hub, chance):
    """One thing that may happen to a feed, by chance."""
    what, number = chance.random(), hub.number
    if what < 0.02:
        hub.restart(Latest(hub.newest(), EPOCH if hub.epoch != EPOCH else b"e2", number))
    elif what < 0.1:
        hub.degrade(not hub.is_degraded)
    elif what < 0.2 and hub.is_degraded:
        hub.refresh([sailed(number + 1, chance).placed])
    else:
        count = chance.choice([1, 1, 1, 2, 30])
        events = [sailed(number + n, chance, hub.epoch) for n in range(1, count + 1)]
        hub.take(hub.epoch, events)


def sailed(number, chance, epoch=EPOCH):
    """An event of one of five vessels, in the box or out of it."""
    kind = chance.choice([b"position"] * 8 + [LATE, VESSEL])
    one = event(number, f"v{chance.randint(1, 5)}", kind, epoch)
    longitude = chance.choice([11.5, 11.5, 13.0])
    placed = Placed(one.placed.vessel_id, number, 57.5, longitude, one.placed.feature)
    return one._replace(placed=placed, before=chance.choice([None, (57.5, 11.5), (0.0, 0.0)]))


@pytest.mark.parametrize("seed", range(3))
def test_a_handed_over_stream_gets_the_bytes_of_the_generator(hub, gather, seed):
    chance, audience, how = random.Random(seed), gather(), manners()
    pairs = []

    for step in range(120):
        if step % 6 == 0:
            wish = chance.choice(WISHES)
            last = chance.choice([None, f"e1-{max(0, hub.number - 3)}", "e0-1"])
            both = (Pulled(hub, wish, how, last), Sent(audience, wish, how, last))
            gevent.sleep(0)
            pairs.append(both)
        happen(hub, chance)
        settle()

    for pulled, sent in pairs:
        assert without_retry(sent.heard()) == without_retry(pulled.heard())
        assert len(sent.heard()) > 200


def test_compressed_streams_say_the_same_whenever_they_join_and_share_their_bytes(hub, gather):
    chance, audience, how = random.Random(1), gather(), manners()
    plain, packed = Sent(audience, Wish(), how), []

    for step in range(100):
        if step % 10 == 0:
            packed.append(Sent(audience, Wish(), how, f"e1-{hub.number}", is_compressed=True))
        hub.take(EPOCH, [sailed(hub.number + 1, chance)])
        settle()

    told = without_retry(plain.heard()).split(b"\n\n")
    for one in packed:
        mine = without_retry(one.heard()).split(b"\n\n")
        assert mine == told[-len(mine) :]
    assert packed[0].wire < len(plain.heard()) / 3


def test_streams_are_told_apart_by_what_they_may_see(hub, gather):
    audience, how = gather(), manners()
    mine = Sent(audience, Wish(vessel_ids=frozenset({"v1"})), how)
    other = Sent(audience, Wish(vessel_ids=frozenset({"v2"})), how)

    hub.take(EPOCH, [event(6, "v1"), event(7, "v2"), event(8, "v1", VESSEL)])
    settle()

    assert [event_id for _, event_id, _ in parse(mine.heard())] == ["e1-5", "e1-6", "e1-8"]
    assert [event_id for _, event_id, _ in parse(other.heard())] == ["e1-5", "e1-7"]


def test_a_vessel_that_leaves_the_box_is_told_of_once(hub, gather):
    sent = Sent(gather(), Wish(box=Box(11, 57, 12, 58)), manners())
    inside, outside = (57.5, 11.5), (57.5, 13.0)

    hub.take(EPOCH, [moved(6, inside, None), moved(7, outside, inside)])
    hub.take(EPOCH, [moved(8, outside, outside), moved(9, inside, outside)])
    settle()

    told = parse(sent.heard())[1:]
    assert [(name, event_id) for name, event_id, _ in told] == [
        ("position", "e1-6"),
        ("vessel", "e1-7"),
        ("position", "e1-9"),
    ]
    assert told[1][2]["properties"]["state"] == "outside"


def moved(number, now, before):
    one = event(number)
    return one._replace(placed=Placed("v1", number, *now, one.placed.feature), before=before)


def test_with_a_rate_a_vessel_is_told_of_once_in_that_time(hub, gather):
    sent = Sent(gather(), Wish(rate_s=1), manners())
    hub.take(EPOCH, [event(6), event(7, "v2")])
    settle()

    for number in range(8, 28):
        hub.take(EPOCH, [event(number, f"v{number % 2 + 1}")])
        settle()

    assert [one[1] for one in parse(sent.heard())] == ["e1-5", "e1-6", "e1-7"]
    until(lambda: len(parse(sent.heard())) > 3, 3)
    assert [one[1] for one in parse(sent.heard())][3:] == ["e1-26", "e1-27"]


def test_one_that_joins_a_rated_group_meets_no_event_twice(hub, gather):
    audience = gather()
    first = Sent(audience, Wish(rate_s=1), manners())
    hub.take(EPOCH, [event(6)])
    settle()
    hub.take(EPOCH, [event(7)])
    second = Sent(audience, Wish(rate_s=1), manners())
    hub.take(EPOCH, [event(8)])

    until(lambda: parse(first.heard())[-1][1] == "e1-8", 3)
    settle()

    assert [one[1] for one in parse(first.heard())] == ["e1-5", "e1-6", "e1-8"]
    assert [one[1] for one in parse(second.heard())] == ["e1-7", "e1-8"]


def test_a_reader_that_stops_costs_a_bounded_memory_and_gets_the_newest_later(hub, gather):
    audience, how = gather(), manners()
    slow = Sent(audience, Wish(), how, buffer=4096)
    quick = Sent(audience, Wish(), how)

    sail_on(hub, quick, 1500)
    told = read_all(slow)

    assert without_retry(quick.heard()).count(b"event: position") == 1500
    merged = next(data["events"] for name, _, data in told if name == "merged")
    numbers = [int(one[1].split("-")[1]) for one in told if one[1]]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == hub.number
    assert merged + len(numbers) - 1 == 1500
    assert audience.tally["fell_behind"] == 1


def sail_on(hub, reader, events):
    for _ in range(events):
        hub.take(EPOCH, [event(hub.number + 1, f"v{hub.number % 3}")])
        gevent.sleep(0)
        reader.read()
    settle()


def read_all(sent):
    """Until nothing more comes for a while."""
    quiet = 0
    while quiet < 20:
        quiet = 0 if sent.read() else quiet + 1
        gevent.sleep(0.001)
    return parse(sent.heard())


def test_one_that_caught_up_is_in_step_again(hub, gather):
    audience, how = gather(), manners()
    slow, quick = Sent(audience, Wish(), how, buffer=4096), Sent(audience, Wish(), how)
    sail_on(hub, quick, 300)
    read_all(slow)

    hub.take(EPOCH, [event(hub.number + 1)])
    settle()

    assert parse(slow.heard())[-1][1] == f"e1-{hub.number}"
    assert audience.tally["fell_behind"] == 1


def test_an_archive_that_fell_out_of_the_log_is_told_and_closed(hub, gather):
    audience, how = gather(), manners()
    slow, quick = (
        Sent(audience, Wish(mode=Mode.ALL), how, buffer=4096),
        Sent(audience, Wish(), how),
    )

    sail_on(hub, quick, 6000)
    told = read_all(slow)

    assert told[-1][0] == "resync"
    assert slow.is_over
    assert slow.visitor.reason == "too_slow"


def test_a_picture_that_fell_out_of_the_log_begins_anew(hub, gather):
    audience, how = gather(), manners()
    slow, quick = Sent(audience, Wish(), how, buffer=4096), Sent(audience, Wish(), how)

    sail_on(hub, quick, 6000)
    told = [name for name, _, _ in read_all(slow)]

    assert told[-2:] == ["resync", "snapshot"]
    assert not slow.is_over


def test_no_frame_is_cut_where_a_reader_stopped(hub, gather):
    slow = Sent(gather(), Wish(mode=Mode.ALL), manners(), buffer=4096)

    for _ in range(400):
        hub.take(EPOCH, [event(hub.number + 1)])
        slow.read(173)
        gevent.sleep(0)
    told = read_all(slow)

    assert [one[1] for one in told] == [f"e1-{number}" for number in range(5, 406)]


def test_one_who_makes_no_progress_is_let_go(hub, gather):
    audience = gather(stalled_s=0.1)
    slow, quick = (Sent(audience, Wish(), manners(), buffer=4096) for _ in range(2))

    sail_on(hub, quick, 300)
    until(lambda: slow.visitor.reason, 5)

    assert slow.visitor.reason == "stalled"
    assert quick.visitor.reason is None
    assert len(audience) == 1


def test_a_hang_up_is_seen_at_once_though_nothing_happens(hub, gather):
    audience = gather()
    one, other = (Sent(audience, Wish(), manners()) for _ in range(2))

    one.close()
    until(lambda: one.visitor.reason, 1)

    assert (one.visitor.reason, other.visitor.reason) == ("client_left", None)
    assert (len(audience), hub.has_readers()) == (1, True)


def test_nothing_is_left_of_those_who_left(hub, gather):
    audience = gather()
    crowd = [Sent(audience, wish, manners()) for wish in WISHES for _ in range(3)]

    for one in crowd:
        one.close()
    until(lambda: len(audience) == 0, 2)

    assert (audience.groups, hub.has_readers()) == (0, False)
    audience.wait_until_empty(0.1)


def test_a_withdrawn_right_ends_a_stream_within_a_heartbeat(hub, gather):
    audience = gather(heartbeat_s=1)
    sent, other = (Sent(audience, Wish(), manners()) for _ in range(2))

    sent.visitor.allowed = False
    until(lambda: sent.visitor.reason, 4)

    assert (sent.visitor.reason, other.visitor.reason) == ("ended", None)


def test_a_right_that_cannot_be_known_ends_a_stream(hub, gather):
    sent = Sent(gather(heartbeat_s=1), Wish(), manners())

    sent.visitor.is_allowed = unknown
    until(lambda: sent.visitor.reason, 4)

    assert sent.visitor.reason == "rights_unknown"


def unknown():
    raise Unavailable("PostgreSQL is away.")


def test_a_stream_that_is_old_enough_is_asked_to_come_again(hub, gather):
    sent = Sent(gather(age_s=0.1), Wish(), manners())

    until(lambda: sent.visitor.reason, 5)

    assert parse(sent.heard())[-1][::2] == ("reconnect", {"reason": "age"})
    assert sent.is_over


def test_silence_is_filled_with_one_comment_for_all_of_a_group(hub, gather):
    audience = gather(heartbeat_s=0.2)
    crowd = [Sent(audience, Wish(), manners()) for _ in range(3)]

    until(lambda: all(b": live\n\n" in one.heard() for one in crowd), 5)

    assert audience.tally["batches"] <= 2


def test_a_quiet_stream_is_told_how_far_the_feed_went(hub, gather):
    sent = Sent(gather(heartbeat_s=0.2), Wish(vessel_ids=frozenset({"v9"})), manners())

    for _ in range(1100):
        hub.take(EPOCH, [event(hub.number + 1)])

    until(lambda: b"event: feed" in sent.heard(), 5)
    assert parse(sent.heard())[-1] == ("feed", "e1-1105", {"state": "live"})


def test_while_the_relay_is_away_positions_come_without_an_id(hub, gather):
    sent = Sent(gather(), Wish(), manners())

    hub.degrade(True)
    hub.refresh([event(9).placed])
    settle()
    hub.take(EPOCH, [event(6), event(7)])
    hub.degrade(False)
    settle()

    assert [one[:2] for one in parse(sent.heard())] == [
        ("snapshot", "e1-5"),
        ("feed", None),
        ("position", None),
        ("feed", None),
        ("late", "e1-6"),
        ("late", "e1-7"),
    ]


def test_leaving_sends_everybody_away_with_a_time_of_its_own(hub, gather):
    audience = gather(drain_s=0.4)
    crowd = [Sent(audience, Wish(), manners()) for _ in range(60)]

    leaving = gevent.spawn(audience.leave)
    gevent.sleep(0.2)
    half_way = len(audience)
    leaving.join(3)

    endings = [one.heard() for one in crowd]
    assert 10 < half_way < 50
    assert len(audience) == 0
    assert all(names(ending)[-1] == "reconnect" for ending in endings)
    assert len({ending.split(b"retry: ")[-1].split(b"\n")[0] for ending in endings}) > 40


def test_what_was_sent_is_counted_to_the_byte(hub, gather):
    sent = Sent(gather(), Wish(), manners())
    for _ in range(10):
        hub.take(EPOCH, [event(hub.number + 1)])
        settle()
    heard = len(sent.heard())

    sent.close()
    until(lambda: sent.visitor.reason, 1)

    assert sent.visitor.bytes == heard


def test_who_is_let_in_after_everybody_left_is_sent_away_too(hub, gather):
    audience = gather()
    audience.leave()

    late = Sent(audience, Wish(), manners())

    assert names(late.heard())[-1] == "reconnect"
    assert (late.visitor.reason, len(audience)) == ("leaving", 0)
