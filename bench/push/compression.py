"""What it would cost to compress for every client alone, in this process.

The same frames, one zlib compressor for each of 1,000 clients, flushed after every event:
what nginx's gzip filter or a middleware does. Against it stands what the load client saw of
Harbor's stream that is compressed once for all.
"""

import os
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from bench.machine import pinned, pss_kilobytes
from bench.push.peers import Bench, Target

CLIENTS, EVENTS = 1000, 20
LEVEL = 6
PATIENCE_SECONDS, SILENCE_SECONDS, RECEIVE_BYTES_MAX = 5.0, 0.5, 8_000_000


@dataclass(frozen=True, slots=True)
class Alone:
    """One compressor for each client."""

    us_per_delivery: float
    bytes_per_delivery: float
    kb_per_client: float


def alone(bench: Bench, frames: list[bytes]) -> Alone:
    """On the core of the server, where nothing else runs meanwhile."""
    with pinned(bench.site.cores.worker, bench.site.cores.rest):
        before = pss_kilobytes(os.getpid())
        every = [zlib.compressobj(LEVEL, zlib.DEFLATED, 31) for _ in range(CLIENTS)]
        for one in every:
            one.compress(frames[0])
            one.flush(zlib.Z_SYNC_FLUSH)
        grown = pss_kilobytes(os.getpid()) - before
        began, size = time.process_time(), 0
        for frame in frames[1 : EVENTS + 1]:
            for one in every:
                size += len(one.compress(frame)) + len(one.flush(zlib.Z_SYNC_FLUSH))
        spent = time.process_time() - began
    deliveries = CLIENTS * EVENTS
    return Alone(1e6 * spent / deliveries, size / deliveries, grown / CLIENTS)


@contextmanager
def listening(target: Target, key: str) -> Iterator[Callable[[], bytes]]:
    """A client that asked for gzip; call what it gives for all that has come, unpacked."""
    request = (
        f"GET {target.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n"
        f"Authorization: Bearer {key}\r\n\r\n"
    )
    unpacker = zlib.decompressobj(31)
    with socket.create_connection(("127.0.0.1", target.port), PATIENCE_SECONDS) as connection:
        connection.sendall(request.encode())
        yield lambda: unpacker.decompress(received(connection))


def received(connection: socket.socket) -> bytes:
    """What waits in the socket, without the head."""
    connection.settimeout(SILENCE_SECONDS)
    came = b""
    with suppress(TimeoutError):
        while len(came) < RECEIVE_BYTES_MAX and (piece := connection.recv(262_144)):
            came += piece
    return came.partition(b"\r\n\r\n")[2]


def position_frames(stream: bytes) -> list[bytes]:
    return [one + b"\n\n" for one in stream.split(b"\n\n") if b"event: position\n" in one]
