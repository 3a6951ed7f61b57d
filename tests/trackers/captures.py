"""Messages as they were sent, and what they must decode to: see tests/captures/README.md."""

import json
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from pathlib import Path
from uuid import UUID

import pytest

from harbor.errors import Invalid, Malformed
from harbor.trackers.message import Alert, Decoded, Limits, Message, Sender, StaticData
from tests.builders import FLEET, TRACKER, VESSEL

FOLDER = Path(__file__).parents[1] / "captures"
NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
LIMITS = Limits(NOW, 120, 1000)
OTHER_VESSEL = UUID(int=7)
KNOWN = {
    "9074729": VESSEL,
    "265547250": VESSEL,
    "371798000": VESSEL,  # those of captures from receivers
    "351759000": VESSEL,
    "244030470": VESSEL,
    "366985330": VESSEL,
    "271041815": VESSEL,
    "367059850": VESSEL,
    "nova-phone": VESSEL,
    "265123456": OTHER_VESSEL,
    str(VESSEL): VESSEL,
    str(OTHER_VESSEL): OTHER_VESSEL,
}
"""By IMO number, by MMSI, and by the name that an operator gave a device."""
WORDS = {VESSEL: "ours", OTHER_VESSEL: "the other", None: "unknown"}


def of(format_name):
    """Parametrises a test by the captures of a format."""
    found = sorted((FOLDER / format_name).glob("*.raw"))
    assert found, f"{format_name} has no captures"
    return pytest.mark.parametrize("capture", found, ids=lambda path: path.stem)


def own_sender(vessel_id=VESSEL) -> Sender:
    return Sender(FLEET, TRACKER, vessel_id, KNOWN.get)


def fleet_sender() -> Sender:
    return own_sender(None)


def check(capture, decode):
    """The capture decodes to what stands beside it, and each of its raw forms to itself."""
    expected = json.loads(capture.with_suffix(".json").read_text())
    sender = fleet_sender() if expected.pop("tracker", "own") == "fleet" else own_sender()
    message = message_of(capture.read_bytes())

    if "refused" in expected:
        with pytest.raises((Malformed, Invalid)) as refusal:
            decode(message, sender, LIMITS)
        assert refusal.typename == expected["refused"]
        return
    found = decode(message, sender, LIMITS)
    assert seen(found) == expected
    check_raw_forms(found, decode, sender)


def check_raw_forms(found, decode, sender, limits=LIMITS):
    """Each report's own message gives it again, later too, and nothing else."""
    later = replace(limits, now=limits.now.replace(hour=23))
    for one in found.accepted:
        [again] = decode(Message(one.raw), sender, later).accepted
        assert again.report == one.report
    for one in found.rejected:
        [again] = decode(Message(one.raw), sender, limits).rejected
        assert [fault.code for fault in again.fields] == [fault.code for fault in one.fields]


def message_of(raw: bytes) -> Message:
    """A body, or a whole request when it begins with a request line."""
    head, _, body = raw.partition(b"\r\n\r\n")
    line, _, headers = head.partition(b"\r\n")
    if not line.endswith(b" HTTP/1.1"):
        return Message(raw)
    parsed = {
        name.lower(): value for name, value in BytesHeaderParser().parsebytes(headers).items()
    }
    _, address, _ = line.decode().split(" ")
    return Message(
        body,
        content_type=parsed.get("content-type", ""),
        query=address.partition("?")[2],
        headers=parsed,
    )


def seen(found: Decoded) -> dict:
    """All that a message gave, without what is empty."""
    whole = {
        "reports": [_said(one.report) for one in found.accepted],
        "rejected": [[fault.code for fault in one.fields] for one in found.rejected],
        "ignored": dict(found.ignored),
        "static": [_said(one) for one in found.static],
        "alerts": [_said(one) for one in found.alerts],
    }
    return {name: value for name, value in whole.items() if value}


def _said(one) -> dict:
    """Its members that say something, but for those that the sender's key says."""
    implied = {"fleet_id", "tracker_id", "source"}
    if not isinstance(one, Alert | StaticData) and one.vessel_id == VESSEL:
        implied |= {"vessel_id"}
    said = asdict(one) | {"vessel": WORDS[one.vessel_id]}
    members = [field.name for field in fields(one) if field.name not in implied]
    members = ["vessel" if name == "vessel_id" else name for name in members]
    return {
        name: _plain(said[name])
        for name in members
        if said[name] not in (None, {}) and said[name] is not False
    }


def _plain(value):
    return value.isoformat() if isinstance(value, datetime) else value
