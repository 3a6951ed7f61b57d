"""Sentences into whole AIS transmissions: parts in any order, interleaved, bounded, ageing."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from harbor.trackers.sentence import Refusal, Sentence, read, tagged

OPEN_MAX = 64
"""Transmissions that may wait for their other parts."""
AGE_MAX = timedelta(seconds=10)
"""How far apart the parts of one transmission may be heard."""
INCOMPLETE = "incomplete"
NOT_AIS = "not_ais"
# Talker, total, number, sequence id, channel, payload, fill bits.
_SHAPE = re.compile(rb"[!$]..VD[MO],[1-9],[1-9],[0-9]{0,3},[^,]?,[0-W`-w]{1,256},[0-5]\*..")

Key = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Transmission:
    """One AIS message as it was on the air: its sentences in order, and their payload.

    `received_at` is None when no line of it says. `is_own_ship`: from the receiver's own
    vessel (VDO).
    """

    sentences: tuple[bytes, ...]
    payload: bytes
    fill_bits: int
    received_at: datetime | None
    is_own_ship: bool

    def by_itself(self, received_at: datetime) -> bytes:
        """Lines that give this transmission again, received at that time."""
        first, *others = self.sentences
        return b"\r\n".join([tagged(first, received_at), *others])


@dataclass(slots=True)
class _Pending:
    """The parts that came so far, by their number."""

    opened_at: datetime
    received_at: datetime | None = None
    parts: dict[int, Sentence] = field(default_factory=dict)

    def does_not_take(self, sentence: Sentence, at: datetime) -> bool:
        """It is too old, or has that part with other content: sequence ids come round."""
        known = self.parts.get(int(sentence.fields[2]))
        is_another = known is not None and known.fields != sentence.fields
        return is_another or abs(at - self.opened_at) > AGE_MAX


class Assembler:
    """Takes lines one by one; the line that completes a transmission gives it back.

    Lines that never become one are counted in `ignored`, by a word. At most `OPEN_MAX`
    transmissions wait, none for more than `AGE_MAX`: it may live as long as its process.
    """

    def __init__(self) -> None:
        self.ignored: Counter[str] = Counter()
        self._pending: dict[Key, _Pending] = {}
        self._group_times: dict[bytes, datetime] = {}

    @property
    def waiting(self) -> int:
        """Transmissions that still miss a part."""
        return len(self._pending)

    def take(self, line: bytes, now: datetime) -> Transmission | None:
        """What this line completes. `now` stands in for a time of reception it doesn't say."""
        sentence = read(line)
        if isinstance(sentence, Refusal):
            self.ignored[sentence.value] += 1
            return None
        if sentence.fields[0][2:] not in (b"VDM", b"VDO"):
            self.ignored[NOT_AIS] += 1
            return None
        if not _is_readable(sentence):
            self.ignored[Refusal.UNREADABLE.value] += 1
            return None
        received_at = self._received_at(sentence)
        if sentence.fields[1] == b"1":
            return _alone(sentence, received_at)
        return self._take_part(sentence, received_at, received_at or now)

    def _received_at(self, sentence: Sentence) -> datetime | None:
        """Only one line of a tag block group need say it."""
        group, received_at = sentence.group, sentence.received_at
        if not group:
            return received_at
        if received_at is None:
            return self._group_times.get(group)
        self._group_times.pop(group, None)
        if len(self._group_times) == OPEN_MAX:
            del self._group_times[next(iter(self._group_times))]
        self._group_times[group] = received_at
        return received_at

    def _take_part(
        self, sentence: Sentence, received_at: datetime | None, at: datetime
    ) -> Transmission | None:
        self._forget_old(at)
        key = self._key_of(sentence)
        pending = self._pending.get(key)
        if pending is None or pending.does_not_take(sentence, at):
            pending = self._open(key, at)
        pending.parts[int(sentence.fields[2])] = sentence
        pending.received_at = pending.received_at or received_at
        if len(pending.parts) < int(sentence.fields[1]):
            return None
        del self._pending[key]
        return _whole([part for _, part in sorted(pending.parts.items())], pending.received_at)

    def _key_of(self, sentence: Sentence) -> Key:
        """What the parts of a transmission have in common, and the station that heard them.

        Two stations may hear the same; some say who they are with one part of it only.
        """
        kind, total, _, sequence, channel, _, _ = sentence.fields
        common, station = (kind, total, sequence, channel, sentence.group), sentence.station
        if (*common, station) in self._pending:
            return (*common, station)
        number = int(sentence.fields[2])
        silent = [
            key
            for key, pending in self._pending.items()
            if key[:-1] == common and not (station and key[-1]) and number not in pending.parts
        ]
        return silent[0] if silent else (*common, station)

    def _open(self, key: Key, at: datetime) -> _Pending:
        if key in self._pending:
            self._forget(key)
        elif len(self._pending) == OPEN_MAX:
            self._forget(next(iter(self._pending)))
        opened = self._pending[key] = _Pending(at)
        return opened

    def _forget_old(self, at: datetime) -> None:
        """Those that waited longest come first."""
        while self._pending:
            key, oldest = next(iter(self._pending.items()))
            if abs(at - oldest.opened_at) <= AGE_MAX:
                break
            self._forget(key)

    def _forget(self, key: Key) -> None:
        del self._pending[key]
        self.ignored[INCOMPLETE] += 1


def _is_readable(sentence: Sentence) -> bool:
    """Of the shape of AIS, and its number is not above the total."""
    is_shaped = _SHAPE.fullmatch(sentence.raw) is not None
    return is_shaped and sentence.fields[2] <= sentence.fields[1]


def _alone(sentence: Sentence, received_at: datetime | None) -> Transmission:
    kind, _, _, _, _, payload, fill_bits = sentence.fields
    raw = (sentence.raw,)
    return Transmission(raw, payload, int(fill_bits), received_at, kind.endswith(b"O"))


def _whole(parts: list[Sentence], received_at: datetime | None) -> Transmission:
    return Transmission(
        sentences=tuple(part.raw for part in parts),
        payload=b"".join(part.fields[5] for part in parts),
        fill_bits=int(parts[-1].fields[6]),
        received_at=received_at,
        is_own_ship=parts[0].fields[0].endswith(b"O"),
    )
