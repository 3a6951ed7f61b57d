"""What is believed and what is put in quarantine."""

from datetime import timedelta

from harbor.fleet.verdict import Doubt, Seen, doubt
from tests.builders import NOON, report

HOUR = timedelta(hours=1)


def judged(this, newest=None, suspect=None, received_at=NOON):
    return doubt(this, newest, suspect, received_at, speed_knots_max=100)


def seen(this, received_at=NOON):
    return Seen(this, received_at)


def test_a_first_report_is_believed():
    assert judged(report()) is None


def test_zero_zero_is_a_receiver_without_a_fix():
    assert judged(report(latitude=0.0, longitude=0.0)) is Doubt.NULL_ISLAND


def test_a_voyage_at_a_plausible_speed_is_believed():
    later = report(recorded_at=NOON + HOUR, latitude=58.0)

    assert judged(later, seen(report())) is None


def test_a_jump_faster_than_any_vessel_is_a_teleport_forward_and_back_in_time():
    for recorded_at in (NOON + HOUR, NOON - HOUR):
        jump = report(recorded_at=recorded_at, latitude=60.0)

        assert judged(jump, seen(report())) is Doubt.TELEPORT


def test_a_small_jump_is_bad_reception_not_a_teleport():
    jump = report(recorded_at=NOON + timedelta(seconds=1), latitude=57.67)

    assert judged(jump, seen(report())) is None


def test_a_second_report_from_the_far_place_is_believed():
    suspect = report(recorded_at=NOON + timedelta(seconds=10), latitude=60.0)
    again = report(recorded_at=NOON + timedelta(seconds=20), latitude=60.001)

    assert judged(again, seen(report()), seen(suspect)) is None


def test_the_same_suspect_again_does_not_confirm_itself():
    suspect = report(recorded_at=NOON + timedelta(seconds=10), latitude=60.0)

    assert judged(suspect, seen(report()), seen(suspect)) is Doubt.TELEPORT


def test_a_second_jump_to_another_far_place_stays_a_teleport():
    suspect = report(recorded_at=NOON + timedelta(seconds=10), latitude=60.0)
    elsewhere = report(recorded_at=NOON + timedelta(seconds=20), latitude=50.0)

    assert judged(elsewhere, seen(report()), seen(suspect)) is Doubt.TELEPORT


def test_a_clock_that_stands_still_while_the_vessel_moves_is_noticed():
    moved = report(latitude=57.665)
    minutes_later = NOON + timedelta(minutes=5)

    assert judged(moved, seen(report()), received_at=minutes_later) is Doubt.STUCK_CLOCK


def test_a_repeat_is_not_a_stuck_clock():
    minutes_later = NOON + timedelta(minutes=5)

    assert judged(report(), seen(report()), received_at=minutes_later) is None
