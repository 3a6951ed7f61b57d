"""What messages tell besides positions: alerts, which are kept before the answer leaves, and
what is known of hulls, which is written down now and then.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import gevent
import structlog

from harbor.errors import Unavailable
from harbor.fleet.alert import TEXT_LENGTH_MAX, Alert, RaisedAlert
from harbor.fleet.hull import Hull, together
from harbor.ingest.changes import FindVessel, alert_changes
from harbor.ingest.publisher import FeedOf
from harbor.store import alerts, static_data
from harbor.store.database import Database
from harbor.trackers import message

log = structlog.get_logger()

KEPT = timedelta(days=90)
FORGOTTEN_AT_ONCE = 1_000
HULLS_MAX = 20_000
"""So many wait to be written down, half a kilobyte each."""
WORDS_LENGTH_MAX = 80
METRES_MAX = 1_023
"""What AIS can say."""
Number = TypeVar("Number", int, float)
ALERTS_AT_ONCE = 100
"""Of one message, the last ones; more are no news to anybody."""


class Bulletins:
    """One per worker."""

    def __init__(self, database: Database, feed_of: FeedOf, find_vessel: FindVessel) -> None:
        self._database = database
        self._feed_of = feed_of
        self._find_vessel = find_vessel
        self._hulls: dict[tuple[UUID, UUID], Hull] = {}

    def raise_alerts(
        self,
        fleet_id: UUID,
        tracker_id: UUID,
        told: Sequence[message.Alert],
        now: datetime,
    ) -> None:
        """Keep what is new, and tell the feed at once. Raises Unavailable: send it again."""
        if not told:
            return
        given = [_alert(fleet_id, tracker_id, one, now) for one in told[-ALERTS_AT_ONCE:]]
        with self._database.session() as session:
            batch_id, raised = alerts.add(session, given)
        for one in raised:
            log.warning("alert.raised", alert=str(one.id), kind=one.alert.kind)
        if batch_id is not None:
            gevent.spawn(self._publish, fleet_id, batch_id, raised)

    def note_hulls(
        self,
        fleet_id: UUID,
        tracker_id: UUID,
        told: Sequence[message.StaticData],
        now: datetime,
    ) -> None:
        """Never waits. Beyond so many at once it is left: transponders repeat themselves."""
        for one in told:
            key = one.vessel_id, tracker_id
            known = self._hulls.get(key)
            if known is not None or len(self._hulls) < HULLS_MAX:
                hull = _hull(fleet_id, tracker_id, one, now)
                self._hulls[key] = together([known, hull] if known else [hull])

    def write_down_hulls(self) -> None:
        """What was said since the last time, in one transaction. Raises Unavailable."""
        hulls, self._hulls = self._hulls, {}
        if not hulls:
            return
        try:
            with self._database.session() as session:
                static_data.keep(session, list(hulls.values()))
                static_data.fill_blanks(session, list(hulls.values()))
        except Unavailable:
            self._hulls = hulls | self._hulls
            raise

    def forget_old(self, now: datetime) -> None:
        """Raises Unavailable."""
        with self._database.session() as session:
            alerts.trim(session, now - KEPT, FORGOTTEN_AT_ONCE)

    def _publish(self, fleet_id: UUID, batch_id: UUID, raised: list[RaisedAlert]) -> None:
        """The sweeper comes after seconds, and does it again if need be."""
        try:
            changes = alert_changes(raised, self._find_vessel)
            self._feed_of(fleet_id).publish(batch_id, changes)
        except Unavailable:
            log.debug("alert.left_to_sweeper", batch=str(batch_id))


def _place(told: message.Alert) -> tuple[float | None, float | None]:
    """Where it was raised; an impossible place is none, and no reason to be silent."""
    latitude, longitude = told.latitude, told.longitude
    if latitude is None or longitude is None:
        return None, None
    is_on_earth = abs(latitude) <= 90 and abs(longitude) <= 180
    return (latitude, longitude) if is_on_earth else (None, None)


def _alert(fleet_id: UUID, tracker_id: UUID, told: message.Alert, now: datetime) -> Alert:
    latitude, longitude = _place(told)
    return Alert(
        fleet_id=fleet_id,
        tracker_id=tracker_id,
        vessel_id=told.vessel_id,
        kind=told.kind,
        recorded_at=told.recorded_at,
        received_at=now,
        text=told.text[:TEXT_LENGTH_MAX].replace("\0", ""),
        latitude=latitude,
        longitude=longitude,
        is_over=told.is_over,
    )


def _hull(fleet_id: UUID, tracker_id: UUID, told: message.StaticData, now: datetime) -> Hull:
    """As of now at the latest: a clock that was ahead once would have the last word."""
    return Hull(
        fleet_id=fleet_id,
        vessel_id=told.vessel_id,
        tracker_id=tracker_id,
        recorded_at=min(told.recorded_at, now),
        name=_words(told.name),
        call_sign=_words(told.call_sign),
        imo_number=_words(told.imo_number),
        ship_type=_within(told.ship_type, 255),
        length_metres=_within(told.length_metres, METRES_MAX),
        beam_metres=_within(told.beam_metres, METRES_MAX),
        draught_metres=_within(told.draught_metres, METRES_MAX),
        destination=_words(told.destination),
    )


def _words(text: str | None) -> str | None:
    """One line, not too long; None when nothing is left."""
    if text is None:
        return None
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line[:WORDS_LENGTH_MAX] or None


def _within(number: Number | None, most: float) -> Number | None:
    """A size that a ship can have; 0 is how transponders say that they don't know."""
    return number if number is not None and 0 < number <= most else None
