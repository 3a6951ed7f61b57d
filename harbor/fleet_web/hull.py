"""The vessel that a page is about, when who asks may see it."""

from uuid import UUID

from harbor.access import Principal
from harbor.errors import NotFound
from harbor.fleet.vessel import Particulars
from harbor.runtime import Runtime
from harbor.store import vessels


def vessel_seen(runtime: Runtime, principal: Principal, vessel_id: UUID) -> Particulars:
    """A retired one too; raises NotFound, also for another fleet's."""
    with runtime.database.session() as session:
        vessel = vessels.by_ids(session, [vessel_id]).get(vessel_id)
    if vessel is None or vessel.fleet_id != principal.fleet_id:
        raise NotFound("There is no such vessel in this fleet.")
    return vessel
