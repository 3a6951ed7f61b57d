"""Signal K: deltas of one boat, of what she hears, and of her own mishaps."""

import json
from datetime import datetime, timedelta
from math import radians

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harbor.errors import Invalid, Malformed
from harbor.trackers.message import Message
from harbor.trackers.signalk import paths
from harbor.trackers.signalk.decoder import EXTRAS, STATUSES, WITHIN, decode
from tests.builders import VESSEL
from tests.trackers import captures, senders

NOON = datetime.fromisoformat("2026-05-04T12:00:00+00:00")
PLACE = {"latitude": 57.66, "longitude": 11.8}
ALL_PATHS = sorted([*WITHIN, paths.POSITION, paths.MAN_OVERBOARD, "", *paths.PARTICULARS])
CONTEXTS = st.none() | st.sampled_from(
    ["vessels.self", "vessels.urn:mrn:imo:mmsi:265123456", "atons.x", "vessels.\0", 7]
)
ENTRIES = st.fixed_dictionaries(
    {
        "path": st.sampled_from(ALL_PATHS),
        "value": senders.SCALARS
        | senders.documents(["latitude", "longitude", "altitude", "state", "position", "id"])
        | st.just(PLACE),
    }
)
UPDATES = st.fixed_dictionaries(
    {"values": st.lists(ENTRIES, max_size=6)}, optional={"timestamp": senders.SCALARS}
)
DELTAS = st.fixed_dictionaries(
    {"updates": st.lists(UPDATES, max_size=4)}, optional={"context": CONTEXTS}
)


def delta(*values, at=NOON, **members):
    """One update of these paths and values."""
    entries = [{"path": path, "value": value} for path, value in values]
    update = {"timestamp": at.isoformat(), "values": entries} if at else {"values": entries}
    return {"updates": [update]} | members


def decoded(document, sender=None):
    message = Message(json.dumps(document).encode())
    return decode(message, sender or captures.own_sender(), captures.LIMITS)


@captures.of("signalk")
def test_a_captured_message_decodes_to_what_stands_beside_it(capture):
    captures.check(capture, decode)


@given(senders.messages(["updates", "values", "path", "value", "context"]), senders.SENDERS)
def test_any_message_gives_a_named_refusal_or_reports(message, sender):
    senders.check(message, decode, sender)


@given(st.lists(DELTAS, min_size=1, max_size=6), senders.SENDERS)
def test_any_deltas_give_reports_whose_raw_forms_give_them_again(deltas, sender):
    senders.check(Message(json.dumps(deltas).encode()), decode, sender)


@given(st.lists(DELTAS, min_size=2, max_size=6))
def test_a_delta_on_each_line_is_the_same_as_an_array(deltas):
    lines = "\n".join(json.dumps(one) for one in deltas).encode()
    assume(b"NaN" not in lines and b"Infinity" not in lines)

    by_line = decode(Message(lines), captures.own_sender(), captures.LIMITS)

    assert captures.seen(by_line) == captures.seen(decoded(deltas))


def test_a_line_that_is_broken_costs_only_itself():
    good = json.dumps(delta((paths.POSITION, PLACE)))
    body = f'{good}\n{{"updates":[{{"val\n'.encode()

    found = decode(Message(body), captures.own_sender(), captures.LIMITS)

    assert len(found.accepted) == 1
    assert found.ignored == {"unreadable": 1}


def test_more_positions_than_a_message_may_have_are_refused():
    many = [delta((paths.POSITION, PLACE), at=NOON - timedelta(seconds=n)) for n in range(1001)]

    with pytest.raises(Invalid):
        decoded(many)


def test_text_that_is_no_json_is_refused():
    for body in (b"", b"$GPRMC,1*00", b"one\ntwo", b"[1, 2]"):
        with pytest.raises(Malformed):
            decode(Message(body), captures.own_sender(), captures.LIMITS)


def test_a_speed_told_seconds_from_the_position_belongs_to_it_and_an_old_one_does_not():
    def speed(seconds):
        later = NOON + timedelta(seconds=seconds)
        both = [delta((paths.POSITION, PLACE)), delta((paths.SPEED, 10), at=later)]
        [one] = decoded(both).accepted
        return one.report.speed_knots

    assert speed(5) == speed(-5) == 19.438
    assert speed(6) is speed(-6) is None


def test_what_stands_between_two_positions_belongs_to_the_second_whatever_its_clock_says():
    server_clock = NOON - timedelta(hours=2)
    stream = [
        delta((paths.POSITION, PLACE)),
        delta((paths.SPEED, 5), at=server_clock),
        delta((paths.POSITION, PLACE), at=NOON + timedelta(seconds=2)),
    ]

    first, second = decoded(stream).accepted

    assert first.report.speed_knots is None
    assert second.report.speed_knots == 9.719


def test_a_value_that_became_unknown_is_not_replaced_by_an_older_one():
    stream = [
        delta((paths.SPEED, 5), at=NOON - timedelta(seconds=4)),
        delta((paths.SPEED, None), at=NOON - timedelta(seconds=1)),
        delta((paths.POSITION, PLACE)),
    ]

    [one] = decoded(stream).accepted

    assert one.report.speed_knots is None


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (0.0, 0.0),
        (6.2831853, 0.0),
        (6.2832, 0.001),
        (-0.5, 331.352),
        (6.5535, None),
        (-7, None),
    ],
)
def test_an_angle_may_turn_either_way_but_only_once(told, expected):
    found = decoded(delta((paths.POSITION, PLACE), (paths.COURSE, told)))

    courses = [one.report.course_degrees for one in found.accepted]
    assert courses == ([] if expected is None else [expected])
    assert len(found.rejected) == (expected is None)


def test_a_compass_and_its_variation_make_a_true_heading():
    found = decoded(
        delta(
            (paths.POSITION, PLACE),
            (paths.HEADING_MAGNETIC, radians(358)),
            (paths.VARIATION, radians(5)),
        )
    )

    assert found.accepted[0].report.heading_degrees == 3.0


def test_every_extra_is_kept_under_a_name_with_its_unit():
    given = [(path, 300) for path in EXTRAS]

    [one] = decoded(delta((paths.POSITION, PLACE), *given)).accepted

    assert set(one.report.attributes) == {name for name, _, _ in EXTRAS.values()}
    assert one.report.attributes["water_temperature_celsius"] == 26.85


@pytest.mark.parametrize(("word", "expected"), [*STATUSES.items(), ("ais-sart", None)])
def test_the_state_is_told_in_the_words_of_the_contract(word, expected):
    [one] = decoded(delta((paths.POSITION, PLACE), (paths.STATE, word))).accepted

    assert one.report.navigation_status == expected


def test_a_boat_without_an_mmsi_is_known_by_the_uuid_of_her_own_server():
    of_server = "vessels.urn:mrn:signalk:uuid:94275f6e-7181-4d11-bdbe-20ed9d6e873e"
    document = delta((paths.POSITION, PLACE), context=of_server)

    assert len(decoded(document).accepted) == 1
    assert decoded(document, captures.fleet_sender()).ignored == {"other_vessel": 1}


def test_another_vessel_of_the_fleet_is_not_reported_by_this_ones_tracker():
    document = delta((paths.POSITION, PLACE), context="vessels.urn:mrn:imo:mmsi:265123456")

    assert decoded(document).ignored == {"other_vessel": 1}


@pytest.mark.parametrize("state", ["alert", "warn", "alarm", "emergency", "normal", "nominal"])
def test_a_man_overboard_is_over_only_when_it_is_calm_again(state):
    value = {"state": state, "message": "", "position": {"latitude": 57, "longitude": 11}}

    [alert] = decoded(delta((paths.MAN_OVERBOARD + ".7f3a", value))).alerts

    assert alert.is_over == (state in ("normal", "nominal"))
    assert (alert.text, alert.vessel_id) == ("Man overboard", VESSEL)
    assert (alert.latitude, alert.longitude) == (57, 11)


def test_a_place_that_is_none_is_left_out_of_an_alert():
    places = [None, "here", {"latitude": "x", "longitude": 1}, {"latitude": 99, "longitude": 1}]

    for place in places:
        value = {"state": "alarm", "position": place}
        [alert] = decoded(delta((paths.MAN_OVERBOARD, value))).alerts
        assert alert.latitude is alert.longitude is None


def test_particulars_that_can_not_be_are_left_out():
    found = decoded(
        delta(
            ("", {"name": 7, "registrations": {"imo": "IMO 12"}}),
            ("design.beam", -1),
            ("design.length.overall", 24),
            ("design.aisShipType", {"id": 3.5}),
            ("navigation.destination.commonName", " @ "),
            at=None,
        )
    )

    [said] = found.static
    assert (said.name, said.imo_number, said.beam_metres, said.destination) == (None,) * 4
    assert (said.length_metres, said.ship_type) == (24, None)
    assert said.recorded_at == captures.NOW


def test_parts_of_a_delta_that_are_not_of_its_shape_are_passed_over():
    document = {"updates": [7, {"values": 7}, {"values": [7, {"path": 7}]}], "context": 7}

    assert decoded(document).ignored == {"not_a_vessel": 1}
    assert decoded(document | {"context": None}).ignored == {"not_a_position": 1}
