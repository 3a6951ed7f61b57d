"""`harbor quarantine`, as an operator uses it after trackers have posted."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from harbor.store import fleets, positions, trackers, vessels
from tests.builders import moment, ping, post

WEEK = 7 * 86_400
ROLLED_OVER = 1024 * WEEK


@pytest.fixture
def spike(client, cast):
    """Vinga's track with one teleport in quarantine; returns the teleport."""
    post(client, cast.vinga, [ping(recorded_at=moment(ago)) for ago in (90, 60)])
    wrong = ping(recorded_at=moment(75), latitude=59.0, attributes={"rpm": 900})
    post(client, cast.vinga, wrong)
    return wrong


@pytest.fixture
def bystander(client, cast):
    """Something of Hönö's in quarantine that nobody means."""
    post(client, cast.hono, ping(latitude=0, longitude=0))


def latitudes(engine, vessel) -> list[float]:
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT latitude FROM position WHERE vessel_id = :id ORDER BY recorded_at"),
            {"id": vessel.id},
        )
        return [row.latitude for row in rows]


def held(engine) -> list:
    with engine.connect() as connection:
        return connection.execute(text("SELECT * FROM rejected_report ORDER BY id")).all()


@pytest.mark.usefixtures("bystander")
def test_a_report_is_listed_with_its_reason_place_and_raw_form(ask, cast, spike):
    [row] = ask("quarantine", "list", "--vessel", "Vinga")

    assert (row["reason"], row["vessel"]) == ("teleport", "Vinga")
    assert (row["latitude"], row["place"]) == (59.0, "59.0000, 11.8000")
    assert json.loads(row["raw"]) == spike


@pytest.mark.usefixtures("spike", "bystander")
def test_filters_and_limit_choose_the_newest_that_are_meant(ask):
    def reasons(*words):
        return [row["reason"] for row in ask("quarantine", "list", *words)]

    assert reasons() == ["null_island", "teleport"]
    assert reasons("--limit", 1) == ["null_island"]
    assert reasons("--reason", "teleport") == ["teleport"]
    assert reasons("--since", "1h") == ["null_island", "teleport"]
    assert reasons("--since", "2099-01-01") == []


def test_an_empty_quarantine_says_so(run, cast):
    assert run("quarantine", "list").stdout == "Nothing is in quarantine.\n"
    assert run("quarantine", "counts").stdout == "No report was ever rejected.\n"


@pytest.mark.usefixtures("spike", "bystander")
def test_counts_outlive_what_is_discarded(ask):
    ask("quarantine", "discard", "--reason", "teleport")

    rows = ask("quarantine", "counts")
    found = [
        (row["vessel"], row["reason"], row["reports_ever"], row["waiting"]) for row in rows
    ]
    assert found == [("Hönö", "null_island", 1, 1), ("Vinga", "teleport", 1, 0)]
    assert [row["vessel"] for row in ask("quarantine", "counts", "--vessel", "Hönö")] == [
        "Hönö"
    ]
    assert len(ask("quarantine", "counts", "--reason", "teleport")) == 1
    assert ask("quarantine", "counts", "--since", "2099-01-01") == []


@pytest.mark.usefixtures("bystander")
def test_last_year_s_reports_do_not_look_like_tonight_s(ask, engine, client, cast):
    post(client, cast.vinga, [ping(latitude=99), ping(latitude=98)])
    post(client, cast.vinga, b"{")
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE rejected_report SET received_at = now() - interval '1 year'"
                " WHERE raw LIKE '%latitude__99%'"
            )
        )

    rows = ask("quarantine", "counts", "--vessel", "Vinga", "--since", "24h")

    counted = {
        row["reason"]: (row["waiting_since"], row["waiting"], row["reports_ever"])
        for row in rows
    }
    assert counted == {"malformed": (1, 1, 1), "out_of_range": (1, 2, 2)}


def test_what_is_of_no_vessel_is_counted_once(ask, client, cast):
    shore = replace(cast.vinga, tracker_id=cast.shore_id, secret=cast.shore_secret)
    post(client, shore, ping(vessel="9176187"))

    [row] = ask("quarantine", "counts")

    assert (row["vessel"], row["waiting"], row["reports_ever"]) == (None, 1, 1)


@pytest.mark.usefixtures("spike", "bystander")
def test_an_accepted_report_is_in_the_track_at_its_own_time(ask, engine, cast, audited):
    received_at = held(engine)[0].received_at
    [row] = ask("quarantine", "list", "--reason", "teleport")

    answer = ask("quarantine", "accept", row["id"])

    assert (answer["accepted"], answer["known"], answer["stayed"]) == (1, 0, [])
    assert (answer["is_dry_run"], answer["missing_partitions"]) == (False, [])
    assert latitudes(engine, cast.vinga) == [57.66, 59.0, 57.66]
    assert [one.reason for one in held(engine)] == ["null_island"]
    assert audited()[-1][0] == "quarantine.accepted"
    with engine.connect() as connection:
        stored = connection.execute(
            text("SELECT received_at, attributes FROM position WHERE latitude = 59")
        ).one()
    assert (stored.received_at, stored.attributes) == (received_at, {"rpm": 900})


@pytest.mark.usefixtures("spike")
def test_a_running_worker_sends_an_accepted_report_as_late(ask, engine, cast, runtime):
    ask("quarantine", "accept", "--all")
    with engine.begin() as connection:
        connection.execute(text("UPDATE feed_outbox SET created_at = now() - interval '1 h'"))

    runtime.sweeper.sweep_all()

    feed = runtime.feed(cast.fleet_id)
    sent = [one for one in feed.since(feed.head().epoch, 0).events if one.kind == b"late"]
    assert any(b"59.0" in one.placed.feature for one in sent)


@pytest.mark.usefixtures("spike", "bystander")
@pytest.mark.parametrize("deed", ["accept", "discard"])
def test_a_dry_run_changes_nothing_and_says_what_would_be(ask, engine, cast, audited, deed):
    answer = ask("quarantine", deed, "--all", "--dry-run")

    assert answer["is_dry_run"] is True
    assert answer["accepted" if deed == "accept" else "discarded"] == 2
    assert len(held(engine)) == 2
    assert latitudes(engine, cast.vinga) == [57.66, 57.66]
    assert audited() == []


@pytest.mark.usefixtures("spike", "bystander")
def test_only_what_is_meant_is_discarded(ask, engine, audited):
    assert ask("quarantine", "discard", "--vessel", "Vinga")["discarded"] == 1

    assert [one.reason for one in held(engine)] == ["null_island"]
    assert audited()[-1][0] == "quarantine.discarded"


@pytest.mark.parametrize(
    "words", [(), ("--all", "--reason", "teleport"), ("--dry-run",)], ids=" ".join
)
@pytest.mark.parametrize("deed", ["accept", "discard"])
def test_nothing_is_done_to_all_of_them_by_a_slip(run, cast, deed, words):
    assert run("quarantine", deed, *words).exit_code == 2


@pytest.mark.usefixtures("spike")
def test_one_wrong_id_leaves_the_others_alone(run, engine, cast):
    known = held(engine)[0].id

    result = run("quarantine", "accept", known, cast.fleet_id)

    assert result.exit_code == 1
    assert f"There is no report {cast.fleet_id} in quarantine" in result.stderr
    assert len(held(engine)) == 1


def test_what_breaks_the_contract_stays_and_it_is_said_why(run, client, cast, engine):
    post(client, cast.vinga, ping(latitude=99))
    post(client, cast.vinga, b"{")

    result = run("quarantine", "accept", "--all")

    assert result.exit_code == 1
    assert "0 were accepted; 0 were known already; 2 stay in quarantine." in result.stdout
    assert "/latitude: Input should be less than or equal to 90" in result.stdout
    assert "The body is not JSON" in result.stdout
    assert len(held(engine)) == 2


def test_a_vessel_that_was_unknown_may_have_been_added_since(
    ask, client, cast, engine, runtime
):
    shore = replace(cast.vinga, tracker_id=cast.shore_id, secret=cast.shore_secret)
    post(client, shore, ping(vessel="9176187"))
    with runtime.database.session() as session:
        vessels.add(session, cast.fleet_id, "Ny", "9176187")

    assert ask("quarantine", "accept", "--reason", "unknown_vessel")["accepted"] == 1


def test_a_number_that_moved_to_another_hull_takes_no_old_fix_along(run, client, cast, engine):
    shore = replace(cast.vinga, tracker_id=cast.shore_id, secret=cast.shore_secret)
    post(client, shore, ping(vessel=cast.vinga.imo_number, latitude=0, longitude=0))
    with engine.begin() as connection:
        connection.execute(text("UPDATE vessel SET imo_number = NULL"))
        connection.execute(
            text("UPDATE vessel SET imo_number = :number WHERE id = :id"),
            {"number": cast.vinga.imo_number, "id": cast.hono.id},
        )

    result = run("quarantine", "accept", "--all")

    assert result.exit_code == 1
    assert "it is of Vinga; its number or its tracker has moved since" in result.stdout
    assert latitudes(engine, cast.hono) == []


def test_a_tracker_that_moved_to_another_vessel_takes_no_old_fix_along(
    run, client, cast, engine
):
    post(client, cast.vinga, ping(latitude=0, longitude=0))
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE tracker SET vessel_id = :hono WHERE id = :id"),
            {"hono": cast.hono.id, "id": cast.vinga.tracker_id},
        )

    result = run("quarantine", "accept", "--all")

    assert "it is of Vinga; its number or its tracker has moved since" in result.stdout
    assert latitudes(engine, cast.hono) == []


def test_a_rolled_over_time_is_stored_as_it_was_meant(ask, client, cast, engine):
    post(client, cast.vinga, ping(recorded_at=moment(ROLLED_OVER + 60)))

    assert ask("quarantine", "accept", "--all")["accepted"] == 1

    with engine.connect() as connection:
        recorded_at = connection.execute(text("SELECT recorded_at FROM position")).scalar_one()
    assert abs(datetime.now(UTC) - timedelta(seconds=60) - recorded_at) < timedelta(seconds=30)


def test_a_time_of_an_earlier_year_is_stored_though_its_month_has_no_partition(
    ask, run, client, cast, engine, runtime
):
    with runtime.database.session() as session:
        fleets.change_thresholds(
            session, cast.fleet_id, {"recorded_at_min": "2026-01-01T00:00:00Z"}
        )
    runtime.directory.refresh()
    post(client, cast.vinga, ping(recorded_at="2022-03-04T05:06:07Z"))
    refused = run("quarantine", "accept", "--all")
    with runtime.database.session() as session:
        fleets.change_thresholds(session, cast.fleet_id, {})

    assert "earlier than 2026-01-01" in refused.stdout
    assert ask("quarantine", "accept", "--all")["accepted"] == 1
    assert latitudes(engine, cast.vinga) == [57.66]


@pytest.fixture
def of_an_early_month(client, cast, engine):
    """A report in quarantine whose month has no partition; it has none afterwards either."""
    drop = text("DROP TABLE IF EXISTS position_2021_05")
    with engine.begin() as connection:
        connection.execute(drop)
    post(client, cast.vinga, ping(recorded_at="2021-05-04T05:06:07Z", latitude=0, longitude=0))
    yield
    with engine.begin() as connection:
        connection.execute(drop)


@pytest.mark.usefixtures("of_an_early_month")
def test_a_dry_run_makes_no_partition_and_names_the_missing_one(run, ask, engine):
    answer = ask("quarantine", "accept", "--all", "--dry-run")
    said = run("quarantine", "accept", "--all", "--dry-run").stdout

    assert (answer["accepted"], answer["missing_partitions"]) == (1, ["position_2021_05"])
    assert "partitions that would be made: position_2021_05" in said
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT to_regclass('position_2021_05')")) is None
    assert len(held(engine)) == 1


@pytest.mark.usefixtures("of_an_early_month")
def test_who_needs_a_partition_does_not_wait_for_the_rest_of_a_bulk(ask, engine, monkeypatch):
    def record(*given):
        with engine.connect() as connection:
            taken = (
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4715002"
            )
            locks.append(connection.scalar(text(taken)))
        return store(*given)

    locks, store = [], positions.record
    monkeypatch.setattr(positions, "record", record)

    assert ask("quarantine", "accept", "--all")["accepted"] == 1
    assert locks == [0]


def test_rows_are_stored_in_the_order_in_which_every_worker_locks_them(
    ask, client, cast, monkeypatch
):
    for ago in (10, 30, 20):  # as they come in, not as they are locked
        post(client, cast.hono, ping(recorded_at=moment(ago), latitude=0, longitude=0))
        post(client, cast.vinga, ping(recorded_at=moment(ago), latitude=0, longitude=0))
    locked, store = [], positions.record

    def record(connection, rows, received_at):
        locked.extend((key[1].int, key[2]) for key in rows)
        return store(connection, rows, received_at)

    monkeypatch.setattr(positions, "record", record)

    assert ask("quarantine", "accept", "--all")["accepted"] == 6
    assert locked == sorted(locked)


def test_another_position_at_the_same_time_is_never_replaced(run, client, cast, engine):
    at = moment(60)
    post(client, cast.vinga, [ping(recorded_at=at), ping(recorded_at=at, latitude=57.67)])

    result = run("quarantine", "accept", "--all")

    assert result.exit_code == 1
    assert "another position of this time is in the track already" in result.stdout
    assert latitudes(engine, cast.vinga) == [57.66]


@pytest.mark.usefixtures("spike")
def test_what_is_in_the_track_already_only_leaves_quarantine(ask, engine, cast):
    with engine.begin() as connection:
        copied = ", ".join(("fleet_id", "tracker_id", "vessel_id", "received_at", "detail"))
        connection.execute(
            text(
                f"INSERT INTO rejected_report ({copied}, reason, raw)"
                f" SELECT {copied}, 'contract', raw FROM rejected_report"
            )
        )

    answer = ask("quarantine", "accept", "--all")

    assert (answer["accepted"], answer["known"]) == (1, 1)
    assert held(engine) == []


def test_what_the_database_refuses_stays_and_its_neighbours_are_accepted(
    ask, client, cast, engine
):
    zeros = [ping(recorded_at=moment(ago), latitude=0, longitude=0) for ago in (30, 20, 10)]
    zeros[1]["speed_knots"] = 77.0
    post(client, cast.vinga, zeros)
    with engine.begin() as connection:
        connection.execute(
            text(
                "ALTER TABLE position ADD CONSTRAINT no_77 CHECK (speed_knots <> 77) NOT VALID"
            )
        )
    try:
        answer = ask("quarantine", "accept", "--all")
    finally:
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE position DROP CONSTRAINT no_77"))

    assert answer["accepted"] == 2
    assert "no_77" in answer["stayed"][0]["why"]
    assert len(held(engine)) == 1


def test_more_than_fits_into_one_transaction_is_worked_through(
    ask, client, cast, engine, monkeypatch
):
    monkeypatch.setattr("harbor.cli.quarantine.AT_ONCE", 2)
    zeros = [ping(recorded_at=moment(n), latitude=0, longitude=0) for n in range(5)]
    post(client, cast.vinga, [*zeros, ping(latitude=99)])

    answer = ask("quarantine", "accept", "--since", "1d")

    assert (answer["accepted"], len(answer["stayed"])) == (5, 1)
    assert len(held(engine)) == 1


def test_a_long_list_of_what_stays_is_cut(run, client, cast, monkeypatch):
    monkeypatch.setattr("harbor.cli.quarantine.SHOWN_MAX", 1)
    post(client, cast.vinga, [ping(latitude=99), ping(latitude=98)])

    assert "and 1 more" in run("quarantine", "accept", "--all").stdout


def test_a_time_that_cannot_be_read_is_a_usage_error(run, cast):
    result = run("quarantine", "list", "--since", "yesterday")

    assert result.exit_code == 2
    assert "is not a time" in result.stderr


@pytest.fixture
def phone(runtime, cast):
    """Posts to the door of OwnTracks as Vinga's own phone."""
    with runtime.database.session() as session:
        _, secret = trackers.add(
            session, runtime.seal, cast.fleet_id, "phone", cast.vinga.id, "owntracks"
        )
    return f"/api/v1/ingest/owntracks/{trackers.token_of(trackers.key_of(secret))}"


def located(**changes) -> str:
    at = int(datetime.now(UTC).timestamp())
    return json.dumps({"_type": "location", "lat": 57.5, "lon": 11.5, "tst": at} | changes)


def stored(engine) -> list:
    with engine.connect() as connection:
        return connection.execute(text("SELECT * FROM position ORDER BY recorded_at")).all()


def change_held(engine, **columns):
    """What is in quarantine, as if it had come otherwise."""
    changes = ", ".join(f"{name} = :{name}" for name in columns)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE rejected_report SET {changes}"), columns)


def test_a_report_of_an_app_is_accepted_in_its_own_format(ask, client, phone, engine):
    client.post(phone, data=located(lat=0, lon=0, vel=18))
    [row] = ask("quarantine", "list")
    assert (row["format"], row["reason"]) == ("owntracks", "null_island")

    assert ask("quarantine", "accept", "--all")["accepted"] == 1

    [position] = stored(engine)
    assert position.source == "owntracks"
    assert position.speed_knots == pytest.approx(18 / 1.852, abs=0.001)


def test_an_app_whose_week_counter_rolled_over_is_stored_with_what_it_meant(
    ask, client, phone, engine
):
    meant = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    client.post(phone, data=located(tst=int(meant.timestamp()) - ROLLED_OVER))
    assert [row["reason"] for row in ask("quarantine", "list")] == ["gps_week_rollover"]

    assert ask("quarantine", "accept", "--all")["accepted"] == 1

    assert [position.recorded_at for position in stored(engine)] == [meant]


def test_a_message_without_a_time_is_of_when_it_came_in_not_of_when_it_is_accepted(
    ask, client, phone, engine
):
    client.post(phone, data=located(lat=99))
    came_at = datetime.now(UTC) - timedelta(days=3)
    change_held(engine, format="osmand", raw=b"lat=57.5&lon=11.5", received_at=came_at)

    assert ask("quarantine", "accept", "--all")["accepted"] == 1

    [position] = stored(engine)
    assert abs(position.recorded_at - came_at) < timedelta(seconds=2)


def test_what_was_ahead_of_us_when_it_came_may_be_accepted_once_it_is_not(
    run, client, phone, engine
):
    client.post(phone, data=located(tst=int(datetime.now(UTC).timestamp()) + 600))
    assert run("quarantine", "accept", "--all").exit_code == 1

    # As if an hour had passed: it and its time are an hour older.
    earlier = datetime.now(UTC) - timedelta(hours=1)
    raw = located(tst=int(earlier.timestamp()) + 600).encode()
    change_held(engine, received_at=earlier, raw=raw)

    assert run("quarantine", "accept", "--all").exit_code == 0
    assert len(stored(engine)) == 1


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"format": "telepathy"}, "does not read telepathy"),
        ({"raw": b'{"_type":"lwt","tst":1777896000}'}, "no position"),
        ({"raw": b"{"}, "not JSON"),
    ],
)
def test_what_gives_no_position_stays_and_it_is_said_why(
    run, client, phone, engine, columns, why
):
    client.post(phone, data=located(lat=99))
    change_held(engine, **columns)

    result = run("quarantine", "accept", "--all")

    assert result.exit_code == 1
    assert why in result.stdout
    assert len(held(engine)) == 1
