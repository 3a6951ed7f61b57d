"""A log of NMEA 0183 sentences, cut into messages for the decoder of `nmea`.

Never between two sentences of one moment: a position may be told by several. And never by our
own calendar: what comes in live may have no date, what lies in a file must have been told one.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import BinaryIO

from harbor.errors import Malformed
from harbor.trackers.files.lines import lines
from harbor.trackers.files.stretch import Stretch
from harbor.trackers.message import (
    Accepted,
    Decoded,
    Decoder,
    Limits,
    Message,
    Rejection,
    Sender,
)
from harbor.trackers.values import moment_of_unix

TIMED = (b"RMC", b"GGA", b"GLL", b"ZDA", b"GNS")
"""Sentences that say the time of day, and where: all but GLL first of all."""
GLL_TIME_FIELD = 5
HALF_A_DAY = timedelta(hours=12)

_RECEIVED = re.compile(rb"\\[^\\*]*\bc:([0-9]{9,13})\b")
_MILLISECONDS_DIGITS = 12

Lines = list[tuple[int, bytes]]
Read = Callable[[BinaryIO, Sender, Limits, int], Iterator[Stretch]]


def reader_of(decode: Decoder) -> Read:
    """A reader that has every piece of a log decoded."""

    def read(stream: BinaryIO, sender: Sender, limits: Limits, after: int) -> Iterator[Stretch]:
        known_at: datetime | None = None
        for piece in pieces(stream, limits.reports_max):
            told_at = told_moment(piece)
            if piece[-1][0] > after:
                yield _decoded(piece, decode, sender, limits, told_at, known_at)
            known_at = told_at or known_at

    return read


def pieces(stream: BinaryIO, most: int) -> Iterator[Lines]:
    """At most so many lines, cut where the time of day changes."""
    piece: Lines = []
    time_of_day = b""
    for number, line in lines(stream):
        said = spoken_time(words_of(line))
        is_new_moment = bool(said) and said != time_of_day
        if len(piece) == most or (is_new_moment and len(piece) >= most // 2):
            yield piece
            piece = []
        time_of_day = said or time_of_day
        piece.append((number, line))
    if piece:
        yield piece


def words_of(line: bytes) -> list[bytes]:
    return line[line.rfind(b"$") + 1 :].partition(b"*")[0].split(b",")


def spoken_time(words: list[bytes]) -> bytes:
    """The time of day as the sentence has it; nothing if it has none."""
    kind = words[0][-3:]
    field = GLL_TIME_FIELD if kind == b"GLL" else 1
    return words[field] if kind in TIMED and len(words) > field else b""


def told_moment(piece: Lines) -> datetime | None:
    """The last one that is told with its date."""
    told = (spoken_moment(line) for _, line in reversed(piece))
    return next((moment for moment in told if moment is not None), None)


def spoken_moment(line: bytes) -> datetime | None:
    """When a line says that it was, by RMC, ZDA or a tag block."""
    received = _RECEIVED.search(line)
    if received is not None:
        seconds = int(received[1])
        is_in_ms = len(received[1]) >= _MILLISECONDS_DIGITS
        return moment_of_unix(seconds / 1000 if is_in_ms else seconds)
    words = words_of(line)
    kind, time = words[0][-3:], spoken_time(words)[:6]
    if kind == b"RMC" and len(words) > 9:
        return _moment(time + words[9], "%H%M%S%d%m%y")
    if kind == b"ZDA" and len(words) > 4:
        return _moment(time + b"".join(words[2:5]), "%H%M%S%d%m%Y")
    return None


def _moment(said: bytes, form: str) -> datetime | None:
    try:
        return datetime.strptime(said.decode("ascii"), form).replace(tzinfo=UTC)
    except ValueError:
        return None


def _decoded(
    piece: Lines,
    decode: Decoder,
    sender: Sender,
    limits: Limits,
    told_at: datetime | None,
    known_at: datetime | None,
) -> Stretch:
    (first, _), (last, _) = piece[0], piece[-1]
    if told_at is None and known_at is not None:
        # No date in all of it: its times are those that follow the last that had one.
        limits = replace(limits, now=min(limits.now, known_at + HALF_A_DAY))
    try:
        found = decode(Message(b"".join(line for _, line in piece)), sender, limits)
    except Malformed:
        if first == 1:
            raise
        return Stretch(last, len(piece), Decoded(True, (), (), {"not_nmea": len(piece)}))
    if told_at is None and known_at is None:
        return Stretch(last, len(piece), Decoded(True, (), (), {"no_date": len(piece)}))
    numbers = _numbers(piece, found)
    accepted = tuple(replace(one, index=numbers[one.index]) for one in found.accepted)
    rejected = tuple(replace(one, index=numbers[one.index]) for one in found.rejected)
    count = len(accepted) + len(rejected) + sum(found.ignored.values())
    return Stretch(last, count, Decoded(True, accepted, rejected, found.ignored))


def _numbers(piece: Lines, found: Decoded) -> dict[int, int]:
    """For each report the line with its first sentence; each has one of its own."""
    left = iter(piece)
    numbers: dict[int, int] = {}
    reports: list[Accepted | Rejection] = [*found.accepted, *found.rejected]
    for one in sorted(reports, key=attrgetter("index")):
        sentence = one.raw.partition(b"\r\n")[0].rpartition(b"\\")[2]
        numbers[one.index] = next((number for number, line in left if sentence in line), 0)
    if 0 in numbers.values():  # its raw form is no line of the log
        return {index: piece[0][0] + index for index in numbers}
    return numbers
