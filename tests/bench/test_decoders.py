"""The bench of the decoders: every format is in it, with messages that are worth decoding."""

import pytest

from bench.decoders import LIMITS, samples, sender_for
from harbor.trackers.registry import DECODERS


def test_every_format_is_measured():
    assert {name.partition("_")[0] for name in samples()} == set(DECODERS)


@pytest.mark.parametrize(("name", "sample"), samples().items(), ids=list(samples()))
def test_what_is_measured_gives_reports_and_none_is_refused(name, sample):
    sender = sender_for(sample, is_one_vessels=name == "nmea")

    found = DECODERS[name.partition("_")[0]](sample.message, sender, LIMITS)

    assert found.accepted
    assert not found.rejected
    assert sample.bare()
