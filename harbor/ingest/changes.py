"""What was committed, as events of the feed."""

from collections.abc import Callable, Sequence
from uuid import UUID

from harbor.fleet import geojson
from harbor.fleet.alert import RaisedAlert
from harbor.fleet.sources import NO_DIFFERENCE, Standing, Standings
from harbor.fleet.status import Patience
from harbor.fleet.vessel import Particulars
from harbor.live.event import NO_VESSEL, Placed, place
from harbor.live.feed import Change, How
from harbor.store.outbox import Waiting
from harbor.store.positions import StoredPosition

FindVessel = Callable[[UUID], Particulars | None]


def position_changes(
    stored: Sequence[StoredPosition],
    find_vessel: FindVessel,
    patience: Patience,
    standings: Standings = NO_DIFFERENCE,
) -> list[Change]:
    """Events for positions, oldest first; of a vessel nobody knows any more there is none."""
    changes = []
    for one in sorted(stored, key=lambda position: position.report.recorded_at):
        vessel = find_vessel(one.report.vessel_id)
        if vessel is not None and not vessel.is_retired:
            standing = standings.get(one.report.tracker_id)
            changes.append(Change(How.POSITION, placed(one, vessel, patience, standing)))
    return changes


def placed(
    one: StoredPosition,
    vessel: Particulars,
    patience: Patience,
    standing: Standing | None = None,
) -> Placed:
    """A stored position as the feed carries it, its age as of when it came in."""
    feature = geojson.feature(one.report, one.received_at, vessel, one.received_at, patience)
    return place(one.report, feature, standing)


def alert_changes(alerts: Sequence[RaisedAlert], find_vessel: FindVessel) -> list[Change]:
    """Events for alerts, in this order; of a vessel nobody knows they are nobody's."""
    return [_alert_change(one, find_vessel) for one in alerts]


def _alert_change(raised: RaisedAlert, find_vessel: FindVessel) -> Change:
    alert, nowhere = raised.alert, float("nan")
    vessel = alert.vessel_id and find_vessel(alert.vessel_id)
    latitude, longitude = alert.latitude, alert.longitude
    placed = Placed(
        str(vessel.id) if vessel else NO_VESSEL,
        0,
        nowhere if latitude is None else latitude,
        nowhere if longitude is None else longitude,
        geojson.alert(raised, vessel or None),
    )
    return Change(How.ALERT, placed)


def vessel_change(
    vessel: Particulars,
    newest: StoredPosition | None,
    waiting: Waiting,
    patience: Patience,
    standings: Standings = NO_DIFFERENCE,
) -> Change:
    """An event that says that a vessel was added, renamed or removed, or that her trackers
    count otherwise."""
    how = How.GONE if waiting.change == "removed" else How.VESSEL
    if newest is None:
        nowhere = float("nan")
        feature = geojson.changed(geojson.silent_feature(vessel), waiting.change)
        return Change(how, Placed(str(vessel.id), 0, nowhere, nowhere, feature))
    known = placed(newest, vessel, patience, standings.get(newest.report.tracker_id))
    feature = geojson.changed(known.feature, waiting.change)
    return Change(how, known._replace(feature=feature))
