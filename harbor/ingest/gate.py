"""The gate of the webhook: which tracker signed this body, or whose secret came with it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from harbor.errors import Forbidden, Unauthenticated, Unavailable
from harbor.ingest.contents import NOBODY, Contents, TrackerIdentity
from harbor.ingest.failures import Failures
from harbor.ingest.signature import given_signatures, is_signed_by, signed_content
from harbor.trackers.registry import HARBOR

REFUSED = "The signature does not fit this body, or the key is unknown."
UNKNOWN_TOKEN = "The secret is unknown."  # noqa: S105 - what is said, not a secret
KEY_AWAY = "A key can't be read here just now; nothing was stored."


class Readings(Protocol):
    """What the gate needs of the directory."""

    def contents(self) -> Contents: ...

    def look_anew(self) -> bool: ...


class Gate:
    """Lets in who signed with a key that is valid now.

    Unknown tracker and wrong signature take the same steps: one look into the directory, one
    HMAC for each of two keys (those that are missing are nobody's), another reading.
    """

    def __init__(
        self,
        directory: Readings,
        clock: Callable[[], datetime],
        tolerance_s: int,
        failures: Failures,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._tolerance_s = tolerance_s
        self._failures = failures

    def open(
        self,
        named: str | None,
        message_id: str,
        timestamp: str,
        signature: str,
        body: bytes,
        knockers: Sequence[str] = (),
    ) -> TrackerIdentity:
        """The tracker that signed; the arguments are the headers, empty when missing.

        Raises Unauthenticated, never on an old reading of the directory; Unavailable when
        it can't be read, or when the tracker's key can't; TooMany when one of the `knockers`
        was refused too often.
        """
        content = signed_content(message_id, timestamp, body)
        signatures = given_signatures(signature)
        now_s = self._clock().timestamp()
        signer = self._signer(named, content, signatures, now_s)
        if signer is None and self._look_anew(knockers):
            signer = self._signer(named, content, signatures, now_s)
        if signer is None:
            raise self._counted(_refusal(self._candidates(named), now_s, REFUSED), knockers)
        # Only who has the key gets to know that nothing but the time was wrong.
        if abs(now_s - int(timestamp)) > self._tolerance_s:
            raise Unauthenticated(
                f"webhook-timestamp is more than {self._tolerance_s} s from our clock:"
                " sign anew."
            )
        return signer

    def open_to_bearer(
        self, token: str, format_: str, knockers: Sequence[str]
    ) -> TrackerIdentity:
        """The tracker whose secret came with a message.

        It is looked up by its digest, so that the time tells nothing of how much of it was
        right. Raises as `open` does, and Forbidden for a tracker of another format.
        """
        digest = sha256(token.encode()).digest()
        now_s = self._clock().timestamp()
        bearer = self._bearer(digest, now_s)
        if bearer is None and self._look_anew(knockers):
            bearer = self._bearer(digest, now_s)
        if bearer is None:
            # It may be a secret that we can't read: whose it is, nobody can tell.
            contents = self._directory.contents()
            known = contents.named.values() if contents.unreadable else ()
            possible = [one for one in known if one.format == format_]
            raise self._counted(_refusal(possible, now_s, UNKNOWN_TOKEN), knockers)
        if bearer.format == HARBOR:
            raise Forbidden("This tracker signs what it sends; its secret is no token.")
        require_format(bearer, format_)
        return bearer

    def _look_anew(self, knockers: Sequence[str]) -> bool:
        """As the directory's, for those who were not refused too often: readings are dear."""
        self._failures.require_room(*knockers)
        return self._directory.look_anew()

    def _counted(self, refusal: Exception, knockers: Sequence[str]) -> Exception:
        if isinstance(refusal, Unauthenticated):
            self._failures.note(*knockers)
        return refusal

    def _bearer(self, digest: bytes, now_s: float) -> TrackerIdentity | None:
        tracker, key = self._directory.contents().bearers.get(digest, (NOBODY, NOBODY.keys[0]))
        return tracker if now_s < key.until_s else None

    def _signer(
        self, named: str | None, content: bytes, signatures: Sequence[str], now_s: float
    ) -> TrackerIdentity | None:
        for tracker in self._candidates(named):
            for key in tracker.keys:
                if is_signed_by(key.hmac, content, signatures) and now_s < key.until_s:
                    return tracker
        return None

    def _candidates(self, named: str | None) -> Sequence[TrackerIdentity]:
        """The tracker that is named, or those whose key is shared by the only fleet."""
        contents = self._directory.contents()
        if named is None:
            return contents.shared or (NOBODY,)
        return (contents.named.get(named.lower(), NOBODY),)


def _refusal(trackers: Sequence[TrackerIdentity], now_s: float, said: str) -> Exception:
    """A tracker drops what is answered 401: it must not pay for a key we can't read."""
    for tracker in trackers:
        if any(now_s < key.until_s and not key.is_readable for key in tracker.keys):
            return Unavailable(KEY_AWAY)
    return Unauthenticated(said)


def require_format(tracker: TrackerIdentity, sent_as: str) -> None:
    """What a tracker may send, and a bearer where. Raises Forbidden."""
    if tracker.format not in (HARBOR, sent_as):
        raise Forbidden(f"This tracker sends to /api/v1/ingest/{tracker.format} only.")
