"""People and their passwords (argon2id)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from harbor.errors import FieldError, Invalid, NotFound
from harbor.store.database import conflict_when_taken
from harbor.store.models import User

PASSWORD_LENGTH_MIN = 8
PASSWORD_LENGTH_MAX = 200
_hasher = PasswordHasher()
_NOBODY = _hasher.hash("no such user: the time of a wrong password all the same")


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A person as the rest of Harbor sees them; the hash stays here."""

    id: UUID
    fleet_id: UUID
    username: str
    session_epoch: int
    created_at: datetime
    disabled_at: datetime | None
    last_login_at: datetime | None


def add(session: Session, fleet_id: UUID, username: str, password: str) -> UUID:
    """Raises Invalid for a weak password, Conflict when the name is taken."""
    row = User(fleet_id=fleet_id, username=username, password_hash=hash_of(password))
    with conflict_when_taken(f"A user named {username!r} exists already."):
        session.add(row)
        session.flush()
    return row.id


def hash_of(password: str) -> str:
    """Raises Invalid. About 50 ms of one core; releases the interpreter while it works."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise Invalid(
            f"A password has {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters.",
            (FieldError("/password", "length", "8 to 200 characters"),),
        )
    return _hasher.hash(password)


def is_right(password: str, password_hash: str | None) -> bool:
    """Takes the same time for a user that does not exist (None)."""
    try:
        _hasher.verify(password_hash or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def by_name(session: Session, username: str) -> tuple[UserRecord, str] | None:
    """The record and the password's hash, or None; disabled people too."""
    row = session.scalar(select(User).where(func.lower(User.username) == username.lower()))
    return None if row is None else (record(row), row.password_hash)


def by_id(session: Session, user_id: UUID) -> UserRecord | None:
    row = session.get(User, user_id)
    return None if row is None else record(row)


def all_users(session: Session, fleet_id: UUID) -> list[UserRecord]:
    """Every user of the fleet, by name."""
    query = select(User).where(User.fleet_id == fleet_id).order_by(User.username)
    return [record(row) for row in session.scalars(query)]


def note_login(session: Session, user_id: UUID, now: datetime) -> None:
    session.get_one(User, user_id).last_login_at = now


def end_sessions(session: Session, user_id: UUID) -> None:
    """Make every cookie of this person worthless from now on."""
    session.get_one(User, user_id).session_epoch += 1


def set_password(session: Session, fleet_id: UUID, username: str, password: str) -> UUID:
    """Replace the password and end all sessions. Raises Invalid, NotFound."""
    row = _row(session, fleet_id, username)
    row.password_hash = hash_of(password)
    row.session_epoch += 1
    return row.id


def disable(session: Session, fleet_id: UUID, username: str, now: datetime) -> UUID:
    """Lock a person out and end all sessions. Raises NotFound."""
    row = _row(session, fleet_id, username)
    row.disabled_at = now
    row.session_epoch += 1
    return row.id


def record(row: User) -> UserRecord:
    return UserRecord(
        id=row.id,
        fleet_id=row.fleet_id,
        username=row.username,
        session_epoch=row.session_epoch,
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        last_login_at=row.last_login_at,
    )


def _row(session: Session, fleet_id: UUID, username: str) -> User:
    row = session.scalar(
        select(User).where(
            User.fleet_id == fleet_id, func.lower(User.username) == username.lower()
        )
    )
    if row is None:
        raise NotFound(f"There is no user {username!r}.")
    return row
