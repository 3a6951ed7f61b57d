"""A short run of `make fuzz`: any edit of a real message gives reports or a named refusal."""

import pytest
from hypothesis import given, settings

from harbor.trackers.registry import DECODERS
from harbor.trackers.sentence import Sentence, read
from tests.fuzz import messages
from tests.fuzz.promise import check


@pytest.mark.parametrize("name", DECODERS)
def test_an_edited_message_gives_reports_or_a_named_refusal(name):
    @settings(max_examples=150)
    @given(messages.of(name))
    def try_some(message):
        check(DECODERS[name], message)

    try_some()


def test_sentences_that_were_edited_get_right_checksums_again():
    damaged = b"$GPRMC,1200*00\r\n!AIVDM,1,1,,A,0,0*\r\n"

    found = [read(line) for line in messages.mended(damaged).splitlines()]

    assert [type(one) for one in found] == [Sentence, Sentence]
