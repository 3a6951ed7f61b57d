"""The gateway in one process: its threads, and how they end."""

import time
from threading import Event, Timer

import pytest

from harbor.gateway.buffer import Buffer
from harbor.gateway.delivery import Delivery
from harbor.gateway.door import Answer
from harbor.gateway.gateway import Gateway
from harbor.gateway.sources import Reading, source_of
from harbor.gateway.standing import Link, Progress


class Quiet:
    """A display that nobody looks at, and remembers the last it was told."""

    last = None

    def show(self, standing, waiting):
        self.last = (standing, waiting)

    close = show


class Door:
    """Acknowledges; or says what it was given."""

    def __init__(self, answer=None):
        self.answer = answer or Answer(200, {"accepted": 1})
        self.lines = []

    def post(self, batch):
        if isinstance(self.answer, Exception):
            raise self.answer
        self.lines += batch.bodies
        return self.answer


class Endless:
    """A source that says one thing and waits."""

    name = "endless"

    def __init__(self, fault=None):
        self.fault = fault

    def run(self, intake, stop):
        intake.take([b"!AIVDM,1,1,,A,7,0"])
        if self.fault:
            raise self.fault
        stop.wait(20)


@pytest.fixture
def buffer(tmp_path):
    buffer = Buffer(tmp_path / "buffer.db", "d1", 1_000_000)
    yield buffer
    buffer.close()


def gateway(source, buffer, door, every_s=0.01):
    progress, display = Progress(), Quiet()
    delivery = Delivery(buffer, door, progress, every_s)
    return Gateway(source, buffer, delivery, progress, display), display


def test_it_ends_when_a_file_was_read_and_all_of_it_was_sent(buffer, tmp_path):
    path = tmp_path / "x.nmea"
    path.write_text("".join(f"!AIVDM,1,1,,A,{n},0\n" for n in range(1200)))
    door = Door()
    one, display = gateway(source_of(str(path), Reading()), buffer, door)

    assert one.run(Event())
    assert len(door.lines) == 1200
    standing, waiting = display.last
    assert (standing.link, waiting.lines) == (Link.UP, 0)


def test_told_to_stop_it_sends_what_waits_for_company(buffer):
    door, stop = Door(), Event()
    one, _ = gateway(Endless(), buffer, door, every_s=3600)
    Timer(0.3, stop.set).start()

    assert one.run(stop)
    assert len(door.lines) == 1


def test_told_to_stop_without_a_link_it_keeps_what_waits(buffer):
    stop = Event()
    one, _ = gateway(Endless(), buffer, Door(ConnectionRefusedError()))
    Timer(0.3, stop.set).start()
    began = time.monotonic()

    assert one.run(stop)
    assert buffer.waiting.lines == 1
    assert time.monotonic() - began < 8


def test_a_reader_that_breaks_ends_the_gateway_instead_of_leaving_it_deaf(buffer):
    one, _ = gateway(Endless(ZeroDivisionError()), buffer, Door())

    assert not one.run(Event())


def test_a_sender_that_breaks_ends_the_gateway_and_loses_nothing(buffer):
    one, _ = gateway(Endless(), buffer, Door(ZeroDivisionError()))

    assert not one.run(Event())
    assert buffer.waiting.lines == 1


def test_nothing_is_read_before_the_clock_is_set(buffer, monkeypatch):
    door, stop = Door(), Event()
    one, display = gateway(Endless(), buffer, door)
    monkeypatch.setattr("harbor.gateway.gateway.CLOCK_MIN_S", time.time() + 3600)
    Timer(0.3, stop.set).start()

    assert one.run(stop)
    assert door.lines == []
    assert "clock" in display.last[0].source
