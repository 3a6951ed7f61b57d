"""Other people's requests during a change: pings and readings, on kept and on new lines."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping

from tests.builders import bearer, moment, ping, signed
from tests.journeys.fleet_server import FleetServer

Request = tuple[str, str, bytes | None, dict[str, str]]
"""method, path, body, headers"""
PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 40.0
AWAY = "away"
"""Nobody listens: the connection was refused, so nothing was lost with it."""
BROKEN = "broken"


class Traffic:
    """Four threads: a ping and a reading, each on a kept line and on one line per request.

    What HTTP clients do is done here too (RFC 9112 section 9.3.1): a request to which a line
    that was kept is closed without a byte of an answer is sent again, once, on a new one.
    """

    def __init__(self, fleet: FleetServer) -> None:
        self._fleet = fleet
        self._stop = threading.Event()
        self.said: Counter[int | str] = Counter()
        self.sent: list[str] = []
        self.errors: list[str] = []
        works = (self._ping, self._read)
        self._threads = [
            threading.Thread(target=self._run, args=(work, keeps), daemon=True)
            for work in works
            for keeps in (True, False)
        ]

    def __enter__(self) -> "Traffic":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS + 5)

    def _run(self, work: Callable[[], Request], keeps: bool) -> None:
        line: http.client.HTTPConnection | None = None
        while not self._stop.wait(PAUSE_SECONDS):
            method, path, body, headers = work()
            said, line = self._ask(line, method, path, body, headers)
            self.said[said] += 1
            if body and said in {200, 201}:
                self.sent.append(json.loads(body)["recorded_at"])
            if not keeps and line is not None:
                line.close()
                line = None
        if line is not None:
            line.close()

    def _ask(
        self,
        line: http.client.HTTPConnection | None,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> tuple[int | str, http.client.HTTPConnection | None]:
        was_kept = line is not None and line.sock is not None
        line = line or http.client.HTTPConnection(
            "127.0.0.1", self._fleet.port, timeout=PATIENCE_SECONDS
        )
        try:
            line.request(method, path, body=body, headers=dict(headers))
            answer = line.getresponse()
            answer.read()
        except ConnectionRefusedError:
            line.close()
            return AWAY, None
        except (http.client.RemoteDisconnected, ConnectionError) as error:
            line.close()
            if was_kept:
                return self._ask(None, method, path, body, headers)
            self.errors.append(f"{method} {path} at {time.time():.3f}: {error!r}")
            return BROKEN, None
        except OSError as error:
            line.close()
            self.errors.append(f"{method} {path} at {time.time():.3f}: {error!r}")
            return BROKEN, None
        return answer.status, line

    def _ping(self) -> Request:
        hull = self._fleet.cast.hono
        body = json.dumps(ping(recorded_at=moment())).encode()
        headers = signed(body, hull.tracker_id, hull.secret)
        return "POST", "/api/v1/positions", body, headers

    def _read(self) -> Request:
        return "GET", "/api/v1/vessels", None, bearer(self._fleet.cast.partner_key)
