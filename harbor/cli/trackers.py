"""`harbor tracker`: what posts positions, and the secrets it signs them with."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import click

from harbor.cli.desk import Desk, at_desk, sensible_name
from harbor.cli.devices import device
from harbor.cli.handover import Handover, handover_options
from harbor.cli.output import cell, json_option, print_json, show_list, show_one
from harbor.errors import Conflict, Misconfigured
from harbor.fleet.report import SOURCE_IMPORT
from harbor.fleet.sources import PATIENCE_S_MAX, PRECEDENCE_MAX
from harbor.store import sealing, trackers, vessels
from harbor.trackers.registry import DECODERS, HARBOR

COLUMNS = (
    "name",
    "format",
    "precedence",
    "vessel",
    "last_seen_at",
    "last_address",
    "revoked_at",
    "id",
)


@dataclass(frozen=True, slots=True)
class TrackerRow:
    """A tracker as listed; without a vessel it reports for any of the fleet."""

    id: UUID
    name: str
    vessel_id: UUID | None
    vessel: str | None
    created_at: datetime
    last_seen_at: datetime | None
    last_address: str | None
    previous_until: datetime | None
    revoked_at: datetime | None
    format: str
    precedence: int
    patience_s: int


@click.group()
def tracker() -> None:
    """Trackers that post positions: add, list, change, rotate, revoke, reseal, device.

    TRACKER is a name or a Harbor id.
    """


tracker.add_command(device)


@tracker.command()
@click.argument("name")
@click.option(
    "--vessel", metavar="VESSEL", help="Whose positions: name, IMO number, MMSI or Harbor id."
)
@click.option("--fleet-wide", is_flag=True, help="May report for every vessel of the fleet.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(sorted(DECODERS)),
    default=HARBOR,
    show_default=True,
    help="What it sends. All but Harbor's own need not sign: they get an address.",
)
@handover_options
def add(
    name: str, vessel: str | None, fleet_wide: bool, format_: str, handover: Handover
) -> None:
    """Add a tracker and show its secret, once.

    One of another format than Harbor's own gets an address with the secret in it, and where
    the app understands one, a link and a QR code that sets it up.
    """
    if (vessel is None) != fleet_wide:
        raise click.UsageError("Say either --vessel VESSEL or --fleet-wide.")
    handover.require_sense(format_)
    with at_desk() as desk:
        vessel_id = vessel and vessels.find(desk.session, desk.fleet_id, vessel).id
        tracker_id, secret = trackers.add(
            desk.session,
            desk.seal,
            desk.fleet_id,
            sensible_name(name, "tracker"),
            vessel_id or None,
            format_,
        )
        row = row_of(desk, tracker_id)
        desk.note("tracker.added", row.id, name=row.name, vessel=row.vessel, format=row.format)
    handover.show(row, f"{row.name} was added. The secret is shown only now.", secret)


@tracker.command("list")
@json_option
def list_(is_json: bool) -> None:
    """List trackers, revoked ones too."""
    with at_desk() as desk:
        rows = all_rows(desk)
    show_list(rows, COLUMNS, is_json, "There are no trackers: harbor tracker add NAME")


@tracker.command()
@click.argument("reference", metavar="TRACKER")
@click.option(
    "--precedence",
    metavar="NUMBER",
    type=click.IntRange(1, PRECEDENCE_MAX),
    help="Of several that report a vessel the lowest number shows where she is.",
)
@click.option(
    "--patience",
    "patience_s",
    metavar="SECONDS",
    type=click.IntRange(0, PATIENCE_S_MAX),
    help="How long it must be silent before one with a higher number is listened to.",
)
@json_option
def change(
    reference: str, precedence: int | None, patience_s: int | None, is_json: bool
) -> None:
    """Say how much a tracker counts where a vessel has several."""
    if precedence is None and patience_s is None:
        raise click.UsageError("Say --precedence NUMBER, --patience SECONDS or both.")
    with at_desk() as desk:
        tracker_id = trackers.change_standing(
            desk.session, desk.fleet_id, reference, precedence, patience_s
        )
        row = row_of(desk, tracker_id)
        details = {"precedence": row.precedence, "patience_s": row.patience_s}
        desk.note("tracker.changed", row.id, name=row.name, **details)
    sentence = (
        f"{row.name} counts as number {row.precedence}, until it was silent"
        f" for {row.patience_s} s."
    )
    show_one(row, sentence, is_json)


@tracker.command()
@click.argument("reference", metavar="TRACKER")
@click.option(
    "--overlap",
    "overlap_hours",
    metavar="HOURS",
    type=click.FloatRange(0, 24 * 366),
    default=24,
    show_default=True,
    help="How long the secret so far stays valid, besides the new one; 0: not at all.",
)
@click.option(
    "--replace-newest",
    is_flag=True,
    help="The newest secret was lost or never used: the one before keeps its end.",
)
@handover_options
def rotate(
    reference: str, overlap_hours: float, replace_newest: bool, handover: Handover
) -> None:
    """Make a new secret and show it, once.

    Two are valid at a time, so a second rotation waits for the end of the first.
    """
    with at_desk() as desk:
        if replace_newest:
            tracker_id, secret = trackers.replace_newest(
                desk.session, desk.seal, desk.fleet_id, reference
            )
        else:
            require_room(desk, reference, overlap_hours)
            until = desk.now + timedelta(hours=overlap_hours)
            tracker_id, secret = trackers.rotate(
                desk.session, desk.seal, desk.fleet_id, reference, until
            )
        row = row_of(desk, tracker_id)
        if row.format == SOURCE_IMPORT:
            raise Conflict(f"{row.name} is of imported positions: nothing sends with it.")
        handover.require_sense(row.format)
        desk.note("tracker.rotated", row.id, name=row.name, other=fate_of_the_other(row))
    sentence = f"{row.name} has a new secret, shown only now; {fate_of_the_other(row)}."
    handover.show(row, sentence, secret)


def require_room(desk: Desk, reference: str, overlap_hours: float) -> None:
    """Raises Conflict rather than end a secret that a tracker may still sign with."""
    until = trackers.previous_until(desk.session, desk.fleet_id, reference)
    if until is not None and until > desk.now and overlap_hours:
        raise Conflict(
            f"The secret before the newest is valid until {cell(until)}, and two at a time"
            " are. Wait, or say --replace-newest (it keeps that one) or --overlap 0 (it ends"
            " both)."
        )


def fate_of_the_other(row: TrackerRow) -> str:
    if row.previous_until is None:
        return "it is the only one"
    return (
        f"the one before is valid until {row.previous_until.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
    )


@tracker.command()
@json_option
def reseal(is_json: bool) -> None:
    """Encrypt every secret anew, under the newest master key.

    While HARBOR_MASTER_KEY holds the new key and the earlier one, here and in every
    worker. Safe to repeat; see "Keys" in docs/operations.md.
    """
    with at_desk() as desk:
        done = sealing.reseal(desk.session, desk.seal, desk.now)
        desk.note("tracker.resealed", "all", resealed=done.resealed, forgotten=done.forgotten)
    if is_json:
        print_json(done)
    else:
        click.echo(
            f"Secrets re-encrypted: {done.resealed}, already under the newest master key:"
            f" {done.unchanged}, ended and forgotten: {done.forgotten}."
        )
    if done.unreadable:
        names = ", ".join(map(cell, done.unreadable))
        raise Misconfigured(f"No master key opens the secrets of {names}; they were left.")


@tracker.command()
@click.argument("reference", metavar="TRACKER")
@json_option
def revoke(reference: str, is_json: bool) -> None:
    """Refuse everything a tracker signs from now on."""
    with at_desk() as desk:
        tracker_id = trackers.revoke(desk.session, desk.fleet_id, reference, desk.now)
        row = row_of(desk, tracker_id)
        desk.note("tracker.revoked", row.id, name=row.name)
    show_one(row, f"{row.name} is refused from now on.", is_json)


def all_rows(desk: Desk) -> list[TrackerRow]:
    desk.session.flush()
    return [
        TrackerRow(
            id=one.id,
            name=one.name,
            vessel_id=one.vessel_id,
            vessel=one.vessel_name,
            created_at=one.created_at,
            last_seen_at=one.last_seen_at,
            last_address=one.last_address,
            previous_until=one.previous_until,
            revoked_at=one.revoked_at,
            format=one.format,
            precedence=one.precedence,
            patience_s=one.patience_s,
        )
        for one in trackers.all_trackers(desk.session, desk.fleet_id)
    ]


def row_of(desk: Desk, tracker_id: UUID) -> TrackerRow:
    return next(row for row in all_rows(desk) if row.id == tracker_id)
