"""What a subscriber may see and asked for; equal wishes share their answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from harbor.fleet.geo import Box
from harbor.fleet.geojson import outside
from harbor.live import notice
from harbor.live.event import ALERT, LATE, POSITION, VESSEL, Event, Placed, frame

_ANYWHERE = frozenset({VESSEL, ALERT})
"""What is told wherever the vessel is."""
CONFLATE_FROM = 500
"""A `latest` stream that is further behind gets one event per vessel."""


class Mode(StrEnum):
    """What a stream that falls behind wants: the newest of each vessel, or everything."""

    LATEST = "latest"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a subscriber may see and asked for; None means no restriction.

    With `rate_s` a vessel has at most one event in so many seconds.
    """

    vessel_ids: frozenset[str] | None = None
    box: Box | None = None
    kinds: frozenset[bytes] | None = None
    mode: Mode = Mode.LATEST
    rate_s: int = 0

    @property
    def is_everything(self) -> bool:
        return self.vessel_ids is None and self.box is None and self.kinds is None

    def sees(self, placed: Placed) -> bool:
        """Whether a snapshot shows this vessel."""
        if self.vessel_ids is not None and placed.vessel_id not in self.vessel_ids:
            return False
        return self.box is None or self.box.contains(placed.latitude, placed.longitude)

    def join(self, events: Sequence[Event]) -> bytes:
        """The frames that this wish gets of the events, in one piece."""
        if self.is_everything:
            chosen = [(event, event.frame) for event in events]
        else:
            chosen = [(event, found) for event in events if (found := self._frame_of(event))]
        if self.rate_s:
            chosen = conflate(chosen)
        elif self.mode is Mode.LATEST and len(chosen) > CONFLATE_FROM:
            kept = conflate(chosen)
            left_out = len(chosen) - len(kept)
            return notice.merged(left_out) + b"".join([found for _, found in kept])
        return b"".join([found for _, found in chosen])

    def _frame_of(self, event: Event) -> bytes | None:
        """The event's own frame, or that the vessel has left the box, or nothing.

        The vessel's scope comes first: nothing about another vessel passes.
        """
        placed = event.placed
        if self.vessel_ids is not None and placed.vessel_id not in self.vessel_ids:
            return None
        kind, found = event.kind, event.frame
        is_gone = kind not in _ANYWHERE and not self._is_in_box(
            placed.latitude, placed.longitude
        )
        if is_gone:
            if kind != POSITION or event.before is None or not self._is_in_box(*event.before):
                return None
            kind, found = VESSEL, frame(VESSEL, outside(placed.feature), _id_of(event))
        return found if self.kinds is None or kind in self.kinds else None

    def _is_in_box(self, latitude: float, longitude: float) -> bool:
        return self.box is None or self.box.contains(latitude, longitude)


def _id_of(event: Event) -> bytes | None:
    """As its own frame has it, which begins with it or has none."""
    head, _, _ = event.frame.partition(b"\n")
    return head[4:] if head.startswith(b"id: ") else None


def conflate(chosen: Sequence[tuple[Event, bytes]]) -> list[tuple[Event, bytes]]:
    """The last of each vessel, in order; late positions are left to the archives, and alerts
    all stay.

    What became of a vessel (renamed, removed) is no place, so where she is, or that she left
    the box, is kept beside it.
    """
    last = {
        (event.placed.vessel_id, event.number if event.kind == ALERT else event.kind): at
        for at, (event, _) in enumerate(chosen)
        if event.kind != LATE
    }
    return [chosen[at] for at in sorted(last.values())]


def kinds_of(names: str) -> frozenset[bytes] | None:
    """`position,late` as kinds; None when a name is unknown."""
    kinds = frozenset(name.strip().encode() for name in names.split(","))
    return kinds if kinds <= {POSITION, LATE, VESSEL, ALERT} else None
