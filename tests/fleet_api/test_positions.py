"""POST /api/v1/positions, through the public door."""

import json
import time
from dataclasses import replace

import gevent
import pytest
from sqlalchemy import text

from harbor import create_app
from harbor.fleet.verdict import Reason
from harbor.fleet.vessel import Kind
from harbor.ingest.directory import LOOK_AGAIN_SECONDS
from harbor.ingest.judge import Judge
from harbor.store import fleets, vessels
from tests.builders import bearer, moment, ping, post, signed

WEEK = 7 * 86_400


def stored(runtime) -> int:
    with runtime.database.session() as session:
        return session.execute(text("SELECT count(*) FROM position")).scalar_one()


def quarantined(runtime) -> list[tuple[str, bytes]]:
    with runtime.database.session() as session:
        rows = session.execute(text("SELECT reason, raw FROM rejected_report ORDER BY id"))
        return [(row.reason, bytes(row.raw)) for row in rows]


def test_a_new_report_is_201_and_stored(client, cast, runtime):
    answer = post(client, cast.vinga, ping())

    assert answer.status_code == 201
    assert answer.json["verdict"] == "accepted"
    assert answer.json["vessel"] == str(cast.vinga.id)
    assert stored(runtime) == 1


def test_the_same_report_again_is_200_and_stored_once(client, cast, runtime):
    report = ping()

    post(client, cast.vinga, report)
    answer = post(client, cast.vinga, report)

    assert answer.status_code == 200
    assert answer.json["verdict"] == "duplicate"
    assert answer.json["identical"] is True
    assert stored(runtime) == 1


def test_another_content_at_the_same_time_keeps_the_first_and_says_so(client, cast, runtime):
    report = ping(speed_knots=5.0)

    post(client, cast.vinga, report)
    answer = post(client, cast.vinga, report | {"speed_knots": 6.0})

    assert (answer.status_code, answer.json["identical"]) == (200, False)
    with runtime.database.session() as session:
        assert session.execute(text("SELECT speed_knots FROM position")).scalar_one() == 5.0


def test_a_late_report_is_accepted(client, cast):
    post(client, cast.vinga, ping())

    answer = post(client, cast.vinga, ping(recorded_at=moment(3 * 86_400)))

    assert answer.status_code == 201


def test_a_report_from_a_month_without_a_partition_makes_it(client, cast, runtime):
    answer = post(client, cast.vinga, ping(recorded_at="2021-03-04T05:06:07Z"))

    assert answer.status_code == 201
    assert stored(runtime) == 1


def test_a_fleet_wide_key_reports_for_the_vessel_that_the_body_names(client, cast):
    body = json.dumps(ping(vessel=cast.hono.imo_number)).encode()
    headers = signed(body, cast.shore_id, cast.shore_secret)

    answer = client.post("/api/v1/positions", data=body, headers=headers)

    assert (answer.status_code, answer.json["vessel"]) == (201, str(cast.hono.id))


def test_without_the_tracker_header_the_only_fleets_shared_key_is_tried(client, cast):
    body = json.dumps(ping(vessel="265123456")).encode()

    answer = client.post(
        "/api/v1/positions", data=body, headers=signed(body, None, cast.shore_secret)
    )

    assert (answer.status_code, answer.json["vessel"]) == (201, str(cast.vinga.id))


def test_a_tracker_cannot_report_for_another_vessel(client, cast, runtime):
    answer = post(client, cast.vinga, ping(vessel=cast.hono.imo_number))

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/vessel"
    assert stored(runtime) == 0


def test_a_wrong_signature_is_401_before_the_json_is_looked_at(client, cast, runtime):
    headers = signed(b"another body", cast.vinga.tracker_id, cast.vinga.secret)

    answer = client.post("/api/v1/positions", data=b"{not json", headers=headers)

    assert answer.status_code == 401
    assert quarantined(runtime) == []


def test_every_refusal_looks_the_same_to_the_byte(client, cast, runtime):
    from harbor.store import trackers

    with runtime.database.session() as session:
        trackers.revoke(session, cast.fleet_id, str(cast.hono.tracker_id), runtime.clock())
    body = json.dumps(ping()).encode()
    refused = {
        "wrong signature": signed(body + b" ", cast.vinga.tracker_id, cast.vinga.secret),
        "unknown tracker": signed(body, cast.fleet_id, cast.vinga.secret),
        "no id at all": signed(body, "nobody", cast.vinga.secret),
        "revoked tracker": signed(body, cast.hono.tracker_id, cast.hono.secret),
        "not the shared secret": signed(body, None, cast.vinga.secret),
    }

    looks = {
        kind: look(client.post("/api/v1/positions", data=body, headers=headers))
        for kind, headers in refused.items()
    }

    assert set(looks.values()) == {looks["wrong signature"]}
    assert looks["wrong signature"][0] == 401


def look(answer) -> tuple[int, str, str]:
    """All that a stranger sees, without the request's id."""
    request_id = answer.headers["X-Request-ID"]
    seen = (answer.status_code, str(answer.headers), answer.get_data(as_text=True))
    return seen[0], *(part.replace(request_id, "…") for part in seen[1:])


@pytest.mark.parametrize(
    ("signed_seconds_ago", "status"),
    [(0, 201), (290, 201), (310, 401), (-290, 201), (-310, 401)],
)
def test_the_tolerance_is_on_the_time_of_signing(client, cast, signed_seconds_ago, status):
    import time

    body = json.dumps(ping(recorded_at=moment(3600))).encode()
    headers = signed(
        body, cast.vinga.tracker_id, cast.vinga.secret, time.time() - signed_seconds_ago
    )

    assert client.post("/api/v1/positions", data=body, headers=headers).status_code == status


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-signature": "v1,é".encode().decode("latin-1")},
        {"webhook-signature": ""},
        {"webhook-signature": "v1," + "A" * 100_000},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "\uff19\uff19"},
        {"webhook-id": ""},
        {"Harbor-Tracker": "nobody"},
    ],
)
def test_a_malformed_signature_header_is_401_never_500(client, cast, changes):
    body = json.dumps(ping()).encode()
    headers = signed(body, cast.vinga.tracker_id, cast.vinga.secret) | changes
    headers = {name: value.encode("utf-8").decode("latin-1") for name, value in headers.items()}

    answer = client.post("/api/v1/positions", data=body, headers=headers)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("changes", "pointer", "reason"),
    [
        ({"latitude": 91}, "/latitude", "out_of_range"),
        ({"latitude": "57.6"}, "/latitude", "contract"),
        ({"longitude": -181}, "/longitude", "out_of_range"),
        ({"recorded_at": "2019-12-31T23:59:59Z"}, "/recorded_at", "timestamp_too_old"),
        ({"recorded_at": "2020-01-01T00:00:00+01:00"}, "/recorded_at", "timestamp_too_old"),
        ({"recorded_at": "2026-05-04T12:00:00"}, "/recorded_at", "contract"),
        ({"recorded_at": "1777896000"}, "/recorded_at", "contract"),
        ({"recorded_at": "2026-05-04T12:00:00.1234567Z"}, "/recorded_at", "contract"),
        ({"recorded_at": moment(-36_000)}, "/recorded_at", "timestamp_in_future"),
        ({"recorded_at": moment(1024 * WEEK)}, "/recorded_at", "gps_week_rollover"),
        ({"recorded_at": moment(2048 * WEEK)}, "/recorded_at", "gps_week_rollover"),
        ({"recorded_at": moment(-1024 * WEEK)}, "/recorded_at", "gps_week_rollover"),
        ({"speed_knots": True}, "/speed_knots", "contract"),
        ({"speed_knots": -1}, "/speed_knots", "contract"),
        ({"battery_percent": 101}, "/battery_percent", "contract"),
        ({"fleet_id": "x"}, "/fleet_id", "contract"),
        ({"vessel": "9319466"}, "/vessel", "unknown_vessel"),
        ({"attributes": {"a": [1]}}, "/attributes/a", "contract"),
        ({"attributes": {"a": "\0"}}, "/attributes/a", "contract"),
    ],
)
def test_a_breach_of_the_contract_names_the_field_and_is_kept(
    client, cast, runtime, changes, pointer, reason
):
    answer = post(client, cast.vinga, ping(**changes))

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    assert [reason for reason, _ in quarantined(runtime)] == [reason]
    assert stored(runtime) == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"17",
        b'{"latitude": NaN}',
        b'{"latitude": 1, "latitude": 2}',
        b'{"latitude": 1, "lat\\u0069tude": 2}',
        b"[" * 100_000,
        '{"latitude": 1}'.encode("utf-16"),
        b"\xff\xfe",
    ],
)
def test_what_is_not_json_is_400_and_kept_in_quarantine(client, cast, runtime, body):
    answer = post(client, cast.vinga, body)

    assert answer.status_code == 400
    assert [reason for reason, _ in quarantined(runtime)] == ["malformed"]


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


def test_an_array_is_judged_item_by_item(client, cast, runtime):
    first = ping(recorded_at=moment(20))
    document = [first, first, ping(latitude=99), ping(latitude=0, longitude=0), ping()]

    answer = post(client, cast.vinga, document)

    assert answer.status_code == 201
    assert (answer.json["accepted"], answer.json["duplicates"]) == (2, 1)
    assert [item["index"] for item in answer.json["rejected"]] == [2]
    assert answer.json["rejected"][0]["reasons"][0]["pointer"] == "/2/latitude"
    assert answer.json["quarantined"] == [{"index": 3, "reason": "null_island"}]
    assert stored(runtime) == 2


def test_an_array_of_known_reports_is_200(client, cast):
    document = [ping(recorded_at=moment(20)), ping(recorded_at=moment(10))]

    post(client, cast.vinga, document)
    answer = post(client, cast.vinga, document)

    assert (answer.status_code, answer.json["duplicates"]) == (200, 2)


def test_an_array_without_a_good_report_is_422(client, cast):
    assert post(client, cast.vinga, [ping(latitude=99)]).status_code == 422


@pytest.mark.parametrize("length", [0, 1001])
def test_an_array_has_1_to_1000_reports(client, cast, length):
    answer = post(client, cast.vinga, [ping()] * length)

    assert answer.status_code == 422


def test_a_body_over_the_limit_is_413(client, cast, runtime):
    body = b" " * (runtime.settings.body_bytes_max + 1)

    assert post(client, cast.vinga, body).status_code == 413


def test_a_compressed_body_is_415(client, cast):
    answer = post(client, cast.vinga, ping(), **{"Content-Encoding": "gzip"})

    assert answer.status_code == 415


def test_a_fault_of_ours_is_500_and_tells_nothing_of_its_inside(client, cast, runtime, caplog):
    def fail(*_):
        raise RuntimeError("SELECT secret")

    runtime.intake.receive = fail

    answer = post(client, cast.vinga, ping())

    assert (answer.status_code, answer.mimetype) == (500, "application/problem+json")
    assert "SELECT" not in answer.get_data(as_text=True)
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]
    assert "SELECT secret" in caplog.text


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_the_webhook_takes_nothing_but_posts(client, cast, method):
    answer = client.open("/api/v1/positions", method=method, headers=bearer(cast.partner_key))

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_good_and_refused_answers_have_an_id_and_are_not_kept_by_caches(client, cast):
    for answer in (post(client, cast.vinga, ping()), post(client, cast.vinga, b"{")):
        assert answer.headers["X-Request-ID"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_revoked_trackers_signature_is_refused(client, cast, runtime):
    from harbor.store import trackers

    with runtime.database.session() as session:
        trackers.revoke(session, cast.fleet_id, str(cast.vinga.tracker_id), runtime.clock())
    runtime.directory.refresh()

    assert post(client, cast.vinga, ping()).status_code == 401


def test_both_secrets_count_from_the_moment_a_tracker_changes_its_key(client, cast, runtime):
    from dataclasses import replace
    from datetime import timedelta

    from harbor.store import trackers

    runtime.directory.refresh()
    with runtime.database.session() as session:
        _, secret = trackers.rotate(
            session,
            runtime.seal,
            cast.fleet_id,
            str(cast.vinga.tracker_id),
            runtime.clock() + timedelta(hours=1),
        )

    assert post(client, cast.vinga, ping(recorded_at=moment(5))).status_code == 201
    assert post(client, replace(cast.vinga, secret=secret), ping()).status_code == 201


def aged(runtime):
    """Wait until the directory's reading is old enough to be doubted."""
    runtime.directory.contents()
    time.sleep(LOOK_AGAIN_SECONDS)


def test_what_was_added_a_moment_ago_is_not_refused(client, cast, runtime):
    from dataclasses import replace

    from harbor.store import trackers, vessels

    aged(runtime)
    with runtime.database.session() as session:
        vessels.add(session, cast.fleet_id, "Ny", "9176187")
        tracker_id, secret = trackers.add(
            session, runtime.seal, cast.fleet_id, "new", cast.hono.id
        )
    shore = replace(cast.vinga, tracker_id=cast.shore_id, secret=cast.shore_secret)

    named = post(client, shore, ping(vessel="9176187"))
    newcomer = post(client, replace(cast.vinga, tracker_id=tracker_id, secret=secret), ping())

    assert (named.status_code, newcomer.status_code) == (201, 201)


def test_nobody_is_refused_while_the_directory_cannot_be_read(client, cast, runtime, postgres):
    runtime.directory.refresh()
    postgres.kill()
    try:
        body = json.dumps(ping()).encode()
        headers = signed(body, cast.fleet_id, cast.vinga.secret)
        answer = client.post("/api/v1/positions", data=body, headers=headers)
    finally:
        postgres.restart()

    assert answer.status_code == 503


def test_a_retired_vessels_tracker_is_refused(client, cast, runtime):
    from harbor.store import vessels

    with runtime.database.session() as session:
        vessels.retire(session, cast.fleet_id, "Vinga", runtime.clock())
    runtime.directory.refresh()

    assert post(client, cast.vinga, ping()).status_code == 401


def test_a_secret_we_cannot_open_is_503_and_stops_no_other_tracker(client, cast, runtime):
    with runtime.database.session() as session:
        session.execute(
            text("UPDATE tracker SET secret = 'x', revision = revision + 1 WHERE id = :id"),
            {"id": cast.hono.tracker_id},
        )
    runtime.directory.refresh()

    assert post(client, cast.vinga, ping()).status_code == 201
    answer = post(client, cast.hono, ping())
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "document", [{"attributes": {"a\0b": 1}}, {"x\0y": 1}, {"attributes": {"a": 1e308}}]
)
def test_what_a_column_cannot_hold_is_422_and_kept(client, cast, runtime, document):
    answer = post(client, cast.vinga, ping(**document))

    assert answer.status_code == 422
    assert len(quarantined(runtime)) == 1


def test_an_array_that_is_too_long_is_kept_all_the_same(client, cast, runtime):
    assert post(client, cast.vinga, [1] * 1001).status_code == 422
    assert [reason for reason, _ in quarantined(runtime)] == ["malformed"]


def test_a_partner_who_asks_while_valkey_is_away_costs_no_tracker_its_ping(
    client, cast, valkey
):
    valkey.kill()
    try:
        for _ in range(3):
            client.get("/api/v1/vessels", headers=bearer(cast.partner_key))
        answers = [
            post(client, cast.vinga, ping(recorded_at=moment(n))).status_code
            for n in range(80, 0, -1)
        ]
    finally:
        valkey.restart()

    assert set(answers) == {201}


def test_the_independent_library_signs_what_we_accept(client, cast):
    from datetime import UTC, datetime

    from standardwebhooks import Webhook

    body, at = json.dumps(ping()), datetime.now(UTC)
    headers = {
        "Harbor-Tracker": str(cast.vinga.tracker_id),
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(cast.vinga.secret).sign("msg_1", at, body),
    }

    assert client.post("/api/v1/positions", data=body, headers=headers).status_code == 201


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


def test_the_same_report_in_two_arrays_is_one_row(client, cast, runtime):
    one, two, three = (ping(recorded_at=moment(ago)) for ago in (30, 20, 10))

    first = post(client, cast.vinga, [two, one, one])
    second = post(client, cast.vinga, [three, two, one])

    assert (first.json["accepted"], first.json["duplicates"]) == (2, 1)
    assert (second.json["accepted"], second.json["duplicates"]) == (1, 2)
    assert stored(runtime) == 3


def test_the_same_report_to_two_workers_at_once_is_one_row_and_one_201(
    client, cast, runtime, settings
):
    other = create_app(settings)
    service = other.extensions["harbor"]
    greenlets = service.start_writing()
    doors, report = (client, other.test_client()), ping()
    try:
        answers = [gevent.spawn(post, door, cast.vinga, report) for door in doors * 4]
        gevent.joinall(answers, raise_error=True)
    finally:
        gevent.killall(greenlets)
        service.close()

    statuses = sorted(answer.value.status_code for answer in answers)
    assert statuses == [200] * 7 + [201]
    assert stored(runtime) == 1


def test_what_the_database_refuses_is_422_and_kept_and_its_neighbour_is_stored(
    client, cast, runtime
):
    with runtime.database.session() as session:
        rule = "CHECK (speed_knots <> 77) NOT VALID"
        session.execute(text(f"ALTER TABLE position ADD CONSTRAINT no_77 {rule}"))
    try:
        single = post(client, cast.hono, ping(speed_knots=77.0))
        both = [ping(recorded_at=moment(9)), ping(speed_knots=77.0)]
        array = post(client, cast.vinga, both)
    finally:
        with runtime.database.session() as session:
            session.execute(text("ALTER TABLE position DROP CONSTRAINT no_77"))

    assert (single.status_code, array.status_code) == (422, 201)
    assert [reason for reason, _ in quarantined(runtime)] == ["refused_by_database"] * 2
    assert stored(runtime) == 1
