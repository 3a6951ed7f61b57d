"""Times that are refused, and what a rolled-over clock meant."""

from datetime import UTC, datetime, timedelta

import pytest

from harbor.errors import FieldError, Invalid
from harbor.trackers.message import Limits
from harbor.trackers.timestamps import mended, named

NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
LIMITS = Limits(NOW, 120, 1000)
FAULT = FieldError("/recorded_at", "timestamp", "as it was said")
OTHER = FieldError("/latitude", "less_than_equal", "too large")
ROLLED_OVER = (NOW - timedelta(weeks=1024)).isoformat()


@pytest.mark.parametrize(
    ("recorded_at", "code"),
    [
        (ROLLED_OVER, "gps_week_rollover"),
        ((NOW + timedelta(weeks=1024)).isoformat(), "gps_week_rollover"),
        ("1999-12-31T00:00:00Z", "timestamp_too_old"),
        ("2026-05-04T12:30:00.1234567Z", "timestamp"),
        ("2006-09-18T12:30:00", "timestamp"),
        ("0001-01-01T00:00:00+14:00", "timestamp"),
        ("soon", "timestamp"),
        (17, "timestamp"),
        (None, "timestamp"),
    ],
)
def test_a_refused_time_gets_the_most_telling_word(recorded_at, code):
    faults = named((FAULT, OTHER), {"recorded_at": recorded_at}, LIMITS)

    assert [fault.code for fault in faults] == [code, "less_than_equal"]


def test_what_is_no_object_has_no_time():
    assert named((FAULT,), [1], LIMITS) == (FAULT,)


def test_a_mended_report_differs_in_its_time_only():
    mending = mended({"recorded_at": ROLLED_OVER, "latitude": 57.5}, LIMITS)

    assert mending == {"recorded_at": NOW.isoformat(), "latitude": 57.5}


@pytest.mark.parametrize(
    "item", [{"recorded_at": "2026-05-04T12:30:00Z"}, {"latitude": 1}, [ROLLED_OVER], None]
)
def test_what_no_rollover_explains_is_not_mended(item):
    with pytest.raises(Invalid):
        mended(item, LIMITS)
