"""GPX: a stream of points, and documents that are refused."""

import tracemalloc

import pytest

from harbor.errors import Malformed
from harbor.trackers.files import gpx
from harbor.trackers.files.stretch import Entry
from tests.trackers.files.readers import accepted, faults, reports, stretches

POINT = "<trkpt lat='57.66' lon='11.8'><time>2025-06-01T08:00:00Z</time>{}</trkpt>"


def document(*points, root="gpx"):
    return f"<{root}><trk><trkseg>{''.join(points)}</trkseg></trk></{root}>"


@pytest.mark.parametrize(
    ("extra", "speed_knots"),
    [
        ("<speed>5.144444</speed>", 10),
        ("<speed>-1</speed>", None),
        ("<speed>fast</speed>", None),
        (
            "<extensions><x:speed xmlns:x='https://osmand.net'>5.144444</x:speed></extensions>",
            10,
        ),
        ("<extensions><x:speed xmlns:x='urn:mine'>5.144444</x:speed></extensions>", None),
    ],
)
def test_a_speed_is_taken_where_its_unit_is_known(extra, speed_knots):
    [report] = reports("gpx", document(POINT.format(extra)))

    assert report.speed_knots == pytest.approx(speed_knots, abs=1e-5)


def test_a_point_with_too_many_elements_in_it_is_none_the_worse():
    extra = "<name>A buoy</name><extensions><speed>9</speed><a><b>1</b></a></extensions>"

    [report] = reports("gpx", document(POINT.format(extra)))

    assert report.latitude == 57.66


def test_a_remark_of_any_length_is_passed_over():
    remark = "<cmt>" + "<![CDATA[" + "x" * 500 + "]]>" * 1 + "y" * 9000 + "&#10;" + "z</cmt>"

    [report] = reports("gpx", document(POINT.format(remark)))

    assert report.latitude == 57.66


def test_a_point_without_a_place_is_rejected_by_itself():
    bare = "<trkpt><time>2025-06-01T08:00:00Z</time></trkpt>"

    assert [code for code, _ in faults("gpx", document(bare))] == ["missing", "missing"]


def test_stretches_go_on_behind_what_was_dealt_with():
    whole = document(*[POINT.format("")] * 7)

    found = stretches("gpx", whole, after=3, size=2)

    assert [[one.index for one in accepted(stretch)] for stretch in found] == [[4, 5], [6, 7]]
    assert [stretch.until for stretch in found] == [5, 7]


def test_a_document_that_breaks_off_gives_all_before_and_says_where():
    whole = document(*[POINT.format("\n")] * 3)
    found = gpx.entries(Pieces(whole.encode()[:-21]))

    kept = []
    with pytest.raises(Malformed, match=r"line \d, column \d+: no element found"):
        kept.extend(found)
    assert [one.number for one in kept] == [1, 2, 3]
    assert all(isinstance(one, Entry) for one in kept)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<kml></kml>", "This is not GPX: its outermost element is <kml>"),
        ("", "no element found"),
        ("<!DOCTYPE gpx [<!ENTITY a 'b'>]><gpx>&a;</gpx>", "a DOCTYPE, which GPX has not"),
        ("<gpx>&a;</gpx>", "undefined entity"),
        ("<gpx></trk></gpx>", "line 1, column 8: mismatched tag"),
        ("<gpx>" + "<a>" * 70, "elements in elements, 64 deep"),
        ("<?xml version='1.0' encoding='utf-32'?><gpx/>", "line 1"),
        ("<?xml version='1.0' encoding='nobody-s'?><gpx/>", "unknown encoding"),
    ],
)
def test_what_is_no_gpx_is_refused_by_name(content, words):
    with pytest.raises(Malformed, match=words):
        stretches("gpx", content)


def test_a_tag_without_an_end_is_given_up_before_it_fills_memory():
    endless = Pieces(b"<gpx><trk name='", *[b"x" * 65_536] * 1000)

    tracemalloc.start()
    with pytest.raises(Malformed, match="a tag of more than 1,048,576 bytes"):
        list(gpx.entries(endless))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 10_000_000


class Pieces:
    """A file that is read piece by piece."""

    def __init__(self, *pieces):
        self._left = list(pieces)

    def read(self, _):
        return self._left.pop(0) if self._left else b""
