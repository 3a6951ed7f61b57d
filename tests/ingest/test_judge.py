"""What a worker believes from memory, and when it asks PostgreSQL."""

from datetime import timedelta
from uuid import UUID

import pytest

from harbor.errors import Unavailable
from harbor.fleet.verdict import Neighbours, Reason
from harbor.fleet.vessel import Kind, Particulars
from harbor.ingest.judge import Judge
from harbor.store.positions import StoredPosition, key_of
from tests.builders import FLEET, NOON, TRACKER, VESSEL, report, thresholds

FAR = {"latitude": 60.0}


class Archive:
    """Stands for PostgreSQL: what is stored, and what was asked for."""

    def __init__(self):
        self.reports = []
        self.suspect = None
        self.asked = []
        self.is_away = False

    def around(self, reports):
        if self.is_away:
            raise Unavailable("away")
        self.asked.append(len(reports))
        return [self._neighbours(one) for one in reports]

    def _neighbours(self, this):
        mine = [one for one in self.reports if one.tracker_id == this.tracker_id]
        before = [one for one in mine if one.recorded_at <= this.recorded_at]
        after = [one for one in mine if one.recorded_at > this.recorded_at]
        return Neighbours(
            max(before, key=lambda one: one.recorded_at, default=None),
            min(after, key=lambda one: one.recorded_at, default=None),
            self.suspect,
        )

    def stored(self, keys):
        return {
            key_of(one): StoredPosition(one, NOON)
            for one in self.reports
            if key_of(one) in keys
        }


@pytest.fixture
def archive():
    return Archive()


@pytest.fixture
def say(archive):
    """Judge one message as a worker does, and keep what is believed."""
    judge = Judge(archive)

    def say(*reports, judge=judge, kind=Kind.OTHER):
        vessels = {VESSEL: Particulars(VESSEL, FLEET, "Vinga", kind=kind)}
        found = judge.doubts(reports, thresholds(), vessels)
        for one, reason in zip(reports, found, strict=True):
            if reason is None:
                archive.reports.append(one)
            elif reason is Reason.TELEPORT:
                archive.suspect = one
        return found

    say.judge = judge
    return say


def later(seconds: float, **changes):
    return report(recorded_at=NOON + timedelta(seconds=seconds), **changes)


def test_a_voyage_in_order_is_believed_from_memory_alone(say, archive):
    say(report())
    archive.asked.clear()

    for second in range(10, 1000, 10):
        assert say(later(second, latitude=57.66 + second * 1e-5)) == [None]

    assert archive.asked == []


def test_a_vessel_that_was_taken_elsewhere_is_believed_at_the_second_report(say):
    said = [
        say(one) for one in (report(), later(10, **FAR), later(20, **FAR), later(30, **FAR))
    ]

    assert said == [[None], [Reason.TELEPORT], [None], [None]]


def test_one_outlier_does_not_make_the_next_good_report_suspect(say):
    say(report())
    say(later(10, **FAR))

    assert say(later(20)) == [None]


def test_another_worker_knows_what_this_one_has_not_seen(say, archive):
    say(report())
    say(later(7200, **FAR), judge=Judge(archive))

    assert say(later(7210, **FAR)) == [None]
    assert say(later(7220)) == [Reason.TELEPORT]


def test_the_second_report_may_come_to_another_worker(say, archive):
    say(report())
    say(later(10, **FAR))

    assert say(later(20, **FAR), judge=Judge(archive)) == [None]


def test_a_worker_that_has_just_begun_asks_once_for_each_tracker(say, archive):
    say(report())
    new = Judge(archive)
    archive.asked.clear()

    assert say(later(10, **FAR), judge=new) == [Reason.TELEPORT]
    assert say(later(20), judge=new) == [None]
    assert say(later(30), judge=new) == [None]
    assert archive.asked == [1, 1]


def test_a_late_spike_between_two_good_reports_is_a_teleport_for_ever(say):
    say(report(), later(3600))

    assert say(later(1800, **FAR)) == [Reason.TELEPORT]
    assert say(later(1801, **FAR)) == [Reason.TELEPORT]


def test_a_late_report_does_not_become_what_the_next_is_compared_with(say):
    say(report())
    say(later(-86_400, **FAR))

    assert say(later(10)) == [None]


def test_a_buffer_drained_report_by_report_is_asked_about_once(say, archive):
    say(report())
    archive.asked.clear()

    for second in range(-3600, -600, 60):
        assert say(later(second)) == [None]

    assert archive.asked == [1]


def test_an_array_out_of_order_with_one_spike_loses_only_the_spike(say, archive):
    say(report())
    archive.asked.clear()
    order = [50, 10, 30, 20, 40]

    found = say(*(later(second, **(FAR if second == 30 else {})) for second in order))

    assert found == [None, None, Reason.TELEPORT, None, None]
    assert archive.asked == [1]


def test_a_days_buffer_is_believed_without_a_question(say, archive):
    say(report())
    archive.asked.clear()

    assert set(say(*(later(second) for second in range(-86_400, -3600, 120)))) == {None}
    assert archive.asked == []


def test_zero_zero_is_no_neighbour(say):
    say(report())

    found = say(later(10), later(20, latitude=0.0, longitude=0.0), later(30))

    assert found == [None, Reason.NULL_ISLAND, None]


def test_a_repeat_inside_an_array_shares_the_fate_of_the_first(say):
    say(report())
    spike = later(20, **FAR)

    found = say(later(10), spike, spike, later(30), later(30))

    assert found == [None, Reason.TELEPORT, Reason.TELEPORT, None, None]


def test_many_places_at_one_time_in_an_array_are_a_stuck_clock(say):
    moving = [report(latitude=57.66 + step * 0.01) for step in range(3)]

    assert say(*moving) == [None, Reason.STUCK_CLOCK, Reason.STUCK_CLOCK]


def test_a_stored_time_is_left_to_the_writer_even_from_another_place(say, archive):
    say(report(), later(60))

    assert say(report(**FAR)) == [None]


def test_only_another_place_much_later_shows_that_a_clock_stands_still(say, archive):
    say(report())
    unknown, moved = later(5), report(latitude=57.67)

    def stuck(seconds):
        at = NOON + timedelta(seconds=seconds)
        return say.judge.stuck_clocks([report(), moved, unknown], at, thresholds())

    assert stuck(300) == [False, True, False]
    assert stuck(30) == [False, False, False]


def test_the_kind_of_vessel_decides_what_is_too_fast(say):
    say(report(), kind=Kind.TANKER)
    forty_knots = later(3600, latitude=57.66 + 40 / 60)

    assert say(forty_knots, kind=Kind.TANKER) == [Reason.TELEPORT]
    assert say(forty_knots, kind=Kind.HIGH_SPEED) == [None]


def test_trackers_are_judged_each_by_itself(say):
    say(report())
    other = UUID(int=TRACKER.int + 1)

    assert say(later(1, **FAR, tracker_id=other)) == [None]


def test_a_message_about_many_vessels_is_one_question(say, archive):
    fleet = [report(vessel_id=UUID(int=number)) for number in range(50)]

    assert set(say(*fleet)) == {None}
    assert archive.asked == [50]


def test_nothing_is_believed_while_nobody_can_tell(say, archive):
    say(report())
    archive.is_away = True

    assert say(later(10)) == [None]
    with pytest.raises(Unavailable):
        say(later(20, **FAR))


def test_memory_is_bounded(say, monkeypatch):
    monkeypatch.setattr("harbor.ingest.judge.TRACKERS_MAX", 10)
    for number in range(50):
        say(report(tracker_id=UUID(int=number)))

    assert len(say.judge._newest) == 10
