"""Lines off the wire: what is kept of them, and the time they are given."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.gateway.entry import Entry, Kind, Part
from harbor.gateway.lines import CORRUPT, OTHER, checksum, delta_entry, entry_of
from tests.trackers import senders

NOW_MS = 1_777_896_000_250
AIS = b"!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*24"
RMC = b"$GPRMC,120000,A,5739.6,N,01148.0,E,9.5,270.0,040526,,*2A"
DELTA = {"updates": [{"values": [{"path": "navigation.position", "value": None}]}]}


def with_checksum(content: bytes, mark=b"$") -> bytes:
    return b"%b%b*%02X" % (mark, content, checksum(content))


@given(st.binary(max_size=300))
def test_any_bytes_are_an_entry_or_a_word(line):
    found = entry_of(line, NOW_MS)

    assert isinstance(found, Entry) or found in (OTHER, CORRUPT)


@given(senders.documents(["updates", "values", "context", "timestamp"]))
def test_any_json_is_an_entry_or_a_word(document):
    line = json.dumps({"updates": document}).encode()

    found = entry_of(line, NOW_MS)

    assert isinstance(found, Entry) or found in (OTHER, CORRUPT)


def test_a_delta_nested_deeper_than_can_be_written_again_is_damaged_and_stops_nothing():
    deep = b"[" * 300 + b"]" * 300

    assert entry_of(b'{"updates":[{"values":%b}]}' % deep, NOW_MS) == CORRUPT


@given(st.from_regex(rb"\A[!$\\A-Z0-9,.*:;@<>=?c-]{1,80}\Z"))
def test_a_line_that_is_kept_is_kept_the_same_a_second_time(line):
    found = entry_of(line, NOW_MS)

    if isinstance(found, Entry):
        again = entry_of(found.body, NOW_MS + 60_000)
        assert isinstance(again, Entry)
        assert again.body == found.body


def test_a_line_without_a_time_gets_that_of_its_reception():
    found = entry_of(AIS + b"\r", NOW_MS)

    assert found.kind is Kind.AIS
    assert found.body == b"\\c:1777896000250*6F\\" + AIS


def test_a_tag_block_that_has_no_time_is_completed():
    tags = b"s:pier"

    found = entry_of(b"\\%b*%02X\\%b" % (tags, checksum(tags), AIS), NOW_MS)

    both = b"s:pier,c:1777896000250"
    assert found.body == b"\\%b*%02X\\%b" % (both, checksum(both), AIS)


@pytest.mark.parametrize(
    "line",
    [
        b"\\s:pier,c:1777890000*35\\" + AIS,
        b"\\c:1777890000\\" + AIS,
        AIS + b"\\s:pier,c:1777890000*35\\",
        AIS + b",r003669946,1325394060",
    ],
)
def test_a_line_that_says_its_time_stays_as_it_is(line):
    assert entry_of(line, NOW_MS).body == line


def test_what_a_multicast_datagram_begins_with_is_taken_off():
    assert entry_of(b"UdPbC\0" + AIS, NOW_MS).body.endswith(AIS)


@pytest.mark.parametrize("formatter", ["RMC", "GGA", "GLL", "VTG", "HDT", "ZDA"])
def test_sentences_of_positioning_are_kept_from_any_talker(formatter):
    for talker in ("GP", "GN", "II"):
        line = with_checksum(f"{talker}{formatter},1,2".encode())
        assert entry_of(line, NOW_MS).kind is Kind.NMEA


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (b"$GPGSV,3,1,11*00", OTHER),
        (b"$PGRME,15.0,M*00", OTHER),
        (b"hello", OTHER),
        (b"[1]", OTHER),
        (b'{"class":"AIS"}', OTHER),
        (b'{"updates":[{"meta":[]}]}', OTHER),
        (b'{"updates":[', CORRUPT),
        (AIS[:-2] + b"25", CORRUPT),
        (b"\\s:pier*00\\" + AIS, CORRUPT),
        (b"!AIVDM,1,1,,A,\xff,0*00", CORRUPT),
        (b"!AIVDM,1,1,,A," + b"1" * 1100, CORRUPT),
    ],
)
def test_what_harbor_can_not_use_is_left_out_with_a_word(line, word):
    assert entry_of(line, NOW_MS) == word


def test_a_sentence_without_a_checksum_is_left_to_the_server_to_judge():
    assert entry_of(b"!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0", NOW_MS).kind is Kind.AIS


def test_the_parts_of_a_message_are_known_by_talker_sequence_and_channel():
    first = entry_of(with_checksum(b"AIVDM,2,1,3,B,55,0", b"!"), NOW_MS)
    second = entry_of(with_checksum(b"AIVDM,2,2,3,B,1,2", b"!"), NOW_MS)

    assert first.part == Part("AI,3,B", 1, 2)
    assert second.part == Part("AI,3,B", 2, 2)


@pytest.mark.parametrize("fields", [b"1,1", b"x,1", b"2,3", b"2,0", b"12,1", b"2"])
def test_a_part_of_nothing_sensible_is_a_line_like_others(fields):
    assert entry_of(with_checksum(b"AIVDM,%b,3,B,55,0" % fields, b"!"), NOW_MS).part is None


def test_a_delta_keeps_its_own_time_and_gets_one_where_it_has_none():
    stated = {"timestamp": "2026-05-04T11:00:00Z", "values": [1]}
    whole = stated | {"$source": "gps.1", "source": {"label": "gps"}}
    line = json.dumps({"updates": [whole, {"values": [2]}, {"meta": [3]}]}).encode()

    body = json.loads(entry_of(line, NOW_MS).body)

    assert body["updates"] == [
        stated,
        {"values": [2], "timestamp": "2026-05-04T12:00:00.250Z"},
    ]


def test_every_value_came_just_now_where_the_clocks_aboard_are_wrong():
    line = json.dumps({"updates": [{"timestamp": "1999-01-01T00:00:00Z", "values": [1]}]})

    body = json.loads(delta_entry(line.encode(), NOW_MS, is_stamped_anew=True).body)

    assert body["updates"][0]["timestamp"] == "2026-05-04T12:00:00.250Z"


def test_a_delta_of_the_boat_itself_says_so_whatever_her_server_calls_her():
    own = "vessels.urn:mrn:signalk:uuid:1"

    def context(delta):
        return json.loads(delta_entry(json.dumps(delta).encode(), NOW_MS, own).body)["context"]

    assert context(DELTA | {"context": own}) == "vessels.self"
    assert context(DELTA | {"context": "vessels.other"}) == "vessels.other"
