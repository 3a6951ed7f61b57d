"""The demo's fleet in the database: a dispatcher, an API key, vessels and their trackers.

Every start checks all of it, so that a first start that was cut off is simply finished.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import flask_migrate

from harbor import create_app
from harbor.config import Settings
from harbor.demo import sailing
from harbor.demo.folder import Keys
from harbor.demo.sailing import DemoVessel, fleet
from harbor.demo.sender import TrackerKey
from harbor.errors import NotFound
from harbor.fleet.berth import RADIUS_METRES_DEFAULT, Berth
from harbor.store import api_keys, berths, fleets, trackers, users, vessels
from harbor.store.console import Transaction, opened
from harbor.store.trackers import Seal

KEY_NAME = "Demo"
ANCHORAGE_METRES = 300.0


@dataclass(frozen=True, slots=True)
class Roster:
    """The keys with which all is signed, and the vessels' Harbor ids by IMO number."""

    keys: Keys
    vessel_ids: Mapping[str, UUID]


def migrate(settings: Settings) -> None:
    """Bring the tables up to date."""
    with create_app(settings).app_context():
        flask_migrate.upgrade()


def sign_on(settings: Settings, keys: Keys, keep: Callable[[Keys], Keys]) -> Roster:
    """Make what is missing. New keys are kept before they count, so none is ever lost."""
    with opened(settings) as database, database.session() as session:
        fleet_id = fleets.ensure_first(session)
        _dispatcher(session, fleet_id, keys)
        _berths(session, fleet_id)
        vessel_ids = {
            vessel.imo_number: _vessel(session, fleet_id, vessel) for vessel in fleet()
        }
        new = keys.model_copy(
            update={
                "api_key": _api_key(session, fleet_id, keys.api_key),
                "trackers": _trackers(session, fleet_id, keys, vessel_ids),
            }
        )
        if new != keys:
            keep(new)
    return Roster(new, vessel_ids)


def _dispatcher(session: Transaction, fleet_id: UUID, keys: Keys) -> None:
    known = users.by_name(session, keys.username)
    if known is None:
        users.add(session, fleet_id, keys.username, keys.password)
    elif not users.is_right(keys.password, known[1]):
        users.set_password(session, fleet_id, keys.username, keys.password)


def _berths(session: Transaction, fleet_id: UUID) -> None:
    """Those that are missing; one that the visitor has changed stays as it is."""
    known = {one.berth.name.lower() for one in berths.all_berths(session, fleet_id)}
    for one in sailing.berths():
        if one.name.lower() not in known:
            reach = ANCHORAGE_METRES if one.anchorage else RADIUS_METRES_DEFAULT
            berth = Berth(one.name, one.latitude, one.longitude, reach)
            berths.add(session, fleet_id, berth)


def _api_key(session: Transaction, fleet_id: UUID, kept: str) -> str:
    known = api_keys.find(session, kept) if kept else None
    if known is not None and known.is_valid(datetime.now(UTC)):
        return kept
    return api_keys.add(session, fleet_id, KEY_NAME)[1]


def _vessel(session: Transaction, fleet_id: UUID, vessel: DemoVessel) -> UUID:
    try:
        return vessels.find(session, fleet_id, vessel.imo_number).id
    except NotFound:
        made = vessels.add(
            session, fleet_id, vessel.name, vessel.imo_number, vessel.mmsi, vessel.call_sign
        )
        return made.id


def _trackers(
    session: Transaction, fleet_id: UUID, keys: Keys, vessel_ids: Mapping[str, UUID]
) -> dict[str, TrackerKey]:
    known = {str(one.id): one for one in trackers.all_trackers(session, fleet_id)}
    taken = {one.name for one in known.values()}
    seal = Seal(keys.master_key)
    result = {}
    for imo_number, vessel_id in vessel_ids.items():
        key = keys.trackers.get(imo_number)
        record = known.get(key.id) if key else None
        if key and record and record.revoked_at is None and record.vessel_id == vessel_id:
            result[imo_number] = key
            continue
        name = f"demo-{imo_number}"
        if name in taken:
            name = f"{name}-{datetime.now(UTC):%Y%m%d%H%M%S}"
        tracker_id, secret = trackers.add(session, seal, fleet_id, name, vessel_id)
        result[imo_number] = TrackerKey(str(tracker_id), secret)
    return result
