"""Faults of ours reach the error tracker, refusals don't."""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from harbor.errors import Misconfigured
from harbor.ops import error_tracking
from tests.builders import bearer


@pytest.fixture
def tracker(monkeypatch):
    """The SDK as far as we call it: the real one patches the whole process for good."""
    tracker = ModuleType("sentry_sdk")
    tracker.__spec__ = ModuleSpec("sentry_sdk", None)
    tracker.begun, tracker.captured = [], []
    tracker.init = lambda **options: tracker.begun.append(options)
    tracker.capture_exception = tracker.captured.append
    monkeypatch.setitem(sys.modules, "sentry_sdk", tracker)
    return tracker


def test_with_a_dsn_it_begins_and_takes_neither_bodies_nor_local_variables(tracker):
    error_tracking.install("http://key@127.0.0.1:9/1", "testing")

    [options] = tracker.begun
    assert options["max_request_body_size"] == "never"
    assert options["include_local_variables"] is False


def test_without_a_dsn_nothing_begins(tracker):
    error_tracking.install("", "testing")

    assert tracker.begun == []


def test_a_dsn_without_the_library_is_refused_at_the_start(monkeypatch):
    monkeypatch.setattr("harbor.ops.error_tracking.find_spec", lambda name: None)

    with pytest.raises(Misconfigured, match=r"harbor-fleet\[sentry\]"):
        error_tracking.install("http://key@127.0.0.1:9/1", "testing")


def test_a_fault_is_reported(client, cast, runtime, tracker):
    fault = RuntimeError("broken")

    def fail(*_):
        raise fault

    runtime.latest = fail

    client.get("/api/v1/vessels", headers=bearer(cast.partner_key))

    assert tracker.captured == [fault]


def test_what_is_refused_on_purpose_is_not_reported(client, app, tracker):
    assert client.get("/api/v1/vessels").status_code == 401
    assert client.get("/nothing").status_code == 404

    assert tracker.captured == []
