"""Harbor's own format: one JSON report, or an array of them.

Strict: no coercion, no unknown or repeated member, no NaN, UTF-8 only (RFC 8259).
"""

import json
from typing import Any

import orjson
from pydantic_core import from_json

from harbor.errors import Invalid, Malformed
from harbor.trackers.contract import Draft, Report, judge_all
from harbor.trackers.message import Decoded, Limits, Message, Sender


def decode(message: Message, sender: Sender, limits: Limits) -> Decoded:
    """Judge each report by itself.

    Raises Malformed when the body is not JSON, or neither an object nor an array; Invalid
    when an array is empty or has more than `limits.reports_max` reports.
    """
    document = parse(message.body)
    if not isinstance(document, list):
        drafts = [Draft(0, document, message.body)]
        return Decoded(False, *judge_all(drafts, sender, limits))
    if not 1 <= len(document) <= limits.reports_max:
        raise Invalid(f"An array has 1 to {limits.reports_max} reports, not {len(document)}.")
    drafts = [Draft(at, item, _raw(item), f"/{at}") for at, item in enumerate(document)]
    return Decoded(True, *judge_all(drafts, sender, limits))


def parse(body: bytes) -> Any:
    """The JSON value; raises Malformed, also for a member that stands twice in an object."""
    try:
        document = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Malformed(f"The body is not JSON: {error}.") from None
    if not isinstance(document, dict | list):
        raise Malformed("The body is a JSON object or an array of them.")
    reports = len(document) if isinstance(document, list) else 1
    if _may_repeat_a_member(body, reports):
        _refuse_repeated_members(body)
    return document


_MEMBERS = tuple(f'"{name}"'.encode() for name in Report.model_fields)


def _may_repeat_a_member(body: bytes, reports: int) -> bool:
    """A cheap count that is exact enough to say no; a yes is looked at closely."""
    return (
        b"\\" in body
        or b'"attributes"' in body
        or any(body.count(member) > reports for member in _MEMBERS)
    )


def _refuse_repeated_members(body: bytes) -> None:
    """Raise Malformed: parsers disagree on which of two values counts (RFC 8259, 4)."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise Malformed("A member stands twice in one object.")
        return members

    try:
        json.loads(body, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"The body is not JSON: {error}.") from None


def _raw(item: Any) -> bytes:
    try:
        return orjson.dumps(item)
    except TypeError:  # an integer of more than 64 bits
        return json.dumps(item).encode()
