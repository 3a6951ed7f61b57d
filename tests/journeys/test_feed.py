"""From a signed ping to everybody who listens, through real gevent workers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import create_engine, text

from tests.builders import moment, ping
from tests.journeys.fleet_server import wait_until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(60)]


def statuses(answers) -> list[int]:
    return sorted(answer.status for answer in answers)


def test_of_fifty_identical_posts_at_once_exactly_one_is_201(fleet):
    report = ping()

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: fleet.post(fleet.cast.vinga, report), range(50)))

    assert statuses(answers) == [200] * 49 + [201]


def test_a_ping_reaches_streams_of_both_workers_within_a_second(fleet, listen):
    listeners = [listen() for _ in range(8)]
    report = ping()

    assert fleet.post(fleet.cast.vinga, report).status == 201

    for listener in listeners:
        listener.wait_for(lambda one: report["recorded_at"] in one.moments(), 1)


def test_out_of_order_posts_to_two_workers_never_move_the_newest_backward(fleet, listen):
    listener = listen()
    start = datetime.now(UTC) - timedelta(seconds=300)
    times = [(start + timedelta(seconds=n)).isoformat() for n in range(200)]
    shuffled = times[::2] + times[1::2][::-1]

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda at: fleet.post(fleet.cast.hono, ping(recorded_at=at)), shuffled)
        )

    assert statuses(answers) == [201] * 200
    expected = {at.replace("+00:00", "Z") for at in times}
    listener.wait_for(lambda one: expected <= one.moments(), 10)
    mine = [
        one.data["properties"]["recorded_at"]
        for one in listener.heard
        if one.kind == "position" and one.data["id"] == str(fleet.cast.hono.id)
    ]
    assert mine == sorted(mine)
    assert mine[-1] == max(expected)


def test_numbers_are_contiguous_on_a_stream(fleet, listen):
    listener = listen()

    for seconds_ago in range(20, 0, -1):
        fleet.post(fleet.cast.vinga, ping(recorded_at=moment(seconds_ago)))

    listener.wait_for(lambda one: len(one.heard) >= 21, 5)
    numbers = [int(one.event_id.partition("-")[2]) for one in listener.heard if one.event_id]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_client_that_comes_back_gets_exactly_what_it_missed(fleet, listen):
    listener = listen()
    fleet.post(fleet.cast.vinga, ping())
    listener.wait_for(lambda one: "position" in one.kinds(), 5)
    listener.close()
    missed = []
    for _ in range(5):
        missed.append(ping())
        fleet.post(fleet.cast.vinga, missed[-1])

    before = len(listener.heard)
    listener.resume()

    expected = [report["recorded_at"] for report in missed]
    listener.wait_for(lambda one: one.kinds()[before:].count("position") >= 5, 5)
    again = [one for one in listener.heard[before:] if one.kind != "vessel"]
    assert [one.data["properties"]["recorded_at"] for one in again] == expected
    assert {one.kind for one in again} == {"position"}


def test_a_late_upload_is_sent_as_late_and_leaves_the_marker_alone(fleet, listen):
    listener = listen()
    fleet.post(fleet.cast.vinga, ping())
    listener.wait_for(lambda one: "position" in one.kinds(), 5)

    fleet.post(fleet.cast.vinga, [ping(recorded_at=moment(86_400 + n)) for n in range(10)])

    listener.wait_for(lambda one: one.kinds().count("late") == 10, 5)
    assert listener.kinds().count("position") == 1


def test_a_worker_answers_others_while_its_queries_wait(fleet):
    """Without psycopg2's wait callback one waiting query stops the whole worker."""
    cookie = fleet.log_in()
    engine = create_engine(fleet.postgres.superuser_url)
    with engine.connect() as lock, ThreadPoolExecutor(4) as pool:
        lock.execute(text('LOCK TABLE "user" IN ACCESS EXCLUSIVE MODE'))
        stuck = [pool.submit(fleet.get, "/fleet/map", Cookie=cookie) for _ in range(4)]
        wait_until(lambda: waiting_backends(engine) == 4, 5)

        answers = []
        while len(answers) < 10 and not any(one.done() for one in stuck):
            answers.append(fleet.get("/health").status)
        lock.rollback()
        pages = [one.result().status for one in stuck]
    engine.dispose()

    # A worker that is stopped answers when its queries are ended, after a second: one or two.
    assert len(answers) > 4
    assert set(answers) == {200}
    assert set(pages) <= {200, 503}


def waiting_backends(engine) -> int:
    with engine.connect() as connection:
        return connection.execute(
            text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        ).scalar_one()


def test_a_body_that_is_too_long_is_413_also_in_chunks(fleet):
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", fleet.port, timeout=10)
    pieces = [b"x" * 65_536] * 20
    connection.request(
        "POST",
        "/api/v1/positions",
        body=iter(pieces),
        encode_chunked=True,
        headers={"Transfer-Encoding": "chunked"},
    )
    answer = connection.getresponse()
    connection.close()

    assert answer.status == 413
