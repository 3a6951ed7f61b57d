"""How much each tracker counts among those of its vessel, and for how long without a word."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from harbor.fleet.sources import Standing, Standings, differing
from harbor.store.models import Tracker


def of_fleet(session: Session, fleet_id: UUID) -> Standings:
    """Of all its trackers, revoked ones too: what they reported is still read."""
    query = select(Tracker.id, Tracker.precedence, Tracker.patience_s)
    rows = session.execute(query.where(Tracker.fleet_id == fleet_id))
    return differing({row.id: Standing(row.precedence, row.patience_s) for row in rows})


def everywhere(session: Session) -> Mapping[UUID, Standings]:
    """The same for each fleet that has trackers."""
    found: dict[UUID, dict[UUID, Standing]] = defaultdict(dict)
    for row in session.execute(
        select(Tracker.fleet_id, Tracker.id, Tracker.precedence, Tracker.patience_s)
    ):
        found[row.fleet_id][row.id] = Standing(row.precedence, row.patience_s)
    return {fleet_id: differing(standings) for fleet_id, standings in found.items()}
