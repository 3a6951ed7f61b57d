"""Who listens, and what is written down about it."""

from harbor.live.seats import Seats
from harbor.live.visit import Visit
from harbor.ops import line


def test_a_log_that_cannot_be_written_costs_no_seat_and_ends_no_worker(monkeypatch, caplog):
    seats = Seats(5)
    monkeypatch.setattr(line, "write", no_room)

    visit = Visit(seats, "key:1", lambda: True, "request", "127.0.0.1", 5)
    visit.is_handed_over = True
    visit.end("client_left", 100)

    assert seats.taken == 0
    assert caplog.messages == ["The log can't be written: [Errno 28] No space left"] * 3


def no_room(*args, **fields):
    raise OSError(28, "No space left")
