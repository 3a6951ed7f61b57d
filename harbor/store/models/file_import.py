"""Files of fixes that were recorded elsewhere, and how far each of them came."""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from harbor.store.database import Base
from harbor.store.models.columns import CreatedAt, Id, Moment, Words


class FileImport(Base):
    """One file for one tracker and vessel, known by the SHA-256 of its bytes.

    `until` is the number of the last line (or point) whose outcome is committed, `counts` what
    became of all until there, `newest_at` the newest that was new. `edition` is the readers'.
    """

    __tablename__ = "file_import"
    __table_args__ = (
        UniqueConstraint("tracker_id", "vessel_id", "digest", "kind", "edition"),
        CheckConstraint("octet_length(digest) = 32", name="digest_length"),
        CheckConstraint("char_length(name) BETWEEN 1 AND 255", name="name_length"),
    )

    id: Mapped[Id]
    tracker_id: Mapped[UUID] = mapped_column(ForeignKey("tracker.id"))
    vessel_id: Mapped[UUID] = mapped_column(ForeignKey("vessel.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    kind: Mapped[Words]
    edition: Mapped[int]
    name: Mapped[Words]
    until: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    counts: Mapped[dict[str, object]] = mapped_column(JSONB)
    newest_at: Mapped[Moment | None]
    begun_at: Mapped[CreatedAt]
    ended_at: Mapped[Moment | None]
