"""What trackers tell besides positions: alerts, and what is known of a hull."""

from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from harbor.store.database import Base
from harbor.store.models.columns import FleetId, Id, Moment, Words


class Alert(Base):
    """Something that somebody must see at once; `vessel_id` None: of no vessel of the fleet."""

    __tablename__ = "alert"
    __table_args__ = (
        ForeignKeyConstraint(["fleet_id", "vessel_id"], ["vessel.fleet_id", "vessel.id"]),
        UniqueConstraint(
            "fleet_id",
            "vessel_id",
            "kind",
            "recorded_at",
            "is_over",
            "text",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_alert_fleet_id_received_at", "fleet_id", "received_at"),
        CheckConstraint("kind ~ '^[a-z_]{1,40}$'", name="kind_shape"),
        CheckConstraint("char_length(text) <= 256", name="text_length"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_range"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_range"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="whole_place"),
    )

    id: Mapped[Id]
    fleet_id: Mapped[FleetId]
    tracker_id: Mapped[UUID] = mapped_column(ForeignKey("tracker.id"))
    vessel_id: Mapped[UUID | None]
    kind: Mapped[Words]
    recorded_at: Mapped[Moment]
    received_at: Mapped[Moment]
    text: Mapped[Words]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    is_over: Mapped[bool]


class StaticData(Base):
    """What a tracker said last of a hull; what it did not say again is left as it was."""

    __tablename__ = "static_data"
    __table_args__ = (
        ForeignKeyConstraint(["fleet_id", "vessel_id"], ["vessel.fleet_id", "vessel.id"]),
    )

    vessel_id: Mapped[UUID] = mapped_column(primary_key=True)
    tracker_id: Mapped[UUID] = mapped_column(ForeignKey("tracker.id"), primary_key=True)
    fleet_id: Mapped[UUID]
    recorded_at: Mapped[Moment]
    name: Mapped[Words | None]
    call_sign: Mapped[Words | None]
    imo_number: Mapped[Words | None]
    ship_type: Mapped[int | None] = mapped_column(SmallInteger)
    length_metres: Mapped[float | None]
    beam_metres: Mapped[float | None]
    draught_metres: Mapped[float | None]
    destination: Mapped[Words | None]
