"""Harbor's live feed for programs: one file, standard library only, Python 3.11. Copy it.

    with Feed("https://harbor.example", key) as feed:
        for event in feed:
            if isinstance(event, Position):
                print(event.vessel.name, event.vessel.latitude, event.vessel.longitude)

The iterator resumes by itself; it ends after `close`, or with a FeedError that you must act
upon. What each event promises, and when to store `feed.last_event_id`: docs/feed.md.
Part of Harbor Fleet, Apache-2.0.
"""

import json
import logging
import random
import re
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

log = logging.getLogger("harbor.client")

CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 45.0
"""The server says something every 15 s; after three times that, nobody is there."""
WAIT_SECONDS_MIN, WAIT_SECONDS_MAX = 0.2, 60.0
COME_BACK_LATER = {408, 429, 500, 502, 503, 504}
FAULTS = (OSError, HTTPException, zlib.error)
NUMBERED = {"position", "late", "vessel", "alert"}
LINE_END = re.compile(rb"\r\n|\r|\n")


class FeedError(Exception):
    """The feed can't go on; `status` is the server's answer."""

    def __init__(self, message: str, status: int = 200) -> None:
        super().__init__(message)
        self.status = status


class Refused(FeedError):
    """401 or 403: the key is unknown, revoked or expired, or may not read the feed."""


class BadRequest(FeedError):
    """400: a filter makes no sense; the message says which."""


class Stopped(FeedError):
    """204: the server asks not to come back."""


@dataclass(frozen=True, slots=True)
class Vessel:
    """A vessel where she was; no place while she never reported. `properties` has it all."""

    id: str
    name: str
    latitude: float | None
    longitude: float | None
    recorded_at: datetime | None
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """What all events have; `id` is None on those that are not numbered."""

    id: str | None


@dataclass(frozen=True, slots=True)
class Snapshot(Event):
    """The newest position of every vessel you may see and asked for: forget the others."""

    vessels: tuple[Vessel, ...]


@dataclass(frozen=True, slots=True)
class Position(Event):
    """The newest position of a vessel; without an id while the feed is degraded."""

    vessel: Vessel


@dataclass(frozen=True, slots=True)
class Late(Event):
    """A position that is not her newest: older, or from a source that counts less."""

    vessel: Vessel


@dataclass(frozen=True, slots=True)
class VesselChange(Event):
    """`change` is added, renamed, removed, or outside: she left the box you asked for."""

    vessel: Vessel
    change: str


@dataclass(frozen=True, slots=True)
class Alert(Event):
    """Somebody asks for help; or `is_over`, it was called off.

    `kind` is man_overboard, distress, sos or another word; `vessel_id` and `name` are None when
    it is about none of the fleet's vessels, the place when nobody said where.
    """

    alert_id: str
    kind: str
    text: str
    is_over: bool
    vessel_id: str | None
    name: str | None
    latitude: float | None
    longitude: float | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Merged(Event):
    """You fell behind: so many events were left out; the newest of each vessel follow."""

    events: int


@dataclass(frozen=True, slots=True)
class FeedState(Event):
    """`live`, or `degraded`: positions come once a second and can't be resumed."""

    state: str


@dataclass(frozen=True, slots=True)
class Resync(Event):
    """What was missed can't be replayed; a Snapshot follows."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reconnect(Event):
    """The server ends this connection; the iterator comes back by itself."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown(Event):
    """What a newer server sends; `data` as it came."""

    kind: str
    data: str


class Feed:
    """The events, in order, none of them twice. For one thread; `close` from any.

    `vessels` are ids, IMO numbers or MMSIs; `bbox` is west, south, east, north; `types` some
    of position, late, vessel, alert; `mode` latest or all; `max_rate_s` at most one event a
    vessel in so many seconds; `after` a `last_event_id` stored earlier. Instead of a key,
    `headers` may carry a session's cookie.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        *,
        vessels: Iterable[str] = (),
        bbox: tuple[float, float, float, float] | None = None,
        types: Iterable[str] = (),
        mode: str | None = None,
        max_rate_s: int | None = None,
        after: str | None = None,
        headers: Mapping[str, str] | None = None,
        is_compressed: bool = True,
        silence_s: float = SILENCE_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        filters = {
            "vessels": _list(vessels),
            "bbox": _list(bbox or ()),
            "types": _list(types),
            "mode": mode or "",
            "max_rate": _list([max_rate_s] if max_rate_s is not None else ()),
        }
        asked = {name: text for name, text in filters.items() if text}
        self._url = f"{url.rstrip('/')}/stream?{urlencode(asked, safe=',')}"
        if not re.match(r"https?://[^/]", url):
            raise ValueError(f"{url!r} is not the address of a Harbor: http(s)://name[:port]")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._headers |= {"Accept-Encoding": "gzip"} if is_compressed else {}
        self._headers |= headers or {}
        self._silence_s, self._tls = silence_s, tls
        self._parser = Parser(after or "")
        self._connection: Connection | None = None
        self._closing = threading.Event()
        self._failures, self._retry_s = 0, 3.0
        self._events = self._run()
        self.repeated = 0
        """Events that came again after a resume, and were left out; there should be none."""

    @property
    def last_event_id(self) -> str | None:
        """Where to go on: store it when your work on an event is done, give it as `after`."""
        return self._parser.last_event_id or None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        return next(self._events)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the iterator, from any thread: at once, or when an attempt to connect ends."""
        self._closing.set()
        if self._connection is not None:
            self._connection.hang_up()
        with suppress(ValueError):  # it runs in another thread, which then cleans up itself
            self._events.close()

    def _run(self) -> Generator[Event, None, None]:
        while not self._closing.is_set():
            try:
                wait_s = yield from self._connected()
            except ssl.SSLCertVerificationError:
                raise  # no waiting mends that
            except FAULTS as fault:
                wait_s = self._wait_s(str(fault) or type(fault).__name__)
            self._closing.wait(wait_s)

    def _connected(self) -> Generator[Event, None, float]:
        """The events of one connection; returns the seconds to wait before the next."""
        self._parser = Parser(self._parser.last_event_id)
        resume = {"Last-Event-ID": self._parser.last_event_id} if self.last_event_id else {}
        connection = Connection(
            self._url, self._headers | resume, self._parser, self._silence_s, self._tls
        )
        self._connection = connection
        try:
            status = 0 if self._closing.is_set() else connection.open()
            if status in COME_BACK_LATER:
                return self._wait_s(f"status {status}", connection.retry_after_s())
            if status:
                connection.check()
                self._failures = 0
                yield from self._new_events(connection)
        finally:
            connection.close()
            self._retry_s = (self._parser.retry_ms or 1000 * self._retry_s) / 1000
        return max(WAIT_SECONDS_MIN, self._retry_s)

    def _new_events(self, connection: "Connection") -> Iterator[Event]:
        known = _number(self.last_event_id)
        for frame in connection.frames():
            if frame.kind == "snapshot":
                known = None  # it begins afresh
            if known and frame.kind in NUMBERED and _is_reached(_number(frame.id), known):
                self.repeated += 1
            else:
                yield event_of(frame)

    def _wait_s(self, fault: str, asked_s: float | None = None) -> float:
        self._failures += 1
        wait_s = backoff_s(self._failures, self._retry_s, asked_s)
        if not self._closing.is_set():
            log.warning("%s: coming back in %.1f s", fault, wait_s)
        return wait_s


def backoff_s(failures: int, retry_s: float, asked_s: float | None = None) -> float:
    """As the server asked, else longer after each failure; jittered, as others wait too."""
    longer_s = max(retry_s, WAIT_SECONDS_MIN) * 2 ** min(failures - 1, 6)
    wait_s = min(longer_s, WAIT_SECONDS_MAX) if asked_s is None else asked_s
    return wait_s * random.uniform(1, 1.25)  # noqa: S311 - jitter


class Connection:
    """One request for the stream and its answer; knows nothing of coming back."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        parser: "Parser",
        silence_s: float = SILENCE_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        parts = urlsplit(url)
        self._http = HTTPConnection(parts.netloc, timeout=CONNECT_SECONDS)
        if parts.scheme == "https":
            self._http = HTTPSConnection(parts.netloc, timeout=CONNECT_SECONDS, context=tls)
        self._target = f"{parts.path}?{parts.query}"
        self._headers = {"Accept": "text/event-stream", "Cache-Control": "no-cache", **headers}
        self._parser, self._silence_s = parser, silence_s
        self._socket: socket.socket | None = None
        self._is_hung_up = False

    def open(self) -> int:
        """Ask; returns the status of the answer. Raises OSError or HTTPException."""
        self._http.connect()
        self._socket = self._http.sock
        if self._is_hung_up:
            self.hang_up()
        self._socket.settimeout(self._silence_s)
        self._http.request("GET", self._target, headers=self._headers)
        self._answer: HTTPResponse = self._http.getresponse()
        return self._answer.status

    def check(self) -> None:
        """Raises a FeedError when the answer is not the feed."""
        status, kind = self._answer.status, self._answer.headers.get_content_type()
        if status in {401, 403}:
            raise Refused(f"Ask the operator for a valid key: {self._detail()}", status)
        if status == 400:
            raise BadRequest(self._detail(), status)
        if status == 204:
            raise Stopped("The server asks not to come back.", status)
        if status != 200 or kind != "text/event-stream":
            raise FeedError(f"No feed at this address: status {status}, {kind}.", status)

    def frames(self) -> Iterator["Frame"]:
        """Until the server ends it. Raises OSError, HTTPException or zlib.error."""
        is_compressed = self._answer.headers.get("Content-Encoding") == "gzip"
        inflate = zlib.decompressobj(31).decompress if is_compressed else bytes
        while piece := self._answer.read1(65_536):
            yield from self._parser.take(inflate(piece))

    def retry_after_s(self) -> float | None:
        asked = self._answer.headers.get("Retry-After", "")
        return min(float(asked), 3600) if asked.isascii() and asked.isdigit() else None

    def hang_up(self) -> None:
        """Let whoever reads see the end, from any thread."""
        self._is_hung_up = True
        with suppress(OSError):  # the server was first
            if self._socket is not None:
                # Not SSLSocket's own, which pulls TLS away from under the reading thread.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """By the thread that reads."""
        if hasattr(self, "_answer"):
            self._answer.close()
        self._http.close()

    def _detail(self) -> str:
        """What a problem document (RFC 9457) says, or the beginning of whatever came."""
        body = self._answer.read(65_536)
        try:
            return str(json.loads(body)["detail"])
        except (ValueError, KeyError, TypeError):
            return body[:200].decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Frame:
    """One event as it came; `id` only when it has one of its own."""

    kind: str
    data: str
    id: str | None


class Parser:
    """Bytes into frames, by the letter of WHATWG HTML 9.2.6; keeps what EventSource keeps."""

    def __init__(self, last_event_id: str = "") -> None:
        self.last_event_id = self._id = last_event_id
        self.retry_ms: int | None = None
        self.comments = 0
        self._left: list[bytes] = []
        self._is_after_cr, self._is_first = False, True
        self._kind, self._data, self._own_id = "", list[str](), ""

    def take(self, piece: bytes) -> Iterator[Frame]:
        """The frames that end in this piece; cut anywhere, also within a character."""
        for line in self._lines(piece):
            if line:
                self._field(line)
                continue
            self.last_event_id = self._id
            if self._data:
                own_id = self._own_id or None
                yield Frame(self._kind or "message", "\n".join(self._data), own_id)
            self._kind, self._data, self._own_id = "", [], ""

    def _lines(self, piece: bytes) -> Iterator[str]:
        if not piece:
            return
        if self._is_after_cr and piece.startswith(b"\n"):
            piece = piece[1:]  # CR LF, cut between the two
        self._is_after_cr = piece.endswith(b"\r")
        first, *others = LINE_END.split(piece)
        self._left.append(first)
        for other in others:
            line, self._left = b"".join(self._left), [other]
            if self._is_first:
                line, self._is_first = line.removeprefix(b"\xef\xbb\xbf"), False
            yield line.decode(errors="replace")

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not name:
            self.comments += 1
        elif name == "event":
            self._kind = value
        elif name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = self._own_id = value
        elif name == "retry" and value.isascii() and value.isdigit() and len(value) < 10:
            self.retry_ms = int(value)


def _list(parts: Iterable[object]) -> str:
    return parts if isinstance(parts, str) else ",".join(map(str, parts))


def event_of(frame: Frame) -> Event:
    """Raises FeedError when it is not what docs/feed.md says."""
    read = READERS.get(frame.kind)
    if read is None:
        return Unknown(frame.id, frame.kind, frame.data)
    try:
        return read(frame.id, json.loads(frame.data))
    except (ValueError, KeyError, TypeError) as error:
        raise FeedError(f"A {frame.kind} of the feed was not understood: {error!r}") from error


def _vessel(feature: dict[str, Any]) -> Vessel:
    said, geometry = feature["properties"], feature["geometry"]
    longitude, latitude = geometry["coordinates"][:2] if geometry else (None, None)
    at = said["recorded_at"] and datetime.fromisoformat(said["recorded_at"])
    return Vessel(feature["id"], said["name"], latitude, longitude, at, said)


def _change(event_id: str | None, feature: dict[str, Any]) -> VesselChange:
    said = feature["properties"]
    return VesselChange(event_id, _vessel(feature), said.get("change") or said["state"])


def _alert(event_id: str | None, feature: dict[str, Any]) -> Alert:
    said, geometry = feature["properties"], feature["geometry"]
    longitude, latitude = geometry["coordinates"][:2] if geometry else (None, None)
    return Alert(
        id=event_id,
        alert_id=feature["id"],
        kind=said["kind"],
        text=said["text"],
        is_over=said["is_over"],
        vessel_id=said["vessel_id"],
        name=said["name"],
        latitude=latitude,
        longitude=longitude,
        recorded_at=datetime.fromisoformat(said["recorded_at"]),
    )


READERS: Mapping[str, Callable[[str | None, Any], Event]] = {
    "snapshot": lambda event_id, data: Snapshot(
        event_id, tuple(map(_vessel, data["features"]))
    ),
    "position": lambda event_id, data: Position(event_id, _vessel(data)),
    "late": lambda event_id, data: Late(event_id, _vessel(data)),
    "vessel": _change,
    "alert": _alert,
    "merged": lambda event_id, data: Merged(event_id, data["events"]),
    "feed": lambda event_id, data: FeedState(event_id, data["state"]),
    "resync": lambda event_id, data: Resync(event_id, data["reason"]),
    "reconnect": lambda event_id, data: Reconnect(event_id, data["reason"]),
}


def _number(event_id: str | None) -> tuple[str, int] | None:
    """Epoch and number of an id."""
    epoch, _, digits = (event_id or "").rpartition("-")
    return (epoch, int(digits)) if epoch and digits.isascii() and digits.isdigit() else None


def _is_reached(one: tuple[str, int] | None, known: tuple[str, int]) -> bool:
    return one is not None and one[0] == known[0] and one[1] <= known[1]
