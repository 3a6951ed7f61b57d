"""What waits on disk."""

import sqlite3

import pytest

from harbor.errors import Misconfigured
from harbor.gateway.batch import Size
from harbor.gateway.buffer import ROW_BYTES, Buffer, Mark
from harbor.gateway.entry import Entry, Kind, Part

NOW_MS = 1_777_896_000_000
SIZE = Size()
TRACKER = "d1"


def entry(body=b"line", kind=Kind.AIS, received_ms=NOW_MS - 60_000, part=None):
    return Entry(kind, body, received_ms, part)


@pytest.fixture
def open_buffer(tmp_path):
    opened = []

    def open_one(tracker=TRACKER, bytes_max=1_000_000):
        opened.append(Buffer(tmp_path / "buffer.db", tracker, bytes_max))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def test_what_was_kept_is_there_after_a_restart(open_buffer):
    before = open_buffer()
    before.add([entry(b"one", part=Part("a", 1, 2)), entry(b"two", part=Part("a", 2, 2))])
    before.close()

    after = open_buffer()

    assert (after.waiting.lines, after.waiting.bytes) == (2, 6)
    assert after.next_batch(SIZE, NOW_MS).bodies == (b"one", b"two")


def test_a_batch_is_the_same_until_it_was_acknowledged_also_over_a_restart(open_buffer):
    before = open_buffer()
    before.add([entry(b"one")])
    sent = before.next_batch(SIZE, NOW_MS)
    before.add([entry(b"two")])
    before.close()

    after = open_buffer()

    assert after.next_batch(SIZE, NOW_MS) == sent
    after.remove(sent)
    assert after.next_batch(SIZE, NOW_MS).bodies == (b"two",)


def test_a_batch_that_was_released_is_chosen_anew_under_another_id(open_buffer):
    buffer = open_buffer()
    buffer.add([entry(b"one", received_ms=1), entry(b"two", received_ms=500)])
    whole = buffer.next_batch(SIZE, NOW_MS)

    buffer.release(whole)
    half = buffer.next_batch(Size(lines=1), NOW_MS)

    assert half.bodies == (b"one",)
    assert half.message_id != whole.message_id


def test_a_batch_holds_one_format(open_buffer):
    buffer = open_buffer()
    buffer.add([entry(b"1"), entry(b"2", Kind.NMEA), entry(b"3")])

    first = buffer.next_batch(SIZE, NOW_MS)
    buffer.remove(first)
    second = buffer.next_batch(SIZE, NOW_MS)

    assert (first.kind, first.bodies) == (Kind.AIS, (b"1", b"3"))
    assert (second.kind, second.bodies) == (Kind.NMEA, (b"2",))


def test_when_it_is_full_the_oldest_are_kept_and_the_newest_counted_out(open_buffer):
    buffer = open_buffer(bytes_max=3 * (ROW_BYTES + 1))

    kept = buffer.add([entry(b"%d" % n) for n in range(5)])

    assert kept == 3
    assert buffer.add([entry(b"9")]) == 0
    assert not buffer.has_room(1)
    first = buffer.next_batch(SIZE, NOW_MS)
    assert first.bodies == (b"0", b"1", b"2")
    buffer.remove(first)
    assert buffer.add([entry(b"9")]) == 1


def test_how_far_a_source_was_read_is_kept_with_its_lines(open_buffer):
    buffer = open_buffer()

    buffer.add([entry()], Mark("file", "7:100"))
    buffer.add([], Mark("file", "7:200"))

    assert buffer.mark("file") == "7:200"
    assert buffer.mark("another") is None


def test_a_commit_that_fails_leaves_nothing_and_counts_nothing(open_buffer):
    buffer = open_buffer()

    with pytest.raises(sqlite3.Error):
        buffer.add([entry(b"one"), entry(b"two", received_ms=None)])

    assert buffer.waiting.lines == 0
    assert buffer.add([entry(b"three")]) == 1


def test_two_gateways_can_not_share_a_buffer(open_buffer):
    open_buffer()

    with pytest.raises(Misconfigured, match="Another gateway"):
        open_buffer()


def test_lines_of_one_tracker_are_never_posted_as_anothers(open_buffer):
    open_buffer().close()

    with pytest.raises(Misconfigured, match="tracker d1"):
        open_buffer("d2")


def test_a_file_that_is_no_buffer_is_refused_by_name(tmp_path):
    (tmp_path / "x.db").write_bytes(b"not a database at all" * 100)

    with pytest.raises(Misconfigured, match=r"x\.db can't be used"):
        Buffer(tmp_path / "x.db", TRACKER, 1000)


def test_a_place_that_can_not_be_written_is_refused_by_name(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(Misconfigured, match="can't be opened"):
        Buffer(tmp_path / "file" / "x.db", TRACKER, 1000)


def test_what_is_in_the_buffer_is_nobody_elses_to_read(open_buffer, tmp_path):
    open_buffer().sync()

    assert (tmp_path / "buffer.db").stat().st_mode & 0o077 == 0
