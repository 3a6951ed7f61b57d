"""`harbor positions`: the partitions that hold them, and what becomes of old ones."""

from datetime import UTC, datetime

import click

from harbor.cli.desk import actor, require_tables
from harbor.cli.output import json_option, print_json, show_list
from harbor.environments import load
from harbor.store import audit
from harbor.store.console import opened
from harbor.store.database import Database
from harbor.store.upkeep import AT_LEISURE, Clocks, Deed, Upkeep, policy_of

COLUMNS = ("action", "partition", "start_at", "end_at", "rows", "bytes", "problem")
NOTHING = "Nothing to do: every partition is there, and none is too old."
MINUTES = "%Y-%m-%d %H:%M UTC"
BUSY = "Another maintainer is at work (a worker, or this command elsewhere); nothing was done."


@click.group()
def positions() -> None:
    """Stored positions: make partitions ahead, drop and thin what is old."""


@positions.command()
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@json_option
def maintain(dry_run: bool, is_json: bool) -> None:
    """Make partitions ahead, drop and thin what is old, as every worker does hourly.

    \b
    HARBOR_POSITION_PARTITIONS  what one partition holds: month or day
    HARBOR_RETENTION_DAYS       drop partitions that are older as a whole
    HARBOR_THIN_AFTER_DAYS      keep the first position of each minute after so many days

    Rows and bytes are PostgreSQL's estimate; of what was thinned, the rows that went. The
    exit code is 1 when something had to be put off; run it again then. While this host's and
    PostgreSQL's clocks differ by more than an hour, nothing is dropped or thinned.
    """
    settings = load()
    with opened(settings) as database:
        require_tables(database)
        upkeep = Upkeep(database, policy_of(settings), AT_LEISURE)
        now = datetime.now(UTC)
        clocks = upkeep.clocks(now)
        deeds = upkeep.plan(now) if dry_run else upkeep.run(now)
        if deeds and not dry_run:
            note(database, deeds)
    show(deeds, is_json)
    if clocks.are_doubted:
        click.echo(doubt(clocks), err=True)
    if clocks.are_doubted or any(deed.problem for deed in deeds or ()):
        raise click.exceptions.Exit(1)


def show(deeds: tuple[Deed, ...] | None, is_json: bool) -> None:
    if is_json:
        print_json({"is_busy": deeds is None, "deeds": deeds or ()})
    elif deeds is None:
        click.echo(BUSY)
    else:
        show_list(deeds, COLUMNS, is_json=False, none=NOTHING)


def doubt(clocks: Clocks) -> str:
    return (
        f"Nothing is dropped or thinned: this host's clock says {clocks.ours_at:{MINUTES}}, "
        f"PostgreSQL's {clocks.database_at:{MINUTES}}. Set the wrong one right, "
        "then run it again."
    )


def note(database: Database, deeds: tuple[Deed, ...]) -> None:
    """What is gone is gone by now: the drop of a partition is a transaction of its own."""
    with database.session() as session:
        for deed in deeds:
            if not deed.problem:
                details: dict[str, object] = {"rows": deed.rows, "bytes": deed.bytes}
                audit.note(
                    session,
                    f"positions.{deed.action}",
                    actor=actor(),
                    subject=deed.partition,
                    details=details,
                )
