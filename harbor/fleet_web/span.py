"""The period that a page's script asks for: `from` and `to` in the query string."""

from datetime import datetime, timedelta

from flask import request
from pydantic_core import PydanticCustomError

from harbor.config import RECORDED_AT_MIN as EARLIEST
from harbor.errors import Malformed
from harbor.trackers.contract import read_moment


def span_asked(
    now: datetime, default: timedelta, longest: timedelta
) -> tuple[datetime, datetime]:
    """Without them the `default` until now; never past now. Raises Malformed."""
    end_at = min(moment_asked("to") or now, now)
    start_at = moment_asked("from") or end_at - default
    if start_at >= end_at:
        raise Malformed("from must be before to, and before now.")
    if end_at - start_at > longest:
        raise Malformed(f"At most {longest.days} days at once: bring from and to together.")
    return start_at, end_at


def moment_asked(name: str) -> datetime | None:
    """RFC 3339 with an offset; None when it is empty or not there. Raises Malformed.

    No position is older than EARLIEST: a moment before it asks for the same.
    """
    given = request.args.get(name)
    if not given:
        return None
    if _is_before_all(given):
        return EARLIEST
    try:
        return read_moment(given)
    except PydanticCustomError as error:
        raise Malformed(f"{name}: {error.message()}; in a URL, + is written %2B.") from None


def _is_before_all(given: str) -> bool:
    try:
        moment = datetime.fromisoformat(given.upper())
    except ValueError:
        return False
    return moment.tzinfo is not None and moment < EARLIEST
