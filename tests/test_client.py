"""harbor.client: typed events, and how it comes back; its frames: test_client_frames.py."""

import json
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from itertools import islice
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from harbor.client import (
    Alert,
    BadRequest,
    Feed,
    FeedError,
    Late,
    Merged,
    Position,
    Reconnect,
    Refused,
    Resync,
    Snapshot,
    Stopped,
    Unknown,
    VesselChange,
    backoff_s,
)
from tests.builders import NOON
from tests.journeys.fleet_server import wait_until
from tests.scripted_server import HEAD, Answer, ScriptedServer, read_head, stream

VINGA = {
    "type": "Feature",
    "id": "a1",
    "geometry": {"type": "Point", "coordinates": [11.8, 57.66]},
    "properties": {"name": "Vinga", "recorded_at": "2026-05-04T12:30:00.25Z", "mmsi": "265"},
}
PING = json.dumps(VINGA)


def position(event_id: str) -> str:
    return f"id: {event_id}\nevent: position\ndata: {PING}"


def heard(server: ScriptedServer, **changes) -> tuple[list, Feed]:
    """All events until the server asks to stay away."""
    feed, events = Feed(server.url, "key", **changes), []
    with server, feed, pytest.raises(Stopped):
        events.extend(feed)
    return events, feed


def test_a_position_is_typed():
    [event], _ = heard(ScriptedServer(stream(position("e-7"))))

    assert isinstance(event, Position)
    assert (event.id, event.vessel.id, event.vessel.name) == ("e-7", "a1", "Vinga")
    assert (event.vessel.latitude, event.vessel.longitude) == (57.66, 11.8)
    assert event.vessel.recorded_at == datetime(2026, 5, 4, 12, 30, 0, 250_000, UTC)
    assert event.vessel.properties["mmsi"] == "265"


def test_every_kind_of_event_has_its_type():
    nowhere = VINGA | {"geometry": None, "properties": {"name": "N", "recorded_at": None}}
    renamed = VINGA | {"properties": VINGA["properties"] | {"change": "renamed"}}
    outside = VINGA | {"properties": VINGA["properties"] | {"state": "outside"}}
    collection = {"features": [VINGA, nowhere], "feed_id": "e-1"}
    told = {"kind": "sos", "text": "SOS", "is_over": False, "vessel_id": None, "name": None}
    told |= {"recorded_at": NOON.isoformat()}
    alert = {"id": "a1", "geometry": None, "properties": told}
    events, _ = heard(
        ScriptedServer(
            stream(
                f"id: e-1\nevent: snapshot\ndata: {json.dumps(collection)}",
                f"id: e-2\nevent: late\ndata: {PING}",
                f"id: e-3\nevent: vessel\ndata: {json.dumps(renamed)}",
                f"id: e-4\nevent: vessel\ndata: {json.dumps(outside)}",
                'event: merged\ndata: {"events": 3}',
                'event: feed\ndata: {"state": "degraded"}',
                'event: resync\ndata: {"reason": "too_slow"}',
                f"id: e-5\nevent: alert\ndata: {json.dumps(alert)}",
                "event: storm\ndata: {}",
                'event: reconnect\ndata: {"reason": "leaving"}',
            )
        )
    )

    assert [one.latitude for one in events[0].vessels] == [57.66, None]
    assert [type(one) for one in events[:2]] == [Snapshot, Late]
    assert [one.change for one in events if isinstance(one, VesselChange)] == [
        "renamed",
        "outside",
    ]
    assert events[4:5] == [Merged(None, 3)]
    assert events[5].state == "degraded"
    assert events[6:] == [
        Resync(None, "too_slow"),
        Alert("e-5", "a1", "sos", "SOS", False, None, None, None, None, NOON),
        Unknown(None, "storm", "{}"),
        Reconnect(None, "leaving"),
    ]


def test_an_event_that_breaks_the_contract_is_an_error_and_not_left_out():
    server = ScriptedServer(stream("event: position\ndata: {}"))

    with server, Feed(server.url) as feed, pytest.raises(FeedError, match="not understood"):
        next(feed)


def test_it_comes_back_with_the_last_id_and_counts_what_was_sent_again():
    first = stream(position("e-1"), position("e-2"))
    again = stream(position("e-2"), position("e-3"), position("f-1"))
    server = ScriptedServer(first, again)

    events, feed = heard(server)

    assert [one.id for one in events] == ["e-1", "e-2", "e-3", "f-1"]
    assert feed.repeated == 1
    assert server.header(0, "Last-Event-ID") is None
    assert server.header(1, "Last-Event-ID") == "e-2"


def test_a_snapshot_after_a_resume_begins_afresh_with_lower_numbers_too():
    snapshot = 'id: e-4\nevent: snapshot\ndata: {"features": []}'
    server = ScriptedServer(stream(position("e-9")), stream(snapshot, position("e-5")))

    events, feed = heard(server)

    assert [one.id for one in events] == ["e-9", "e-4", "e-5"]
    assert feed.repeated == 0


def test_an_event_cut_in_the_middle_comes_again_whole():
    server = ScriptedServer(
        stream(position("e-1")) + position("e-2").encode(), stream(position("e-2"))
    )

    events, feed = heard(server)

    assert [one.id for one in events] == ["e-1", "e-2"]
    assert feed.repeated == 0
    assert server.header(1, "Last-Event-ID") == "e-1"


def test_a_stored_id_filters_and_headers_are_asked_for():
    server = ScriptedServer()

    heard(
        server,
        vessels=["9074729", "a1"],
        bbox=(170, -20.5, -170, 20),
        types="position",
        mode="all",
        max_rate_s=10,
        after="e-5",
        headers={"Cookie": "harbor=1"},
    )

    line = server.requests[0].splitlines()[0]
    assert line == (
        "GET /stream?vessels=9074729,a1&bbox=170,-20.5,-170,20&types=position&mode=all"
        "&max_rate=10 HTTP/1.1"
    )
    assert server.header(0, "Last-Event-ID") == "e-5"
    assert server.header(0, "Authorization") == "Bearer key"
    assert server.header(0, "Cookie") == "harbor=1"
    assert server.header(0, "Accept-Encoding") == "gzip"


def test_a_compressed_stream_is_read_as_it_comes():
    feed_read = threading.Event()

    def answer(client: socket.socket) -> None:
        deflate = zlib.compressobj(1, zlib.DEFLATED, 31)
        client.sendall(HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n"))
        block = deflate.compress(stream(position("e-1")).removeprefix(HEAD))
        client.sendall(block + deflate.flush(zlib.Z_SYNC_FLUSH))
        assert feed_read.wait(5)
        client.sendall(deflate.compress(f"{position('e-2')}\n\n".encode()) + deflate.flush())

    with ScriptedServer(answer) as server, Feed(server.url) as feed:
        first = next(feed)
        feed_read.set()
        second = next(feed)

    assert (first.id, second.id) == ("e-1", "e-2")


def test_a_plain_stream_can_be_asked_for():
    server = ScriptedServer()

    heard(server, is_compressed=False)

    assert server.header(0, "Accept-Encoding") == "identity"


def refusal(status: str, document: dict, *headers: str) -> bytes:
    body = json.dumps(document).encode()
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


@pytest.mark.parametrize(
    ("status", "error"),
    [("401 U", Refused), ("403 F", Refused), ("400 B", BadRequest), ("404 N", FeedError)],
)
def test_what_no_waiting_mends_ends_it_and_says_why(status, error):
    server = ScriptedServer(refusal(status, {"detail": "there is no vessel 'x'."}))

    with server, Feed(server.url) as feed, pytest.raises(error) as raised:
        next(feed)

    assert raised.value.status == int(status[:3])
    assert error is FeedError or "no vessel 'x'" in str(raised.value)


def test_a_page_instead_of_a_feed_is_an_error():
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>"

    server = ScriptedServer(page)

    with server, Feed(server.url) as feed, pytest.raises(FeedError, match="text/html"):
        next(feed)


@pytest.mark.parametrize("status", ["503 Full", "429 Too many"])
def test_it_waits_as_long_as_a_full_server_asks(status):
    server = ScriptedServer(refusal(status, {}, "Retry-After: 1"), stream(position("e-1")))
    began = time.monotonic()

    events, _ = heard(server)

    assert [one.id for one in events] == ["e-1"]
    assert time.monotonic() - began >= 1


def test_it_waits_longer_after_each_failure_up_to_a_minute():
    waits = [backoff_s(failures, retry_s=3) for failures in range(1, 13)]

    assert 3 <= waits[0] <= 3.75
    assert 24 <= waits[3] <= 30
    assert 60 <= min(waits[5:]) <= max(waits[5:]) <= 75
    assert len(set(waits[5:])) > 1  # jittered: others wait too


def test_a_server_that_fell_silent_is_left():
    def answer(client: socket.socket) -> None:
        client.sendall(stream(position("e-1")))
        client.recv(1)  # until the reader leaves

    server = ScriptedServer(answer, stream(position("e-2")))

    events, _ = heard(server, silence_s=0.2)

    assert [one.id for one in events] == ["e-1", "e-2"]


@pytest.mark.parametrize("when", ["reading", "waiting"])
def test_close_from_another_thread_ends_the_iterator_at_once(when):
    def answer(client: socket.socket) -> None:
        retry = b"retry: 60000\n\n" if when == "waiting" else b""
        client.sendall(stream() + retry + f"{position('e-1')}\n\n".encode())
        if when == "reading":
            client.recv(1)

    with ScriptedServer(answer) as server:
        feed = Feed(server.url)
        events = []
        reader = threading.Thread(target=lambda: events.extend(feed))
        reader.start()
        wait_until(lambda: events, 5)
        feed.close()
        reader.join(5)

    assert not reader.is_alive()
    assert [one.id for one in events] == ["e-1"]


def test_a_feed_that_was_closed_has_no_more_events():
    with ScriptedServer(stream(position("e-1"), position("e-2"))) as server:
        feed = Feed(server.url)
        assert [one.id for one in islice(feed, 1)] == ["e-1"]
        feed.close()

        assert list(feed) == []


@pytest.mark.parametrize("url", ["harbor.example", "ftp://harbor.example", ""])
def test_what_is_no_address_is_refused_at_once(url):
    with pytest.raises(ValueError, match="address"):
        Feed(url)


def test_one_file_is_all_that_a_partner_copies(project, tmp_path):
    """In isolated mode, without site-packages, from a folder that holds only the file."""
    shutil.copy(project / "harbor/client.py", tmp_path / "harbor_client.py")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import harbor_client"
    program += "; print([n for n in sys.modules if n.split('.')[0] in ('flask', 'gevent')])"

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, check=True
    )

    assert done.stdout.strip() == b"[]"


UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import sys, gevent
from harbor.client import Feed
feed, events = Feed(sys.argv[1]), []
reader = gevent.spawn(lambda: events.extend(feed))
with gevent.Timeout(5):
    while not events:
        gevent.sleep(0.01)
    feed.close()
    reader.get()
print(events[0].id)
"""


def test_it_runs_and_closes_under_gevent():
    def answer(client: socket.socket) -> None:
        client.sendall(stream(position("e-1")))
        client.recv(1)

    with ScriptedServer(answer) as server:
        command = [sys.executable, "-c", UNDER_GEVENT, server.url]
        done = subprocess.run(command, capture_output=True, timeout=15, check=False)

    assert (done.stdout.strip(), done.stderr) == (b"e-1", b"")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    """A key and its own certificate for 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


def tls_answer(certificate: Path) -> Answer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def answer(client: socket.socket) -> None:
        with suppress(ssl.SSLError), context.wrap_socket(client, server_side=True) as secure:
            read_head(secure)
            secure.sendall(stream(position("e-1")))
            secure.recv(1)

    return answer


def test_close_ends_a_stream_over_tls_too(certificate):
    trust = ssl.create_default_context(cafile=str(certificate))

    with ScriptedServer(tls_answer(certificate), is_read=False) as server:
        feed = Feed(server.url.replace("http:", "https:"), tls=trust)
        events = []
        reader = threading.Thread(target=lambda: events.extend(feed))
        reader.start()
        wait_until(lambda: events, 5)
        feed.close()
        reader.join(5)

    assert not reader.is_alive()
    assert [one.id for one in events] == ["e-1"]


def test_a_server_with_a_wrong_certificate_is_not_tried_again(certificate):
    server = ScriptedServer(tls_answer(certificate), is_read=False)
    feed = Feed(server.url.replace("http:", "https:"))

    with server, feed, pytest.raises(ssl.SSLCertVerificationError):
        next(feed)
