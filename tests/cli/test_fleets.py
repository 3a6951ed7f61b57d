"""`harbor fleet`, as an operator uses it."""

import pytest
from sqlalchemy import text

pytestmark = pytest.mark.usefixtures("fleet")


def shown(ask) -> dict:
    return {row["name"]: (row["value"], row["origin"]) for row in ask("fleet", "show")}


def test_every_threshold_is_shown_with_where_it_comes_from(ask):
    rows = shown(ask)

    assert rows["jump_metres_min"] == (2000.0, "setting")
    assert rows["speed_knots_max_by_kind.tug"] == (30.0, "setting")
    assert rows["recorded_at_min"] == ("2020-01-01T00:00:00Z", "setting")


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("jump_metres_min", "500", 500.0),
        ("speed_knots_max_by_kind.tug", "12.5", 12.5),
        ("recorded_at_min", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
    ],
)
def test_a_fleets_own_threshold_stands_above_the_setting_until_it_is_unset(
    ask, name, value, stored
):
    before = shown(ask)

    row = ask("fleet", "set", name, value)
    during = shown(ask)
    ask("fleet", "unset", name)

    assert row == {"name": name, "value": stored, "origin": "fleet"}
    assert during == before | {name: (stored, "fleet")}
    assert shown(ask) == before


def test_two_kinds_are_set_and_unset_each_by_itself(ask):
    ask("fleet", "set", "speed_knots_max_by_kind.tug", "12")
    ask("fleet", "set", "speed_knots_max_by_kind.cargo", "30")
    ask("fleet", "unset", "speed_knots_max_by_kind.tug")

    rows = shown(ask)
    assert rows["speed_knots_max_by_kind.tug"] == (30.0, "setting")
    assert rows["speed_knots_max_by_kind.cargo"] == (30.0, "fleet")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("set", "jump_metres_min", "far"), "jump_metres_min"),
        (("set", "recorded_at_min", "2019-01-01T00:00:00Z"), "recorded_at_min"),
        (("set", "speed_knots_max_by_kind.tub", "9"), "There is no threshold"),
        (("set", "depth_metres_min", "9"), "There is no threshold"),
        (("unset", "depth_metres_min"), "There is no threshold"),
    ],
)
def test_a_threshold_that_makes_no_sense_is_refused_and_named(run, audited, words, complaint):
    result = run("fleet", *words)

    assert result.exit_code == 1
    assert complaint in result.stderr
    assert audited() == []


def test_every_change_is_audited_and_told_to_the_workers(ask, audited, engine):
    ask("fleet", "set", "jump_metres_min", "500")
    ask("fleet", "unset", "jump_metres_min")

    assert [action for action, _ in audited()] == [
        "fleet.threshold_set",
        "fleet.threshold_unset",
    ]
    with engine.connect() as connection:
        row = connection.execute(text("SELECT revision, thresholds FROM fleet")).one()
    assert (row.revision, row.thresholds) == (3, None)


def test_a_sentence_says_what_counts_now(run):
    assert (
        "jump_metres_min is 500.0 for this fleet."
        in run("fleet", "set", "jump_metres_min", "500").stdout
    )
