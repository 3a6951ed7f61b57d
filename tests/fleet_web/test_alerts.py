"""What was raised lately, for the page."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from harbor.fleet.alert import Alert
from harbor.store import alerts
from tests.test_access import log_in

JSON = {"Accept": "application/json"}


@pytest.fixture
def raised(runtime, cast):
    """Two of the fleet, one of yesterday, and a stranger's."""
    now = runtime.clock()
    one = Alert(
        cast.fleet_id, cast.vinga.tracker_id, cast.vinga.id, "sos", now, now, "SOS", 57.7, 11.9
    )
    old = now - timedelta(hours=25)
    with runtime.database.session() as session:
        alerts.add(session, [replace(one, recorded_at=old, received_at=old)])
        alerts.add(session, [one])
        later = replace(one, is_over=True, received_at=now + timedelta(seconds=9))
        alerts.add(session, [replace(later, vessel_id=None)])


def test_the_page_is_told_what_was_raised_since_yesterday_the_newest_first(
    raised, client, cast, runtime
):
    log_in(client, cast)

    answer = client.get("/fleet/alerts", headers=JSON)

    over, sos = answer.json["features"]
    assert (sos["properties"]["name"], sos["properties"]["kind"]) == ("Vinga", "sos")
    assert sos["geometry"]["coordinates"] == [11.9, 57.7]
    assert (over["properties"]["is_over"], over["properties"]["vessel_id"]) == (True, None)


def test_another_fleet_hears_nothing_of_it(raised, client, cast, runtime, stranger):
    log_in(client, cast)
    with runtime.database.session() as session:
        assert alerts.since(session, stranger, runtime.clock() - timedelta(days=9), 9) == []


def test_alerts_are_told_to_nobody_without_a_session(client, cast):
    answer = client.get("/fleet/alerts", headers=JSON)

    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


def test_old_alerts_are_forgotten(raised, runtime, cast):
    now = runtime.clock()
    with runtime.database.session() as session:
        assert alerts.trim(session, now - timedelta(hours=1), 100) == 1
        assert len(alerts.since(session, cast.fleet_id, now - timedelta(days=9), 9)) == 2


def test_what_is_raised_again_after_it_was_called_off_is_kept_within_the_same_minute(
    runtime, cast
):
    at = runtime.clock()
    vinga = cast.vinga
    one = Alert(cast.fleet_id, vinga.tracker_id, vinga.id, "sos", at, at, "", None, None)
    told = [
        (0, False, True),
        (5, False, False),  # a beacon repeats itself
        (10, True, True),
        (20, False, True),
        (25, False, False),
        (0, False, False),  # the first message once more
    ]

    with runtime.database.session() as session:
        for seconds, is_over, is_kept in told:
            moment = at + timedelta(seconds=seconds)
            given = replace(one, recorded_at=moment, is_over=is_over)
            assert bool(alerts.add(session, [given])[1]) is is_kept, (seconds, is_over)


@pytest.fixture
def stranger(runtime):
    with runtime.database.session() as session:
        return session.scalar(text("INSERT INTO fleet (name) VALUES ('stranger') RETURNING id"))
