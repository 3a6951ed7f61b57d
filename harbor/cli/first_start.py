"""`harbor init`: the first start, safe to repeat."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import click

from harbor.cli.desk import Desk, actor, chosen_password, sensible_name
from harbor.cli.migrate import bring_up_to_date
from harbor.cli.output import json_option, print_json
from harbor.environments import load
from harbor.store import api_keys, fleets, trackers, users
from harbor.store.console import one_at_a_time, opened
from harbor.store.trackers import Seal

KEY_NAME = "first"
TRACKER_NAME = "fleet"


@dataclass(frozen=True, slots=True)
class FirstUser:
    """Who can log in; `password` only when it was made just now."""

    username: str
    created: bool
    password: str | None = None


@dataclass(frozen=True, slots=True)
class FirstKey:
    """What reads the fleet; `key` only when it was made just now."""

    id: UUID
    name: str
    created: bool
    key: str | None = None


@dataclass(frozen=True, slots=True)
class FirstTracker:
    """What posts for every vessel; `secret` only when it was made just now."""

    id: UUID
    name: str
    created: bool
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class FirstStart:
    """What there is after the command, and what of it is new."""

    fleet_id: UUID
    user: FirstUser
    key: FirstKey
    tracker: FirstTracker


@click.command()
@click.option("--username", default="dispatcher", show_default=True, help="The first person.")
@click.option(
    "--password-stdin",
    "is_from_stdin",
    is_flag=True,
    help="Read the password from standard input; without it, one is made and shown once.",
)
@json_option
def init(username: str, is_from_stdin: bool, is_json: bool) -> None:
    """First start: tables, a fleet, a user, an API key and a tracker.

    What exists already is left as it is, and its secrets are not shown again.
    """
    name = sensible_name(username, "user")
    password, is_ours = chosen_password(is_from_stdin)
    settings = load()
    bring_up_to_date(settings)
    with opened(settings) as database, database.session() as session:
        one_at_a_time(session)
        fleet_id = fleets.ensure_first(session)
        seal = Seal(settings.master_key.get_secret_value())
        desk = Desk(session, fleet_id, seal, datetime.now(UTC), actor())
        user = first_user(desk, name, password, is_ours)
        start = FirstStart(fleet_id, user, first_key(desk), first_tracker(desk))
    if is_json:
        print_json(start)
    else:
        tell(start)


def first_user(desk: Desk, username: str, password: str, is_ours: bool) -> FirstUser:
    existing = users.all_users(desk.session, desk.fleet_id)
    if existing:
        return FirstUser(existing[0].username, created=False)
    users.add(desk.session, desk.fleet_id, username, password)
    desk.note("user.added", username)
    return FirstUser(username, created=True, password=password if is_ours else None)


def first_key(desk: Desk) -> FirstKey:
    existing = api_keys.all_keys(desk.session, desk.fleet_id)
    if existing:
        return FirstKey(existing[0].id, existing[0].name, created=False)
    key_id, key = api_keys.add(desk.session, desk.fleet_id, KEY_NAME)
    desk.note("key.added", key_id, name=KEY_NAME)
    return FirstKey(key_id, KEY_NAME, created=True, key=key)


def first_tracker(desk: Desk) -> FirstTracker:
    existing = trackers.all_trackers(desk.session, desk.fleet_id)
    if existing:
        return FirstTracker(existing[0].id, existing[0].name, created=False)
    tracker_id, secret = trackers.add(
        desk.session, desk.seal, desk.fleet_id, TRACKER_NAME, None
    )
    desk.note("tracker.added", tracker_id, name=TRACKER_NAME)
    return FirstTracker(tracker_id, TRACKER_NAME, created=True, secret=secret)


def tell(start: FirstStart) -> None:
    tell_of("user", start.user.username, start.user.created, start.user.password)
    tell_of("API key", start.key.name, start.key.created, start.key.key)
    tell_of("tracker", start.tracker.name, start.tracker.created, start.tracker.secret)
    click.echo(f"{'':<10}Harbor-Tracker: {start.tracker.id}")
    if start.user.created or start.key.created or start.tracker.created:
        click.echo("\nPasswords, keys and secrets are shown only now. Next: harbor serve")
    else:
        click.echo("\nEverything was there already; nothing was changed.")


def tell_of(noun: str, name: str, created: bool, secret: str | None) -> None:
    rest = secret or ("as you gave it" if created else "exists already")
    click.echo(f"{noun:<10}{name:<14}{rest}")
