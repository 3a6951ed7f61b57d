"""Bytes into the stretches of a reader, as the tests of all kinds of files need it."""

import io
from dataclasses import replace

from harbor.trackers.files import KINDS
from tests.trackers.captures import LIMITS, own_sender


def stretches(kind, content, after=0, size=1000):
    """All stretches of a file; raises what the reader raises."""
    limits = replace(LIMITS, reports_max=size)
    stream = io.BytesIO(content if isinstance(content, bytes) else content.encode())
    return list(KINDS[kind].read(stream, own_sender(), limits, after))


def reports(kind, content, **how):
    return [
        one.report for stretch in stretches(kind, content, **how) for one in accepted(stretch)
    ]


def accepted(stretch):
    return stretch.decoded.accepted


def faults(kind, content):
    """Code and detail of each fault of the things that were rejected."""
    return [
        (fault.code, fault.detail)
        for stretch in stretches(kind, content)
        for one in stretch.decoded.rejected
        for fault in one.fields
    ]
