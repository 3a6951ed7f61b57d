"""The servers under load: Harbor, the bare broadcaster in C, nchan, nginx before Harbor."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from bench import workers
from bench.installation import Installation
from bench.machine import pin, pinned
from bench.push import events, programs
from bench.push.events import Feeds, Publishing, Voyage
from bench.push.programs import Missing, Programs
from harbor.demo.server import HOST, Server, exchange
from harbor.demo.web import WebService

SUBSCRIBERS_MAX = 10_000
# Room for the largest audience: every stream comes with the same key from the same address.
ROOMY = {
    "HARBOR_STREAMS_MAX": "10400",
    "HARBOR_STREAMS_KEY_MAX": "10400",
    "HARBOR_STREAMS_USER_MAX": "10400",
}
PATH = "/stream?mode=all"
CONFLATED_PATH = "/stream?mode=latest"
INSTALL = "Debian: apt-get install nginx-light libnginx-mod-nchan"


@dataclass(frozen=True, slots=True)
class Target:
    """What the load client needs to know about a server."""

    name: str
    port: int
    pids: tuple[int, ...]
    publishing: Publishing
    headers: Path | None = None
    path: str = PATH


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that stays the same over a run."""

    site: Installation
    directory: Path
    programs: Programs
    voyage: Voyage
    feeds: Feeds

    def headers(self, *more: str) -> Path:
        """A real partner's key on every request."""
        lines = (f"Authorization: Bearer {self.site.api_keys[0]}", *more)
        path = self.directory / f"headers-{len(more)}"
        path.write_bytes("".join(f"{line}\r\n" for line in lines).encode())
        return path


@contextmanager
def harbor(
    bench: Bench, changes: Mapping[str, str] | None = None, *, workers_count: int = 1
) -> Iterator[Target]:
    """Harbor's own gunicorn configuration; each worker on a core of its own."""
    site = bench.site
    settings = {**ROOMY, **(changes or {}), "HARBOR_WORKERS": str(workers_count)}
    cores = site.cores.worker
    with workers.harbor(site, settings, cores) as service:
        if workers_count > 1:
            spread(service, sorted(cores | site.cores.rest))
        if service.pid is None:
            raise RuntimeError(f"Harbor has ended:\n{service.log.last_lines()}")
        yield Target(
            "harbor", service.port, (service.pid,), bench.feeds.harbor, bench.headers()
        )


def spread(service: WebService, cores: list[int]) -> None:
    for pid, core in zip(workers.worker_pids(service), cores, strict=False):
        pin(frozenset({core}), pid)


@contextmanager
def broadcaster(bench: Bench, *, is_batching: bool) -> Iterator[Target]:
    name = "c_batched" if is_batching else "c"
    server = Broadcaster(bench.directory / name, bench.programs.broadcaster, bench.feeds)
    server.is_batching = is_batching
    with running(server, bench.site) as pid:
        yield Target(name, server.port, (pid,), bench.feeds.other)


@contextmanager
def nchan(bench: Bench) -> Iterator[Target]:
    """Raises Missing when it is not installed."""
    modules = programs.nchan_modules()
    if modules is None:
        raise Missing(f"nchan is not installed. {INSTALL}")
    server = Nginx(bench.directory / "nchan", "nchan.conf.in", {"@MODULES@": str(modules)})
    with running(server, bench.site) as pid:
        publishing = events.of_nchan(bench.voyage, bench.directory, server.port)
        yield Target("nchan", server.port, (pid,), publishing, path="/stream")


@contextmanager
def proxied(bench: Bench, behind: Target) -> Iterator[Target]:
    """nginx as in deploy/nginx.conf, without TLS, on the core of the worker behind it."""
    if programs.nginx() is None:
        raise Missing(f"nginx is not installed. {INSTALL}")
    server = Nginx(bench.directory / "proxy", "proxy.conf.in", {"@BEHIND@": str(behind.port)})
    with running(server, bench.site) as pid:
        pids = (pid, *behind.pids)
        yield Target("proxy", server.port, pids, behind.publishing, behind.headers)


@contextmanager
def running(server: Server, site: Installation) -> Iterator[int]:
    with pinned(site.cores.worker, site.cores.rest):
        server.start()
    try:
        if server.pid is None:
            raise RuntimeError(f"{server.program} has ended:\n{server.log.last_lines()}")
        yield server.pid
    finally:
        server.stop()


class Peer(Server):
    """A server in C that needs no preparation."""

    farewells: ClassVar = ((signal.SIGTERM, 0.5),)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def working_directory(self) -> Path:
        return self.data

    def _prepare(self, deadline: float) -> None:
        """Nothing to make ready."""

    def _answers(self) -> bool:
        request = b"GET /none HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        return exchange(self.port, request, 5) == b"HTTP/"


class Broadcaster(Peer):
    """The yardstick, `peers/broadcaster.c`."""

    program = "broadcaster"
    default_port = 18400

    def __init__(self, data: Path, binary: Path, feeds: Feeds) -> None:
        super().__init__(data)
        self._binary = binary
        self._feeds = feeds
        self.is_batching = False

    def _command(self) -> list[str]:
        valkey = str(self._feeds.other.port)
        command = [str(self._binary), str(self.port), valkey, str(self._feeds.subscribe)]
        return [*command, "batch"] if self.is_batching else command


class Nginx(Peer):
    """One nginx worker with one of our configurations."""

    program = "nginx"
    default_port = 18500

    def __init__(self, data: Path, template: str, words: Mapping[str, str]) -> None:
        super().__init__(data)
        self._template = programs.SOURCES / template
        self._words = words

    def _command(self) -> list[str]:
        text = self._template.read_text(encoding="utf-8")
        common = (programs.SOURCES / "nginx.common.in").read_text(encoding="utf-8")
        text = text.replace("@COMMON@", common)
        words = {**self._words, "@PORT@": str(self.port), "@DIR@": str(self.data)}
        for mark, word in words.items():
            text = text.replace(mark, word)
        configuration = self.data / "nginx.conf"
        configuration.write_text(text, encoding="utf-8")
        return [str(programs.nginx()), "-p", str(self.data), "-c", str(configuration)]
