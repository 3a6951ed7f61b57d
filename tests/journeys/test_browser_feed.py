"""The feed in a dispatcher's browser: shared by its tabs, and through every kind of break."""

import signal
from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import expect

from harbor.store import trackers, users, vessels
from harbor.store.models import Fleet
from tests.builders import moment, ping
from tests.cast import PASSWORD, Hull
from tests.journeys.desk import Desk, freeze, says, send, shows, trails
from tests.journeys.fleet_server import FleetServer, wait_until

pytestmark = [pytest.mark.journey, pytest.mark.browser, pytest.mark.timeout(90)]

HEARTBEAT_S = 2
EVERY_WAY = pytest.mark.parametrize(
    "without", [(), ("SharedWorker",)], ids=["worker", "leader"], indirect=True
)
steps = count()


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetServer]:
    server = FleetServer(tmp_path_factory.mktemp("harbor"), heartbeat_s=HEARTBEAT_S)
    try:
        server.set_up(more=another_fleet)
        server.start()
        for hull in (server.cast.hono, *server.hulls):
            assert server.post(hull, ping()).status == 201
        yield server
    finally:
        server.tear_down()


def another_fleet(runtime, cast) -> list[Hull]:
    """Somebody else's, with a vessel and a dispatcher of its own."""
    with runtime.database.session() as session:
        other = Fleet(name="Other fleet")
        session.add(other)
        session.flush()
        vessel = vessels.add(session, other.id, "Stranger", "9074731", None)
        tracker = trackers.add(session, runtime.seal, other.id, "Stranger", vessel.id)
        users.add(session, other.id, "stranger", PASSWORD)
    return [Hull(vessel.id, "Stranger", "9074731", *tracker)]


@pytest.fixture
def without(request) -> tuple[str, ...]:
    """What the browser of this test lacks."""
    return getattr(request, "param", ())


@pytest.fixture
def desk(browser, fleet, without) -> Iterator[Desk]:
    wait_until(lambda: streams(fleet) == 0, 10)
    desk = Desk(browser, fleet, without)
    yield desk
    desk.close()


def streams(fleet: FleetServer) -> int:
    """How many streams the server has open, by its log."""
    log = fleet.log.read_text()
    return log.count("stream.opened") - log.count("stream.closed")


def sail(fleet: FleetServer) -> float:
    """Vinga reports from a new place, ten seconds after the last one; its latitude.

    So far apart that the page keeps each for the trail.
    """
    step = next(steps)
    latitude = round(57.6 + step / 10_000, 4)
    report = ping(latitude=latitude, recorded_at=moment(3_600 - 10 * step))
    send(fleet, fleet.cast.vinga, report)
    return latitude


@EVERY_WAY
def test_eight_tabs_have_one_stream_and_all_of_them_move(desk, fleet):
    tabs = desk.tabs(8)

    assert streams(fleet) == 1
    latitude = sail(fleet)
    for tab in tabs:
        shows(tab, fleet.cast.vinga.id, latitude)
        says(tab, "live")


@EVERY_WAY
def test_the_stream_goes_on_until_the_last_tab_closes(desk, fleet):
    first, second, third = desk.tabs(3)

    first.close()
    latitude = sail(fleet)
    shows(second, fleet.cast.vinga.id, latitude, 15)
    second.close()
    latitude = sail(fleet)
    shows(third, fleet.cast.vinga.id, latitude, 15)
    wait_until(lambda: streams(fleet) == 1, 10, fleet.tail)

    third.close()
    wait_until(lambda: streams(fleet) == 0, 10, fleet.tail)


@EVERY_WAY
def test_a_tab_that_comes_later_is_live_at_once_and_the_server_is_not_asked(desk, fleet):
    desk.tab()
    asked = fleet.log.read_text().count("stream.opened")
    latitude = sail(fleet)

    later = desk.tab()

    shows(later, fleet.cast.vinga.id, latitude, 1)
    assert fleet.log.read_text().count("stream.opened") == asked


@pytest.mark.parametrize("others", [0, 1], ids=["alone", "beside another"])
@EVERY_WAY
def test_a_page_frozen_and_resumed_has_missed_nothing_and_moves_on(desk, fleet, others):
    sleeper, *_ = desk.tabs(1 + others)
    before = sail(fleet)
    shows(sleeper, fleet.cast.vinga.id, before)

    freeze(sleeper)
    missed = [sail(fleet) for _ in range(9)]
    freeze(sleeper, "active")

    trails(sleeper, fleet.cast.vinga.id, [before, *missed])
    says(sleeper, "live")
    shows(sleeper, fleet.cast.vinga.id, sail(fleet))


def test_a_page_kept_for_the_back_button_lets_the_stream_go_and_takes_it_up_again(desk, fleet):
    page = desk.tab()
    before = sail(fleet)
    shows(page, fleet.cast.vinga.id, before)

    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")
    wait_until(lambda: streams(fleet) == 0, 10, fleet.tail)
    missed = [sail(fleet) for _ in range(4)]
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")

    trails(page, fleet.cast.vinga.id, [before, *missed])


@EVERY_WAY
def test_reloads_under_an_open_map_lose_no_vessel_and_no_position(desk, fleet):
    page, other = desk.tabs(2)
    sailed = [sail(fleet)]
    shows(page, fleet.cast.vinga.id, sailed[0])

    for _ in range(2):
        old = set(fleet.workers())
        fleet.reload()
        sailed += [sail(fleet) for _ in range(9)]
        wait_until(lambda old=old: not old & set(fleet.workers()), 20, fleet.tail)
        for tab in (page, other):
            trails(tab, fleet.cast.vinga.id, sailed)
            says(tab, "live")

    for tab in (page, other):
        assert len(tab.evaluate("harbor.vessels()")) == 2


def test_without_a_network_every_tab_says_so_and_comes_back_with_it(desk, fleet):
    tabs = desk.tabs(2)

    desk.context.set_offline(True)
    for tab in tabs:
        says(tab, "offline")
    desk.context.set_offline(False)

    latitude = sail(fleet)
    for tab in tabs:
        says(tab, "live")
        shows(tab, fleet.cast.vinga.id, latitude)


def test_a_worker_that_crashed_is_replaced(desk, browser, fleet):
    page = desk.tab()
    session = browser.new_browser_cdp_session()
    targets = session.send("Target.getTargets")["targetInfos"]
    [worker] = [one["targetId"] for one in targets if one["type"] == "shared_worker"]
    assert session.send("Target.closeTarget", {"targetId": worker})["success"]
    wait_until(lambda: streams(fleet) == 0, 10, fleet.tail)
    latitude = sail(fleet)

    shows(page, fleet.cast.vinga.id, latitude, 40)
    assert streams(fleet) == 1


def test_after_a_log_in_in_another_tab_the_first_one_is_live_again(desk, fleet):
    page = desk.tab()
    end_sessions(fleet)
    says(page, "signed-out")

    desk.sign_in()
    desk.tab()

    says(page, "live")
    shows(page, fleet.cast.vinga.id, sail(fleet))


@EVERY_WAY
def test_a_log_out_in_one_tab_is_told_in_all_and_its_fleet_is_forgotten(desk, fleet):
    page, leaving = desk.tabs(2)

    leaving.click("summary[aria-label^=Account]")
    leaving.click("[data-logout] button")
    leaving.wait_for_url("**/login**")
    says(page, "signed-out", 5)
    leaving.fill("[name=username]", "stranger")
    leaving.fill("[name=password]", PASSWORD)
    leaving.click("button[type=submit]")

    says(leaving, "live")
    assert names(leaving) == {"Stranger"}
    page.evaluate("dispatchEvent(new Event('focus'))")
    says(page, "signed-out")
    assert "Stranger" not in names(page)
    sail(fleet)
    assert names(leaving) == {"Stranger"}


def names(page) -> set[str]:
    return set(page.evaluate("harbor.vessels().map((vessel) => vessel.name)"))


def end_sessions(fleet: FleetServer) -> None:
    """What a log-out in another browser does."""
    page = fleet.get("/fleet/map", Cookie=fleet.log_in())
    token = page.data.decode().split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    answer = fleet.http.request(
        "POST",
        f"{fleet.url}/logout",
        fields={"csrf_token": token},
        headers={"Cookie": page.headers["Set-Cookie"].split(";")[0]},
        redirect=False,
    )
    assert answer.status == 302


def test_while_valkey_is_away_the_map_moves_and_says_that_it_is_late(desk, fleet):
    page = desk.tab()
    fleet.valkey.kill(signal.SIGKILL)
    try:
        says(page, "degraded")
        shows(page, fleet.cast.vinga.id, sail(fleet), 10)
        pill = page.locator("#connection")
        expect(pill).to_have_attribute(
            "title", "Positions come from the archive, up to 1 s late."
        )
        expect(page.locator("#banner")).to_be_visible(timeout=15_000)
        expect(page.locator("html")).to_have_attribute("data-frozen", "false")
    finally:
        fleet.valkey.restart()

    says(page, "live", 20)
    expect(page.locator("#banner")).to_be_hidden(timeout=2_000)
    shows(page, fleet.cast.vinga.id, sail(fleet))
