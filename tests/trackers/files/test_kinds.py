"""Which reader a file gets, and that none of them meets what it can't refuse by name."""

import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harbor.errors import Malformed
from harbor.trackers.files import KINDS, kind_of
from harbor.trackers.message import Message
from harbor.trackers.registry import DECODERS
from tests.trackers.captures import FOLDER, LIMITS, own_sender
from tests.trackers.files.test_captures import FILES

NAMES = [*KINDS]
WHOLE = {
    name: [one for one in FILES if one.suffix == f".{name}"]
    or sorted((FOLDER / name).glob("*.raw"))
    for name in NAMES
}
"""Captures of each kind."""


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.gpx", b"", "gpx"),
        ("A.GPX.GZ", b"", "gpx"),
        ("a.tsv", b"", "csv"),
        ("a.jsonl", b"", "ndjson"),
        ("a", b"\xef\xbb\xbf <?xml", "gpx"),
        ("a.dat", b'{"recorded_at"', "ndjson"),
        ("a.dat", b"time,lat,lon", "csv"),
        ("a.log", b"$GPRMC,", "nmea"),
        ("a.txt", b"\\s:a*00\\$GPRMC,", "nmea"),
        ("a.nmea", b"", "nmea"),
    ],
)
def test_the_name_tells_the_kind_and_else_the_first_sign(name, head, kind):
    assert kind_of(name, head).name == kind


def check(kind, content):
    """Things in order, each with an outcome; or a named refusal."""
    before = 0
    with suppress(Malformed):
        for stretch in KINDS[kind].read(io.BytesIO(content), own_sender(), LIMITS, 0):
            numbers = [one.index for one in stretch.decoded.accepted]
            numbers += [one.index for one in stretch.decoded.rejected]
            assert len(set(numbers)) == len(numbers)
            assert all(before < number <= stretch.until for number in numbers)
            assert len(numbers) + sum(stretch.decoded.ignored.values()) == stretch.count
            before = stretch.until
            check_raw_forms(stretch, DECODERS[KINDS[kind].raw_format])


def check_raw_forms(stretch, decode):
    """What quarantine keeps of a position gives it again."""
    for one in stretch.decoded.accepted:
        [again] = decode(Message(one.raw), own_sender(), LIMITS).accepted
        assert again.report == one.report


@pytest.mark.parametrize("kind", NAMES)
@settings(max_examples=50)
@given(content=st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_by_name(kind, content):
    check(kind, content)


@pytest.mark.parametrize("kind", NAMES)
@settings(max_examples=40)
@given(data=st.data())
def test_a_file_of_ours_with_some_bytes_changed_is_read_or_refused_by_name(kind, data):
    whole = data.draw(st.sampled_from(WHOLE[kind])).read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    gone = data.draw(st.integers(0, 30))

    check(kind, whole[:at] + data.draw(st.binary(max_size=12)) + whole[at + gone :])


CELLS = st.one_of(
    st.sampled_from(["", "57.66", "-11.8", "2025-06-01T08:00:00Z", "nan", "1748764800", "511"]),
    st.text(max_size=12),
)


@settings(max_examples=50)
@given(rows=st.lists(st.lists(CELLS, max_size=7), max_size=6))
def test_a_table_of_anything_is_read_or_refused_by_name(rows):
    head = "vessel,time,lat,lon,sog,cog\n"
    check("csv", (head + "\n".join(map(",".join, rows))).encode(errors="surrogatepass"))


ATTRIBUTES = st.text("0123456789.-+eNaif ", max_size=8)


@settings(max_examples=50)
@given(
    points=st.lists(
        st.tuples(ATTRIBUTES, ATTRIBUTES, ATTRIBUTES, st.text("0:-TZ.+ 9", max_size=25))
    )
)
def test_a_track_of_anything_is_read_or_refused_by_name(points):
    inside = "".join(
        f"<trkpt lat='{lat}' lon='{lon}'><ele>{ele}</ele><time>{time}</time></trkpt>"
        for lat, lon, ele, time in points
    )
    check("gpx", f"<gpx><trk><trkseg>{inside}</trkseg></trk></gpx>".encode())
