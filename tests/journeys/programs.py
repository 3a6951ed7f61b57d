"""Other people's clients of the feed: curl, npm's eventsource, and a browser's EventSource."""

import json
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import Page

from tests.journeys.fleet_server import PROJECT, FleetServer, wait_until

TOOL = Path(__file__).with_name("npm_eventsource.mjs")
PACKAGE = PROJECT / ".venv" / "node_modules" / "eventsource" / "dist" / "index.js"
BROWSER_KINDS = ("snapshot", "position", "late", "vessel", "resync", "reconnect")
OPEN_SOURCE = """([url, kinds]) => {
    window.told = [];
    const source = new EventSource(url);
    for (const kind of kinds) {
        const take = ({lastEventId, data}) => told.push([kind, lastEventId, data]);
        source.addEventListener(kind, take);
    }
}"""


@dataclass(frozen=True)
class Told:
    """One event as the client handed it on."""

    kind: str
    event_id: str
    data: dict[str, Any]


class Program:
    """A client in a process of its own, which prints the stream as it comes."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.frames: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def told(self) -> list[Told]:
        return [_told(frame) for frame in list(self.frames) if "data: " in frame]

    def close(self) -> None:
        self._process.kill()
        self._process.wait(5)
        self._reader.join(5)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        lines: list[str] = []
        for line in self._process.stdout:
            text = line.decode().rstrip("\r\n")
            if text:
                lines.append(text)
            elif lines:
                self.frames.append("\n".join(lines))
                lines = []


class BrowserSource:
    """`new EventSource("/stream")` on a page of ours, with the session's cookie."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.evaluate(OPEN_SOURCE, ["/stream", BROWSER_KINDS])

    def told(self) -> list[Told]:
        heard = self._page.evaluate("window.told")
        return [Told(kind, event_id, json.loads(data)) for kind, event_id, data in heard]


def curl(fleet: FleetServer, *options: str) -> Program:
    path = shutil.which("curl")
    assert path, "The tests need curl on the PATH."
    key = f"Authorization: Bearer {fleet.cast.partner_key}"
    return Program(path, "-sN", "--max-time", "60", "-H", key, *options, fleet.url + "/stream")


def npm_eventsource(fleet: FleetServer) -> Program:
    """On the Node that comes with Playwright, so that none need be installed."""
    node, _ = compute_driver_executable()
    url = fleet.url + "/stream"
    return Program(str(node), str(TOOL), PACKAGE.as_uri(), url, fleet.cast.partner_key)


def wait_for_all(client: Program | BrowserSource, sailed: list[float]) -> None:
    """Until the client has been told of the vessel at each of these latitudes.

    Two workers may publish in another order than they committed in: the feed's order is that
    of its numbers, and what was overtaken comes as `late`.
    """
    wait_until(
        lambda: set(sailed) <= {latitude for _, latitude in passages(client)},
        15,
        lambda: f"{passages(client)}, {client.told()[-1]}",
    )


def passages(client: Program | BrowserSource) -> list[tuple[int, float]]:
    """The positions told, in the order in which they came: feed number and latitude."""
    return [
        (int(one.event_id.rpartition("-")[2]), one.data["geometry"]["coordinates"][1])
        for one in client.told()
        if one.kind in {"position", "late"}
    ]


def _told(frame: str) -> Told:
    fields = dict(line.split(": ", 1) for line in frame.split("\n") if ": " in line)
    return Told(fields["event"], fields.get("id", ""), json.loads(fields["data"]))
