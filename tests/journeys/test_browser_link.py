"""What the page makes of each thing that a server may say: here the test is the server."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.builders import ping
from tests.journeys.desk import Desk, says, send, shows
from tests.journeys.fleet_server import wait_until
from tests.journeys.spoken_stream import OPENING, SPOKEN_STREAM, feature, hear

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.timeout(60)]

GO_AHEAD = """(by_ms) => {
    for (const clock of [Date, performance]) {
        const real = clock.now.bind(clock);
        clock.now = () => real() + by_ms;
    }
}"""


@pytest.fixture
def page(browser, fleet) -> Iterator[Page]:
    """A map that has a stream of its own, on which the test speaks."""
    desk = Desk(browser, fleet, without=("SharedWorker", "BroadcastChannel"))
    desk.context.add_init_script(SPOKEN_STREAM)
    yield desk.tab("connecting")
    desk.close()


def asked(page: Page, times: int) -> list[dict]:
    """Wait until the page has asked so often; when, and with which Last-Event-ID."""
    page.wait_for_function("times => asked.length >= times", arg=times, timeout=15_000)
    requests: list[dict] = page.evaluate("asked")
    return requests


def test_a_stream_that_says_reconnect_is_resumed_when_its_retry_is_over(page):
    hear(page, OPENING % feature(57.6))
    says(page, "live")
    hear(page, 'retry: 1500\n\nevent: reconnect\ndata: {"reason": "leaving"}\n\n')
    page.evaluate("end()")

    says(page, "reconnecting")
    expect(page.locator("#connection")).to_have_attribute("title", "The server is restarting.")
    first, second = asked(page, 2)
    assert second["last"] == "e-1"
    assert second["at"] - first["at"] >= 1_500


def test_a_server_that_is_full_is_asked_less_and_less_often(page):
    full = 'retry: 300\n\nevent: reconnect\ndata: {"reason": "full"}\n\n'
    for times in range(1, 5):
        asked(page, times)
        hear(page, full)
        page.evaluate("end()")
        says(page, "reconnecting")

    title = "The server has as many streams as it can carry."
    expect(page.locator("#connection")).to_have_attribute("title", title)
    moments = [one["at"] for one in asked(page, 5)]
    waits = [later - sooner for sooner, later in pairwise(moments)]
    assert all(wait >= floor for wait, floor in zip(waits, (300, 500, 500, 500), strict=True))


def test_positions_from_the_archive_move_the_vessel_and_not_the_cursor(page):
    hear(page, OPENING % feature(57.6))
    hear(page, 'event: feed\ndata: {"state": "degraded"}\n\n')
    hear(page, f"event: position\ndata: {feature(57.7)}\n\n")

    shows(page, "a", 57.7)
    says(page, "degraded")
    page.evaluate("end()")
    assert asked(page, 2)[1]["last"] == "e-1"


def test_events_that_were_merged_are_told_in_the_connections_title(page):
    hear(page, OPENING % feature(57.6))
    hear(page, 'event: merged\ndata: {"events": 7}\n\n')
    hear(page, f"id: e-9\nevent: position\ndata: {feature(57.7)}\n\n")

    pill = page.locator("#connection")
    expect(pill).to_have_attribute("data-state", "live")
    expect(pill).to_have_attribute("title", "7 updates were left out for newer ones.")


def test_a_vessel_that_left_the_box_is_gone_from_the_map_until_she_is_back(page):
    hear(page, OPENING % feature(57.6))
    shows(page, "a", 57.6)

    gone = feature(58, ', "state": "outside"')
    hear(page, f"id: e-2\nevent: vessel\ndata: {gone}\n\n")
    page.wait_for_function("() => !harbor.vessels().some(({id}) => id === 'a')")
    hear(page, f"id: e-3\nevent: position\ndata: {feature(57.9)}\n\n")

    shows(page, "a", 57.9)


def test_after_resync_the_snapshot_is_the_whole_truth(page):
    hear(page, OPENING % feature(57.6))
    shows(page, "a", 57.6)

    hear(page, 'event: resync\ndata: {"reason": "history_gone"}\n\n')
    hear(page, OPENING % feature(57.8, vessel="b"))

    shows(page, "b", 57.8)
    on_the_map = "harbor.vessels().filter(({latitude}) => latitude !== null).map(({id}) => id)"
    assert page.evaluate(on_the_map) == ["b"]


def test_a_stream_that_ends_without_a_word_is_resumed_behind_the_last_whole_event(page):
    hear(page, OPENING % feature(57.6))
    hear(page, f"id: e-2\nevent: position\ndata: {feature(57.7)}\n\nid: e-3\nevent: posi")
    shows(page, "a", 57.7)

    page.evaluate("end()")

    assert asked(page, 2)[1]["last"] == "e-2"


def test_a_computer_that_slept_resumes_on_a_new_connection(page):
    hear(page, OPENING % feature(57.6))
    says(page, "live")

    page.evaluate("const real = Date.now; Date.now = () => real() + 3_600_000")

    assert asked(page, 2)[1]["last"] == "e-1"


def test_a_server_that_goes_quiet_is_called_stale_and_left_in_the_end(page):
    hear(page, OPENING % feature(57.6))
    says(page, "live")

    page.evaluate(GO_AHEAD, 25_000)
    says(page, "stale")
    page.evaluate(GO_AHEAD, 20_000)

    assert asked(page, 2)[1]["last"] == "e-1"


def test_a_browser_whose_shared_workers_fail_takes_another_way(browser, fleet):
    desk = Desk(browser, fleet)
    desk.context.add_init_script(
        "globalThis.SharedWorker = class { port = new MessageChannel().port1;"
        " constructor() { setTimeout(() => this.onerror(new Event('error'))); } };"
    )

    tabs = desk.tabs(2)
    send(fleet, fleet.cast.vinga, ping(latitude=57.61))

    for tab in tabs:
        shows(tab, fleet.cast.vinga.id, 57.61)
    desk.close()


def test_a_leader_that_hangs_is_replaced_by_a_tab_that_does_not(browser, fleet):
    desk = Desk(browser, fleet, without=("SharedWorker",))
    leader, follower = desk.tabs(2)
    before = fleet.log.read_text().count("stream.opened")
    leader.evaluate("BroadcastChannel.prototype.postMessage = () => {}")

    # The follower's clock goes ahead by more than it would wait for a word of the leader.
    follower.evaluate("const real = Date.now; Date.now = () => real() + 80_000")
    wait_until(lambda: fleet.log.read_text().count("stream.opened") > before, 15)
    send(fleet, fleet.cast.vinga, ping(latitude=57.62))

    shows(follower, fleet.cast.vinga.id, 57.62, 15)
    desk.close()
