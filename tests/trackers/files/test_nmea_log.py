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
    drafts = [Draft(at, item, b"{}") for at, item in enumerate(items)]
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
    assert [one.index for one in found] == sorted({one.index for one in found})


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


def test_a_log_without_any_time_is_cut_by_its_length():
    pieces = list(nmea_log.pieces(io.BytesIO(b"$GPVTG,1,T*00\n" * 25), 10))

    assert [len(piece) for piece in pieces] == [10, 10, 5]
