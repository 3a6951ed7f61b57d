"""What AIS-catcher posts, in each of its protocols."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.errors import Malformed
from harbor.trackers.ais.decoder import decode
from tests.trackers import captures
from tests.trackers.ais.air import MAN_OVERBOARD, OURS, position
from tests.trackers.ais.ears import heard, report
from tests.trackers.captures import NOW, fleet_sender


def catcher(*messages, **envelope) -> bytes:
    return json.dumps({"protocol": "jsonaiscatcher", "msgs": messages} | envelope).encode()


WORDS = {
    "class": "AIS",
    "type": 1,
    "mmsi": int(OURS),
    "rxtime": "20260504120000",
    "lat": 57.66,
    "lon": 11.8,
    "speed": 102.300003,
    "course": 90.800003,
    "heading": 511,
    "status": 5,
    "second": 58,
}


def test_ais_catcher_heard_nobody():
    assert heard(catcher()).ignored == {"heartbeat": 1}


def test_the_sentences_of_ais_catcher_count_and_its_own_numbers_do_not():
    found = report(catcher(WORDS | {"nmea": [position().decode()], "lat": 1}))

    assert (found.latitude, found.speed_knots) == (57.66, 9.5)
    assert found.recorded_at == NOW - timedelta(minutes=30)


def test_without_sentences_the_members_of_ais_catcher_count():
    found = report(catcher(WORDS))

    assert (found.latitude, found.course_degrees) == (57.66, 90.8)
    assert (found.speed_knots, found.heading_degrees) == (None, None)
    assert found.navigation_status == "moored"
    assert found.recorded_at == datetime(2026, 5, 4, 11, 59, 58, tzinfo=UTC)


def test_ais_catcher_tells_static_data_and_calls_for_help_too():
    static = {"type": 24, "mmsi": int(OURS), "shipname": "NOVA", "partno": 0}
    rest = {"type": 24, "mmsi": int(OURS), "shiptype": 36, "callsign": "S\0", "partno": 1}
    beacon = WORDS | {"mmsi": int(MAN_OVERBOARD), "status": 14}

    found = heard(catcher(static, rest, beacon))

    assert [(one.name, one.ship_type) for one in found.static] == [("NOVA", None), (None, 36)]
    assert [one.kind for one in found.alerts] == ["man_overboard"]


@pytest.mark.parametrize(
    ("changes", "recorded"),
    [
        ({"rxuxtime": 1777896030.25}, "12:00:30"),
        ({"rxtime": None}, "12:29:58"),
    ],
)
def test_the_times_of_ais_catcher(changes, recorded):
    item = WORDS | changes
    second = {"second": 30} if "rxuxtime" in changes else {}

    at = report(catcher(item | second)).recorded_at

    assert at == datetime.fromisoformat(f"2026-05-04T{recorded}+00:00")


@pytest.mark.parametrize(
    "time",
    [
        {"rxtime": "20261304120000"},
        {"rxtime": "soon"},
        {"rxtime": "99991231235959"},
        {"rxuxtime": "soon"},
        {"rxuxtime": 1e18},
    ],
)
def test_a_message_of_ais_catcher_without_a_readable_time_may_be_old(time):
    assert heard(catcher(WORDS | time)).ignored == {"unreadable": 1}


@pytest.mark.parametrize(
    "item",
    [{"class": "TPV", "lat": 1}, {"type": "1", "mmsi": 1}, {"type": 1, "mmsi": -1}, {}],
)
def test_what_else_ais_catcher_writes_is_not_a_position(item):
    assert heard(catcher(item)).ignored == {"not_a_position": 1}


def test_a_place_without_numbers_from_ais_catcher_is_refused_by_name():
    [one] = heard(catcher(WORDS | {"lat": "north"})).rejected

    assert [fault.pointer for fault in one.fields] == ["/0/latitude"]
    assert heard(catcher({"type": 1, "mmsi": int(OURS)})).ignored == {"unreadable": 1}


@pytest.mark.parametrize(
    "body",
    [
        position() + b"\n" + position() + b"\n",
        json.dumps(WORDS).encode() + b"\n" + json.dumps(WORDS).encode() + b"\n",
        json.dumps(WORDS).encode() + b"\n" + position(),
        catcher(position().decode(), position().decode()),
        catcher({"nmea": position().decode()}, {"nmea": [position().decode()]}),
    ],
)
def test_every_protocol_of_ais_catcher_is_read(body):
    assert len(heard(body).accepted) == 2


@given(
    st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from([1, 5, 9, 14, 18, 24, 27]), "mmsi": st.just(int(OURS))},
            optional={
                name: st.none() | st.integers() | st.floats() | st.text(max_size=4)
                for name in [*WORDS, "rxuxtime", "nmea", "shipname", "to_bow", "imo", "draught"]
                if name not in ("type", "mmsi")
            },
        ),
        max_size=4,
    )
)
def test_any_words_of_ais_catcher_give_reports_or_are_ignored(items):
    body = b"\n".join(json.dumps(item).encode() for item in items)

    with suppress(Malformed):
        captures.check_raw_forms(heard(body), decode, fleet_sender())
