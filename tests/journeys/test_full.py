"""A worker with no seat left, and a key with its share of them: how each is told."""

import http.client

import pytest

from tests.builders import bearer
from tests.journeys.crowd import Crowd, streams_open
from tests.journeys.fleet_server import FleetServer, wait_until
from tests.journeys.wire import Wire

pytestmark = [pytest.mark.journey, pytest.mark.timeout(60)]

SEATS, SHARE, PERSONS_SHARE = 12, 8, 2


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    server = FleetServer(
        tmp_path_factory.mktemp("harbor"),
        workers=1,
        streams_max=SEATS,
        streams_key_max=SHARE,
        streams_user_max=PERSONS_SHARE,
    )
    try:
        server.set_up()
        server.start()
        yield server
    finally:
        server.tear_down()


@pytest.fixture
def crowd(fleet):
    with Crowd(fleet) as one:
        yield one
    wait_until(lambda: streams_open(fleet) == 0, 5)


def ask(fleet, headers):
    """The answer's status, headers and whole body: it must end by itself."""
    line = http.client.HTTPConnection("127.0.0.1", fleet.port, timeout=5)
    line.request("GET", "/stream", headers=headers)
    answer = line.getresponse()
    body = answer.read()
    line.close()
    return answer, body


def test_a_key_over_its_share_is_429_with_retry_after_and_others_are_served(fleet, crowd):
    crowd.add(SHARE)

    answer, body = ask(fleet, bearer(fleet.cast.partner_key))
    other = crowd.add(1, key=fleet.cast.partner_of_vinga_key)

    assert answer.status == 429
    assert int(answer.getheader("Retry-After")) >= 1
    assert answer.getheader("Content-Type") == "application/problem+json"
    assert b"share" in body
    assert other[0].kinds() == ["snapshot"]


def test_a_seat_that_is_given_back_can_be_taken_at_once(fleet, crowd):
    callers = crowd.add(SHARE)

    crowd.cut(callers[0])
    wait_until(lambda: streams_open(fleet) == SHARE - 1, 5)
    (late,) = crowd.add(1)

    assert late.kinds() == ["snapshot"]


def test_a_program_that_finds_the_worker_full_is_503_with_retry_after(fleet, crowd):
    crowd.add(SHARE)
    crowd.add(SEATS - SHARE, key=fleet.cast.partner_of_vinga_key)

    answer, _ = ask(fleet, bearer(fleet.cast.partner_of_vinga_key))

    assert answer.status == 503
    assert int(answer.getheader("Retry-After")) >= 1


def test_a_browser_that_finds_the_worker_full_is_told_when_to_come_back(fleet, crowd):
    cookie = {"Cookie": fleet.log_in()}
    crowd.add(SHARE)
    crowd.add(SEATS - SHARE, key=fleet.cast.partner_of_vinga_key)

    answers = [ask(fleet, cookie) for _ in range(5)]

    assert_told_to_come_back(answers)


def test_a_person_over_the_share_is_told_when_to_come_back(fleet, crowd):
    cookie = {"Cookie": fleet.log_in()}
    crowd.add(PERSONS_SHARE, headers=cookie)

    answers = [ask(fleet, cookie) for _ in range(5)]

    assert_told_to_come_back(answers)


def assert_told_to_come_back(answers):
    """EventSource gives up for good on any status but 200: it gets an end it understands."""
    waits = set()
    for answer, body in answers:
        wire = Wire()
        wire.take(b"HTTP/1.1 200 OK\r\n\r\n")
        (frame,) = wire.take(body)
        assert answer.status == 200
        assert answer.getheader("Content-Type").startswith("text/event-stream")
        assert (frame.kind, frame.data) == ("reconnect", b'{"reason":"full"}')
        waits |= set(wire.retries_ms)
    assert all(1000 <= wait <= 5000 for wait in waits)
    assert len(waits) > 1
