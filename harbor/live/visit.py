"""Who listens to one stream, from its opening to its end, and the log lines of both."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from sys import intern
from time import time

from harbor.live.seats import Seats
from harbor.ops import access_log, line

_log = logging.getLogger(__name__)


class Visit:
    """Holds a seat until it ends; what it shares with others is one object for all."""

    __slots__ = (
        "_is_over",
        "_seats",
        "address",
        "is_allowed",
        "is_handed_over",
        "opened_at",
        "request_id",
        "who",
    )

    def __init__(
        self,
        seats: Seats,
        who: str,
        is_allowed: Callable[[], bool],
        request_id: str,
        address: str,
        most: int,
    ) -> None:
        """Take a seat. Raises Unavailable when there is none, TooMany when `who` has `most`."""
        self.who = seats.take(who, most)
        self.is_allowed = is_allowed
        self.request_id = request_id
        self.address = intern(address)  # many come from one proxy
        self.opened_at = time()
        self.is_handed_over = False
        self._seats = seats
        self._is_over = False
        self._say("stream.opened")

    def abandon(self) -> None:
        """The request is over: so is the stream, unless a hub has it."""
        if not self.is_handed_over:
            self.end("client_left", 0)

    def end(self, reason: str, sent_bytes: int) -> None:
        """The stream is over; the first word about it counts."""
        if self._is_over:
            return
        self._is_over = True
        self._seats.give_back(self.who)
        seconds = round(time() - self.opened_at, 3)
        self._say("stream.closed", reason=reason, bytes=sent_bytes, seconds=seconds)
        if self.is_handed_over:  # else gunicorn writes it
            self._note_access(sent_bytes, seconds)

    def _note_access(self, sent_bytes: int, seconds: float) -> None:
        with _streams_go_on():
            access_log.write(
                method="GET",
                path="/stream",
                status=200,
                address=self.address,
                sent_bytes=sent_bytes,
                seconds=seconds,
                request_id=self.request_id,
            )

    def _say(self, event: str, **fields: object) -> None:
        with _streams_go_on():
            line.write(
                _log,
                event,
                request_id=self.request_id,
                who=self.who,
                address=self.address,
                streams=self._seats.taken,
                **fields,
            )


@contextmanager
def _streams_go_on() -> Iterator[None]:
    """Nobody reads the log any more, or its disk is full: that ends no stream and no worker."""
    try:
        yield
    except OSError as error:
        _log.error("The log can't be written: %s", error)
