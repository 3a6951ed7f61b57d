"""Where lines come from: the address of a source, and what reads it."""

from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from harbor.errors import Misconfigured
from harbor.gateway.connection import Connection
from harbor.gateway.datagrams import Datagrams, bound, inherited
from harbor.gateway.files import File, Pipe
from harbor.gateway.intake import Intake

SIGNALK_PORTS = {"signalk": 3000, "signalks": 3443}
EXAMPLES = (
    "udp://0.0.0.0:10110, tcp://host:port, fd://3, signalk://host:3000, a file, or - for"
    " standard input"
)


class Source(Protocol):
    """Reads until it is told to stop, or until there is no more."""

    name: str

    def run(self, intake: Intake, stop: Event) -> None: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """How a source is to be read, as far as that is a choice; each fits some of them."""

    is_followed: bool = False
    is_read_anew: bool = False
    period_s: float = 2.0
    is_stamped_anew: bool = False
    with_targets: bool = False
    token: str = ""


def source_of(address: str, reading: Reading) -> Source:
    """Raises Misconfigured for what is none, or is not there."""
    scheme, separator, _ = address.partition("://")
    if address == "-":
        return Pipe()
    if not separator:
        return File(Path(address), reading.is_followed, reading.is_read_anew)
    parts = _parts(address)
    match scheme:
        case "udp":
            return Datagrams(address, bound(parts.hostname or "0.0.0.0", _port(parts)))  # noqa: S104
        case "tcp":
            return Connection(_host(parts), _port(parts))
        case "fd":
            return Datagrams(address, inherited(_descriptor(parts)), is_inherited=True)
        case "signalk" | "signalks":
            # Only who asks for it loads the library of websockets.
            from harbor.gateway.signalk import SignalK, Wishes

            wishes = Wishes(
                reading.period_s, reading.is_stamped_anew, reading.with_targets, reading.token
            )
            return SignalK(_websocket(parts), wishes)
        case _:
            raise Misconfigured(f"SOURCE is {EXAMPLES}; not {address!r}.")


def _websocket(parts: SplitResult) -> str:
    host, port = _host(parts), parts.port or SIGNALK_PORTS[parts.scheme]
    named = f"[{host}]" if ":" in host else host
    scheme = "wss" if parts.scheme == "signalks" else "ws"
    return f"{scheme}://{named}:{port}/signalk/v1/stream?subscribe=none&sendCachedValues=false"


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise Misconfigured(f"SOURCE {address!r}: {error}.") from None
    return parts


def _host(parts: SplitResult) -> str:
    if not parts.hostname:
        raise Misconfigured(f"SOURCE needs a host, as in {parts.scheme}://localhost:10110.")
    return parts.hostname


def _port(parts: SplitResult) -> int:
    if parts.port is None:
        raise Misconfigured(f"SOURCE needs a port, as in {parts.scheme}://localhost:10110.")
    return parts.port


def _descriptor(parts: SplitResult) -> int:
    if not parts.netloc.isdigit():
        raise Misconfigured("SOURCE fd://3 is the socket that systemd hands over.")
    return int(parts.netloc)
