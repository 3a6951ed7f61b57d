"""harbor.client reads text/event-stream by the letter of WHATWG HTML 9.2."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harbor.client import Parser


def told(raw: str) -> list[tuple[str, str]]:
    return [(one.kind, one.data) for one in Parser().take(raw.encode())]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_lines_end_as_the_standard_allows(end):
    assert told(f"event: a{end}data: 1{end}data: 2{end}{end}") == [("a", "1\n2")]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("data:1\n\n", [("message", "1")]),
        ("data:  1\n\n", [("message", " 1")]),
        ("data\n\n", [("message", "")]),
        ("data: 1\n", []),
        ("event: a\n\ndata: 1\n\n", [("message", "1")]),
        (": data: 1\n\n", []),
        ("nonsense: x\ndata: 1\n\n", [("message", "1")]),
        ("\ufeffdata: 1\n\n", [("message", "1")]),
        ("\ufeff\ufeffdata: 1\n\n", []),
        ("data: 1\n\n\ufeffdata: 2\n\n", [("message", "1")]),
        ("data: Hönö\n\n", [("message", "Hönö")]),
        ("data: a:b\n\n", [("message", "a:b")]),
    ],
)
def test_fields_are_read_as_the_standard_says(raw, expected):
    assert told(raw) == expected


@pytest.mark.parametrize(
    ("raw", "last"),
    [
        ("id: 1\ndata: x\n\n", "1"),
        ("id: 1\n\n", "1"),
        ("id: 1\ndata: x\n\ndata: y\n\n", "1"),
        ("id: 1\ndata: x\n\nid: 2\ndata: y\n", "1"),
        ("id: 1\ndata: x\n\nid: 2\0\ndata: y\n\n", "1"),
        ("id: 1\ndata: x\n\nid\ndata: y\n\n", ""),
    ],
)
def test_the_last_id_sticks_until_a_whole_event_changes_it(raw, last):
    parser = Parser()

    list(parser.take(raw.encode()))

    assert parser.last_event_id == last


@pytest.mark.parametrize(
    ("raw", "retry"), [("3000", 3000), ("1s", None), ("", None), ("-1", None), ("٣", None)]
)
def test_retry_is_digits_only(raw, retry):
    parser = Parser()

    list(parser.take(f"retry: {raw}\n\n".encode()))

    assert parser.retry_ms == retry


LINES = st.sampled_from(
    ["data: Hönö 船", "id: e-1", "event: a", ": c", "", "data", "retry: 5", "\ufeffx"]
)
SEEN = st.lists(st.tuples(LINES, st.sampled_from(["\n", "\r", "\r\n"])), max_size=20)


@given(lines=SEEN, cuts=st.lists(st.integers(0, 400), max_size=8))
def test_where_the_network_cuts_makes_no_difference(lines, cuts):
    raw = "".join(line + end for line, end in lines).encode()
    whole, cut = Parser(), Parser()
    edges = sorted({0, len(raw), *(min(one, len(raw)) for one in cuts)})

    expected = list(whole.take(raw))
    pieces = [raw[a:b] for a, b in pairwise(edges)]
    got = [frame for piece in pieces for frame in cut.take(piece)]

    assert got == expected
    assert (cut.last_event_id, cut.retry_ms, cut.comments) == (
        whole.last_event_id,
        whole.retry_ms,
        whole.comments,
    )
