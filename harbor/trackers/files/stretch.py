"""Things of a file, gathered into stretches that are decoded like messages."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from harbor.errors import FieldError, Malformed
from harbor.trackers.contract import Draft, judge_all
from harbor.trackers.message import Decoded, Limits, Rejection, Sender


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of a file: a position, or what was to be one (`fault`), or neither (`ignored`).

    `number` grows through the file. `item` has the members of `contract.Report`; `raw` is its
    form in quarantine, Harbor's own JSON of the item where it is left out.
    """

    number: int
    item: Any = None
    raw: bytes | None = None
    fault: FieldError | None = None
    ignored: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some neighbouring things of a file, decoded; `index` of each is its number in the file.

    `until` is the last number that was looked at.
    """

    until: int
    count: int
    decoded: Decoded


def in_stretches(
    entries: Iterable[Entry], sender: Sender, limits: Limits, after: int, unit: str
) -> Iterator[Stretch]:
    """What comes behind number `after`, held against the contract."""
    left = (entry for entry in entries if entry.number > after)
    for together in _gathered(left, limits.reports_max):
        yield _decoded(together, sender, limits, unit)


def _gathered(entries: Iterable[Entry], most: int) -> Iterator[list[Entry]]:
    """Lists of so many; what was read before a fault in the file goes out before it is told."""
    together: list[Entry] = []
    fault: Malformed | None = None
    try:
        for entry in entries:
            together.append(entry)
            if len(together) == most:
                yield together
                together = []
    except Malformed as error:
        fault = error
    if together:
        yield together
    if fault is not None:
        raise fault


def _decoded(entries: list[Entry], sender: Sender, limits: Limits, unit: str) -> Stretch:
    drafts = [
        Draft(one.number, one.item, raw_of(one), f"{unit} {one.number}")
        for one in entries
        if one.fault is None and not one.ignored
    ]
    accepted, rejected = judge_all(drafts, sender, limits)
    unreadable = tuple(
        Rejection(one.number, (one.fault,), raw_of(one), sender.vessel_id)
        for one in entries
        if one.fault is not None
    )
    ignored = Counter(one.ignored for one in entries if one.ignored)
    decoded = Decoded(True, accepted, rejected + unreadable, ignored)
    return Stretch(entries[-1].number, len(entries), decoded)


def raw_of(entry: Entry) -> bytes:
    return orjson.dumps(entry.item) if entry.raw is None else entry.raw
