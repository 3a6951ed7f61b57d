"""Of several trackers aboard, the one whose fixes make the line."""

from collections.abc import Mapping
from types import MappingProxyType

from harbor.fleet.rhythm import GAP_SECONDS_MIN
from harbor.fleet.sources import USUAL, Standing
from harbor.fleet.track import TrackFix


class Lead:
    """Of several trackers aboard, the one whose fixes make the track.

    Two antennas are a ship's length apart: a line that jumps from one to the other and back
    is longer than the way. Another leads only after the first has been silent; for how long,
    and whether one counts more, is as in `sources`.
    """

    def __init__(self, standings: Mapping[str, Standing] = MappingProxyType({})) -> None:
        self.tracker = ""
        self._standings = standings
        self._standing = USUAL
        self._heard_s = float("-inf")

    def follows(self, fix: TrackFix) -> bool:
        """Whether it belongs to the line; fixes come oldest first."""
        if fix.tracker != self.tracker:
            standing = self._standings.get(fix.tracker, USUAL)
            if fix.at_s - self._heard_s <= self._patience_s(standing):
                return False
            self.tracker, self._standing = fix.tracker, standing
        self._heard_s = fix.at_s
        return True

    def _patience_s(self, other: Standing) -> float:
        """For how long another of this standing waits for the one that leads."""
        if other.precedence > self._standing.precedence:
            return self._standing.patience_s
        return GAP_SECONDS_MIN if other.precedence == self._standing.precedence else -1.0
