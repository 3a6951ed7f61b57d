"""Senders that send too slowly, too much, or too often."""

import json
import socket
import struct
import time

import pytest

from tests.builders import moment, ping, signed
from tests.journeys.fleet_server import FleetServer, wait_until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(60)]

BODY_SECONDS = 1.5
HEAD_SECONDS = 5  # gunicorn's keepalive is also its deadline for a request's head
BURST = 20


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    server = FleetServer(
        tmp_path_factory.mktemp("harbor"),
        workers=1,
        body_timeout_s=BODY_SECONDS,
        body_bytes_max=20_000,
        tracker_requests_per_s=0.1,
        tracker_requests_burst=BURST,
    )
    try:
        server.set_up()
        server.start()
        yield server
    finally:
        server.tear_down()


@pytest.fixture
def line(fleet):
    with socket.create_connection(("127.0.0.1", fleet.port), timeout=15) as connection:
        yield connection


def head(hull, body, length=None, **more) -> bytes:
    """A request's head; without a length the body is chunked."""
    framing = (
        {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": str(length)}
    )
    headers = signed(body, hull.tracker_id, hull.secret) | framing | {"Host": "harbor"} | more
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(["POST /api/v1/positions HTTP/1.1", *lines, "\r\n"]).encode()


def answer_of(line) -> tuple[int, bytes]:
    """The status and everything that follows, until the server closes the connection."""
    heard = b""
    while piece := line.recv(65_536):
        heard += piece
    return int(heard.split(b" ", 2)[1]), heard


def drip(line, content, seconds) -> float:
    """One byte after the other, until the server has had enough; how long that took."""
    began = time.monotonic()
    line.settimeout(seconds / 20)
    for at in range(len(content)):
        try:
            line.sendall(content[at : at + 1])
            if line.recv(1, socket.MSG_PEEK) is not None:
                break
        except TimeoutError:
            continue
        except ConnectionError:
            break
    line.settimeout(15)
    return time.monotonic() - began


def test_a_body_that_comes_byte_by_byte_is_cut_by_a_deadline_for_all_of_it(fleet, line):
    body = json.dumps(ping()).encode()

    line.sendall(head(fleet.cast.vinga, body, len(body)))
    took = drip(line, body, BODY_SECONDS)

    status, heard = answer_of(line)
    assert status == 503
    assert b"Retry-After" in heard
    assert BODY_SECONDS * 0.9 < took < BODY_SECONDS + 2


def test_a_head_that_comes_byte_by_byte_is_cut_too(fleet, line):
    took = drip(line, b"POST /api/v1/positions HTTP/1.1\r\nX-Slow: " + b"a" * 200, HEAD_SECONDS)

    assert HEAD_SECONDS * 0.8 < took < HEAD_SECONDS + 3


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_over_the_limit_is_413_also_in_chunks(fleet, line, is_chunked):
    body = b"[" + b" " * 20_000 + b"]"

    if is_chunked:
        pieces = [b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:9000], body[9000:])]
        line.sendall(head(fleet.cast.vinga, body) + b"".join(pieces) + b"0\r\n\r\n")
    else:
        line.sendall(head(fleet.cast.vinga, body, len(body)) + body)

    assert answer_of(line)[0] == 413


def test_a_body_in_chunks_within_the_limit_is_read_whole(fleet, line):
    body = json.dumps(ping()).encode()
    pieces = [b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:40], body[40:])]
    closing = {"Connection": "close"}

    line.sendall(head(fleet.cast.vinga, body, **closing) + b"".join(pieces) + b"0\r\n\r\n")

    assert answer_of(line)[0] == 201


def test_broken_chunks_are_the_senders_fault_and_said_so(fleet, line):
    line.sendall(head(fleet.cast.vinga, b"") + b"zz\r\nnonsense\r\n0\r\n\r\n")

    assert answer_of(line)[0] == 400


def test_a_line_that_is_lost_in_the_middle_of_a_body_is_no_fault_of_ours(fleet):
    said = fleet.log.read_text()
    faults, refusals = said.count("request.failed"), said.count('"status":503')
    body = json.dumps(ping()).encode()
    whole, in_chunks = (head(fleet.cast.vinga, body, length) for length in (len(body), None))
    for begin in (whole, in_chunks + b"50\r\n"):
        with socket.create_connection(("127.0.0.1", fleet.port), timeout=5) as connection:
            reset = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            connection.sendall(begin + body[:10])

    wait_until(
        lambda: fleet.log.read_text().count('"status":503') == refusals + 2, 10, fleet.tail
    )
    assert fleet.log.read_text().count("request.failed") == faults


def test_a_mad_tracker_is_sent_away_and_the_others_are_served(fleet):
    mad, calm = fleet.cast.hono, fleet.cast.vinga

    answers = [fleet.post(mad, ping(recorded_at=moment(3600 + n))) for n in range(BURST + 5)]

    refused = [one for one in answers if one.status == 429]
    assert len(refused) == 5
    assert int(refused[0].headers["Retry-After"]) == 10
    assert refused[0].headers["Content-Type"] == "application/problem+json"
    assert fleet.post(calm, ping()).status == 201
