"""What was sent and answered, what others saw, and when something was broken: plain values.

All moments are monotonic seconds of the one process that runs the proof. A key names a
position: within a run no two trackers use the same time for the same vessel.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Key = tuple[str, int]
"""vessel, recorded_at in microseconds"""


@dataclass(frozen=True, slots=True)
class Content:
    """What a ping says besides its key."""

    latitude: float
    longitude: float
    speed_knots: float | None = None


@dataclass(frozen=True, slots=True)
class Ping:
    """One position as a tracker sends it, maybe several times."""

    vessel_id: str
    recorded_us: int
    tracker_id: str
    content: Content

    @property
    def key(self) -> Key:
        return self.vessel_id, self.recorded_us


class Answer(StrEnum):
    """What one sending of one ping was told."""

    CREATED = "created"
    IDENTICAL = "identical"
    DIFFERENT = "different"
    KEPT = "kept"  # in an array of new and known ones: either of them
    QUARANTINED = "quarantined"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    BROKEN = "broken"
    UNKNOWN = "unknown"


ACKNOWLEDGED = {Answer.CREATED, Answer.IDENTICAL, Answer.DIFFERENT, Answer.KEPT}


@dataclass(frozen=True, slots=True)
class Post:
    """One request: its pings, and what became of each; status None: no answer came."""

    pings: tuple[Ping, ...]
    answers: tuple[Answer, ...]
    status: int | None
    sent_at: float
    answered_at: float


@dataclass(frozen=True, slots=True)
class Poll:
    """One reading of GET /api/v1/vessels: the newest of each vessel by one reader."""

    reader: str
    status: int | None
    may_come_back: bool
    newest: Mapping[str, int]
    sent_at: float
    answered_at: float


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table."""

    key: Key
    tracker_id: str
    content: Content


@dataclass(frozen=True, slots=True)
class Seen:
    """One vessel's position as somebody was shown it."""

    key: Key
    content: Content


@dataclass(frozen=True, slots=True)
class View:
    """What a subscriber may see and asked for; None: all of it."""

    vessel_ids: frozenset[str] | None = None
    box: tuple[float, float, float, float] | None = None
    """west, south, east, north"""
    kinds: frozenset[str] | None = None
    is_latest: bool = False
    is_sparse: bool = False
    """By `max_rate`: only the newest of each vessel is owed, in the end."""

    @property
    def is_whole(self) -> bool:
        return self.vessel_ids is None and self.box is None and self.kinds is None

    def shows(self, vessel_id: str, content: Content) -> bool:
        if self.vessel_ids is not None and vessel_id not in self.vessel_ids:
            return False
        if self.box is None:
            return True
        west, south, east, north = self.box
        return south <= content.latitude <= north and west <= content.longitude <= east


EVERYTHING = View()


@dataclass(frozen=True, slots=True)
class Connected:
    """A subscriber came (back), with the id of the last event that it knew."""

    last_event_id: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Told:
    """One frame of a stream; `number` None: it had no id.

    `count` is how many events a `merged` left out; `vessel_id` says whom a `vessel` is about,
    `change` what happened (added, renamed, removed, outside), or, of a `feed`, how it is;
    `strange` is what stood in it that must not: bytes of a vessel outside the scope.
    """

    kind: str
    epoch: str
    number: int | None
    seen: tuple[Seen, ...]
    at: float
    count: int = 0
    vessel_id: str = ""
    change: str = ""
    strange: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """All that one subscriber lived through, in order."""

    name: str
    chapters: tuple[Connected | Told, ...]
    view: View = EVERYTHING


class Excuse(StrEnum):
    """What a fault may do to requests while it lasts, and for a moment after."""

    UNAVAILABLE = "503 with Retry-After"
    SILENCE = "no answer, or a late one"


@dataclass(frozen=True, slots=True)
class Window:
    """One fault: from its beginning until what was broken is whole again."""

    fault: str
    began_at: float
    ended_at: float
    excuses: frozenset[Excuse] = frozenset()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the checker compares."""

    posts: tuple[Post, ...]
    polls: tuple[Poll, ...] = ()
    rows: tuple[Row, ...] = ()
    stories: tuple[Story, ...] = ()
    windows: tuple[Window, ...] = ()
    table_newest: Mapping[str, int] = field(default_factory=dict)
    cache_newest: Mapping[str, int] | None = None
    api_newest: Mapping[str, int] | None = None
    earlier: frozenset[Key] = frozenset()
    """Keys of runs before this one on the same tables."""


class Kind(StrEnum):
    """What can be wrong; each is a broken promise."""

    LOST = "lost"
    PHANTOM = "phantom"
    DUPLICATED = "duplicated"
    CREATED_TWICE = "created_twice"
    BACKWARD = "backward"
    STALE_NEWEST = "stale_newest"
    MISSING = "missing"
    REPEATED = "repeated"
    OUT_OF_ORDER = "out_of_order"
    ALTERED = "altered"
    LEAKED = "leaked"
    GHOST = "ghost"
    UNPLANNED_5XX = "unplanned_5xx"
    TOO_LATE = "too_late"


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong, in words for whoever must find out why."""

    kind: Kind
    about: str
