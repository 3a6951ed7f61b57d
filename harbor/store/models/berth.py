"""Berths of a fleet."""

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped

from harbor.store.database import Base
from harbor.store.models.columns import CreatedAt, FleetId, Id, Words

RANGES = {
    "latitude": "latitude BETWEEN -90 AND 90",
    "longitude": "longitude BETWEEN -180 AND 180",
    "radius_metres": "radius_metres BETWEEN 1 AND 10000",
}


class Berth(Base):
    """A place where vessels lie; two of a fleet never share a name."""

    __tablename__ = "berth"
    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 80", name="name_length"),
        *(CheckConstraint(rule, name=f"{column}_range") for column, rule in RANGES.items()),
        Index("uq_berth_fleet_id_name", "fleet_id", text("lower(name)"), unique=True),
    )

    id: Mapped[Id]
    fleet_id: Mapped[FleetId]
    name: Mapped[Words]
    latitude: Mapped[float]
    longitude: Mapped[float]
    radius_metres: Mapped[float]
    created_at: Mapped[CreatedAt]
