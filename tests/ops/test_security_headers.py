"""Headers that tell browsers what our pages may do."""

import pytest

PAGES = ["/login", "/problems", "/nowhere", "/api/v1/vessels"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_says_what_a_page_may_do(client, path):
    headers = client.get(path).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_file_has_the_policy_that_holds_where_it_is_a_page_or_a_worker_itself(client):
    headers = client.get("/static/js/live-worker.js").headers

    allowed = headers["Content-Security-Policy"].split("; ")
    assert allowed == ["default-src 'none'", "script-src 'self'", "connect-src 'self'"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_page_may_keep_the_screen_awake_and_nothing_may_listen_or_look(client):
    allowed = client.get("/login").headers["Permissions-Policy"].split(", ")

    assert "screen-wake-lock=(self)" in allowed
    assert {"camera=()", "microphone=()", "geolocation=()"} <= set(allowed)
