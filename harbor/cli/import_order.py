"""What is to be done with every file of one `harbor import`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from harbor.fleet.report import SOURCE_IMPORT
from harbor.fleet.thresholds import Thresholds
from harbor.fleet.vessel import Particulars
from harbor.ingest.contents import NOBODY, Contents, TrackerIdentity, numbers_of
from harbor.ingest.intake import limits_of
from harbor.store.import_trackers import ImportTracker
from harbor.store.imports import Sameness
from harbor.store.partitions import Period
from harbor.store.trackers import Seal
from harbor.trackers.files import EDITION, Kind
from harbor.trackers.message import Limits, Sender

STRETCH = 2_000
"""Lines or points in one transaction: some tenths of a second."""


@dataclass(frozen=True, slots=True)
class Order:
    """For which vessel and under which tracker, and by which measures.

    `fleet` are all vessels; `kind` None: told by each file; `held_max`: so much of what is
    refused goes into quarantine.
    """

    vessel: Particulars
    fleet: tuple[Particulars, ...]
    tracker: ImportTracker
    thresholds: Thresholds
    kept_for: timedelta | None
    period: Period
    held_max: int
    seal: Seal
    actor: str
    kind: Kind | None
    is_dry_run: bool
    is_again: bool

    def identity(self) -> TrackerIdentity:
        vessel = self.vessel
        return TrackerIdentity(self.tracker.id, vessel.fleet_id, vessel.id, NOBODY.keys)

    def sender(self) -> Sender:
        """Knows vessels by name too: a table may say for which vessel each line is."""
        fleet_id = self.vessel.fleet_id
        by_id = {one.id: one for one in self.fleet}
        contents = Contents(vessels=by_id, numbers=numbers_of(self.fleet))
        names = {one.name.casefold(): one.id for one in self.fleet}

        def find_vessel(reference: str) -> UUID | None:
            known = contents.find_vessel(fleet_id, reference)
            return known or names.get(reference.casefold())

        return Sender(fleet_id, self.tracker.id, self.vessel.id, find_vessel, SOURCE_IMPORT)

    def limits(self, now: datetime) -> Limits:
        return limits_of(self.thresholds, now, STRETCH, self.kept_for)

    def sameness(self, digest: bytes, kind: Kind) -> Sameness:
        return Sameness(self.tracker.id, self.vessel.id, digest, kind.name, EDITION)
