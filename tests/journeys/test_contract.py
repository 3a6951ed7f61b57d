"""What a real server sends is what the AsyncAPI document says, and what the client reads."""

import json

import pytest
from jsonschema import Draft202012Validator

from harbor.client import Frame, Unknown, event_of
from harbor.fleet_api.feed_events import EVENTS, NUMBERED
from harbor.store.trackers import key_of, token_of
from tests.builders import moment, ping

pytestmark = [pytest.mark.journey, pytest.mark.timeout(120)]

BOX = "11.5,57.5,12.0,58.0"


@pytest.fixture(scope="module")
def heard(fleet):
    """Frames of every kind, by making happen what each of them tells of."""
    listeners = []

    def listen(query, **headers):
        listeners.append(fleet.listen(fleet.cast.partner_key, query, **headers))
        listeners[-1].wait_for(lambda one: "snapshot" in one.kinds(), 15)
        return listeners[-1]

    fleet.post(fleet.cast.vinga, ping())
    sail(fleet, listen("?mode=all"))
    call_for_help(fleet, listen("?types=alert"))
    leave_the_box(fleet, listen(f"?bbox={BOX}"))
    rename(fleet, listen("?types=vessel"))
    fall_behind(fleet, listen("?mode=latest"))
    listen("", **{"Last-Event-ID": "0-1"})
    lose_valkey(fleet, listen("?types=position"))
    leave(fleet, listen(""))
    for one in listeners:
        one.close()
    return [frame for one in listeners for frame in one.heard]


def sail(fleet, listener):
    fleet.post(fleet.cast.vinga, ping())
    fleet.post(fleet.cast.vinga, ping(recorded_at=moment(3600)))
    listener.wait_for(lambda one: {"position", "late"} <= set(one.kinds()), 10)


def call_for_help(fleet, listener):
    phone = fleet.harbor("tracker", "add", "phone", "--vessel", "Vinga", "--format", "osmand")
    token = token_of(key_of(phone["secret"]))
    place = "lat=57.66&lon=11.8&alarm=sos"
    assert fleet.get(f"/api/v1/ingest/osmand/{token}?{place}").status == 200
    listener.wait_for(lambda one: "alert" in one.kinds(), 10)


def leave_the_box(fleet, listener):
    fleet.post(fleet.cast.vinga, ping(longitude=12.5))
    listener.wait_for(lambda one: "outside" in changes(one.heard), 10)


def rename(fleet, listener):
    fleet.harbor("vessel", "add", "Gästen", "--mmsi", "265000001")
    fleet.harbor("vessel", "rename", "Gästen", "Vinga II")
    fleet.harbor("vessel", "retire", "Vinga II")
    told = {"added", "renamed", "removed"}
    listener.wait_for(lambda one: told <= changes(one.heard), 20)


def fall_behind(fleet, listener):
    listener.close()
    fleet.post(fleet.cast.hono, [ping(recorded_at=moment(n / 10)) for n in range(600, 0, -1)])
    listener.resume()
    listener.wait_for(lambda one: "merged" in one.kinds(), 10)


def lose_valkey(fleet, listener):
    fleet.valkey.kill()
    listener.wait_for(lambda one: "degraded" in states(one), 20)
    fleet.valkey.restart()
    listener.wait_for(lambda one: states(one)[-1:] == ["live"], 20)


def states(listener) -> list[str]:
    return [one.data["state"] for one in listener.heard if one.kind == "feed"]


def leave(fleet, listener):
    fleet.reload()
    listener.wait_for(lambda one: "reconnect" in one.kinds(), 20)


def changes(heard) -> set[str]:
    said = [one.data["properties"] for one in heard if one.kind == "vessel"]
    return {one.get("change") or one["state"] for one in said}


def test_every_kind_of_event_was_provoked(heard):
    assert {one.kind for one in heard} == set(EVENTS)
    assert changes(heard) == {"added", "renamed", "removed", "outside"}


def test_what_is_sent_is_exactly_what_the_models_say(heard):
    for one in heard:
        EVENTS[one.kind].model_validate_json(json.dumps(one.data))


def test_what_is_sent_is_what_the_published_document_says(fleet, heard):
    document = json.loads(fleet.get("/api/v1/asyncapi.json").data)

    for one in heard:
        payload = document["components"]["messages"][one.kind]["payload"]
        schema = {"components": document["components"], **payload}
        Draft202012Validator(schema).validate(one.data)


def test_only_what_can_be_resumed_from_has_an_id(heard):
    with_id = {one.kind for one in heard if one.event_id}

    assert with_id <= NUMBERED
    assert with_id >= NUMBERED - {"feed"}
    assert {one.event_id.count("-") for one in heard if one.event_id} == {1}


def test_the_client_knows_every_event(heard):
    events = [event_of(Frame(one.kind, json.dumps(one.data), one.event_id)) for one in heard]

    assert not [one for one in events if isinstance(one, Unknown)]
