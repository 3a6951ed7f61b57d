"""The tables, one module per subject; importing this package declares them all."""

from harbor.store.models.access import ApiKey, AuditEvent, User
from harbor.store.models.fleet import Fleet, Tracker, Vessel
from harbor.store.models.position import (
    FeedOutbox,
    Position,
    QuarantineCount,
    RejectedReport,
)

__all__ = [
    "ApiKey",
    "AuditEvent",
    "FeedOutbox",
    "Fleet",
    "Position",
    "QuarantineCount",
    "RejectedReport",
    "Tracker",
    "User",
    "Vessel",
]
