"""Errors as machines and as people get them."""

import pytest

from harbor.ops import request_id


def test_an_unknown_api_path_is_a_problem_document(client, app):
    answer = client.get("/api/v1/nothing")

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.json["request_id"] == answer.headers[request_id.HEADER]


def test_an_unknown_page_is_a_page(client, app):
    answer = client.get("/nothing", headers={"Accept": "text/html"})

    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert answer.headers[request_id.HEADER] in answer.get_data(as_text=True)


def test_a_fault_of_ours_tells_nothing_of_its_inside(client, cast, runtime, caplog):
    def fail(*_):
        raise RuntimeError("SELECT secret FROM /etc")

    runtime.latest = fail

    answer = client.get(
        "/api/v1/vessels", headers={"Authorization": f"Bearer {cast.partner_key}"}
    )

    assert answer.status_code == 500
    assert "SELECT" not in answer.get_data(as_text=True)
    assert "RuntimeError" not in answer.get_data(as_text=True)
    assert "SELECT secret" in caplog.text


@pytest.mark.parametrize("path", ["/", "/login", "/health", "/api/v1/vessels", "/nothing"])
def test_every_answer_is_protected_and_has_an_id(client, app, path):
    headers = client.get(path).headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers[request_id.HEADER]


def test_an_id_from_outside_is_not_believed_without_a_proxy(client, app):
    answer = client.get("/health", headers={request_id.HEADER: "forged-request-id"})

    assert answer.headers[request_id.HEADER] != "forged-request-id"
