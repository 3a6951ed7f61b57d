"""Lines of NMEA 0183: checksums, tag blocks before and after, and what coast guards add."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.trackers.sentence import Refusal, Sentence, read, tagged, to_the_millisecond
from tests.trackers.nmea_lines import block, closed

AIS = b"!AIVDM,1,1,,A,13`fL1PP140KCELMBO7SS?wH0@Jv,0*50"
AT = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
UNIX = int(AT.timestamp())


@pytest.mark.parametrize(
    ("line", "at", "station", "group"),
    [
        (AIS, None, b"", b""),
        (b"  2026-05-04 12:30 " + AIS + b"\r\n", None, b"", b""),
        (block(f"s:pier,c:{UNIX}") + AIS, AT, b"pier", b""),
        (block(f"c:{UNIX}000") + b" " + AIS, AT, b"", b""),
        (
            block(f"g:1-2-73874,n:157036,s:r003669945,c:{UNIX}") + AIS,
            AT,
            b"r003669945",
            b"73874",
        ),
        (block("g:2-2-73874,n:157037") + AIS, None, b"", b"73874"),
        (block("t:nothing known") + AIS, None, b"", b""),
        (AIS + block(f"s:pier,c:{UNIX}"), AT, b"pier", b""),
        (AIS + b",d-109,S2105,T12.34,x7,r003669946," + b"%d" % UNIX, AT, b"r003669946", b""),
        (AIS + b",%d" % UNIX, AT, b"", b""),
        (AIS + b",b003669710", None, b"b003669710", b""),
    ],
)
def test_a_line_gives_its_sentence_and_who_heard_it_when(line, at, station, group):
    found = read(line)

    assert found == Sentence(AIS, tuple(AIS[1:-3].split(b",")), at, station, group)


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (b"", Refusal.NOT_A_SENTENCE),
        (b"# a comment", Refusal.NOT_A_SENTENCE),
        (AIS.replace(b"*50", b""), Refusal.NOT_A_SENTENCE),
        (AIS.replace(b"*50", b"*51"), Refusal.BAD_CHECKSUM),
        (AIS.replace(b"13`f", b"13`g"), Refusal.BAD_CHECKSUM),
        (b"\\c:1*00\\" + AIS, Refusal.BAD_CHECKSUM),
        (b"\\c:1\\" + AIS, Refusal.BAD_CHECKSUM),
        (b"\\c:1*xx\\" + AIS, Refusal.BAD_CHECKSUM),
        (b"c:1777897800*5F\\" + AIS, Refusal.BAD_CHECKSUM),
        (AIS + b"\\c:1777897800*5F", Refusal.BAD_CHECKSUM),
        (block("c:soon") + AIS, Refusal.UNREADABLE),
        (block("c:") + AIS, Refusal.UNREADABLE),
        (block("c:999999999999999") + AIS, Refusal.UNREADABLE),
    ],
)
def test_a_damaged_line_is_refused_by_a_word(line, refusal):
    assert read(line) is refusal


@given(st.integers(-26 * 365 * 86_400 * 10**6, 70 * 365 * 86_400 * 10**6))
def test_a_tag_block_keeps_a_moment_to_the_millisecond(microseconds):
    at = to_the_millisecond(AT + timedelta(microseconds=microseconds))

    found = read(tagged(AIS, at))

    assert isinstance(found, Sentence)
    assert (found.raw, found.received_at) == (AIS, at)


@pytest.mark.parametrize(
    "address", [b"\xf2\x12VDM", b"1IVDM", b"ai VDM", b"", b"A\\VDM", b"A$VDM"]
)
def test_what_is_no_sentence_behind_a_tag_block_is_none_by_itself_either(address):
    line = closed(address + b",1,1,,A,0,0")

    assert type(read(line)) is type(read(tagged(line, AT)))


@given(st.binary(max_size=120) | st.binary(max_size=60).map(lambda junk: junk + closed(junk)))
def test_any_line_is_a_sentence_or_refused(line):
    assert isinstance(read(line), Sentence | Refusal)
