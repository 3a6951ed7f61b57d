"""One reading of the directory: trackers, their keys, and vessels by every name they have."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hmac import HMAC
from secrets import token_bytes
from types import MappingProxyType
from uuid import UUID

from harbor.fleet.identity import harbor_id
from harbor.fleet.sources import NO_DIFFERENCE, Standings
from harbor.fleet.thresholds import Thresholds
from harbor.fleet.vessel import Particulars
from harbor.ingest.signature import prepared
from harbor.store.directory import Listing
from harbor.trackers.registry import HARBOR

SHARED_MAX = 8
"""Fleet-wide trackers that are tried when a message names none."""


@dataclass(frozen=True, slots=True)
class Key:
    """One secret, ready to sign with, and its end; unreadable: our master key is another.

    `token_digest` is the SHA-256 of the secret as senders that can't sign write it.
    """

    hmac: HMAC
    until_s: float
    is_readable: bool = True
    token_digest: bytes = b""


def nobodys_key(until_s: float = float("-inf"), *, is_readable: bool = True) -> Key:
    """Costs what any key costs, and nobody has it: random, and in another process another."""
    return Key(prepared(token_bytes(32)), until_s, is_readable)


@dataclass(frozen=True, slots=True)
class TrackerIdentity:
    """A tracker that may send; `vessel_id` None: for any vessel of its fleet.

    Always two keys, the newest first, so that nobody can tell by time how many it has. Of
    another `format` than Harbor's own it may send that one only, and needn't sign.
    """

    id: UUID
    fleet_id: UUID
    vessel_id: UUID | None
    keys: tuple[Key, Key]
    format: str = HARBOR

    @property
    def is_readable(self) -> bool:
        return all(key.is_readable for key in self.keys)


NO_ID = UUID(int=0)
NOBODY = TrackerIdentity(NO_ID, NO_ID, None, (nobodys_key(), nobodys_key()))


@dataclass(frozen=True, slots=True)
class Contents:
    """One reading of the directory.

    `named` has the trackers by their id as text, `bearers` those with a secret by the digest of
    its token. `shared` are those to try when no header names one: the fleet-wide ones, while
    there is one fleet, the oldest first. `devices` are vessels by tracker and the name that
    they have there. `unreadable` are the trackers with a secret that our master key does not
    open.
    """

    revision: str = ""
    fleet_ids: tuple[UUID, ...] = ()
    vessels: Mapping[UUID, Particulars] = field(default_factory=lambda: MappingProxyType({}))
    named: Mapping[str, TrackerIdentity] = field(default_factory=lambda: MappingProxyType({}))
    numbers: Mapping[tuple[UUID, str], UUID] = field(
        default_factory=lambda: MappingProxyType({})
    )
    shared: tuple[TrackerIdentity, ...] = ()
    bearers: Mapping[bytes, tuple[TrackerIdentity, Key]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    devices: Mapping[tuple[UUID, str], UUID] = field(
        default_factory=lambda: MappingProxyType({})
    )
    standings: Mapping[UUID, Standings] = field(default_factory=lambda: MappingProxyType({}))
    thresholds: Mapping[UUID, Thresholds] = field(default_factory=lambda: MappingProxyType({}))
    unreadable: int = 0
    fleet_sizes: Mapping[UUID, int] = field(default_factory=lambda: MappingProxyType({}))

    def vessels_of(self, tracker: TrackerIdentity) -> int:
        """For how many vessels it may report, at least one."""
        if tracker.vessel_id is not None:
            return 1
        return self.fleet_sizes.get(tracker.fleet_id, 1)

    def standings_of(self, fleet_id: UUID) -> Standings:
        """Which of a fleet's trackers count more; empty when all count the same."""
        return self.standings.get(fleet_id, NO_DIFFERENCE)

    def finder(self, fleet_id: UUID, tracker_id: UUID) -> Callable[[str], UUID | None]:
        """How a tracker names vessels: by its devices first, then as `find_vessel`."""

        def find(reference: str) -> UUID | None:
            vessel = self.vessels.get(self.devices.get((tracker_id, reference), NO_ID))
            return vessel.id if vessel else self.find_vessel(fleet_id, reference)

        return find

    def find_vessel(self, fleet_id: UUID, reference: str) -> UUID | None:
        """By Harbor id, IMO number or MMSI, within the fleet."""
        known = self.numbers.get((fleet_id, reference))
        if known is not None:
            return known
        vessel_id = harbor_id(reference)
        vessel = self.vessels.get(vessel_id) if vessel_id else None
        return vessel.id if vessel and vessel.fleet_id == fleet_id else None


def numbers_of(vessels: Sequence[Particulars]) -> dict[tuple[UUID, str], UUID]:
    """Vessels by fleet and IMO number, and by fleet and MMSI."""
    return {
        (vessel.fleet_id, number): vessel.id
        for vessel in vessels
        for number in (vessel.imo_number, vessel.mmsi)
        if number
    }


def bearers_of(
    trackers: Sequence[TrackerIdentity],
) -> dict[bytes, tuple[TrackerIdentity, Key]]:
    """Trackers and the key that a token is of, by the token's digest."""
    return {
        key.token_digest: (tracker, key)
        for tracker in trackers
        for key in tracker.keys
        if key.token_digest
    }


def shared_of(
    listing: Listing, trackers: Sequence[TrackerIdentity]
) -> tuple[TrackerIdentity, ...]:
    """Each costs two HMACs of every message that names no tracker, so they are few."""
    if len(listing.fleet_ids) != 1:
        return ()
    fleet_wide = (one for one in trackers if one.vessel_id is None and one.format == HARBOR)
    return tuple(sorted(fleet_wide, key=lambda tracker: tracker.id)[:SHARED_MAX])
