"""POST /api/v1/positions, through the public door."""

import gevent
import pytest
from sqlalchemy import text

from harbor import create_app
from tests.builders import bearer, moment, ping, post
from tests.tables import quarantined, stored

WEEK = 7 * 86_400


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


def test_a_tracker_cannot_report_for_another_vessel(client, cast, runtime):
    answer = post(client, cast.vinga, ping(vessel=cast.hono.imo_number))

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/vessel"
    assert stored(runtime) == 0


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


def test_a_month_that_an_operator_detached_puts_off_its_pings_and_no_others(
    client, cast, runtime
):
    def alter(command: str) -> None:
        with runtime.database.session() as session:
            session.execute(text(f"ALTER TABLE position {command}"))

    post(client, cast.vinga, ping(recorded_at="2021-07-04T05:06:07Z"))
    alter("DETACH PARTITION position_2021_07")
    try:
        late = post(client, cast.vinga, ping(recorded_at="2021-07-04T05:06:08Z"))
        live = post(client, cast.vinga, ping())
    finally:
        alter(
            "ATTACH PARTITION position_2021_07 FOR VALUES"
            " FROM ('2021-07-01 00:00Z') TO ('2021-08-01 00:00Z')"
        )

    assert (late.status_code, live.status_code) == (503, 201)
    assert int(late.headers["Retry-After"]) >= 1
    assert post(client, cast.vinga, ping(recorded_at="2021-07-04T05:06:08Z")).status_code == 201
