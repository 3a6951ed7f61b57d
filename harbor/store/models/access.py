"""Who may look: users, API keys, and the record of what they did."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from harbor.store.database import Base
from harbor.store.models.columns import CreatedAt, FleetId, Id, Moment, Words


class User(Base):
    """A person with a password; `session_epoch` is raised to end all sessions."""

    __tablename__ = "user"
    __table_args__ = (
        Index("uq_user_username", text("lower(username)"), unique=True),
        CheckConstraint("char_length(username) BETWEEN 1 AND 80", name="username_length"),
    )

    id: Mapped[Id]
    fleet_id: Mapped[FleetId]
    username: Mapped[Words]
    password_hash: Mapped[Words]
    session_epoch: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    disabled_at: Mapped[Moment | None]
    last_login_at: Mapped[Moment | None]


class ApiKey(Base):
    """A partner's key: only its SHA-256 is kept. No `vessel_ids` means all of the fleet."""

    __tablename__ = "api_key"
    __table_args__ = (CheckConstraint("octet_length(sha256) = 32", name="sha256_length"),)

    id: Mapped[Id]
    fleet_id: Mapped[FleetId]
    name: Mapped[Words]
    sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    last_characters: Mapped[Words]
    vessel_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid()))
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]
    last_used_at: Mapped[Moment | None]


class AuditEvent(Base):
    """Who did what to whom, when and from where; never a secret."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_at", "at"),)

    id: Mapped[Id]
    fleet_id: Mapped[UUID | None] = mapped_column(ForeignKey("fleet.id"))
    at: Mapped[CreatedAt]
    actor: Mapped[Words]
    action: Mapped[Words]
    subject: Mapped[Words]
    address: Mapped[Words | None]
    details: Mapped[dict[str, object] | None] = mapped_column(JSONB)
