"""Alerts: kept once, told to the feed at once, and before anything else of their message."""

from dataclasses import replace
from datetime import timedelta

import gevent
import pytest
from sqlalchemy import text

from harbor.errors import TooMany, Unavailable
from harbor.ingest.bulletins import ALERTS_AT_ONCE
from harbor.trackers.message import Alert, Decoded, Message
from tests.builders import NOON
from tests.ingest.test_sweeper import make_old, told, waiting

MAN_OVERBOARD = Alert("man_overboard", NOON, "MOB beacon 972000001", None, 57.7, 11.9)


@pytest.fixture
def hear(runtime, cast):
    """A message of Vinga's tracker that holds these alerts and nothing else."""

    def hear(*alerts, tracker=None):
        identity = runtime.directory.contents().named[str(tracker or cast.vinga.tracker_id)]
        decoded = Decoded(False, (), (), alerts=alerts)
        runtime.intake.receive(identity, Message(b""), lambda *_: decoded, "harbor")
        gevent.sleep(0)

    return hear


@pytest.fixture
def events(runtime, cast):
    """What the feed has told of alerts, when it has told all that was stored."""

    def events():
        make_old(runtime)
        runtime.sweeper.sweep_all()
        return [one for one in told(runtime, cast) if one.kind == b"alert"]

    return events


def kept(runtime):
    with runtime.database.session() as session:
        query = text("SELECT kind, is_over, latitude FROM alert ORDER BY recorded_at, id")
        return session.execute(query).all()


def test_an_alert_is_in_the_feed_with_the_vessel_and_the_place(hear, events, cast):
    hear(replace(MAN_OVERBOARD, vessel_id=cast.vinga.id))

    [event] = events()

    assert (event.placed.vessel_id, event.placed.recorded_us) == (str(cast.vinga.id), 0)
    assert (event.placed.latitude, event.placed.longitude) == (57.7, 11.9)
    for part in (b'"kind":"man_overboard"', b'"name":"Vinga"', b'"coordinates":[11.9,57.7]'):
        assert part in event.placed.feature


def test_the_feed_is_told_without_waiting_for_the_sweeper(hear, runtime, cast):
    hear(MAN_OVERBOARD)

    assert [one.kind for one in told(runtime, cast) if one.kind == b"alert"] == [b"alert"]


def test_what_the_sweeper_finds_too_is_told_once(hear, events, runtime):
    hear(MAN_OVERBOARD)

    assert len(events()) == len(events()) == 1
    assert waiting(runtime) == 0


def test_without_valkey_an_alert_is_kept_and_told_later(hear, events, runtime, monkeypatch):
    def away(*_):
        raise Unavailable("away")

    with monkeypatch.context() as patch:
        patch.setattr("harbor.live.feed.Feed.publish", away)
        hear(MAN_OVERBOARD)

    assert len(events()) == 1


def test_an_alert_of_no_vessel_and_no_place_is_told_too(hear, events):
    hear(replace(MAN_OVERBOARD, latitude=None, longitude=None))

    [event] = events()

    assert event.placed.vessel_id == "-"
    assert b'"geometry":null' in event.placed.feature
    assert b'"vessel_id":null,"name":null' in event.placed.feature


def test_a_beacon_that_repeats_itself_is_one_alert_a_minute(hear, events):
    for seconds in (0, 0, 5, 59, 60, 61):
        hear(replace(MAN_OVERBOARD, recorded_at=NOON + timedelta(seconds=seconds)))

    assert len(events()) == 2


def test_who_goes_overboard_again_is_not_taken_for_a_repetition(hear, runtime):
    """A call that was called off by mistake and made again must not pass unheard."""
    told = [
        (0, False),
        (5, False),
        (10, True),
        (12, True),
        (20, False),
        (25, False),
        (30, True),
    ]
    for seconds, is_over in told:
        at = NOON + timedelta(seconds=seconds)
        hear(replace(MAN_OVERBOARD, recorded_at=at, is_over=is_over))

    assert [is_over for _, is_over, _ in kept(runtime)] == [False, True, False, True]


def test_that_it_is_over_is_no_repetition(hear, runtime):
    hear(MAN_OVERBOARD)
    hear(replace(MAN_OVERBOARD, is_over=True))
    hear(replace(MAN_OVERBOARD, kind="distress"))

    assert sorted((kind, is_over) for kind, is_over, _ in kept(runtime)) == [
        ("distress", False),
        ("man_overboard", False),
        ("man_overboard", True),
    ]


@pytest.mark.parametrize(
    "place", [(91.0, 11.9), (57.7, -181.0), (float("nan"), 11.9), (57.7, None)]
)
def test_an_impossible_place_is_no_reason_to_be_silent(hear, runtime, place):
    hear(replace(MAN_OVERBOARD, latitude=place[0], longitude=place[1], text="A\0B" * 200))

    assert kept(runtime) == [("man_overboard", False, None)]


def test_a_message_full_of_alerts_is_cut_to_the_last_ones(hear, runtime):
    """A phone that was out of reach sends the oldest first."""
    hear(*(replace(MAN_OVERBOARD, text=str(n)) for n in range(ALERTS_AT_ONCE + 5)))

    with runtime.database.session() as session:
        texts = session.scalars(text("SELECT text FROM alert")).all()
    assert sorted(map(int, texts)) == list(range(5, ALERTS_AT_ONCE + 5))


def test_who_raises_alerts_without_end_has_to_wait(hear, runtime):
    """Each is two questions to PostgreSQL, while the fleet's other alerts wait."""
    at_once = [replace(MAN_OVERBOARD, text=str(n)) for n in range(ALERTS_AT_ONCE)]

    def flood():
        for _ in range(2 * int(runtime.settings.tracker_requests_burst) // ALERTS_AT_ONCE):
            hear(*at_once)

    with pytest.raises(TooMany):
        flood()


def test_an_alert_does_not_become_the_place_of_its_vessel(hear, events, runtime, cast):
    hear(replace(MAN_OVERBOARD, vessel_id=cast.vinga.id))
    events()

    assert runtime.latest(cast.fleet_id).read().positions == ()
