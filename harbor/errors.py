"""Everything Harbor refuses to do, as one tree.

    HarborError
    ├── Refused            the caller must change something: don't send it again
    │   ├── Malformed          a message that can't be read as what it claims to be (400)
    │   ├── Invalid            readable, but breaks the contract field by field (422)
    │   ├── Unauthenticated    nobody we know (401)
    │   ├── Forbidden          known, but not allowed (403)
    │   ├── NotFound           no such thing, or none the caller may see (404)
    │   ├── Conflict           the name or number is taken (409)
    │   ├── TooLarge           more bytes than the limit (413)
    │   ├── UnsupportedMedia   an encoding we don't read (415)
    │   └── TooMany            over the rate limit (429)
    ├── Unavailable        try again later: nothing was acknowledged (503)
    └── Misconfigured      the operator must change a setting; Harbor does not start

Inner layers raise what happened; `harbor.problems` alone turns it into an answer.
"""

import random
from dataclasses import dataclass


class HarborError(Exception):
    """Base of everything Harbor raises on purpose; the message is for who must act."""


class Refused(HarborError):
    """The caller must change something before asking again."""


class Malformed(Refused):
    """A message that can't be read as what it claims to be."""


@dataclass(frozen=True)
class FieldError:
    """One reason why one field was refused; `pointer` is an RFC 6901 JSON pointer."""

    pointer: str
    code: str
    detail: str


class Invalid(Refused):
    """A readable message that breaks the contract, with one entry per field."""

    def __init__(self, detail: str, fields: tuple[FieldError, ...] = ()) -> None:
        super().__init__(detail)
        self.fields = fields


class Unauthenticated(Refused):
    """Nobody we know; never says which part was wrong."""


class Forbidden(Refused):
    """Known, but not allowed to do this."""


class NotFound(Refused):
    """No such thing, or none that the caller may see."""


class Conflict(Refused):
    """Something with this name or number exists already."""


class TooLarge(Refused):
    """More bytes than the limit allows."""


class UnsupportedMedia(Refused):
    """An encoding or content type that Harbor does not read."""


class TooMany(Refused):
    """Over a limit; `retry_after_s` says when to come back."""

    def __init__(self, detail: str, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Unavailable(HarborError):
    """Something Harbor needs is away; nothing was acknowledged, come back later."""

    def __init__(self, detail: str, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.retry_after_s = come_back() if retry_after_s is None else retry_after_s


def come_back() -> int:
    """Seconds to wait, different for every sender so that they don't return together."""
    return random.randint(1, 5)  # noqa: S311 - jitter


class Misconfigured(HarborError):
    """A setting with which Harbor can't keep its promises; names it, never its value."""
