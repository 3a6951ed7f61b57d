"""Harbor itself as a child process of the demo: gunicorn, as in production."""

import http.client
import signal
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import ClassVar

from harbor.demo.account import ENVIRONMENT
from harbor.demo.leftovers import end_leftovers
from harbor.demo.private import ServerLog
from harbor.demo.server import HOST, Server
from harbor.ops.paths import beside_package

PYTHONS = {Path(sys.executable).name, "python", "python3", f"python3.{sys.version_info.minor}"}
"""What a gunicorn may be called that another start of the demo left behind."""


class WebService(Server):
    """Gunicorn with Harbor; `settings` are HARBOR_* variables, all that it is told.

    It works in `data`, a directory of its own, so that no `.env` of the caller is read.
    """

    program = "gunicorn"
    default_port = 8000
    farewells: ClassVar = ((signal.SIGTERM, 0.8),)

    def __init__(
        self, data: Path, log: Path, settings: Mapping[str, str], port: int | None = None
    ) -> None:
        super().__init__(data, port)
        self.log = ServerLog(log)
        self._settings = settings

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def working_directory(self) -> Path:
        return self.data

    def _prepare(self, deadline: float) -> None:
        """Nothing to make ready."""

    def _command(self) -> list[str]:
        # Nobody waits for a demo to leave: streams are sent away within HARBOR_DRAIN_S.
        return [
            *(sys.executable, "-m", "gunicorn", "-c", str(beside_package("gunicorn.conf.py"))),
            *("--graceful-timeout", "1"),
        ]

    def _environment(self) -> Mapping[str, str]:
        return {**ENVIRONMENT, **self._settings, "HARBOR_BIND": f"{HOST}:{self.port}"}

    def _answers(self) -> bool:
        # Its own word first: on a port that was taken meanwhile, somebody else may answer.
        return f"Listening at: {self.url}" in self.log.of_this_run() and self._is_ready()

    def _is_ready(self) -> bool:
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=2)) as connection:
            try:
                connection.request("GET", "/ready")
                return connection.getresponse().status == 200
            except (OSError, http.client.HTTPException):
                return False

    def _end_leftovers(self, *directories: Path) -> None:
        where = directories or (self.working_directory,)
        for name in PYTHONS:
            end_leftovers(name, where, self.farewells[0][0], spared=self.pid)
