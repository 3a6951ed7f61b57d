"""A Signal K server's stream of what Harbor reads: subscribed to, and called again."""

from dataclasses import dataclass
from threading import Event
from typing import Any

import orjson
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from harbor.gateway.connection import retry_s
from harbor.gateway.intake import Intake
from harbor.gateway.lines import LINE_LENGTH_MAX, OTHER, delta_entry
from harbor.trackers.signalk import paths

LOOK_S = 0.5
CONNECT_S = 10.0
EXTRAS_EVERY_S = 10.0
"""Wind and depth change with every wave; a link at sea is paid by the byte."""
OLD_NEWS_MS = 1000
"""Right after a subscription comes what the server remembers, however old."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of a server; see `Reading` of the sources."""

    period_s: float
    is_stamped_anew: bool
    with_targets: bool
    token: str


class SignalK:
    """One websocket after the other, until told to stop."""

    def __init__(self, url: str, wishes: Wishes) -> None:
        self.name = url.partition("?")[0]
        self._url = url
        self._wishes = wishes
        self._failures = 0

    def run(self, intake: Intake, stop: Event) -> None:
        while not stop.is_set():
            try:
                self._read(intake, stop)
                return
            except InvalidStatus as error:
                fault = refusal(error.response.status_code)
            except (OSError, WebSocketException) as error:
                fault = str(error)[:120] or type(error).__name__
            self._failures += 1
            intake.say(f"waiting for {self.name}: {fault}")
            stop.wait(retry_s(self._failures))

    def _read(self, intake: Intake, stop: Event) -> None:
        token = self._wishes.token
        headers = {"Authorization": f"Bearer {token}"} if token else None
        with connect(
            self._url,
            additional_headers=headers,
            open_timeout=CONNECT_S,
            close_timeout=1,
            max_size=LINE_LENGTH_MAX,
            proxy=None,
        ) as stream:
            stream.send(orjson.dumps(subscription(self._wishes)).decode())
            intake.say(f"connected to {self.name}")
            self._listen(stream, intake, stop)

    def _listen(self, stream: ClientConnection, intake: Intake, stop: Event) -> None:
        own: str | None = None
        began_ms = intake.now_ms
        while not stop.is_set():
            try:
                said = stream.recv(LOOK_S, decode=False)
            except TimeoutError:
                continue
            self._failures = 0
            own = own or called(said)
            is_old = self._wishes.is_stamped_anew and intake.now_ms - began_ms < OLD_NEWS_MS
            anew = self._wishes.is_stamped_anew
            found = OTHER if is_old else delta_entry(said, intake.now_ms, own, anew)
            intake.keep([found])


def subscription(wishes: Wishes) -> dict[str, Any]:
    """Only what Harbor reads, and no more often than wished; alarms at once."""
    moving = (paths.POSITION, *paths.MOVING, paths.STATE)
    often = [
        {"path": path, "policy": "instant", "minPeriod": int(period_s * 1000)}
        for period_s, wanted in (
            (wishes.period_s, moving),
            (max(wishes.period_s, EXTRAS_EVERY_S), (paths.VARIATION, *paths.EXTRAS)),
        )
        for path in wanted
    ]
    alarms = [f"{paths.MAN_OVERBOARD}*"]
    seldom = [{"path": path, "policy": "instant"} for path in ("", *paths.PARTICULARS, *alarms)]
    context = "vessels.*" if wishes.with_targets else "vessels.self"
    return {"context": context, "subscribe": often + seldom}


def called(said: bytes) -> str | None:
    """What a server's greeting calls the boat that it is on."""
    if b'"self"' not in said or b'"updates"' in said:
        return None
    try:
        own = orjson.loads(said).get("self")
    except (orjson.JSONDecodeError, AttributeError):
        return None
    if not isinstance(own, str):
        return None
    return own if own.startswith("vessels.") else f"vessels.{own}"


def refusal(status: int) -> str:
    if status in (401, 403):
        return f"{status}, it wants a token: --signalk-token-file"
    return f"it answers {status}"
