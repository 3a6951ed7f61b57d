"""Logs of NMEA sentences: cut between moments, decoded piece by piece."""

import io
from dataclasses import replace

import pytest

from harbor.errors import Malformed
from harbor.trackers.contract import Draft, judge_all
from harbor.trackers.files import nmea_log
from harbor.trackers.message import Decoded
from tests.trackers.captures import LIMITS, own_sender


def moment(number):
    time = f"0800{number:02}.00"
    return [
        f"$GPGGA,{time},5739.6,N,01148.0,E,1,8,1.0,3.0,M,0,M,,*00\r\n".encode(),
        f"$GPGLL,5739.6,N,01148.0,E,{time},A*00\r\n".encode(),
        b"$GPVTG,254.0,T,,M,8.0,N,14.8,K*00\r\n",
        f"$GPRMC,{time},A,5739.6,N,01148.0,E,8.0,254.0,010625,,*00\r\n".encode(),
    ]


LOG = [line for number in range(6) for line in moment(number)]


def decode(message, sender, limits):
    """One report for each RMC, as the decoder of `nmea` gives one for each moment."""
    found = [line for line in message.body.splitlines() if b"RMC" in line]
    if not found:
        raise Malformed("no sentence")
    seconds = [line.split(b",")[1][4:6].decode() for line in found]
    items = [
        {"recorded_at": f"2025-06-01T08:00:{at}Z", "latitude": 57.66, "longitude": 11.8}
        for at in seconds
    ]
    raws = found if b"lost" not in message.body else [b"nowhere"] * len(found)
    drafts = [
        Draft(at, item, raw) for at, (item, raw) in enumerate(zip(items, raws, strict=True))
    ]
    return Decoded(True, *judge_all(drafts, sender, limits))


def read(lines, after=0, size=10):
    limits = replace(LIMITS, reports_max=size)
    stream = io.BytesIO(b"".join(lines))
    return list(nmea_log.reader_of(decode)(stream, own_sender(), limits, after))


@pytest.mark.parametrize("size", range(8, 30))
def test_a_log_is_never_cut_within_a_moment(size):
    pieces = list(nmea_log.pieces(io.BytesIO(b"".join(LOG)), size))

    assert [line for piece in pieces for _, line in piece] == LOG
    assert all(line.startswith(b"$GPGGA") for line in [piece[0][1] for piece in pieces])


def test_all_moments_of_a_log_are_read_whatever_its_pieces():
    found = [one for stretch in read(LOG) for one in stretch.decoded.accepted]

    assert [one.report.recorded_at.second for one in found] == list(range(6))
    assert [one.index for one in found] == [4, 8, 12, 16, 20, 24]


def test_reports_have_numbers_of_their_own_even_where_their_lines_are_not_found():
    found = [one for stretch in read([*LOG, b"lost\r\n"]) for one in stretch.decoded.accepted]

    assert len({one.index for one in found}) == 6


def test_pieces_that_were_dealt_with_are_left_out():
    whole = read(LOG)

    assert read(LOG, after=whole[0].until) == whole[1:]


def test_a_log_that_is_none_is_refused_and_a_stretch_of_noise_is_not():
    noise = [b"~~~~\r\n"] * 10

    with pytest.raises(Malformed):
        read(noise)
    assert [dict(stretch.decoded.ignored) for stretch in read([*LOG[:8], *noise])] == [
        {},
        {"not_nmea": 8},
    ]


UNDATED = [line for line in LOG if b"RMC" not in line]


def seen_moments(lines):
    """What a decoder is given as now, which it takes for the day of what has none."""
    nows = []

    def spy(message, sender, limits):
        nows.append(limits.now)
        return Decoded(True, (), (), {"not_a_position": 1})

    stretches = list(
        nmea_log.reader_of(spy)(
            io.BytesIO(b"".join(lines)), own_sender(), replace(LIMITS, reports_max=8), 0
        )
    )
    return nows, [dict(stretch.decoded.ignored) for stretch in stretches]


def test_a_log_that_never_says_its_date_gives_no_position_of_today():
    _, ignored = seen_moments(UNDATED[:6])

    assert ignored == [{"no_date": 6}]


def test_what_follows_without_a_date_is_of_the_day_that_was_told_before():
    nows, ignored = seen_moments(LOG[:8] + UNDATED[6:14])

    assert nows[:2] == [LIMITS.now] * 2
    assert {one.isoformat() for one in nows[2:]} == {"2025-06-01T20:00:01+00:00"}
    assert all(one == {"not_a_position": 1} for one in ignored)


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        (b"$GPRMC,080001.00,A,,,,,,,010625,,*00", "2025-06-01T08:00:01+00:00"),
        (b"$GPZDA,080001.00,01,06,2025,00,00*00", "2025-06-01T08:00:01+00:00"),
        (b"\\s:a,c:1748764801*00\\$GPGGA,080001*00", "2025-06-01T08:00:01+00:00"),
        (b"\\c:1748764801000*00\\$GPGGA,080001*00", "2025-06-01T08:00:01+00:00"),
        (b"$GPRMC,080001.00,V,,,,,,,,,*00", None),
        (b"$GPRMC,080001.00,A,,,,,,,\xff1625,,*00", None),
        (b"$GPGGA,080001.00,,,*00", None),
        (b"", None),
    ],
)
def test_a_moment_is_told_with_its_date_or_not_at_all(line, moment):
    found = nmea_log.spoken_moment(line)

    assert (found and found.isoformat()) == moment


def test_an_empty_log_has_no_pieces():
    assert read([]) == []


def test_a_log_without_any_time_is_cut_by_its_length():
    pieces = list(nmea_log.pieces(io.BytesIO(b"$GPVTG,1,T*00\n" * 25), 10))

    assert [len(piece) for piece in pieces] == [10, 10, 5]
