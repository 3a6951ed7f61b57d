"""What is left out of many events, and what is not."""

import pytest

from harbor.fleet.geo import Box
from harbor.live.event import ALERT, NO_VESSEL, VESSEL, Placed
from harbor.live.wish import CONFLATE_FROM, Wish, kinds_of
from tests.live.test_audience import moved
from tests.live.test_hub import event
from tests.live.test_subscription import parse

INSIDE, OUTSIDE = (57.5, 11.5), (57.5, 13.0)


@pytest.mark.parametrize("rate_s", [0, 5])
def test_that_a_vessel_left_the_box_is_not_left_out_for_her_new_name(rate_s):
    wish = Wish(box=Box(11, 57, 12, 58), rate_s=rate_s)
    sailed = [moved(number, INSIDE, INSIDE) for number in range(1, CONFLATE_FROM + 1)]
    left = moved(CONFLATE_FROM + 1, OUTSIDE, INSIDE)
    renamed = event(CONFLATE_FROM + 2, kind=VESSEL)._replace(placed=left.placed, before=OUTSIDE)

    told = parse(wish.join([*sailed, left, renamed]))

    assert [event_id for _, event_id, _ in told if event_id] == ["e1-501", "e1-502"]
    assert told[-2][2]["properties"]["state"] == "outside"


def alert(number, vessel_id, place=(float("nan"), float("nan"))):
    placed = Placed(vessel_id, 0, *place, b'{"id":"%d"}' % number)
    ready = b'id: e1-%d\nevent: alert\ndata: {"id":"%d"}\n\n' % (number, number)
    return event(number, kind=ALERT)._replace(placed=placed, frame=ready, before=None)


def kinds(wish, *events):
    return [(event_id, kind) for kind, event_id, _ in parse(wish.join(events))]


def test_an_alert_is_told_wherever_it_was_raised_and_also_without_a_place():
    wish = Wish(box=Box(11, 57, 12, 58))

    told = kinds(wish, alert(1, "a"), alert(2, "a", OUTSIDE), alert(3, NO_VESSEL, INSIDE))

    assert told == [(f"e1-{n}", "alert") for n in (1, 2, 3)]


def test_who_may_see_some_vessels_hears_of_no_other_alert():
    wish = Wish(vessel_ids=frozenset({"a"}))

    told = kinds(wish, alert(1, "b", INSIDE), alert(2, NO_VESSEL, INSIDE), alert(3, "a"))

    assert told == [("e1-3", "alert")]


def test_alerts_may_be_left_out_by_who_asks_for_something_else():
    positions, alerts = (Wish(kinds=kinds_of(name)) for name in ("position", "alert"))

    assert kinds(positions, alert(1, "a")) == []
    assert kinds(alerts, alert(1, "a"), moved(2, INSIDE, INSIDE)) == [("e1-1", "alert")]


@pytest.mark.parametrize("rate_s", [0, 5])
def test_no_alert_is_left_out_for_a_reader_that_is_behind(rate_s):
    sailed = [moved(number, INSIDE, INSIDE) for number in range(1, CONFLATE_FROM + 1)]
    raised = [alert(CONFLATE_FROM + number, "a") for number in (1, 2, 3)]

    told = kinds(Wish(rate_s=rate_s), *sailed, *raised)

    assert [kind for _, kind in told if kind == "alert"] == ["alert"] * 3
