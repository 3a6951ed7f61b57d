"""While the feed is away: who is read for, how often, and what is said of it."""

from uuid import uuid4

import gevent
from structlog.testing import capture_logs

from harbor.errors import Unavailable
from harbor.live.event import Placed
from harbor.live.fallback import Fallback
from harbor.live.hub import Hub
from harbor.live.latest import Latest, LatestPositions
from harbor.live.source import Source


class AwayFeed:
    """A feed whose Valkey is away."""

    def head(self):
        raise Unavailable("away")


class Archive:
    """PostgreSQL as it is told to be; `recorded_us` None: away."""

    def __init__(self):
        self.recorded_us = 1
        self.reads = 0
        self.at_once = self.most_at_once = 0

    def __call__(self, fleet_id):
        self.reads += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        gevent.sleep(0.005)
        self.at_once -= 1
        if self.recorded_us is None:
            raise Unavailable("away")
        return [Placed("v1", self.recorded_us, 57.5, 11.5, b"{}")]


def a_source(archive, readers=1):
    fleet_id = uuid4()
    hub = Hub(fleet_id, f"channel of {fleet_id}", 10, lambda epoch, number: None)
    hub.readers = readers
    hub.restart(Latest((), b"e1", 5))
    return Source(hub, AwayFeed(), LatestPositions(fleet_id, AwayFeed(), archive))


def fallback(*sources):
    return Fallback({source.hub.fleet_id: source for source in sources}, 0.01)


def newest(source):
    return [placed.recorded_us for placed in source.hub.newest()]


def test_open_streams_see_the_newest_positions_while_the_feed_is_away():
    archive = Archive()
    source = a_source(archive)

    fallback(source).read_all()
    archive.recorded_us = 2
    fallback(source).read_all()

    assert newest(source) == [2]


def test_nobody_is_read_for_who_has_no_readers_or_is_live():
    archive = Archive()
    nobody, live = a_source(archive, readers=0), a_source(archive)
    live.hub.degrade(False)

    fallback(nobody, live).read_all()

    assert archive.reads == 0


def test_reads_never_overlap():
    archive = Archive()
    sources = [a_source(archive) for _ in range(3)]
    greenlet = gevent.spawn(fallback(*sources).run)

    with gevent.Timeout(10):
        while archive.reads < 20:
            gevent.sleep(0.01)
    greenlet.kill()

    assert archive.most_at_once == 1


def test_a_read_that_ends_after_the_feed_came_back_changes_nothing():
    archive = Archive()
    source = a_source(archive)
    reading = gevent.spawn(fallback(source).read_all)
    gevent.sleep(0)

    source.hub.degrade(False)
    reading.join()

    assert (archive.reads, newest(source)) == (1, [])


def test_with_postgresql_away_too_nothing_happens_and_it_is_said_once():
    archive = Archive()
    source = a_source(archive)
    reader = fallback(source)

    with capture_logs() as logs:
        for recorded_us in (None, None, None, 7, 8):
            archive.recorded_us = recorded_us
            reader.read_all()

    said = [line["event"] for line in logs]
    assert said == ["fallback.nothing_to_read", "fallback.reads_again"]
    assert newest(source) == [8]
