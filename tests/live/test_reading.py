"""What one reader is told, and from where on it may resume."""

from datetime import UTC, datetime

import pytest

from harbor.fleet.status import Patience
from harbor.live import notice
from harbor.live.hub import Hub
from harbor.live.latest import Latest
from harbor.live.reading import QUIET_EVENTS, Manners, Reading
from harbor.live.wish import Wish
from tests.builders import FLEET
from tests.live.test_hub import EPOCH, event

MANNERS = Manners(15, 1, Patience(180, 900), lambda: datetime.now(UTC))


@pytest.fixture
def hub():
    hub = Hub(FLEET, "channel", room=10_000, replay=lambda epoch, number: None)
    hub.restart(Latest((), EPOCH, 5))
    hub.degrade(False)
    return hub


def test_a_quiet_reader_is_moved_forward_when_much_went_by(hub):
    reading = Reading(hub, Wish(vessel_ids=frozenset({"v2"})), MANNERS)
    reading.opening(None)
    hub.take(EPOCH, [event(6 + n) for n in range(QUIET_EVENTS)])

    assert reading.pending() == b""
    assert reading.heartbeat() == notice.state(False, b"e1-%d" % (5 + QUIET_EVENTS))
    assert reading.heartbeat() == notice.LIVE


def test_a_heartbeat_never_moves_a_reader_past_what_its_rate_holds_back(hub):
    reading = Reading(hub, Wish(rate_s=60), MANNERS)
    reading.opening(None)
    hub.take(EPOCH, [event(6)])
    assert reading.pending()

    hub.take(EPOCH, [event(7 + n) for n in range(QUIET_EVENTS)])

    assert reading.pending() == b""
    assert reading.heartbeat() == notice.LIVE
