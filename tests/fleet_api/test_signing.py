"""Who may post positions: signatures, keys and what is said to those who may not."""

import json
import time
from dataclasses import replace

import pytest
from sqlalchemy import text

from harbor.ingest.directory import LOOK_AGAIN_SECONDS
from harbor.store import vessels
from tests.builders import moment, ping, post, signed
from tests.tables import quarantined


def test_a_fleet_wide_key_reports_for_the_vessel_that_the_body_names(client, cast):
    body = json.dumps(ping(vessel=cast.hono.imo_number)).encode()
    headers = signed(body, cast.shore_id, cast.shore_secret)

    answer = client.post("/api/v1/positions", data=body, headers=headers)

    assert (answer.status_code, answer.json["vessel"]) == (201, str(cast.hono.id))


def test_without_the_tracker_header_the_only_fleets_shared_key_is_tried(client, cast):
    body = json.dumps(ping(vessel="265123456")).encode()

    answer = client.post(
        "/api/v1/positions", data=body, headers=signed(body, None, cast.shore_secret)
    )

    assert (answer.status_code, answer.json["vessel"]) == (201, str(cast.vinga.id))


def test_a_wrong_signature_is_401_before_the_json_is_looked_at(client, cast, runtime):
    headers = signed(b"another body", cast.vinga.tracker_id, cast.vinga.secret)

    answer = client.post("/api/v1/positions", data=b"{not json", headers=headers)

    assert answer.status_code == 401
    assert quarantined(runtime) == []


def test_every_refusal_looks_the_same_to_the_byte(client, cast, runtime):
    from harbor.store import trackers

    with runtime.database.session() as session:
        trackers.revoke(session, cast.fleet_id, str(cast.hono.tracker_id), runtime.clock())
    body = json.dumps(ping()).encode()
    refused = {
        "wrong signature": signed(body + b" ", cast.vinga.tracker_id, cast.vinga.secret),
        "unknown tracker": signed(body, cast.fleet_id, cast.vinga.secret),
        "no id at all": signed(body, "nobody", cast.vinga.secret),
        "revoked tracker": signed(body, cast.hono.tracker_id, cast.hono.secret),
        "not the shared secret": signed(body, None, cast.vinga.secret),
    }

    looks = {
        kind: look(client.post("/api/v1/positions", data=body, headers=headers))
        for kind, headers in refused.items()
    }

    assert set(looks.values()) == {looks["wrong signature"]}
    assert looks["wrong signature"][0] == 401


def look(answer) -> tuple[int, str, str]:
    """All that a stranger sees, without the request's id."""
    request_id = answer.headers["X-Request-ID"]
    seen = (answer.status_code, str(answer.headers), answer.get_data(as_text=True))
    return seen[0], *(part.replace(request_id, "…") for part in seen[1:])


@pytest.mark.parametrize(
    ("signed_seconds_ago", "status"),
    [(0, 201), (290, 201), (310, 401), (-290, 201), (-310, 401)],
)
def test_the_tolerance_is_on_the_time_of_signing(client, cast, signed_seconds_ago, status):
    import time

    body = json.dumps(ping(recorded_at=moment(3600))).encode()
    headers = signed(
        body, cast.vinga.tracker_id, cast.vinga.secret, time.time() - signed_seconds_ago
    )

    assert client.post("/api/v1/positions", data=body, headers=headers).status_code == status


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-signature": "v1,é".encode().decode("latin-1")},
        {"webhook-signature": ""},
        {"webhook-signature": "v1," + "A" * 100_000},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "\uff19\uff19"},
        {"webhook-id": ""},
        {"Harbor-Tracker": "nobody"},
    ],
)
def test_a_malformed_signature_header_is_401_never_500(client, cast, changes):
    body = json.dumps(ping()).encode()
    headers = signed(body, cast.vinga.tracker_id, cast.vinga.secret) | changes
    headers = {name: value.encode("utf-8").decode("latin-1") for name, value in headers.items()}

    answer = client.post("/api/v1/positions", data=body, headers=headers)

    assert answer.status_code == 401


def test_a_revoked_trackers_signature_is_refused(client, cast, runtime):
    from harbor.store import trackers

    with runtime.database.session() as session:
        trackers.revoke(session, cast.fleet_id, str(cast.vinga.tracker_id), runtime.clock())
    runtime.directory.refresh()

    assert post(client, cast.vinga, ping()).status_code == 401


def test_both_secrets_count_from_the_moment_a_tracker_changes_its_key(client, cast, runtime):
    from datetime import timedelta

    from harbor.store import trackers

    runtime.directory.refresh()
    with runtime.database.session() as session:
        _, secret = trackers.rotate(
            session,
            runtime.seal,
            cast.fleet_id,
            str(cast.vinga.tracker_id),
            runtime.clock() + timedelta(hours=1),
        )

    assert post(client, cast.vinga, ping(recorded_at=moment(5))).status_code == 201
    assert post(client, replace(cast.vinga, secret=secret), ping()).status_code == 201


def aged(runtime):
    """Wait until the directory's reading is old enough to be doubted."""
    runtime.directory.contents()
    time.sleep(LOOK_AGAIN_SECONDS)


def test_what_was_added_a_moment_ago_is_not_refused(client, cast, runtime):

    from harbor.store import trackers, vessels

    aged(runtime)
    with runtime.database.session() as session:
        vessels.add(session, cast.fleet_id, "Ny", "9176187")
        tracker_id, secret = trackers.add(
            session, runtime.seal, cast.fleet_id, "new", cast.hono.id
        )
    shore = replace(cast.vinga, tracker_id=cast.shore_id, secret=cast.shore_secret)

    named = post(client, shore, ping(vessel="9176187"))
    newcomer = post(client, replace(cast.vinga, tracker_id=tracker_id, secret=secret), ping())

    assert (named.status_code, newcomer.status_code) == (201, 201)


def test_nobody_is_refused_while_the_directory_cannot_be_read(client, cast, runtime, postgres):
    runtime.directory.refresh()
    postgres.kill()
    try:
        body = json.dumps(ping()).encode()
        headers = signed(body, cast.fleet_id, cast.vinga.secret)
        answer = client.post("/api/v1/positions", data=body, headers=headers)
    finally:
        postgres.restart()

    assert answer.status_code == 503


def test_a_retired_vessels_tracker_is_refused(client, cast, runtime):

    with runtime.database.session() as session:
        vessels.retire(session, cast.fleet_id, "Vinga", runtime.clock())
    runtime.directory.refresh()

    assert post(client, cast.vinga, ping()).status_code == 401


def test_a_secret_we_cannot_open_is_503_and_stops_no_other_tracker(client, cast, runtime):
    with runtime.database.session() as session:
        session.execute(
            text("UPDATE tracker SET secret = 'x', revision = revision + 1 WHERE id = :id"),
            {"id": cast.hono.tracker_id},
        )
    runtime.directory.refresh()

    assert post(client, cast.vinga, ping()).status_code == 201
    answer = post(client, cast.hono, ping())
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_the_independent_library_signs_what_we_accept(client, cast):
    from datetime import UTC, datetime

    from standardwebhooks import Webhook

    body, at = json.dumps(ping()), datetime.now(UTC)
    headers = {
        "Harbor-Tracker": str(cast.vinga.tracker_id),
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(cast.vinga.secret).sign("msg_1", at, body),
    }

    assert client.post("/api/v1/positions", data=body, headers=headers).status_code == 201
