"""`harbor demo`: a whole Harbor with a sailing fleet, from one command, gone with Ctrl-C."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text

from harbor.errors import HarborError

if TYPE_CHECKING:
    from harbor.demo.handout import Handout
    from harbor.demo.voyage import Voyage

NAME_WIDTH = 28


@click.command(short_help="Show Harbor with twelve sailing vessels.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".harbor"),
    show_default=True,
    help="Where the demo keeps its data; a second start goes on with them.",
)
@click.option("--port", type=click.IntRange(1, 65535), help="Where to listen.  [8000]")
@click.option("--reset", is_flag=True, help="Delete the demo's data first and start anew.")
def demo(data: Path, port: int | None, reset: bool) -> None:
    """Show Harbor with twelve vessels that sail round Gothenburg.

    Starts a real PostgreSQL and a real Valkey (nothing to install first), Harbor itself,
    and trackers that post signed positions through the public webhook. Prints where the
    map is, who may log in, and commands to paste. Ctrl-C ends everything; the data stay.
    """
    bell = Bell()
    bell.listen()
    try:
        run(data, port, reset, bell)
    except KeyboardInterrupt:
        pass
    except HarborError as error:
        raise click.ClickException(str(error)) from None


def run(data: Path, port: int | None, reset: bool, bell: "Bell") -> None:
    # Here, so that a Ctrl-C while they are loaded is one like any other.
    from harbor.demo.folder import Folder
    from harbor.demo.voyage import Voyage

    console = Console(highlight=False)
    folder = Folder(data)
    folder.claim()
    try:
        if reset:
            folder.empty()
        voyage = Voyage(folder, port)
        try:
            sail(voyage, bell, console)
        finally:
            bell.mute()
            with telling(console, "Ending"):
                voyage.end()
        console.print(f"The data are in {folder.path}; the next start goes on with them.")
    finally:
        bell.mute()
        folder.leave()


def sail(voyage: "Voyage", bell: "Bell", console: Console) -> None:
    def step(what: str) -> AbstractContextManager[None]:
        bell.obey()
        return telling(console, what)

    try:
        handout = voyage.start(step)
        for note in voyage.notes:
            console.print(f"  {note}", soft_wrap=True)
        show(handout, voyage, console)
        voyage.sail(is_over=lambda: bell.has_rung, say=console.print)
    except KeyboardInterrupt:
        console.print()


class Bell:
    """The order to end, by Ctrl-C, SIGTERM or a closed terminal; only the first counts.

    It interrupts whatever is being done. Where Python lets no exception out (weak
    references, finalizers) it is remembered, so whoever goes on for long asks `has_rung`.
    """

    def __init__(self) -> None:
        self.has_rung = False

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ring)
        sys.unraisablehook = quietly
        # Whoever starts us with nohup wants us to outlive the terminal.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._ring)

    def obey(self) -> None:
        """Raise KeyboardInterrupt if it has rung and nobody heard."""
        if self.has_rung:
            raise KeyboardInterrupt

    def mute(self) -> None:
        """From now on nothing interrupts the end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        if not self.has_rung:
            self.has_rung = True
            raise KeyboardInterrupt


def quietly(lost: "sys.UnraisableHookArgs") -> None:
    """An interruption that got lost needs no traceback; everything else does."""
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)


@contextmanager
def telling(console: Console, what: str) -> Iterator[None]:
    """Show what is being done while it lasts, and how long it took."""
    began = time.monotonic()
    with console.status(what) if console.is_terminal else nullcontext():
        yield
    line = Text(f"  {what:<{NAME_WIDTH}}")
    line.append(f"{time.monotonic() - began:5.1f} s", "dim")
    console.print(line)


def show(handout: "Handout", voyage: "Voyage", console: Console) -> None:
    """What to open and what to paste; nothing is wrapped, so that it can be pasted."""
    rows = {
        "Map": handout.map_url,
        "User": handout.username,
        "Password": handout.password,
        "API key": handout.api_key,
        "Data": str(voyage.folder.path),
    }
    console.print()
    console.print(f"The map moves, {voyage.seconds:.1f} s after the start.", style="bold green")
    console.print()
    for name, value in rows.items():
        console.print(Text.assemble((f"  {name:<10}", "dim"), (value, "bold")), soft_wrap=True)
    for title, command in (
        (f"Move {handout.vessel}, which waits for you; again, and it moves on:", "ping"),
        ("Read the fleet as GeoJSON:", "vessels"),
        ("Follow it live:", "stream"),
    ):
        console.print()
        console.print(title, style="bold")
        console.print()
        click.echo(getattr(handout.commands, command).rstrip())
    console.print()
    console.print("Ctrl-C ends it.", style="dim")


if __name__ == "__main__":
    demo()
