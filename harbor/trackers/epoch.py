"""One moment as a GPS receiver says it, in sentences that follow each other."""

from datetime import UTC, date, datetime, time, timedelta

from harbor.trackers.navigation import Saying
from harbor.trackers.sentence import Sentence
from harbor.trackers.values import attributes, without_nothing

_LEADING = (b"RMC", b"GGA", b"GLL", b"VTG", b"HDT", b"ZDA")
"""Who is believed first, where two say the same."""


class Epoch:
    """Sentences of one time of day."""

    def __init__(self) -> None:
        self.time: timedelta | str | None = None
        self.date: date | str | None = None
        self.received_at: datetime | None = None
        self.has_fix: bool | None = None
        """None: it says nothing of a place. One sentence that has no fix is enough for no."""
        self.lines: list[bytes] = []
        self._said: dict[bytes, Saying] = {}

    @property
    def is_empty(self) -> bool:
        return not self.lines

    @property
    def moment(self) -> datetime | None:
        """What it says by itself; None without a date or a time."""
        if isinstance(self.date, date) and isinstance(self.time, timedelta):
            return datetime.combine(self.date, time(), UTC) + self.time
        return None

    @property
    def unreadable_moment(self) -> str | None:
        """Its date and time as they stand there, when one of them can't be read."""
        if isinstance(self.date, str) or isinstance(self.time, str):
            return f"{self.date or ''} {self.time or ''}".strip()
        return None

    def takes(self, sentence: Sentence, said: Saying) -> bool:
        """The same time, or none; and no other place from who gave one already."""
        if said.time is not None and self.time not in (None, said.time):
            return False
        if None in (said.time, self.time) and {said.is_fix, self.has_fix} == {True, False}:
            return False  # without a fix a receiver may not know the time either
        known = self._said.get(sentence.fields[0])
        return known is None or said.is_fix is None or known == said

    def add(self, sentence: Sentence, said: Saying) -> None:
        self.lines.append(sentence.raw)
        self.time = said.time if self.time is None else self.time
        self.date = said.date if self.date is None else self.date
        self.received_at = self.received_at or sentence.received_at
        if said.is_fix is not None:
            self.has_fix = said.is_fix and self.has_fix is not False
        self._said.setdefault(sentence.fields[0], said)

    def members(self) -> dict[str, object] | None:
        """Those of a report, without its time; None when no sentence says where it was."""
        said = [self._said[address] for address in sorted(self._said, key=_rank)]
        places = [one.place for one in said if one.place is not None]
        if not places:
            return None
        latitude, longitude = next((one for one in places if None not in one), places[0])
        members: dict[str, object] = {}
        extras: dict[str, object] = {}
        for one in reversed(said):  # who leads has the last word
            members |= without_nothing(one.members)
            extras |= without_nothing(one.extras)
        place = {"latitude": latitude, "longitude": longitude}
        return members | place | {"attributes": attributes(extras.items())}


def _rank(address: bytes) -> int:
    return _LEADING.index(address[2:])
