"""Handing a new secret over: to a person's terminal, a script, or a phone by its camera."""

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from harbor.cli import qr_code
from harbor.cli.app_links import PLACEHOLDER, Setup, setup_of
from harbor.cli.output import json_option, show_one
from harbor.cli.qr_code import QrFile
from harbor.config import plain_url
from harbor.environments import load
from harbor.trackers.registry import HARBOR

ADVICE = (
    f"Nothing says where trackers reach this Harbor, so {PLACEHOLDER} stands for it here:"
    " say --url, or set HARBOR_PUBLIC_URL."
)
IN_THE_CLEAR = "Over http:// everybody on the way can read the secret: use https://."
LOOPBACK = ("127.0.0.1", "::1", "localhost")

Command = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Handover:
    """How a new secret is shown, as the options said; no URL: nobody knows one."""

    public_url: str
    qr_file: Path | None
    is_json: bool

    def require_sense(self, format_: str) -> None:
        """Before anything is done. Raises UsageError."""
        if self.qr_file is None:
            return
        if format_ == HARBOR:
            raise click.UsageError("A tracker that signs has no address to scan: no --qr-file.")
        if not self.public_url:
            raise click.UsageError("--qr-file needs --url URL, or HARBOR_PUBLIC_URL set.")

    def show(self, row: Any, sentence: str, secret: str) -> None:
        """Once: afterwards nobody can read it, Harbor neither. `row` is a tracker's."""
        if row.format == HARBOR:
            show_one(row, sentence, self.is_json, secret=secret)
            return
        setup = setup_of(row.format, row.name, secret, self.public_url or PLACEHOLDER)
        show_one(row, sentence, self.is_json, secret=secret, **asdict(setup))
        if self.public_url:
            self._show_code(setup)
        self._advise()

    def _show_code(self, setup: Setup) -> None:
        content = setup.link or setup.address
        if not self.is_json and sys.stdout.isatty():
            click.echo(qr_code.on_terminal(content))
        if self.qr_file is not None:
            qr_code.write_file(content, self.qr_file)

    def _advise(self) -> None:
        given = urlsplit(self.public_url)
        if not self.public_url:
            click.echo(f"harbor: {ADVICE}", err=True)
        elif given.scheme == "http" and given.hostname not in LOOPBACK:
            click.echo(f"harbor: {IN_THE_CLEAR}", err=True)


def handover_options(command: Command) -> Command:
    """Adds --url, --qr-file and --json; the command gets them as one `handover`."""

    @click.option(
        "--url",
        metavar="URL",
        callback=_plain,
        help="Where trackers reach this Harbor, https://…; else HARBOR_PUBLIC_URL.",
    )
    @click.option(
        "--qr-file", type=QrFile(), help="Write the QR code into a .png or .svg file, too."
    )
    @json_option
    @wraps(command)
    def with_handover(
        *words: object, url: str | None, qr_file: Path | None, is_json: bool, **given: object
    ) -> None:
        public_url = url or load().public_url
        command(*words, handover=Handover(public_url, qr_file, is_json), **given)

    return with_handover


def _plain(_: click.Context, __: click.Parameter, url: str | None) -> str | None:
    try:
        return url and plain_url(url)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
