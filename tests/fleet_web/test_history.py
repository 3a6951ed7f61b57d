"""The fleet's past for a replay: what is kept, whose it is, and that nothing is held."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import text

from harbor.store import history as store
from harbor.store import partitions, positions, vessels
from tests.builders import moment, report
from tests.cast import Hull
from tests.test_access import log_in

STEP = timedelta(seconds=10)


@pytest.fixture
def now(runtime):
    """A full hour, so that steps and fixes begin together."""
    hour = runtime.clock().replace(minute=0, second=0, microsecond=0)
    runtime.clock = lambda: hour
    return hour


@pytest.fixture
def sail(runtime, cast):
    """Store a fix of a hull of the cast at each of the moments."""

    def sail(hull: Hull, *moments, fleet_id=cast.fleet_id, tracker_id=None, **changes):
        fixes = [
            report(
                fleet_id=fleet_id,
                vessel_id=hull.id,
                tracker_id=tracker_id or hull.tracker_id,
                recorded_at=at,
                **changes,
            )
            for at in moments
        ]
        with runtime.database.engine.connect() as connection:
            own = connection.execution_options(isolation_level="AUTOCOMMIT")
            for at in moments:
                partitions.ensure(own, at, "month")
            positions.record(own, positions.in_order(fixes), moments[-1])

    return sail


@pytest.fixture
def history(client, cast):
    """The lines of an answer to a signed-in dispatcher."""

    def read(query: str = "") -> list[dict]:
        log_in(client, cast)
        answer = client.get("/fleet/history" + query, headers={"Accept": "application/json"})
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return [json.loads(line) for line in answer.get_data().splitlines()]

    return read


def span(start_at, end_at, **more) -> str:
    asked = {"from": start_at.isoformat(), "to": end_at.isoformat(), **more}
    return "?" + "&".join(f"{name}={quote(str(value))}" for name, value in asked.items())


def fixes_of(lines: list[dict], name: str) -> list[tuple[int, float, float]]:
    """What a reader understands: seconds since the question's beginning, place."""
    number = [one["name"] for one in lines[0]["vessels"]].index(name)
    found = []
    for part in lines[1:-1]:
        since = part["to"] if part.get("is_before") else part["from"]
        for whose, _, after, north, east, *_ in part["tracks"]:
            if whose != number:
                continue
            at, latitude, longitude = since - lines[0]["from"], 0, 0
            for step in zip(after, north, east, strict=True):
                at, latitude, longitude = at + step[0], latitude + step[1], longitude + step[2]
                found.append((at / 1000, latitude / 1e6, longitude / 1e6))
    return sorted(found)


def test_a_vessel_has_one_fix_in_a_step(history, sail, cast, now):
    start_at = now - timedelta(hours=24)
    sail(cast.vinga, *(start_at + number * STEP for number in range(1, 60)))

    lines = history(span(start_at, now))

    assert lines[0]["step_s"] == 30
    at = [one[0] for one in fixes_of(lines, "Vinga")]
    assert at == [10, *range(30, 590, 30), 590]
    assert lines[-1] == {"end": True, "fixes": len(at)}


def test_both_ends_of_a_gap_stay(history, sail, cast, now):
    start_at = now - timedelta(hours=24)
    early = [start_at + number * STEP for number in range(6)]
    late = [start_at + timedelta(minutes=20) + number * STEP for number in range(6)]
    sail(cast.vinga, *early, *late)

    at = [one[0] for one in fixes_of(history(span(start_at, now)), "Vinga")]

    assert at == [0, 30, 50, 1200, 1230, 1250]


def test_a_turn_within_a_step_stays(history, sail, cast, now):
    start_at = now - timedelta(hours=24)
    moments = [start_at + number * STEP for number in range(6)]
    sail(cast.vinga, *moments[:4], course_degrees=350.0)
    sail(cast.vinga, *moments[4:], course_degrees=40.0)

    at = [one[0] for one in fixes_of(history(span(start_at, now)), "Vinga")]

    assert at == [0, 30, 40, 50]


def test_what_she_said_comes_as_said(history, sail, cast, now):
    at = now - timedelta(minutes=30)
    sail(cast.vinga, at, latitude=-33.856784, longitude=-151.215297, course_degrees=359.97)
    sail(cast.vinga, at + timedelta(minutes=1), speed_knots=None, latitude=1.5, longitude=2.5)

    lines = history(span(now - timedelta(hours=1), now))

    assert fixes_of(lines, "Vinga") == [
        (1800, -33.856784, -151.215297),
        (1860, 1.5, 2.5),
    ]
    [track] = [one for part in lines[1:-1] for one in part["tracks"]]
    assert track[5:] == [[95, None], [0, None], [None, None]]


def test_a_vessel_that_reported_before_is_there_at_the_first_moment(history, sail, cast, now):
    start_at = now - timedelta(hours=1)
    sail(cast.vinga, start_at - timedelta(hours=2), start_at - timedelta(hours=1))

    lines = history(span(start_at, now))

    assert [one[0] for one in fixes_of(lines, "Vinga")] == [-3600]
    assert lines[1]["is_before"] is True


def test_slices_begin_with_the_moment_that_is_played(history, sail, cast, now):
    start_at = now - timedelta(hours=24)
    sail(cast.vinga, *(start_at + timedelta(hours=one) for one in range(24)))

    lines = history(span(start_at, now, at=(now - timedelta(hours=1)).isoformat()))

    parts = [one["from"] for one in lines[1:-1] if "is_before" not in one]
    assert parts == sorted(parts, reverse=True)
    assert parts[-1] == lines[0]["from"]
    assert {one[0] for one in fixes_of(lines, "Vinga")} == {3600 * one for one in range(24)}


def test_another_fleets_past_is_not_shown(history, sail, cast, now, runtime):
    with runtime.database.session() as session:
        other = session.execute(
            text("INSERT INTO fleet (name) VALUES ('stranger') RETURNING id")
        ).scalar_one()
    sail(cast.vinga, now - timedelta(minutes=5), fleet_id=other)

    lines = history(span(now - timedelta(hours=1), now))

    assert [one["name"] for one in lines[0]["vessels"]] == ["Hönö", "Vinga"]
    assert lines[-1] == {"end": True, "fixes": 0}


def test_a_vessel_that_retired_meanwhile_sails_in_the_days_before(
    history, sail, cast, now, runtime
):
    sail(cast.vinga, now - timedelta(hours=3))
    with runtime.database.session() as session:
        vessels.retire(session, cast.fleet_id, "Vinga", now - timedelta(hours=2))

    lines = history(span(now - timedelta(hours=4), now - timedelta(hours=1)))

    hono, vinga = lines[0]["vessels"]
    assert (hono["name"], hono["retired_at"]) == ("Hönö", None)
    retired_ms = (now - timedelta(hours=2)).timestamp() * 1000
    assert (vinga["name"], vinga["retired_at"]) == ("Vinga", retired_ms)
    assert [one[0] for one in fixes_of(lines, "Vinga")] == [3600]


def test_a_vessel_that_had_retired_before_is_not_in_the_days_after(history, cast, now, runtime):
    with runtime.database.session() as session:
        vessels.retire(session, cast.fleet_id, "Vinga", now - timedelta(hours=2))

    lines = history(span(now - timedelta(hours=1), now))

    assert [one["name"] for one in lines[0]["vessels"]] == ["Hönö"]


def test_activity_counts_a_vessel_that_retired_meanwhile(client, cast, sail, now, runtime):
    sail(cast.vinga, now - STEP)
    with runtime.database.session() as session:
        vessels.retire(session, cast.fleet_id, "Vinga", now)
    log_in(client, cast)

    found = client.get("/fleet/history/activity" + span(now - 2 * STEP, now)).get_json()

    assert (found["vessels"], max(found["reporting"])) == (2, 1)


def test_only_the_vessels_asked_for_come(history, sail, cast, now):
    sail(cast.vinga, now - timedelta(minutes=5))
    sail(cast.hono, now - timedelta(minutes=5))

    lines = history(span(now - timedelta(hours=1), now, vessels=cast.hono.id))

    assert [one["name"] for one in lines[0]["vessels"]] == ["Hönö"]
    assert lines[-1]["fixes"] == 1


def test_a_browser_gets_it_compressed_piece_by_piece(client, cast, sail, now):
    sail(cast.vinga, now - timedelta(minutes=5))
    log_in(client, cast)

    answer = client.get("/fleet/history", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"
    lines = gzip.decompress(answer.get_data()).splitlines()
    assert json.loads(lines[-1]) == {"end": True, "fixes": 1}


@pytest.mark.parametrize("path", ["/fleet/history", "/fleet/history/activity"])
def test_a_stranger_is_told_so_in_a_problem_document(client, path):
    answer = client.get(path, headers={"Accept": "application/json"})

    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    [
        "?from=yesterday",
        "?vessels=Vinga",
        "?from={week_ago}",
        "?from={soon}",
        "?from={later}&to={earlier}",
    ],
)
def test_a_question_that_is_none_is_refused(client, cast, query):
    log_in(client, cast)
    moments = {
        "week_ago": moment(8 * 86_400),
        "soon": moment(-60),
        "later": moment(60),
        "earlier": moment(120),
    }

    asked = "/fleet/history" + query.format(**moments)
    answer = client.get(asked, headers={"Accept": "application/json"})

    assert answer.status_code == 400
    assert answer.get_json()["title"] == "Malformed"


def test_a_history_holds_no_connection_while_its_reader_waits(app, client, cast, sail, runtime):
    sail(cast.vinga, runtime.clock() - timedelta(minutes=5))
    log_in(client, cast)

    answer = client.get("/fleet/history", buffered=False)
    pieces = iter(answer.response)
    held = []
    for _ in range(3):
        next(pieces)
        held.append(runtime.database.engine.pool.checkedout())
    answer.close()

    assert held == [0, 0, 0]


def test_a_person_has_so_many_histories_open_and_no_more(client, cast):
    log_in(client, cast)
    opened = [client.get("/fleet/history", buffered=False) for _ in range(3)]

    refused = client.get("/fleet/history", headers={"Accept": "application/json"})
    for one in opened:
        one.close()
    again = client.get("/fleet/history")

    assert (refused.status_code, again.status_code) == (429, 200)
    assert "3 replays open" in refused.get_json()["detail"]


@pytest.mark.parametrize("begin", ["2019-12-31T12:00:00Z", "2020-01-01T00:00:00+02:00"])
def test_a_history_from_before_the_first_moment_begins_with_it(history, begin):
    head = history(f"?from={quote(begin)}&to=2020-01-02T00:00:00Z")[0]

    assert head["from"] == datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1000


@pytest.mark.parametrize("at_once", [1, 10**9])
def test_a_slice_read_in_several_questions_numbers_its_vessels_as_in_one(
    history, cast, sail, now, monkeypatch, at_once
):
    """Of trackers that report each second all vessels together were more than a question of
    two seconds, after which a worker takes the database for away."""
    monkeypatch.setattr(store, "VESSEL_SECONDS_AT_ONCE", at_once)
    sail(cast.vinga, *(now - number * STEP for number in range(1, 4)))
    sail(cast.hono, *(now - number * STEP for number in range(1, 3)))

    head, *lines = history()

    names = {number: one["name"] for number, one in enumerate(head["vessels"])}
    found = {
        names[track[0]]: len(track[2])
        for line in lines
        if not line.get("is_before")
        for track in line.get("tracks", ())
    }
    assert set(found) == {"Vinga", "Hönö"}
    assert found["Vinga"] >= found["Hönö"]


def test_activity_of_many_vessels_is_counted_together(client, cast, sail, now, monkeypatch):
    monkeypatch.setattr(store, "VESSELS_AT_ONCE", 1)
    sail(cast.vinga, now - STEP, speed_knots=9.0)
    sail(cast.hono, now - STEP, speed_knots=0.0)
    log_in(client, cast)

    found = client.get("/fleet/history/activity" + span(now - 2 * STEP, now)).get_json()

    assert (max(found["reporting"]), max(found["under_way"])) == (2, 1)


def test_activity_counts_vessels_that_report_and_that_move(client, cast, sail, now):
    start_at = now - timedelta(hours=1)
    sail(cast.vinga, start_at, start_at + STEP, speed_knots=8.0)
    sail(cast.hono, start_at, speed_knots=0.1)
    log_in(client, cast)

    found = client.get("/fleet/history/activity" + span(start_at, now)).get_json()

    assert (found["vessels"], len(found["reporting"])) == (2, 200)
    assert (found["reporting"][0], found["under_way"][0]) == (2, 1)
    assert sum(found["reporting"]) == 2


def test_a_replay_makes_no_zigzag_between_a_tracker_and_a_receiver_ashore(
    history, sail, cast, ais, now
):
    """Also where one slice ends and the next begins."""
    start_at = now - timedelta(hours=4)
    silent_at, back_at = start_at + timedelta(hours=2), start_at + timedelta(hours=3)
    every = [start_at + number * timedelta(seconds=60) for number in range(240)]
    aboard = [at for at in every if not silent_at <= at < back_at]
    sail(cast.vinga, *aboard, latitude=57.0)
    sail(cast.vinga, *(at + STEP for at in every), latitude=58.0, tracker_id=ais)

    found = fixes_of(history(span(start_at, now)), "Vinga")

    ashore = [at for at, latitude, _ in found if latitude == 58.0]
    assert (ashore[0], ashore[-1]) == (2 * 3600 - 60 + 780 - 50, 3 * 3600 - 50)
    assert len(found) == len(ashore) + len(aboard)


def test_a_replay_begins_where_the_tracker_was_and_not_the_receiver_ashore(
    history, sail, cast, ais, now
):
    start_at = now - timedelta(hours=4)
    sail(cast.vinga, start_at - timedelta(minutes=5), latitude=57.0)
    sail(cast.vinga, start_at - timedelta(minutes=1), latitude=58.0, tracker_id=ais)
    sail(cast.hono, start_at - timedelta(minutes=20), latitude=57.0)
    sail(cast.hono, start_at - timedelta(minutes=1), latitude=58.0, tracker_id=ais)

    lines = history(span(start_at, now))

    assert fixes_of(lines, "Vinga") == [(-300, 57.0, 11.8)]
    assert fixes_of(lines, "Hönö") == [(-60, 58.0, 11.8)]
