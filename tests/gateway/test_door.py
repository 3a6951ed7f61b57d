"""Signed messages out, answers in."""

from datetime import UTC, datetime

import pytest

from harbor.errors import Misconfigured
from harbor.gateway.batch import Batch
from harbor.gateway.door import Door, answer_of, key_of
from harbor.gateway.entry import Kind
from tests.gateway.fake_harbor import SECRET, TRACKER, FakeHarbor

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
BATCH = Batch(1, "msg_1", Kind.AIS, (b"one", b"two"))


@pytest.fixture
def harbor():
    with FakeHarbor() as harbor:
        yield harbor


@pytest.fixture
def door_of():
    opened = []

    def open_door(url):
        opened.append(Door(url, key_of(TRACKER, SECRET), timeout_s=5))
        return opened[-1]

    yield open_door
    for door in opened:
        door.close()


def test_a_batch_is_posted_signed_to_the_address_of_its_format(door_of, harbor):
    answer = door_of(harbor.url).post(BATCH)

    [message] = harbor.messages
    assert message.is_signed
    assert message.path == "/api/v1/ingest/ais"
    assert message.headers["harbor-tracker"] == TRACKER
    assert message.headers["content-encoding"] is None
    assert message.body == b"one\ntwo\n"
    assert answer.counts["accepted"] == 2


def test_an_address_may_lead_to_a_path(door_of, harbor):
    door_of(harbor.url + "/tracking/").post(BATCH)

    assert harbor.messages[0].path == "/tracking/api/v1/ingest/ais"


def test_a_connection_that_was_closed_meanwhile_is_opened_again(door_of, harbor):
    door = door_of(harbor.url)
    door.post(BATCH)
    harbor.cut()
    harbor.mend()

    assert door.post(BATCH).status == 200


def test_nobody_there_and_an_answer_that_breaks_off_are_the_same_kind_of_error(door_of, harbor):
    def hang_up():
        for connection in list(harbor._server.connections):
            connection.shutdown(2)

    harbor.before_answer = hang_up
    with pytest.raises(ConnectionError):
        door_of(harbor.url).post(BATCH)
    harbor.cut()
    with pytest.raises(ConnectionError):
        door_of(harbor.url).post(BATCH)


def test_only_the_counts_of_harbor_itself_acknowledge():
    for said in (b"<html>Welcome to the marina's WiFi", b"{}", b"[]", b'{"ok":true}'):
        assert answer_of(200, {}, said, NOW).counts is None
    counts = answer_of(200, {}, b'{"accepted":1,"ignored":{"a":2,"b":3}}', NOW).counts
    assert counts == {"accepted": 1, "ignored": 5}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("7", 7.0),
        ("0", 0.1),
        ("99999", 600.0),
        ("Mon, 04 May 2026 12:00:30 GMT", 30.0),
        ("soon", None),
        (None, None),
    ],
)
def test_a_wait_is_asked_for_in_seconds_or_as_a_date(said, expected):
    headers = {} if said is None else {"Retry-After": said}

    assert answer_of(503, headers, b"", NOW).retry_after_s == expected


def test_how_far_our_clock_is_off_can_be_told_from_the_answer():
    answer = answer_of(401, {"Date": "Mon, 04 May 2026 11:50:00 GMT"}, b"", NOW)

    assert answer.skew_s == 600


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!!", "whsec_c2hvcnQ="])
def test_what_is_no_secret_is_refused_without_repeating_it(secret):
    with pytest.raises(Misconfigured) as refusal:
        key_of(TRACKER, secret)

    assert "c2hvcnQ" not in str(refusal.value)


def test_a_secret_does_not_show_when_a_key_is_printed():
    assert "x00" not in repr(key_of(TRACKER, SECRET))


@pytest.mark.parametrize("url", ["harbor.example", "ftp://x", "http://", "http://x:99999"])
def test_what_is_no_address_of_a_server_is_refused(url):
    with pytest.raises(Misconfigured, match="--url"):
        Door(url, key_of(TRACKER, SECRET))


def test_an_https_address_is_spoken_to_with_certificates_checked():
    door = Door("https://harbor.example", key_of(TRACKER, SECRET))

    assert door._connection._context.check_hostname
