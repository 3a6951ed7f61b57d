"""NDJSON: a report on each line."""

import pytest

from harbor.errors import Malformed
from tests.trackers.files.readers import accepted, faults, reports, stretches

LINE = '{"recorded_at":"2025-06-01T08:00:00Z","latitude":57.66,"longitude":11.8}\n'


def test_each_line_is_a_report():
    assert [one.latitude for one in reports("ndjson", LINE * 3)] == [57.66] * 3


@pytest.mark.parametrize("first", ["[]", "7", "{", "\xff"])
def test_a_file_that_does_not_begin_with_an_object_is_refused(first):
    with pytest.raises(Malformed, match="line 1: "):
        stretches("ndjson", f"{first}\n{LINE}".encode("latin-1"))


def test_a_later_line_that_is_no_json_is_rejected_by_itself():
    found = stretches("ndjson", LINE + "{\n" + LINE)

    [(code, _)] = faults("ndjson", LINE + "{\n" + LINE)
    assert code == "malformed"
    assert [[one.index for one in accepted(stretch)] for stretch in found] == [[1, 3]]
    assert [one.raw for one in found[0].decoded.rejected] == [b"{"]


def test_stretches_go_on_behind_what_was_dealt_with():
    found = stretches("ndjson", LINE * 5, after=2, size=2)

    assert [[one.index for one in accepted(stretch)] for stretch in found] == [[3, 4], [5]]
