"""Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, before anything is parsed."""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence

from harbor.errors import Unauthenticated

SCHEME = "v1"
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
HEADER_LENGTH_MAX = 1024
SIGNATURES_MAX = 8


def verify(
    headers: Mapping[str, str],
    body: bytes,
    keys: Sequence[bytes],
    now_s: float,
    tolerance_s: int,
) -> None:
    """Raise Unauthenticated unless one of `keys` signed this body within the tolerance.

    Several signatures may stand in the header, separated by spaces, while a sender changes
    its key. Without keys the work is the same, so that time tells nothing.
    """
    message_id = _header(headers, "webhook-id")
    timestamp = _header(headers, "webhook-timestamp")
    given = _given(_header(headers, "webhook-signature"))
    if not timestamp.isdigit() or len(timestamp) > 12:
        raise Unauthenticated("webhook-timestamp is Unix seconds.")
    signed = b"%b.%b.%b" % (message_id.encode(), timestamp.encode(), body)
    matches = [
        hmac.compare_digest(hmac.digest(key, signed, "sha256"), signature)
        for key in (keys or (b"nobody's key",))
        for signature in given
    ]
    if not keys or not any(matches):
        raise Unauthenticated("The signature does not fit this body, or the key is unknown.")
    if abs(now_s - int(timestamp)) > tolerance_s:
        raise Unauthenticated(
            f"webhook-timestamp is more than {tolerance_s} s from our clock: sign anew."
        )


def sign(message_id: str, timestamp_s: int, body: bytes, key: bytes) -> str:
    """The value of `webhook-signature` for this body."""
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp_s, body)
    digest = hmac.digest(key, signed, "sha256")
    return f"{SCHEME},{base64.b64encode(digest).decode()}"


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "")
    if not value or len(value) > HEADER_LENGTH_MAX or not value.isascii():
        raise Unauthenticated(f"The header {name} is missing or not plain text.")
    return value


def _given(header: str) -> list[bytes]:
    """The signatures of our scheme; another scheme, or not base64, is passed over."""
    signatures = []
    for part in header.split(" ")[:SIGNATURES_MAX]:
        scheme, _, encoded = part.partition(",")
        if scheme != SCHEME:
            continue
        try:
            signatures.append(base64.b64decode(encoded, validate=True))
        except binascii.Error:
            continue
    return signatures
