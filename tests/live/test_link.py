"""The listening connection, against a server that says what it should not."""

import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import gevent
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harbor.errors import Unavailable
from harbor.live.link import UNFINISHED_BYTES_MAX, Link

CHANNEL = b"channel"


class FakeValkey:
    """Greets, confirms one subscription, then says these pieces, one after the other."""

    def __init__(self, pieces, tls=None):
        self._pieces, self._tls = pieces, tls
        self._may_go_on = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def go_on(self):
        self._may_go_on.set()

    def close(self):
        self.go_on()
        self._thread.join(10)
        self._listener.close()

    def _serve(self):
        client, _ = self._listener.accept()
        client.settimeout(10)
        if self._tls:
            client = self._tls.wrap_socket(client, server_side=True)
        with client, suppress(OSError):  # it may have heard enough
            self._talk(client)

    def _talk(self, client):
        while b"SUBSCRIBE" not in (said := client.recv(4096)):
            client.sendall(b"+OK\r\n" * said.count(b"CLIENT"))
        client.sendall(b"*3\r\n$9\r\nsubscribe\r\n$7\r\nchannel\r\n:1\r\n")
        for piece in self._pieces:
            self._may_go_on.wait(10)
            self._may_go_on.clear()
            client.sendall(piece)
        self._may_go_on.wait(10)


@pytest.fixture
def connect():
    """A subscribed link to a server that says these pieces."""
    opened = []

    def connect(*pieces, tls=None):
        server = FakeValkey(pieces, tls)
        opened.append(server)
        scheme, options = ("rediss", "?ssl_cert_reqs=none") if tls else ("redis", "")
        link = Link(f"{scheme}://127.0.0.1:{server.port}/0{options}", 5.0)
        opened.append(link)
        link.subscribe([CHANNEL])
        assert heard(link, 1) == [[b"subscribe", CHANNEL, 1]]
        return server, link

    yield connect
    for one in reversed(opened):
        one.close()


def heard(link, count):
    """At least so many replies."""
    replies = []
    for _ in range(1000):
        replies += link.read(5.0)
        if len(replies) >= count:
            return replies
    raise AssertionError("it never came")


def message(data: bytes) -> bytes:
    return b"*3\r\n$7\r\nmessage\r\n$7\r\nchannel\r\n$%d\r\n%b\r\n" % (len(data), data)


def test_a_message_that_comes_in_pieces_is_heard_when_it_is_whole(connect):
    whole = message(b"x" * 100)
    server, link = connect(whole[:50], whole[50:])

    server.go_on()
    first = link.read(5.0)
    server.go_on()

    assert first == []
    assert heard(link, 1) == [[b"message", CHANNEL, b"x" * 100]]


def test_what_comes_in_one_piece_is_heard_in_one_piece(connect):
    server, link = connect(message(b"1") + message(b"2") + message(b"3"))

    server.go_on()

    assert [reply[2] for reply in link.read(5.0)] == [b"1", b"2", b"3"]


def test_nothing_to_read_is_no_fault(connect):
    _, link = connect()

    assert link.read(0.01) == []


def test_a_stirred_reader_goes_on_though_it_was_stirred_before_it_waited(connect):
    _, link = connect()
    link.stir()

    with gevent.Timeout(10):
        assert link.read(1000) == []


def test_a_server_that_hangs_up_is_away(connect):
    server, link = connect()
    server.close()

    with pytest.raises(Unavailable):
        heard(link, 1)


@pytest.mark.parametrize("said", [b"-NOPERM no such channel for you\r\n", b"what?\r\n"])
def test_what_is_no_message_ends_the_link(connect, said):
    server, link = connect(said)
    server.go_on()

    with pytest.raises(Unavailable):
        heard(link, 1)


def test_a_message_without_an_end_is_given_up(connect):
    server, link = connect(b"*3\r\n$900000000\r\n" + b"x" * (UNFINISHED_BYTES_MAX + 1))
    server.go_on()

    with pytest.raises(Unavailable, match="without an end"):
        heard(link, 1)


def test_over_tls_nothing_stays_behind_in_what_was_decrypted(connect, tmp_path):
    many = [b"%d" % number for number in range(20_000)]
    server, link = connect(b"".join(map(message, many)), tls=certified(tmp_path))

    server.go_on()

    assert [reply[2] for reply in heard(link, len(many))] == many


def certified(folder):
    """A server's side of TLS, with a certificate of its own making."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "valkey")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "both.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
