"""A signed message from its bytes to its outcomes: decode, judge, commit, quarantine."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from harbor.errors import Invalid, Malformed, Unavailable
from harbor.fleet.report import PositionReport
from harbor.fleet.thresholds import Thresholds
from harbor.fleet.verdict import Reason
from harbor.ingest.allowance import Allowance
from harbor.ingest.bulletins import ALERTS_AT_ONCE, Bulletins
from harbor.ingest.contents import Contents, TrackerIdentity
from harbor.ingest.directory import Directory
from harbor.ingest.docket import Docket, Receipt
from harbor.ingest.judge import Judge
from harbor.ingest.quarantine import Quarantine
from harbor.ingest.writer import Fate, Outcome, Writer
from harbor.ops import metrics
from harbor.store import trackers
from harbor.store.database import Database
from harbor.store.quarantine import Rejected
from harbor.store.trackers import Sighting
from harbor.trackers.message import Accepted, Decoded, Decoder, Limits, Message, Sender
from harbor.trackers.registry import HARBOR, source_of


class Intake:
    """Everything between the signature and the answer."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        writer: Writer,
        judge: Judge,
        quarantine: Quarantine,
        bulletins: Bulletins,
        allowance: Allowance,
        clock: Callable[[], datetime],
        reports_max: int,
        kept_for: timedelta | None,
    ) -> None:
        self._database = database
        self._directory = directory
        self._writer = writer
        self._judge = judge
        self._allowance = allowance
        self._quarantine = quarantine
        self._bulletins = bulletins
        self._clock = clock
        self._reports_max = reports_max
        self._kept_for = kept_for
        self._seen: dict[UUID, tuple[datetime, str | None]] = {}

    def receive(
        self,
        tracker: TrackerIdentity,
        message: Message,
        decode: Decoder,
        address: str | None = None,
        sent_as: str = HARBOR,
    ) -> Receipt:
        """Raises Malformed or Invalid for a message as a whole; Unavailable or TooMany to
        come back with it.

        `sent_as` is the format that `decode` reads; `address` is where it came from, for the
        operator to see.
        """
        now = self._clock()
        self._seen[tracker.id] = now, address
        contents = self._directory.contents()
        self._allowance.spend(tracker.id, contents.vessels_of(tracker))
        thresholds = contents.thresholds[tracker.fleet_id]
        limits = limits_of(thresholds, now, self._reports_max, self._kept_for)
        docket = Docket(tracker, sent_as, now)
        try:
            decoded = decode(message, _sender(tracker, contents, sent_as), limits)
            if _names_an_unknown_vessel(decoded) and self._directory.look_again():
                contents = self._directory.contents()
                decoded = decode(message, _sender(tracker, contents, sent_as), limits)
        except (Malformed, Invalid) as error:
            docket.give_up(message.body or message.query.encode(), str(error))
            self._put_aside(tracker, docket.rejected)
            raise
        self._allowance.owe(tracker.id, len(decoded.accepted) + len(decoded.rejected))
        return self._settle(docket, decoded, contents)

    def _settle(self, docket: Docket, decoded: Decoded, contents: Contents) -> Receipt:
        tracker, now = docket.tracker, docket.now
        # First of all: whatever else is wrong with the message, somebody asks for help.
        self._bulletins.raise_alerts(tracker.fleet_id, tracker.id, decoded.alerts, now)
        self._allowance.owe_for_each(tracker.id, min(len(decoded.alerts), ALERTS_AT_ONCE))
        self._bulletins.note_hulls(tracker.fleet_id, tracker.id, decoded.static, now)
        thresholds = contents.thresholds[tracker.fleet_id]
        for rejection in decoded.rejected:
            docket.reject(rejection.index, rejection.fields, rejection.raw, rejection.vessel_id)
        kept, reports = self._believed(decoded.accepted, docket, thresholds, contents)
        outcomes = self._writer.write(reports, now)
        for item, outcome in zip(kept, outcomes, strict=True):
            if outcome.fate is Fate.PUT_OFF:
                raise Unavailable(f"Not all could be stored now: {outcome.detail}")
            docket.settle(item, outcome)
        if not all(outcome.is_identical for outcome in outcomes):
            self._doubt_clocks(kept, outcomes, docket, thresholds)
        if docket.rejected:
            self._put_aside(tracker, docket.rejected)
        results = docket.results()
        metrics.received(docket.sent_as, Counter(one.verdict for one in results))
        return Receipt(decoded.is_array, results, decoded.ignored)

    def _put_aside(self, tracker: TrackerIdentity, rejected: Sequence[Rejected]) -> None:
        """An array of nonsense is paid for report by report: each costs PostgreSQL one."""
        self._allowance.owe_for_each(tracker.id, len(rejected))
        self._quarantine.keep(rejected)

    def _believed(
        self,
        items: Sequence[Accepted],
        docket: Docket,
        thresholds: Thresholds,
        contents: Contents,
    ) -> tuple[Sequence[Accepted], list[PositionReport]]:
        reports = [item.report for item in items]
        reasons = self._judge.doubts(reports, thresholds, contents.vessels)
        if not any(reasons):
            return items, reports
        kept = []
        for item, reason in zip(items, reasons, strict=True):
            if reason is None:
                kept.append(item)
            else:
                docket.doubt(item, reason)
        return kept, [item.report for item in kept]

    def _doubt_clocks(
        self,
        items: Sequence[Accepted],
        outcomes: Sequence[Outcome],
        docket: Docket,
        thresholds: Thresholds,
    ) -> None:
        """Another place under a time that is taken may be a repeat, or a clock that stands."""
        taken = [
            item
            for item, outcome in zip(items, outcomes, strict=True)
            if not outcome.is_identical
        ]
        reports = [item.report for item in taken]
        stuck = self._judge.stuck_clocks(reports, docket.now, thresholds)
        for item, is_stuck in zip(taken, stuck, strict=True):
            if is_stuck:
                docket.doubt(item, Reason.STUCK_CLOCK)

    def write_down_seen(self) -> None:
        """Keep when and whence each tracker was last heard, for many in one transaction."""
        seen, self._seen = self._seen, {}
        if not seen:
            return
        sightings = [Sighting(tracker_id, *heard) for tracker_id, heard in seen.items()]
        try:
            with self._database.session() as session:
                trackers.note_seen(session, sightings)
        except Unavailable:
            self._seen = seen | self._seen
            raise


def limits_of(
    thresholds: Thresholds, now: datetime, reports_max: int, kept_for: timedelta | None
) -> Limits:
    """What a fleet's decoder must know; what is not kept so long is not taken."""
    earliest = thresholds.recorded_at_min
    return Limits(
        now,
        thresholds.clock_skew_allowed_s,
        reports_max,
        earliest if kept_for is None else max(earliest, now - kept_for),
        thresholds.rollover_tolerance_hours,
    )


def _sender(tracker: TrackerIdentity, contents: Contents, sent_as: str) -> Sender:
    return Sender(
        fleet_id=tracker.fleet_id,
        tracker_id=tracker.id,
        vessel_id=tracker.vessel_id,
        find_vessel=contents.finder(tracker.fleet_id, tracker.id),
        source=source_of(sent_as),
    )


def _names_an_unknown_vessel(decoded: Decoded) -> bool:
    """It may have been added a moment ago."""
    return any(
        field.code == "unknown_vessel" for one in decoded.rejected for field in one.fields
    )
