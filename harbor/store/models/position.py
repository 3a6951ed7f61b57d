"""Positions, what waits to be published, and what was refused."""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from harbor.store.database import Base
from harbor.store.models.columns import (
    FORMAT_SHAPE,
    CreatedAt,
    FleetId,
    Format,
    Id,
    Moment,
    Words,
)

RANGES = {
    "latitude": "latitude BETWEEN -90 AND 90",
    "longitude": "longitude BETWEEN -180 AND 180",
    "speed_knots": "speed_knots BETWEEN 0 AND 1000",
    "course_degrees": "course_degrees >= 0 AND course_degrees < 360",
    "heading_degrees": "heading_degrees >= 0 AND heading_degrees < 360",
    "accuracy_metres": "accuracy_metres BETWEEN 0 AND 1000000",
    "altitude_metres": "altitude_metres BETWEEN -12000 AND 100000",
    "battery_percent": "battery_percent BETWEEN 0 AND 100",
    "recorded_at": "recorded_at >= '2020-01-01 00:00:00+00'"
    " AND recorded_at < '2100-01-01 00:00:00+00'",
}
"""Closed at both ends: NaN is greater than every number, so `>=` alone lets it pass."""


class Fix:
    """What a tracker said besides who and when, and when it reached us."""

    received_at: Mapped[Moment]
    latitude: Mapped[float]
    longitude: Mapped[float]
    speed_knots: Mapped[float | None]
    course_degrees: Mapped[float | None]
    heading_degrees: Mapped[float | None]
    accuracy_metres: Mapped[float | None]
    altitude_metres: Mapped[float | None]
    battery_percent: Mapped[float | None]
    navigation_status: Mapped[Words | None]
    source: Mapped[Words]
    attributes: Mapped[dict[str, object] | None] = mapped_column(JSONB)


class Position(Fix, Base):
    """One fix of one tracker; a table partitioned by month or day on `recorded_at`.

    No foreign keys: vessels and trackers are never deleted, and the check on every row
    would cost more than the insert.
    """

    __tablename__ = "position"
    __table_args__ = (
        *(CheckConstraint(rule, name=f"{column}_range") for column, rule in RANGES.items()),
        {"postgresql_partition_by": "RANGE (recorded_at)"},
    )

    fleet_id: Mapped[UUID] = mapped_column(primary_key=True)
    vessel_id: Mapped[UUID] = mapped_column(primary_key=True)
    recorded_at: Mapped[Moment] = mapped_column(primary_key=True)
    tracker_id: Mapped[UUID] = mapped_column(primary_key=True)


class LastPosition(Fix, Base):
    """The newest fix of a vessel that is so long silent that retention dropped it."""

    __tablename__ = "last_position"

    fleet_id: Mapped[UUID] = mapped_column(primary_key=True)
    vessel_id: Mapped[UUID] = mapped_column(primary_key=True)
    recorded_at: Mapped[Moment]
    tracker_id: Mapped[UUID]


class ThinnedPartition(Base):
    """How far thinning has come: all vessels before `done_until`, some behind it.

    `rows_inserted` is PostgreSQL's count when the pass began: late fixes raise it.
    """

    __tablename__ = "thinned_partition"

    name: Mapped[Words] = mapped_column(primary_key=True)
    done_until: Mapped[Moment]
    done_vessel_id: Mapped[UUID | None]
    rows_inserted: Mapped[int] = mapped_column(BigInteger)
    begun_at: Mapped[Moment]


class FeedOutbox(Base):
    """One row per committed batch that the feed has not taken yet: keys only.

    `content` is `{"positions": [[vessel, recorded_at, tracker], …]}` or
    `{"vessels": [vessel, …], "change": "added" | "renamed" | "removed"}` or
    `{"alerts": [alert, …]}`.
    """

    __tablename__ = "feed_outbox"

    id: Mapped[Id]
    fleet_id: Mapped[FleetId]
    created_at: Mapped[CreatedAt]
    content: Mapped[dict[str, object]] = mapped_column(JSONB)


class RejectedReport(Base):
    """Quarantine: a report that was not put on the map, as it came in, and why.

    `format` is what `raw` is written in.
    `recorded_at` and the place are there when the report was well formed. `digest` is the
    SHA-256 of `raw`; None in what a worker of the first version kept, repeats and all.
    """

    __tablename__ = "rejected_report"
    __table_args__ = (
        Index("ix_rejected_report_fleet_id_id", "fleet_id", text("id DESC")),
        Index("ix_rejected_report_tracker_id_id", "tracker_id", text("id DESC")),
        Index("ix_rejected_report_received_at", "received_at"),
        Index(
            "ix_rejected_report_suspects",
            "tracker_id",
            "vessel_id",
            text("id DESC"),
            postgresql_where=text("reason = 'teleport'"),
        ),
        Index(
            "uq_rejected_report_tracker_id_reason_digest",
            "tracker_id",
            "reason",
            "digest",
            unique=True,
            postgresql_where=text("digest IS NOT NULL"),
        ),
        CheckConstraint("octet_length(raw) <= 65536", name="raw_length"),
        CheckConstraint(FORMAT_SHAPE, name="format_shape"),
    )

    id: Mapped[Id]
    fleet_id: Mapped[FleetId]
    tracker_id: Mapped[UUID] = mapped_column(ForeignKey("tracker.id"))
    vessel_id: Mapped[UUID | None] = mapped_column(ForeignKey("vessel.id"))
    received_at: Mapped[Moment]
    reason: Mapped[Words]
    detail: Mapped[Words]
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    recorded_at: Mapped[Moment | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    format: Mapped[Format]


class QuarantineCount(Base):
    """How many reports of a vessel were ever rejected for a reason; nothing trims it."""

    __tablename__ = "quarantine_count"
    __table_args__ = (
        UniqueConstraint("fleet_id", "vessel_id", "reason", postgresql_nulls_not_distinct=True),
    )

    id: Mapped[Id]
    fleet_id: Mapped[FleetId]
    vessel_id: Mapped[UUID | None] = mapped_column(ForeignKey("vessel.id"))
    reason: Mapped[Words]
    reports: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[Moment]
