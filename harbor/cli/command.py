"""The root command: which commands there are, and how a refusal reaches the terminal."""

import logging.config
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from typing import IO, Any

import click

from harbor.errors import HarborError, Misconfigured, Unavailable
from harbor.ops import logs

SECTIONS: Mapping[str, Mapping[str, str]] = {
    "Start": {
        "init": "harbor.cli.first_start:init",
        "demo": "harbor.cli.demo:demo",
        "serve": "harbor.cli.serve:serve",
        "migrate": "harbor.cli.migrate:migrate",
    },
    "Aboard": {
        "gateway": "harbor.cli.gateway:gateway",
    },
    "The fleet": {
        "vessel": "harbor.cli.vessels:vessel",
        "tracker": "harbor.cli.trackers:tracker",
        "key": "harbor.cli.keys:key",
        "user": "harbor.cli.users:user",
        "fleet": "harbor.cli.fleets:fleet",
        "berth": "harbor.cli.berths:berth",
        "quarantine": "harbor.cli.quarantine:quarantine",
    },
    "What is kept": {
        "import": "harbor.cli.import_:import_",
        "positions": "harbor.cli.positions:positions",
    },
    "How it is doing": {
        "doctor": "harbor.cli.doctor:doctor",
        "settings": "harbor.cli.settings:settings",
    },
}
PLACES = {name: place for section in SECTIONS.values() for name, place in section.items()}
EXTRA_MISSING = "This needs the demo's servers: pip install 'harbor-fleet[demo]'"


class Complaint(click.ClickException):
    """What Harbor refuses, as one line on standard error."""

    def __init__(self, error: HarborError) -> None:
        super().__init__(in_one_line(error))

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"harbor: {self.message}", file=file, err=True)


class SettingComplaint(Complaint):
    """One that a setting must answer."""

    exit_code = 2


class Root(click.Group):
    """Loads commands when they are asked for; turns HarborError into a Complaint."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(PLACES)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in PLACES:
            return None
        module, _, attribute = PLACES[name].partition(":")
        try:
            command: click.Command = getattr(import_module(module), attribute)
        except ModuleNotFoundError:
            if name != "demo":
                raise
            return without_extra(name)
        return command

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except HarborError as error:
            raise complaint_of(error) from error

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        for title, places in SECTIONS.items():
            commands = {name: self.get_command(context, name) for name in places}
            with formatter.section(title):
                formatter.write_dl(
                    [
                        (name, command.get_short_help_str(70))
                        for name, command in commands.items()
                        if command is not None
                    ],
                    col_max=12,
                )


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("harbor-fleet"), prog_name="harbor")
def harbor() -> None:
    """Harbor Fleet: signed pings in, a moving map and a resumable feed out.

    \b
      harbor init                              the first start, on an empty database
      harbor serve                             run the service
      harbor vessel add "Stena Vinga" --imo 9074729
      harbor tracker add bridge --vessel 9074729
      harbor key add partner --vessel "Stena Vinga" --expires-in 90
      harbor doctor                            what is wrong, and what to do

    Settings are HARBOR_* variables of the environment, or lines in .env; `harbor settings`
    lists them. Every command that lists or changes something takes --json.
    """
    log_to_stderr()


def log_to_stderr() -> None:
    """From WARNING on, so that standard output holds nothing but the answer."""
    config = logs.logging_config("WARNING")
    config["handlers"]["out"]["stream"] = "ext://sys.stderr"
    logging.config.dictConfig(config)
    logs.configure_structlog()


def complaint_of(error: HarborError) -> Complaint:
    is_setting = isinstance(error, Misconfigured)
    return SettingComplaint(error) if is_setting else Complaint(error)


def in_one_line(error: HarborError) -> str:
    message = " ".join(str(error).split())
    if isinstance(error, Unavailable):
        return f"{message} {reason(error)}Run `harbor doctor` to see what is wrong."
    if isinstance(error, Misconfigured):
        return f"{message.removesuffix('.')}. All settings: docs/configuration.md."
    return message


def reason(error: HarborError) -> str:
    """The first line of what the driver said; drivers never repeat passwords."""
    cause = error.__cause__
    said = str(getattr(cause, "orig", None) or cause or "").strip().partition("\n")[0]
    return f"({said}) " if said else ""


def without_extra(name: str) -> click.Command:
    @click.command(name, short_help="Needs pip install 'harbor-fleet[demo]'.")
    @click.argument("anything", nargs=-1, type=click.UNPROCESSED)
    def absent(anything: tuple[str, ...]) -> None:
        raise click.ClickException(EXTRA_MISSING)

    absent.ignore_unknown_options = True
    return absent
