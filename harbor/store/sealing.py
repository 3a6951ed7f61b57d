"""Tracker secrets at rest: under which master key they are, and putting them under the newest.

Of all fleets, because the master key is the installation's.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from harbor.errors import Misconfigured
from harbor.store.models import Tracker
from harbor.store.trackers import Seal


@dataclass(frozen=True, slots=True)
class SealCondition:
    """How many secrets are under which key; trackers by name whose secret can't be opened."""

    newest: int
    earlier: int
    unreadable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resealed:
    """What was done: secrets re-encrypted, left as they are, forgotten because they ended.

    `unreadable` names the trackers in use with a secret that no master key opens.
    """

    resealed: int
    unchanged: int
    forgotten: int
    unreadable: tuple[str, ...]


def condition(session: Session, seal: Seal, now: datetime) -> SealCondition:
    """Only of secrets that somebody may still sign with."""
    newest, earlier = 0, 0
    unreadable: list[str] = []
    for tracker in session.scalars(
        select(Tracker).where(Tracker.revoked_at.is_(None)).order_by(Tracker.name)
    ):
        for secret in _in_use(tracker, now):
            if seal.is_newest(secret):
                newest += 1
            elif _opens(seal, secret):
                earlier += 1
            elif tracker.name not in unreadable:
                unreadable.append(tracker.name)
    return SealCondition(newest, earlier, tuple(unreadable))


def reseal(session: Session, seal: Seal, now: datetime) -> Resealed:
    """Put every secret under the newest master key, those of revoked trackers too.

    Safe beside running workers that have both keys, and safe to repeat. What can't be
    opened stays as it is, and is named.
    """
    counts: Counter[str] = Counter()
    unreadable: dict[str, None] = {}
    for tracker in session.scalars(select(Tracker).order_by(Tracker.id).with_for_update()):
        counts["forgotten"] += _forget_what_ended(tracker, now)
        for column in ("secret", "secret_previous"):
            fate = _reseal_one(seal, tracker, column)
            counts[fate] += 1
            if fate == "unreadable" and tracker.revoked_at is None:
                unreadable[tracker.name] = None
    return Resealed(
        counts["resealed"], counts["unchanged"], counts["forgotten"], tuple(unreadable)
    )


def _forget_what_ended(tracker: Tracker, now: datetime) -> bool:
    if tracker.secret_previous is None or len(_in_use(tracker, now)) > 1:
        return False
    tracker.secret_previous = tracker.previous_until = None
    return True


def _reseal_one(seal: Seal, tracker: Tracker, column: str) -> str:
    secret: str | None = getattr(tracker, column)
    if secret is None:
        return "missing"
    if seal.is_newest(secret):
        return "unchanged"
    if not _opens(seal, secret):
        return "unreadable"
    setattr(tracker, column, seal.reseal(secret))
    return "resealed"


def _in_use(tracker: Tracker, now: datetime) -> list[str]:
    previous, until = tracker.secret_previous, tracker.previous_until
    if previous is None or until is None or until <= now:
        return [tracker.secret]
    return [tracker.secret, previous]


def _opens(seal: Seal, secret: str) -> bool:
    try:
        seal.open(secret)
    except Misconfigured:
        return False
    return True
