"""What comes on the line of one stream: HTTP's head and framing, gzip, then frames.

A reader of its own, byte by byte and without any of Harbor's code: what subscribers are told
is judged by it.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

HEAD_END = b"\r\n\r\n"
GZIP_BITS = 31
CHUNK_SIZE = re.compile(rb"\A([0-9A-Fa-f]+)[^\r\n]*\r\n")


@dataclass(frozen=True, slots=True)
class Frame:
    """One event as it stood on the line; `event_id` None: it had none of its own."""

    kind: str
    event_id: str | None
    data: bytes
    raw: bytes


class Wire:
    """Fed with what was read, in whatever pieces; gives each frame when it is whole."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.retries_ms: list[int] = []
        self.comments = 0
        self.bytes_read = 0
        self.body = b""
        """What is left over: the beginning of a frame; of a refusal, all of it."""
        self._head = b""
        self._framed = b""
        self._chunk_left = 0
        self._inflate: zlib._Decompress | None = None

    def take(self, piece: bytes) -> list[Frame]:
        self.bytes_read += len(piece)
        if self.status is None:
            piece = self._read_head(piece)
        plain = piece
        if self.headers.get("transfer-encoding") == "chunked":
            plain = self._unchunk(piece)
        if self._inflate is not None:
            plain = self._inflate.decompress(plain)
        self.body += plain
        return list(self._frames()) if self.status == 200 else []

    def _read_head(self, piece: bytes) -> bytes:
        self._head += piece
        head, end, rest = self._head.partition(HEAD_END)
        if not end:
            return b""
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        self.headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        self.status = int(first.split(" ")[1])
        if self.headers.get("content-encoding") == "gzip":
            self._inflate = zlib.decompressobj(GZIP_BITS)
        return rest

    def _unchunk(self, piece: bytes) -> bytes:
        self._framed += piece
        found = []
        while self._framed:
            if self._chunk_left:
                part = self._framed[: self._chunk_left]
                self._chunk_left -= len(part)
                self._framed = self._framed[len(part) :]
                found.append(part)
                continue
            self._framed = self._framed.removeprefix(b"\r\n")
            size = CHUNK_SIZE.match(self._framed)
            if size is None:
                break
            self._chunk_left = int(size[1], 16)
            self._framed = self._framed[size.end() :]
        return b"".join(found)

    def _frames(self) -> Iterator[Frame]:
        *whole, self.body = self.body.split(b"\n\n")
        for raw in whole:
            fields: dict[str, str] = {}
            for line in raw.decode().split("\n"):
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")
            self.comments += raw.startswith(b":")
            if "retry" in fields:
                self.retries_ms.append(int(fields["retry"]))
            if "event" in fields:
                data = fields.get("data", "").encode()
                yield Frame(fields["event"], fields.get("id"), data, raw)
