"""With which answers the session's cookie goes."""

import pytest
from flask import url_for

from harbor.words import catalogue
from tests.test_access import log_in


@pytest.fixture
def addresses(app):
    with app.test_request_context():
        return {
            "file": url_for("static", filename="js/page.js"),
            "file without a version": "/static/js/page.js",
            "words": f"/words/sv.json?v={catalogue('sv').version}",
        }


@pytest.mark.parametrize("what", ["file", "file without a version", "words"])
def test_what_everybody_may_keep_never_carries_somebodys_session(client, cast, addresses, what):
    log_in(client, cast)

    answer = client.get(addresses[what])

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.vary


def test_a_page_renews_the_session(client, cast):
    log_in(client, cast)

    answer = client.get("/fleet/map")

    assert "harbor=" in answer.headers["Set-Cookie"]
    assert "Cookie" in answer.vary
