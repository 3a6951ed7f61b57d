"""Valid things with defaults, so that a test names only what matters."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from harbor.environments import Testing
from harbor.fleet.report import PositionReport
from harbor.fleet.thresholds import Thresholds
from harbor.ingest.signature import sign

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
FLEET = UUID("00000000-0000-7000-8000-0000000000f1")
VESSEL = UUID("00000000-0000-7000-8000-0000000000a1")
TRACKER = UUID("00000000-0000-7000-8000-0000000000d1")


def report(**changes) -> PositionReport:
    given = {
        "fleet_id": FLEET,
        "vessel_id": VESSEL,
        "tracker_id": TRACKER,
        "recorded_at": NOON,
        "latitude": 57.66,
        "longitude": 11.8,
        "speed_knots": 9.5,
    }
    return PositionReport(**(given | changes))


def thresholds(**changes) -> Thresholds:
    """Those of the settings' defaults."""
    return Thresholds.model_validate(Testing()).changed_by(changes)


def ping(**changes) -> dict:
    """The JSON of one report, recorded now."""
    given = {
        "recorded_at": moment(),
        "latitude": 57.66,
        "longitude": 11.8,
        "speed_knots": 9.5,
        "course_degrees": 270.0,
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def moment(seconds_ago: float = 0) -> str:
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return at.isoformat().replace("+00:00", "Z")


def signed(body: bytes, tracker_id, secret: str, at: float | None = None) -> dict[str, str]:
    """The headers of a signed webhook."""
    message_id, timestamp = f"msg_{uuid4().hex}", int(time.time() if at is None else at)
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(message_id, timestamp, body, key_of(secret)),
        "Content-Type": "application/json",
    }
    return headers if tracker_id is None else headers | {"Harbor-Tracker": str(tracker_id)}


def key_of(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix("whsec_"))


def post(client, sender, document, **headers):
    """Post a report (or an array, or raw bytes) as `sender`, a Hull of the cast."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return client.post(
        "/api/v1/positions",
        data=body,
        headers=signed(body, sender.tracker_id, sender.secret) | headers,
    )


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
