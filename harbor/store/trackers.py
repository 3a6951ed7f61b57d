"""Trackers and their secrets (encrypted at rest)."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import ARRAY, DateTime, Text, Uuid, bindparam, or_, select, text
from sqlalchemy.orm import Session

from harbor.errors import Misconfigured, NotFound
from harbor.fleet.identity import harbor_id
from harbor.fleet.sources import usual_standing
from harbor.store import outbox
from harbor.store.database import conflict_when_taken
from harbor.store.models import Tracker, Vessel

SECRET_PREFIX = "whsec_"  # noqa: S105 - the public prefix of Standard Webhooks
SECRET_BYTES = 32
ADDRESS_LENGTH_MAX = 64
TOLD_AT_ONCE = 100
"""Vessels in one row for the feed: a sweeper asks for the newest position of each."""


@dataclass(frozen=True, slots=True)
class TrackerRecord:
    """A tracker as the operator sees it."""

    id: UUID
    name: str
    format: str
    vessel_id: UUID | None
    vessel_name: str | None
    created_at: datetime
    last_seen_at: datetime | None
    last_address: str | None
    previous_until: datetime | None
    revoked_at: datetime | None
    precedence: int
    patience_s: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """When a tracker was heard, and from where (None: a local socket)."""

    tracker_id: UUID
    at: datetime
    address: str | None


class Seal:
    """Encrypts tracker secrets under the newest master key; earlier ones still decrypt."""

    def __init__(self, master_key: str) -> None:
        keys = [Fernet(key) for key in master_key.split(",") if key]
        self._newest = keys[0]
        self._all = MultiFernet(keys)

    def close(self, secret: str) -> str:
        return self._all.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> bytes:
        """The key bytes for HMAC; raises Misconfigured when no master key fits."""
        try:
            secret = self._all.decrypt(sealed).decode()
        except InvalidToken:
            raise Misconfigured(
                "HARBOR_MASTER_KEY does not open the tracker secrets in this database;"
                " put the earlier key behind the new one, separated by a comma."
            ) from None
        return key_of(secret)

    def is_newest(self, sealed: str) -> bool:
        """Whether it is under the key that encrypts now."""
        try:
            self._newest.decrypt(sealed)
        except InvalidToken:
            return False
        return True

    def reseal(self, sealed: str) -> str:
        """What `open` opens, under the newest key."""
        return self._all.rotate(sealed).decode()


def token_of(key: bytes) -> str:
    """The secret as a part of an address, for senders that can't sign: 43 URL-safe signs."""
    return base64.urlsafe_b64encode(key).rstrip(b"=").decode()


def key_of(secret: str) -> bytes:
    """The bytes of a secret as Standard Webhooks writes them."""
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX))


def new_secret() -> str:
    """`whsec_` and 32 random bytes in base64, as Standard Webhooks writes them."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def add(
    session: Session,
    seal: Seal,
    fleet_id: UUID,
    name: str,
    vessel_id: UUID | None,
    format_: str = "harbor",
) -> tuple[UUID, str]:
    """Returns the tracker's id and its secret, which can't be shown again.

    Without a vessel it may report for any vessel of the fleet. Raises Conflict.
    """
    secret = new_secret()
    tracker = Tracker(
        fleet_id=fleet_id,
        vessel_id=vessel_id,
        name=name,
        format=format_,
        precedence=usual_standing(format_).precedence,
        secret=seal.close(secret),
    )
    with conflict_when_taken(f"A tracker named {name!r} exists already."):
        session.add(tracker)
        session.flush()
    return tracker.id, secret


def rotate(
    session: Session, seal: Seal, fleet_id: UUID, reference: str, previous_until: datetime
) -> tuple[UUID, str]:
    """A new secret; the one so far stays valid until `previous_until`. Raises NotFound.

    The one before that ends at once: two are valid at a time.
    """
    tracker = find(session, fleet_id, reference)
    secret = new_secret()
    tracker.secret_previous, tracker.previous_until = tracker.secret, previous_until
    tracker.secret = seal.close(secret)
    return tracker.id, secret


def replace_newest(
    session: Session, seal: Seal, fleet_id: UUID, reference: str
) -> tuple[UUID, str]:
    """A new secret instead of the newest; the one before keeps its end. Raises NotFound."""
    tracker = find(session, fleet_id, reference)
    secret = new_secret()
    tracker.secret = seal.close(secret)
    return tracker.id, secret


def previous_until(session: Session, fleet_id: UUID, reference: str) -> datetime | None:
    """When the secret before the newest ends; None: there is only one. Raises NotFound."""
    return find(session, fleet_id, reference).previous_until


def change_standing(
    session: Session,
    fleet_id: UUID,
    reference: str,
    precedence: int | None,
    patience_s: int | None,
) -> UUID:
    """How much it counts among those of its vessel; None stays as it is. Raises NotFound.

    The feed is told of the vessels: who spoke for one until now may have to give way at once.
    """
    tracker = find(session, fleet_id, reference)
    if precedence is not None:
        tracker.precedence = precedence
    if patience_s is not None:
        tracker.patience_s = patience_s
    concerned = select(Vessel.id).where(
        Vessel.fleet_id == fleet_id, Vessel.retired_at.is_(None)
    )
    if tracker.vessel_id is not None:
        concerned = concerned.where(Vessel.id == tracker.vessel_id)
    vessel_ids = session.scalars(concerned.order_by(Vessel.id)).all()
    for at in range(0, len(vessel_ids), TOLD_AT_ONCE):
        told = vessel_ids[at : at + TOLD_AT_ONCE]
        outbox.add_vessel_change(session, fleet_id, told, "renamed")
    return tracker.id


def revoke(session: Session, fleet_id: UUID, reference: str, now: datetime) -> UUID:
    """Refuse everything this tracker signs from now on. Raises NotFound."""
    tracker = find(session, fleet_id, reference)
    tracker.revoked_at = now
    return tracker.id


def all_trackers(session: Session, fleet_id: UUID) -> list[TrackerRecord]:
    """Every tracker of the fleet, revoked ones too, by name."""
    query = (
        select(Tracker, Vessel.name)
        .outerjoin(Vessel, Tracker.vessel_id == Vessel.id)
        .where(Tracker.fleet_id == fleet_id)
        .order_by(Tracker.name)
    )
    return [
        TrackerRecord(
            id=tracker.id,
            name=tracker.name,
            format=tracker.format,
            vessel_id=tracker.vessel_id,
            vessel_name=vessel_name,
            created_at=tracker.created_at,
            last_seen_at=tracker.last_seen_at,
            last_address=tracker.last_address,
            previous_until=tracker.previous_until,
            revoked_at=tracker.revoked_at,
            precedence=tracker.precedence,
            patience_s=tracker.patience_s,
        )
        for tracker, vessel_name in session.execute(query)
    ]


def note_seen(session: Session, sightings: Sequence[Sighting]) -> None:
    """Write when trackers were last heard; not a change of theirs, so no new revision.

    One per tracker. Rows are locked in order, so that workers don't deadlock.
    """
    session.execute(text("SET LOCAL synchronous_commit = off"))
    session.execute(
        text("""
        WITH seen AS (
            SELECT tracker.id, given.at, given.address
            FROM unnest(:ids, :moments, :addresses) AS given (id, at, address)
            JOIN tracker USING (id)
            WHERE tracker.last_seen_at IS NULL OR tracker.last_seen_at < given.at
            ORDER BY tracker.id
            FOR UPDATE OF tracker
        )
        UPDATE tracker SET last_seen_at = seen.at, last_address = seen.address
        FROM seen WHERE tracker.id = seen.id
        """).bindparams(
            bindparam("ids", type_=ARRAY(Uuid)),
            bindparam("moments", type_=ARRAY(DateTime(timezone=True))),
            bindparam("addresses", type_=ARRAY(Text)),
        ),
        {
            "ids": [one.tracker_id for one in sightings],
            "moments": [one.at for one in sightings],
            "addresses": [
                one.address and one.address[:ADDRESS_LENGTH_MAX] for one in sightings
            ],
        },
    )


def find(session: Session, fleet_id: UUID, reference: str) -> Tracker:
    """By name or id, locked until the commit: of two that change it at once, one waits.

    Raises NotFound; a revoked one is not found.
    """
    query = select(Tracker).where(
        Tracker.fleet_id == fleet_id,
        Tracker.revoked_at.is_(None),
        or_(Tracker.name == reference, Tracker.id == harbor_id(reference)),
    )
    tracker = session.scalars(query.with_for_update()).first()
    if tracker is None:
        raise NotFound(f"There is no tracker {reference!r}.")
    return tracker
