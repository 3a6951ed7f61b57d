"""How far the import of each file came: committed with what it stored."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from harbor.errors import Conflict
from harbor.fleet.tally import Tally
from harbor.store.models import FileImport

AT_WORK = "Another `harbor import` is at work on this file; wait for its end."


@dataclass(frozen=True, slots=True)
class Sameness:
    """What makes two runs the same import: one file, read the same way for the same vessel."""

    tracker_id: UUID
    vessel_id: UUID
    digest: bytes
    kind: str
    edition: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it came; `until` is the number of the last thing whose outcome is committed."""

    id: UUID
    until: int
    tally: Tally
    newest_at: datetime | None
    begun_at: datetime
    ended_at: datetime | None


def find(session: Session, same: Sameness) -> Progress | None:
    row = session.scalar(select(FileImport).filter_by(**_named(same)))
    return None if row is None else _progress(row)


def begin(session: Session, same: Sameness, name: str, is_again: bool) -> Progress:
    """At the beginning; `is_again`: whatever was counted before (what was stored stays).

    Raises Conflict when another run began meanwhile.
    """
    counts = Tally().as_document()
    new = insert(FileImport).values(**_named(same), name=name[-255:], counts=counts)
    session.execute(new.on_conflict_do_nothing())
    row = session.scalars(select(FileImport).filter_by(**_named(same)).with_for_update()).one()
    if is_again:
        row.until, row.newest_at, row.ended_at, row.counts = 0, None, None, counts
        session.flush()
    if row.until:
        raise Conflict(AT_WORK)
    return _progress(row)


def advance(
    session: Session,
    progress: Progress,
    until: int,
    tally: Tally,
    newest_at: datetime | None,
) -> Progress:
    """Add what became of some more. Raises Conflict when another run went on meanwhile."""
    row = _claimed(session, progress)
    row.until, row.newest_at = until, newest_at
    row.counts = tally.as_document()
    session.flush()
    return _progress(row)


def end(session: Session, progress: Progress, now: datetime) -> None:
    """All of the file is dealt with."""
    _claimed(session, progress).ended_at = now


def _claimed(session: Session, progress: Progress) -> FileImport:
    """Locked until the commit, so that of two runs one stores and one is told."""
    row = session.get_one(FileImport, progress.id, with_for_update=True)
    if row.until != progress.until:
        raise Conflict(AT_WORK)
    return row


def _named(same: Sameness) -> dict[str, object]:
    return {
        "tracker_id": same.tracker_id,
        "vessel_id": same.vessel_id,
        "digest": same.digest,
        "kind": same.kind,
        "edition": same.edition,
    }


def _progress(row: FileImport) -> Progress:
    tally = Tally(**row.counts)  # type: ignore[arg-type]  # written by `as_document`
    return Progress(row.id, row.until, tally, row.newest_at, row.begun_at, row.ended_at)
