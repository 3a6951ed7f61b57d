"""`harbor quarantine`: reports that were not put on the map; what to do with them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import click

from harbor.cli.desk import Desk, at_desk
from harbor.cli.moment import Moment
from harbor.cli.noun import Word
from harbor.cli.output import cell, json_option, print_json, show_list
from harbor.config import Settings
from harbor.environments import load
from harbor.errors import NotFound
from harbor.fleet.thresholds import Thresholds
from harbor.fleet.verdict import Reason
from harbor.ingest.intake import limits_of
from harbor.ingest.release import Fate, Release, Ruling
from harbor.store import fleets, held, vessels
from harbor.store.held import Held, Wish
from harbor.trackers.message import Limits
from harbor.trackers.registry import DECODERS

COLUMNS = ("received_at", "vessel", "tracker", "reason", "recorded_at", "place", "id")
COUNT_COLUMNS = ("vessel", "reason", "waiting_since", "waiting", "reports_ever", "last_at")
AT_ONCE = 500
"""Reports in one transaction; what was done before a failure stays done."""
SHOWN_MAX = 20

Command = Callable[..., None]


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A report in quarantine as listed; `raw` is as it came in, as far as it is text."""

    id: UUID
    received_at: datetime
    vessel: str | None
    vessel_id: UUID | None
    tracker: str
    tracker_id: UUID
    format: str
    reason: str
    detail: str
    recorded_at: datetime | None
    latitude: float | None
    longitude: float | None
    place: str | None
    raw: str


@click.group()
def quarantine() -> None:
    """Reports that can't be right: list, counts, accept, discard.

    What is accepted appears in the track as if it had come in time.
    """


def filters(command: Command) -> Command:
    for option in (
        click.option(
            "--since", type=Moment(), metavar="TIME", help="Came in since: 24h, 7d, a date."
        ),
        click.option(
            "--reason", type=Word(Reason), metavar="REASON", help="Only this reason code."
        ),
        click.option("--vessel", metavar="VESSEL", help="Only reports of this vessel."),
    ):
        command = option(command)
    return command


def choice(command: Command) -> Command:
    for option in (
        json_option,
        click.option("--dry-run", "is_dry_run", is_flag=True, help="Only say what would be."),
        click.option("--all", "is_all", is_flag=True, help="All that is in quarantine."),
        filters,
        click.argument("ids", type=click.UUID, nargs=-1, metavar="[ID]..."),
    ):
        command = option(command)
    return command


@quarantine.command("list")
@filters
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most."
)
@json_option
def list_(
    vessel: str | None, reason: Reason | None, since: datetime | None, limit: int, is_json: bool
) -> None:
    """List reports in quarantine, the newest first."""
    with at_desk() as desk:
        wish = wish_of(desk, vessel, reason, since)
        rows = [row_of(one) for one in held.newest(desk.session, desk.fleet_id, wish, limit)]
    show_list(rows, COLUMNS, is_json, "Nothing is in quarantine.")


@quarantine.command()
@filters
@json_option
def counts(
    vessel: str | None, reason: Reason | None, since: datetime | None, is_json: bool
) -> None:
    """Count rejected reports by vessel and reason: those that wait, and ever.

    --since leaves out what has been quiet since, and WAITING SINCE counts the waiting ones
    that came in since; WAITING and REPORTS EVER do not depend on it.
    """
    with at_desk() as desk:
        wish = wish_of(desk, vessel, reason, since)
        rows = held.counts(desk.session, desk.fleet_id, wish)
    show_list(rows, COUNT_COLUMNS, is_json, "No report was ever rejected.")


@quarantine.command()
@choice
def accept(
    ids: tuple[UUID, ...], is_all: bool, is_dry_run: bool, is_json: bool, **given: Any
) -> None:
    """Put reports into the track, by id or all that the options name.

    One that breaks the contract stays, and it is said why. A GPS week rollover is stored with
    the time that was meant.
    """
    require_choice(ids, is_all, given)
    settings = load()
    rulings: list[Ruling] = []

    def deed(desk: Desk, found: list[Held]) -> None:
        limits = limits_here(desk, settings)
        period = settings.position_partitions
        release = Release(desk.session, desk.fleet_id, DECODERS, limits, period, is_dry_run)
        attempt = desk.session.begin_nested()
        made = release.accept(found)
        if is_dry_run:
            attempt.rollback()
        else:
            attempt.commit()
            note(desk, "quarantine.accepted", [one.id for one in made if is_done(one)])
        rulings.extend(made)

    work_through(ids, given, deed)
    show_accepted(rulings, is_dry_run, is_json)


@quarantine.command()
@choice
def discard(
    ids: tuple[UUID, ...], is_all: bool, is_dry_run: bool, is_json: bool, **given: Any
) -> None:
    """Delete reports, by id or all that the options name; the counts stay."""
    require_choice(ids, is_all, given)
    discarded: list[UUID] = []

    def deed(desk: Desk, found: list[Held]) -> None:
        gone = [one.id for one in found]
        if not is_dry_run:
            held.remove(desk.session, gone)
            note(desk, "quarantine.discarded", gone)
        discarded.extend(gone)

    work_through(ids, given, deed)
    if is_json:
        print_json({"discarded": len(discarded), "is_dry_run": is_dry_run})
    else:
        click.echo(f"{len(discarded)} {would_be(is_dry_run)} discarded.")


def limits_here(desk: Desk, settings: Settings) -> Limits:
    """What the contract says now, for one report at a time."""
    base = Thresholds.model_validate(settings)
    thresholds = base.changed_by(fleets.thresholds(desk.session, desk.fleet_id))
    return limits_of(thresholds, desk.now, 1, settings.kept_for)


def require_choice(ids: tuple[UUID, ...], is_all: bool, given: dict[str, Any]) -> None:
    """Nothing is done to everything by leaving out a word."""
    ways = (bool(ids), is_all, any(value is not None for value in given.values()))
    if sum(ways) != 1:
        raise click.UsageError("Say either ids, or --vessel, --reason, --since, or --all.")
    if len(ids) > AT_ONCE:
        raise click.UsageError(f"At most {AT_ONCE} ids at once.")


def work_through(
    ids: tuple[UUID, ...], given: dict[str, Any], deed: Callable[[Desk, list[Held]], None]
) -> None:
    """All that is meant, the oldest first, some hundreds in each transaction."""
    beyond, until = None, None
    while True:
        with at_desk() as desk:
            until = until or desk.now  # what comes in meanwhile is not meant
            wish = wish_of(desk, **given, ids=ids or None, until=until)
            found = held.claim(desk.session, desk.fleet_id, wish, beyond, AT_ONCE)
            require_all(ids, found)
            deed(desk, found)
        if len(found) < AT_ONCE or ids:
            return
        beyond = found[-1].id


def require_all(ids: tuple[UUID, ...], found: list[Held]) -> None:
    """Raises NotFound: then nothing is done to the others either."""
    missing = sorted(set(ids) - {one.id for one in found})
    if missing:
        raise NotFound(f"There is no report {missing[0]} in quarantine.")


def wish_of(
    desk: Desk,
    vessel: str | None,
    reason: Reason | None,
    since: datetime | None,
    ids: tuple[UUID, ...] | None = None,
    until: datetime | None = None,
) -> Wish:
    vessel_id = vessels.find(desk.session, desk.fleet_id, vessel).id if vessel else None
    return Wish(ids, vessel_id, reason, since, until)


def note(desk: Desk, action: str, ids: list[UUID]) -> None:
    if ids:
        subject = ids[0] if len(ids) == 1 else f"{len(ids)} reports"
        desk.note(action, subject, ids=[str(one) for one in ids])


def is_done(ruling: Ruling) -> bool:
    return ruling.fate is not Fate.STAYS


def would_be(is_dry_run: bool) -> str:
    return "would be" if is_dry_run else "were"


def show_accepted(rulings: list[Ruling], is_dry_run: bool, is_json: bool) -> None:
    """Ends with exit code 1 when nothing could be accepted of what was meant."""
    fates = Counter(ruling.fate for ruling in rulings)
    stayed = [ruling for ruling in rulings if not is_done(ruling)]
    missing = sorted({ruling.partition for ruling in rulings if ruling.partition})
    if is_json:
        print_json(
            {
                "accepted": fates[Fate.STORED],
                "known": fates[Fate.KNOWN],
                "stayed": [{"id": one.id, "why": one.why} for one in stayed],
                "missing_partitions": missing,
                "is_dry_run": is_dry_run,
            }
        )
    else:
        verb = would_be(is_dry_run)
        click.echo(
            f"{fates[Fate.STORED]} {verb} accepted; {fates[Fate.KNOWN]} {verb} known already;"
            f" {len(stayed)} {'would stay' if is_dry_run else 'stay'} in quarantine."
        )
        if missing:
            click.echo(f"  partitions that would be made: {', '.join(missing)}")
        for one in stayed[:SHOWN_MAX]:
            click.echo(f"  {one.id}  {cell(one.why)}")
        if len(stayed) > SHOWN_MAX:
            click.echo(f"  and {len(stayed) - SHOWN_MAX} more; --json names them all")
    if stayed and len(stayed) == len(rulings):
        raise click.exceptions.Exit(1)


def row_of(one: Held) -> HeldRow:
    has_place = one.latitude is not None and one.longitude is not None
    return HeldRow(
        id=one.id,
        received_at=one.received_at,
        vessel=one.vessel,
        vessel_id=one.vessel_id,
        tracker=one.tracker,
        tracker_id=one.tracker_id,
        format=one.format,
        reason=one.reason,
        detail=one.detail,
        recorded_at=one.recorded_at,
        latitude=one.latitude,
        longitude=one.longitude,
        place=f"{one.latitude:.4f}, {one.longitude:.4f}" if has_place else None,
        raw=one.raw.decode(errors="replace"),
    )
