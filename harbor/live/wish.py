"""What a subscriber may see and asked for; equal wishes share their answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from harbor.fleet.geo import Box
from harbor.live.event import LATE, POSITION, VESSEL, Event, Placed

CONFLATE_FROM = 500
"""A `latest` stream that is further behind gets one event per vessel."""


class Mode(StrEnum):
    """What a stream that falls behind wants: the newest of each vessel, or everything."""

    LATEST = "latest"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a subscriber may see and asked for; None means no restriction."""

    vessel_ids: frozenset[str] | None = None
    box: Box | None = None
    kinds: frozenset[bytes] | None = None
    mode: Mode = Mode.LATEST

    def takes(self, event: Event) -> bool:
        if self.kinds is not None and event.kind not in self.kinds:
            return False
        return self.sees(event.placed, anywhere=event.kind == VESSEL)

    def sees(self, placed: Placed, anywhere: bool = False) -> bool:
        if self.vessel_ids is not None and placed.vessel_id not in self.vessel_ids:
            return False
        return (
            anywhere or self.box is None or self.box.contains(placed.latitude, placed.longitude)
        )

    def join(self, events: Sequence[Event]) -> bytes:
        """The frames of the events it takes, in one piece."""
        chosen = [event for event in events if self.takes(event)]
        if self.mode is Mode.LATEST and len(chosen) > CONFLATE_FROM:
            chosen = conflate(chosen)
        return b"".join([event.frame for event in chosen])


def conflate(events: Sequence[Event]) -> list[Event]:
    """The last event of each vessel, in order; late positions are left to the archives."""
    last = {event.placed.vessel_id: event for event in events if event.kind != LATE}
    return sorted(last.values(), key=lambda event: event.number)


def kinds_of(names: str) -> frozenset[bytes] | None:
    """`position,late` as kinds; None when a name is unknown."""
    kinds = frozenset(name.strip().encode() for name in names.split(","))
    return kinds if kinds <= {POSITION, LATE, VESSEL} else None
