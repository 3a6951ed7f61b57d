"""What is left out of many events, and what is not."""

import pytest

from harbor.fleet.geo import Box
from harbor.live.event import VESSEL
from harbor.live.wish import CONFLATE_FROM, Wish
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
