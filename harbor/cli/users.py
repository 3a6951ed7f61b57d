"""`harbor user`: people who log in and look at the map."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import click

from harbor.cli.desk import Desk, at_desk, chosen_password, sensible_name
from harbor.cli.noun import add_alias
from harbor.cli.output import json_option, show_list, show_one
from harbor.store import users
from harbor.store.users import UserRecord

COLUMNS = ("username", "created_at", "last_login_at", "disabled_at", "id")

password_option = click.option(
    "--password-stdin",
    "is_from_stdin",
    is_flag=True,
    help="Read the password from standard input; without it, one is made and shown once.",
)


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user as listed."""

    id: UUID
    username: str
    created_at: datetime
    last_login_at: datetime | None
    disabled_at: datetime | None


@click.group()
def user() -> None:
    """People who log in to the map: add, list, passwd, disable."""


@user.command()
@click.argument("username")
@password_option
@json_option
def add(username: str, is_from_stdin: bool, is_json: bool) -> None:
    """Add a person."""
    password, is_ours = chosen_password(is_from_stdin)
    with at_desk() as desk:
        name = sensible_name(username, "user")
        user_id = users.add(desk.session, desk.fleet_id, name, password)
        desk.note("user.added", name)
        record = record_of(desk, user_id)
    show_one(
        row_of(record),
        f"{record.username} can log in.{once(is_ours)}",
        is_json,
        password=password if is_ours else None,
    )


@user.command("list")
@json_option
def list_(is_json: bool) -> None:
    """List people, disabled ones too."""
    with at_desk() as desk:
        rows = [row_of(one) for one in users.all_users(desk.session, desk.fleet_id)]
    show_list(rows, COLUMNS, is_json, "There are no users: harbor user add NAME")


@user.command()
@click.argument("username")
@password_option
@json_option
def passwd(username: str, is_from_stdin: bool, is_json: bool) -> None:
    """Set another password; all sessions of this person end."""
    password, is_ours = chosen_password(is_from_stdin)
    with at_desk() as desk:
        user_id = users.set_password(desk.session, desk.fleet_id, username, password)
        record = record_of(desk, user_id)
        desk.note("user.password_set", record.username)
    sentence = f"{record.username} has another password; all sessions ended.{once(is_ours)}"
    show_one(row_of(record), sentence, is_json, password=password if is_ours else None)


@user.command()
@click.argument("username")
@json_option
def disable(username: str, is_json: bool) -> None:
    """Lock a person out; all sessions end."""
    with at_desk() as desk:
        user_id = users.disable(desk.session, desk.fleet_id, username, desk.now)
        record = record_of(desk, user_id)
        desk.note("user.disabled", record.username)
    show_one(row_of(record), f"{record.username} is locked out.", is_json)


add_alias(user, "revoke", disable)
add_alias(user, "rotate", passwd)


def record_of(desk: Desk, user_id: UUID) -> UserRecord:
    return next(
        one for one in users.all_users(desk.session, desk.fleet_id) if one.id == user_id
    )


def row_of(record: UserRecord) -> UserRow:
    return UserRow(
        id=record.id,
        username=record.username,
        created_at=record.created_at,
        last_login_at=record.last_login_at,
        disabled_at=record.disabled_at,
    )


def once(is_ours: bool) -> str:
    return " The password is shown only now." if is_ours else ""
