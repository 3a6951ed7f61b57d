"""Voyages in the database, put there as the writer does."""

from datetime import datetime, timedelta

from harbor.store import positions
from tests.builders import report

KNOT_DEGREES = 1 / 60 / 3600
"""Of latitude in a second."""


def sailed(runtime, cast, reports):
    with runtime.database.engine.connect() as connection:
        auto = connection.execution_options(isolation_level="AUTOCOMMIT")
        positions.record(auto, positions.in_order(reports), reports[-1].recorded_at)


def leg(cast, hull, begin: datetime, minutes: int, knots: float, south=57.0, step_s=10, **more):
    """Northwards from a latitude, a fix every ten seconds."""
    return [
        report(
            fleet_id=cast.fleet_id,
            vessel_id=hull.id,
            **{"tracker_id": hull.tracker_id} | more,
            recorded_at=begin + timedelta(seconds=at),
            latitude=south + at * knots * KNOT_DEGREES,
            longitude=11.5,
            speed_knots=knots,
            course_degrees=0.0,
        )
        for at in range(0, minutes * 60, step_s)
    ]
