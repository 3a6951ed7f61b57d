"""Which reports can't be right: from memory while it can tell, else from PostgreSQL.

Each tracker is judged by its own reports of a vessel, so that one that is wrong can't make
another aboard the same vessel look wrong.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from harbor.fleet.report import PositionReport
from harbor.fleet.thresholds import Thresholds
from harbor.fleet.verdict import (
    Neighbours,
    Reason,
    Yardstick,
    doubtful,
    is_beside,
    is_clock_stuck,
    is_null_island,
    teleports,
)
from harbor.fleet.vessel import Kind, Particulars
from harbor.store.positions import Key, StoredPosition, key_of

TRACKERS_MAX = 100_000

Sailor = tuple[UUID, UUID]
"""tracker, vessel: a shared key reports for many vessels."""
Memory = OrderedDict[Sailor, PositionReport]


class Witnesses(Protocol):
    """What the judge asks PostgreSQL when memory can't tell; may raise Unavailable."""

    def around(self, reports: Sequence[PositionReport]) -> list[Neighbours]:
        """The neighbours of each in time, of the same tracker and vessel."""
        ...

    def stored(self, keys: Sequence[Key]) -> dict[Key, StoredPosition]:
        """The positions under these keys."""
        ...


@dataclass(frozen=True, slots=True)
class Voyage:
    """One sailor's reports of a message in order of time, each time once.

    `at` are their places in the message, `twins` those of the same time, by the first.
    """

    sailor: Sailor
    at: list[int]
    reports: list[PositionReport]
    twins: dict[int, int]


class Judge:
    """One per worker. What another worker saw is looked up before a report is doubted."""

    def __init__(self, witnesses: Witnesses) -> None:
        self._witnesses = witnesses
        self._newest: Memory = OrderedDict()
        self._recent: Memory = OrderedDict()

    def doubts(
        self,
        reports: Sequence[PositionReport],
        thresholds: Thresholds,
        vessels: Mapping[UUID, Particulars],
    ) -> list[Reason | None]:
        """For each report of a message why it is not to be believed, or None.

        Remembers those that are. Raises Unavailable when nobody can tell.
        """
        if len(reports) == 1 and self._goes_on(reports[0], thresholds):
            return [None]
        found: list[Reason | None] = [None] * len(reports)
        open_: list[tuple[Voyage, list[int], Yardstick]] = []
        for voyage in _voyages(reports, found, thresholds):
            vessel = vessels.get(voyage.sailor[1])
            yardstick = Yardstick(thresholds, vessel.kind if vessel else Kind.OTHER)
            newest, recent = self._newest.get(voyage.sailor), self._recent.get(voyage.sailor)
            doubts = doubtful(voyage.reports, newest, recent, yardstick)
            if doubts:
                open_.append((voyage, doubts, yardstick))
            else:
                self._remember(voyage.sailor, voyage.reports[-1])
        if open_:
            self._settle(open_, found)
        return found

    def _goes_on(self, report: PositionReport, thresholds: Thresholds) -> bool:
        """The short way for nearly every live ping: a little further on, a little later."""
        sailor = (report.tracker_id, report.vessel_id)
        newest = self._newest.get(sailor)
        if (
            newest is None
            or report.recorded_at < newest.recorded_at
            or not is_beside(report, newest, thresholds)
            or is_null_island(report, thresholds)
        ):
            return False
        _put(self._newest, sailor, report)
        return True

    def _settle(
        self,
        open_: Sequence[tuple[Voyage, list[int], Yardstick]],
        found: list[Reason | None],
    ) -> None:
        """Ask once for all that is doubtful."""
        asked = [voyage.reports[index] for voyage, doubts, _ in open_ for index in doubts]
        answers = iter(self._witnesses.around(asked))
        for voyage, doubts, yardstick in open_:
            around = {index: next(answers) for index in doubts}
            wrong = set(teleports(voyage.reports, doubts, around, yardstick))
            for index in wrong:
                found[voyage.at[index]] = Reason.TELEPORT
            for twin, index in voyage.twins.items():
                found[twin] = Reason.TELEPORT if index in wrong else found[twin]
            believed = [one for index, one in enumerate(voyage.reports) if index not in wrong]
            if believed:
                self._remember(voyage.sailor, believed[-1])

    def _remember(self, sailor: Sailor, report: PositionReport) -> None:
        newest = self._newest.get(sailor)
        if newest is None or report.recorded_at >= newest.recorded_at:
            _put(self._newest, sailor, report)
        else:
            _put(self._recent, sailor, report)

    def stuck_clocks(
        self, reports: Sequence[PositionReport], received_at: datetime, thresholds: Thresholds
    ) -> list[bool]:
        """Of reports whose time is taken by another content: whose clock stands still.

        Raises Unavailable.
        """
        stored = self._witnesses.stored([key_of(report) for report in reports])
        return [
            is_clock_stuck(
                report,
                known.report,
                (received_at - known.received_at).total_seconds(),
                thresholds,
            )
            if (known := stored.get(key_of(report)))
            else False
            for report in reports
        ]


def _voyages(
    reports: Sequence[PositionReport], found: list[Reason | None], thresholds: Thresholds
) -> list[Voyage]:
    """A message's reports by sailor; what needs no neighbour to be doubted is left out."""
    voyages: dict[Sailor, Voyage] = {}
    order: Sequence[int] = range(len(reports))
    if len(reports) > 1:
        order = sorted(order, key=lambda index: reports[index].recorded_at)
    for index in order:
        report = reports[index]
        if is_null_island(report, thresholds):
            found[index] = Reason.NULL_ISLAND
            continue
        sailor = (report.tracker_id, report.vessel_id)
        voyage = voyages.get(sailor)
        if voyage is None:
            voyages[sailor] = Voyage(sailor, [index], [report], {})
        elif report.recorded_at > voyage.reports[-1].recorded_at:
            voyage.at.append(index)
            voyage.reports.append(report)
        elif is_clock_stuck(report, voyage.reports[-1], float("inf"), thresholds):
            found[index] = Reason.STUCK_CLOCK
        else:
            voyage.twins[index] = len(voyage.reports) - 1
    return list(voyages.values())


def _put(memory: Memory, sailor: Sailor, report: PositionReport) -> None:
    memory[sailor] = report
    memory.move_to_end(sailor)
    if len(memory) > TRACKERS_MAX:
        memory.popitem(last=False)
