"""The exact requests that apps send, about one place and time; by the format they speak."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from types import MappingProxyType
from urllib.parse import urlencode

COUNTED = {"accepted": 1, "duplicates": 0, "quarantined": 0, "rejected": 0, "ignored": {}}


@dataclass(frozen=True)
class Fix:
    """Where and when; `mmsi` is the vessel's."""

    latitude: float
    longitude: float
    at: datetime
    mmsi: str


@dataclass(frozen=True)
class Sent:
    """What the app puts on the line, below its address, and what it must be told."""

    answer: object
    body: bytes = b""
    method: str = "POST"
    tail: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    in_path: bool = True
    """Whether the secret stands in the address."""


def osmand(fix: Fix, token: str) -> Sent:
    """Traccar Client 10."""
    form = {
        "id": "48241179",
        "timestamp": int(fix.at.timestamp()),
        "lat": fix.latitude,
        "lon": fix.longitude,
        "accuracy": "4.8",
        "speed": "9.41",
        "bearing": "271.5",
        "batt": "79.0",
        "charge": "false",
    }
    media = {"Content-Type": "application/x-www-form-urlencoded"}
    return Sent({}, urlencode(form).encode(), headers=media)


def osmand_in_a_query(fix: Fix, token: str) -> Sent:
    """OsmAnd itself, and many a logger."""
    query = {
        "lat": fix.latitude,
        "lon": fix.longitude,
        "timestamp": int(fix.at.timestamp() * 1000),
        "accuracy": 4.5,
        "bearing": 271,
    }
    return Sent({}, method="GET", tail=f"?{urlencode(query)}")


def owntracks(fix: Fix, token: str) -> Sent:
    """iOS and Android: Basic, with the names in headers besides."""
    document = {
        "_type": "location",
        "lat": fix.latitude,
        "lon": fix.longitude,
        "tst": int(fix.at.timestamp()),
        "acc": 8,
        "batt": 73,
        "vel": 17,
        "cog": 271,
        "tid": "NV",
        "t": "t",
    }
    pair = base64.b64encode(f"nova:{token}".encode()).decode()
    headers = {
        "Authorization": f"Basic {pair}",
        "X-Limit-U": "nova",
        "X-Limit-D": "phone",
        "Content-Type": "application/json",
    }
    return Sent([], json.dumps(document).encode(), headers=headers, in_path=False)


def overland(fix: Fix, token: str) -> Sent:
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [fix.longitude, fix.latitude]},
        "properties": {
            "timestamp": fix.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "speed": 5.5,
            "course": 271.2,
            "horizontal_accuracy": 5,
            "battery_level": 0.89,
            "battery_state": "unplugged",
            "device_id": "nova",
            "motion": ["driving"],
        },
    }
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"locations": [feature]}).encode()
    return Sent({"result": "ok"}, body, headers=headers, in_path=False)


def traccar(fix: Fix, token: str) -> Sent:
    """A server's forwarding as JSON, its device named by the vessel's MMSI."""
    at = fix.at.strftime("%Y-%m-%dT%H:%M:%S.000+00:00")
    document = {
        "position": {
            "id": 1027,
            "deviceId": 4,
            "protocol": "teltonika",
            "serverTime": at,
            "deviceTime": at,
            "fixTime": at,
            "valid": True,
            "latitude": fix.latitude,
            "longitude": fix.longitude,
            "altitude": 6.0,
            "speed": 9.7,
            "course": 271.0,
            "accuracy": 0.0,
            "attributes": {"sat": 11, "batteryLevel": 93},
        },
        "device": {"id": 4, "name": "Nova", "uniqueId": fix.mmsi},
    }
    headers = {"Content-Type": "application/json"}
    return Sent({}, json.dumps(document).encode(), headers=headers)


def signalk(fix: Fix, token: str) -> Sent:
    """A delta of the boat's own server."""
    place = {"latitude": fix.latitude, "longitude": fix.longitude}
    update = {
        "$source": "gps.1",
        "timestamp": fix.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "values": [
            {"path": "navigation.position", "value": place},
            {"path": "navigation.speedOverGround", "value": 4.9},
        ],
    }
    body = json.dumps({"context": "vessels.self", "updates": [update]}).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return Sent(COUNTED, body, headers=headers, in_path=False)


def ais(fix: Fix, token: str) -> Sent:
    """A receiver's lines: class A, with a tag block that tells the time."""
    tag = checked(f"c:{int(fix.at.timestamp())}")
    line = f"\\{tag}\\!{checked(f'AIVDM,1,1,,A,{class_a(fix)},0')}\r\n"
    return Sent(COUNTED, line.encode(), headers={"Content-Type": "text/plain"})


def nmea(fix: Fix, token: str) -> Sent:
    """A logger's lines: RMC is all it takes."""
    at = fix.at
    place = f"{minutes(fix.latitude, 2)},N,{minutes(fix.longitude, 3)},E"
    rmc = f"GPRMC,{at:%H%M%S}.00,A,{place},9.5,271.0,{at:%d%m%y},,,A"
    return Sent(
        COUNTED, f"${checked(rmc)}\r\n".encode(), headers={"Content-Type": "text/plain"}
    )


REQUESTS: Mapping[str, tuple[Callable[[Fix, str], Sent], ...]] = MappingProxyType(
    {
        "ais": (ais,),
        "nmea": (nmea,),
        "osmand": (osmand, osmand_in_a_query),
        "overland": (overland,),
        "owntracks": (owntracks,),
        "signalk": (signalk,),
        "traccar": (traccar,),
    }
)


def a_fix(number: int, mmsi: str) -> Fix:
    """Another place for each number, now."""
    now = datetime.now(UTC).replace(microsecond=0)
    return Fix(round(57.5 + number / 100, 4), round(11.5 + number / 100, 4), now, mmsi)


def checked(sentence: str) -> str:
    """With the checksum of NMEA 0183 behind it."""
    return f"{sentence}*{reduce(lambda sum_, sign: sum_ ^ ord(sign), sentence, 0):02X}"


def minutes(degrees: float, digits: int) -> str:
    whole = int(degrees)
    return f"{whole:0{digits}d}{(degrees - whole) * 60:07.4f}"


def class_a(fix: Fix) -> str:
    """The payload of a message of type 1 (ITU-R M.1371, table 48) in six-bit signs."""
    fields = (
        (1, 6), (0, 2), (int(fix.mmsi), 30), (0, 4), (128, 8), (95, 10), (0, 1),
        (round(fix.longitude * 600_000), 28), (round(fix.latitude * 600_000), 27),
        (2710, 12), (511, 9), (fix.at.second, 6), (0, 2), (0, 3), (0, 1), (0, 19),
    )  # fmt: skip
    bits = "".join(f"{value % (1 << width):0{width}b}" for value, width in fields)
    sixes = (int(bits[at : at + 6], 2) for at in range(0, len(bits), 6))
    return "".join(chr(six + (48 if six < 40 else 56)) for six in sixes)
