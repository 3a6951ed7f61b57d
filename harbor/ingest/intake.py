"""A signed message from its bytes to its outcomes: decode, judge, commit, quarantine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from harbor.errors import FieldError, Invalid, Malformed, Unavailable
from harbor.fleet.report import PositionReport
from harbor.ingest.allowance import Allowance
from harbor.ingest.directory import Directory, TrackerIdentity
from harbor.ingest.judge import Judge
from harbor.ingest.writer import Fate, Outcome, Writer
from harbor.store import quarantine, trackers
from harbor.store.database import Database
from harbor.store.quarantine import Rejected
from harbor.store.trackers import Sighting
from harbor.trackers.message import Decoded, Limits, Sender

log = structlog.get_logger()

Decoder = Callable[[bytes, Sender, Limits], Decoded]


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
        allowance: Allowance,
        clock: Callable[[], datetime],
        clock_skew_allowed_s: int,
        reports_max: int,
        retention_days: int = 0,
    ) -> None:
        self._database = database
        self._directory = directory
        self._writer = writer
        self._judge = judge
        self._allowance = allowance
        self._clock = clock
        self._clock_skew_allowed_s = clock_skew_allowed_s
        self._reports_max = reports_max
        self._kept_for = timedelta(days=retention_days) if retention_days else None
        self._seen: dict[UUID, tuple[datetime, str | None]] = {}

    def receive(
        self,
        tracker: TrackerIdentity,
        body: bytes,
        decode: Decoder,
        address: str | None = None,
    ) -> Receipt:
        """Raises Malformed or Invalid for a message as a whole; Unavailable or TooMany to
        come back with it.

        `address` is where it came from, for the operator to see.
        """
        now = self._clock()
        self._seen[tracker.id] = now, address
        self._allowance.spend(tracker.id, self._directory.contents().vessels_of(tracker))
        earliest_at = now - self._kept_for if self._kept_for else None
        limits = Limits(now, self._clock_skew_allowed_s, self._reports_max, earliest_at)
        try:
            decoded = decode(body, self._sender(tracker), limits)
            if _names_an_unknown_vessel(decoded) and self._directory.look_again():
                decoded = decode(body, self._sender(tracker), limits)
        except (Malformed, Invalid) as error:
            self._quarantine([_unreadable(tracker, body, str(error), now)])
            raise
        self._allowance.owe(tracker.id, len(decoded.accepted) + len(decoded.rejected))
        return self._settle(tracker, decoded, now)

    def _sender(self, tracker: TrackerIdentity) -> Sender:
        contents = self._directory.contents()
        return Sender(
            fleet_id=tracker.fleet_id,
            tracker_id=tracker.id,
            vessel_id=tracker.vessel_id,
            find_vessel=lambda reference: contents.find_vessel(tracker.fleet_id, reference),
        )

    def _settle(self, tracker: TrackerIdentity, decoded: Decoded, now: datetime) -> Receipt:
        results: dict[int, ItemResult] = {}
        rejected = []
        kept = []
        for rejection in decoded.rejected:
            results[rejection.index] = ItemResult(
                rejection.index, "rejected", reasons=rejection.fields
            )
            rejected.append(
                _rejected(tracker, None, rejection.raw, now, "contract", rejection.fields)
            )
        for item in decoded.accepted:
            doubt = self._judge.doubt(item.report, now)
            if doubt is None:
                kept.append(item)
                continue
            reason = FieldError("", doubt.value, "well formed, but it can't be right")
            results[item.index] = ItemResult(
                item.index, "quarantined", item.report, reasons=(reason,)
            )
            rejected.append(
                _rejected(tracker, item.report.vessel_id, item.raw, now, doubt.value, (reason,))
            )
        outcomes = self._writer.write([item.report for item in kept], now)
        for item, outcome in zip(kept, outcomes, strict=True):
            results[item.index] = _result(item.index, item.report, outcome)
            if outcome.fate is Fate.REFUSED:
                rejected.append(
                    _rejected(
                        tracker,
                        item.report.vessel_id,
                        item.raw,
                        now,
                        "refused_by_database",
                        results[item.index].reasons,
                    )
                )
        if rejected:
            self._quarantine(rejected)
        return Receipt(decoded.is_array, tuple(results[index] for index in sorted(results)))

    def _quarantine(self, rejected: Sequence[Rejected]) -> None:
        """Before the answer: a refusal promises that the raw form is kept."""
        with self._database.session() as session:
            quarantine.keep(session, rejected)
        for one in rejected:
            log.info("report.quarantined", tracker=str(one.tracker_id), reason=one.reason)

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
        case Fate.REFUSED:
            reason = FieldError("", "refused_by_database", outcome.detail)
            return ItemResult(index, "rejected", report, reasons=(reason,))


def _unreadable(tracker: TrackerIdentity, body: bytes, detail: str, now: datetime) -> Rejected:
    reason = FieldError("", "malformed", detail)
    return _rejected(tracker, tracker.vessel_id, body, now, "malformed", (reason,))


def _rejected(
    tracker: TrackerIdentity,
    vessel_id: UUID | None,
    raw: bytes,
    now: datetime,
    reason: str,
    fields: tuple[FieldError, ...],
) -> Rejected:
    return Rejected(
        fleet_id=tracker.fleet_id,
        tracker_id=tracker.id,
        vessel_id=vessel_id or tracker.vessel_id,
        received_at=now,
        reason=reason,
        detail="; ".join(f"{field.pointer}: {field.detail}" for field in fields),
        raw=raw,
    )
