"""The formats that Harbor takes, by their name in `/api/v1/ingest/<format>`."""

from collections.abc import Mapping
from types import MappingProxyType

from harbor.fleet.report import SOURCE_TRACKER
from harbor.trackers import harbor_json, nmea, osmand, overland, owntracks, traccar
from harbor.trackers.ais import decoder as ais
from harbor.trackers.message import Decoder
from harbor.trackers.signalk import decoder as signalk

HARBOR = "harbor"
"""Harbor's own: signed, and posted to /api/v1/positions."""
DECODERS: Mapping[str, Decoder] = MappingProxyType(
    {
        "ais": ais.decode,
        HARBOR: harbor_json.decode,
        "nmea": nmea.decode,
        "osmand": osmand.decode,
        "overland": overland.decode,
        "owntracks": owntracks.decode,
        "signalk": signalk.decode,
        "traccar": traccar.decode,
    }
)


def source_of(format_: str) -> str:
    """The word by which a position says where it came from."""
    return SOURCE_TRACKER if format_ == HARBOR else format_
