"""`harbor gateway`: from the instruments of a boat or a pier to a Harbor elsewhere."""

import logging
import signal
import sys
from contextlib import closing
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Any

import click
from rich.console import Console

from harbor.errors import HarborError, Misconfigured
from harbor.gateway.buffer import Buffer
from harbor.gateway.delivery import Delivery
from harbor.gateway.display import Display, Log, Terminal
from harbor.gateway.door import Door, key_of
from harbor.gateway.gateway import Gateway
from harbor.gateway.sources import Reading, source_of
from harbor.gateway.standing import Progress
from harbor.ops import logs

READABLE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


class FromEnvironment(click.Option):
    """A value that only the environment gives: on a command line everybody could read it."""

    def add_to_parser(self, parser: Any, context: click.Context) -> None:
        """Nothing to add."""


@click.command(short_help="Send what a boat's instruments say, from the boat.")
@click.option("--url", required=True, help="Harbor's address: https://harbor.example")
@click.option("--tracker", required=True, metavar="ID", help="The tracker's Harbor id.")
@click.option("--secret-file", type=READABLE, help="Its secret; else HARBOR_GATEWAY_SECRET.")
@click.option(
    "--secret", cls=FromEnvironment, envvar="HARBOR_GATEWAY_SECRET", hidden=True, default=""
)
@click.option(
    "--buffer",
    "buffer_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file that keeps lines while the link is down.",
)
@click.option(
    "--buffer-mb",
    type=click.IntRange(1, 100_000),
    default=256,
    show_default=True,
    help="How large it may grow; when it is full the oldest lines are kept.",
)
@click.option(
    "--every",
    "every_s",
    metavar="SECONDS",
    type=click.FloatRange(0.1, 3600),
    default=5,
    show_default=True,
    help="How long a line waits for others, to leave with them.",
)
@click.option("--follow", is_flag=True, help="Read a file on as it grows.")
@click.option("--from-start", is_flag=True, help="Read a file again that was read before.")
@click.option(
    "--period",
    "period_s",
    metavar="SECONDS",
    type=click.FloatRange(0.1, 3600),
    default=2,
    show_default=True,
    help="Signal K: how often each value at most.",
)
@click.option("--targets", is_flag=True, help="Signal K: also other vessels that it hears.")
@click.option("--signalk-token-file", type=READABLE, help="Signal K: what lets us in there.")
@click.option(
    "--time",
    "whose_time",
    type=click.Choice(["stated", "arrival"]),
    default="stated",
    show_default=True,
    help="Signal K: arrival, when the clocks aboard are wrong.",
)
@click.argument("address", metavar="SOURCE")
def gateway(
    url: str,
    tracker: str,
    secret_file: Path | None,
    secret: str,
    buffer_path: Path | None,
    buffer_mb: int,
    every_s: float,
    follow: bool,
    from_start: bool,
    period_s: float,
    targets: bool,
    signalk_token_file: Path | None,
    whose_time: str,
    address: str,
) -> None:
    """Read AIS, NMEA 0183 or Signal K here, and post it signed to a Harbor elsewhere.

    SOURCE is udp://0.0.0.0:10110, tcp://host:port, signalk://host:3000, a file, or - for
    standard input. What can't be sent waits on disk, also over a restart. More in
    docs/trackers/gateway.md.
    """
    reading = Reading(
        is_followed=follow,
        is_read_anew=from_start,
        period_s=period_s,
        is_stamped_anew=whose_time == "arrival",
        with_targets=targets,
        token=signalk_token_file.read_text().strip() if signalk_token_file else "",
    )
    key = key_of(tracker, secret_file.read_text() if secret_file else secret)
    source = source_of(address, reading)
    path = buffer_path or default_buffer(tracker)
    with (
        closing(Buffer(path, tracker, buffer_mb * 1_000_000)) as buffer,
        closing(Door(url, key)) as door,
    ):
        progress = Progress()
        delivery = Delivery(buffer, door, progress, every_s)
        is_well = Gateway(source, buffer, delivery, progress, display()).run(until_told())
    if not is_well:
        raise HarborError("The gateway broke; what was not sent is kept for the next start.")


def default_buffer(tracker: str) -> Path:
    """One for each tracker, where programs keep their own."""
    if not tracker.replace("-", "").isalnum():
        raise Misconfigured("--tracker is the Harbor id that `harbor tracker add` has shown.")
    return Path(click.get_app_dir("harbor-gateway")) / f"{tracker}.db"


def display() -> Display:
    """On a terminal the one line says what a log would, and would be torn by it."""
    console = Console()
    if console.is_terminal:
        logging.getLogger("harbor.gateway").setLevel(logging.ERROR)
        return Terminal(console)
    logs.configure("INFO")
    return Log()


def until_told() -> Event:
    """Set by the first SIGTERM or Ctrl-C; a second one ends at once."""
    stop = Event()

    def leave(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            sys.exit(128 + number)
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    return stop
