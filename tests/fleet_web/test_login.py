"""Logging in and out."""

import pytest

from harbor.fleet_web.login import safe_next
from harbor.store import users
from tests.test_access import log_in


def token(client) -> str:
    page = client.get("/login").get_data(as_text=True)
    return page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]


def attempt(client, username, password, **more):
    form = {"username": username, "password": password, "csrf_token": token(client)}
    return client.post("/login", data=form | more)


def test_the_right_password_leads_to_the_map(client, cast):
    answer = attempt(client, cast.username, cast.password)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/fleet/map")
    assert client.get("/fleet/map").status_code == 200


def test_the_name_is_taken_in_any_case_and_the_way_back_is_kept(client, cast):
    answer = attempt(client, cast.username.upper(), cast.password, next="/fleet/map?vessel=1")

    assert answer.headers["Location"] == "/fleet/map?vessel=1"


@pytest.mark.parametrize(("username", "password"), [("dispatcher", "wrong"), ("nobody", "x")])
def test_a_wrong_password_and_an_unknown_name_look_the_same(client, cast, username, password):
    answer = attempt(client, username, password)

    assert answer.status_code == 401
    assert "Wrong user name or password." in answer.get_data(as_text=True)


def test_a_form_without_its_token_is_refused(client, cast):
    form = {"username": cast.username, "password": cast.password}

    assert client.post("/login", data=form).status_code == 400


def test_the_cookie_is_not_for_scripts_nor_for_other_sites(client, cast):
    cookie = attempt(client, cast.username, cast.password).headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_after_ten_failures_even_the_right_password_must_wait(client, cast):
    for _ in range(10):
        assert attempt(client, cast.username, "wrong").status_code == 401

    answer = attempt(client, cast.username, cast.password)

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_failures_are_counted_without_valkey_too(client, cast, valkey):
    valkey.kill()
    try:
        statuses = [attempt(client, cast.username, "wrong").status_code for _ in range(11)]
    finally:
        valkey.restart()

    assert statuses == [401] * 10 + [429]


def test_many_attempts_at_once_are_no_way_round_the_limit(app):
    throttle = app.extensions["harbor_login_throttle"]

    waits = [throttle.attempt("account:x") for _ in range(15)]

    assert waits[:10] == [0] * 10
    assert all(waits[10:])


def test_a_success_ends_the_count(client, cast):
    for _ in range(9):
        attempt(client, cast.username, "wrong")
    assert log_in(client, cast).status_code == 302
    client.delete_cookie("harbor")

    assert attempt(client, cast.username, "wrong").status_code == 401


def test_a_name_that_no_column_can_hold_is_400(client, cast):
    assert attempt(client, "a\0b", "x").status_code == 400


def test_while_the_database_is_away_a_signed_in_person_gets_a_page(client, cast, postgres):
    log_in(client, cast)
    postgres.kill()
    try:
        page = client.get("/fleet/map")
    finally:
        postgres.restart()

    assert page.status_code == 503
    assert page.mimetype == "text/html"
    assert page.headers["Retry-After"]


def test_logging_out_makes_an_old_cookie_worthless(client, cast, app):
    log_in(client, cast)
    stolen = client.get_cookie("harbor").value
    page = client.get("/fleet/map").get_data(as_text=True)
    form_token = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]

    assert client.post("/logout", data={"csrf_token": form_token}).status_code == 302

    thief = app.test_client()
    thief.set_cookie("harbor", stolen)
    assert thief.get("/fleet/map").status_code == 302


def test_logging_out_needs_the_form_token(client, cast):
    log_in(client, cast)

    assert client.post("/logout").status_code == 400


def test_a_disabled_person_is_out_at_once_and_stays_out(client, cast, runtime):
    log_in(client, cast)
    with runtime.database.session() as session:
        users.disable(session, cast.fleet_id, cast.username, runtime.clock())

    assert client.get("/fleet/map").status_code == 302
    assert attempt(client, cast.username, cast.password).status_code == 401


@pytest.mark.parametrize(
    "target",
    [
        "//host",
        "////host",
        "https:h",
        "https://h",
        "\\\\h",
        "/\\h",
        "/%09/h\t",
        "http:///h",
        "javascript:alert(1)",
        "",
        "map",
        "/\n/h",
        "http://[::",
    ],
)
def test_the_way_back_is_never_another_host(app, target):
    with app.test_request_context():
        assert safe_next(target) == "/fleet/map"


def test_a_path_of_ours_is_a_way_back(app):
    with app.test_request_context():
        assert safe_next("/fleet/map?vessel=1") == "/fleet/map?vessel=1"
