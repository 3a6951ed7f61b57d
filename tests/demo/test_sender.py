import base64
import json
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from harbor.demo.sailing import fix_at, fleet
from harbor.demo.sender import (
    ARRAY_REPORTS_MAX,
    BACKLOG_REPORTS_MAX,
    HISTORY,
    OUTAGE,
    OUTAGE_EVERY,
    Answer,
    Sender,
    Tracker,
    TrackerKey,
    history,
    seconds,
)
from harbor.ingest.signature import sign

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SECRET = b"a tracker's thirty-two byte key."
KEY = TrackerKey(
    "0197c000-0000-7000-8000-000000000001", "whsec_" + base64.b64encode(SECRET).decode()
)
KEPT = Answer(201)
VISITOR = next(vessel for vessel in fleet() if vessel.visitor)
OUTAGES = next(vessel for vessel in fleet() if vessel.outage)
PLAIN = next(vessel for vessel in fleet() if not vessel.visitor and not vessel.outage)


class FakeDoor:
    """Answers as told, and remembers every body that it acknowledged."""

    def __init__(self, answer=KEPT):
        self.answer = answer
        self.posts = []

    def post(self, body, headers):
        self.posts.append((body, headers))
        if isinstance(self.answer, OSError):
            raise self.answer
        return self.answer

    def close(self):
        pass

    @property
    def reports(self):
        bodies = [json.loads(body) for body, _ in self.posts]
        return [body if isinstance(body, list) else [body] for body in bodies]


def aboard(vessel, door):
    """A tracker that has already told the last half hour."""
    tracker = Tracker(vessel, KEY, door, NOON, Random(7))
    tracker.step(NOON)
    door.posts.clear()
    return tracker


def sail(sender, since, until):
    """Run the sender by its own schedule, in no time."""
    now = since
    while now < until:
        now += timedelta(seconds=max(sender.step(now), 0.001))


def moments(reports):
    return [datetime.fromisoformat(report["recorded_at"]) for report in reports]


def test_a_vessel_reports_about_every_two_seconds_where_it_is():
    door = FakeDoor()
    tracker = aboard(PLAIN, door)

    sail(Sender([tracker]), NOON, NOON + timedelta(minutes=1))

    reports = [report for (report,) in door.reports]
    assert 25 <= len(reports) <= 36
    fix = fix_at(PLAIN, moments(reports)[-1])
    assert reports[-1]["latitude"] == pytest.approx(fix.latitude, abs=1e-6)
    assert reports[-1]["longitude"] == pytest.approx(fix.longitude, abs=1e-6)


def test_every_message_is_signed_by_its_tracker_at_the_time_of_sending():
    door = FakeDoor()
    tracker = aboard(PLAIN, door)

    tracker.step(NOON + timedelta(seconds=3))

    ((body, headers),) = door.posts
    sent_at = int(headers["webhook-timestamp"])
    signature = sign(headers["webhook-id"], sent_at, body, SECRET)
    assert sent_at == NOON.timestamp() + 3
    assert headers["webhook-signature"] == signature
    assert headers["harbor-tracker"] == KEY.id


def test_a_tracker_begins_with_the_last_half_hour_as_one_array():
    door = FakeDoor()

    Tracker(PLAIN, KEY, door, NOON, Random(7)).step(NOON)

    (reports,) = door.reports
    assert len(reports) == 180
    assert moments(reports) == sorted(moments(reports))
    assert NOON - HISTORY <= moments(reports)[0] < moments(reports)[-1] < NOON


def test_a_second_start_repeats_the_same_history():
    first, second = set(history(NOON)), set(history(NOON + timedelta(seconds=33)))

    assert len(first & second) == 177


def test_the_visitors_vessel_sends_its_berth_once_and_then_nothing():
    door = FakeDoor()
    tracker = Tracker(VISITOR, KEY, door, NOON, Random(7))
    other = aboard(PLAIN, FakeDoor())

    sail(Sender([tracker, other]), NOON, NOON + timedelta(minutes=10))

    ((report,),) = door.reports
    assert report["latitude"] == pytest.approx(fix_at(VISITOR, NOON).latitude, abs=1e-6)


def test_a_vessel_out_of_reach_uploads_what_it_kept_as_one_array():
    door = FakeDoor()
    tracker = aboard(OUTAGES, door)
    sender = Sender([tracker])
    silent_at = NOON + OUTAGE_EVERY - OUTAGE
    sail(sender, NOON, silent_at)
    door.posts.clear()

    sail(sender, silent_at, silent_at + OUTAGE - timedelta(seconds=1))
    in_silence = list(door.posts)
    sail(sender, silent_at + OUTAGE - timedelta(seconds=1), silent_at + OUTAGE * 1.1)

    assert in_silence == []
    assert 50 <= len(door.reports[0]) <= 75
    assert {len(reports) for reports in door.reports[1:]} == {1}


def test_waiting_for_a_vessel_out_of_reach_costs_nothing():
    tracker = aboard(OUTAGES, FakeDoor())
    now = NOON + OUTAGE_EVERY - OUTAGE
    tracker.step(now)

    tracker.step(now)

    assert tracker.due_at > now


@pytest.mark.parametrize("answer", [Answer(503), Answer(429), OSError("nobody there")])
def test_what_was_not_acknowledged_is_kept_and_sent_again_in_order(answer):
    door = FakeDoor(answer)
    tracker = aboard(PLAIN, door)
    sail(Sender([tracker]), NOON, NOON + timedelta(seconds=20))
    kept = len(tracker.backlog)
    door.answer = Answer(201)
    door.posts.clear()

    sail(Sender([tracker]), NOON + timedelta(seconds=20), NOON + timedelta(seconds=40))

    together = [report for reports in door.reports for report in reports]
    assert kept > 180
    assert moments(together) == sorted(set(moments(together)))
    assert len(tracker.backlog) == 0


def test_a_server_that_says_when_to_come_back_is_left_alone_until_then():
    door = FakeDoor(Answer(503, retry_after_s=10))
    tracker = aboard(PLAIN, door)

    sail(Sender([tracker]), NOON, NOON + timedelta(seconds=9))

    assert door.posts == []


def test_what_was_refused_is_not_sent_again():
    door = FakeDoor(Answer(422))
    tracker = Tracker(PLAIN, KEY, door, NOON, Random(7))

    tracker.step(NOON)

    assert (tracker.refused, tracker.acknowledged, len(tracker.backlog)) == (180, 0, 0)


def test_a_backlog_keeps_the_newest_hour_and_goes_out_in_arrays_of_a_bounded_size():
    door = FakeDoor(OSError("nobody there"))
    tracker = aboard(PLAIN, door)
    now = NOON + timedelta(hours=9)
    tracker.step(now)
    kept = len(tracker.backlog)
    door.answer = Answer(201)
    door.posts.clear()

    sail(Sender([tracker]), now + timedelta(seconds=2), now + timedelta(seconds=4))

    assert kept <= BACKLOG_REPORTS_MAX
    assert [len(reports) for reports in door.reports][:3] == [ARRAY_REPORTS_MAX] * 3
    assert moments(door.reports[0])[0] >= now - timedelta(hours=1, minutes=1)


def test_trackers_take_turns_and_none_is_forgotten():
    doors = [FakeDoor() for _ in fleet()]
    trackers = [
        Tracker(vessel, KEY, door, NOON, Random(7))
        for vessel, door in zip(fleet(), doors, strict=True)
    ]
    sender = Sender(trackers)

    sail(sender, NOON, NOON + timedelta(seconds=10))

    assert sender.is_caught_up
    assert sender.acknowledged == sum(len(r) for door in doors for r in door.reports)
    assert all(len(door.posts) >= 4 for door in doors if door is not doors[-1])


@pytest.mark.parametrize(
    ("header", "expected"), [("3", 3.0), ("0", 0.1), (None, 1.0), ("Wed, 21 Oct", 1.0)]
)
def test_retry_after_counts_in_seconds(header, expected):
    assert seconds(header) == expected
