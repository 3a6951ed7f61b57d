"""Reports that can't be right, late or doubled ones, through the public door."""

from dataclasses import replace

import gevent
from sqlalchemy import text

from harbor.fleet.verdict import Reason
from harbor.fleet.vessel import Kind
from harbor.ingest.judge import Judge
from harbor.store import fleets, vessels
from tests.builders import bearer, moment, ping, post
from tests.tables import quarantined, stored


def test_null_island_is_200_quarantined_and_not_on_the_map(client, cast, runtime):
    answer = post(client, cast.vinga, ping(latitude=0, longitude=0))

    assert (answer.status_code, answer.json["verdict"]) == (200, "quarantined")
    assert answer.json["reason"] == "null_island"
    assert stored(runtime) == 0


def test_a_teleport_is_quarantined_until_a_second_report_agrees(client, cast):
    post(client, cast.vinga, ping(recorded_at=moment(30)))

    far = [
        post(client, cast.vinga, ping(recorded_at=moment(ago), latitude=59.0)).json["verdict"]
        for ago in (20, 10)
    ]

    assert far == ["quarantined", "accepted"]


def test_a_teleport_is_noticed_by_a_worker_that_never_heard_of_the_vessel(
    client, cast, runtime
):
    post(client, cast.vinga, ping(recorded_at=moment(30)))
    another_worker(runtime)

    answer = post(client, cast.vinga, ping(latitude=59.0))

    assert answer.json["reason"] == "teleport"


def test_a_second_report_from_afar_is_believed_by_whichever_worker_takes_it(
    client, cast, runtime
):
    post(client, cast.vinga, ping(recorded_at=moment(30)))
    post(client, cast.vinga, ping(recorded_at=moment(20), latitude=59.0))
    another_worker(runtime)

    answer = post(client, cast.vinga, ping(recorded_at=moment(10), latitude=59.0))

    assert answer.json["verdict"] == "accepted"


def another_worker(runtime):
    """Forget what this one remembers of the trackers."""
    runtime.intake._judge = Judge(runtime.intake._judge._witnesses)


def test_a_late_spike_in_an_array_is_quarantined_and_its_neighbours_are_kept(
    client, cast, runtime
):
    post(client, cast.vinga, ping())
    hours = [7200, 7170, 7140, 7110]
    buffered = [
        ping(recorded_at=moment(ago), latitude=59.0 if ago == 7140 else 57.66) for ago in hours
    ]

    answer = post(client, cast.vinga, buffered[::-1])

    assert answer.json["accepted"] == 3
    assert answer.json["quarantined"] == [{"index": 1, "reason": "teleport"}]


def test_a_clock_that_stands_still_is_noticed_by_every_worker(client, cast, runtime):
    at = moment(600)
    post(client, cast.vinga, ping(recorded_at=at))
    make_received_earlier(runtime, 300)
    another_worker(runtime)

    answer = post(client, cast.vinga, ping(recorded_at=at, latitude=57.67))

    assert (answer.json["verdict"], answer.json["reason"]) == ("quarantined", "stuck_clock")
    assert stored(runtime) == 1


def make_received_earlier(runtime, seconds):
    with runtime.database.session() as session:
        session.execute(
            text("UPDATE position SET received_at = received_at - make_interval(secs => :s)"),
            {"s": seconds},
        )


def test_a_stuck_clock_in_an_array_keeps_every_place_in_quarantine(client, cast, runtime):
    at = moment(60)
    places = [ping(recorded_at=at, latitude=57.66 + step * 0.01) for step in range(3)]

    answer = post(client, cast.vinga, places)

    assert answer.json["accepted"] == 1
    assert [one["reason"] for one in answer.json["quarantined"]] == ["stuck_clock"] * 2
    assert len(quarantined(runtime)) == 2


def test_the_kind_of_vessel_decides_what_is_a_teleport(client, cast, runtime):
    with runtime.database.session() as session:
        vessels.change_kind(session, cast.fleet_id, "Vinga", Kind.TANKER)
    runtime.directory.refresh()
    forty_miles_on = {"latitude": 57.66 + 40 / 60}

    for hull in (cast.vinga, cast.hono):
        post(client, hull, ping(recorded_at=moment(3600)))
    verdicts = [
        post(client, hull, ping(**forty_miles_on)).json["verdict"]
        for hull in (cast.vinga, cast.hono)
    ]

    assert verdicts == ["quarantined", "accepted"]


def test_a_fleets_own_thresholds_count_in_running_workers(client, cast, runtime):
    with runtime.database.session() as session:
        fleets.change_thresholds(
            session,
            cast.fleet_id,
            {"clock_skew_allowed_s": 3600, "recorded_at_min": "2024-01-01T00:00:00Z"},
        )
    runtime.directory.refresh()

    ahead = post(client, cast.vinga, ping(recorded_at=moment(-1800)))
    old = post(client, cast.hono, ping(recorded_at="2023-12-31T23:59:59Z"))

    assert ahead.status_code == 201
    assert (old.status_code, old.json["errors"][0]["code"]) == (422, "timestamp_too_old")


def test_thresholds_that_cannot_be_read_cost_nobody_a_ping(client, cast, runtime):
    with runtime.database.session() as session:
        session.execute(
            text("UPDATE fleet SET thresholds = :bad, revision = revision + 1"),
            {"bad": '{"jump_metres_min": "far"}'},
        )
    runtime.directory.refresh()

    assert post(client, cast.vinga, ping()).status_code == 201


def test_what_a_tracker_repeats_is_in_quarantine_once_and_counted_once(client, cast, runtime):
    broken = ping(latitude=99)

    for _ in range(3):
        post(client, cast.vinga, broken)
    post(client, cast.vinga, [broken, broken, ping(latitude=98)])

    assert [reason for reason, _ in quarantined(runtime)] == ["out_of_range"] * 3
    assert counts(runtime) == {(cast.vinga.id, "out_of_range"): 3}


def test_rejected_reports_are_counted_for_the_vessel_that_they_are_about(client, cast, runtime):
    shore = replace(cast.vinga, tracker_id=cast.shore_id, secret=cast.shore_secret)

    post(client, shore, ping(vessel=cast.hono.imo_number, latitude=99))
    post(client, shore, ping(vessel=cast.hono.imo_number, latitude=0, longitude=0))
    post(client, shore, ping(vessel="1234567"))
    post(client, cast.vinga, b"{")

    assert counts(runtime) == {
        (cast.hono.id, "out_of_range"): 1,
        (cast.hono.id, "null_island"): 1,
        (None, "unknown_vessel"): 1,
        (cast.vinga.id, "malformed"): 1,
    }


def counts(runtime) -> dict:
    with runtime.database.session() as session:
        rows = session.execute(text("SELECT vessel_id, reason, reports FROM quarantine_count"))
        return {(row.vessel_id, row.reason): row.reports for row in rows}


def test_a_doubtful_report_is_503_while_the_database_is_away(client, cast, postgres):
    post(client, cast.vinga, ping(recorded_at=moment(30)))
    postgres.kill()
    try:
        answer = post(client, cast.vinga, ping(latitude=59.0))
    finally:
        postgres.restart()

    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


def test_every_reason_code_is_explained_to_those_who_send(project):
    text = (project / "docs/api.md").read_text(encoding="utf-8")

    assert [reason for reason in Reason if f"| `{reason}` |" not in text] == []


def test_a_buffer_of_days_comes_as_late_and_never_moves_the_marker_back(client, cast, runtime):
    days = [ping(recorded_at=moment(3 * 86_400 - 60 * n), speed_knots=1.0) for n in range(40)]
    feed = runtime.feed(cast.fleet_id)

    post(client, cast.vinga, ping(recorded_at=moment(20), speed_knots=7.0))
    post(client, cast.vinga, days[1::2][::-1])
    post(client, cast.vinga, ping(recorded_at=moment(10), speed_knots=8.0))
    post(client, cast.vinga, days[::2])
    told = wait_for(lambda: (e := feed.since(feed.head().epoch, 0).events)[41:] and e)

    sent = [one for one in told if one.kind != b"vessel"]
    live = [one.placed.recorded_us for one in sent if one.kind == b"position"]
    assert [one.kind for one in sent].count(b"late") == 40
    assert len(live) == 2
    assert live == sorted(live)
    newest = client.get(f"/api/v1/vessels/{cast.vinga.id}", headers=bearer(cast.partner_key))
    assert newest.json["properties"]["speed_knots"] == 8.0
    assert track(runtime) == sorted(track(runtime))
    assert len(track(runtime)) == 42


def wait_for(ask, patience_s=5.0):
    """What `ask` answers as soon as it is something; the publisher runs beside us."""
    with gevent.Timeout(patience_s):
        while not (answer := ask()):
            gevent.sleep(0.01)
    return answer


def track(runtime) -> list:
    with runtime.database.session() as session:
        rows = session.execute(text("SELECT recorded_at FROM position ORDER BY recorded_at"))
        return rows.scalars().all()
