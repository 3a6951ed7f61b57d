"""A gateway as an operator runs it, beside a test."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.journeys.fleet_server import wait_until

COMMAND = str(Path(sys.executable).with_name("harbor"))


class Aboard:
    """One buffer, and one process after the other on it."""

    def __init__(self, folder, url, tracker="", secret=""):
        self.folder, self.url = folder, url
        self.tracker, self.secret = tracker, secret
        self.log = folder / "gateway.log"
        self.process = None
        self._began_at = 0

    def start(self, *words, pass_fds=(), stdin=None):
        secret = self.folder / "secret"
        secret.write_text(self.secret + "\n")
        words = [
            *("--url", self.url, "--tracker", str(self.tracker), "--secret-file", str(secret)),
            *("--buffer", str(self.folder / "buffer.db"), "--every", "0.2", *words),
        ]
        with self.log.open("ab") as log:
            self._began_at = log.tell()
            self.process = subprocess.Popen(
                [COMMAND, "gateway", *words],
                stdout=log,
                stderr=log,
                stdin=stdin,
                pass_fds=pass_fds,
                env={"PATH": os.environ["PATH"]},
            )

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def kill(self):
        """As a power cut would, for the process alone."""
        self.process.kill()
        self.process.wait(5)

    def leave(self):
        # Before it says how it stands it has not learned yet what a signal means.
        wait_until(lambda: b"gateway.standing" in self._said_since_start(), 15)
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(15)
        return code, time.monotonic() - began

    def _said_since_start(self):
        return self.log.read_bytes()[self._began_at :]

    def said(self):
        lines = self.log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]
