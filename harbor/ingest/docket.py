"""What becomes of each report of one message, and what goes to quarantine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from harbor.errors import FieldError
from harbor.fleet.report import PositionReport
from harbor.fleet.verdict import Fix, Reason
from harbor.ingest.contents import TrackerIdentity
from harbor.ingest.writer import Fate, Outcome
from harbor.store.quarantine import Rejected
from harbor.trackers.message import Accepted

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
    """The answer to a message, before it has a wire form.

    `ignored` counts what was no position of ours; see `trackers.message.Decoded`.
    """

    is_array: bool
    items: tuple[ItemResult, ...]
    ignored: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def count(self, verdict: str) -> int:
        return sum(item.verdict == verdict for item in self.items)

    @property
    def rejected(self) -> tuple[ItemResult, ...]:
        return tuple(item for item in self.items if item.verdict == "rejected")


class Docket:
    """What becomes of each report of one message, and what goes to quarantine."""

    __slots__ = ("_results", "now", "rejected", "sent_as", "tracker")

    def __init__(self, tracker: TrackerIdentity, sent_as: str, now: datetime) -> None:
        self.tracker = tracker
        self.sent_as = sent_as
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

    def give_up(self, raw: bytes, detail: str) -> None:
        """The message as a whole can't be read."""
        self._put_aside(Reason.MALFORMED, (FieldError("", "malformed", detail),), raw, None)

    def _put_aside(
        self,
        reason: Reason,
        fields: tuple[FieldError, ...],
        raw: bytes,
        vessel_id: UUID | None,
        fix: Fix | None = None,
    ) -> None:
        self.rejected.append(
            Rejected(
                fleet_id=self.tracker.fleet_id,
                tracker_id=self.tracker.id,
                vessel_id=vessel_id or self.tracker.vessel_id,
                received_at=self.now,
                reason=reason,
                detail="; ".join(f"{fault.pointer}: {fault.detail}" for fault in fields),
                raw=raw,
                fix=fix,
                format=self.sent_as,
            )
        )


def reason_of(fields: Sequence[FieldError]) -> Reason:
    """The most telling word for a breach of the contract."""
    for fault in fields:
        if fault.code in TELLING:
            return Reason(fault.code)
        if fault.code in RANGE_CODES and fault.pointer.endswith(("/latitude", "/longitude")):
            return Reason.OUT_OF_RANGE
    return Reason.CONTRACT


def _result(index: int, report: PositionReport, outcome: Outcome) -> ItemResult:
    match outcome.fate:
        case Fate.STORED:
            return ItemResult(index, "accepted", report)
        case Fate.DUPLICATE:
            return ItemResult(index, "duplicate", report, outcome.is_identical)
        case Fate.REFUSED | Fate.PUT_OFF:
            reason = FieldError("", "refused_by_database", outcome.detail)
            return ItemResult(index, "rejected", report, reasons=(reason,))
