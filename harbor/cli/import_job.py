"""One file into the track of a vessel, from where an earlier run left it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from time import monotonic

from harbor.cli.import_order import Order
from harbor.errors import Malformed, Refused
from harbor.fleet.tally import Tally
from harbor.ingest.bulk import Bulk, Refusal, Settled
from harbor.ingest.recorded_file import RecordedFile
from harbor.store import audit, import_trackers, imports
from harbor.store.database import Database
from harbor.store.imports import Progress, Sameness
from harbor.trackers.files import Kind, kind_of

SHOWN_MAX = 10

Tell = Callable[[int], None]
"""Hears how many more bytes of a file were read."""


class State(StrEnum):
    """How the work on a file ended."""

    IMPORTED = "imported"
    KNOWN = "known"
    LOOKED_AT = "looked_at"
    REFUSED = "refused"
    BROKEN_OFF = "broken_off"


@dataclass(frozen=True, slots=True)
class Landing:
    """What became of one file, and of all that earlier runs took from it.

    `resumed_after`: the line or point (`unit`) at which they ended. `refusals` are the first
    of this run.
    """

    file: str
    kind: str | None
    unit: str
    state: State
    problem: str | None
    resumed_after: int
    seconds: float
    tally: Tally
    refusals: tuple[Refusal, ...]


@dataclass(slots=True)
class Course:
    """How far the work on a file is."""

    kind: Kind | None = None
    tally: Tally = field(default_factory=Tally)
    resumed_after: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    is_known: bool = False

    def goes_on(self, before: Progress) -> None:
        self.tally, self.resumed_after = before.tally, before.until

    def note(self, settled: Settled) -> None:
        self.tally = self.tally.plus(settled.tally)
        self.refusals += settled.refusals[: SHOWN_MAX - len(self.refusals)]


class Job:
    """Works on the files of one order, one after the other."""

    def __init__(self, database: Database, order: Order) -> None:
        self._database = database
        self._order = order
        self._has_tracker = order.tracker.is_there

    def land(self, file: RecordedFile, tell: Tell) -> Landing:
        """Raises Unavailable; the same again then goes on behind what was committed."""
        began_s = monotonic()
        course, problem = Course(), None
        try:
            self._go(file, course, tell)
        except Refused as error:
            problem = str(error)
        return Landing(
            file=file.name,
            kind=course.kind.name if course.kind else None,
            unit=course.kind.unit if course.kind else "",
            state=self._state(course, problem),
            problem=problem,
            resumed_after=course.resumed_after,
            seconds=round(monotonic() - began_s, 1),
            tally=course.tally,
            refusals=tuple(course.refusals),
        )

    def _state(self, course: Course, problem: str | None) -> State:
        if problem is not None:
            return State.BROKEN_OFF if course.tally.read else State.REFUSED
        if course.is_known:
            return State.KNOWN
        return State.LOOKED_AT if self._order.is_dry_run else State.IMPORTED

    def _go(self, file: RecordedFile, course: Course, tell: Tell) -> None:
        """Raises Malformed where the file can't be read on, Conflict beside another run."""
        order = self._order
        kind = course.kind = order.kind or kind_of(file.name, file.head())
        same = order.sameness(file.digest(), kind)
        progress = self._before(same)
        if progress is not None:
            course.goes_on(progress)
            course.is_known = progress.ended_at is not None
        if course.is_known:
            tell(file.size_bytes)
            return
        self._read(file, kind, same, progress, course, tell)
        if not course.tally.read:
            raise Malformed("There is nothing in it.")

    def _read(
        self,
        file: RecordedFile,
        kind: Kind,
        same: Sameness,
        progress: Progress | None,
        course: Course,
        tell: Tell,
    ) -> None:
        order = self._order
        bulk = self._bulk(kind)
        limits = order.limits(datetime.now(UTC))
        with file.opened(tell) as stream:
            for stretch in kind.read(stream, order.sender(), limits, course.resumed_after):
                now = datetime.now(UTC)
                if order.is_dry_run:
                    course.note(bulk.look(stretch, now))
                    continue
                progress = progress or self._begin(same, file.name)
                progress, settled = bulk.take(stretch, progress, now)
                course.note(settled)
        if progress is not None and not order.is_dry_run:
            bulk.end(progress, datetime.now(UTC))
            self._note(file.name, course.tally)

    def _bulk(self, kind: Kind) -> Bulk:
        order = self._order
        return Bulk(
            self._database,
            order.identity(),
            order.vessel,
            order.thresholds,
            order.period,
            order.held_max,
            kind.raw_format,
        )

    def _before(self, same: Sameness) -> Progress | None:
        """How far an earlier run came; None when there was none, or all is to be done again."""
        if self._order.is_again:
            return None
        with self._database.session() as session:
            return imports.find(session, same)

    def _begin(self, same: Sameness, name: str) -> Progress:
        """With the first of its positions, so that a file without any leaves nothing behind."""
        order = self._order
        with self._database.session() as session:
            if not self._has_tracker:
                import_trackers.add(session, order.seal, order.vessel, order.tracker)
                self._has_tracker = True
            return imports.begin(session, same, name, order.is_again)

    def _note(self, name: str, tally: Tally) -> None:
        order = self._order
        with self._database.session() as session:
            audit.note(
                session,
                "positions.imported",
                actor=order.actor,
                subject=str(order.vessel.id),
                fleet_id=order.vessel.fleet_id,
                details={"file": name, "tracker": order.tracker.name} | tally.as_document(),
            )
