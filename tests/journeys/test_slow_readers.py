"""Readers that stall, that read on later, or that read slowly: what it costs, and whom."""

import json
import time
from datetime import UTC, datetime, timedelta
from itertools import count

import psutil
import pytest

from tests.builders import ping
from tests.journeys.crowd import Crowd, stream_lines
from tests.journeys.fleet_server import FleetServer, wait_until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(180)]

STREAMS, STALLED = 1000, 100
STALLED_SECONDS = 8.0
LOG_EVENTS = 1500
BURST = 100
MORE_THAN_THE_BUFFERS = 5
"""Bursts: about 210 KB, and the kernel holds 140 KB for one."""
GROWTH_MB_MAX = 24


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    server = FleetServer(
        tmp_path_factory.mktemp("harbor"),
        workers=1,
        streams_key_max=2 * STREAMS,
        stream_stalled_s=STALLED_SECONDS,
        log_events_max=LOG_EVENTS,
    )
    try:
        server.set_up()
        server.start()
        wait_until_it_is_quiet(server)
        yield server
    finally:
        server.tear_down()


def wait_until_it_is_quiet(fleet):
    """Both vessels were told as added, so that only positions come from now on."""
    with Crowd(fleet) as crowd:
        (one,) = crowd.add(1)
        wait_until(lambda: one.last_event_id.partition("-")[2] == "2", 20)


@pytest.fixture
def crowd(fleet):
    with Crowd(fleet) as one:
        yield one


CLOCK = count()
BEGAN = datetime.now(UTC) - timedelta(hours=20)


def sail(fleet, bursts):
    """So many arrays of positions in order; the time of the newest."""
    hull, newest = fleet.cast.vinga, ""
    for _ in range(bursts):
        times = [BEGAN + timedelta(seconds=next(CLOCK)) for _ in range(BURST)]
        newest = times[-1].isoformat().replace("+00:00", "Z")
        reports = [ping(recorded_at=at.isoformat()) for at in times]
        assert fleet.post(hull, reports).status == 201
    return newest


def number_of(caller):
    """Of the last event that it knows."""
    return int(caller.last_event_id.partition("-")[2])


def wait_for_all(callers, number):
    def who_lacks_it():
        return f"{sum(number_of(one) < number for one in callers)} lack {number}"

    wait_until(lambda: all(number_of(one) >= number for one in callers), 60, who_lacks_it)


def memory_mb(fleet):
    return sum(psutil.Process(pid).memory_full_info().uss for pid in fleet.workers()) / 1e6


def tell_all(fleet, callers, bursts):
    """Seconds until the last of them has heard of the last event, burst by burst."""
    number = max(map(number_of, callers))
    began = time.monotonic()
    for _ in range(bursts):
        sail(fleet, 1)
        number += BURST
        wait_for_all(callers, number)
    return time.monotonic() - began


def test_a_hundred_who_never_read_cost_the_others_nothing_and_are_let_go(fleet, crowd, figures):
    readers = crowd.add(STREAMS - STALLED, query="?mode=all")
    tell_all(fleet, readers, 1)
    alone_s = tell_all(fleet, readers, MORE_THAN_THE_BUFFERS)
    stalled = crowd.add(STALLED // 2, query="?mode=all", has_small_buffer=True)
    stalled += crowd.add(STALLED // 2, has_small_buffer=True)
    crowd.stall(stalled)
    before_mb, ended = memory_mb(fleet), len(stream_lines(fleet, "stream.closed"))

    beside_s = tell_all(fleet, readers, MORE_THAN_THE_BUFFERS)
    grown_mb = memory_mb(fleet) - before_mb
    stalled_at = time.monotonic()
    wait_until(lambda: len(ends(fleet)) == ended + STALLED, STALLED_SECONDS + 10)
    let_go_s = time.monotonic() - stalled_at
    tell_all(fleet, readers, 1)

    # The kernel's own clock for unread bytes (TCP_USER_TIMEOUT) may be first by a moment.
    assert {end["reason"] for end in ends(fleet)[ended:]} <= {"stalled", "client_left"}
    assert [gap for one in readers for gap in one.gaps()] == []
    assert grown_mb < GROWTH_MB_MAX
    assert let_go_s < STALLED_SECONDS + 3
    figures["100 of 1,000 never read"] = (
        f"{MORE_THAN_THE_BUFFERS * BURST} events were with the other {len(readers)} in"
        f" {beside_s:.2f} s ({alone_s:.2f} s without them), the worker grew by"
        f" {grown_mb:.1f} MB, let go after {let_go_s:.1f} s"
    )


def ends(fleet):
    return stream_lines(fleet, "stream.closed")


def stalled_for(fleet, crowd, callers, bursts):
    """They stall, so much happens, and they read again; the time of the newest."""
    crowd.stall(callers)
    newest = sail(fleet, bursts)
    crowd.read_again(callers)
    return newest


def newest_heard(caller):
    """The time of the last position in what it was told."""
    for frame in reversed(caller.frames):
        data = json.loads(frame.data)
        if frame.kind == "snapshot":
            return max(one["properties"]["recorded_at"] for one in data["features"])
        if frame.kind == "position":
            return data["properties"]["recorded_at"]
    return None


def test_a_latest_reader_that_reads_again_is_told_how_many_it_missed_and_the_newest(
    fleet, crowd
):
    callers = crowd.add(3, keeps_frames=True, has_small_buffer=True)
    before = number_of(callers[0])

    newest = stalled_for(fleet, crowd, callers, 12)

    wait_for_all(callers, before + 12 * BURST)
    for caller in callers:
        merged = [
            json.loads(one.data)["events"] for one in caller.frames if one.kind == "merged"
        ]
        assert merged, caller.kinds()[-5:]
        assert len(caller.numbers()) + sum(merged) == 12 * BURST
        assert newest_heard(caller) == newest
        assert "resync" not in caller.kinds()


def test_a_reader_of_all_that_reads_again_soon_gets_everything(fleet, crowd):
    callers = crowd.add(3, query="?mode=all", has_small_buffer=True)
    before = number_of(callers[0])

    stalled_for(fleet, crowd, callers, 12)

    wait_for_all(callers, before + 12 * BURST)
    for caller in callers:
        assert caller.numbers() == list(range(before + 1, before + 12 * BURST + 1))


def test_who_fell_out_of_the_log_is_told_so_and_a_reader_of_all_resumes_without_loss(
    fleet, crowd
):
    latest = crowd.add(2, keeps_frames=True, has_small_buffer=True)
    readers = crowd.add(2, query="?mode=all", keeps_frames=True, has_small_buffer=True)
    before = number_of(readers[0])
    bursts = 2 * LOG_EVENTS // BURST + 8

    newest = stalled_for(fleet, crowd, latest + readers, bursts)
    wait_until(lambda: all(one.endings for one in readers), 20)
    assert [one.kinds()[-1] for one in readers] == ["resync", "resync"]
    assert json.loads(readers[0].frames[-1].data) == {"reason": "too_slow"}
    for reader in readers:
        crowd.come_back(reader)

    wait_for_all(latest + readers, before + bursts * BURST)
    for reader in readers:
        assert reader.numbers() == list(range(before + 1, before + bursts * BURST + 1))
    for one in latest:
        assert one.kinds()[-2:] == ["resync", "snapshot"]
        assert newest_heard(one) == newest


def test_who_reads_slowly_but_steadily_is_not_let_go_and_misses_nothing(fleet, crowd):
    (slow,) = crowd.add(1, query="?mode=all", is_slow=True)
    before = number_of(slow)

    sail(fleet, 8)

    began = time.monotonic()
    wait_for_all([slow], before + 8 * BURST)
    assert time.monotonic() - began > STALLED_SECONDS, "it was not slow"
    assert slow.numbers() == list(range(before + 1, before + 8 * BURST + 1))
    assert slow.endings == []
