"""GET /api/v1/asyncapi.json: a valid document that says what /stream sends."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from harbor.fleet_api.asyncapi import document
from harbor.fleet_api.feed_events import EVENTS, Question
from harbor.live.event import LATE, POSITION, VESSEL
from tests.builders import bearer

SCHEMA = Path(__file__).parent / "asyncapi_schema" / "3.0.0.json"


@pytest.fixture
def made() -> dict:
    return json.loads(document())


def test_the_document_is_valid_asyncapi_3(made):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))

    assert [error.message for error in Draft7Validator(schema).iter_errors(made)] == []


def test_the_schema_sees_a_fault(made):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    made["operations"]["follow"]["action"] = "shout"

    assert list(Draft7Validator(schema).iter_errors(made))


def test_every_reference_leads_somewhere(made):
    for reference in references(made):
        place = made
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def references(node) -> list[str]:
    if isinstance(node, list):
        return [one for child in node for one in references(child)]
    if not isinstance(node, dict):
        return []
    here = [node["$ref"]] if "$ref" in node else []
    return here + [one for child in node.values() for one in references(child)]


def test_every_event_has_its_message_and_every_message_its_event(made):
    messages = made["components"]["messages"]

    assert list(messages) == list(EVENTS)
    assert list(made["channels"]["feed"]["messages"]) == list(EVENTS)
    assert {POSITION.decode(), LATE.decode(), VESSEL.decode()} < set(EVENTS)


def test_readers_may_be_told_more_later(made):
    assert "additionalProperties" not in json.dumps(made["components"]["schemas"])


def test_anybody_may_read_it_and_keep_it_for_a_while(client):
    answer = client.get("/api/v1/asyncapi.json")

    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert "Authorization" not in answer.headers.get("Vary", "")
    assert answer.json["asyncapi"] == "3.0.0"


def test_who_has_it_already_is_told_so(client):
    etag = client.get("/api/v1/asyncapi.json").headers["ETag"]

    answer = client.get("/api/v1/asyncapi.json", headers={"If-None-Match": etag})

    assert (answer.status_code, answer.data) == (304, b"")


def test_the_rest_of_the_api_still_wants_a_key(client):
    assert client.get("/api/v1/vessels").status_code == 401


@pytest.mark.parametrize(
    ("name", "value"),
    [("mode", "all"), ("types", "position,late,vessel"), ("bbox", "170,-20,-170,20")],
)
def test_what_the_document_lets_one_ask_is_answered(client, cast, name, value):
    assert name in Question.model_fields

    query = f"/stream?{name}={value}"
    answer = client.get(query, headers=bearer(cast.partner_key), buffered=False)
    answer.close()

    assert answer.status_code == 200
