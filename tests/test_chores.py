"""A worker's chores: each by itself, and heard of when one keeps failing."""

import gevent
import gevent.event
import pytest
from sqlalchemy.exc import ProgrammingError

from harbor import runtime as runtime_module
from harbor.errors import Unavailable
from harbor.runtime import CHORE_FAILURES_TO_A_WARNING, Chore

pytestmark = pytest.mark.usefixtures("app")
AWAY = Unavailable("away")
BROKEN = ProgrammingError("SELECT 1", {}, Exception("permission denied"))


@pytest.fixture
def failing():
    """A chore that fails with its `error` until it is None."""

    class Failing(Chore):
        error = None

        def __init__(self):
            super().__init__("quarantine", self.do)

        def do(self):
            if self.error:
                raise self.error

    return Failing()


@pytest.mark.parametrize("error", [AWAY, BROKEN])
def test_a_chore_that_keeps_failing_is_named_in_a_warning(failing, caplog, error):
    failing.error = error

    for _ in range(CHORE_FAILURES_TO_A_WARNING - 1):
        failing.attempt()
    before = caplog.text
    failing.attempt()

    assert "chore.failed" not in before
    [line] = [one for one in caplog.records if "chore.failed" in one.getMessage()]
    assert line.levelname == "WARNING"
    assert "quarantine" in line.getMessage()


def test_a_failure_now_and_then_is_no_warning(failing, caplog):
    for _ in range(CHORE_FAILURES_TO_A_WARNING):
        failing.error = AWAY
        failing.attempt()
        failing.error = None
        failing.attempt()

    assert "chore.failed" not in caplog.text


def test_a_fault_of_ours_still_ends_the_worker(failing):
    failing.error = KeyError("ours")

    with pytest.raises(KeyError):
        failing.attempt()


@pytest.mark.parametrize("error", [AWAY, BROKEN])
def test_a_chore_that_fails_stops_no_other_and_partitions_come_first(
    runtime, monkeypatch, error
):
    done, is_round_over = [], gevent.event.Event()

    def chore(name):
        def work(*_):
            done.append(name)
            if name == "quarantine":
                is_round_over.set()
            raise error

        return work

    monkeypatch.setattr(runtime_module, "CHORES_SECONDS", 0.001)
    monkeypatch.setattr(runtime.upkeep, "run_when_due", chore("upkeep"))
    monkeypatch.setattr(runtime.intake, "write_down_seen", chore("seen"))
    monkeypatch.setattr(runtime, "_trim_quarantine", chore("quarantine"))

    greenlet = gevent.spawn(runtime._chores)
    is_round_over.wait(5)
    greenlet.kill()

    assert done[:3] == ["upkeep", "seen", "quarantine"]
