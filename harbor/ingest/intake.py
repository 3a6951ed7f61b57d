"""A signed message from its bytes to its outcomes: decode, judge, commit, quarantine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from harbor.errors import FieldError, Invalid, Malformed, Unavailable
from harbor.fleet.report import PositionReport
from harbor.fleet.thresholds import Thresholds
from harbor.fleet.verdict import Fix, Reason
from harbor.ingest.allowance import Allowance
from harbor.ingest.directory import Contents, Directory, TrackerIdentity
from harbor.ingest.judge import Judge
from harbor.ingest.quarantine import Quarantine
from harbor.ingest.writer import Fate, Outcome, Writer
from harbor.store import trackers
from harbor.store.database import Database
from harbor.store.quarantine import Rejected
from harbor.store.trackers import Sighting
from harbor.trackers.message import Accepted, Decoded, Decoder, Limits, Message, Sender

TELLING = frozenset(
    {
        Reason.GPS_WEEK_ROLLOVER,
        Reason.TIMESTAMP_TOO_OLD,
        Reason.TIMESTAMP_IN_FUTURE,
        Reason.UNKNOWN_VESSEL,
    }
)
RANGE_CODES = frozenset({"greater_than_equal", "less_than_equal", "finite_number"})


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one report: accepted, duplicate, quarantined or rejected."""

    index: int
    verdict: str
    report: PositionReport | None = None
    is_identical: bool = True
    reasons: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a message, before it has a wire form."""

    is_array: bool
    items: tuple[ItemResult, ...]

    def count(self, verdict: str) -> int:
        return sum(item.verdict == verdict for item in self.items)

    @property
    def rejected(self) -> tuple[ItemResult, ...]:
        return tuple(item for item in self.items if item.verdict == "rejected")


class Intake:
    """Everything between the signature and the answer."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        writer: Writer,
        judge: Judge,
        quarantine: Quarantine,
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
    ) -> Receipt:
        """Raises Malformed or Invalid for a message as a whole; Unavailable or TooMany to
        come back with it.

        `address` is where it came from, for the operator to see.
        """
        now = self._clock()
        self._seen[tracker.id] = now, address
        contents = self._directory.contents()
        self._allowance.spend(tracker.id, contents.vessels_of(tracker))
        thresholds = contents.thresholds[tracker.fleet_id]
        limits = limits_of(thresholds, now, self._reports_max, self._kept_for)
        try:
            decoded = decode(message, _sender(tracker, contents), limits)
            if _names_an_unknown_vessel(decoded) and self._directory.look_again():
                contents = self._directory.contents()
                decoded = decode(message, _sender(tracker, contents), limits)
        except (Malformed, Invalid) as error:
            self._put_aside(tracker, [_unreadable(tracker, message.body, str(error), now)])
            raise
        self._allowance.owe(tracker.id, len(decoded.accepted) + len(decoded.rejected))
        return self._settle(tracker, decoded, now, contents)

    def _settle(
        self, tracker: TrackerIdentity, decoded: Decoded, now: datetime, contents: Contents
    ) -> Receipt:
        docket = Docket(tracker, now)
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
        return Receipt(decoded.is_array, docket.results())

    def _put_aside(self, tracker: TrackerIdentity, rejected: Sequence[Rejected]) -> None:
        """An array of nonsense is paid for report by report: each costs PostgreSQL one."""
        self._allowance.owe_for_refused(tracker.id, len(rejected))
        self._quarantine.keep(rejected)

    def _believed(
        self,
        items: Sequence[Accepted],
        docket: "Docket",
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
        docket: "Docket",
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


class Docket:
    """What becomes of each report of one message, and what goes to quarantine."""

    __slots__ = ("_results", "now", "rejected", "tracker")

    def __init__(self, tracker: TrackerIdentity, now: datetime) -> None:
        self.tracker = tracker
        self.now = now
        self.rejected: list[Rejected] = []
        self._results: dict[int, ItemResult] = {}

    def results(self) -> tuple[ItemResult, ...]:
        return tuple(self._results[index] for index in sorted(self._results))

    def settle(self, item: Accepted, outcome: Outcome) -> None:
        result = _result(item.index, item.report, outcome)
        self._results[item.index] = result
        if outcome.fate is Fate.REFUSED:
            self._put_aside(
                Reason.REFUSED_BY_DATABASE, result.reasons, item.raw, item.report.vessel_id
            )

    def doubt(self, item: Accepted, reason: Reason) -> None:
        report = item.report
        fields = (FieldError("", reason.value, "well formed, but it can't be right"),)
        self._results[item.index] = ItemResult(
            item.index, "quarantined", report, reasons=fields
        )
        fix = Fix(report.recorded_at, report.latitude, report.longitude)
        self._put_aside(reason, fields, item.raw, report.vessel_id, fix)

    def reject(
        self, index: int, fields: tuple[FieldError, ...], raw: bytes, vessel_id: UUID | None
    ) -> None:
        self._results[index] = ItemResult(index, "rejected", reasons=fields)
        self._put_aside(reason_of(fields), fields, raw, vessel_id)

    def _put_aside(
        self,
        reason: Reason,
        fields: tuple[FieldError, ...],
        raw: bytes,
        vessel_id: UUID | None,
        fix: Fix | None = None,
    ) -> None:
        self.rejected.append(
            _rejected(self.tracker, vessel_id, raw, self.now, reason, fields, fix)
        )


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


def reason_of(fields: Sequence[FieldError]) -> Reason:
    """The most telling word for a breach of the contract."""
    for field in fields:
        if field.code in TELLING:
            return Reason(field.code)
        if field.code in RANGE_CODES and field.pointer.endswith(("/latitude", "/longitude")):
            return Reason.OUT_OF_RANGE
    return Reason.CONTRACT


def _sender(tracker: TrackerIdentity, contents: Contents) -> Sender:
    return Sender(
        fleet_id=tracker.fleet_id,
        tracker_id=tracker.id,
        vessel_id=tracker.vessel_id,
        find_vessel=lambda reference: contents.find_vessel(tracker.fleet_id, reference),
    )


def _names_an_unknown_vessel(decoded: Decoded) -> bool:
    """It may have been added a moment ago."""
    return any(
        field.code == "unknown_vessel" for one in decoded.rejected for field in one.fields
    )


def _result(index: int, report: PositionReport, outcome: Outcome) -> ItemResult:
    match outcome.fate:
        case Fate.STORED:
            return ItemResult(index, "accepted", report)
        case Fate.DUPLICATE:
            return ItemResult(index, "duplicate", report, outcome.is_identical)
        case Fate.REFUSED | Fate.PUT_OFF:
            reason = FieldError("", "refused_by_database", outcome.detail)
            return ItemResult(index, "rejected", report, reasons=(reason,))


def _unreadable(tracker: TrackerIdentity, body: bytes, detail: str, now: datetime) -> Rejected:
    reason = FieldError("", "malformed", detail)
    return _rejected(tracker, tracker.vessel_id, body, now, Reason.MALFORMED, (reason,))


def _rejected(
    tracker: TrackerIdentity,
    vessel_id: UUID | None,
    raw: bytes,
    now: datetime,
    reason: Reason,
    fields: tuple[FieldError, ...],
    fix: Fix | None = None,
) -> Rejected:
    return Rejected(
        fleet_id=tracker.fleet_id,
        tracker_id=tracker.id,
        vessel_id=vessel_id or tracker.vessel_id,
        received_at=now,
        reason=reason,
        detail="; ".join(f"{field.pointer}: {field.detail}" for field in fields),
        raw=raw,
        fix=fix,
    )
