"""Who looks on: subscribers of the stream that always come back, and readers of the API."""

import json
import random
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

import urllib3

from harbor.fleet.geojson import microseconds
from harbor.trackers.contract import read_moment
from tests.builders import bearer
from tests.journeys.fleet_server import wait_until
from tests.journeys.wire import Frame, Wire
from tests.proof.crew import Member
from tests.proof.history import Connected, Content, Poll, Seen, Story, Told
from tests.proof.rig import Rig

COME_BACK_SECONDS = (0.05, 0.3)
RESTLESS_SECONDS = (0.3, 1.2)
RESTLESS_PIECE = (40, 1500)
"""So little is read at once, so that a cut comes in the middle of a frame."""
PIECE = 65_536
LOOK_SECONDS = 0.2
SILENCE_SECONDS_MAX = 30.0
RESET = struct.pack("ii", 1, 0)
POLL_SECONDS = 0.1
READ_PATIENCE_SECONDS = 8.0


@dataclass
class Watcher:
    """A thread that connects, reads until it ends or is cut, and resumes with the last id."""

    rig: Rig
    member: Member
    seed: int
    chapters: list[Connected | Told] = field(default_factory=list)
    cuts: int = 0
    refusals: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._last: str | None = None
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._stay, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        self._leaving.set()
        self._thread.join(10)

    def wait_until_heard(self, timeout_s: float) -> None:
        wait_until(lambda: len(self.chapters) > 1, timeout_s, lambda: str(self.refusals))

    def story(self) -> Story:
        return Story(self.member.name, tuple(self.chapters), self.member.view)

    def _stay(self) -> None:
        while not self._leaving.is_set():
            with suppress(OSError):  # away, or it hung up: tried again
                self._live_once()
            self._leaving.wait(self._dice.uniform(*COME_BACK_SECONDS))

    def _live_once(self) -> None:
        with socket.create_connection(("127.0.0.1", self.rig.port), timeout=5) as line:
            last = None if self.member.is_forgetful else self._last
            self.chapters.append(Connected(last, time.monotonic()))
            line.sendall(request(self.member, last))
            self._read(line)

    def _read(self, line: socket.socket) -> None:
        """Until the stream ends, is to be cut, or says nothing for much too long."""
        wire, heard_at = Wire(), time.monotonic()
        stay_s = self._dice.uniform(*RESTLESS_SECONDS) if self.member.is_cut else float("inf")
        cut_at = heard_at + stay_s
        while not self._leaving.is_set() and (now := time.monotonic()) < cut_at:
            if now - heard_at > SILENCE_SECONDS_MAX:
                return
            line.settimeout(max(0.001, min(LOOK_SECONDS, cut_at - now)))
            try:
                piece = line.recv(self._size())
            except TimeoutError:
                continue
            if not piece:
                if wire.status != 200:
                    self.refusals.append(wire.status or 0)
                return
            heard_at = time.monotonic()
            self._note(wire, piece)
        if self.member.is_cut and not self._leaving.is_set():
            self._cut(line)

    def _size(self) -> int:
        return self._dice.randint(*RESTLESS_PIECE) if self.member.is_cut else PIECE

    def _note(self, wire: Wire, piece: bytes) -> None:
        for frame in wire.take(piece):
            self.chapters.append(told(frame, self.member))
            self._last = frame.event_id or self._last

    def _cut(self, line: socket.socket) -> None:
        """By a reset, or politely; what the kernel holds of the next frames is lost."""
        self.cuts += 1
        if self._dice.random() < 0.5:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


def request(member: Member, last_event_id: str | None) -> bytes:
    lines = [f"GET /stream?{member.query} HTTP/1.1", "Host: harbor"]
    headers = bearer(member.key)
    if last_event_id:
        headers |= {"Last-Event-ID": last_event_id}
    if member.is_gzip:
        headers |= {"Accept-Encoding": "gzip"}
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def told(frame: Frame, member: Member) -> Told:
    data = json.loads(frame.data)
    epoch, _, number = (frame.event_id or "").partition("-")
    features = data["features"] if frame.kind == "snapshot" else [data]
    is_shown = frame.kind in {"snapshot", "position", "late"}
    said = data.get("properties", {}) if frame.kind == "vessel" else {}
    raw = frame.raw.decode()
    return Told(
        frame.kind,
        epoch,
        int(number) if number else None,
        tuple(seen_of(one) for one in features if one["geometry"]) if is_shown else (),
        time.monotonic(),
        count=data["events"] if frame.kind == "merged" else 0,
        vessel_id=data["id"] if frame.kind == "vessel" else "",
        change=said.get("change") or said.get("state") or data.get("state", ""),
        strange=tuple(mark for mark in member.strange if mark in raw),
    )


def seen_of(feature: dict) -> Seen:
    longitude, latitude = feature["geometry"]["coordinates"]
    said = feature["properties"]
    at = microseconds(read_moment(said["recorded_at"]))
    return Seen((feature["id"], at), Content(latitude, longitude, said["speed_knots"]))


class Poller:
    """Reads GET /api/v1/vessels, one reading after the other."""

    def __init__(self, rig: Rig, name: str) -> None:
        self.name = name
        self.polls: list[Poll] = []
        self._url = f"{rig.url}/api/v1/vessels?limit=100"
        self._headers = bearer(rig.cast.partner_key)
        self._http = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(connect=2, read=READ_PATIENCE_SECONDS)
        )
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        self._leaving.set()
        self._thread.join(READ_PATIENCE_SECONDS + 3)
        self._http.clear()

    def _run(self) -> None:
        while not self._leaving.wait(POLL_SECONDS):
            self.polls.append(self.read())

    def read(self) -> Poll:
        sent_at = time.monotonic()
        try:
            response = self._http.request("GET", self._url, headers=self._headers)
        except urllib3.exceptions.HTTPError:
            return Poll(self.name, None, False, {}, sent_at, time.monotonic())
        newest = {}
        if response.status == 200:
            features = [one for one in response.json()["features"] if one["geometry"]]
            newest = dict(seen_of(feature).key for feature in features)
        may_come_back = "Retry-After" in response.headers
        now = time.monotonic()
        return Poll(self.name, response.status, may_come_back, newest, sent_at, now)
