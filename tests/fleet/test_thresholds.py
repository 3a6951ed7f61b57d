"""Thresholds of the settings, and what a fleet changes of them."""

import pytest

from harbor.config import SPEED_KNOTS_MAX_BY_KIND, Settings
from harbor.errors import Invalid
from harbor.fleet.thresholds import Thresholds
from harbor.fleet.vessel import Kind
from tests.builders import thresholds


def test_every_threshold_is_a_setting_of_the_same_name():
    assert set(Thresholds.model_fields) <= set(Settings.model_fields)


def test_every_kind_but_other_has_a_speed_limit():
    assert set(SPEED_KNOTS_MAX_BY_KIND) == set(Kind) - {Kind.OTHER}


def test_what_has_no_kind_has_the_common_limit():
    given = thresholds(speed_knots_max=77)

    assert given.speed_limit_knots(Kind.OTHER) == 77
    assert given.speed_limit_knots(Kind.TUG) == SPEED_KNOTS_MAX_BY_KIND["tug"]


def test_a_fleet_changes_what_it_names_and_nothing_else():
    changed = thresholds().changed_by(
        {"jump_metres_min": 500, "speed_knots_max_by_kind": {"tug": 12}}
    )

    assert changed.jump_metres_min == 500
    assert changed.speed_limit_knots(Kind.TUG) == 12
    assert changed.speed_limit_knots(Kind.CARGO) == SPEED_KNOTS_MAX_BY_KIND["cargo"]
    assert changed.stuck_metres_min == thresholds().stuck_metres_min


@pytest.mark.parametrize(
    ("overrides", "pointer"),
    [
        ({"jump_metres_min": -1}, "/jump_metres_min"),
        ({"jump_metres_min": "far"}, "/jump_metres_min"),
        ({"jump_metres_min": float("inf")}, "/jump_metres_min"),
        ({"recorded_at_min": "2019-01-01T00:00:00Z"}, "/recorded_at_min"),
        ({"recorded_at_min": "2021-01-01T00:00:00"}, "/recorded_at_min"),
        ({"speed_knots_max": 0}, "/speed_knots_max"),
        ({"speed_knots_max_by_kind": {"tug": 0}}, "/speed_knots_max_by_kind/tug"),
        ({"speed_knots_max_by_kind": {"tub": 9}}, "/speed_knots_max_by_kind/tub"),
        ({"speed_knots_max_by_kind": 9}, "/speed_knots_max_by_kind"),
        ({"depth_metres_min": 1}, "/depth_metres_min"),
    ],
)
def test_a_threshold_that_makes_no_sense_is_named(overrides, pointer):
    with pytest.raises(Invalid, match=pointer.split("/")[1]) as refusal:
        thresholds().changed_by(overrides)

    assert [field.pointer for field in refusal.value.fields] == [pointer]
