"""How senders write numbers, times and the rest, read into Harbor's own units.

Lenient where `contract` is strict: what a sender means by "unknown" becomes None, and what
can't be read stays as it is, so that the contract names it.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

import orjson

from harbor.errors import Malformed
from harbor.fleet.geo import METRES_PER_NAUTICAL_MILE

KNOTS_PER_METRE_PER_SECOND = 3600 / METRES_PER_NAUTICAL_MILE
KNOTS_PER_KILOMETRE_PER_HOUR = 1000 / METRES_PER_NAUTICAL_MILE
NUMBER_LENGTH_MAX = 32
ATTRIBUTES_MAX = 32
ATTRIBUTE_NAME_MAX = 64
ATTRIBUTE_TEXT_MAX = 256
UNIX_SECONDS_MAX = 2_147_483_647
"""A larger number is Unix milliseconds: every sender that may write either tells them so."""
NOTHING = ("", "null", "NaN")
"""What Java and templates write where there is no value."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOST_PLUS = re.compile(r" (?=[0-9]{2}:?[0-9]{2}\Z)")
_T_AT = len("2026-05-04")


def number(value: object) -> float | None:
    """A finite number, given as one or as text; None for anything else."""
    if isinstance(value, str) and len(value) > NUMBER_LENGTH_MAX:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if isfinite(found) else None


def known(value: object, scale: float = 1.0) -> float | None:
    """A number that is negative while it is unknown, times `scale`."""
    found = number(value)
    return None if found is None or found < 0 else found * scale


def coordinate(value: object) -> object:
    """Degrees; what is no number stays, for the contract to refuse."""
    found = number(value)
    return value if found is None else found


def quantity(value: object) -> object:
    """A number that may be negative, None where nothing is given; the unreadable stays."""
    return None if value is None or value in NOTHING else coordinate(value)


def measured(value: object, scale: float = 1.0) -> object:
    """As `quantity`, but negative while unknown; times `scale`, to the third decimal."""
    found = quantity(value)
    if not isinstance(found, float):
        return found
    return None if found < 0 else round(found * scale, 3)


def accuracy(value: object) -> object:
    """Metres; no receiver is exact, so what is not above zero is unknown."""
    found = measured(value)
    return None if found == 0 else found


def altitude(value: object, its_accuracy: object) -> object:
    """Metres; a phone says by a negative accuracy that it knows none, whatever it writes."""
    vertical = number(its_accuracy)
    return None if vertical is not None and vertical < 0 else quantity(value)


def time_in_words(value: object) -> object:
    """From Unix seconds, Unix milliseconds or ISO 8601; the unreadable stays."""
    given, moment = number(value), None
    if given is not None:
        moment = moment_of_unix(given if given <= UNIX_SECONDS_MAX else given / 1000)
    elif isinstance(value, str):
        moment = moment_of_text(value)
    return value if moment is None else in_words(moment)


def moment_of_unix(seconds: float) -> datetime | None:
    """Aware UTC, to the microsecond; None when no calendar has it."""
    try:
        return _EPOCH + timedelta(microseconds=round(seconds * 1_000_000))
    except (OverflowError, ValueError):
        return None


def moment_of_text(text: str) -> datetime | None:
    """ISO 8601, with or without a colon in its offset; without an offset it is UTC.

    In an address a plus means a blank: of senders that don't know it, it comes as one.
    """
    text = text.strip()
    if text[_T_AT : _T_AT + 1] == "T":
        text = _LOST_PLUS.sub("+", text)
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def in_words(moment: datetime) -> str:
    """A moment as `Report.recorded_at` has it."""
    return moment.astimezone(UTC).isoformat()


def attributes(pairs: Iterable[tuple[str, object]]) -> dict[str, object] | None:
    """What fits the contract of the rest: short names, short scalars, at most 32 of them."""
    kept: dict[str, object] = {}
    for name, value in pairs:
        if len(kept) == ATTRIBUTES_MAX:
            break
        if 0 < len(name) <= ATTRIBUTE_NAME_MAX and "\0" not in name and _is_scalar(value):
            kept[name] = value
    return kept or None


def _is_scalar(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= ATTRIBUTE_TEXT_MAX and "\0" not in value
    if isinstance(value, bool):
        return True
    return isinstance(value, int | float) and abs(value) < 2**53


def without_nothing(members: dict[str, object]) -> dict[str, object]:
    """The members that say something: a missing one and null are the same to `Report`."""
    return {name: value for name, value in members.items() if value is not None}


def listed(value: object) -> str | None:
    """A list of texts as one."""
    texts = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
    return ", ".join(texts) or None


def plain(value: object) -> object:
    """Text of a form as the number or the yes-or-no that it stands for."""
    if value in ("true", "false"):
        return value == "true"
    if not isinstance(value, str):
        return value
    found = quantity(value)
    return int(found) if isinstance(found, float) and found.is_integer() else found


def object_in(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A member that is an object; an empty one where there is none."""
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def document_of(body: bytes) -> Any:
    """The JSON value of a body (RFC 8259, so no NaN); raises Malformed."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON: {error}.") from None


def body_of(document: Any) -> bytes:
    """The same as a body; raises Malformed for what is nested too deeply to be written."""
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError as error:
        raise Malformed(f"It can't be written down again: {error}.") from None
