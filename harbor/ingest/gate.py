"""The gate of the webhook: which tracker signed this body, if any."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from harbor.errors import Unauthenticated, Unavailable
from harbor.ingest.directory import NOBODY, Contents, TrackerIdentity
from harbor.ingest.signature import given_signatures, is_signed_by, signed_content

REFUSED = "The signature does not fit this body, or the key is unknown."


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
        self, directory: Readings, clock: Callable[[], datetime], tolerance_s: int
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._tolerance_s = tolerance_s

    def open(
        self, named: str | None, message_id: str, timestamp: str, signature: str, body: bytes
    ) -> TrackerIdentity:
        """The tracker that signed; the arguments are the headers, empty when missing.

        Raises Unauthenticated, never on an old reading of the directory; Unavailable when
        it can't be read, or when the tracker's key can't.
        """
        content = signed_content(message_id, timestamp, body)
        signatures = given_signatures(signature)
        now_s = self._clock().timestamp()
        signer = self._signer(named, content, signatures, now_s)
        if signer is None and self._directory.look_anew():
            signer = self._signer(named, content, signatures, now_s)
        if signer is None:
            raise self._refusal(named, now_s)
        # Only who has the key gets to know that nothing but the time was wrong.
        if abs(now_s - int(timestamp)) > self._tolerance_s:
            raise Unauthenticated(
                f"webhook-timestamp is more than {self._tolerance_s} s from our clock:"
                " sign anew."
            )
        return signer

    def _signer(
        self, named: str | None, content: bytes, signatures: Sequence[str], now_s: float
    ) -> TrackerIdentity | None:
        for tracker in self._candidates(named):
            for key in tracker.keys:
                if is_signed_by(key.hmac, content, signatures) and now_s < key.until_s:
                    return tracker
        return None

    def _refusal(self, named: str | None, now_s: float) -> Exception:
        """A tracker drops what is answered 401: it must not pay for a key we can't read."""
        for tracker in self._candidates(named):
            if any(now_s < key.until_s and not key.is_readable for key in tracker.keys):
                return Unavailable("A key can't be read here just now; nothing was stored.")
        return Unauthenticated(REFUSED)

    def _candidates(self, named: str | None) -> Sequence[TrackerIdentity]:
        """The tracker that is named, or those whose key is shared by the only fleet."""
        contents = self._directory.contents()
        if named is None:
            return contents.shared or (NOBODY,)
        return (contents.named.get(named.lower(), NOBODY),)
