"""GET /stream as a view: who gets in, and with what."""

from itertools import islice

import pytest

from tests.builders import bearer, moment, ping, post
from tests.live.test_subscription import parse

QUESTIONS = [
    "?types=x",
    "?mode=x",
    "?bbox=x",
    "?vessels=x",
    "?vessel=x",
    "?max_rate=0",
    "?max_rate=1.5",
    "?max_rate=3601",
    "?max_rate=5&mode=all",
    "?max_rate=5&types=late",
]


@pytest.fixture
def listen(client):
    opened = []

    def open_stream(key, query="", **headers):
        answer = client.get(f"/stream{query}", headers=bearer(key) | headers, buffered=False)
        opened.append(answer)
        return answer

    yield open_stream
    for answer in opened:
        answer.close()


def first_frames(answer):
    return parse(b"".join(islice(answer.response, 1)))


def snapshot_ids(answer) -> set[str]:
    snapshot = next(data for name, _, data in first_frames(answer) if name == "snapshot")
    return {feature["id"] for feature in snapshot["features"]}


@pytest.fixture
def at_sea(client, cast):
    post(client, cast.vinga, ping(recorded_at=moment(5), latitude=57.6, longitude=11.6))
    post(client, cast.hono, ping(recorded_at=moment(5), latitude=57.7, longitude=11.7))


def test_the_headers_keep_proxies_from_holding_events_back(listen, cast):
    answer = listen(cast.partner_key)

    assert answer.mimetype == "text/event-stream"
    assert answer.headers["Cache-Control"] == "no-store, no-transform"
    assert answer.headers["X-Accel-Buffering"] == "no"


def test_the_snapshot_holds_the_fleet(listen, cast, at_sea):
    assert snapshot_ids(listen(cast.partner_key)) == {str(cast.vinga.id), str(cast.hono.id)}


def test_a_key_for_chosen_vessels_gets_only_those(listen, cast, at_sea):
    assert snapshot_ids(listen(cast.partner_of_vinga_key)) == {str(cast.vinga.id)}


@pytest.mark.parametrize("name", ["imo_number", "id"])
def test_vessels_are_chosen_by_number_or_id(listen, cast, at_sea, name):
    query = f"?vessels={getattr(cast.hono, name)}"

    assert snapshot_ids(listen(cast.partner_key, query)) == {str(cast.hono.id)}


def test_a_vessel_outside_the_keys_scope_cannot_be_asked_for(listen, cast):
    answer = listen(cast.partner_of_vinga_key, f"?vessels={cast.hono.imo_number}")

    assert answer.status_code == 400


def test_a_box_chooses_by_place(listen, cast, at_sea):
    answer = listen(cast.partner_key, "?bbox=11.5,57.5,11.65,57.65")

    assert snapshot_ids(answer) == {str(cast.vinga.id)}


@pytest.mark.parametrize("query", QUESTIONS)
def test_a_question_that_makes_no_sense_is_400(listen, cast, query):
    assert listen(cast.partner_key, query).status_code == 400


@pytest.mark.parametrize("headers", [{"Last-Event-ID": "0-0"}, {}])
def test_an_id_that_is_not_known_is_answered_with_resync(listen, cast, headers):
    query = "" if headers else "?last_event_id=0-0"

    names = [name for name, _, _ in first_frames(listen(cast.partner_key, query, **headers))]

    assert [name for name in names if name != "feed"] == ["resync", "snapshot"]


def test_a_full_worker_sends_programs_away_with_503(listen, cast, runtime):
    runtime.seats.most = 0

    answer = listen(cast.partner_key)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_a_full_worker_tells_a_browser_to_come_back(client, cast, runtime):
    from tests.test_access import log_in

    log_in(client, cast)
    runtime.seats.most = 0

    answer = client.get("/stream")

    assert answer.status_code == 200
    assert answer.data.startswith(b"retry: ")


def test_an_open_stream_holds_no_database_connection(listen, cast, runtime, at_sea):
    before = runtime.database.engine.pool.checkedout()

    answers = [listen(cast.partner_key) for _ in range(10)]
    for answer in answers:
        next(iter(answer.response))

    assert runtime.database.engine.pool.checkedout() == before


def test_streams_that_end_are_no_longer_counted(listen, cast, runtime):
    answer = listen(cast.partner_key)
    next(iter(answer.response))
    assert runtime.seats.taken == 1

    answer.close()

    assert runtime.seats.taken == 0


def test_a_leaving_worker_tells_programs_too_to_come_back(listen, cast, runtime):
    runtime.is_leaving = True

    answer = listen(cast.partner_key)

    assert answer.status_code == 200
    assert b'"reason":"leaving"' in answer.data
    assert runtime.seats.taken == 0
