"""WSGI: /metrics, for who comes by the port that only the operator's machines reach."""

from collections.abc import Callable, Iterable
from typing import Any

from harbor.ops import metrics

PATH = "/metrics"

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class MetricsPage:
    """Answers at one listening port alone; everything else is the application's."""

    def __init__(self, application: Application, port: int) -> None:
        self._application = application
        self._port = port

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH or not self._is_asked_there(environ):
            return self._application(environ, start_response)
        content = metrics.page()
        headers = [("Content-Type", metrics.CONTENT_TYPE), ("Cache-Control", "no-store")]
        start_response("200 OK", [*headers, ("Content-Length", str(len(content)))])
        return (content,)

    def _is_asked_there(self, environ: Environ) -> bool:
        """By the socket: a Host header says whatever its sender likes."""
        socket = environ.get("gunicorn.socket")
        name = socket.getsockname() if socket else None
        return isinstance(name, tuple) and name[1] == self._port
