"""Signed positions as ready-made requests, so that signing is no part of a measurement."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bench.installation import Sender
from harbor.ingest.signature import sign

HEADERS = (
    "POST /api/v1/positions HTTP/1.1\r\n"
    "Host: 127.0.0.1\r\n"
    "User-Agent: harbor-bench\r\n"
    "Content-Type: application/json\r\n"
    "Harbor-Tracker: {tracker}\r\n"
    "webhook-id: {message}\r\n"
    "webhook-timestamp: {timestamp}\r\n"
    "webhook-signature: {signature}\r\n"
    "Content-Length: {length}\r\n"
    "\r\n"
)
Fix = dict[str, str | float]


class Pings:
    """Every position has a time of its own, a millisecond after the one before.

    The vessels take turns, each staying within some hundred metres: nothing teleports.
    """

    def __init__(self, senders: Sequence[Sender]) -> None:
        self._senders = senders
        self._count = 0
        # Never a whole second: its fraction would be written in more than one way.
        self._begin = datetime.now(UTC).replace(microsecond=137) - timedelta(hours=3)

    def fix(self) -> Fix:
        self._count += 1
        moment = self._begin + timedelta(milliseconds=self._count)
        swing = (self._count % 97) * 1e-5
        return {
            "recorded_at": moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "latitude": round(57.6 + swing, 6),
            "longitude": round(11.8 - swing, 6),
            "speed_knots": 9.5,
            "course_degrees": 270.0,
            "heading_degrees": 268.0,
        }

    def singles(self, count: int) -> list[bytes]:
        """Requests with one position each, signed now: good for five minutes."""
        return [self._request(json.dumps(self.fix())) for _ in range(count)]

    def marked(self, count: int) -> list[tuple[bytes, bytes]]:
        """Single positions, each with the `recorded_at` by which its event is known."""
        found = []
        for _ in range(count):
            fix = self.fix()
            found.append((str(fix["recorded_at"]).encode(), self._request(json.dumps(fix))))
        return found

    def arrays(self, count: int, rows: int) -> list[bytes]:
        """Requests with an array of positions of one vessel each."""
        return [
            self._request(json.dumps([self.fix() for _ in range(rows)])) for _ in range(count)
        ]

    def rows(self, count: int) -> list[tuple[object, ...]]:
        """The same positions as rows of the table, vessels taking turns by 500."""
        return [self._row() for _ in range(count)]

    def _row(self) -> tuple[object, ...]:
        fix, sender = self.fix(), self._senders[self._count // 500 % len(self._senders)]
        recorded_at = datetime.fromisoformat(str(fix.pop("recorded_at")))
        return (
            *(sender.fleet_id, sender.vessel_id, recorded_at, sender.tracker_id),
            *(datetime.now(UTC), *fix.values(), None, None, None, None, "tracker", None),
        )

    def _request(self, document: str) -> bytes:
        sender = self._senders[self._count % len(self._senders)]
        body, message, timestamp = document.encode(), f"msg_{self._count}", int(time.time())
        head = HEADERS.format(
            tracker=sender.tracker_id,
            message=message,
            timestamp=timestamp,
            signature=sign(message, timestamp, body, sender.key),
            length=len(body),
        )
        return head.encode() + body
