"""A subscriber of /stream that writes down everything it was told."""

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from harbor.client import FAULTS, Connection, Parser

SILENCE_SECONDS = 20


@dataclass(frozen=True)
class Heard:
    """One frame, and when it was read (monotonic seconds)."""

    kind: str
    event_id: str | None
    data: dict
    at: float


class Listener:
    """Reads one connection in a thread; `resume` makes the next, as a partner would.

    What harbor.client does by itself (coming back, leaving out what came twice) is left to
    the test here: it must see every frame.
    """

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self.heard: list[Heard] = []
        self.ended = threading.Event()
        self._parsers: list[Parser] = []
        self._url = url
        self._headers = headers
        self._connect()

    def _connect(self) -> None:
        """Raises OSError or HTTPException."""
        last = self._last_event_id()
        resume = {"Last-Event-ID": last} if last else {}
        self._parsers.append(Parser(last or ""))
        headers = self._headers | resume
        self._connection = Connection(self._url, headers, self._parsers[-1], SILENCE_SECONDS)
        try:
            self.status = self._connection.open()
        except FAULTS:
            self._connection.close()
            raise
        self.ended.clear()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def comments(self) -> int:
        return sum(parser.comments for parser in self._parsers)

    def _last_event_id(self) -> str | None:
        return next((one.event_id for one in reversed(self.heard) if one.event_id), None)

    def _read(self) -> None:
        with suppress(*FAULTS):  # cut off: what was heard until then is what counts
            for frame in self._connection.frames():
                data = json.loads(frame.data)
                self.heard.append(Heard(frame.kind, frame.id, data, time.monotonic()))
        self._connection.close()
        self.ended.set()

    def close(self) -> None:
        self._connection.hang_up()
        self._thread.join(5)

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
