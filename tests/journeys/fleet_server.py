"""A whole Harbor for the journeys: its own PostgreSQL, Valkey and gunicorn."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import urllib3
from flask_migrate import upgrade

from harbor import create_app
from harbor.demo.services import PostgresService, ValkeyService
from harbor.runtime import Runtime
from harbor.store.database import db
from tests.builders import bearer, signed
from tests.cast import Cast, Hull, assemble
from tests.conftest import make_settings
from tests.journeys.listener import Listener

PROJECT = Path(__file__).parents[2]
FAST: Mapping[str, str] = MappingProxyType({"fsync": "off", "full_page_writes": "off"})
"""For journeys that kill processes, but never pull the plug of the machine."""


class FleetServer:
    """gunicorn with real gevent workers, on services that a test may stop and kill."""

    application = ""
    """Another WSGI application for gunicorn, as `module:factory()`; empty: Harbor's own."""

    def __init__(
        self, folder: Path, postgres_settings: Mapping[str, str] = FAST, **settings: object
    ) -> None:
        self.folder = folder
        self.postgres = PostgresService(folder / "postgres", settings=postgres_settings)
        self.valkey = ValkeyService(folder / "valkey")
        self.settings: dict[str, object] = {
            "workers": 2,
            "drain_s": 0.5,
            "speed_knots_max": 1e9,
            "tracker_requests_per_s": 1e6,
            "tracker_requests_burst": 1e6,
        } | settings
        self.secret_key = secrets.token_hex(32)
        self.directory = PROJECT
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "harbor.log"
        self.http = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(connect=2, read=10), maxsize=50
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._leaving: set[int] = set()
        self.cast: Cast

    def set_up(self, more: Callable[[Runtime, Cast], list[Hull]] | None = None) -> None:
        """Start the services, migrate, and put the cast in, and `more` hulls."""
        self.postgres.start()
        self.valkey.start()
        app = create_app(make_settings(self.postgres.url, self.valkey.url))
        with app.app_context():
            upgrade()
            runtime: Runtime = app.extensions["harbor"]
            self.cast = assemble(runtime)
            self.hulls = more(runtime, self.cast) if more else []
            runtime.close()
            db.engine.dispose()

    def start(self) -> None:
        """Start gunicorn as an operator would, and wait until it is ready."""
        command = [sys.executable, "-m", "gunicorn", "-c", str(PROJECT / "gunicorn.conf.py")]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *filter(None, [self.application])],
                cwd=self.directory,
                env=self.environment(),
                stdout=log,
                stderr=log,
            )
        wait_until(self.is_ready, 45, self.tail)

    def environment(self) -> dict[str, str]:
        """For processes beside the test; a setting that is None is left to `.env`."""
        given: dict[str, object] = {
            "env": "development",
            "database_url": self.postgres.url,
            "valkey_url": self.valkey.url,
            "bind": f"127.0.0.1:{self.port}",
            "secret_key": self.secret_key,
            "master_key": make_settings("", "").master_key.get_secret_value(),
        }
        return os.environ | {
            f"HARBOR_{name.upper()}": str(value)
            for name, value in (given | self.settings).items()
            if value is not None
        }

    def harbor(self, *words: str) -> Any:
        """What `harbor … --json` prints, run as an operator does beside the workers."""
        command = [str(Path(sys.executable).with_name("harbor")), *words, "--json"]
        done = subprocess.run(
            command,
            cwd=self.directory,
            env=self.environment(),
            capture_output=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def is_ready(self) -> bool:
        try:
            return self.get("/ready").status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def get(self, path: str, **headers: str) -> urllib3.BaseHTTPResponse:
        return self.http.request("GET", self.url + path, headers=headers)

    def post(self, hull: Hull, document: object) -> urllib3.BaseHTTPResponse:
        """A signed ping (or an array) of one of the cast."""
        body = json.dumps(document).encode()
        headers = signed(body, hull.tracker_id, hull.secret)
        return self.http.request(
            "POST", f"{self.url}/api/v1/positions", body=body, headers=headers
        )

    def log_in(self) -> str:
        """The cookie of a signed-in dispatcher."""
        page = self.get("/login")
        token = page.data.decode().split('name="csrf_token"', 1)[1]
        token = token.split('value="', 1)[1].split('"', 1)[0]
        form = {
            "username": self.cast.username,
            "password": self.cast.password,
            "csrf_token": token,
        }
        answer = self.http.request(
            "POST",
            f"{self.url}/login",
            fields=form,
            encode_multipart=False,
            headers={"Cookie": page.headers["Set-Cookie"].split(";")[0]},
            redirect=False,
        )
        assert answer.status == 302
        return str(answer.headers["Set-Cookie"].split(";")[0])

    def listen(self, key: str, query: str = "", **headers: str) -> "Listener":
        return Listener(self.url + "/stream" + query, bearer(key) | headers)

    def workers(self) -> list[int]:
        """The process ids of gunicorn's workers."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def terminate(self, timeout_s: float = 15) -> float:
        """SIGTERM; the seconds until the master was gone."""
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout_s)
        self._process = None
        return time.monotonic() - began

    def reload(self) -> None:
        assert self._process is not None
        self._leaving.update(self.workers())
        self._process.send_signal(signal.SIGHUP)

    def settle(self) -> None:
        """Wait until the workers of an earlier reload are gone: they send streams away."""
        if self._process is not None:
            wait_until(lambda: not self._leaving.intersection(self.workers()), 15, self.tail)
        self._leaving.clear()

    def tear_down(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(5)
        self.http.clear()
        self.valkey.stop()
        self.postgres.stop()

    def tail(self) -> str:
        return "\n".join(self.log.read_text().splitlines()[-15:])


@contextmanager
def running(
    folder: Path,
    more: Callable[[Runtime, Cast], list[Hull]] | None = None,
    **settings: object,
) -> Iterator[FleetServer]:
    """A fleet server that is set up, with `more` hulls, and ended afterwards."""
    server = FleetServer(folder, **settings)
    try:
        server.set_up(more)
        server.start()
        yield server
    finally:
        server.tear_down()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(
    question: Callable[[], object], timeout_s: float, explain: Callable[[], str] = str
) -> object:
    """Ask until the answer is true; fails with an explanation."""
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        answer = question()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {timeout_s} s: {explain()}")
