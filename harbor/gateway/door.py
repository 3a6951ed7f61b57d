"""Harbor's door as the gateway sees it: signed messages out, answers in."""

import base64
import http.client
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

import orjson

from harbor.errors import Misconfigured
from harbor.gateway.batch import Batch
from harbor.gateway.entry import CONTENT_TYPES
from harbor.ingest.signature import sign

TIMEOUT_S = 20.0
ANSWER_BYTES_MAX = 65_536
DETAIL_MAX = 200
RETRY_AFTER_S_MAX = 600.0
SECRET_PREFIX = "whsec_"  # noqa: S105 - how secrets begin
SECRET_BYTES_MIN = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said to one batch; `counts` by verdict when it was Harbor who said it.

    `skew_s` is how far our clock is ahead of the server's, as far as can be told.
    """

    status: int
    counts: Mapping[str, int] | None = None
    detail: str = ""
    retry_after_s: float | None = None
    skew_s: float | None = None


@dataclass(frozen=True)
class Key:
    """Who signs, and with what; the secret never shows."""

    tracker: str
    secret: bytes = field(repr=False)

    def headers(self, batch: Batch, body: bytes, now_s: int) -> dict[str, str]:
        """Standard Webhooks: the id is the batch's own, the time that of this attempt."""
        return {
            "content-type": CONTENT_TYPES[batch.kind],
            "accept": "application/json",
            "user-agent": "harbor-gateway",
            "harbor-tracker": self.tracker,
            "webhook-id": batch.message_id,
            "webhook-timestamp": str(now_s),
            "webhook-signature": sign(batch.message_id, now_s, body, self.secret),
        }


class Door:
    """One connection, kept alive. `post` raises OSError when nobody answers."""

    def __init__(self, url: str, key: Key, timeout_s: float = TIMEOUT_S) -> None:
        self._parts = _parts(url)
        self._key = key
        self._connection = _connection(self._parts, timeout_s)

    def post(self, batch: Batch) -> Answer:
        body, path = batch.body, f"{self._parts.path.rstrip('/')}/api/v1/ingest/{batch.kind}"
        headers = self._key.headers(batch, body, int(time.time()))
        # A server may hang up between two messages; that shows only when we speak again.
        if self._connection.sock is not None:
            with suppress(ConnectionError):
                return self._post(path, body, headers)
        return self._post(path, body, headers)

    def close(self) -> None:
        self._connection.close()

    def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            self._connection.request("POST", path, body, dict(headers))
            response = self._connection.getresponse()
            said = response.read(ANSWER_BYTES_MAX)
            if not response.isclosed():
                self._connection.close()  # whoever says so much is not Harbor
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            if isinstance(error, OSError):
                raise
            raise ConnectionError("the answer broke off") from error
        return answer_of(response.status, dict(response.headers), said, datetime.now(UTC))


def answer_of(status: int, given: Mapping[str, str], said: bytes, now: datetime) -> Answer:
    document, headers = _document(said), {name.lower(): one for name, one in given.items()}
    counts = {name: n for name, n in document.items() if isinstance(n, int)}
    if isinstance(document.get("ignored"), dict):
        counts["ignored"] = sum(n for n in document["ignored"].values() if isinstance(n, int))
    is_ours = 200 <= status < 300 and "accepted" in counts
    detail = document.get("detail") or document.get("title") or headers.get("location") or ""
    return Answer(
        status,
        counts if is_ours else None,
        "".join(sign for sign in str(detail)[:DETAIL_MAX] if sign.isprintable()),
        _retry_after_s(headers.get("retry-after"), now),
        _skew_s(headers.get("date"), now),
    )


def key_of(tracker: str, secret: str) -> Key:
    """Raises Misconfigured for what can't be a tracker's secret; never repeats it."""
    try:
        raw = base64.b64decode(secret.strip().removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        raw = b""
    if len(raw) < SECRET_BYTES_MIN:
        raise Misconfigured(
            "That is no tracker's secret: they begin with whsec_ and are shown once by"
            " `harbor tracker add`."
        )
    return Key(tracker, raw)


def _document(said: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(said)
    except orjson.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts
    except ValueError:
        pass
    raise Misconfigured(f"--url is Harbor's address, as in https://harbor.example: {url!r}")


def _connection(parts: SplitResult, timeout_s: float) -> http.client.HTTPConnection:
    host = str(parts.hostname)
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=timeout_s)
    context = ssl.create_default_context()
    return http.client.HTTPSConnection(host, parts.port, timeout=timeout_s, context=context)


def _retry_after_s(said: str | None, now: datetime) -> float | None:
    """Seconds, given as such or as a date; no server makes us wait for hours."""
    if said is None:
        return None
    seconds = float(said) if said.isascii() and said.isdigit() else None
    if seconds is None:
        moment = _date(said)
        seconds = None if moment is None else (moment - now).total_seconds()
    return None if seconds is None else min(max(seconds, 0.1), RETRY_AFTER_S_MAX)


def _skew_s(said: str | None, now: datetime) -> float | None:
    moment = _date(said) if said else None
    return None if moment is None else (now - moment).total_seconds()


def _date(said: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
