"""What is done with a batch after each kind of answer."""

import time

import pytest

from harbor.gateway.batch import Size
from harbor.gateway.buffer import Buffer
from harbor.gateway.delivery import SLOW_S, Delivery, Outcome, outcome_of, wait_s
from harbor.gateway.door import Answer
from harbor.gateway.entry import Entry, Kind
from harbor.gateway.standing import Link, Progress

GOOD = Answer(200, {"accepted": 1})


class ScriptedDoor:
    """Answers from a list, and good ones after it; an error in it is raised."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.batches = []

    def post(self, batch):
        self.batches.append(batch)
        answer = self.answers.pop(0) if self.answers else GOOD
        if isinstance(answer, OSError):
            raise answer
        return answer


@pytest.fixture
def buffer(tmp_path):
    buffer = Buffer(tmp_path / "buffer.db", "d1", 1_000_000)
    yield buffer
    buffer.close()


def kept(buffer, *bodies, ago_s=60.0, kind=Kind.AIS):
    received_ms = int((time.time() - ago_s) * 1000)
    buffer.add([Entry(kind, body, received_ms) for body in bodies])


def delivery(buffer, *answers, progress=None, size=None, every_s=5.0):
    door = ScriptedDoor(*answers)
    return Delivery(buffer, door, progress or Progress(), every_s, size), door


def test_what_was_acknowledged_is_removed(buffer):
    kept(buffer, b"one", b"two")
    progress = Progress()
    sender, _ = delivery(buffer, progress=progress)

    sender.step()

    assert buffer.waiting.lines == 0
    standing = progress.look()
    assert (standing.link, standing.counts["sent"]) == (Link.UP, 2)


def test_lines_wait_for_others_to_leave_with_them(buffer):
    kept(buffer, b"one", ago_s=1)
    sender, door = delivery(buffer)

    sender.step()

    assert door.batches == []


def test_a_full_batch_does_not_wait(buffer):
    kept(buffer, b"one", b"two", ago_s=1)
    sender, door = delivery(buffer, size=Size(lines=2))

    sender.step()

    assert len(door.batches) == 1


def test_a_clock_that_was_set_back_holds_nothing_up(buffer):
    kept(buffer, b"one", ago_s=-7200)
    sender, door = delivery(buffer)

    sender.step()

    assert len(door.batches) == 1


@pytest.mark.parametrize(
    ("answer", "link"),
    [
        (OSError(111, "Connection refused"), Link.DOWN),
        (Answer(503), Link.BUSY),
        (Answer(429), Link.BUSY),
        (Answer(401), Link.REFUSED),
        (Answer(404), Link.ASTRAY),
        (Answer(301), Link.ASTRAY),
        (Answer(200), Link.ASTRAY),
    ],
)
def test_what_was_not_acknowledged_is_kept_and_sent_again_as_it_was(buffer, answer, link):
    kept(buffer, b"one")
    progress = Progress()
    sender, door = delivery(buffer, answer, progress=progress)

    wait = sender.step()

    assert wait > 0
    assert progress.look().link is link
    assert buffer.waiting.lines == 1
    kept(buffer, b"two")
    sender.step()
    assert door.batches[0] == door.batches[1]


def test_a_kind_that_the_tracker_may_not_send_does_not_hold_up_the_others(buffer):
    kept(buffer, b"ais")
    kept(buffer, b"nmea", kind=Kind.NMEA)
    progress = Progress()
    sender, door = delivery(buffer, Answer(403, detail="ask"), progress=progress)

    for _ in range(4):
        sender.step()

    assert [one.kind for one in door.batches] == [Kind.AIS, Kind.NMEA]
    assert buffer.waiting.lines == 1
    standing = progress.look()
    assert (standing.link, standing.detail) == (Link.UP, "ais refused: 403: ask")


def test_a_kind_that_was_refused_is_tried_again_seldom_and_as_it_was(buffer, monkeypatch):
    now = 1_000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    kept(buffer, b"one")
    progress = Progress()
    sender, door = delivery(buffer, Answer(403), progress=progress)
    for _ in range(3):
        sender.step()
        kept(buffer, b"more")

    assert progress.look().link is Link.REFUSED
    now += SLOW_S
    for _ in range(2):
        sender.step()

    assert [one.bodies for one in door.batches] == [(b"one",), (b"one",), (b"more",) * 3]
    assert door.batches[0].message_id == door.batches[1].message_id
    standing = progress.look()
    assert (standing.link, standing.detail) == (Link.UP, "")


def test_the_server_says_how_long_to_wait(buffer):
    kept(buffer, b"one")
    sender, _ = delivery(buffer, Answer(503, retry_after_s=8.0))

    assert 8.0 <= sender.step() <= 10.0


def test_a_refused_secret_is_tried_seldom(buffer):
    kept(buffer, b"one")
    sender, _ = delivery(buffer, Answer(401))

    assert sender.step() >= SLOW_S


def test_a_batch_that_is_too_large_is_halved_until_it_fits(buffer):
    kept(buffer, b"1", b"2", b"3", b"4")
    sender, door = delivery(buffer, Answer(413), Answer(413))

    for _ in range(6):
        sender.step()

    assert [len(one.bodies) for one in door.batches] == [4, 2, 1, 2, 1]
    assert buffer.waiting.lines == 0


def test_a_single_line_that_is_refused_does_not_block_the_others(buffer):
    kept(buffer, b"bad", b"good")
    progress = Progress()
    sender, door = delivery(buffer, Answer(422), Answer(422), progress=progress)

    for _ in range(3):
        sender.step()

    assert [one.bodies for one in door.batches[1:]] == [(b"bad",), (b"good",)]
    assert progress.look().counts["too_large"] == 1


def test_what_is_left_at_the_end_is_sent_as_long_as_that_works(buffer):
    kept(buffer, b"1", b"2", ago_s=0)
    sender, door = delivery(buffer, GOOD, Answer(503), size=Size(lines=1))

    sender.flush(5)

    assert len(door.batches) == 2
    assert buffer.waiting.lines == 1


def test_the_waits_grow_to_a_minute_and_are_never_the_same():
    assert [wait_s(n, None, 1.0) for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert wait_s(5, None, 0.0) == 8


def test_a_wrong_clock_is_named_when_a_signature_is_refused(buffer):
    kept(buffer, b"one")
    progress = Progress()
    sender, _ = delivery(buffer, Answer(401, skew_s=-720), progress=progress)

    sender.step()

    assert progress.look().detail == "401: the clock here is 12 min behind: set it"


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_is_refused_for_its_content_is_looked_for(status):
    assert outcome_of(Answer(status)) is Outcome.HALVE


def test_a_buffer_that_can_not_be_written_is_waited_for(buffer):
    kept(buffer, b"one")
    progress = Progress()
    sender, door = delivery(buffer, progress=progress)
    buffer._database.execute("PRAGMA query_only = on")

    assert sender.step() > 0
    assert "can't be written" in progress.look().detail
    buffer._database.execute("PRAGMA query_only = off")
    sender.step()
    assert len(door.batches) == 1
