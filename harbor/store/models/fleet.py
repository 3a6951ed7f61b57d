"""Fleets, their vessels and the trackers aboard."""

from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from harbor.fleet.sources import PATIENCE_S, PATIENCE_S_MAX, PRECEDENCE_MAX, PRECEDENCE_OWN
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

IMO_CHECK_DIGIT = (
    "imo_number ~ '^[0-9]{7}$' AND mod("
    + " + ".join(f"substr(imo_number, {8 - n}, 1)::int * {n}" for n in range(7, 1, -1))
    + ", 10) = right(imo_number, 1)::int"
)


class Fleet(Base):
    """The unit of ownership: everything else belongs to one.

    `thresholds` are what it changes of the settings of the same names; NULL: nothing.
    """

    __tablename__ = "fleet"

    id: Mapped[Id]
    name: Mapped[Words] = mapped_column(unique=True)
    created_at: Mapped[CreatedAt]
    thresholds: Mapped[dict[str, object] | None] = mapped_column(JSONB(none_as_null=True))
    revision: Mapped[int] = mapped_column(server_default=text("1"))

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy's own form


class Vessel(Base):
    """A hull with its particulars; retired, never deleted, because positions name it."""

    __tablename__ = "vessel"
    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 80", name="name_length"),
        CheckConstraint(IMO_CHECK_DIGIT, name="imo_check_digit"),
        CheckConstraint("mmsi ~ '^[2-7][0-9]{8}$'", name="mmsi_shape"),
        CheckConstraint("call_sign ~ '^[A-Z0-9]{3,7}$'", name="call_sign_shape"),
        CheckConstraint("kind ~ '^[a-z_]{1,40}$'", name="kind_shape"),
        UniqueConstraint("fleet_id", "id"),
        Index(
            "uq_vessel_fleet_id_name",
            "fleet_id",
            text("lower(name)"),
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
        Index(
            "uq_vessel_fleet_id_imo_number",
            "fleet_id",
            "imo_number",
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
        Index(
            "uq_vessel_fleet_id_mmsi",
            "fleet_id",
            "mmsi",
            unique=True,
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    fleet_id: Mapped[FleetId]
    name: Mapped[Words]
    imo_number: Mapped[Words | None]
    mmsi: Mapped[Words | None]
    call_sign: Mapped[Words | None]
    kind: Mapped[Words] = mapped_column(server_default=text("'other'"))
    created_at: Mapped[CreatedAt]
    retired_at: Mapped[Moment | None]
    revision: Mapped[int] = mapped_column(server_default=text("1"))

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy's own form


class Tracker(Base):
    """A sender of positions; without a vessel it may report for any of its fleet.

    `format` is the word of its messages in `/api/v1/ingest/<format>`; `harbor`: Harbor's own.
    `precedence` (the lower counts more) and `patience_s` say when it speaks for a vessel that
    has several, see harbor.fleet.sources.
    Secrets are Fernet tokens; the previous one stays valid until `previous_until`.
    """

    __tablename__ = "tracker"
    __table_args__ = (
        ForeignKeyConstraint(["fleet_id", "vessel_id"], ["vessel.fleet_id", "vessel.id"]),
        UniqueConstraint("fleet_id", "name"),
        CheckConstraint("char_length(name) BETWEEN 1 AND 80", name="name_length"),
        CheckConstraint(
            "(secret_previous IS NULL) = (previous_until IS NULL)", name="previous_has_an_end"
        ),
        CheckConstraint(FORMAT_SHAPE, name="format_shape"),
        CheckConstraint(f"precedence BETWEEN 1 AND {PRECEDENCE_MAX}", name="precedence_range"),
        CheckConstraint(f"patience_s BETWEEN 0 AND {PATIENCE_S_MAX}", name="patience_s_range"),
    )

    id: Mapped[Id]
    fleet_id: Mapped[FleetId]
    vessel_id: Mapped[UUID | None]
    name: Mapped[Words]
    format: Mapped[Format]
    precedence: Mapped[int] = mapped_column(
        SmallInteger, server_default=text(str(PRECEDENCE_OWN))
    )
    patience_s: Mapped[int] = mapped_column(server_default=text(str(PATIENCE_S)))
    secret: Mapped[Words]
    secret_previous: Mapped[Words | None]
    previous_until: Mapped[Moment | None]
    created_at: Mapped[CreatedAt]
    revoked_at: Mapped[Moment | None]
    last_seen_at: Mapped[Moment | None]
    last_address: Mapped[Words | None]
    revision: Mapped[int] = mapped_column(server_default=text("1"))

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy's own form


class TrackerDevice(Base):
    """Which vessel a fleet-wide tracker means by a name of its own, such as a device id."""

    __tablename__ = "tracker_device"
    __table_args__ = (
        ForeignKeyConstraint(["fleet_id", "vessel_id"], ["vessel.fleet_id", "vessel.id"]),
        CheckConstraint("char_length(device) BETWEEN 1 AND 64", name="device_length"),
    )

    tracker_id: Mapped[UUID] = mapped_column(ForeignKey("tracker.id"), primary_key=True)
    device: Mapped[Words] = mapped_column(primary_key=True)
    fleet_id: Mapped[UUID]
    vessel_id: Mapped[UUID]
    created_at: Mapped[CreatedAt]
