"""Harbor's own format: any bytes give reports or a named refusal."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.errors import Invalid, Malformed
from harbor.trackers.contract import EARLIEST
from harbor.trackers.harbor_json import decode
from harbor.trackers.message import Limits, Message, Sender
from tests.builders import FLEET, TRACKER, VESSEL

CAPTURES = Path(__file__).parents[1] / "captures" / "harbor_json"
NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
LIMITS = Limits(NOW, 120, 1000)
GOOD = {"recorded_at": "2026-05-04T12:00:00Z", "latitude": 57.5, "longitude": 11.5}


def sender(vessel_id=VESSEL) -> Sender:
    known = {"9074729": VESSEL, "265123456": UUID(int=7)}
    return Sender(FLEET, TRACKER, vessel_id, known.get)


def decoded(document, **changes):
    return decode(Message(json.dumps(document).encode()), sender(**changes), LIMITS)


def codes(document, **changes) -> list[str]:
    return [field.code for one in decoded(document, **changes).rejected for field in one.fields]


@pytest.mark.parametrize("raw", sorted(CAPTURES.glob("*.raw")), ids=lambda path: path.stem)
def test_a_captured_message_decodes_to_what_stands_beside_it(raw):
    expected = json.loads(raw.with_suffix(".json").read_text())

    found = decode(Message(raw.read_bytes()), sender(), LIMITS)

    reports = [
        {name: getattr(one.report, name) for name in expected[0] if name != "recorded_at"}
        | {"recorded_at": one.report.recorded_at.isoformat()}
        for one in found.accepted
    ]
    assert reports == expected


@given(st.binary(max_size=200))
def test_any_bytes_give_a_named_refusal_or_reports(body):
    with suppress(Malformed, Invalid):
        decode(Message(body), sender(), LIMITS)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from([*GOOD, "attributes", "vessel", "x"]), inner, max_size=5
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_gives_a_named_refusal_or_reports(document):
    try:
        found = decoded(document)
    except (Malformed, Invalid):
        return
    assert all(one.fields for one in found.rejected)


@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.integers(0, 6 * 365 * 86_400).map(lambda s: EARLIEST + timedelta(seconds=s)),
)
def test_every_place_and_time_in_range_is_kept_as_it_was_given(latitude, longitude, at):
    document = {"recorded_at": at.isoformat(), "latitude": latitude, "longitude": longitude}

    [one] = decoded(document).accepted

    assert (one.report.latitude, one.report.longitude) == (latitude, longitude)
    assert one.report.recorded_at == at


def test_minus_zero_is_zero_and_360_degrees_is_north():
    [one] = decoded(GOOD | {"longitude": -0.0, "course_degrees": 360}).accepted

    assert str(one.report.longitude) == "0.0"
    assert one.report.course_degrees == 0.0


@pytest.mark.parametrize(
    ("at", "code"),
    [
        ("2020-01-01T00:00:00+14:00", "timestamp_too_old"),
        ("2026-05-04T12:32:01Z", "timestamp_in_future"),
        ("2026-02-30T00:00:00Z", "timestamp"),
        ("2026-05-04T23:59:60Z", "timestamp"),
        ("2026-05-04T12:00:00+15:00", "timestamp"),
        ("2026-05-04 12:00:00Z", "timestamp"),
        (1777896000, "timestamp"),
    ],
)
def test_a_time_that_cannot_be_meant_is_refused(at, code):
    assert codes(GOOD | {"recorded_at": at}) == [code]


def test_exactly_two_minutes_ahead_is_still_taken():
    assert codes(GOOD | {"recorded_at": "2026-05-04T12:32:00Z"}) == []


def test_a_shared_key_must_name_the_vessel_and_a_vessels_own_may_only_name_it():
    assert codes(GOOD, vessel_id=None) == ["missing"]
    assert codes(GOOD | {"vessel": "9074729"}, vessel_id=None) == []
    assert codes(GOOD | {"vessel": "9074729"}) == []
    assert codes(GOOD | {"vessel": "265123456"}) == ["unknown_vessel"]


def test_a_member_that_stands_twice_is_refused_wherever_it_stands():
    for body in (
        b'{"latitude":1,"latitude":2}',
        b'[{"recorded_at":"x"},{"latitude":1,"lat\\u0069tude":2}]',
        b'{"attributes":{"a":1,"a":2}}',
    ):
        with pytest.raises(Malformed, match="twice"):
            decode(Message(body), sender(), LIMITS)


def test_a_value_that_looks_like_a_member_is_no_repeat():
    [one] = decoded(GOOD | {"attributes": {"note": '"latitude"', "latitude": 1}}).accepted

    assert one.report.attributes == {"note": '"latitude"', "latitude": 1}


def test_a_fix_older_than_retention_is_refused_by_code_and_a_younger_one_is_not():
    limits = replace(LIMITS, recorded_at_min=NOW - timedelta(days=30))
    days_ago = [
        {**GOOD, "recorded_at": f"{NOW - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"}
        for days in (31, 30)
    ]

    found = decode(Message(json.dumps(days_ago).encode()), sender(), limits)

    assert [one.fields[0].code for one in found.rejected] == ["timestamp_too_old"]
    assert found.rejected[0].fields[0].pointer == "/0/recorded_at"
    assert [one.index for one in found.accepted] == [1]
