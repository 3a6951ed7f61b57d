"""GET /api/v1/asyncapi.json: the feed as AsyncAPI 3.0, made from the models of its events."""

from functools import cache
from typing import Any, Literal

import orjson
from flask import Response, make_response, request
from pydantic.json_schema import models_json_schema

from harbor.fleet_api.blueprint import bp
from harbor.fleet_api.feed_events import EVENTS, NUMBERED, Question, Sent

CONTRACT = "1.0.0"
"""Of the feed: its first number rises when a reader must change."""
SCHEMAS = "#/components/schemas/"
DESCRIPTION = """\
Server-sent events (WHATWG HTML 9.2). First `retry:` with milliseconds of the reader's own, then
a `snapshot`, or what was missed since Last-Event-ID, then what happens. A comment, `: live` or
`: degraded`, every 15 s when it is quiet. Every break ends in one of two ways: all that was
missed, once each and in order, or `resync` and a `snapshot`. New events and members may come:
leave alone what you don't know."""


@bp.get("/asyncapi.json")
def get_asyncapi() -> Response:
    """The same for everybody, so it needs no key."""
    response = make_response(document())
    response.mimetype = "application/json"
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.add_etag()
    response.make_conditional(request)
    return response


@cache
def document() -> bytes:
    """Made once: it changes with the program only."""
    return orjson.dumps(
        {
            "asyncapi": "3.0.0",
            "info": {
                "title": "Harbor Fleet: the live feed",
                "version": CONTRACT,
                "description": "Where the vessels of a fleet are, as it happens.",
                "license": {"name": "Apache-2.0"},
            },
            "defaultContentType": "application/json",
            "channels": {"feed": _channel()},
            "operations": {"follow": _operation()},
            "components": {
                "schemas": _schemas(),
                "messages": {name: _message(name) for name in EVENTS},
                "securitySchemes": _security_schemes(),
            },
        }
    )


def _channel() -> dict[str, Any]:
    messages = {name: {"$ref": f"#/components/messages/{name}"} for name in EVENTS}
    return {"address": "/stream", "description": DESCRIPTION, "messages": messages}


def _operation() -> dict[str, Any]:
    """`send`: the document speaks for the server."""
    return {
        "action": "send",
        "channel": {"$ref": "#/channels/feed"},
        "summary": "Follow the fleet",
        "messages": [{"$ref": f"#/channels/feed/messages/{name}"} for name in EVENTS],
        "security": [
            {"$ref": f"#/components/securitySchemes/{name}"} for name in _security_schemes()
        ],
        "bindings": {
            "http": {"method": "GET", "query": _query(), "bindingVersion": "0.3.0"},
        },
    }


def _security_schemes() -> dict[str, Any]:
    return {
        "key": {"type": "http", "scheme": "bearer", "description": "A partner's API key."},
        "session": {
            "type": "httpApiKey",
            "in": "cookie",
            "name": "__Host-harbor",
            "description": "A dispatcher's session, as the browser keeps it.",
        },
    }


def _message(name: str) -> dict[str, Any]:
    model = EVENTS[name]
    fields: dict[str, Any] = {"event": {"const": name}}
    if name in NUMBERED:
        fields["id"] = {"type": "string"}
    return {
        "name": name,
        "summary": (model.__doc__ or "").partition("\n")[0],
        "headers": {"type": "object", "properties": fields, "required": ["event"]},
        "payload": {"$ref": SCHEMAS + model.__name__},
    }


def _schemas() -> dict[str, Any]:
    given: list[tuple[type[Sent], Literal["serialization"]]] = [
        (model, "serialization") for model in EVENTS.values()
    ]
    _, made = models_json_schema(given, ref_template=SCHEMAS + "{model}")
    schemas: dict[str, Any] = made["$defs"]
    return schemas


def _query() -> dict[str, Any]:
    schema = Question.model_json_schema()
    del schema["required"]  # all of it may be left out
    return schema
