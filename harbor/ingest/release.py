"""Accepts reports out of quarantine: into the track as if they had come in time.

Each is decoded again from its raw form, without the judge's doubts, and stored through the
statement that stores every position, with its outbox row: a running worker publishes it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from harbor.errors import Invalid, Malformed
from harbor.fleet.report import SOURCE_IMPORT, PositionReport
from harbor.fleet.verdict import Reason
from harbor.ingest.contents import Contents, numbers_of
from harbor.store import devices, partitions, positions, vessels
from harbor.store import held as in_quarantine
from harbor.store.held import Held
from harbor.store.partitions import Period
from harbor.store.positions import Key, key_of
from harbor.trackers.message import Decoder, Limits, Message, Sender
from harbor.trackers.registry import source_of


class Fate(StrEnum):
    """What became of a report that was to be accepted; what `stays` is still there."""

    STORED = "stored"
    KNOWN = "known"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Ruling:
    """One report's fate, and why it stays; `partition`: missing, and only made in earnest."""

    id: UUID
    fate: Fate
    why: str = ""
    partition: str | None = None


class Release:
    """Works in the caller's transaction: what is stored leaves quarantine in the same.

    Only partitions are made outside it: until its commit who makes one holds up every writer
    that needs one. A dry run makes none, and says which it would.
    """

    def __init__(
        self,
        session: Session,
        fleet_id: UUID,
        decoders: Mapping[str, Decoder],
        limits: Limits,
        period: Period,
        is_dry_run: bool = False,
    ) -> None:
        self._session = session
        self._fleet_id = fleet_id
        self._decoders = decoders
        self._limits = limits
        self._period = period
        self._is_dry_run = is_dry_run
        known = vessels.all_vessels(session, fleet_id)
        self._contents = Contents(
            vessels={one.id: one for one in known},
            numbers=numbers_of(known),
            devices=devices.everywhere(session, fleet_id),
        )

    def accept(self, held: Sequence[Held]) -> list[Ruling]:
        """In their order. The time they came in stays what it was."""
        rulings: dict[UUID, Ruling] = {}
        readable: dict[UUID, PositionReport] = {}
        for one in held:
            try:
                readable[one.id] = self._read(one)
            except (Malformed, Invalid) as refusal:
                rulings[one.id] = Ruling(one.id, Fate.STAYS, str(refusal))
        homeless = self._homeless(readable)
        if self._is_dry_run:
            rulings |= homeless
        elif homeless:
            self._make_partitions(readable[id_].recorded_at for id_ in homeless)
        to_store = [one for one in held if one.id not in rulings]
        for batch in _in_lock_order(to_store, readable):
            rulings |= {ruling.id: ruling for ruling in self._store(batch, readable)}
        gone = [one.id for one in rulings.values() if one.fate is not Fate.STAYS]
        in_quarantine.remove(self._session, gone)
        return [rulings[one.id] for one in held]

    def _read(self, one: Held) -> PositionReport:
        """Raises Malformed or Invalid, saying what the contract still says against it."""
        decode = self._decoders.get(one.format)
        if decode is None:
            raise Invalid(f"This version of Harbor does not read {one.format}.")
        decoded = decode(Message(one.raw), self._sender(one), self._limits_of(one))
        for rejection in decoded.rejected:
            faults = (f"{fault.pointer}: {fault.detail}" for fault in rejection.fields)
            raise Invalid("; ".join(faults))
        if not decoded.accepted:
            raise Invalid("It holds no position.")
        report = decoded.accepted[0].report
        self._require_same_vessel(one, report)
        return report

    def _require_same_vessel(self, one: Held, report: PositionReport) -> None:
        """Numbers and trackers move to other hulls; a fix stays where it was taken."""
        if one.vessel_id not in (None, report.vessel_id):
            raise Invalid(
                f"/vessel: it is of {one.vessel}; its number or its tracker has moved since"
            )

    def _sender(self, one: Held) -> Sender:
        is_imported = one.trackers_format == SOURCE_IMPORT
        return Sender(
            fleet_id=self._fleet_id,
            tracker_id=one.tracker_id,
            vessel_id=one.trackers_vessel_id,
            find_vessel=self._contents.finder(self._fleet_id, one.tracker_id),
            source=SOURCE_IMPORT if is_imported else source_of(one.format),
        )

    def _limits_of(self, one: Held) -> Limits:
        """A message that tells no time means when it came in; one that was ahead of us then
        may not be any more."""
        limits = self._limits
        since_s = max(0, int((limits.now - one.received_at).total_seconds()))
        return replace(
            limits,
            now=one.received_at,
            clock_skew_allowed_s=limits.clock_skew_allowed_s + since_s,
            mends_rollover=one.reason == Reason.GPS_WEEK_ROLLOVER,
        )

    def _homeless(self, readable: dict[UUID, PositionReport]) -> dict[UUID, Ruling]:
        """Those whose partition is missing, as a dry run tells them."""
        there = [span for span in partitions.spans(self._session) if not span.is_leaving]
        rulings = {}
        for id_, report in readable.items():
            at = report.recorded_at
            if not any(span.holds(at) for span in there):
                period = partitions.period_of(at, self._limits.now, self._period)
                name = partitions.span_of(at, period, there).name
                rulings[id_] = Ruling(id_, Fate.STORED, partition=name)
        return rulings

    def _make_partitions(self, moments: Iterable[datetime]) -> None:
        """On a connection of its own, one by one, each committed at once."""
        engine = self._session.connection().engine
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            partitions.ensure_for(connection, moments, self._limits.now, self._period)

    def _store(
        self, batch: Sequence[Held], readable: dict[UUID, PositionReport]
    ) -> list[Ruling]:
        """Together; when PostgreSQL refuses one of them, each by itself."""
        rows = positions.in_order(readable[one.id] for one in batch)
        try:
            with self._session.begin_nested():
                found = positions.record(self._session.connection(), rows, batch[0].received_at)
        except (DataError, IntegrityError) as error:
            if len(batch) == 1:
                return [Ruling(batch[0].id, Fate.STAYS, str(error.orig).strip())]
            return [ruling for one in batch for ruling in self._store([one], readable)]
        new = {key for added in found for key in added.rows}
        return self._tell_apart(batch, readable, new)

    def _tell_apart(
        self, batch: Sequence[Held], readable: dict[UUID, PositionReport], new: set[Key]
    ) -> list[Ruling]:
        keys = [key_of(readable[one.id]) for one in batch]
        stored = positions.by_keys(self._session, keys)
        rulings = []
        for one, key in zip(batch, keys, strict=True):
            if key in new:
                new.remove(key)
                rulings.append(Ruling(one.id, Fate.STORED))
            elif stored[key].report == readable[one.id]:
                rulings.append(Ruling(one.id, Fate.KNOWN))
            else:
                why = "/recorded_at: another position of this time is in the track already"
                rulings.append(Ruling(one.id, Fate.STAYS, why))
        return rulings


def _in_lock_order(
    held: Sequence[Held], readable: dict[UUID, PositionReport]
) -> list[list[Held]]:
    """By their keys, as every worker locks them, so that no tracker that sends them again
    and we wait for each other; neighbours that came in at one moment in one statement."""
    keys = positions.in_order(readable[one.id] for one in held)
    turns = {key: turn for turn, key in enumerate(keys)}
    ordered = sorted(held, key=lambda one: turns[key_of(readable[one.id])])
    return [list(batch) for _, batch in groupby(ordered, key=lambda one: one.received_at)]
