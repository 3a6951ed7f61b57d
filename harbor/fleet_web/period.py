"""The period of a track that a page or a download asks for.

`last=6h|24h|7d|30d` ends now; `from` and `to` are moments with an offset. The default is the
last 24 hours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from flask import request

from harbor.errors import Malformed
from harbor.fleet_web.span import moment_asked

LAST: Mapping[str, timedelta] = MappingProxyType(
    {
        "6h": timedelta(hours=6),
        "24h": timedelta(hours=24),
        "7d": timedelta(days=7),
        "30d": timedelta(days=30),
    }
)
LAST_DEFAULT = "24h"
LONGEST = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment on and before another; `last` is its name when it goes with time."""

    start_at: datetime
    end_at: datetime
    last: str | None = None


def period_asked(now: datetime) -> Period:
    """Raises Malformed, saying what to write."""
    start_at, end_at = moment_asked("from"), moment_asked("to")
    last = request.args.get("last", LAST_DEFAULT)
    if last not in LAST:
        raise Malformed(f"last is one of {', '.join(LAST)}.")
    if start_at is None and end_at is None:
        return Period(now - LAST[last], now, last)
    end_at = end_at or now
    start_at = start_at or end_at - LAST[last]
    if start_at >= end_at:
        raise Malformed("from must be before to; without to, that is now.")
    if end_at - start_at > LONGEST:
        raise Malformed(f"At most {LONGEST.days} days at a time.")
    return Period(start_at, end_at)
