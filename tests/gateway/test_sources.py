"""Where lines come from."""

import os
import socket
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from harbor.errors import Misconfigured
from harbor.gateway.batch import Size
from harbor.gateway.buffer import Buffer
from harbor.gateway.datagrams import Datagrams, inherited
from harbor.gateway.intake import Intake, Lines
from harbor.gateway.lines import LINE_LENGTH_MAX
from harbor.gateway.sources import Reading, source_of
from harbor.gateway.standing import Progress
from tests.journeys.fleet_server import free_port, wait_until

AIS = "!AIVDM,1,1,,A,{},0"


class Kept:
    """A buffer with an intake before it."""

    def __init__(self, path):
        self.buffer = Buffer(path, "d1", 10_000_000)
        self.progress = Progress()
        self.intake = Intake(self.buffer, self.progress, clock=lambda: 1_777_896_000.0)

    @property
    def lines(self):
        rows = self.buffer._database.execute("SELECT body FROM line ORDER BY id").fetchall()
        return [row[0].rpartition(b"A,")[2].partition(b",")[0].decode() for row in rows]


@pytest.fixture
def kept(tmp_path):
    kept = Kept(tmp_path / "buffer.db")
    yield kept
    kept.buffer.close()


@contextmanager
def running(source, kept):
    stop = threading.Event()
    thread = threading.Thread(target=source.run, args=(kept.intake, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)
    assert not thread.is_alive()


def written(path, *names, end="\n"):
    path.write_bytes("".join(AIS.format(name) + end for name in names).encode())
    return path


def append(path, *names):
    with path.open("ab") as file:
        file.write("".join(AIS.format(name) + "\n" for name in names).encode())


def test_datagrams_are_kept_as_they_come(kept):
    port = free_port()
    with running(source_of(f"udp://127.0.0.1:{port}", Reading()), kept):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for name in ("a", "b"):
                two = (AIS.format(name) + "\r\n" + AIS.format(name * 2) + "\r\n").encode()
                sender.sendto(two, ("127.0.0.1", port))
        wait_until(lambda: len(kept.lines) == 4, 5)

    assert kept.lines == ["a", "aa", "b", "bb"]


def test_a_socket_that_was_handed_over_is_read_from_where_a_killed_process_left_it(kept):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours:
        for name in "abc":
            ours.send(AIS.format(name).encode())
        first = Datagrams("fd", theirs, is_inherited=True)
        real_recv = theirs.recv

        class Killed(Exception):
            """The process ends between putting a datagram on disk and taking it."""

        def recv(size, flags=0):
            if not flags and kept.lines == ["a", "b"]:
                raise Killed
            return real_recv(size, flags)

        first._socket = type("Socket", (), {"recv": staticmethod(recv)})()
        first._take_one(kept.intake, None)
        with pytest.raises(Killed):
            first._take_one(kept.intake, None)
        with running(Datagrams("fd", theirs, is_inherited=True), kept):
            wait_until(lambda: len(kept.lines) >= 3, 5)

    assert kept.lines == ["a", "b", "c"]


def test_what_is_no_socket_of_datagrams_is_refused():
    with socket.socket() as stream, pytest.raises(Misconfigured, match="datagrams"):
        inherited(os.dup(stream.fileno()))
    with pytest.raises(Misconfigured, match="no socket"):
        inherited(99)


def test_a_port_that_is_taken_is_refused_by_name():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]

        with pytest.raises(Misconfigured, match=str(port)):
            source_of(f"udp://127.0.0.1:{port}", Reading())


def test_a_group_of_multicast_is_joined(kept):
    port = free_port()
    source = source_of(f"udp://239.192.0.1:{port}", Reading())
    with running(source, kept):
        assert "0100C0EF" in Path("/proc/net/igmp").read_text()


def test_a_server_that_hangs_up_is_called_again(kept, monkeypatch):
    monkeypatch.setattr("harbor.gateway.connection.retry_s", lambda failures: 0.01)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with running(source_of(address, Reading()), kept):
            for name in "ab":
                connection, _ = server.accept()
                with connection:
                    half = AIS.format(name).encode()
                    connection.sendall(half[:7])
                    connection.sendall(half[7:] + b"\r\nhalf a li")
            wait_until(lambda: len(kept.lines) == 2, 5)

    assert kept.lines == ["a", "b"]


def test_a_server_that_is_not_there_is_waited_for(kept):
    source = source_of(f"tcp://127.0.0.1:{free_port()}", Reading())
    with running(source, kept):
        wait_until(lambda: "waiting for tcp" in kept.progress.look().source, 5)


def test_a_file_is_read_once_whatever_the_number_of_starts(kept, tmp_path):
    path = written(tmp_path / "x.nmea", "a", "b")

    for _ in range(2):
        source_of(str(path), Reading()).run(kept.intake, threading.Event())
    append(path, "c")
    source_of(str(path), Reading()).run(kept.intake, threading.Event())

    assert kept.lines == ["a", "b", "c"]


def test_a_file_is_read_again_when_that_is_wished(kept, tmp_path):
    path = written(tmp_path / "x.nmea", "a")

    for is_read_anew in (False, True):
        reading = Reading(is_read_anew=is_read_anew)
        source_of(str(path), reading).run(kept.intake, threading.Event())

    assert kept.lines == ["a", "a"]


def test_the_last_line_of_a_file_needs_no_end(kept, tmp_path):
    path = tmp_path / "x.nmea"
    path.write_bytes(AIS.format("a").encode())

    source_of(str(path), Reading()).run(kept.intake, threading.Event())

    assert kept.lines == ["a"]


def test_a_file_is_followed_as_it_grows_and_when_another_takes_its_place(kept, tmp_path):
    path = written(tmp_path / "x.nmea", "a")
    with running(source_of(str(path), Reading(is_followed=True)), kept):
        wait_until(lambda: kept.lines == ["a"], 5)
        append(path, "b")
        wait_until(lambda: kept.lines == ["a", "b"], 5)
        path.rename(tmp_path / "x.nmea.1")
        written(path, "c")
        wait_until(lambda: kept.lines == ["a", "b", "c"], 5)


def test_standard_input_is_read_to_its_end(kept, monkeypatch):
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as pipe:
        monkeypatch.setattr("sys.stdin", pipe)
        os.write(writer, (AIS.format("a") + "\n" + AIS.format("b")).encode())
        os.close(writer)
        source_of("-", Reading()).run(kept.intake, threading.Event())

    assert kept.lines == ["a", "b"]


def test_a_file_waits_while_the_buffer_is_full_and_loses_nothing(kept, tmp_path):
    names = [f"{n:06d}" for n in range(30_000)]
    path = written(tmp_path / "x.nmea", *names)
    kept.buffer._bytes_max = 1_000_000
    taken = []
    with running(source_of(str(path), Reading()), kept):
        while len(taken) < len(names):
            wait_until(lambda: kept.buffer.waiting.lines, 5)
            batch = kept.buffer.next_batch(Size(10_000, 1_000_000), 1_777_896_000_000)
            taken += [body.split(b",")[5].decode() for body in batch.bodies]
            kept.buffer.remove(batch)

    assert taken == names


def test_a_file_of_the_shortest_sentences_waits_for_room_for_all_of_them(kept):
    a_piece_of_a_file = [b"$HEHDT,45.0,T*1E"] * 3_800
    stop = threading.Event()
    stop.set()
    kept.buffer._bytes_max = 300_000

    kept.intake.take(a_piece_of_a_file, stop=stop)

    assert (kept.buffer.waiting.lines, kept.progress.look().counts["no_room"]) == (0, 0)
    kept.buffer._bytes_max = 1_000_000
    kept.intake.take(a_piece_of_a_file, stop=stop)
    assert kept.buffer.waiting.lines == 3_800


def test_damaged_and_useless_lines_are_counted_not_kept(kept):
    kept.intake.take([b"$GPGSV,1", b"", b"\xff\xfe", AIS.format("a").encode()])

    counts = +kept.progress.look().counts
    assert counts == {"read": 3, "kept": 1, "other": 1, "corrupt": 1}


def test_a_file_waits_for_a_disk_that_is_full_and_is_not_marked_as_read(kept, tmp_path):
    names = ["x" * 900] * 50
    path = written(tmp_path / "x.nmea", *names)
    kept.buffer._database.execute("PRAGMA max_page_count = 1")
    with running(source_of(str(path), Reading()), kept):
        pass
    assert kept.lines == []

    kept.buffer._database.execute("PRAGMA max_page_count = 10000")
    source_of(str(path), Reading()).run(kept.intake, threading.Event())

    assert kept.lines == names


def test_a_file_that_finds_no_room_until_the_end_is_read_by_the_next_start(kept, tmp_path):
    path = written(tmp_path / "x.nmea", "a")
    room, kept.buffer._bytes_max = kept.buffer._bytes_max, 10
    with running(source_of(str(path), Reading()), kept):
        pass
    assert kept.lines == []

    kept.buffer._bytes_max = room
    source_of(str(path), Reading()).run(kept.intake, threading.Event())

    assert kept.lines == ["a"]


def test_a_disk_that_is_full_costs_lines_and_not_the_gateway(kept):
    kept.buffer._database.execute("PRAGMA max_page_count = 1")
    lines = [AIS.format("x" * 900).encode() for _ in range(50)]

    kept.intake.take(lines)

    assert kept.progress.look().counts["no_room"] == 50


def test_a_line_without_an_end_is_not_waited_for():
    lines = Lines()

    assert lines.feed(b"x" * (LINE_LENGTH_MAX + 1)) == []
    assert lines.feed(b"\nnext\n") == [b"", b"next"]


@pytest.mark.parametrize(
    "address",
    [
        "ftp://x",
        "udp://0.0.0.0",
        "tcp://x",
        "tcp://:1",
        "tcp://x:99999",
        "fd://x",
        "signalk://",
        "/no/such/file",
    ],
)
def test_what_is_no_source_is_refused(address):
    with pytest.raises(Misconfigured):
        source_of(address, Reading())
