"""Which tracker speaks for a vessel that has several."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.fleet.sources import (
    NO_DIFFERENCE,
    Said,
    Standing,
    differing,
    spoken_for,
    usual_standing,
)
from tests.builders import NOON, TRACKER, VESSEL

GPS, SIGNALK, AIS = (
    usual_standing("owntracks"),
    usual_standing("signalk"),
    usual_standing("ais"),
)


def said(seconds: int, standing: Standing) -> Said:
    return Said(NOON + timedelta(seconds=seconds), standing, (seconds, standing))


@pytest.mark.parametrize(
    ("before", "later", "is_replaced"),
    [
        (said(0, GPS), said(10, GPS), True),
        (said(0, GPS), said(720, AIS), False),
        (said(0, GPS), said(721, AIS), True),
        (said(0, AIS), said(1, GPS), True),
        (said(0, AIS), said(0, GPS), False),
        (said(5, AIS), said(0, GPS), False),
        (said(0, Standing(10, 5)), said(6, AIS), True),
    ],
)
def test_a_source_that_counts_less_waits_until_the_better_one_was_silent(
    before, later, is_replaced
):
    assert before.gives_way_to(later) is is_replaced


def test_of_nobody_nobody_speaks():
    assert spoken_for([]) is None


def test_the_newest_of_equals_speaks():
    assert spoken_for([said(3, GPS), said(9, GPS), said(5, GPS)]) == (9, GPS)


fixes = st.lists(
    st.tuples(st.integers(0, 4_000), st.sampled_from([GPS, SIGNALK, AIS])), unique=True
)


@given(fixes)
def test_the_newest_of_each_tells_as_much_as_all_that_was_said_in_order(spoken):
    speaks = None
    # At the same moment the better one is heard first: the other is not newer then.
    for one in (
        said(*fix) for fix in sorted(spoken, key=lambda fix: (fix[0], fix[1].precedence))
    ):
        if speaks is None or speaks.gives_way_to(one):
            speaks = one
    newest = [
        max(fixes)
        for g in (GPS, SIGNALK, AIS)
        if (fixes := [f[0] for f in spoken if f[1] == g])
    ]
    kinds = [g for g in (GPS, SIGNALK, AIS) if any(f[1] == g for f in spoken)]

    found = spoken_for([said(at, g) for at, g in zip(newest, kinds, strict=True)])

    assert found == (None if speaks is None else speaks.what)


def test_where_all_count_the_same_there_is_nothing_to_choose():
    assert differing({TRACKER: GPS, VESSEL: Standing(10, 60)}) is NO_DIFFERENCE
    assert differing({TRACKER: GPS, VESSEL: AIS}) == {TRACKER: GPS, VESSEL: AIS}
