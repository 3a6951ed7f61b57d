"""Static files: an address changes with the content, so a browser asks once and keeps it.

Every file is also reached without a version, for links from outside; that address is asked
again each time (ETag). Bodies are kept in memory, as they are and gzipped: about 2 MB.
"""

import gzip
import hashlib
import mimetypes
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from stat import S_ISREG
from time import monotonic

import gevent
from flask import Flask, Response, abort, request

from harbor.ops.lean_scripts import lean
from harbor.ops.module_graph import ModuleGraph

VERSION_LENGTH = 12
LOOK_SECONDS = 1.0
"""How often the folder is looked at for changes: an upgrade in place, or an editor."""
FOR_EVER = "public, max-age=31536000, immutable"
TEXTS = (".css", ".js", ".json", ".svg", ".txt", ".map", "NOTICE", "LICENSE")
BINARY = "application/octet-stream"


@dataclass(frozen=True)
class StaticFile:
    """One file as it is sent, and gzipped if that makes it smaller."""

    name: str
    body: bytes

    @cached_property
    def gzipped(self) -> bytes | None:
        if not self.name.endswith(TEXTS) or len(self.body) < 256:
            return None
        # In a real thread: the coastline takes 30 ms, and every stream would wait for it.
        pool = gevent.get_hub().threadpool
        smaller: bytes = pool.apply(gzip.compress, (self.body, 9), {"mtime": 0})
        return smaller

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    @cached_property
    def media_type(self) -> str:
        return mimetypes.guess_type(self.name)[0] or BINARY


class StaticFiles:
    """What is in the folder now; a file that changed is read again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stamps: dict[str, tuple[int, int]] = {}
        self._files: dict[str, StaticFile] = {}
        self._version = ""
        self._looked_at = -LOOK_SECONDS

    @property
    def version(self) -> str:
        """The same in every worker and on every machine that has the same files."""
        self._look()
        return self._version

    def get(self, name: str) -> StaticFile | None:
        """By its path in the folder; what is outside is not there."""
        self._look()
        return self._files.get(name)

    def _look(self) -> None:
        if monotonic() - self._looked_at < LOOK_SECONDS:
            return
        stamps = dict(self._walk())
        if stamps != self._stamps:
            self._read(stamps)
        self._looked_at = monotonic()

    def _walk(self) -> list[tuple[str, tuple[int, int]]]:
        """Of each file its name and its stamp."""
        found = []
        for path in self._folder.rglob("*"):
            name = path.relative_to(self._folder).as_posix()
            if is_hidden(name):
                continue
            with suppress(FileNotFoundError):  # it went away since the folder was read
                about = path.stat()
                if S_ISREG(about.st_mode):
                    found.append((name, (about.st_mtime_ns, about.st_size)))
        return sorted(found)

    def _read(self, stamps: dict[str, tuple[int, int]]) -> None:
        files = {}
        for name, stamp in stamps.items():
            is_same = self._stamps.get(name) == stamp
            kept = self._files.get(name) if is_same else None
            with suppress(FileNotFoundError):  # as above
                files[name] = kept or self._file(name)
        lines = "".join(f"{one.digest}  {name}\n" for name, one in files.items())
        self._files, self._stamps = files, {name: stamps[name] for name in files}
        self._version = hashlib.sha256(lines.encode()).hexdigest()[:VERSION_LENGTH]

    def _file(self, name: str) -> StaticFile:
        return StaticFile(name, lean(name, (self._folder / name).read_bytes()))


def is_hidden(name: str) -> bool:
    """A lock, or a folder that is just being unpacked."""
    return any(part.startswith(".") for part in name.split("/"))


def install(app: Flask, folder: Path) -> None:
    """Serve the folder; `url_for("static", filename=…)` gives the address with the version."""
    files = StaticFiles(folder)
    graph = ModuleGraph(files)

    def serve(filename: str, version: str = "") -> Response:
        return answer(files, filename, version)

    for rule in (
        f"/static/v<string(length={VERSION_LENGTH}):version>/<path:filename>",
        "/static/<path:filename>",
    ):
        app.add_url_rule(rule, "static", serve)

    @app.url_defaults
    def name_the_version(endpoint: str, values: dict[str, object]) -> None:
        if endpoint == "static":
            values.setdefault("version", files.version)

    app.jinja_env.globals["modules_of"] = graph.behind


def answer(files: StaticFiles, filename: str, version: str) -> Response:
    file = files.get(filename)
    if file is None:
        abort(404)
    # A range counts bytes of the file, so it gets the file as it is.
    may_gzip = request.accept_encodings["gzip"] > 0 and "Range" not in request.headers
    zipped = file.gzipped if may_gzip else None
    response = Response(zipped or file.body, mimetype=file.media_type)
    response.set_etag(file.digest[:16] + ("-gzip" if zipped else ""))
    # Another version than ours: an upgrade is under way, and nobody may keep what we have.
    response.headers["Cache-Control"] = FOR_EVER if version == files.version else "no-cache"
    response.vary.add("Accept-Encoding")
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    length = len(zipped or file.body)
    response.make_conditional(request, accept_ranges=True, complete_length=length)
    return response
