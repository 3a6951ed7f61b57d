"""Positions out of a file: judged as live ones are, and a transaction for each stretch.

With it is committed how far the file came, so that what was killed goes on there: nothing is
missing, nothing is counted twice. The feed is told of the newest one at the end, and of none
before: see `positions.bring_in`.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from harbor.fleet.report import PositionReport
from harbor.fleet.tally import Tally
from harbor.fleet.thresholds import Thresholds
from harbor.fleet.verdict import Reason, is_clock_stuck
from harbor.fleet.vessel import Particulars
from harbor.ingest.contents import TrackerIdentity
from harbor.ingest.docket import Docket, ItemResult, reason_of
from harbor.ingest.judge import Judge
from harbor.ingest.witnesses import PostgresWitnesses
from harbor.ingest.writer import STORED, Fate, Outcome
from harbor.store import imports, outbox, partitions, positions, quarantine
from harbor.store.database import Database, first_line, unavailable_when_away
from harbor.store.imports import Progress
from harbor.store.partitions import Period
from harbor.store.positions import Key, Rows, StoredPosition, in_order, key_of
from harbor.trackers.files import Stretch
from harbor.trackers.message import Accepted, Decoded

PATIENCE_S = 30.0
LONG_AGO_S = float("inf")
"""Two fixes of one time in a file are no repeat that came too soon: no matter how long after
one another they are read, a clock stood still if they are far apart."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something of the file that is not in the track, and why."""

    number: int
    verdict: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of one stretch."""

    tally: Tally
    refusals: tuple[Refusal, ...]
    newest_at: datetime | None


class Bulk:
    """For one vessel and tracker; stretches of a file in their order.

    Of what is refused the first `held_max` are put into quarantine (written in `raw_format`),
    the others counted: the file has them still.
    """

    def __init__(
        self,
        database: Database,
        tracker: TrackerIdentity,
        vessel: Particulars,
        thresholds: Thresholds,
        period: Period,
        held_max: int,
        raw_format: str,
    ) -> None:
        self._database = database
        self._tracker = tracker
        self._vessel = vessel
        self._thresholds = thresholds
        self._period = period
        self._held_max = held_max
        self._raw_format = raw_format
        self._judge = Judge(PostgresWitnesses(database, PATIENCE_S))

    def look(self, stretch: Stretch, now: datetime) -> Settled:
        """What would become of it: nothing is written."""
        docket = Docket(self._tracker, self._raw_format, now)
        kept = self._believed(stretch.decoded, docket)
        rows = in_order(item.report for item in kept)
        with self._database.session() as session:
            known = positions.by_keys(session, list(rows))
        return self._settle(stretch, docket, kept, Kept(rows, rows.keys() - known, {}, known))

    def take(
        self, stretch: Stretch, progress: Progress, now: datetime
    ) -> tuple[Progress, Settled]:
        """Raises Unavailable, or Conflict when another run is at the same file."""
        docket = Docket(self._tracker, self._raw_format, now)
        kept = self._believed(stretch.decoded, docket)
        rows = in_order(item.report for item in kept)
        self._make_partitions(rows, now)
        with self._database.session() as session:
            settled = self._settle(stretch, docket, kept, self._store(session, rows, now))
            held = docket.rejected[: max(0, self._held_max - progress.tally.refused)]
            if held:
                quarantine.keep(session, held)
            newest_at = max(filter(None, (progress.newest_at, settled.newest_at)), default=None)
            tally = progress.tally.plus(settled.tally)
            return imports.advance(session, progress, stretch.until, tally, newest_at), settled

    def end(self, progress: Progress, now: datetime) -> None:
        """The whole file is dealt with: tell the feed of its newest position."""
        with self._database.session() as session:
            imports.end(session, progress, now)
            if progress.newest_at is not None:
                tracker = self._tracker
                key = tracker.fleet_id, self._vessel.id, progress.newest_at, tracker.id
                outbox.add_position(session, key)

    def _believed(self, decoded: Decoded, docket: Docket) -> list[Accepted]:
        for one in decoded.rejected:
            docket.reject(one.index, one.fields, one.raw, one.vessel_id)
        reports = [item.report for item in decoded.accepted]
        reasons = self._judge.doubts(reports, self._thresholds, {self._vessel.id: self._vessel})
        kept = []
        for item, reason in zip(decoded.accepted, reasons, strict=True):
            if reason is None:
                kept.append(item)
            else:
                docket.doubt(item, reason)
        return kept

    def _make_partitions(self, rows: Rows, now: datetime) -> None:
        """Before the transaction, and each committed at once: it holds up other writers."""
        with unavailable_when_away(), self._database.engine.connect() as connection:
            autocommit = connection.execution_options(isolation_level="AUTOCOMMIT")
            there = partitions.spans(autocommit)
            days = {partitions.start_of(at, "day") for _, _, at, _ in rows}
            homeless = [day for day in days if not any(span.holds(day) for span in there)]
            partitions.ensure_for(autocommit, homeless, now, self._period)

    def _store(self, session: Session, rows: Rows, now: datetime) -> "Kept":
        new, refused = self._insert(session, rows, now)
        old = [key for key in rows if key not in new and key not in refused]
        return Kept(rows, new, refused, positions.by_keys(session, old))

    def _insert(
        self, session: Session, rows: Rows, now: datetime
    ) -> tuple[set[Key], dict[Key, str]]:
        """What was new; and of each row that PostgreSQL does not take, why."""
        if not rows:
            return set(), {}
        try:
            with session.begin_nested():
                connection = session.connection()
                return positions.bring_in(connection, self._tracker.fleet_id, rows, now), {}
        except (DataError, IntegrityError) as error:
            if len(rows) == 1:
                return set(), dict.fromkeys(rows, first_line(error))
        items, middle = list(rows.items()), len(rows) // 2
        left, left_refused = self._insert(session, dict(items[:middle]), now)
        right, right_refused = self._insert(session, dict(items[middle:]), now)
        return left | right, left_refused | right_refused

    def _settle(
        self, stretch: Stretch, docket: Docket, items: Sequence[Accepted], kept: "Kept"
    ) -> Settled:
        new = set(kept.new)
        for item in items:
            key = key_of(item.report)
            if key in kept.refused:
                docket.settle(item, Outcome(Fate.REFUSED, detail=kept.refused[key]))
            elif key in new:
                new.remove(key)
                docket.settle(item, STORED)
            else:
                self._settle_known(docket, item, kept.first_of(key))
        newest_at = max((at for _, _, at, _ in kept.new), default=None)
        results = docket.results()
        refusals = tuple(_refusal(one) for one in results if one.reasons)
        return Settled(_tally(stretch, results), refusals, newest_at)

    def _settle_known(self, docket: Docket, item: Accepted, first: PositionReport) -> None:
        """The first content under a time stays; far from it, the tracker's clock stood."""
        if is_clock_stuck(item.report, first, LONG_AGO_S, self._thresholds):
            docket.doubt(item, Reason.STUCK_CLOCK)
        else:
            docket.settle(item, Outcome(Fate.DUPLICATE, first == item.report))


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows of a stretch: which of them are new, refused by PostgreSQL, or known before."""

    rows: Rows
    new: Collection[Key]
    refused: Mapping[Key, str]
    known: Mapping[Key, StoredPosition]

    def first_of(self, key: Key) -> PositionReport:
        return self.known[key].report if key in self.known else self.rows[key]


def _tally(stretch: Stretch, results: Sequence[ItemResult]) -> Tally:
    counts = Counter(one.verdict for one in results)
    reasons: dict[str, Counter[str]] = {"quarantined": Counter(), "rejected": Counter()}
    for one in results:
        if one.verdict in reasons:
            reasons[one.verdict][_reason(one)] += 1
    return Tally(
        stretch.count,
        counts["accepted"],
        counts["duplicate"],
        reasons["quarantined"],
        reasons["rejected"],
        stretch.decoded.ignored,
    )


def _refusal(result: ItemResult) -> Refusal:
    faults = "; ".join(
        f"{fault.pointer.rpartition('/')[2]}: {fault.detail}" if fault.pointer else fault.detail
        for fault in result.reasons
    )
    return Refusal(result.index, result.verdict, _reason(result), faults)


def _reason(result: ItemResult) -> str:
    """The word by which quarantine has it too."""
    code = result.reasons[0].code
    if result.verdict == "quarantined" or code == Reason.REFUSED_BY_DATABASE:
        return code
    return reason_of(result.reasons).value
