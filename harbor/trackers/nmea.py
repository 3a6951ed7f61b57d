"""NMEA 0183 of one GPS receiver or logger: its sentences, gathered into positions.

Receivers say one moment in several sentences: RMC leads, GGA adds height and quality, VTG and
HDT have no time and belong to what stands before them. GGA and GLL know no date.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from harbor.errors import Invalid, Malformed
from harbor.trackers.contract import Draft, judge_all
from harbor.trackers.epoch import Epoch
from harbor.trackers.message import Decoded, Limits, Message, Sender
from harbor.trackers.navigation import saying
from harbor.trackers.sentence import Refusal, read, tagged, to_the_millisecond
from harbor.trackers.values import in_words

CLOCK_SLACK = timedelta(minutes=2)
_DAY = timedelta(days=1)


def decode(message: Message, sender: Sender, limits: Limits) -> Decoded:
    """A position for each moment at which the receiver had a fix.

    Raises Malformed when not one line is a sentence, Invalid for more than
    `limits.reports_max` positions.
    """
    ignored: Counter[str] = Counter()
    epochs = list(_epochs(message.body, ignored))
    if not epochs and ignored.keys() <= {Refusal.NOT_A_SENTENCE.value}:
        raise Malformed("Not one line of it is a sentence of NMEA 0183 ($GPRMC and so on).")
    found = _drafts(epochs, ignored, to_the_millisecond(limits.now))
    drafts = list(islice(found, limits.reports_max + 1))
    if len(drafts) > limits.reports_max:
        raise Invalid(f"A message has at most {limits.reports_max} positions.")
    return Decoded(True, *judge_all(drafts, sender, limits), ignored=dict(ignored))


def _epochs(body: bytes, ignored: Counter[str]) -> Iterator[Epoch]:
    epoch = Epoch()
    for line in body.splitlines():
        if not line.strip():
            continue
        sentence = read(line)
        if isinstance(sentence, Refusal):
            ignored[sentence.value] += 1
            continue
        said = saying(sentence.fields)
        if said is None:
            ignored["not_a_position"] += 1
            continue
        if not epoch.takes(sentence, said):
            yield epoch
            epoch = Epoch()
        epoch.add(sentence, said)
    if not epoch.is_empty:
        yield epoch


def _drafts(epochs: Sequence[Epoch], ignored: Counter[str], now: datetime) -> Iterator[Draft]:
    index = 0
    for epoch, recorded_at in zip(epochs, _moments(epochs, now), strict=True):
        if epoch.has_fix is None:
            ignored["not_a_position"] += 1
            continue
        place = epoch.members()
        if not epoch.has_fix or place is None:
            ignored["no_fix"] += 1
            continue
        place["recorded_at"] = (
            in_words(recorded_at) if isinstance(recorded_at, datetime) else recorded_at
        )
        yield Draft(index, place, _by_itself(epoch, recorded_at), f"/{index}")
        index += 1


def _by_itself(epoch: Epoch, recorded_at: datetime | str) -> bytes:
    """Its sentences; where they don't know the day, a tag block says it."""
    first, *others = epoch.lines
    if epoch.moment is None and isinstance(recorded_at, datetime):
        first = tagged(first, recorded_at)
    return b"\r\n".join([first, *others])


def _moments(epochs: Sequence[Epoch], now: datetime) -> Iterator[datetime | str]:
    """When each was. Text where it says something that is no time."""
    neighbour = next((epoch.moment for epoch in epochs if epoch.moment), None)
    for epoch in epochs:
        text = epoch.unreadable_moment
        if text is not None:
            yield text
            continue
        received_at = epoch.received_at or now
        moment = epoch.moment
        if moment is None and isinstance(epoch.time, timedelta):
            moment = (
                _latest(epoch.time, received_at)
                if epoch.received_at or neighbour is None
                else _nearest(epoch.time, neighbour)
            )
        neighbour = moment or neighbour
        yield moment or received_at


def _latest(time: timedelta, received_at: datetime) -> datetime:
    """The last time that a clock showed this before it was received."""
    midnight = received_at.replace(hour=0, minute=0, second=0, microsecond=0)
    moments = (midnight + time + days * _DAY for days in (1, 0))
    latest = received_at + CLOCK_SLACK
    return next((one for one in moments if one <= latest), midnight + time - _DAY)


def _nearest(time: timedelta, neighbour: datetime) -> datetime:
    """On the same day as its neighbour, or beyond midnight."""
    midnight = neighbour.replace(hour=0, minute=0, second=0, microsecond=0)
    moments = (midnight + time + days * _DAY for days in (-1, 0, 1))
    return min(moments, key=lambda one: abs(one - neighbour))
