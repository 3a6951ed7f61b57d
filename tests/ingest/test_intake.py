"""What is kept of every message besides its reports: when and whence it came."""

from datetime import timedelta

import gevent
import pytest
from sqlalchemy import text

from harbor import create_app
from harbor.errors import Unavailable
from harbor.store import trackers
from harbor.store.trackers import Sighting
from tests.builders import NOON, moment, ping, post


def heard(runtime, cast):
    with runtime.database.session() as session:
        rows = trackers.all_trackers(session, cast.fleet_id)
        return {one.name: (one.last_seen_at, one.last_address) for one in rows}


def test_a_tracker_s_last_time_and_address_are_written_down(client, cast, runtime):
    began_at = runtime.clock()
    post(client, cast.vinga, ping())

    runtime.intake.write_down_seen()

    seen = heard(runtime, cast)
    seen_at, address = seen.pop("Vinga tracker")
    assert address == "127.0.0.1"
    assert began_at <= seen_at <= runtime.clock()
    assert set(seen.values()) == {(None, None)}


def test_a_tracker_that_sends_nonsense_was_heard_all_the_same(client, cast, runtime):
    post(client, cast.vinga, b"{")

    runtime.intake.write_down_seen()

    assert heard(runtime, cast)["Vinga tracker"][1] == "127.0.0.1"


@pytest.fixture
def mean_client(settings, cast):
    """A door that lets ten requests of a tracker through at once, and hardly any later."""
    changed = {"tracker_requests_per_s": 0.001, "tracker_requests_burst": 10}
    app = create_app(settings.model_copy(update=changed))
    service = app.extensions["harbor"]
    greenlets = service.start_writing()
    yield app.test_client()
    service.leave()
    gevent.killall(greenlets, block=True)
    service.close()


@pytest.mark.parametrize(
    "nonsense",
    [ping(latitude=99), ping(latitude=0, longitude=0)],
    ids=["rejected", "quarantined"],
)
def test_an_array_of_nonsense_is_paid_for_report_by_report(mean_client, cast, nonsense):
    first = post(mean_client, cast.vinga, [nonsense] * 9)

    assert first.status_code != 429
    assert post(mean_client, cast.vinga, ping()).status_code == 429
    assert post(mean_client, cast.hono, ping()).status_code == 201


def test_an_array_of_good_reports_costs_no_more_than_it_did(mean_client, cast):
    reports = [ping(recorded_at=moment(ago)) for ago in range(24)]

    answers = [post(mean_client, cast.vinga, reports).status_code for _ in range(11)]

    assert answers == [201, *[200] * 9, 429]


def test_a_body_that_cannot_be_read_is_paid_for_twice(mean_client, cast):
    answers = [post(mean_client, cast.vinga, b"{").status_code for _ in range(6)]

    assert answers == [400, 400, 400, 400, 400, 429]


def test_behind_a_proxy_the_address_is_the_tracker_s_own(cast, settings):
    app = create_app(settings.model_copy(update={"proxies": 1}))
    runtime = app.extensions["harbor"]

    post(app.test_client(), cast.vinga, b"{", **{"X-Forwarded-For": "10.9.9.9, 192.0.2.7"})
    runtime.intake.write_down_seen()

    assert heard(runtime, cast)["Vinga tracker"][1] == "192.0.2.7"
    runtime.close()


def test_who_signs_wrongly_was_not_heard(client, cast, runtime):
    from dataclasses import replace

    post(client, replace(cast.vinga, secret=cast.hono.secret), ping())

    runtime.intake.write_down_seen()

    assert set(heard(runtime, cast).values()) == {(None, None)}


def test_what_could_not_be_written_down_is_written_down_later(client, cast, runtime, postgres):
    post(client, cast.vinga, ping())
    postgres.kill()
    try:
        with pytest.raises(Unavailable):
            runtime.intake.write_down_seen()
    finally:
        postgres.restart()

    runtime.intake.write_down_seen()

    assert heard(runtime, cast)["Vinga tracker"][1] == "127.0.0.1"


def test_an_older_sighting_of_another_worker_does_not_replace_a_newer_one(cast, runtime):
    def note(at, address):
        with runtime.database.session() as session:
            trackers.note_seen(session, [Sighting(cast.shore_id, at, address)])

    note(NOON, "192.0.2.1")
    note(NOON - timedelta(seconds=1), "192.0.2.2")
    assert heard(runtime, cast)["shore"] == (NOON, "192.0.2.1")

    note(NOON + timedelta(seconds=1), None)
    assert heard(runtime, cast)["shore"] == (NOON + timedelta(seconds=1), None)


def test_an_address_of_any_length_is_cut_not_refused(cast, runtime):
    with runtime.database.session() as session:
        trackers.note_seen(session, [Sighting(cast.shore_id, NOON, "x" * 1000)])

    assert heard(runtime, cast)["shore"] == (NOON, "x" * 64)


def test_a_sighting_is_no_change_that_every_worker_must_read(cast, runtime):
    def revisions():
        with runtime.database.session() as session:
            return session.execute(text("SELECT sum(revision) FROM tracker")).scalar_one()

    before = revisions()
    with runtime.database.session() as session:
        trackers.note_seen(session, [Sighting(cast.shore_id, NOON, "192.0.2.1")])

    assert revisions() == before
