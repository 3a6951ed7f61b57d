"""What PostgreSQL itself refuses, whoever writes."""

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from harbor.store import partitions

INSERT = text("""
INSERT INTO position (fleet_id, vessel_id, tracker_id, recorded_at, received_at, source,
    latitude, longitude, speed_knots, course_degrees, heading_degrees, accuracy_metres,
    altitude_metres, battery_percent)
VALUES (uuidv7(), uuidv7(), uuidv7(), CAST(:recorded_at AS timestamptz), now(), 'tracker',
    CAST(:latitude AS float8), CAST(:longitude AS float8), CAST(:speed_knots AS float8),
    CAST(:course_degrees AS float8), CAST(:heading_degrees AS float8),
    CAST(:accuracy_metres AS float8), CAST(:altitude_metres AS float8),
    CAST(:battery_percent AS float8))
""")
GOOD = {
    "recorded_at": "now",
    "latitude": 57,
    "longitude": 11,
    "speed_knots": 1,
    "course_degrees": 1,
    "heading_degrees": 1,
    "accuracy_metres": 1,
    "altitude_metres": 1,
    "battery_percent": 1,
}


def test_a_good_row_is_taken(runtime):
    with runtime.database.session() as session:
        session.execute(INSERT, GOOD)


@pytest.mark.parametrize("column", [name for name in GOOD if name != "recorded_at"])
@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e7", "-1e7"])
def test_a_number_out_of_range_is_refused(runtime, column, value):
    with (
        pytest.raises(DBAPIError, match=f"{column}_range"),
        runtime.database.session() as session,
    ):
        session.execute(INSERT, GOOD | {column: value})


@pytest.mark.parametrize("moment", ["2019-12-31 23:59:59+00", "2100-01-01 00:00:00+00"])
def test_a_time_outside_2020_to_2099_is_refused(runtime, moment):
    with runtime.database.session() as session:
        partitions.ensure(session.connection(), datetime.fromisoformat(moment), "month")

    with (
        pytest.raises(DBAPIError, match="recorded_at_range"),
        runtime.database.session() as session,
    ):
        session.execute(INSERT, GOOD | {"recorded_at": moment})


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("imo_number", "9074728"),
        ("imo_number", "907472"),
        ("mmsi", "002651234"),
        ("mmsi", "26512345"),
        ("call_sign", "s!"),
        ("name", ""),
    ],
)
def test_a_vessels_numbers_are_checked_again_by_the_database(cast, runtime, column, value):
    with (
        pytest.raises(DBAPIError, match="ck_vessel"),
        runtime.database.session() as session,
    ):
        session.execute(
            text(f"UPDATE vessel SET {column} = :value WHERE id = :id"),
            {"value": value, "id": cast.vinga.id},
        )
