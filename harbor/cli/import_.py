"""`harbor import`: what was recorded elsewhere, into the track of a vessel."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from harbor.cli.desk import Desk, at_desk, sensible_name
from harbor.cli.import_job import Job, Landing, Tell
from harbor.cli.import_order import Order
from harbor.cli.import_summary import in_json, is_good, show
from harbor.cli.output import cell, json_option, print_json
from harbor.config import Settings
from harbor.environments import load
from harbor.errors import Unavailable
from harbor.fleet.thresholds import Thresholds
from harbor.ingest.recorded_file import RecordedFile
from harbor.store import fleets, import_trackers, vessels
from harbor.store.console import opened
from harbor.trackers.files import KINDS

INTERRUPTED = 130


@click.command("import")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE…",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--vessel", required=True, metavar="VESSEL", help="Whose track it is.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(tuple(KINDS)),
    help="What the files are written in; else their names tell, or how they begin.",
)
@click.option(
    "--tracker",
    metavar="TRACKER",
    help="Under which tracker it stands: one that exists, or a new name.",
)
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Say what would become of it.")
@click.option("--again", "is_again", is_flag=True, help="Judge anew what was imported before.")
@json_option
def import_(
    files: tuple[Path, ...],
    vessel: str,
    format_: str | None,
    tracker: str | None,
    is_dry_run: bool,
    is_again: bool,
    is_json: bool,
) -> None:
    """Import tracks that were recorded elsewhere: GPX, CSV, NMEA, NDJSON, also gzipped.

    VESSEL is a name, IMO number, MMSI or Harbor id. Every position gets the verdict that it
    would get live. What was broken off goes on where it ended when the same command is given
    again, and nothing is stored twice.

    The exit code is 1 when a file could not be read to its end, or nothing of it is in the
    track. See docs/import.md.
    """
    settings = load()
    with at_desk() as desk:
        order = order_of(
            desk, settings, vessel, format_, tracker, is_dry_run=is_dry_run, is_again=is_again
        )
    landings = land_all([RecordedFile(path) for path in files], order, settings, is_json)
    if not all(is_good(one) for one in landings):
        raise click.exceptions.Exit(1)


def order_of(
    desk: Desk,
    settings: Settings,
    vessel: str,
    format_: str | None,
    tracker: str | None,
    *,
    is_dry_run: bool,
    is_again: bool,
) -> Order:
    """Raises NotFound for the vessel, Conflict for another vessel's tracker."""
    found = vessels.find(desk.session, desk.fleet_id, vessel)
    base = Thresholds.model_validate(settings)
    return Order(
        vessel=found,
        fleet=vessels.all_vessels(desk.session, desk.fleet_id),
        tracker=(
            import_trackers.of_vessel(desk.session, found)
            if tracker is None
            else import_trackers.named(desk.session, found, sensible_name(tracker, "tracker"))
        ),
        thresholds=base.changed_by(fleets.thresholds(desk.session, desk.fleet_id)),
        kept_for=settings.kept_for,
        period=settings.position_partitions,
        held_max=settings.quarantine_tracker_reports_max,
        seal=desk.seal,
        actor=desk.actor,
        kind=KINDS[format_] if format_ else None,
        is_dry_run=is_dry_run,
        is_again=is_again,
    )


def land_all(
    files: list[RecordedFile], order: Order, settings: Settings, is_json: bool
) -> list[Landing]:
    """What is done is told, also when the rest can't be done now."""
    landings: list[Landing] = []
    try:
        with opened(settings) as database, shown(files) as tell:
            job = Job(database, order)
            # One by one: what was done before a failure is in the list.
            landings.extend(job.land(file, tell) for file in files)
    except Unavailable as error:
        report(landings, order, is_json)
        raise Unavailable(f"{error} The same command goes on where it stopped.") from error
    except KeyboardInterrupt:
        report(landings, order, is_json)
        click.echo("Stopped; the same command goes on from here.", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from None
    report(landings, order, is_json)
    return landings


def report(landings: list[Landing], order: Order, is_json: bool) -> None:
    if is_json:
        print_json(in_json(landings, order))
    elif landings:
        show(landings, order)


@contextmanager
def shown(files: list[RecordedFile]) -> Iterator[Tell]:
    """A bar of the bytes of all files, on a terminal; standard output has the answer only."""
    console = Console(stderr=True)
    what = cell(files[0].name) if len(files) == 1 else f"{len(files)} files"
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task(what, total=sum(file.size_bytes for file in files))
        yield lambda count: bar.advance(task, count)
