"""Transmissions of several sentences: any order, interleaved, bounded and ageing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.trackers.ais.assembly import AGE_MAX, OPEN_MAX, Assembler
from tests.trackers.nmea_lines import block, closed

NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
UNIX = int(NOW.timestamp())
ONE = b"!AIVDM,1,1,,A,13`fL1PP140KCELMBO7SS?wH0@Jv,0*50"
FIRST = closed("AIVDM,2,1,1,A,55?MbV02;H;s<HtKR20EHE:0@T4@Dn2222222216L961O5Gf0NSQEp6ClRp8,0")
LAST = closed("AIVDM,2,2,1,A,88888888880,2")


def part(number, total=2, sequence="1", channel="A", payload="000", talker="AI"):
    return closed(f"{talker}VDM,{total},{number},{sequence},{channel},{payload},0")


def taken(*lines, assembler=None, now=NOW):
    assembler = assembler or Assembler()
    found = [assembler.take(line, now) for line in lines]
    return [one for one in found if one is not None]


def test_a_single_sentence_is_whole_at_once():
    [one] = taken(ONE)

    assert one.sentences == (ONE,)
    assert one.payload == b"13`fL1PP140KCELMBO7SS?wH0@Jv"
    assert (one.received_at, one.is_own_ship) == (None, False)


@pytest.mark.parametrize("lines", [(FIRST, LAST), (LAST, FIRST), (FIRST, ONE, FIRST, LAST)])
def test_parts_come_in_any_order_between_others_and_repeated(lines):
    whole = taken(*lines)[-1]

    assert whole.sentences == (FIRST, LAST)
    assert whole.payload.endswith(b"ClRp888888888880")
    assert whole.fill_bits == 2


def test_transmissions_of_other_talkers_ids_channels_and_stations_do_not_mix():
    streams = [
        {},
        {"talker": "BS"},
        {"sequence": "2"},
        {"sequence": ""},
        {"channel": "B"},
        {"total": 3},
    ]
    firsts = [part(1, **one) for one in streams] + [block("s:pier") + part(1)]
    lasts = [part(2, **one, payload="111") for one in streams] + [
        block("s:pier") + part(2, payload="111")
    ]

    assert len(taken(*firsts, *reversed(lasts))) == len(streams)
    assert len(taken(*firsts, *lasts, part(3, total=3))) == len(streams) + 1


@pytest.mark.parametrize("named", [(1,), (2,), (1, 2)])
def test_a_station_may_name_itself_with_one_part_only(named):
    lines = [part(n) + (b",b003660465" if n in named else b"") for n in (1, 2)]

    assert len(taken(*lines)) == 1


def test_the_time_of_one_line_is_the_time_of_all_lines_of_its_group():
    first = block(f"g:1-3-42,s:pier,c:{UNIX}") + part(1)
    second = block("g:2-3-42") + part(2)
    third = block("g:3-3-42") + ONE

    assert [one.received_at for one in taken(first, second, third)] == [NOW, NOW]
    assert taken(second, first)[0].received_at == NOW


def test_parts_that_are_ten_seconds_apart_do_not_belong_together():
    assembler = Assembler()
    taken(part(1), assembler=assembler, now=NOW)

    late = NOW + AGE_MAX + timedelta(seconds=1)

    assert taken(part(2), assembler=assembler, now=late) == []
    assert assembler.ignored == {"incomplete": 1}
    assert assembler.waiting == 1


def test_parts_whose_receivers_disagree_about_the_time_do_not_belong_together():
    assembler = Assembler()
    other, first, last = (block(f"c:{UNIX + second}") for second in (0, -8, 5))

    lines = (other + part(1, sequence="5"), first + part(1), last + part(2))

    assert taken(*lines, assembler=assembler) == []
    assert assembler.ignored == {"incomplete": 1}


def test_a_sequence_id_that_comes_round_begins_another_message():
    assembler = Assembler()

    [whole] = taken(
        part(1, payload="111"), part(1, payload="222"), part(2), assembler=assembler
    )

    assert whole.payload == b"222000"
    assert assembler.ignored == {"incomplete": 1}


def test_unfinished_transmissions_are_bounded_and_the_oldest_goes_first():
    assembler = Assembler()
    stations = [block(f"s:r{number}") for number in range(OPEN_MAX + 1)]

    taken(*(station + part(1) for station in stations), assembler=assembler)

    assert assembler.waiting == OPEN_MAX
    assert taken(stations[0] + part(2), assembler=assembler) == []
    assert len(taken(stations[-1] + part(2), assembler=assembler)) == 1


def test_the_times_of_groups_are_bounded():
    assembler = Assembler()

    for group in range(OPEN_MAX + 1):
        taken(block(f"g:1-2-{group},c:{UNIX}") + ONE, assembler=assembler)

    [oldest] = taken(block("g:2-2-0") + ONE, assembler=assembler)
    [newest] = taken(block(f"g:2-2-{OPEN_MAX}") + ONE, assembler=assembler)
    assert (oldest.received_at, newest.received_at) == (None, NOW)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (b"hello", "not_a_sentence"),
        (closed("GPVTG,,T,,M,0.0,N,0.0,K", b"$"), "not_ais"),
        (ONE[:-1] + b"1", "bad_checksum"),
        (closed("AIVDM,1,1,,A,000"), "unreadable"),
        (closed("AIVDM,1,1,,A,,0"), "unreadable"),
        (closed("AIVDM,1,1,,A,0X0,0"), "unreadable"),
        (closed("AIVDM,1,1,,A,000,6"), "unreadable"),
        (closed("AIVDM,0,0,,A,000,0"), "unreadable"),
        (closed("AIVDM,2,3,1,A,000,0"), "unreadable"),
        (closed("AIVDM,12,1,1,A,000,0"), "unreadable"),
    ],
)
def test_a_line_that_is_no_use_is_counted_by_a_word(line, word):
    assembler = Assembler()

    assert taken(line, assembler=assembler) == []
    assert assembler.ignored == {word: 1}


@pytest.mark.parametrize("kind", ["VDM", "VDO"])
def test_a_transmission_by_itself_is_the_same_transmission_with_its_time(kind):
    lines = [closed(f"AI{kind},2,{number},7,,00{number},{number}") for number in (1, 2)]
    [whole] = taken(*lines)

    [again] = taken(*whole.by_itself(NOW).splitlines())

    assert again.received_at == NOW
    assert (again.sentences, again.payload, again.is_own_ship) == (
        whole.sentences,
        whole.payload,
        kind == "VDO",
    )


@given(st.permutations([part(n, 4, payload=str(n)) for n in (1, 2, 3, 4)]))
def test_every_order_of_four_parts_gives_one_message(lines):
    [whole] = taken(*lines)

    assert whole.payload == b"1234"


@given(st.lists(st.builds(part, st.integers(0, 10), st.integers(0, 10)), max_size=80))
def test_no_stream_of_parts_grows_the_assembler_beyond_its_bounds(lines):
    assembler = Assembler()

    taken(*lines, assembler=assembler)

    assert assembler.waiting <= OPEN_MAX
