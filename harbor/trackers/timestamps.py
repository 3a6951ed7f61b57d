"""Times that are refused: the telling word for each, and what a rolled-over clock meant."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from harbor.errors import FieldError, Invalid
from harbor.fleet.rollover import PERIOD, periods_behind
from harbor.fleet.verdict import Reason
from harbor.trackers.message import Limits

TIME_CODES = ("timestamp", Reason.TIMESTAMP_TOO_OLD, Reason.TIMESTAMP_IN_FUTURE)
Faults = tuple[FieldError, ...]


def named(faults: Faults, item: object, limits: Limits) -> Faults:
    """The same faults; one of the time as a GPS week rollover, when that explains it."""
    moment = _moment(item)
    if moment is None:
        return faults
    return tuple(
        _named(fault, moment, limits) if fault.code in TIME_CODES else fault for fault in faults
    )


def _named(fault: FieldError, moment: datetime, limits: Limits) -> FieldError:
    periods = _periods(moment, limits)
    if periods:
        way = "behind" if periods > 0 else "ahead"
        detail = f"{abs(periods) * 1024} weeks {way}: the receiver's week counter rolled over"
        return replace(fault, code=Reason.GPS_WEEK_ROLLOVER.value, detail=detail)
    if fault.code == "timestamp" and moment < limits.recorded_at_min:
        return replace(fault, code=Reason.TIMESTAMP_TOO_OLD.value)
    return fault


def mended(item: object, limits: Limits) -> object:
    """The same report with the time that its tracker meant; `limits.now` is when it came in.

    Raises Invalid when no rollover explains its time.
    """
    moment = _moment(item)
    periods = moment and _periods(moment, limits)
    if moment is None or not periods or not isinstance(item, Mapping):
        raise Invalid("Its time is not 1,024 or 2,048 weeks from when it came in.")
    return {**item, "recorded_at": (moment + periods * PERIOD).isoformat()}


def _periods(moment: datetime, limits: Limits) -> int:
    tolerance = timedelta(hours=limits.rollover_tolerance_hours)
    return periods_behind(moment, limits.now, tolerance)


def _moment(item: object) -> datetime | None:
    """The time as it stands there, however old; None when it can't be read."""
    text = item.get("recorded_at") if isinstance(item, Mapping) else None
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
