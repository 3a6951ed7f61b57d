"""A subscriber of /stream that writes down everything it was told."""

import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Heard:
    """One frame, and when it was read (monotonic seconds)."""

    kind: str
    event_id: str | None
    data: dict
    at: float


class Listener:
    """Reads in a thread; `resume` reconnects with the last id as a partner would."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self.heard: list[Heard] = []
        self.comments = 0
        self.ended = threading.Event()
        self._url = url
        self._headers = headers
        self._connect()

    def _connect(self) -> None:
        last = self._last_event_id()
        resume = {"Last-Event-ID": last} if last else {}
        parts = urlsplit(self._url)
        connection = HTTPConnection(parts.hostname, parts.port, timeout=20)
        connection.connect()
        self._socket = connection.sock
        connection.request("GET", f"{parts.path}?{parts.query}", headers=self._headers | resume)
        self._answer = connection.getresponse()
        self._connection = connection
        self.status = self._answer.status
        self.ended.clear()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _last_event_id(self) -> str | None:
        return next((one.event_id for one in reversed(self.heard) if one.event_id), None)

    def _read(self) -> None:
        fields: dict[str, str] = {}
        left = b""
        try:
            while piece := self._answer.read1(65536):
                *lines, left = (left + piece).split(b"\n")
                for line in lines:
                    fields = self._take(line.decode(), fields)
        except (HTTPException, OSError):
            pass  # cut off: what was heard until then is what counts
        self.ended.set()

    def _take(self, line: str, fields: dict[str, str]) -> dict[str, str]:
        if line.startswith(":"):
            self.comments += 1
        elif line:
            name, _, value = line.partition(": ")
            return fields | {name: value}
        elif "event" in fields:
            data = json.loads(fields["data"])
            self.heard.append(Heard(fields["event"], fields.get("id"), data, time.monotonic()))
        return {}

    def close(self) -> None:
        with suppress(OSError):  # the server was first
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._answer.close()
        self._connection.close()

    def resume(self) -> None:
        self.close()
        self._connect()

    def kinds(self) -> list[str]:
        return [one.kind for one in self.heard]

    def moments(self) -> set[str]:
        """The times of all positions heard of, in snapshots too."""
        features = []
        for one in self.heard:
            if one.kind in {"position", "late"}:
                features.append(one.data)
            elif one.kind == "snapshot":
                features += one.data["features"]
        return {feature["properties"]["recorded_at"] for feature in features}

    def wait_for(self, question: Callable[["Listener"], object], timeout_s: float) -> None:
        until = time.monotonic() + timeout_s
        while not question(self):
            if time.monotonic() > until:
                raise AssertionError(f"not heard within {timeout_s} s; heard {self.kinds()}")
            time.sleep(0.01)
