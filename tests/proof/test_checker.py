"""The checker by itself: what it must complain of, and what it must let pass."""

from dataclasses import replace

from tests.proof.checker import complaints, recoveries, staleness_s
from tests.proof.history import (
    Answer,
    Content,
    Evidence,
    Excuse,
    Kind,
    Ping,
    Poll,
    Post,
    Row,
    Window,
)

HERE, THERE = Content(57.5, 11.5, 8.0), Content(57.6, 11.6, 9.0)
PING = Ping("vinga", 1000, "tracker", HERE)
ROW = Row(PING.key, "tracker", HERE)
OUTAGE = Window("outage", 10.0, 20.0, frozenset({Excuse.UNAVAILABLE}))


def post(ping=PING, answer=Answer.CREATED, status=201, sent_at=1.0, took_s=0.1) -> Post:
    return Post((ping,), (answer,), status, sent_at, sent_at + took_s)


def unavailable(sent_at: float) -> Post:
    return post(answer=Answer.UNAVAILABLE, status=503, sent_at=sent_at)


def poll(recorded_us=1000, status=200, at=2.0, took_s=0.1) -> Poll:
    newest = {"vinga": recorded_us} if status == 200 else {}
    return Poll("reader", status, status == 503, newest, at, at + took_s)


def kinds(*posts, rows=(ROW,), **more) -> list[Kind]:
    evidence = Evidence(posts, rows=rows, **more)
    return [complaint.kind for complaint in complaints(evidence)]


def test_what_was_acknowledged_and_stored_is_well():
    assert kinds(post(), post(answer=Answer.IDENTICAL, status=200)) == []


def test_what_was_acknowledged_and_is_not_stored_is_lost():
    assert kinds(post(), rows=()) == [Kind.LOST]


def test_another_content_than_the_one_that_got_201_is_lost():
    other = replace(PING, content=THERE)

    assert kinds(post(), post(other, Answer.UNKNOWN), rows=[replace(ROW, content=THERE)]) == [
        Kind.LOST
    ]


def test_a_repeat_that_was_called_identical_must_be_what_is_stored():
    other = replace(PING, content=THERE)

    assert kinds(post(), post(other, Answer.IDENTICAL, 200)) == [Kind.LOST]
    assert kinds(post(), post(other, Answer.DIFFERENT, 200)) == []
    assert kinds(post(), post(PING, Answer.DIFFERENT, 200)) == [Kind.LOST]


def test_what_was_not_acknowledged_may_be_stored_or_not():
    unknown = post(answer=Answer.UNKNOWN, status=None)

    assert kinds(unknown) == []
    assert kinds(unknown, rows=()) == []


def test_a_row_that_nobody_sent_is_a_phantom():
    assert kinds(rows=[ROW]) == [Kind.PHANTOM]


def test_what_is_shown_but_not_stored_is_a_phantom():
    unknown = post(answer=Answer.UNKNOWN, status=None)

    assert kinds(unknown, rows=(), polls=[poll()]) == [Kind.PHANTOM]
    assert kinds(rows=(), polls=[poll()], earlier=frozenset({PING.key})) == []


def test_a_key_in_two_rows_is_duplicated():
    assert kinds(post(), rows=[ROW, ROW]) == [Kind.DUPLICATED]


def test_a_second_201_for_a_key_is_told():
    assert kinds(post(), post()) == [Kind.CREATED_TWICE]


def test_an_api_that_shows_an_older_position_than_before_goes_backward():
    older = post(replace(PING, recorded_us=900))
    rows = [ROW, Row(("vinga", 900), "tracker", HERE)]

    assert kinds(post(), older, rows=rows, polls=[poll(900), poll(1000)]) == []
    assert kinds(post(), older, rows=rows, polls=[poll(1000), poll(900)]) == [Kind.BACKWARD]


def test_two_readers_are_not_compared_with_each_other():
    older = post(replace(PING, recorded_us=900))
    rows = [ROW, Row(("vinga", 900), "tracker", HERE)]
    polls = [poll(1000), replace(poll(900), reader="another")]

    assert kinds(post(), older, rows=rows, polls=polls) == []


def test_in_the_end_cache_and_api_must_show_the_newest_row():
    newest = {"table_newest": {"vinga": 1000}}

    assert kinds(post(), **newest, cache_newest={"vinga": 1000}, api_newest=None) == []
    assert kinds(post(), **newest, cache_newest={"vinga": 900}) == [Kind.STALE_NEWEST]
    assert kinds(post(), **newest, api_newest={}) == [Kind.STALE_NEWEST]


def test_a_503_is_planned_only_around_a_fault_that_excuses_it():
    valkey = replace(OUTAGE, excuses=frozenset())

    assert kinds(post(), unavailable(12.0), windows=[OUTAGE]) == []
    assert kinds(post(), unavailable(12.0), windows=[valkey]) == [Kind.UNPLANNED_5XX]
    assert kinds(post(), unavailable(5.0), windows=[OUTAGE]) == [Kind.UNPLANNED_5XX]
    assert kinds(post(), unavailable(26.0), windows=[OUTAGE])[0] is Kind.UNPLANNED_5XX


def test_any_other_5xx_is_unplanned_even_during_a_fault():
    broken = post(answer=Answer.BROKEN, status=500, sent_at=12.0)
    good_again = post(sent_at=20.1, answer=Answer.IDENTICAL)

    assert kinds(post(), broken, good_again, windows=[OUTAGE]) == [Kind.UNPLANNED_5XX]
    assert kinds(post(), polls=[poll(status=500)]) == [Kind.UNPLANNED_5XX]


def test_an_answer_that_takes_longer_than_promised_is_too_late():
    assert kinds(post(took_s=4.1)) == [Kind.TOO_LATE]
    assert kinds(post(), polls=[poll(took_s=5.6)]) == [Kind.TOO_LATE]


def test_a_stopped_worker_may_be_silent():
    silent = replace(OUTAGE, excuses=frozenset({Excuse.SILENCE}))
    good_again = post(sent_at=20.1, answer=Answer.IDENTICAL)

    assert kinds(post(sent_at=11.0, took_s=8.0), good_again, windows=[silent]) == []


def test_service_that_does_not_come_back_is_too_late():
    waiting = [unavailable(20.0 + n) for n in range(7)]

    assert Kind.TOO_LATE in kinds(post(), *waiting, windows=[OUTAGE])
    assert recoveries([unavailable(20.0), post(sent_at=22.0)], [OUTAGE]) == [
        ("outage", 2.1000000000000014)
    ]


def test_how_far_the_api_is_behind_counts_from_the_acknowledgement():
    younger = post(replace(PING, recorded_us=2000), sent_at=3.0)

    assert staleness_s([post(), younger], [poll(2000, at=9.0)]) == 0
    assert round(staleness_s([post(), younger], [poll(1000, at=9.0)]), 3) == 5.9
