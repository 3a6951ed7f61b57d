"""API keys: only their SHA-256 is stored."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from harbor.errors import NotFound
from harbor.fleet.api_key import new_key
from harbor.fleet.identity import harbor_id
from harbor.store.models import ApiKey


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as the operator sees it; `vessel_ids` None means the whole fleet."""

    id: UUID
    fleet_id: UUID
    name: str
    last_characters: str
    vessel_ids: frozenset[UUID] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def add(
    session: Session,
    fleet_id: UUID,
    name: str,
    vessel_ids: Sequence[UUID] | None = None,
    expires_at: datetime | None = None,
) -> tuple[UUID, str]:
    """Returns the key's id and the key itself, which can't be shown again."""
    key = new_key()
    row = ApiKey(
        fleet_id=fleet_id,
        name=name,
        sha256=digest(key),
        last_characters=key[-4:],
        vessel_ids=None if vessel_ids is None else list(vessel_ids),
        expires_at=expires_at,
    )
    session.add(row)
    session.flush()
    return row.id, key


def rotate(session: Session, fleet_id: UUID, reference: str, now: datetime) -> tuple[UUID, str]:
    """A new key with the same name, scope and expiry; the old one ends. Raises NotFound."""
    old = _row(session, fleet_id, reference)
    old.revoked_at = now
    return add(session, fleet_id, old.name, old.vessel_ids, old.expires_at)


def revoke(session: Session, fleet_id: UUID, reference: str, now: datetime) -> UUID:
    """Raises NotFound."""
    row = _row(session, fleet_id, reference)
    row.revoked_at = now
    return row.id


def find(session: Session, key: str) -> KeyRecord | None:
    """The record of a presented key, valid or not, or None."""
    row = session.scalar(select(ApiKey).where(ApiKey.sha256 == digest(key)))
    return None if row is None else record(row)


def by_id(session: Session, key_id: UUID) -> KeyRecord | None:
    row = session.get(ApiKey, key_id)
    return None if row is None else record(row)


def all_keys(session: Session, fleet_id: UUID) -> list[KeyRecord]:
    """Every key of the fleet, ended ones too, the newest last."""
    query = select(ApiKey).where(ApiKey.fleet_id == fleet_id).order_by(ApiKey.id)
    return [record(row) for row in session.scalars(query)]


def note_used(session: Session, key_id: UUID, now: datetime) -> None:
    """Write when a key was last used."""
    session.execute(text("SET LOCAL synchronous_commit = off"))
    session.execute(
        text("UPDATE api_key SET last_used_at = :now WHERE id = :id"),
        {"now": now, "id": key_id},
    )


def digest(key: str) -> bytes:
    """SHA-256: 178 random bits need no slow hash."""
    return hashlib.sha256(key.encode()).digest()


def record(row: ApiKey) -> KeyRecord:
    return KeyRecord(
        id=row.id,
        fleet_id=row.fleet_id,
        name=row.name,
        last_characters=row.last_characters,
        vessel_ids=None if row.vessel_ids is None else frozenset(row.vessel_ids),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )


def _row(session: Session, fleet_id: UUID, reference: str) -> ApiKey:
    query = (
        select(ApiKey)
        .where(
            ApiKey.fleet_id == fleet_id,
            ApiKey.revoked_at.is_(None),
            or_(ApiKey.name == reference, ApiKey.id == harbor_id(reference)),
        )
        .order_by(ApiKey.id.desc())
    )
    row = session.scalars(query).first()
    if row is None:
        raise NotFound(f"There is no key {reference!r} that is still valid.")
    return row
