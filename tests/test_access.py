"""The gates: each route for each kind of caller."""

import pytest

from tests.builders import bearer, ping, post

READERS = {
    "/api/v1/alerts": {"partner"},
    "/api/v1/vessels": {"partner"},
    "/api/v1/vessels/{vinga}": {"partner"},
    "/api/v1/vessels/{vinga}/track": {"partner"},
    "/stream": {"partner", "dispatcher"},
    "/fleet/map": {"dispatcher"},
    "/fleet/berths": {"dispatcher"},
    "/fleet/vessels/{vinga}": {"dispatcher"},
    "/fleet/vessels/{vinga}/track": {"dispatcher"},
    "/fleet/vessels/{vinga}/track.gpx": {"dispatcher"},
    "/fleet/vessels/{vinga}/sources": {"dispatcher"},
    "/fleet/trails": {"dispatcher"},
    "/fleet/alerts": {"dispatcher"},
}
CALLERS = (
    "stranger",
    "dispatcher",
    "partner",
    "revoked",
    "expired",
    "mistyped",
    "token in the query",
    "basic",
)


@pytest.fixture
def call(client, cast):
    def ask(path: str, caller: str):
        path = path.replace("{vinga}", str(cast.vinga.id))
        keys = {
            "partner": cast.partner_key,
            "revoked": cast.revoked_key,
            "expired": cast.expired_key,
            "mistyped": cast.partner_key[:-1] + "?",
        }
        if caller == "dispatcher":
            log_in(client, cast)
        headers = bearer(keys[caller]) if caller in keys else {}
        if caller == "token in the query":
            path += f"?access_token={cast.partner_key}&token={cast.partner_key}"
        if caller == "basic":
            headers = {"Authorization": "Basic ZGlzcGF0Y2hlcjp4"}
        answer = client.get(path, headers=headers, buffered=False)
        answer.close()
        return answer

    return ask


def log_in(client, cast):
    page = client.get("/login")
    token = page.get_data(as_text=True).split('name="csrf_token"', 1)[1]
    token = token.split('value="', 1)[1].split('"', 1)[0]
    return client.post(
        "/login",
        data={"username": cast.username, "password": cast.password, "csrf_token": token},
    )


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("path", READERS)
def test_only_those_who_may_read_get_in(call, path, caller):
    answer = call(path, caller)

    if caller in READERS[path]:
        assert answer.status_code == 200
    elif path in {"/fleet/map", "/fleet/vessels/{vinga}"}:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/login?next=")
    else:
        assert answer.status_code == 401
        assert "Bearer" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("path", ["/health", "/ready", "/login", "/problems"])
def test_some_pages_are_open_to_all(client, app, path):
    assert client.get(path).status_code == 200


def test_every_route_is_in_one_of_the_lists_above(app):
    known = {
        *READERS,
        "/api/v1/vessels/<uuid:vessel_id>",
        "/api/v1/vessels/<uuid:vessel_id>/track",
        "/fleet/vessels/<uuid:vessel_id>",
        "/fleet/vessels/<uuid:vessel_id>/track",
        "/fleet/vessels/<uuid:vessel_id>/track.<suffix>",
        "/fleet/vessels/<uuid:vessel_id>/sources",
        "/fleet/history",
        "/fleet/history/activity",
        "/fleet/unheard",
        "/language",
        "/words/<language>.json",
        "/api/v1/positions",
        "/api/v1/ingest/",
        "/api/v1/ingest/<word>",
        "/api/v1/ingest/<word>/<path:token>",
        "/static/<path:filename>",
        "/static/v<string(length=12):version>/<path:filename>",
        "/",
        "/login",
        "/logout",
        "/health",
        "/ready",
        "/problems",
        "/api/v1/asyncapi.json",
    }

    assert {rule.rule for rule in app.url_map.iter_rules()} <= known


def test_a_partners_key_cannot_post_positions(client, cast):
    answer = client.post("/api/v1/positions", json=ping(), headers=bearer(cast.partner_key))

    assert answer.status_code == 401


def test_a_session_cannot_post_positions(client, cast):
    log_in(client, cast)

    assert client.post("/api/v1/positions", json=ping()).status_code == 401


def test_a_signed_webhook_needs_no_session_and_no_form_token(client, cast):
    assert post(client, cast.vinga, ping()).status_code == 201


def test_unused_methods_are_405_and_name_the_others(client, app):
    for path in ("/api/v1/vessels", "/stream", "/health", "/login"):
        answer = client.delete(path)

        assert answer.status_code == 405
        assert "GET" in answer.headers["Allow"]


def test_authorisation_that_cannot_be_checked_is_503_never_a_yes(
    client, cast, runtime, postgres
):
    postgres.kill()
    try:
        answer = client.get("/api/v1/vessels", headers=bearer(cast.partner_key))
    finally:
        postgres.restart()

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_a_page_of_the_last_person_does_not_get_the_stream_of_the_next(client, cast):
    log_in(client, cast)
    owner = client.get("/fleet/map").get_data(as_text=True).split('data-stream-owner="')[1][:36]

    ours = client.get("/stream", headers={"Harbor-User": owner}, buffered=False)
    theirs = client.get("/stream", headers={"Harbor-User": str(cast.fleet_id)}, buffered=False)
    ours.close()

    assert (ours.status_code, theirs.status_code) == (200, 401)
