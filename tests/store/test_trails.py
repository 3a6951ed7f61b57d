"""The trails of a fleet: thinned, bounded, of nobody else, and each with its rhythm."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import orjson
import pytest

from harbor.store import positions, trails, vessels
from tests.builders import NOON

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("no_partitions")


@pytest.fixture
def trail(runtime, cast):
    """Each vessel's moments before noon in seconds, and its rhythm."""

    def trail(back=30 * MINUTE, vessel_id=None):
        with runtime.database.session() as session:
            span = trails.span_of(session, cast.fleet_id, NOON, back, vessel_id)
            return {
                one.vessel_id: (
                    [(fix[0] / 1000) - NOON.timestamp() for fix in read(one)],
                    one.interval_s,
                )
                for one in trails.of_fleet(session, cast.fleet_id, span, vessel_id)
            }

    return trail


def read(one):
    return orjson.loads(f"[{one.fixes}]")


def every(seconds, count):
    """Moments so far apart, the last one just before noon."""
    return [NOON - SECOND - number * seconds * SECOND for number in range(count)]


def test_a_trail_is_thinned_to_one_fix_in_eight_seconds(sail, cast, trail):
    sail(cast.vinga, *every(1, 60))

    moments, interval_s = trail()[str(cast.vinga.id)]

    assert {late - early for early, late in pairwise(moments[1:])} == {8}
    assert interval_s == 1


def test_a_rhythm_is_the_median_of_steps_and_unknown_below_three(sail, cast, trail):
    sail(cast.vinga, *(NOON - seconds * SECOND for seconds in (5, 15, 25, 325)))
    sail(cast.hono, *every(10, 3))

    found = trail()

    assert found[str(cast.vinga.id)][1] == 10
    assert found[str(cast.hono.id)][1] is None


def test_only_the_fleets_own_vessels_within_the_time_are_told(
    connection, sail, cast, stranger, trail
):
    [fix, *_] = sail(cast.vinga, NOON - MINUTE, NOON - 40 * MINUTE)
    sail(cast.hono, NOON - 31 * MINUTE)
    bystanders = [replace(fix, fleet_id=stranger), replace(fix, vessel_id=uuid4())]
    positions.record(connection, positions.in_order(bystanders), NOON)

    assert trail() == {str(cast.vinga.id): ([-60], None)}


def test_one_vessel_can_be_asked_for(sail, cast, trail):
    sail(cast.vinga, NOON - MINUTE)
    sail(cast.hono, NOON - MINUTE)

    assert trail(vessel_id=cast.hono.id) == {str(cast.hono.id): ([-60], None)}


@pytest.mark.parametrize("looks", [1, 450, 8_000])
def test_a_fleet_is_asked_for_a_few_vessels_at_a_time_and_none_is_left_out(
    monkeypatch, sail, cast, trail, runtime, looks
):
    """A question about ten thousand vessels is longer than a worker waits for a database."""
    monkeypatch.setattr(trails, "LOOKS_AT_ONCE", looks)
    with runtime.database.session() as session:
        silent = [vessels.add(session, cast.fleet_id, f"Silent {n}") for n in range(5)]
        last = vessels.add(session, cast.fleet_id, "Last")
    sail(cast.vinga, NOON - MINUTE)
    sail(replace(cast.hono, id=last.id), NOON - MINUTE)

    assert set(trail()) == {str(cast.vinga.id), str(last.id)}
    assert trail(vessel_id=silent[0].id) == {}


def test_steps_grow_longer_before_a_fleet_has_too_many_fixes(
    monkeypatch, runtime, sail, cast, trail
):
    monkeypatch.setattr(trails, "FIXES_MAX", 60)
    sail(cast.vinga, *every(10, 180))

    moments, _ = trail()[str(cast.vinga.id)]

    assert len(moments) == 30


def test_a_trail_over_midnight_at_the_end_of_a_month_has_both_sides(sail, cast, runtime):
    midnight = NOON.replace(month=6, day=1, hour=0)
    sail(cast.vinga, midnight - MINUTE, midnight + MINUTE)

    with runtime.database.session() as session:
        now = midnight + 2 * MINUTE
        span = trails.span_of(session, cast.fleet_id, now, 30 * MINUTE, None)
        [one] = trails.of_fleet(session, cast.fleet_id, span)

    assert [fix[0] / 1000 - midnight.timestamp() for fix in read(one)] == [-60, 60]
