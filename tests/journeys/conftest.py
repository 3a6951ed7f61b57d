"""One whole Harbor per module of journeys; a test that breaks a part mends it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys.desk import Desk, chromium
from tests.journeys.fleet_server import FleetServer, running

FIGURES = pytest.StashKey[dict[str, str]]()


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetServer]:
    with running(tmp_path_factory.mktemp("harbor")) as server:
        yield server


@pytest.fixture(autouse=True)
def settled(request: pytest.FixtureRequest) -> Iterator[None]:
    """What one test reloads has ended before the next begins."""
    yield
    fleet = request.node.funcargs.get("fleet")
    if fleet is not None:
        fleet.settle()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def desk(browser: Browser, fleet: FleetServer) -> Iterator[Desk]:
    desk = Desk(browser, fleet)
    yield desk
    desk.close()


@pytest.fixture
def listen(fleet):
    """Open streams that are closed at the end of the test."""
    opened = []

    def open_stream(key=None, query="", **headers):
        opened.append(fleet.listen(key or fleet.cast.partner_key, query, **headers))
        opened[-1].wait_for(lambda one: one.heard, 10)
        return opened[-1]

    yield open_stream
    for listener in opened:
        listener.close()


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> dict[str, str]:
    """What was measured on the way; shown at the end of the output."""
    return request.config.stash.setdefault(FIGURES, {})


def pytest_terminal_summary(terminalreporter, config):
    figures = config.stash.get(FIGURES, {})
    if figures:
        terminalreporter.section("figures of the journeys")
    for what, said in figures.items():
        terminalreporter.write_line(f"{what}: {said}")
