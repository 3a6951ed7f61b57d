"""Which of a vessel's trackers speaks for her, when she has several.

A tracker with a lower precedence number speaks until it has been silent for its patience; only
then is one with a higher number listened to. `live.scripts` has the same rule in Lua, for
positions in the order in which they arrive.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Generic, TypeVar
from uuid import UUID

PRECEDENCE_OWN = 10
PRECEDENCES: Mapping[str, int] = MappingProxyType({"signalk": 20, "ais": 30})
"""By format; any other is a tracker of the vessel's own. What others receive counts least."""
PRECEDENCE_MAX = 1_000
PATIENCE_S = 720
"""Twice the six minutes in which a ship at anchor repeats her AIS static report."""
PATIENCE_S_MAX = 7 * 24 * 3_600

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Standing:
    """How much a tracker counts (the lower number more), and for how long without a word."""

    precedence: int = PRECEDENCE_OWN
    patience_s: int = PATIENCE_S

    @property
    def patience(self) -> timedelta:
        return timedelta(seconds=self.patience_s)


Standings = Mapping[UUID, Standing]
"""By tracker; empty where all count the same, so that there is nothing to choose."""
NO_DIFFERENCE: Standings = MappingProxyType({})
USUAL = Standing()


def usual_standing(format_: str) -> Standing:
    """Of a tracker that sends this format, unless the operator says otherwise."""
    return Standing(PRECEDENCES.get(format_, PRECEDENCE_OWN))


def differing(standings: Standings) -> Standings:
    """These, when not all have the same precedence."""
    numbers = {standing.precedence for standing in standings.values()}
    return standings if len(numbers) > 1 else NO_DIFFERENCE


def by_name(standings: Standings) -> dict[str, Standing]:
    """By the tracker's id as text, as fixes are read by the thousand."""
    return {str(tracker_id): standing for tracker_id, standing in standings.items()}


def look_back(standings: Standings) -> timedelta:
    """How long before a vessel's newest position another one may still count instead.

    The one that counts instead may itself have been kept silent by a better one.
    """
    numbers = {standing.precedence for standing in standings.values()}
    longest = max((standing.patience for standing in standings.values()), default=timedelta())
    return longest * max(0, len(numbers) - 1)


@dataclass(frozen=True, slots=True)
class Said(Generic[T]):
    """That something was said at a time, by a tracker of some standing."""

    recorded_at: datetime
    standing: Standing
    what: T

    def gives_way_to(self, later: "Said[T]") -> bool:
        """Whether what is said later counts instead."""
        if later.recorded_at <= self.recorded_at:
            return False
        is_as_good = later.standing.precedence <= self.standing.precedence
        return is_as_good or later.recorded_at > self.recorded_at + self.standing.patience


def spoken_for(said: Iterable[Said[T]]) -> T | None:
    """Who speaks in the end, given the newest of each tracker.

    The same as if all that they ever said had come in order: the best one's newest stands,
    unless a worse one went on after it had been silent for its patience.
    """
    newest: dict[int, Said[T]] = {}
    for one in said:
        known = newest.get(one.standing.precedence)
        if known is None or one.recorded_at > known.recorded_at:
            newest[one.standing.precedence] = one
    speaks: Said[T] | None = None
    for precedence in sorted(newest):
        one = newest[precedence]
        if speaks is None or speaks.gives_way_to(one):
            speaks = one
    return None if speaks is None else speaks.what
