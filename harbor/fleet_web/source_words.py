"""Where positions come from, in words; the same as in static/js/format.js."""

from collections.abc import Mapping
from types import MappingProxyType

from harbor.words import N_, _

SOURCE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "tracker": N_("Tracker aboard"),
        "ais": N_("AIS"),
        "import": N_("Imported"),
        "nmea": "NMEA 0183",
        "osmand": "Traccar Client",
        "overland": "Overland",
        "owntracks": "OwnTracks",
        "signalk": "Signal K",
        "traccar": "Traccar",
    }
)


def source_words(source: str) -> str:
    """One that we don't know is named as it is."""
    return _(SOURCE_WORDS.get(source, source))
