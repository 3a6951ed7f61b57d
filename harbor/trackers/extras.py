"""What else a device says, by the names that Traccar and its apps give it."""

from collections.abc import Mapping

from harbor.trackers import values

HOURS_PER_MILLISECOND = 1 / 3_600_000
_NAMES = (
    ("sat", "satellites"),
    ("hdop", "hdop"),
    ("charge", "is_charging"),
    ("ignition", "ignition"),
    ("motion", "is_moving"),
    ("alarm", "alarm"),
    ("battery", "battery_volts"),
    ("power", "power_volts"),
    ("fuel", "fuel_litres"),
    ("rpm", "rpm"),
    ("totalDistance", "odometer_metres"),
    ("driverUniqueId", "driver"),
    ("approximate", "is_approximate"),
)


def of_traccar(given: Mapping[str, object]) -> dict[str, object] | None:
    """The few that are worth keeping with a position, under names that say their unit."""
    pairs = [(name, values.plain(given[key])) for key, name in _NAMES if key in given]
    hours = values.measured(given.get("hours"), HOURS_PER_MILLISECOND)
    return values.attributes([*pairs, ("engine_hours", hours)])
