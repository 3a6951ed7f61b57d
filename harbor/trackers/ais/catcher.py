"""What AIS-catcher posts: one document with `msgs`, or one JSON message a line.

Its sentences are decoded as everybody's; only where it leaves them out its own members count.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import orjson

from harbor.errors import Malformed
from harbor.trackers.ais.targets import PLACES, Said
from harbor.trackers.sentence import to_the_millisecond
from harbor.trackers.values import moment_of_unix, number

Item = Mapping[str, Any]
"""One message in AIS-catcher's words."""
TEXT_MAX = 40
MMSI_MAX = 999_999_999
# It reckons in single precision: 102.3 knots come as 102.300003.
_DECIMALS = {"lat": 6, "lon": 6, "speed": 1, "course": 1, "draught": 1}
_WHOLE_NUMBERS = {
    **{name: name for name in ("heading", "status", "second", "alt", "imo", "partno")},
    **{name: name for name in ("to_bow", "to_stern", "to_port", "to_starboard")},
    "shiptype": "ship_type",
}
_TEXTS = ("shipname", "callsign", "destination", "text")
_MEMBERS = frozenset(("type", "mmsi", *_DECIMALS, *_WHOLE_NUMBERS, *_TEXTS))
_REQUIRED = frozenset({"lat", "lon", "speed", "course"})
_DIGITS = re.compile(r"[0-9]{14}")
_LAST_YEAR = 9998


def is_json(body: bytes) -> bool:
    """The first character tells: AIS-catcher says JSON of its sentences too."""
    return body.lstrip()[:1] == b"{"


def messages(body: bytes) -> list[Item | bytes]:
    """Its messages, and the lines of sentences among them.

    None at all is a sign of life: it posts even when it heard nobody. Raises Malformed for
    what AIS-catcher would not write.
    """
    found: list[Item | bytes] = []
    is_known = False
    for document in _documents(body):
        inner = _messages_of(document)
        is_known = is_known or inner is not None
        found += inner or []
    if not is_known:
        raise Malformed("It is JSON, but not of AIS-catcher: it has no msgs.")
    return found


def received_at(item: Item, now: datetime) -> datetime | None:
    """When it was heard; `now` when it doesn't say, None when that can't be read."""
    unix, text = item.get("rxuxtime"), item.get("rxtime")
    if unix is not None:
        seconds = number(unix)
        moment = None if seconds is None else moment_of_unix(seconds)
    elif text is not None:
        moment = _moment_of_digits(str(text))
    else:
        return now
    if moment is None or moment.year > _LAST_YEAR:
        return None
    return to_the_millisecond(moment)


def lines_of(item: Item) -> list[bytes]:
    """Its sentences, as they came from the air."""
    lines = item.get("nmea")
    if isinstance(lines, str):
        lines = [lines]
    if not isinstance(lines, list):
        return []
    return [line.encode() for line in lines if isinstance(line, str)]


@dataclass(frozen=True, slots=True)
class InWords:
    """A target that AIS-catcher unpacked itself, without its sentences."""

    type: int
    mmsi: str
    received_at: datetime
    item: Item
    is_own_ship: bool = False

    def said(self) -> Said | None:
        return _said(self.type, self.item)

    def by_itself(self) -> bytes:
        members = {name: value for name, value in self.item.items() if name in _MEMBERS}
        time = {"rxuxtime": self.received_at.timestamp()}
        return orjson.dumps({"msgs": [members | time]})


def target_of(item: Item, received_at: datetime) -> InWords | None:
    """None for what is no AIS message, such as the receiver's own place."""
    type_, mmsi = item.get("type"), number(item.get("mmsi"))
    if type(type_) is not int or mmsi is None or not 0 <= mmsi <= MMSI_MAX:
        return None
    return InWords(type_, f"{int(mmsi):09d}", received_at, item)


def _documents(body: bytes) -> list[Item | bytes]:
    try:
        return [orjson.loads(body)]
    except orjson.JSONDecodeError:
        return [_document_or_line(line) for line in body.splitlines() if line.strip()]


def _document_or_line(line: bytes) -> Item | bytes:
    """JSON that ends with a brace is an object."""
    if not line.rstrip().endswith(b"}"):
        return line
    try:
        document: Item = orjson.loads(line)
        return document
    except orjson.JSONDecodeError:
        return line


def _messages_of(document: Item | bytes) -> list[Item | bytes] | None:
    """None for what is neither a line, nor a message, nor a document of messages."""
    if isinstance(document, bytes):
        return [document]
    if "nmea" in document or "mmsi" in document:
        return [document]
    inner = document.get("msgs")
    if not isinstance(inner, list):
        return None
    found = (one.encode() if isinstance(one, str) else one for one in inner)
    return [one for one in found if isinstance(one, bytes | dict)]


def _moment_of_digits(text: str) -> datetime | None:
    """UTC as yyyymmddhhmmss."""
    if _DIGITS.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(f"{text[:8]}T{text[8:]}").replace(tzinfo=UTC)
    except ValueError:
        return None


def _said(type_: int, item: Item) -> Said | None:
    """Its members under pyais's names, and None where it says nothing."""
    if type_ in PLACES and not item.keys() >= _REQUIRED:
        return None
    said = SimpleNamespace(msg_type=type_, **{name: _text(item, name) for name in _TEXTS})
    for name, decimals in _DECIMALS.items():
        found = number(item.get(name))
        setattr(said, name, item.get(name) if found is None else round(found, decimals))
    for name, pyais_name in _WHOLE_NUMBERS.items():
        found = number(item.get(name))
        setattr(said, pyais_name, None if found is None else int(found))
    return said


def _text(item: Item, name: str) -> str | None:
    text = item.get(name)
    return text[:TEXT_MAX] if isinstance(text, str) and text.isprintable() else None
