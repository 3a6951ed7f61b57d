"""A log of NMEA 0183 sentences, cut into messages for the decoder of `nmea`.

Never between two sentences of one moment: a position may be told by several.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO

from harbor.errors import Malformed
from harbor.trackers.files.lines import lines
from harbor.trackers.files.stretch import Stretch
from harbor.trackers.message import Decoded, Decoder, Limits, Message, Sender

TIMED = (b"RMC", b"GGA", b"GLL", b"ZDA", b"GNS")
"""Sentences that say the time of day, and where: all but GLL first of all."""
GLL_TIME_FIELD = 5

Lines = list[tuple[int, bytes]]
Read = Callable[[BinaryIO, Sender, Limits, int], Iterator[Stretch]]


def reader_of(decode: Decoder) -> Read:
    """A reader that has every piece of a log decoded."""

    def read(stream: BinaryIO, sender: Sender, limits: Limits, after: int) -> Iterator[Stretch]:
        is_first = True
        for piece in pieces(stream, limits.reports_max):
            if piece[-1][0] > after:
                yield _decoded(piece, decode, sender, limits, is_first)
            is_first = False

    return read


def pieces(stream: BinaryIO, most: int) -> Iterator[Lines]:
    """At most so many lines, cut where the time of day changes."""
    piece: Lines = []
    time_of_day = b""
    for number, line in lines(stream):
        said = spoken_time(line)
        is_new_moment = bool(said) and said != time_of_day
        if len(piece) == most or (is_new_moment and len(piece) >= most // 2):
            yield piece
            piece = []
        time_of_day = said or time_of_day
        piece.append((number, line))
    if piece:
        yield piece


def spoken_time(line: bytes) -> bytes:
    """The time of day as the sentence has it; nothing if it has none."""
    words = line[line.rfind(b"$") :].partition(b"*")[0].split(b",")
    kind = words[0][-3:]
    field = GLL_TIME_FIELD if kind == b"GLL" else 1
    return words[field] if kind in TIMED and len(words) > field else b""


def _decoded(
    piece: Lines, decode: Decoder, sender: Sender, limits: Limits, is_first: bool
) -> Stretch:
    first, last = piece[0][0], piece[-1][0]
    try:
        found = decode(Message(b"".join(line for _, line in piece)), sender, limits)
    except Malformed:
        if is_first:
            raise
        found = Decoded(True, (), (), {"not_nmea": len(piece)})
    accepted = tuple(replace(one, index=first + one.index) for one in found.accepted)
    rejected = tuple(replace(one, index=first + one.index) for one in found.rejected)
    numbered = replace(found, accepted=accepted, rejected=rejected)
    return Stretch(last, len(piece), numbered)
