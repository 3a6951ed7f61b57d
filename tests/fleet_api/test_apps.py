"""The apps: what they send comes in by the door, and they are told what they want."""

import base64
import json
from datetime import UTC, datetime

import pytest
from werkzeug.test import Client

from harbor.store import devices, trackers
from harbor.store.trackers import key_of, token_of
from tests.tables import quarantined, stored
from tests.trackers import instructions


@pytest.fixture
def token_for(runtime, cast):
    def add(format_name, vessel):
        with runtime.database.session() as session:
            _, secret = trackers.add(
                session, runtime.seal, cast.fleet_id, "app", vessel and vessel.id, format_name
            )
        return token_of(key_of(secret))

    return add


def send(app, request):
    headers = dict(request.headers)
    if request.user:
        pair = base64.b64encode(request.user.encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    if request.body and "Content-Type" not in headers:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return Client(app).open(
        request.path,
        method="POST" if request.body else "GET",
        query_string=request.query,
        data=request.body.encode(),
        headers=headers,
    )


def send_all(app, page, token):
    return [send(app, one) for one in instructions.requests_on(page, datetime.now(UTC), token)]


@pytest.mark.parametrize(
    ("page", "format_name"),
    [
        ("traccar-client", "osmand"),
        ("osmand", "osmand"),
        ("owntracks", "owntracks"),
        ("overland", "overland"),
        ("traccar-server", "traccar"),
        ("ais-receiver", "ais"),
        ("ais-catcher", "ais"),
        ("nmea-logger", "nmea"),
        ("signalk", "signalk"),
    ],
)
def test_what_a_page_says_to_try_is_stored_and_answered_as_it_says(
    app, runtime, cast, token_for, page, format_name
):
    answers = send_all(app, page, token_for(format_name, cast.vinga))

    said = json.loads(instructions.answer_on(page))
    assert {one.status_code for one in answers} == {200}
    assert all(one.json == said for one in answers)
    assert quarantined(runtime) == []
    assert stored(runtime) >= 1


def test_a_traccar_servers_device_comes_in_once_it_has_a_vessel(app, runtime, cast, token_for):
    token = token_for("traccar", None)

    before = send_all(app, "traccar-server", token)
    assert {one.status_code for one in before} == {200}
    assert {reason for reason, _ in quarantined(runtime)} == {"unknown_vessel"}

    with runtime.database.session() as session:
        devices.add(session, cast.fleet_id, "app", "356307042441013", cast.vinga.id)
    runtime.directory.refresh()
    send_all(app, "traccar-server", token)
    assert stored(runtime) >= 1
