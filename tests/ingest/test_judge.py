"""What a worker remembers of each tracker."""

from datetime import timedelta

import pytest

from harbor.fleet.verdict import Doubt
from harbor.ingest.judge import Judge
from tests.builders import NOON, TRACKER, report


@pytest.fixture
def judge():
    return Judge(speed_knots_max=100)


def later(seconds: int, **changes):
    return report(recorded_at=NOON + timedelta(seconds=seconds), **changes)


def test_a_vessel_that_was_taken_elsewhere_is_believed_at_the_second_report(judge):
    verdicts = [
        judge.doubt(one, NOON)
        for one in (
            report(),
            later(10, latitude=60.0),
            later(20, latitude=60.0),
            later(30, latitude=60.0),
        )
    ]

    assert verdicts == [None, Doubt.TELEPORT, None, None]


def test_one_outlier_does_not_make_the_next_good_report_suspect(judge):
    judge.doubt(report(), NOON)
    judge.doubt(later(10, latitude=60.0), NOON)

    assert judge.doubt(later(20), NOON) is None


def test_a_late_report_does_not_become_what_the_next_is_compared_with(judge):
    judge.doubt(report(), NOON)
    judge.doubt(later(-86_400, latitude=60.0), NOON)

    assert judge.doubt(later(10), NOON) is None


def test_trackers_are_judged_each_by_itself(judge):
    judge.doubt(report(), NOON)
    other = TRACKER.int + 1

    assert (
        judge.doubt(later(1, latitude=60.0, tracker_id=type(TRACKER)(int=other)), NOON) is None
    )


def test_memory_is_bounded(judge, monkeypatch):
    monkeypatch.setattr("harbor.ingest.judge.TRACKERS_MAX", 10)
    for number in range(50):
        judge.doubt(report(tracker_id=type(TRACKER)(int=number)), NOON)

    assert len(judge._newest) == 10
