"""Room for labels on the map."""

import pytest

from tests.static.scripts import answer

TOWN = {"left": 100, "top": 50, "right": 160, "bottom": 65}


@pytest.mark.parametrize(
    ("left", "top", "is_free"),
    [(170, 50, True), (160, 50, True), (150, 60, False), (40, 50, False)],
)
def test_a_name_of_the_chart_is_seen_whole_or_not_at_all(left, top, is_free):
    vessel = {"left": left, "top": top, "right": left + 80, "bottom": top + 16}

    assert answer("label-grid.js", "isFree(...given)", TOWN, [vessel]) is is_free


def test_a_label_that_found_no_room_takes_none():
    script = "((grid) => [0, 5, 10].map((x) => grid.take(x, 0, 10, 10)))(new LabelGrid())"

    assert answer("label-grid.js", script) == [True, False, True]
