"""CSV: the names of columns, units, and tables that nobody should have to guess at."""

import pytest

from harbor.errors import Malformed
from tests.trackers.files.readers import accepted, faults, reports, stretches

HEAD = "recorded_at,latitude,longitude"
ROW = "2025-06-01T08:00:00Z,57.66,11.8"


def table(*rows, head=HEAD):
    return "\n".join([head, *rows])


@pytest.mark.parametrize(
    ("head", "cell", "member", "value"),
    [
        ("speed_knots", "9.5", "speed_knots", 9.5),
        ("SOG", "9.5", "speed_knots", 9.5),
        ("SOG", "102.3", "speed_knots", None),
        ("Speed (km/h)", "18.52", "speed_knots", 10),
        ("speed m/s", "5.144444", "speed_knots", 10),
        ("COG", "360.0", "course_degrees", None),
        ("course", "360", "course_degrees", 0),
        ("heading", "511", "heading_degrees", None),
        ("accuracy_m", "12", "accuracy_metres", 12),
        ("ele", "-3", "altitude_metres", -3),
        ("battery_percent", "77", "battery_percent", 77),
        ("navigation_status", "moored", "navigation_status", "moored"),
        ("navigation_status", "NULL", "navigation_status", None),
        ("received_at", "2025-06-01T09:00:00Z", "speed_knots", None),
    ],
)
def test_a_column_is_known_by_its_name_and_unit(head, cell, member, value):
    [report] = reports("csv", table(f"{ROW},{cell}", head=f"{HEAD},{head}"))

    assert getattr(report, member) == (
        pytest.approx(value, abs=1e-5) if isinstance(value, float | int) else value
    )


@pytest.mark.parametrize(
    "time",
    [
        "2025-06-01T08:00:00Z",
        "2025-06-01 08:00:00",
        "2025/06/01 08:00:00+00",
        "2025-06-01T10:00:00+0200",
        "1748764800",
        "1748764800000",
    ],
)
def test_a_time_is_read_however_it_is_written(time):
    [report] = reports("csv", table(f"{time},57.66,11.8"))

    assert report.recorded_at.isoformat() == "2025-06-01T08:00:00+00:00"


def test_of_two_columns_that_are_the_same_the_first_counts():
    [report] = reports("csv", table(f"{ROW},1", head=f"{HEAD},lat"))

    assert report.latitude == 57.66


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "There is nothing in its first line"),
        ("time,lat\n", "line 1: no column is called the longitude"),
        (
            table(ROW + ",9", head=f"{HEAD},Speed"),
            "line 1: the column 'Speed' does not say its",
        ),
        ("time;lat;lon\n1748764800;57,66;11,8", "line 2: decimal commas"),
        ("time,lat,lon\n1748764800,57,66,11,8", "line 2: decimal commas"),
        (b"time,lat,lon\n1748764800,57.6,11.8\n\xf6", "line 3 is not UTF-8"),
        (table(ROW, '"' + "x" * 60_000, "x" * 60_000, "x" * 60_000), "line 5: field larger"),
        ("time,lat,lon," + "x" * 70_000, "line 1 is longer than 65,536 bytes"),
    ],
)
def test_a_table_that_has_to_be_guessed_at_is_refused(content, words):
    with pytest.raises(Malformed, match=words):
        stretches("csv", content)


def test_a_row_with_too_many_cells_is_rejected_by_itself():
    content = table(ROW, f"{ROW},7", ROW)

    assert faults("csv", content) == [
        ("cells", "4 cells, and the first line names 3 columns"),
    ]
    assert len(reports("csv", content)) == 2


def test_a_row_with_too_few_cells_says_what_is_missing():
    assert faults("csv", table(ROW, "2025-06-01T08:00:10Z,57.66")) == [
        ("missing", "Field required")
    ]


def test_lines_are_counted_as_an_editor_counts_them():
    content = table(ROW, "", '"2025-06-01T08:00:10Z",57.66,"1', '1.8"', ROW)

    [stretch] = stretches("csv", content)

    assert [one.index for one in accepted(stretch)] == [2, 6]
    assert [one.index for one in stretch.decoded.rejected] == [5]


def test_a_file_may_call_its_vessel_by_a_name_of_its_own_as_long_as_it_is_one():
    rows = [f"{name},{ROW}" for name in ("'=Nova", "'=Nova", "", "Asta", "9074729")]

    found = faults("csv", table(*rows, head=f"vessel,{HEAD}"))

    assert [detail.partition(" is")[0] for _, detail in found] == ["'Asta'"]


def test_a_table_of_very_many_vessels_is_not_remembered_whole():
    rows = [f"V{number},{ROW}" for number in range(1200)]

    found = faults("csv", table(*rows, head=f"vessel,{HEAD}"))

    assert len(found) == 1199


def test_a_table_without_a_first_line_is_called_empty():
    with pytest.raises(Malformed, match="nothing in its first line"):
        stretches("csv", "")
