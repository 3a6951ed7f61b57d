"""POST and GET /api/v1/ingest/<format>: who is let in, and what each app is told."""

import base64
import gzip
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from werkzeug.test import Client

from harbor.fleet_api.webhook import Webhook
from harbor.gateway.delivery import Outcome, outcome_of
from harbor.gateway.door import Answer
from harbor.ingest.failures import Failures
from harbor.ingest.gate import Gate
from harbor.store import trackers
from harbor.store.trackers import key_of, token_of
from harbor.trackers import harbor_json
from harbor.trackers.message import Decoded, Message
from harbor.trackers.registry import DECODERS
from tests.builders import moment, ping, post, signed
from tests.tables import quarantined, stored


def decode(message, sender, limits):
    """Harbor's own members under an app's name; an empty message is a heartbeat."""
    if not message.body and not message.query:
        return Decoded(False, (), (), {"heartbeat": 1})
    if message.query:
        message = Message(bytes.fromhex(message.query))
    return harbor_json.decode(message, sender, limits)


APPS = ("ais", "osmand", "overland", "owntracks", "signalk", "traccar")
FAKES = {**DECODERS, **dict.fromkeys(APPS, decode)}


@dataclass(frozen=True)
class App:
    """A tracker that can't sign, with its secret as a token."""

    id: UUID
    format: str
    secret: str

    @property
    def token(self):
        return token_of(key_of(self.secret))

    @property
    def path(self):
        return f"/api/v1/ingest/{self.format}/{self.token}"


@pytest.fixture
def add_app(runtime, cast):
    def add(format_, vessel=cast.vinga, name="phone"):
        with runtime.database.session() as session:
            found = trackers.add(
                session,
                runtime.seal,
                cast.fleet_id,
                name,
                vessel and vessel.id,
                format_,
            )
        return App(found[0], format_, found[1])

    return add


@pytest.fixture
def phone(add_app):
    return add_app("owntracks")


@pytest.fixture
def door(app, runtime):
    """The door with decoders that tests know."""
    bare = type(app).wsgi_app.__get__(app)
    app.wsgi_app = Webhook(bare, runtime, FAKES)
    return Client(app)


@pytest.fixture
def strict(runtime):
    """Three failures a minute, no more."""
    runtime.gate = Gate(runtime.directory, runtime.clock, 300, Failures(3))


def send(door, path, document=None, **headers):
    body = b"" if document is None else document
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return door.post(path, data=body, headers=headers)


def basic(name, password):
    pair = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def test_the_secret_in_the_address_lets_a_position_in(door, phone, runtime):
    answer = send(door, phone.path, ping())

    assert (answer.status_code, answer.json) == (200, [])
    assert stored(runtime) == 1


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_secret_may_come_as_a_password_or_a_bearer_token(door, phone, runtime, slash):
    path = "/api/v1/ingest/owntracks" + slash

    by_name = send(door, path, ping(recorded_at=moment(2)), **basic("vinga", phone.token))
    by_bearer = send(door, path, ping(), Authorization=f"Bearer {phone.token}")

    assert [by_name.status_code, by_bearer.status_code] == [200, 200]
    assert stored(runtime) == 2


def test_who_can_sign_signs_with_the_same_secret(door, phone, cast, runtime):
    body = json.dumps(ping()).encode()
    path = "/api/v1/ingest/owntracks"

    by_phone = door.post(path, data=body, headers=signed(body, phone.id, phone.secret))
    vinga = signed(body, cast.vinga.tracker_id, cast.vinga.secret)
    by_gateway = door.post(path, data=body, headers=vinga)

    assert [by_phone.status_code, by_gateway.status_code] == [200, 200]
    assert stored(runtime) == 2


def test_a_position_says_in_which_format_it_came(door, phone, runtime):
    send(door, phone.path, ping())

    with runtime.database.session() as session:
        assert session.scalars(text("SELECT source FROM position")).all() == ["owntracks"]


@pytest.mark.parametrize(
    ("format_", "said"),
    [
        ("osmand", {}),
        ("traccar", {}),
        ("owntracks", []),
        ("overland", {"result": "ok"}),
    ],
)
@pytest.mark.parametrize(
    "document",
    [ping(), b"", b"{", b"[]", ping(latitude=99), ping(latitude=0, longitude=0)],
    ids=["good", "heartbeat", "not json", "nothing", "rejected", "quarantined"],
)
def test_an_app_is_told_what_it_wants_to_hear_whatever_it_sent(
    door, add_app, format_, said, document
):
    answer = send(door, add_app(format_).path, document)

    assert (answer.status_code, answer.json) == (200, said)


@pytest.mark.parametrize("format_", ["ais", "signalk"])
def test_a_sender_with_a_log_is_told_how_many(door, add_app, format_):
    path = add_app(format_).path
    reports = [ping(recorded_at=moment(9)), ping(latitude=99), ping(latitude=0, longitude=0)]
    counts = {"accepted": 1, "duplicates": 0, "quarantined": 1, "rejected": 1, "ignored": {}}

    assert send(door, path, reports).json == counts
    again = counts | {"accepted": 0, "duplicates": 1}
    assert send(door, path, reports).json == again
    assert send(door, path).json["ignored"] == {"heartbeat": 1}
    unreadable = send(door, path, b"{").json
    assert unreadable["rejected"] == 1
    assert "not JSON" in unreadable["detail"]


def test_what_can_not_be_read_is_kept_in_its_format(door, phone, runtime):
    send(door, phone.path, b"{")
    send(door, phone.path, ping(latitude=99))

    with runtime.database.session() as session:
        rows = session.execute(text("SELECT format, reason FROM rejected_report ORDER BY id"))
        assert [tuple(row) for row in rows] == [
            ("owntracks", "malformed"),
            ("owntracks", "out_of_range"),
        ]


@pytest.mark.parametrize("format_", ["osmand", "traccar"])
def test_a_position_in_the_query_is_taken(door, add_app, runtime, format_):
    query = json.dumps(ping()).encode().hex()

    answer = door.get(f"{add_app(format_).path}?{query}")

    assert answer.status_code == 200
    assert stored(runtime) == 1


def test_a_query_that_can_not_be_read_is_kept(door, add_app, runtime):
    door.get(f"{add_app('osmand').path}?{b'{'.hex()}")

    assert quarantined(runtime) == [("malformed", b"7b")]


REFUSED = {
    "no secret": ("", {}),
    "a wrong one": ("/" + "A" * 43, {}),
    "a wrong password": ("", basic("vinga", "A" * 43)),
    "a wrong bearer": ("", {"Authorization": "Bearer wrong"}),
    "no base64": ("", {"Authorization": "Basic ä"}),
    "no utf-8": ("", {"Authorization": "Basic " + base64.b64encode(b"\xff:\xfe").decode()}),
    "no password": ("", {"Authorization": "Basic " + base64.b64encode(b"vinga").decode()}),
    "another scheme": ("", {"Authorization": "Digest A"}),
    "too long": ("/" + "A" * 513, {}),
    "not ASCII": ("/ä", {}),
}


@pytest.mark.parametrize(("tail", "headers"), REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.usefixtures("phone")
def test_who_has_no_secret_of_ours_is_401(door, runtime, tail, headers):
    answer = send(door, "/api/v1/ingest/owntracks" + tail, b"{", **headers)

    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert quarantined(runtime) == []


def test_a_secret_opens_no_other_format_s_address(door, phone, cast, runtime):
    other = send(door, phone.path.replace("owntracks", "osmand"), ping())
    own = post(door, replace(cast.vinga, tracker_id=phone.id, secret=phone.secret), ping())

    assert [other.status_code, own.status_code] == [403, 403]
    assert "/api/v1/ingest/owntracks" in other.json["detail"]
    assert stored(runtime) == 0


def test_the_secret_of_a_tracker_that_signs_is_no_token(door, cast, runtime):
    token = token_of(key_of(cast.vinga.secret))

    answer = send(door, f"/api/v1/ingest/owntracks/{token}", ping())

    assert answer.status_code == 403
    assert stored(runtime) == 0


def test_both_secrets_of_a_rotation_open_and_the_old_one_to_its_end(door, phone, runtime, cast):
    with runtime.database.session() as session:
        until = runtime.clock() + timedelta(hours=1)
        _, secret = trackers.rotate(session, runtime.seal, cast.fleet_id, "phone", until)
    renewed = replace(phone, secret=secret)

    assert send(door, phone.path, ping(recorded_at=moment(2))).status_code == 200
    assert send(door, renewed.path, ping()).status_code == 200
    later = runtime.clock() + timedelta(hours=1)
    runtime.gate._clock = lambda: later
    assert send(door, phone.path, ping()).status_code == 401
    assert send(door, renewed.path, ping()).status_code == 200


def test_a_revoked_secret_is_refused(door, phone, runtime, cast):
    send(door, phone.path, ping(recorded_at=moment(2)))
    with runtime.database.session() as session:
        trackers.revoke(session, cast.fleet_id, "phone", runtime.clock())
    runtime.directory.refresh()

    assert send(door, phone.path, ping()).status_code == 401
    assert stored(runtime) == 1


def test_a_tracker_that_was_added_a_moment_ago_is_let_in(door, runtime, add_app):
    runtime.directory.refresh()

    assert send(door, add_app("owntracks").path, ping()).status_code == 200


def test_with_the_wrong_master_key_nobody_loses_what_it_sends(door, phone, runtime, add_app):
    add_app("osmand", name="other")
    with runtime.database.session() as session:
        session.execute(
            text("UPDATE tracker SET secret = 'x', revision = 9 WHERE id = :id"),
            {"id": phone.id},
        )

    answer = send(door, phone.path, ping())

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert send(door, "/api/v1/ingest/osmand/wrong", b"").status_code == 401


@pytest.mark.usefixtures("strict")
def test_guessing_ends_in_429_and_a_good_sender_beside_it_goes_on(door, phone):
    def guess():
        return send(door, "/api/v1/ingest/owntracks/" + "A" * 43, b"{")

    answers = [guess() for _ in range(4)]

    assert [one.status_code for one in answers] == [401, 401, 401, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert send(door, phone.path, ping()).status_code == 200
    assert guess().status_code == 429


@pytest.mark.usefixtures("strict")
def test_wrong_signatures_are_counted_by_the_tracker_that_they_name(door, phone):
    def forge(address):
        headers = signed(b"{}", phone.id, phone.secret[:-4] + "AAA=")
        return door.post(
            "/api/v1/ingest/owntracks",
            data=b"{}",
            headers=headers,
            environ_base={"REMOTE_ADDR": address},
        ).status_code

    answers = [forge(f"192.0.2.{number}") for number in range(4)]

    assert answers == [401, 401, 401, 429]
    body = json.dumps(ping()).encode()
    good = door.post(
        "/api/v1/ingest/owntracks", data=body, headers=signed(body, phone.id, phone.secret)
    )
    assert good.status_code == 200


def test_an_answer_never_repeats_the_secret(door, phone, cast):
    answers = [
        send(door, phone.path.replace("owntracks", "osmand"), ping()),
        send(door, phone.path.replace("owntracks", "nonsense"), ping()),
        send(door, phone.path + "x", ping()),
        door.put(phone.path),
        door.options(phone.path),
        send(door, phone.path, ping(), **{"Content-Encoding": "br"}),
    ]

    assert [one.status_code for one in answers] == [403, 404, 401, 405, 204, 415]
    for one in answers:
        assert phone.token not in one.text + str(one.headers)


def test_a_message_may_be_packed_with_gzip(door, phone, runtime):
    packed = gzip.compress(json.dumps(ping()).encode())

    answer = send(door, phone.path, packed, **{"Content-Encoding": "gzip"})

    assert answer.status_code == 200
    assert stored(runtime) == 1


def test_a_signature_is_over_the_packed_bytes(door, phone, runtime):
    packed = gzip.compress(json.dumps(ping()).encode())
    headers = signed(packed, phone.id, phone.secret) | {"Content-Encoding": "gzip"}

    answer = door.post("/api/v1/ingest/owntracks", data=packed, headers=headers)

    assert answer.status_code == 200
    assert stored(runtime) == 1


def test_a_gateway_is_told_to_send_halves_and_an_app_to_go_on(door, phone, runtime):
    """A gateway takes 200 for an acknowledgement: the positions would be lost."""
    too_many = json.dumps([ping()] * (runtime.settings.array_reports_max + 1)).encode()
    headers = signed(too_many, phone.id, phone.secret)

    from_gateway = door.post("/api/v1/ingest/owntracks", data=too_many, headers=headers)
    from_app = send(door, phone.path, too_many)

    assert (from_gateway.status_code, from_app.status_code) == (413, 200)
    assert outcome_of(Answer(413)) is Outcome.HALVE


def test_a_bomb_is_413_and_a_torn_parcel_400(door, phone, runtime):
    bomb = gzip.compress(b" " * 200_000_000)
    assert len(bomb) < 1_000_000
    for packed, status in ((bomb, 413), (bomb[:-9], 413), (b"no gzip", 400), (b"", 400)):
        answer = send(door, phone.path, packed, **{"Content-Encoding": "gzip"})
        assert answer.status_code == status

    torn = gzip.compress(json.dumps(ping()).encode())[:-4]
    answer = send(door, phone.path, torn, **{"Content-Encoding": "gzip"})
    assert answer.status_code == 400
    assert stored(runtime) == 0


def test_a_megabyte_of_empty_parcels_is_refused_at_the_second(door, phone, runtime):
    """Unpacked one by one they kept a worker busy for twelve seconds."""
    empty = gzip.compress(b"")
    for packed in (gzip.compress(json.dumps(ping()).encode()) + empty, empty * 50_000):
        answer = send(door, phone.path, packed, **{"Content-Encoding": "gzip"})
        assert answer.status_code == 400
        assert "behind the end" in answer.text

    assert stored(runtime) == 0


def test_a_body_over_the_limit_is_413(door, phone):
    assert send(door, phone.path, b" " * 1_048_577).status_code == 413


def test_one_s_own_devices_name_vessels_by_their_names(door, add_app, cast, runtime):
    from harbor.store import devices

    server = add_app("traccar", vessel=None)
    with runtime.database.session() as session:
        devices.add(session, cast.fleet_id, "phone", "unit-7", cast.hono.id)

    send(door, server.path, ping(vessel="unit-7"))
    send(door, server.path, ping(vessel=cast.vinga.imo_number))
    send(door, server.path, ping(vessel="unit-8"))

    with runtime.database.session() as session:
        vessels = set(session.scalars(text("SELECT vessel_id FROM position")))
        assert vessels == {cast.hono.id, cast.vinga.id}
        devices.remove(session, cast.fleet_id, "phone", "unit-7")
    runtime.directory.refresh()
    send(door, server.path, ping(vessel="unit-7"))
    assert stored(runtime) == 2


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("PUT", "owntracks", 405, "OPTIONS, POST"),
        ("GET", "owntracks", 405, "OPTIONS, POST"),
        ("HEAD", "osmand", 405, "GET, OPTIONS, POST"),
        ("OPTIONS", "osmand", 204, "GET, OPTIONS, POST"),
        ("OPTIONS", "owntracks", 204, "OPTIONS, POST"),
        ("POST", "harbor", 404, None),
        ("GET", "nonsense", 404, None),
        ("POST", "", 404, None),
    ],
)
def test_other_methods_and_formats_are_refused_with_what_there_is(
    door, method, path, status, allow
):
    answer = door.open(f"/api/v1/ingest/{path}", method=method)

    assert answer.status_code == status
    allowed = answer.headers.get("Allow")
    assert (allowed and ", ".join(sorted(allowed.split(", ")))) == allow


def test_a_fault_of_ours_is_500_and_does_not_log_the_secret(door, phone, runtime, caplog):
    def break_down(*_):
        raise ZeroDivisionError

    runtime.intake.receive = break_down

    answer = send(door, phone.path, ping())

    assert answer.status_code == 500
    assert phone.token not in answer.text + caplog.text
