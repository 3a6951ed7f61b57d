"""A Harbor that keeps what it is sent, answers as a test says, and can be cut off."""

import base64
import json
import socket
import threading
from collections import Counter
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from harbor.ingest.signature import sign

TRACKER = "0193f0a0-0000-7000-8000-0000000000d1"
KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()


class FakeHarbor:
    """`answers` are used up one by one: a status, or a status, headers and a body."""

    def __init__(self, port=0):
        self.messages = []
        self.answers = []
        self.before_answer = lambda: None
        self._server = self._listen(port)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.cut()

    @property
    def lines(self):
        """Every line that was acknowledged, as often as it was."""
        return [line for one in self.messages for line in one.lines]

    def ids(self):
        return Counter(one.message_id for one in self.messages)

    def cut(self):
        """Nobody listens, and whoever was talking is hung up on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            for connection in list(self._server.connections):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._server = None

    def mend(self):
        self._server = self._listen(self.port)

    def _listen(self, port):
        server = Server(("127.0.0.1", port), Handler)
        server.harbor = self
        server.connections = set()
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server


class Server(ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = True


class Message:
    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body
        self.message_id = headers["webhook-id"]
        self.lines = body.splitlines()
        timestamp = int(headers["webhook-timestamp"])
        signature = sign(self.message_id, timestamp, body, KEY)
        self.is_signed = headers["webhook-signature"] == signature


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self):
        self.server.connections.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def handle_one_request(self):
        with suppress(ConnectionError, ValueError):
            super().handle_one_request()
            return
        self.close_connection = True

    def do_POST(self):
        harbor = self.server.harbor
        body = self.rfile.read(int(self.headers["content-length"]))
        message = Message(self.path, self.headers, body)
        status, headers, said = answer(harbor, message)
        if status == 200 and said.startswith(b"{"):
            harbor.messages.append(message)
        harbor.before_answer()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *words):
        """Quiet."""


def answer(harbor, message):
    given = harbor.answers.pop(0) if harbor.answers else 200
    if callable(given):
        given = given(message)
    if isinstance(given, tuple):
        return given
    counts = {"accepted": len(message.lines), "duplicates": 0, "quarantined": 0}
    good = counts | {"rejected": 0, "ignored": {"other_vessel": 0}}
    return given, {}, json.dumps(good if given == 200 else {"detail": "because"}).encode()
