"""Who looks on: subscribers of the stream that always come back, and readers of the API."""

import random
import threading
import time
from contextlib import suppress
from http.client import HTTPException

import urllib3

from harbor.fleet.geojson import microseconds
from harbor.trackers.harbor_json import read_moment
from tests.builders import bearer
from tests.journeys.listener import Heard, Listener
from tests.proof.history import Connected, Content, Poll, Seen, Story, Told
from tests.proof.rig import Rig

COME_BACK_SECONDS = (0.05, 0.3)
RESTLESS_SECONDS = (0.4, 1.5)
POLL_SECONDS = 0.1
READ_PATIENCE_SECONDS = 8.0


class Watcher(Listener):
    """Comes back whenever its stream ends.

    A restless one also leaves by itself; a forgetful one comes back without the last id, as
    a page that is loaded anew.
    """

    def __init__(
        self,
        rig: Rig,
        name: str,
        seed: int,
        is_restless: bool = False,
        is_forgetful: bool = False,
    ) -> None:
        self.name = name
        self._connections: list[tuple[int, Connected]] = []
        self._dice = random.Random(seed)
        self._is_restless = is_restless or is_forgetful
        self._is_forgetful = is_forgetful
        self._leaving = threading.Event()
        url = f"{rig.url}/stream?mode=all"
        super().__init__(url, bearer(rig.cast.partner_key))
        self._stayer = threading.Thread(target=self._stay, daemon=True)
        self._stayer.start()

    def _connect(self) -> None:
        connected = Connected(self._last_event_id(), time.monotonic())
        self._connections.append((len(self.heard), connected))
        super()._connect()

    def _last_event_id(self) -> str | None:
        return None if self._is_forgetful else super()._last_event_id()

    def _stay(self) -> None:
        while not self._leaving.is_set():
            if self._is_restless:
                self.ended.wait(self._dice.uniform(*RESTLESS_SECONDS))
            elif not self.ended.wait(0.2):
                continue
            if self._leaving.wait(self._dice.uniform(*COME_BACK_SECONDS)):
                return
            with suppress(OSError, HTTPException):  # away: tried again
                self.resume()

    def leave(self) -> None:
        self._leaving.set()
        self._stayer.join(25)
        self.close()

    def story(self) -> Story:
        heard = list(self.heard)
        chapters: list[Connected | Told] = []
        starts = [*self._connections]
        for at, one in enumerate(heard):
            while starts and starts[0][0] <= at:
                chapters.append(starts.pop(0)[1])
            chapters.append(told(one))
        return Story(self.name, tuple(chapters))


def told(one: Heard) -> Told:
    epoch, _, number = (one.event_id or "").partition("-")
    features = one.data.get("features", []) if one.kind == "snapshot" else [one.data]
    seen = [] if one.kind not in {"snapshot", "position", "late"} else features
    return Told(
        one.kind,
        epoch,
        int(number) if number else None,
        tuple(seen_of(feature) for feature in seen if feature["geometry"]),
        one.at,
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
