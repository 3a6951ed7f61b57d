"""Clients that we did not write hear the feed, in order, and resume it."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from tests.builders import ping
from tests.journeys.desk import Desk, chromium, send
from tests.journeys.fleet_server import FleetServer, wait_until
from tests.journeys.programs import (
    BrowserSource,
    Program,
    curl,
    npm_eventsource,
    passages,
    wait_for_all,
)

pytestmark = [pytest.mark.journey, pytest.mark.timeout(60)]

Client = Program | BrowserSource
places = (57.6 + number / 10_000 for number in count())


@pytest.fixture
def opened() -> Iterator[Callable[[Program], Program]]:
    """Closes at the end what a test has opened."""
    clients: list[Program] = []

    def keep(client: Program) -> Program:
        clients.append(client)
        wait_until(client.told, 10)
        return client

    yield keep
    for client in clients:
        client.close()


@pytest.fixture(params=["npm", "browser"])
def source(request, fleet, opened) -> Iterator[Client]:
    """An EventSource: it connects again, and resumes, by itself."""
    if request.param == "npm":
        yield opened(npm_eventsource(fleet))
        return
    with chromium() as browser:
        desk = Desk(browser, fleet)
        page = desk.context.new_page()
        page.goto(fleet.url + "/login")
        source = BrowserSource(page)
        wait_until(source.told, 10)
        yield source
        desk.close()


def sail(fleet: FleetServer, times: int = 1) -> list[float]:
    """Vinga reports from places where she has not been before; their latitudes."""
    sailed = [round(next(places), 4) for _ in range(times)]
    for latitude in sailed:
        send(fleet, fleet.cast.vinga, ping(latitude=latitude))
    return sailed


def assert_each_once_in_order(client: Client, sailed: list[float]) -> None:
    numbers = [number for number, _ in passages(client)]
    told = [
        f"{one.kind} {one.event_id[-4:]} {one.data.get('reason', '')}" for one in client.told()
    ]
    assert numbers == list(range(numbers[0], numbers[0] + len(sailed))), told
    assert sorted(latitude for _, latitude in passages(client)) == sailed


@pytest.mark.browser
def test_an_event_source_hears_a_snapshot_then_positions_in_order(source, fleet):
    sailed = sail(fleet, 5)

    wait_for_all(source, sailed)

    assert next(one.kind for one in source.told() if one.kind != "feed") == "snapshot"
    assert_each_once_in_order(source, sailed)


@pytest.mark.browser
def test_an_event_source_resumes_over_a_reload_without_gap_or_repeat(source, fleet):
    sailed = sail(fleet, 3)
    wait_for_all(source, sailed)

    old = set(fleet.workers())
    fleet.reload()
    sailed += sail(fleet, 10)
    wait_until(lambda: not old & set(fleet.workers()), 15, fleet.tail)
    sailed += sail(fleet, 3)

    wait_for_all(source, sailed)
    assert_each_once_in_order(source, sailed)
    kinds = [one.kind for one in source.told()]
    assert "resync" not in kinds
    assert kinds.count("snapshot") == 1


@pytest.mark.parametrize("options", [(), ("--compressed",)], ids=["plain", "compressed"])
def test_curl_hears_the_feed_as_it_comes_and_resumes_by_id(fleet, opened, options):
    first = opened(curl(fleet, *options))
    sailed = sail(fleet, 3)
    wait_for_all(first, sailed)
    assert next(one.kind for one in first.told() if one.kind != "feed") == "snapshot"
    assert_each_once_in_order(first, sailed)
    last = first.told()[-1].event_id
    first.close()

    sailed = sail(fleet, 4)
    second = opened(curl(fleet, *options, "-H", f"Last-Event-ID: {last}"))

    wait_for_all(second, sailed)
    sailed += sail(fleet)
    wait_for_all(second, sailed)
    assert_each_once_in_order(second, sailed)
    assert {one.kind for one in second.told()} <= {"position", "late", "feed"}


def test_curl_gets_compressed_bytes_when_it_asks_for_them(fleet, opened, tmp_path):
    headers = tmp_path / "headers"

    opened(curl(fleet, "--compressed", "-D", str(headers)))

    assert "content-encoding: gzip" in headers.read_text().lower()
