"""The people and senders that every access test uses."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from uuid import UUID

from harbor.runtime import Runtime
from harbor.store import api_keys, fleets, trackers, users, vessels
from harbor.store.models import User

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Hull:
    """A vessel with the tracker aboard."""

    id: UUID
    name: str
    imo_number: str
    tracker_id: UUID
    secret: str


@dataclass(frozen=True)
class Cast:
    """A fleet of two, its dispatcher and its partners."""

    fleet_id: UUID
    username: str
    password: str
    vinga: Hull
    hono: Hull
    shore_id: UUID
    shore_secret: str
    partner_key: str
    partner_of_vinga_key: str
    revoked_key: str
    expired_key: str


def assemble(runtime: Runtime) -> Cast:
    now = runtime.clock()
    with runtime.database.session() as session:
        fleet_id = fleets.ensure_first(session)
        vinga = add_hull(runtime, session, fleet_id, "Vinga", "9074729", "265123456")
        hono = add_hull(runtime, session, fleet_id, "Hönö", "9319466", "265123457")
        shore_id, shore_secret = trackers.add(session, runtime.seal, fleet_id, "shore", None)
        session.add(
            User(fleet_id=fleet_id, username="dispatcher", password_hash=password_hash())
        )
        _, partner = api_keys.add(session, fleet_id, "partner")
        _, of_vinga = api_keys.add(session, fleet_id, "partner of Vinga", [vinga.id])
        _, revoked = api_keys.add(session, fleet_id, "revoked")
        api_keys.revoke(session, fleet_id, "revoked", now)
        _, expired = api_keys.add(
            session, fleet_id, "expired", expires_at=now - timedelta(days=1)
        )
    return Cast(
        fleet_id=fleet_id,
        username="dispatcher",
        password=PASSWORD,
        vinga=vinga,
        hono=hono,
        shore_id=shore_id,
        shore_secret=shore_secret,
        partner_key=partner,
        partner_of_vinga_key=of_vinga,
        revoked_key=revoked,
        expired_key=expired,
    )


@cache
def password_hash() -> str:
    """Made once: it is slow on purpose."""
    return users.hash_of(PASSWORD)


def add_hull(runtime, session, fleet_id, name, imo_number, mmsi) -> Hull:
    vessel = vessels.add(session, fleet_id, name, imo_number, mmsi)
    tracker_id, secret = trackers.add(
        session, runtime.seal, fleet_id, f"{name} tracker", vessel.id
    )
    return Hull(vessel.id, name, imo_number, tracker_id, secret)
