"""Lines off the wire: which of them Harbor wants, and the time each was received."""

import re
from datetime import UTC, datetime
from functools import reduce
from operator import xor
from typing import Any

import orjson

from harbor.gateway.entry import Entry, Kind, Part

SENTENCE_LENGTH_MAX = 1024
LINE_LENGTH_MAX = 65_536
MULTICAST_HEADER = b"UdPbC\0"
"""What IEC 61162-450 puts before the sentences of a datagram."""
KINDS = dict.fromkeys((b"VDM", b"VDO"), Kind.AIS) | dict.fromkeys(
    (b"RMC", b"GGA", b"GLL", b"VTG", b"HDT", b"ZDA"), Kind.NMEA
)
LINE = re.compile(
    rb"(?:\\(?P<tags>[^\\*]*)(?:\*(?P<tags_checksum>[0-9A-Fa-f]{2}))?\\)?"
    rb"[!$](?P<content>(?P<talker>[A-Z]{2})(?P<formatter>[A-Z]{3}),[^*!$\\]*)"
    rb"(?:\*(?P<checksum>[0-9A-Fa-f]{2})(?P<rest>.*))?"
)
PLAIN = re.compile(rb"[\x20-\x7e]*")
TIME_BEFORE = re.compile(rb"(?:^|,)c:")
TIME_BEHIND = re.compile(rb"[\\,]c:|,[0-9]{9,10}\s*$")
"""A tag block may stand behind a sentence too; coast guards write a Unix time there."""
OTHER, CORRUPT = "other", "corrupt"
"""Why a line is left out: Harbor has no use for it, or it came over damaged."""


def entry_of(line: bytes, received_ms: int) -> Entry | str:
    """The entry, or in a word why there is none."""
    line = line.removeprefix(MULTICAST_HEADER).strip()
    if line.startswith(b"{"):
        return delta_entry(line, received_ms)
    if not PLAIN.fullmatch(line) or len(line) > SENTENCE_LENGTH_MAX:
        return CORRUPT
    found = LINE.fullmatch(line)
    kind = KINDS.get(found["formatter"]) if found else None
    if found is None or kind is None:
        return OTHER
    if not all(
        checksum(found[what]) == int(said, 16)
        for what, said in (("content", found["checksum"]), ("tags", found["tags_checksum"]))
        if said
    ):
        return CORRUPT
    part = _part(found) if kind is Kind.AIS else None
    return Entry(kind, _stamped(line, found, received_ms), received_ms, part)


def delta_entry(
    line: bytes, received_ms: int, own: str | None = None, is_stamped_anew: bool = False
) -> Entry | str:
    """A Signal K delta; `own` is what its server calls the boat that it is on.

    Values without a time were observed when they came; `is_stamped_anew`: the others too.
    """
    try:
        delta = orjson.loads(line)
    except orjson.JSONDecodeError:
        return CORRUPT
    updates = delta.get("updates") if isinstance(delta, dict) else None
    if not isinstance(updates, list) or len(line) > LINE_LENGTH_MAX:
        return OTHER
    received = in_words(received_ms)
    kept = [_timed(one, received, is_stamped_anew) for one in updates if _has_values(one)]
    if not kept:
        return OTHER
    context = {"context": "vessels.self"} if own and delta.get("context") == own else {}
    try:
        body = orjson.dumps(delta | context | {"updates": kept})
    except orjson.JSONEncodeError:  # it reads what is nested deeper than it can write
        return CORRUPT
    return Entry(Kind.SIGNALK, body, received_ms, None)


def checksum(content: bytes) -> int:
    """Of NMEA 0183: all between the mark and the asterisk, by exclusive or."""
    return reduce(xor, content, 0)


def in_words(received_ms: int) -> str:
    """RFC 3339 in UTC."""
    moment = datetime.fromtimestamp(received_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _has_values(update: Any) -> bool:
    return isinstance(update, dict) and bool(update.get("values"))


def _timed(update: dict[str, Any], received: str, is_stamped_anew: bool) -> dict[str, Any]:
    """Only what counts: where a value came from is half of what a server says."""
    stated = update.get("timestamp")
    is_stated = stated is not None and not is_stamped_anew
    return {"timestamp": stated if is_stated else received, "values": update["values"]}


def _part(found: re.Match[bytes]) -> Part | None:
    """Which part of how many; None when the message is whole, or says nothing sensible."""
    fields = found["content"].split(b",")
    if len(fields) < 5 or not (fields[1].isdigit() and fields[2].isdigit()):
        return None
    total, number = int(fields[1]), int(fields[2])
    if not 1 <= number <= total or not 1 < total <= 9:
        return None
    return Part(b",".join((found["talker"], *fields[3:5])).decode(), number, total)


def _stamped(line: bytes, found: re.Match[bytes], received_ms: int) -> bytes:
    """The line with a tag block that says when it was received, in Unix milliseconds.

    As it is, where it says so itself.
    """
    tags = found["tags"] or b""
    if TIME_BEFORE.search(tags) or TIME_BEHIND.search(found["rest"] or b""):
        return line
    tags = b",".join(filter(None, (tags, b"c:%d" % received_ms)))
    sentence = line[found.start("content") - 1 :]
    return b"\\%b*%02X\\%b" % (tags, checksum(tags), sentence)
