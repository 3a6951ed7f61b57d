"""What must hold for every message, whoever made it up."""

from dataclasses import replace
from datetime import timedelta

from harbor.errors import Invalid, Malformed
from harbor.trackers.message import Decoder, Message
from tests.trackers.captures import LIMITS, fleet_sender, own_sender

LATER = replace(LIMITS, now=LIMITS.now + timedelta(hours=11))


def check(decode: Decoder, message: Message) -> None:
    """Reports or a named refusal, and each report's raw form gives that report again."""
    for sender in (own_sender(), fleet_sender()):
        try:
            found = decode(message, sender, LIMITS)
        except (Malformed, Invalid):
            continue
        indices = [one.index for one in (*found.accepted, *found.rejected)]
        assert len(set(indices)) == len(indices)
        assert all(one.fields for one in found.rejected)
        for one in found.accepted:
            [again] = decode(Message(one.raw), sender, LATER).accepted
            assert again.report == one.report
