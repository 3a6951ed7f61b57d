"""Where a command works: one transaction on the one fleet, and who does it."""

import os
import pwd
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from harbor.environments import load
from harbor.errors import Invalid, Misconfigured
from harbor.store import audit, fleets
from harbor.store.console import Transaction, opened
from harbor.store.database import Database
from harbor.store.migrations import is_at_head
from harbor.store.trackers import Seal

PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 - none that look alike


@dataclass(frozen=True, slots=True)
class Desk:
    """One unit of work: what is done here is committed when the `with` block ends."""

    session: Transaction
    fleet_id: UUID
    seal: Seal
    now: datetime
    actor: str

    def note(self, action: str, subject: object, **details: object) -> None:
        """Write down what was done, in the same transaction; never a secret."""
        audit.note(
            self.session,
            action,
            actor=self.actor,
            subject=str(subject),
            fleet_id=self.fleet_id,
            details=details or None,
        )


@contextmanager
def at_desk() -> Iterator[Desk]:
    """Raises Misconfigured, Unavailable, or NotFound before the first start.

    Print what was done after the block, never inside: it may not be committed yet.
    """
    settings = load()
    with opened(settings) as database:
        require_tables(database)
        with database.session() as session:
            yield Desk(
                session,
                fleets.only(session),
                Seal(settings.master_key.get_secret_value()),
                datetime.now(UTC),
                actor(),
            )


def require_tables(database: Database) -> None:
    if not is_at_head(database):
        raise Misconfigured(
            "the tables are not those of this version: run `harbor migrate`"
            " (on an empty database: `harbor init`)"
        )


def actor() -> str:
    """`cli:` and the account of this process, as the system knows it."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's number without a name
        name = str(os.getuid())
    return f"cli:{name}"


def chosen_password(is_from_stdin: bool) -> tuple[str, bool]:
    """The password, and whether we made it and must show it."""
    if not is_from_stdin:
        return new_password(), True
    return sys.stdin.readline().rstrip("\r\n"), False


def new_password() -> str:
    """Four groups of five letters: 99 bits, and it can be read out on the telephone."""
    groups = ("".join(secrets.choice(PASSWORD_LETTERS) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


def sensible_name(name: str, what: str) -> str:
    """1 to 80 printable characters, single spaces. Raises Invalid."""
    stripped = " ".join(name.split())
    if not 1 <= len(stripped) <= 80 or not stripped.isprintable():
        raise Invalid(f"The name of a {what} has 1 to 80 printable characters.")
    return stripped
