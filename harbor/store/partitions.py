"""The partitions of the table `position`: which there are, which should be, how one is made.

A partition holds a month (`position_2026_11`) or a day (`position_2026_11_22`), in UTC. They
never overlap: a month of which a day exists goes on by days, a day of an existing month is
in that month.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Literal

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

Period = Literal["month", "day"]

NAMES: Mapping[Period, str] = MappingProxyType(
    {"month": "position_%Y_%m", "day": "position_%Y_%m_%d"}
)
DAYS_AHEAD = 7
"""So long may every maintainer be away in daily mode; after that the writer makes them."""
DROP_MARK = "harbor: to be dropped"
"""The comment on a partition that retention is dropping; migration 0003 knows it too."""


@dataclass(frozen=True, slots=True)
class Span:
    """What one partition holds, `end_at` not included.

    `is_leaving`: its detaching was begun and not ended, so that queries don't see it.
    """

    name: str
    start_at: datetime
    end_at: datetime
    is_leaving: bool = False
    is_marked: bool = False

    def holds(self, moment: datetime) -> bool:
        return self.start_at <= moment < self.end_at


@dataclass(frozen=True, slots=True)
class Size:
    """What PostgreSQL reckons a partition has in rows, and its bytes with indexes."""

    rows: int
    bytes: int


def spans(connection: Connection | Session) -> tuple[Span, ...]:
    """Every partition with a name of ours, the oldest first.

    By name, which needs no lock on any of them; asking for the bounds would.
    """
    rows = connection.execute(
        text(r"""
        SELECT c.relname AS name, i.inhdetachpending AS is_leaving,
            coalesce(obj_description(c.oid, 'pg_class') = :mark, false) AS is_marked
        FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = CAST('position' AS regclass)
            AND c.relname ~ '^position_[0-9]{4}_[0-9]{2}(_[0-9]{2})?$'
        """),
        {"mark": DROP_MARK},
    )
    return tuple(sorted((named(*row) for row in rows), key=lambda span: span.start_at))


def named(name: str, is_leaving: bool = False, is_marked: bool = False) -> Span:
    """What a partition of this name holds."""
    year, month, *day = map(int, name.split("_")[1:])
    if day:
        start_at = datetime(year, month, day[0], tzinfo=UTC)
        return Span(name, start_at, start_at + timedelta(days=1), is_leaving, is_marked)
    start_at = datetime(year, month, 1, tzinfo=UTC)
    return Span(name, start_at, end_of(start_at, "month"), is_leaving, is_marked)


def sizes(connection: Connection | Session, names: Sequence[str]) -> dict[str, Size]:
    """Of the named tables, as PostgreSQL last reckoned them; needs no lock either."""
    rows = connection.execute(
        text("""
        SELECT name, CAST(CASE WHEN c.reltuples < 0 THEN pg_stat_get_live_tuples(c.oid)
                ELSE c.reltuples END AS bigint) AS rows,
            CAST(current_setting('block_size') AS bigint) * (c.relpages + (
                SELECT coalesce(sum(i.relpages), 0) FROM pg_index JOIN pg_class AS i
                    ON i.oid = indexrelid WHERE indrelid = c.oid)) AS bytes
        FROM unnest(CAST(:names AS text[])) AS name JOIN pg_class AS c
            ON c.oid = to_regclass(name)
        """),
        {"names": list(names)},
    )
    return {row.name: Size(row.rows, row.bytes) for row in rows}


def ensure(connection: Connection, moment: datetime, period: Period) -> None:
    """Make the partition that `moment` falls into, unless there is one.

    Raises what `unavailable_when_away` understands when that partition is being dropped, or
    a table that is none is in its way.
    """
    connection.execute(
        text("SELECT harbor_ensure_position_partition(CAST(:moment AS timestamptz), :period)"),
        {"moment": moment, "period": period},
    )


def ensure_for(
    connection: Connection, moments: Iterable[datetime], now: datetime, preferred: Period
) -> None:
    """Make the partitions that fixes of these times need, unless there are some."""
    for moment in sorted({start_of(one, "day") for one in moments}):
        ensure(connection, moment, period_of(moment, now, preferred))


def is_missing(error: IntegrityError) -> bool:
    """Whether a row was refused only because its time has no partition yet."""
    return getattr(error.orig, "pgcode", None) == "23514" and "no partition" in str(error.orig)


def is_in_the_way(error: DBAPIError) -> bool:
    """Whether a table that is no partition has the name of the one to be made."""
    return getattr(error.orig, "pgcode", None) == "55000" and "is no partition" in str(error)


def period_of(moment: datetime, now: datetime, period: Period) -> Period:
    """Late fixes of a month that is over get the month: days of it would be many and small."""
    return period if moment >= start_of(now, "month") else "month"


def missing(there: Iterable[Span], now: datetime, period: Period) -> list[Span]:
    """What should be made now: for this period and those ahead."""
    known = list(there)
    made: list[Span] = []
    for moment in wanted(now, period, known):
        if not any(span.holds(moment) for span in (*known, *made)):
            made.append(span_of(moment, period, known))
    return made


def wanted(now: datetime, period: Period, there: Sequence[Span]) -> Iterator[datetime]:
    """A moment in each period that should have its partition.

    Days ahead too in a month that goes on by days, or else writers would make them at midnight.
    """
    if period == "month":
        yield from (now, end_of(now, "month"))
    for moment in (now + timedelta(days=days) for days in range(DAYS_AHEAD + 1)):
        if period == "day" or goes_on_by_days(moment, there):
            yield moment


def goes_on_by_days(moment: datetime, there: Iterable[Span]) -> bool:
    """Whether the month of this moment has days, so that it gets no partition of its own."""
    start_at, end_at = start_of(moment, "month"), end_of(moment, "month")
    month = (start_at, end_at)
    return any(
        start_at <= span.start_at < end_at and (span.start_at, span.end_at) != month
        for span in there
    )


def span_of(moment: datetime, period: Period, there: Iterable[Span]) -> Span:
    """What `ensure` would make for a moment that has no partition."""
    start_at, end_at = start_of(moment, period), end_of(moment, period)
    if any(span.start_at < end_at and start_at < span.end_at for span in there):
        period, start_at, end_at = "day", start_of(moment, "day"), end_of(moment, "day")
    return Span(start_at.strftime(NAMES[period]), start_at, end_at)


def start_of(moment: datetime, period: Period) -> datetime:
    at = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return at.replace(day=1) if period == "month" else at


def end_of(moment: datetime, period: Period) -> datetime:
    start_at = start_of(moment, period)
    if period == "day":
        return start_at + timedelta(days=1)
    return start_of(start_at + timedelta(days=31), "month")
