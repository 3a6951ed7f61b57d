"""What one sender's message says of our vessels, target by target."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from harbor.errors import Invalid
from harbor.fleet.station import Station, station_of
from harbor.trackers.ais.distress import POSITION_A, alert_of, is_in_earnest
from harbor.trackers.ais.targets import (
    PARTICULARS,
    PLACES,
    SAFETY_TEXT,
    Said,
    Target,
    particulars_of,
    place_of,
    recorded_at,
)
from harbor.trackers.contract import Draft, judge_all
from harbor.trackers.message import Alert, Decoded, Limits, Sender, StaticData
from harbor.trackers.values import in_words

_NEVER_PLACES = {4: "base_station", 11: "base_station", 21: "aid_to_navigation"}


class Hearing:
    """Takes targets in the order they were heard; what is nothing to us is only counted."""

    def __init__(self, sender: Sender, limits: Limits) -> None:
        self.ignored: Counter[str] = Counter()
        self._sender = sender
        self._limits = limits
        self._drafts: list[Draft] = []
        self._static: dict[tuple[UUID, int, int], StaticData] = {}
        self._alerts: dict[str, Alert] = {}
        self._vessels: dict[str, UUID | None] = {}

    def take(self, target: Target) -> None:
        """Raises Invalid for one position more than a message may have."""
        station = station_of(target.mmsi)
        if station is not None and station.calls_for_help:
            self._take_call_for_help(target, station)
        elif target.type not in PLACES and target.type not in PARTICULARS:
            self.ignored[_NEVER_PLACES.get(target.type, "not_a_position")] += 1
        elif (vessel_id := self._vessel_of(target)) is None:
            self.ignored["other_vessel"] += 1
        elif (said := target.said()) is None:
            self.ignored["unreadable"] += 1
        else:
            self._take(target, said, vessel_id)

    def decoded(self, ignored: Mapping[str, int]) -> Decoded:
        """All of it, with what was ignored before it came here."""
        return Decoded(
            True,
            *judge_all(self._drafts, self._sender, self._limits),
            ignored=dict(self.ignored + Counter(ignored)),
            static=tuple(self._static.values()),
            alerts=tuple(self._alerts.values()),
        )

    def _vessel_of(self, target: Target) -> UUID | None:
        """Ours, and one that this sender may speak of. Its own receiver knows whom it is on."""
        bound_to = self._sender.vessel_id
        if target.is_own_ship and bound_to is not None:
            return bound_to
        vessel_id = self._find(target.mmsi)
        return vessel_id if bound_to in (None, vessel_id) else None

    def _find(self, mmsi: str) -> UUID | None:
        if mmsi not in self._vessels:
            self._vessels[mmsi] = self._sender.find_vessel(mmsi)
        return self._vessels[mmsi]

    def _take(self, target: Target, said: Said, vessel_id: UUID) -> None:
        if target.type in PARTICULARS:
            self._take_particulars(target, said, vessel_id)
        if target.type not in PLACES:
            return
        place = place_of(said)
        if place is None:
            self.ignored["no_position"] += 1
            return
        at = recorded_at(said, target.received_at)
        place["recorded_at"] = in_words(at)
        if self._sender.vessel_id is None:
            place["vessel"] = target.mmsi
        index = len(self._drafts)
        if index == self._limits.reports_max:
            raise Invalid(f"A message has at most {index} positions of your vessels.")
        self._drafts.append(Draft(index, place, target.by_itself(), f"/{index}"))

    def _take_particulars(self, target: Target, said: Said, vessel_id: UUID) -> None:
        """The newest of each kind: a hull says the same every six minutes."""
        at, known = self._moment(target.received_at), particulars_of(said)
        if at is None:
            self.ignored["untimely"] += 1
        elif known:
            key = vessel_id, target.type, getattr(said, "partno", 0)
            self._static[key] = StaticData(vessel_id, at, **known)

    def _take_call_for_help(self, target: Target, station: Station) -> None:
        if target.type not in (POSITION_A, SAFETY_TEXT):
            self.ignored["not_a_position"] += 1
            return
        said, at = target.said(), self._moment(target.received_at)
        if said is None or at is None:
            self.ignored["unreadable" if said is None else "untimely"] += 1
        elif not is_in_earnest(said):
            self.ignored["distress_test"] += 1
        else:
            self._raise_alert(
                target.mmsi,
                alert_of(station, target.mmsi, said, at, self._find(target.mmsi)),
            )

    def _raise_alert(self, mmsi: str, alert: Alert) -> None:
        """One per beacon, the newest that knows where it is."""
        known = self._alerts.get(mmsi)
        if known is None or known.latitude is None or alert.latitude is not None:
            self._alerts[mmsi] = alert

    def _moment(self, received_at: datetime) -> datetime | None:
        """When it was heard, at the latest now; None when that is too long ago to be true."""
        at = min(received_at, self._limits.now)
        return at if at >= self._limits.recorded_at_min else None
