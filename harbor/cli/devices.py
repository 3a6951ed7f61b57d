"""`harbor tracker device`: what a fleet-wide tracker calls the vessels."""

import click

from harbor.cli.desk import at_desk
from harbor.cli.output import json_option, show_list, show_one
from harbor.store import devices, trackers, vessels

COLUMNS = ("device", "vessel", "created_at")


@click.group()
def device() -> None:
    """Names of a fleet-wide tracker for vessels: add, list, remove.

    A Traccar server sends for many devices, each under an id of its own. What is no such name
    is looked up as an IMO number, MMSI or Harbor id.
    """


@device.command()
@click.argument("tracker")
@click.argument("device")
@click.option(
    "--vessel",
    required=True,
    metavar="VESSEL",
    help="Which vessel that is: name, IMO number, MMSI or Harbor id.",
)
@json_option
def add(tracker: str, device: str, vessel: str, is_json: bool) -> None:
    """Say which vessel a tracker means by a name."""
    with at_desk() as desk:
        vessel_id = vessels.find(desk.session, desk.fleet_id, vessel).id
        added = devices.add(desk.session, desk.fleet_id, tracker, device, vessel_id)
        desk.note("tracker.device_added", added.tracker_id, device=device, vessel=added.vessel)
    show_one(added, f"{added.device} of {added.tracker} is {added.vessel} now.", is_json)


@device.command("list")
@click.argument("tracker")
@json_option
def list_(tracker: str, is_json: bool) -> None:
    """List the names that a tracker has for vessels."""
    with at_desk() as desk:
        found = trackers.find(desk.session, desk.fleet_id, tracker)
        rows = devices.of_tracker(desk.session, found)
    none = (
        "It has no names of its own: harbor tracker device add TRACKER DEVICE --vessel VESSEL"
    )
    show_list(rows, COLUMNS, is_json, none)


@device.command()
@click.argument("tracker")
@click.argument("device")
@json_option
def remove(tracker: str, device: str, is_json: bool) -> None:
    """Forget a name; positions that came under it stay where they are."""
    with at_desk() as desk:
        gone = devices.remove(desk.session, desk.fleet_id, tracker, device)
        desk.note("tracker.device_removed", gone.tracker_id, device=device, vessel=gone.vessel)
    show_one(gone, f"{gone.device} of {gone.tracker} means no vessel any more.", is_json)
