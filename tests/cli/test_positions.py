"""`harbor positions maintain`: what is made, dropped and thinned, and said about it."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from harbor.store import upkeep

OLD = "position_2020_03"


@pytest.fixture
def old_partition(engine, settings):
    """A month with one position, long past; gone afterwards, also when the test failed."""
    with engine.begin() as connection:
        connection.execute(text("SELECT harbor_ensure_position_partition('2020-03-05Z')"))
        connection.execute(
            text("""
            INSERT INTO position (fleet_id, vessel_id, recorded_at, tracker_id, received_at,
                latitude, longitude, source)
            VALUES (uuidv7(), uuidv7(), '2020-03-05Z', uuidv7(), now(), 57, 11, 'tracker')
            """)
        )
    yield
    with engine.begin() as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {OLD}"))


@pytest.fixture
def exists(engine):
    def exists():
        with engine.connect() as connection:
            return connection.scalar(text(f"SELECT to_regclass('{OLD}')")) is not None

    return exists


def of(document, action):
    return [one["partition"] for one in document["deeds"] if one["action"] == action]


def test_without_retention_everything_stays(ask, old_partition, exists):
    document = ask("positions", "maintain")

    assert of(document, "drop") == []
    assert exists()


def test_a_dry_run_names_what_would_go_and_leaves_it(ask, old_partition, exists, audited):
    document = ask("positions", "maintain", "--dry-run", HARBOR_RETENTION_DAYS="365")

    assert OLD in of(document, "drop")
    assert document["is_busy"] is False
    assert exists()
    assert audited() == []


def test_what_is_too_old_is_dropped_and_written_down(ask, old_partition, exists, audited):
    document = ask("positions", "maintain", HARBOR_RETENTION_DAYS="365")

    assert OLD in of(document, "drop")
    assert not exists()
    assert {action for action, _ in audited()} == {"positions.drop"}


def test_people_get_a_table_or_are_told_that_there_is_nothing(run, old_partition):
    run("positions", "maintain")  # what a test before this one began, say a drop, is ended

    table = run("positions", "maintain", "--dry-run", HARBOR_RETENTION_DAYS="365").stdout
    nothing = run("positions", "maintain").stdout

    assert table.splitlines()[0].split() == [
        "ACTION", "PARTITION", "START", "END", "ROWS", "BYTES", "PROBLEM",
    ]  # fmt: skip
    assert nothing.startswith("Nothing to do")


def test_while_another_maintainer_works_nothing_is_done(
    run, ask, engine, old_partition, exists
):
    with engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(4715010)"))

        document = ask("positions", "maintain", HARBOR_RETENTION_DAYS="365")
        words = run("positions", "maintain", HARBOR_RETENTION_DAYS="365").stdout

    assert document == {"is_busy": True, "deeds": []}
    assert words.startswith("Another maintainer is at work")
    assert exists()


def test_a_drop_that_somebody_holds_up_is_told_and_exits_with_1(
    run, engine, old_partition, exists
):
    with engine.connect() as other:
        other.execute(text(f"LOCK TABLE {OLD} IN ACCESS EXCLUSIVE MODE"))

        result = run("positions", "maintain", HARBOR_RETENTION_DAYS="365")

    assert result.exit_code == 1
    assert "lock timeout" in result.stdout
    assert exists()


def test_with_clocks_in_doubt_it_drops_nothing_and_says_why(
    run, old_partition, exists, monkeypatch
):
    def a_year_apart(_, now):
        return upkeep.Clocks(now, now - timedelta(days=365))

    monkeypatch.setattr(upkeep, "read_clocks", a_year_apart)

    result = run("positions", "maintain", HARBOR_RETENTION_DAYS="365")

    assert result.exit_code == 1
    assert "Nothing is dropped or thinned: this host's clock says" in result.stderr
    assert exists()


def test_an_empty_database_says_what_to_run(run, empty_database):
    result = run("positions", "maintain", HARBOR_DATABASE_URL=empty_database)

    assert result.exit_code == 2
    assert "harbor migrate" in result.stderr
