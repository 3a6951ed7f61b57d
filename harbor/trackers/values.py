"""How senders write numbers, times and the rest, read into Harbor's own units.

Lenient where `contract` is strict: what a sender means by "unknown" becomes None, and what
can't be read stays as it is, so that the contract names it.
"""

from collections.abc import Iterable
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
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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


def moment_of_unix(seconds: float) -> datetime | None:
    """Aware UTC, to the microsecond; None when no calendar has it."""
    try:
        return _EPOCH + timedelta(microseconds=round(seconds * 1_000_000))
    except (OverflowError, ValueError):
        return None


def moment_of_text(text: str) -> datetime | None:
    """ISO 8601, with or without a colon in its offset; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
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


def document_of(body: bytes) -> Any:
    """The JSON value of a body (RFC 8259, so no NaN); raises Malformed."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"The body is not JSON: {error}.") from None
