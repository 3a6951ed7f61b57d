"""Sentences of NMEA 0183: their checksums, fields and tag blocks, whatever they carry.

A line is taken with what stands around its sentence: a tag block before or after it, or the
fields that coast guard stations write after the checksum.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import reduce
from operator import xor
from string import hexdigits

from harbor.trackers.values import moment_of_unix

_BODY = re.compile(rb"[A-Z][^!$*\\]{4,1023}")
_LINE = re.compile(
    rb"(?:\\(?P<before>[^\\]*)\\\s*)?"
    rb"(?P<sentence>[!$](?P<body>" + _BODY.pattern + rb"))\*(?P<checksum>[0-9A-Fa-f]{2})"
    rb"(?:\s*\\(?P<after>[^\\]*)\\|,(?P<metadata>[^\\]*))?"
)
_STATION = re.compile(rb"(?:\A|,)([rb][A-Za-z0-9]+)(?:,|\Z)")
_UNIX_TIME = re.compile(rb"(?:\A|,)([0-9]{9,10})\s*\Z")
_STARTS = (b"!", b"$")
_CHECKSUMS = {
    f"{high}{low}".encode(): int(high + low, 16) for high in hexdigits for low in hexdigits
}
_DIGITS = re.compile(rb"[0-9]{1,13}")
_MILLISECONDS_FROM = 10**11
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Fields = tuple[bytes, ...]


class Refusal(StrEnum):
    """Why a line is no sentence that can be used; also the word it is counted under."""

    NOT_A_SENTENCE = "not_a_sentence"
    BAD_CHECKSUM = "bad_checksum"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with a right checksum, and what its tag block said.

    `raw` begins with ! or $ and ends with the checksum. `received_at` is when a receiver heard
    it, None when the line doesn't say. `group` is the id of a tag block group.
    """

    raw: bytes
    fields: Fields
    received_at: datetime | None = None
    station: bytes = b""
    group: bytes = b""


def read(line: bytes) -> Sentence | Refusal:
    """The sentence of a line. A damaged tag block spoils it: nobody knows how old it is."""
    line = line.strip()
    # Most lines are a sentence and nothing else: that takes no expression to see.
    body = line[1:-3]
    is_plain = line[:1] in _STARTS and line[-3:-2] == b"*" and _BODY.fullmatch(body)
    if is_plain and _CHECKSUMS.get(line[-2:]) == checksum(body):
        return Sentence(line, tuple(body.split(b",")))
    found = _LINE.search(line)
    if found is None:
        return Refusal.NOT_A_SENTENCE
    if _CHECKSUMS[found["checksum"]] != checksum(found["body"]):
        return Refusal.BAD_CHECKSUM
    return _with_surroundings(line, found)


def checksum(body: bytes) -> int:
    """What stands after the asterisk: XOR of all between it and the first character."""
    return reduce(xor, body, 0)


def tagged(sentence: bytes, received_at: datetime) -> bytes:
    """The same with a tag block that says, to the millisecond, when it was received."""
    block = b"c:%d" % ((received_at - _EPOCH) // _MILLISECOND)
    return b"\\%s*%02X\\%s" % (block, checksum(block), sentence)


def to_the_millisecond(moment: datetime) -> datetime:
    """As much of a moment as a tag block can say."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _with_surroundings(line: bytes, found: re.Match[bytes]) -> Sentence | Refusal:
    raw = line[found.start("sentence") : found.end("checksum")]
    fields = tuple(found["body"].split(b","))
    if found["metadata"]:
        return _from_station(raw, fields, found["metadata"])
    if b"\\" not in line:
        return Sentence(raw, fields)
    if b"\\" in line[: found.start()] + line[found.end() :]:
        return Refusal.BAD_CHECKSUM
    return _from_tag_block(raw, fields, found["before"] or found["after"] or b"")


def _from_tag_block(raw: bytes, fields: Fields, block: bytes) -> Sentence | Refusal:
    said, _, digits = block.rpartition(b"*")
    if _CHECKSUMS.get(digits.rjust(2, b"0")) != checksum(said):
        return Refusal.BAD_CHECKSUM
    codes = dict(code.partition(b":")[::2] for code in said.split(b","))
    received_at = _moment(codes[b"c"]) if b"c" in codes else None
    if b"c" in codes and received_at is None:
        return Refusal.UNREADABLE
    group = codes.get(b"g", b"").rpartition(b"-")[2]
    return Sentence(raw, fields, received_at, codes.get(b"s", b""), group)


def _from_station(raw: bytes, fields: Fields, metadata: bytes) -> Sentence:
    """The form of the US coast guard: `,r003669946,1325394060` after the checksum."""
    station, time = _STATION.search(metadata), _UNIX_TIME.search(metadata)
    received_at = _moment(time[1]) if time else None
    return Sentence(raw, fields, received_at, station[1] if station else b"")


def _moment(digits: bytes) -> datetime | None:
    """Unix time; from 13 digits on it can only be milliseconds."""
    if _DIGITS.fullmatch(digits) is None:
        return None
    number = int(digits)
    return moment_of_unix(number / 1000 if number >= _MILLISECONDS_FROM else number)
