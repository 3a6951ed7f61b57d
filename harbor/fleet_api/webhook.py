"""The trackers' way in: their messages are answered before Flask is asked.

Through Flask a request cost three times what Harbor itself does for it; see
docs/decisions/0003-the-webhook-answers-before-flask.md.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol

import orjson

from harbor import problems
from harbor.config import Settings
from harbor.errors import HarborError, Invalid, Malformed, TooLarge
from harbor.fleet_api import app_answers, door, receipts
from harbor.fleet_api.body import AS_IT_IS, GZIP, encoding_of, inflated, read_body
from harbor.fleet_api.door import Address
from harbor.ingest.contents import TrackerIdentity
from harbor.ingest.failures import site_of
from harbor.ingest.gate import Gate, require_format
from harbor.ingest.intake import Intake
from harbor.ops import request_id
from harbor.trackers.message import Decoder, Message
from harbor.trackers.registry import DECODERS, HARBOR

FAULT = "harbor.fault"
FORMATS = "harbor.formats"
"""Where in the environ the application finds what the webhook takes at the door."""
POSITIONS = "/api/v1/positions"
SIGNATURE = "HTTP_WEBHOOK_SIGNATURE"
MESSAGE_HEADERS = (("HTTP_X_LIMIT_U", "x-limit-u"), ("HTTP_X_LIMIT_D", "x-limit-d"))
"""What formats read of the headers, besides the media type."""
TRACKER_LENGTH_MAX = 36
"""Of an id; of what is no id as much is told apart."""
STATUS_LINES = {one.value: f"{one.value} {one.phrase}" for one in HTTPStatus}
OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
ALWAYS = ("X-Content-Type-Options", "nosniff")
GOOD = (ALWAYS, ("Content-Type", "application/json"), ("Cache-Control", "no-store"))
REFUSED = (ALWAYS, ("Content-Type", problems.MEDIA_TYPE))

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Answer = tuple[int, object]
Taker = Callable[[Environ], Answer]


class Service(Protocol):
    """What the webhook needs of a worker."""

    settings: Settings
    gate: Gate
    intake: Intake


class Webhook:
    """WSGI: takes messages to a tracker's path; everything else is the application's."""

    def __init__(
        self,
        application: Application,
        service: Service,
        decoders: Mapping[str, Decoder] = DECODERS,
    ) -> None:
        self._application = application
        self._service = service
        self._decoders = decoders
        self._formats = tuple(sorted(decoders.keys() - {HARBOR}))
        self._bytes_max = service.settings.body_bytes_max
        self._timeout_s = service.settings.body_timeout_s
        self._is_proxy_trusted = service.settings.proxies > 0

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        take: Taker | None
        if environ["PATH_INFO"] == POSITIONS:
            take = self._take_positions if environ["REQUEST_METHOD"] == "POST" else None
        else:
            take = self._app_taker(environ)
        if take is None:
            return self._application(environ, start_response)
        given_id = environ.get("HTTP_X_REQUEST_ID", "") if self._is_proxy_trusted else ""
        known_as = request_id.begin(given_id)
        try:
            status, document, headers = self._answer(environ, take)
        except Exception as fault:  # noqa: BLE001 - the application raises it and answers 500
            environ[FAULT] = fault
            environ[request_id.ENVIRON_KEY] = known_as
            return self._application(environ, start_response)
        content = orjson.dumps(document, option=OPTIONS)
        length = ("Content-Length", str(len(content)))
        start_response(STATUS_LINES[status], [*headers, length, (request_id.HEADER, known_as)])
        return (content,)

    def _app_taker(self, environ: Environ) -> Taker | None:
        """Who takes a message of an app, if it is one."""
        path = environ["PATH_INFO"]
        if not path.startswith(door.PATH):
            return None
        environ[FORMATS] = self._formats
        address = door.read_address(path)
        if address.format not in self._formats:
            return None
        if environ["REQUEST_METHOD"] not in door.methods_of(address.format):
            return None
        return partial(self._take_message, address)

    def _answer(
        self, environ: Environ, take: Taker
    ) -> tuple[int, object, Iterable[tuple[str, str]]]:
        try:
            return *take(environ), GOOD
        except HarborError as refusal:
            problem = problems.problem_of(refusal)
            return problem.status, problem.document(), (*REFUSED, *problem.headers().items())

    def _take_positions(self, environ: Environ) -> Answer:
        """A signature on the raw bytes, before anything is parsed; then its reports."""
        body = read_body(environ, self._bytes_max, self._timeout_s)
        tracker = self._signer(environ, body)
        require_format(tracker, HARBOR)
        sender = environ.get("REMOTE_ADDR")
        decode = self._decoders[HARBOR]
        return receipts.answer(
            self._service.intake.receive(tracker, Message(body), decode, sender)
        )

    def _take_message(self, address: Address, environ: Environ) -> Answer:
        """A message of an app: 200 in its own words, whatever becomes of it.

        Who signs is no app but a gateway: it sends what is too much for one message in halves.
        """
        tracker, body = self._let_in(environ, address)
        if encoding_of(environ) in GZIP:
            body = inflated(body, self._bytes_max)
        message = Message(
            body,
            environ.get("CONTENT_TYPE", ""),
            environ.get("QUERY_STRING", ""),
            {name: environ[key] for key, name in MESSAGE_HEADERS if key in environ},
        )
        sender = environ.get("REMOTE_ADDR")
        decode = self._decoders[address.format]
        outcome: app_answers.Outcome
        try:
            outcome = self._service.intake.receive(
                tracker, message, decode, sender, address.format
            )
        except (Malformed, Invalid) as refusal:
            if isinstance(refusal, Invalid) and SIGNATURE in environ:
                raise TooLarge(str(refusal)) from None
            outcome = refusal
        return 200, app_answers.answer(address.format, outcome)

    def _let_in(self, environ: Environ, address: Address) -> tuple[TrackerIdentity, bytes]:
        """Who has a secret is known before the body is read, who signs after."""
        site = site_of(environ.get("REMOTE_ADDR"))
        if SIGNATURE in environ:
            body = self._read(environ)
            named = environ.get("HTTP_HARBOR_TRACKER", "").lower()[:TRACKER_LENGTH_MAX]
            tracker = self._signer(environ, body, (site, f"tracker {named}"))
            require_format(tracker, address.format)
            return tracker, body
        token = door.token_of(environ, address)
        tracker = self._service.gate.open_to_bearer(token, address.format, (site,))
        return tracker, self._read(environ)

    def _read(self, environ: Environ) -> bytes:
        return read_body(environ, self._bytes_max, self._timeout_s, (*AS_IT_IS, *GZIP))

    def _signer(
        self, environ: Environ, body: bytes, knockers: tuple[str, ...] = ()
    ) -> TrackerIdentity:
        return self._service.gate.open(
            environ.get("HTTP_HARBOR_TRACKER"),
            environ.get("HTTP_WEBHOOK_ID", ""),
            environ.get("HTTP_WEBHOOK_TIMESTAMP", ""),
            environ.get(SIGNATURE, ""),
            body,
            knockers,
        )
