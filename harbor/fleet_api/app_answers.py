"""What each app wants to hear: anything but its own 200 makes it keep a message for ever.

So a message that is well received and never stored (a duplicate, a heartbeat, one in
quarantine, one that can't be read) is a success to the app; who runs Harbor sees it in
`harbor quarantine`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from harbor.errors import Invalid, Malformed
from harbor.ingest.docket import Receipt

Outcome = Receipt | Malformed | Invalid


def counted(outcome: Outcome) -> dict[str, object]:
    """How many by verdict, for senders whose log somebody may read."""
    if not isinstance(outcome, Receipt):
        return _counts() | {"rejected": 1, "detail": str(outcome)}
    return _counts(outcome) | {"ignored": dict(outcome.ignored)}


def _counts(receipt: Receipt | None = None) -> dict[str, object]:
    count = receipt.count if receipt else lambda _: 0
    return {
        "accepted": count("accepted"),
        "duplicates": count("duplicate"),
        "quarantined": count("quarantined"),
        "rejected": count("rejected"),
        "ignored": {},
    }


ANSWERS: Mapping[str, Callable[[Outcome], object]] = MappingProxyType(
    {
        "osmand": lambda _: {},
        "overland": lambda _: {"result": "ok"},
        "owntracks": lambda _: [],
        "traccar": lambda _: {},
    }
)
"""The apps whose answer is fixed; the rest are told the counts."""


def answer(format_: str, outcome: Outcome) -> object:
    """The JSON document for a sender of this format."""
    return ANSWERS.get(format_, counted)(outcome)
