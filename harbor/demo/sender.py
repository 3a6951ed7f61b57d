"""The trackers aboard: what each sends and when, through the public webhook.

As real ones do, a tracker keeps what it could not send and uploads it later as one array.
"""

import base64
import http.client
import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Protocol

import orjson

from harbor.demo.sailing import DemoVessel, fix_at
from harbor.demo.server import HOST
from harbor.ingest.signature import sign

POSITIONS_PATH = "/api/v1/positions"
FIX_EVERY = timedelta(seconds=2)
JITTER = 0.2
HISTORY = timedelta(minutes=30)
HISTORY_STEP = timedelta(seconds=10)
BACKLOG_REPORTS_MAX = 1_800
"""An hour at sea out of reach; then the oldest go first."""
ARRAY_REPORTS_MAX = 500
OUTAGE_EVERY = timedelta(minutes=6)
OUTAGE = timedelta(minutes=2)
RETRY_S = 1.0
TIMEOUT_S = 5.0
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TrackerKey:
    """How a tracker names itself, and what it signs with (`whsec_…`)."""

    id: str
    secret: str

    def sign(self, body: bytes, now: datetime) -> Mapping[str, str]:
        """The headers of Standard Webhooks, and Harbor's own that names the tracker."""
        message_id = f"msg_{uuid.uuid4().hex}"
        timestamp_s = int(now.timestamp())
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        return {
            "content-type": "application/json",
            "harbor-tracker": self.id,
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp_s),
            "webhook-signature": sign(message_id, timestamp_s, body, key),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to one message."""

    status: int
    retry_after_s: float = RETRY_S

    @property
    def is_later(self) -> bool:
        """Nothing was acknowledged; the same may be sent again."""
        return self.status in (408, 429) or self.status >= 500


class Door(Protocol):
    """Where messages are posted. Raises OSError when nobody answers."""

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer: ...

    def close(self) -> None: ...


class Tracker:
    """One vessel's tracker. It takes a fix every two seconds and sends what it has.

    The visitor's vessel sends its berth once and then leaves the word to the visitor.
    """

    def __init__(
        self,
        vessel: DemoVessel,
        key: TrackerKey,
        door: Door,
        start_at: datetime,
        random: Random,
    ) -> None:
        self.vessel = vessel
        self.backlog: deque[bytes] = deque(maxlen=BACKLOG_REPORTS_MAX)
        self.acknowledged = 0
        self.refused = 0
        self._key = key
        self._door = door
        self._start_at = start_at
        self._random = random
        self._next_fix_at = NEVER if vessel.visitor else start_at + FIX_EVERY * random.random()
        self._not_before = start_at
        moments = [start_at] if vessel.visitor else history(start_at)
        self.backlog.extend(report(vessel, moment) for moment in moments)

    @property
    def due_at(self) -> datetime:
        """When `step` has something to do again."""
        return min(self._not_before, self._next_fix_at) if self.backlog else self._next_fix_at

    def step(self, now: datetime) -> None:
        """Take the fixes that are due, then send if the server may be reached."""
        self._take_fixes(now)
        self._not_before = max(self._not_before, self._within_reach(now))
        if self.backlog and now >= self._not_before:
            self._send(now)

    def close(self) -> None:
        self._door.close()

    def _take_fixes(self, now: datetime) -> None:
        # After a night in a closed laptop, only what the backlog can hold.
        self._next_fix_at = max(self._next_fix_at, now - FIX_EVERY * BACKLOG_REPORTS_MAX)
        while self._next_fix_at <= now:
            self.backlog.append(report(self.vessel, self._next_fix_at))
            self._next_fix_at += FIX_EVERY * (1 + self._random.uniform(-JITTER, JITTER))

    def _within_reach(self, now: datetime) -> datetime:
        """Now, or when the outage that reigns now is over."""
        into_round = (now - self._start_at) % OUTAGE_EVERY
        if self.vessel.outage and into_round >= OUTAGE_EVERY - OUTAGE:
            return now + (OUTAGE_EVERY - into_round)
        return now

    def _send(self, now: datetime) -> None:
        reports = [self.backlog[n] for n in range(min(len(self.backlog), ARRAY_REPORTS_MAX))]
        body = reports[0] if len(reports) == 1 else b"[%b]" % b",".join(reports)
        try:
            answer = self._door.post(body, self._key.sign(body, now))
        except OSError:
            answer = Answer(503)
        if answer.is_later:
            wait_s = answer.retry_after_s * self._random.uniform(1, 1.5)
            self._not_before = now + timedelta(seconds=wait_s)
            return
        for _ in reports:
            self.backlog.popleft()
        if answer.status < 300:
            self.acknowledged += len(reports)
        else:  # 4xx means: don't send it again
            self.refused += len(reports)


class Sender:
    """All trackers in one thread: whoever is due first goes first."""

    def __init__(self, trackers: Sequence[Tracker]) -> None:
        self._trackers = trackers

    @property
    def is_caught_up(self) -> bool:
        """Whether the server has acknowledged all that there was to tell."""
        return not any(tracker.backlog for tracker in self._trackers)

    @property
    def acknowledged(self) -> int:
        return sum(tracker.acknowledged for tracker in self._trackers)

    @property
    def refused(self) -> int:
        return sum(tracker.refused for tracker in self._trackers)

    def step(self, now: datetime) -> float:
        """Let one tracker that is due do its part; seconds until the next one is due."""
        first = self._next()
        if first.due_at <= now:
            first.step(now)
        return max(0.0, (self._next().due_at - now).total_seconds())

    def close(self) -> None:
        for tracker in self._trackers:
            tracker.close()

    def _next(self) -> Tracker:
        return min(self._trackers, key=lambda tracker: tracker.due_at)


class HttpDoor:
    """One tracker's connection, kept alive between its messages."""

    def __init__(self, port: int, path: str = POSITIONS_PATH) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT_S)
        self._path = path

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        # A server may hang up between two messages; that shows only when we speak again.
        if self._connection.sock is not None:
            with suppress(ConnectionError):
                return self._post(body, headers)
        return self._post(body, headers)

    def close(self) -> None:
        self._connection.close()

    def _post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            self._connection.request("POST", self._path, body, dict(headers))
            response = self._connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            if isinstance(error, OSError):
                raise
            raise ConnectionError("the answer broke off") from error
        return Answer(response.status, seconds(response.getheader("Retry-After")))


def history(now: datetime) -> Iterator[datetime]:
    """The last half hour on a fixed grid, so that a second start repeats no fix anew."""
    step_s = int(HISTORY_STEP.total_seconds())
    last_s = int(now.timestamp()) // step_s * step_s
    first_s = last_s - int(HISTORY.total_seconds())
    for second in range(first_s, last_s, step_s):
        yield datetime.fromtimestamp(second, UTC)


def report(vessel: DemoVessel, moment: datetime) -> bytes:
    """One position as the webhook takes it."""
    fix = fix_at(vessel, moment)
    members: dict[str, object] = {
        "recorded_at": moment.isoformat(),
        "latitude": round(fix.latitude, 6),
        "longitude": round(fix.longitude, 6),
        "speed_knots": round(fix.speed_knots, 1),
        "heading_degrees": round(fix.heading_degrees, 1) % 360,
        "navigation_status": fix.navigation_status,
    }
    if fix.course_degrees is not None:
        members["course_degrees"] = round(fix.course_degrees, 1) % 360
    return orjson.dumps(members)


def seconds(retry_after: str | None) -> float:
    """The seconds of a Retry-After header; a date, or none, counts as one second."""
    if retry_after is not None and retry_after.isdigit():
        return max(float(retry_after), 0.1)
    return RETRY_S
