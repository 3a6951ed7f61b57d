"""AIS as a receiver posts it: sentences, one a line, or the JSON of AIS-catcher.

A receiver hears everybody: what is not of our vessels is counted and forgotten.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from harbor.errors import Malformed
from harbor.trackers.ais import catcher
from harbor.trackers.ais.assembly import INCOMPLETE, NOT_AIS, Assembler
from harbor.trackers.ais.hearing import Hearing
from harbor.trackers.ais.targets import target_of
from harbor.trackers.message import Decoded, Limits, Message, Sender
from harbor.trackers.sentence import Refusal, to_the_millisecond

_STRANGE = frozenset({Refusal.NOT_A_SENTENCE.value, NOT_AIS})


def decode(message: Message, sender: Sender, limits: Limits) -> Decoded:
    """Every position, hull and call for help that concerns the sender's vessels.

    Raises Malformed when nothing in it is AIS, Invalid for more than `limits.reports_max`
    positions.
    """
    reading, now = _Reading(Hearing(sender, limits)), to_the_millisecond(limits.now)
    is_json = catcher.is_json(message.body)
    items: Sequence[catcher.Item | bytes]
    items = catcher.messages(message.body) if is_json else message.body.splitlines()
    for item in items:
        reading.take(item, now)
    if not reading.is_known and (items or not is_json):
        raise Malformed("Not one line of it is an AIS sentence (!AIVDM, !AIVDO).")
    return reading.decoded({} if items else {"heartbeat": 1})


class _Reading:
    """One message on its way from lines to what was heard."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self._assembler = Assembler()
        self._known = 0

    @property
    def is_known(self) -> bool:
        """Some of it is AIS, if only a damaged line or half a message."""
        words = self._assembler.ignored.keys() - _STRANGE
        return bool(self._known or self._assembler.waiting or words)

    def take(self, item: catcher.Item | bytes, now: datetime) -> None:
        """A line, or a message in AIS-catcher's words."""
        if isinstance(item, bytes):
            self._take_line(item, now)
            return
        self._known += 1
        received_at, lines = catcher.received_at(item, now), catcher.lines_of(item)
        if received_at is None:
            self._hearing.ignored["unreadable"] += 1
        elif lines:
            for line in lines:
                self._take_line(line, received_at)
        elif target := catcher.target_of(item, received_at):
            self._hearing.take(target)
        else:
            self._hearing.ignored["not_a_position"] += 1

    def _take_line(self, line: bytes, received_at: datetime) -> None:
        """A time that the line says goes before `received_at`."""
        if not line.strip():
            return
        transmission = self._assembler.take(line, received_at)
        if transmission is None:
            return
        self._known += 1
        target = target_of(transmission, transmission.received_at or received_at)
        if target is None:
            self._hearing.ignored["unreadable"] += 1
        else:
            self._hearing.take(target)

    def decoded(self, ignored: Mapping[str, int]) -> Decoded:
        unfinished = Counter({INCOMPLETE: self._assembler.waiting})
        return self._hearing.decoded(self._assembler.ignored + unfinished + Counter(ignored))
