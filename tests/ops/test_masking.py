"""No secret of a tracker in anything that is written down."""

import json
import logging
from hashlib import sha256

import pytest

from harbor.ops import access_log
from harbor.ops.error_tracking import without_secrets
from harbor.ops.logs import configure
from harbor.ops.masking import masked
from harbor.store.trackers import token_of

TOKEN = token_of(bytes(range(7, 231, 7)))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (f"/api/v1/ingest/osmand/{TOKEN}", "/api/v1/ingest/osmand/-"),
        (f"/api/v1/ingest/osmand/{TOKEN}/", "/api/v1/ingest/osmand/-"),
        ("/api/v1/ingest/osmand/short", "/api/v1/ingest/osmand/-"),
        (f"/api/v1/ingest/osmand/{TOKEN}?id=7&lat=1", "/api/v1/ingest/osmand/-?id=7&lat=1"),
        (f"/api/v1/ingest//{TOKEN}", "/api/v1/ingest//-"),
        (f"/osmand/{TOKEN}", "/osmand/-"),
        (f"/api%2Fv1%2Fingest%2Fosmand%2F{TOKEN}", "/api%2Fv1%2Fingest%2Fosmand%2F-"),
        (f"GET /api/v1/{TOKEN} HTTP/1.1", "GET /api/v1/- HTTP/1.1"),
        ("/api/v1/ingest/osmand", "/api/v1/ingest/osmand"),
        ("/api/v1/vessels", "/api/v1/vessels"),
        ("test_a_name_of_forty_three_signs_is_no_secret", None),
        ("a" * 43, None),
        ("0123456789abcdefABCDEF" * 3, None),
    ],
)
def test_a_secret_in_an_address_is_not_written(text, written):
    assert masked(text) == (text if written is None else written)


def test_secrets_are_recognised_wherever_they_stand():
    for number in range(256):
        token = token_of(sha256(bytes([number])).digest())
        assert token not in masked(f"GET /wrong/{token} HTTP/1.1")


def test_the_access_line_has_no_secret(capfdbinary):
    configure("INFO")

    access_log.write(
        method="POST",
        path=f"/api/v1/ingest/osmand/{TOKEN}",
        status=200,
        address="192.0.2.1",
        sent_bytes=2,
        seconds=0.1,
        request_id="abc",
    )

    line = json.loads(capfdbinary.readouterr().out)
    assert line["path"] == "/api/v1/ingest/osmand/-"


def test_no_library_writes_a_secret_into_a_line(capsys):
    configure("INFO")

    try:
        raise ValueError(f"Invalid HTTP request line: 'POST /x/{TOKEN} HTTP/1.1'")
    except ValueError:
        logging.getLogger("gunicorn.error").exception("Error handling request %s", TOKEN)

    line = json.loads(capsys.readouterr().out)
    assert line["event"] == "Error handling request -"
    assert TOKEN not in json.dumps(line)
    assert "Invalid HTTP request line: 'POST /x/- HTTP/1.1'" in line["exception"]


def test_what_is_reported_elsewhere_has_no_secret():
    event = {
        "request": {"url": f"https://harbor.example/api/v1/ingest/osmand/{TOKEN}", "port": 1},
        "exception": {"values": [{"value": f"not {TOKEN}"}]},
    }

    assert TOKEN not in json.dumps(without_secrets(event, {}))
    assert without_secrets(event, {})["request"]["port"] == 1
