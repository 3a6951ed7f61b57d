"""One rig for all trials, and the table of seeded bugs at the end of the output."""

from collections.abc import Iterator

import pytest

from tests.proof.rig import Rig
from tests.proof.variants import VARIANTS, Catch

CATCHES = pytest.StashKey[list[Catch]]()


@pytest.fixture(scope="session")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """PostgreSQL and Valkey for the session; a trial starts the gunicorn that it needs."""
    one = Rig(tmp_path_factory.mktemp("proof"))
    try:
        one.set_up_all()
        yield one
    finally:
        one.tear_down()


@pytest.fixture(scope="session")
def catches(request: pytest.FixtureRequest) -> list[Catch]:
    return request.config.stash.setdefault(CATCHES, [])


def pytest_terminal_summary(terminalreporter, config):
    catches = config.stash.get(CATCHES, [])
    if not catches:
        return
    terminalreporter.section("seeded bugs")
    for catch in catches:
        bug, found_by, figure = catch.row()
        terminalreporter.write_line(f"{bug:36} | {found_by:12} | {figure}")
    found = sum(catch.is_found for catch in catches)
    terminalreporter.write_line(f"found {found}/{len(catches)} of {len(VARIANTS)}")
