"""Speeds and distances in the units that a reader has chosen."""

import pytest

from tests.static.scripts import answer


def said(units: str, expression: str, *given: object) -> object:
    return answer("units.js", f"(setUnits({units!r}), {expression})", *given)


@pytest.mark.parametrize(
    ("units", "text"),
    [
        ("nautical", "10.0 kn"),
        ("metric", "18.5 km/h"),
        ("imperial", "11.5 mph"),
        ("x", "10.0 kn"),
    ],
)
def test_a_speed_is_told_in_the_readers_unit(units, text):
    assert said(units, "speedText(10)") == text


@pytest.mark.parametrize("units", ["nautical", "metric", "imperial"])
def test_an_unknown_speed_has_no_unit(units):
    assert said(units, "speedText(null)") == "–"


@pytest.mark.parametrize(
    ("units", "distance_nm", "text"),
    [
        ("nautical", 0.04, "74 m"),
        ("nautical", 3.18, "3.18 nm"),
        ("nautical", 1204, "1,204 nm"),
        ("metric", 0.5, "926 m"),
        ("metric", 10, "18.5 km"),
        ("imperial", 0.05, "304 ft"),
        ("imperial", 1, "1.15 mi"),
    ],
)
def test_a_distance_is_told_in_the_unit_of_its_size(units, distance_nm, text):
    assert said(units, "distanceText(given[0])", distance_nm) == text


def test_steps_of_a_scale_are_not_finer_than_they_need_be():
    assert said("metric", "[0.5, 4, 20].map(roundSpeed)") == ["0.9", "7", "37"]


@pytest.mark.parametrize(
    ("units", "words"),
    [
        ("nautical", ["0.5 nm"]),
        ("metric", ["0.5 km", "500 m"]),
        ("imperial", ["0.5 mi", "500 ft"]),
    ],
)
def test_a_scale_bar_counts_in_the_large_unit_or_the_small_one(units, words):
    count = {"0": "0.5", "1": "500"}
    script = "scaleUnits().map(({ words }, i) => words(Number(given[0][i])))"

    assert said(units, script, count) == words


def test_the_unit_of_a_scale_bar_is_as_long_as_it_says():
    lengths = said("imperial", "scaleUnits().map(({ per_nm }) => per_nm)")

    assert lengths == pytest.approx([1.150779, 6076.115])
