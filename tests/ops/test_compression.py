"""Gzip for pages: where it helps, and nowhere where it tells a secret."""

import gzip

import pytest
from flask import Blueprint, Flask, Response

from harbor.ops import compression

LONG = "Vinga, Hönö, Styrsö. " * 200
ACCEPTS = {"Accept-Encoding": "gzip"}


@pytest.fixture
def pages() -> Flask:
    app = Flask("pages")
    web = Blueprint("fleet_web", __name__)
    web.add_url_rule("/page", "page", lambda: LONG, methods=["GET", "POST"])
    web.add_url_rule("/short", "short", lambda: "short")
    web.add_url_rule("/json", "json", lambda: {"text": LONG})
    web.add_url_rule("/parts", "parts", lambda: Response(parts(), mimetype="application/json"))
    app.register_blueprint(web)
    app.add_url_rule("/elsewhere", "elsewhere", lambda: LONG)
    compression.install(app)
    return app


def parts():
    yield from ("[", '"Vinga"', "]")


def encoding(answer) -> str | None:
    return answer.headers.get("Content-Encoding")


def test_a_page_is_gzipped_for_who_accepts_it(pages):
    answer = pages.test_client().get("/page", headers=ACCEPTS)

    assert encoding(answer) == "gzip"
    assert gzip.decompress(answer.data).decode() == LONG
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert encoding(pages.test_client().get("/page")) is None


def test_a_page_that_could_repeat_the_request_is_not_compressed(pages):
    client = pages.test_client()

    assert encoding(client.get("/page?next=x", headers=ACCEPTS)) is None
    assert encoding(client.post("/page", headers=ACCEPTS)) is None


def test_json_for_the_scripts_is_compressed_whatever_was_asked(pages):
    answer = pages.test_client().get("/json?minutes=30", headers=ACCEPTS)

    assert encoding(answer) == "gzip"


def test_short_answers_and_other_doors_stay_as_they_are(pages):
    client = pages.test_client()

    assert encoding(client.get("/short", headers=ACCEPTS)) is None
    assert encoding(client.get("/elsewhere", headers=ACCEPTS)) is None


def test_a_streamed_answer_can_be_read_part_by_part(pages):
    answer = pages.test_client().get("/parts", headers=ACCEPTS)
    packed = list(compression.zipped_parts(one.encode() for one in parts()))

    assert gzip.decompress(answer.data) == b'["Vinga"]'
    assert len(packed) == 4
