"""What was asked of /stream, and what is granted."""

import _socket
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

import gevent.socket

from harbor import access
from harbor.access import Principal
from harbor.errors import Malformed, Unavailable
from harbor.fleet.geo import parse_box
from harbor.live.audience import Audience
from harbor.live.event import LATE
from harbor.live.reading import Manners, Reading
from harbor.live.subscription import Subscription
from harbor.live.visit import Visit
from harbor.live.wish import Mode, Wish, kinds_of
from harbor.runtime import Runtime

LAST_EVENT_ID_LENGTH_MAX = 64
RATE_SECONDS_MAX = 3600
UNREAD_BYTES = 4096
"""Of what a client goes on to send, which nobody reads; the kernel would keep 190 KB."""
PARAMETERS = {"vessels", "bbox", "types", "mode", "max_rate", "last_event_id"}
GreenSocket = gevent.socket.socket


class Leaving(Unavailable):
    """No stream begins here any more; whoever comes again meets another worker."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request: its query, where to go on, and who it came from."""

    args: Mapping[str, str]
    last_event_id: str | None
    address: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Who listens, to what, and from where on: by a generator, or by a raw socket."""

    audience: Audience
    wish: Wish
    manners: Manners
    visit: Visit
    last_event_id: str | None

    def frames(self) -> Iterator[bytes]:
        """The stream as a generator; whoever pulls it ends the visit by closing it."""
        hub, sent_bytes = self.audience.hub, 0
        reading = Reading(hub, self.wish, self.manners)
        stream = Subscription(reading, self.manners, self.visit.is_allowed, self.last_event_id)
        hub.readers += 1
        try:
            for piece in stream.frames():
                yield piece
                sent_bytes += len(piece)
        except Unavailable:  # the status is out, so an error can only end it
            stream.end_reason = "rights_unknown"
        finally:
            hub.readers -= 1
            self.visit.end(stream.end_reason, sent_bytes)

    def hand_over(self, client: GreenSocket, head: bytes, *, is_compressed: bool) -> None:
        """Everything is read before the socket is taken: what can fail still answers."""
        reading = Reading(self.audience.hub, self.wish, self.manners)
        opening = reading.opening(self.last_event_id)
        plain = _socket.socket(fileno=client.detach())
        self._prepare(plain)
        self.visit.is_handed_over = True
        self.audience.admit(
            plain, head, opening, reading, self.visit, is_compressed=is_compressed
        )

    def _prepare(self, plain: "_socket.socket") -> None:
        plain.setblocking(False)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.manners.send_buffer_bytes)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UNREAD_BYTES)
        if plain.family != socket.AF_UNIX:
            patience_ms = round(self.manners.stalled_s * 1000)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, patience_ms)


def decide(runtime: Runtime, principal: Principal, question: Question) -> Decision:
    """Raises Malformed, Leaving, Unavailable when this worker is full, TooMany."""
    unknown = sorted(question.args.keys() - PARAMETERS)
    if unknown:
        raise Malformed(
            f"Unknown parameter {unknown[0][:64]!r}; there are {', '.join(sorted(PARAMETERS))}."
        )
    wish = _wish(runtime, principal, question.args)
    audience = runtime.audience(principal.fleet_id)
    last = question.last_event_id or question.args.get("last_event_id")
    return Decision(
        audience,
        wish,
        runtime.manners,
        _visit(runtime, principal, question),
        last[:LAST_EVENT_ID_LENGTH_MAX] if last else None,
    )


def _visit(runtime: Runtime, principal: Principal, question: Question) -> Visit:
    if runtime.is_leaving:
        raise Leaving("This worker is leaving; another is there already.")
    settings = runtime.settings
    is_key = principal.kind == "key"
    return Visit(
        runtime.seats,
        f"{principal.kind}:{principal.id}",
        access.still_allowed(runtime, principal),
        question.request_id,
        question.address,
        settings.streams_key_max if is_key else settings.streams_user_max,
    )


def _wish(runtime: Runtime, principal: Principal, args: Mapping[str, str]) -> Wish:
    """What was asked for, within what the principal may see. Raises Malformed."""
    kinds = None
    if "types" in args and (kinds := kinds_of(args["types"])) is None:
        raise Malformed("types is a list of: position, late, vessel, alert.")
    try:
        mode = Mode(args.get("mode", "latest"))
    except ValueError:
        raise Malformed("mode is latest or all.") from None
    rate_s = _rate_s(args.get("max_rate"))
    if rate_s and mode is Mode.ALL:
        raise Malformed("max_rate leaves events out, and mode=all asks for every one.")
    if rate_s and kinds == frozenset({LATE}):
        raise Malformed("max_rate leaves late positions out, and types asks for nothing else.")
    return Wish(
        vessel_ids=_vessel_ids(runtime, principal, args.get("vessels")),
        box=parse_box(args["bbox"]) if "bbox" in args else None,
        kinds=kinds,
        mode=mode,
        rate_s=rate_s,
    )


def _rate_s(given: str | None) -> int:
    """Raises Malformed."""
    if given is None:
        return 0
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= RATE_SECONDS_MAX):
        raise Malformed("max_rate is a whole number of seconds from 1 to 3600.")
    return int(given)


def _vessel_ids(
    runtime: Runtime, principal: Principal, given: str | None
) -> frozenset[str] | None:
    """The scope of the key, and of it only the vessels asked for."""
    if given is None:
        return _texts(principal.vessel_ids)
    contents = runtime.directory.contents()
    asked: set[UUID] = set()
    for reference in given.split(","):
        vessel_id = contents.find_vessel(principal.fleet_id, reference.strip())
        if vessel_id is None or not principal.may_see(vessel_id):
            raise Malformed(f"vessels: there is no vessel {reference.strip()[:64]!r}.")
        asked.add(vessel_id)
    return _texts(asked)


def _texts(vessel_ids: set[UUID] | frozenset[UUID] | None) -> frozenset[str] | None:
    return None if vessel_ids is None else frozenset(str(one) for one in vessel_ids)
