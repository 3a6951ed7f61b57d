"""The record of who did what: written in the same transaction as the deed."""

from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from harbor.store.models import AuditEvent


def note(
    session: Session,
    action: str,
    *,
    actor: str,
    subject: str,
    fleet_id: UUID | None = None,
    address: str | None = None,
    details: dict[str, object] | None = None,
) -> None:
    """Add one event, named `<noun>.<what happened>`; `details` never hold a secret."""
    session.execute(
        insert(AuditEvent).values(
            fleet_id=fleet_id,
            actor=actor,
            action=action,
            subject=subject,
            address=address,
            details=details,
        )
    )
