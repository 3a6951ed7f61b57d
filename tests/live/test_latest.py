"""The newest positions while Valkey comes and goes."""

from harbor.errors import Unavailable
from harbor.live.event import Placed
from harbor.live.feed import Newest
from harbor.live.latest import LatestPositions
from tests.builders import FLEET


class FakeFeed:
    """Valkey as it is told to be; `positions` None: away."""

    def __init__(self):
        self.positions = None

    def newest(self):
        if self.positions is None:
            raise Unavailable("away")
        return Newest(b"e1", 1, True, self.positions)


def placed(recorded_us: int, vessel: str = "v1") -> Placed:
    return Placed(vessel, recorded_us, 57.5, 11.5, b"{}")


def moments(latest) -> list[int]:
    return [one.recorded_us for one in latest.read().positions]


def test_what_postgresql_has_shown_is_not_taken_back_by_a_valkey_that_returns():
    feed = FakeFeed()
    latest = LatestPositions(FLEET, feed, lambda _: [placed(5)])
    during = moments(latest)

    feed.positions = (placed(3),)
    behind = moments(latest)
    feed.positions = (placed(6),)
    caught_up = moments(latest)

    assert (during, behind, caught_up) == ([5], [5], [6])


def test_a_vessel_that_was_removed_during_the_outage_stays_away():
    feed = FakeFeed()
    archive = [placed(5), placed(5, "v2")]
    latest = LatestPositions(FLEET, feed, lambda _: archive)
    latest.read()

    archive.pop()
    feed.positions = (placed(6),)

    assert moments(latest) == [6]


def test_a_vessel_whose_first_position_came_during_the_outage_stays():
    feed = FakeFeed()
    archive = [placed(5), placed(5, "v2")]
    latest = LatestPositions(FLEET, feed, lambda _: archive)
    latest.read()

    feed.positions = (placed(6),)
    behind = moments(latest), moments(latest)
    feed.positions = (placed(6), placed(7, "v2"))
    told = moments(latest)
    feed.positions = (placed(6),)
    removed = moments(latest)

    assert (*behind, told, removed) == ([6, 5], [6, 5], [6, 7], [6])


def test_a_first_position_stays_while_postgresql_cannot_say_more():
    feed = FakeFeed()
    answers = iter([[placed(5)]])

    def archive(_):
        for answer in answers:
            return answer
        raise Unavailable("away")

    latest = LatestPositions(FLEET, feed, archive)
    latest.read()

    feed.positions = ()

    assert moments(latest) == [5]
