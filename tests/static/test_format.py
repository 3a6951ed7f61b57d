"""Numbers and moments as the pages' scripts write them."""

import pytest

from tests.static.scripts import answer

NOW = "Date.UTC(2026, 10, 23, 12)"


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("Date.UTC(2026, 10, 23, 11)", ""),
        ("Date.UTC(2026, 10, 21, 11)", "21 Nov, "),
        ("Date.UTC(2025, 10, 23, 11)", "23 Nov 2025, "),
    ],
)
def test_a_report_of_another_year_is_not_taken_for_one_of_today(at, day):
    said = answer("format.js", f"localMoment({at}, {NOW})")

    assert said.partition(":")[0][:-2] == day
