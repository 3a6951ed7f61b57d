"""The trackers' way in: their messages are answered before Flask is asked.

Through Flask a request cost three times what Harbor itself does for it; see
docs/decisions/0003-the-webhook-answers-before-flask.md.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Protocol

import orjson

from harbor import problems
from harbor.config import Settings
from harbor.errors import HarborError
from harbor.fleet_api import receipts
from harbor.fleet_api.body import read_body
from harbor.ingest.gate import Gate
from harbor.ingest.intake import Intake
from harbor.ops import request_id
from harbor.trackers import harbor_json
from harbor.trackers.message import Decoder, Message

FAULT = "harbor.fault"
DECODERS: dict[str, Decoder] = {"/api/v1/positions": harbor_json.decode}
STATUS_LINES = {one.value: f"{one.value} {one.phrase}" for one in HTTPStatus}
OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
ALWAYS = ("X-Content-Type-Options", "nosniff")
GOOD = (ALWAYS, ("Content-Type", "application/json"), ("Cache-Control", "no-store"))
REFUSED = (ALWAYS, ("Content-Type", problems.MEDIA_TYPE))

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class Service(Protocol):
    """What the webhook needs of a worker."""

    settings: Settings
    gate: Gate
    intake: Intake


class Webhook:
    """WSGI: takes POSTs to a tracker's path; everything else is the application's."""

    def __init__(self, application: Application, service: Service) -> None:
        self._application = application
        self._service = service
        self._bytes_max = service.settings.body_bytes_max
        self._timeout_s = service.settings.body_timeout_s
        self._is_proxy_trusted = service.settings.proxies > 0

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        decode = DECODERS.get(environ["PATH_INFO"])
        if decode is None or environ["REQUEST_METHOD"] != "POST":
            return self._application(environ, start_response)
        given_id = environ.get("HTTP_X_REQUEST_ID", "") if self._is_proxy_trusted else ""
        known_as = request_id.begin(given_id)
        try:
            status, document, headers = self._answer(environ, decode)
        except Exception as fault:  # noqa: BLE001 - the application raises it and answers 500
            environ[FAULT] = fault
            environ[request_id.ENVIRON_KEY] = known_as
            return self._application(environ, start_response)
        content = orjson.dumps(document, option=OPTIONS)
        length = ("Content-Length", str(len(content)))
        start_response(STATUS_LINES[status], [*headers, length, (request_id.HEADER, known_as)])
        return (content,)

    def _answer(
        self, environ: Environ, decode: Decoder
    ) -> tuple[int, dict[str, object], Iterable[tuple[str, str]]]:
        try:
            return *self._take(environ, decode), GOOD
        except HarborError as refusal:
            problem = problems.problem_of(refusal)
            return problem.status, problem.document(), (*REFUSED, *problem.headers().items())

    def _take(self, environ: Environ, decode: Decoder) -> receipts.Answer:
        """A signature on the raw bytes, before anything is parsed; then its reports."""
        body = read_body(environ, self._bytes_max, self._timeout_s)
        tracker = self._service.gate.open(
            environ.get("HTTP_HARBOR_TRACKER"),
            environ.get("HTTP_WEBHOOK_ID", ""),
            environ.get("HTTP_WEBHOOK_TIMESTAMP", ""),
            environ.get("HTTP_WEBHOOK_SIGNATURE", ""),
            body,
        )
        sender = environ.get("REMOTE_ADDR")
        return receipts.answer(
            self._service.intake.receive(tracker, Message(body), decode, sender)
        )
