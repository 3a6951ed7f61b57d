"""The tables, one module per subject; importing this package declares them all."""

from harbor.store.models.access import ApiKey, AuditEvent, User
from harbor.store.models.berth import Berth
from harbor.store.models.file_import import FileImport
from harbor.store.models.fleet import Fleet, Tracker, TrackerDevice, Vessel
from harbor.store.models.position import (
    FeedOutbox,
    LastPosition,
    Position,
    QuarantineCount,
    RejectedReport,
    ThinnedPartition,
)
from harbor.store.models.told import Alert, StaticData

__all__ = [
    "Alert",
    "ApiKey",
    "AuditEvent",
    "Berth",
    "FeedOutbox",
    "FileImport",
    "Fleet",
    "LastPosition",
    "Position",
    "QuarantineCount",
    "RejectedReport",
    "StaticData",
    "ThinnedPartition",
    "Tracker",
    "TrackerDevice",
    "User",
    "Vessel",
]
