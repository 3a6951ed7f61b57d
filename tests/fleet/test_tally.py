"""Counts of what became of a file, stretch after stretch."""

import json

from harbor.fleet.tally import Tally

ONE = Tally(4, 1, 1, {"teleport": 1}, {"contract": 1}, {})
OTHER = Tally(3, 1, 0, {"null_island": 1}, {"contract": 1}, {"way_point": 1})


def test_two_tallies_make_one():
    both = ONE.plus(OTHER)

    assert both == Tally(
        7, 2, 1, {"null_island": 1, "teleport": 1}, {"contract": 2}, {"way_point": 1}
    )
    assert both.refused == 4


def test_a_tally_comes_back_out_of_json():
    assert Tally(**json.loads(json.dumps(ONE.as_document()))) == ONE
