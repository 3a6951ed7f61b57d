"""What the audiences did, brought to the metrics and to the log."""

from collections import Counter
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from harbor.live.tallies import Tallies
from harbor.ops import metrics


class StandInHub:
    is_degraded = False
    readers = 6  # one of them by a generator


class StandInAudience:
    """As much of one as is counted."""

    groups = 2

    def __init__(self):
        self.tally = Counter()
        self.hub = StandInHub()

    def __len__(self):
        return 5

    def take_tally(self):
        done = dict(self.tally)
        self.tally.clear()
        return done


@pytest.fixture
def audience():
    return StandInAudience()


def gauge(metric):
    return metric.collect()[0].samples[0].value


def test_the_log_tells_the_sum_of_all_looks_and_the_highest_peak(audience):
    tallies = Tallies({uuid4(): audience})

    with capture_logs() as lines:
        for deliveries, peak in ((10, 4), (20, 9), (1, 2)):
            audience.tally.update(deliveries=deliveries, opened_peak=peak)
            tallies.count()
        tallies.say()

    [line] = lines
    assert (line["event"], line["streams"], line["groups"]) == ("streams.condition", 5, 2)
    assert (line["deliveries"], line["opened_peak"]) == (31, 9)


def test_nothing_is_said_of_a_fleet_where_nothing_was_done(audience):
    tallies = Tallies({uuid4(): audience})

    with capture_logs() as lines:
        tallies.say()

    assert lines == []


def test_what_stands_open_and_what_is_degraded_is_shown_as_it_is(audience):
    audience.hub.is_degraded = True
    tallies = Tallies({uuid4(): audience, uuid4(): StandInAudience()})

    tallies.count()

    assert (gauge(metrics.STREAMS), gauge(metrics.STREAM_GROUPS)) == (12, 4)
    assert gauge(metrics.FEED_DEGRADED) == 1
