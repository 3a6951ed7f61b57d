"""What a receiver's lines come to, for the tests of AIS."""

from harbor.trackers.ais.decoder import decode
from harbor.trackers.message import Message
from tests.trackers.captures import LIMITS, fleet_sender


def heard(*lines, sender=None, limits=LIMITS):
    return decode(Message(b"\r\n".join(lines)), sender or fleet_sender(), limits)


def report(*lines, **changes):
    [one] = heard(*lines, **changes).accepted
    return one.report
