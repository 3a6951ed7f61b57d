"""Migrations on an empty and on a filled database."""

from uuid import UUID

import pytest
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import Engine, create_engine, event, text

from harbor import create_app
from harbor.demo.services import PostgresService
from harbor.runtime import Runtime
from harbor.store.database import db
from harbor.store.migrations import is_at_head
from tests.conftest import make_settings


@pytest.fixture
def empty_app(postgres: PostgresService, valkey):
    """An application on a database of its own, without any table."""
    engine = create_engine(postgres.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS migrating"))
        connection.execute(text("CREATE DATABASE migrating"))
    app = create_app(
        make_settings(f"{postgres.url}".rpartition("/")[0] + "/migrating", valkey.url)
    )
    with app.app_context():
        yield app
        db.engine.dispose()
        service: Runtime = app.extensions["harbor"]
        service.close()
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE migrating WITH (FORCE)"))
    engine.dispose()


def test_an_empty_database_is_brought_to_head_and_matches_the_models(empty_app):
    service = empty_app.extensions["harbor"]

    assert not is_at_head(service.database)
    upgrade()

    assert is_at_head(service.database)
    check()


def test_upgrading_twice_changes_nothing_and_keeps_the_rows(empty_app):
    upgrade()
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO fleet (name) VALUES ('kept')"))

    upgrade()

    with db.engine.begin() as connection:
        assert connection.execute(text("SELECT name FROM fleet")).scalars().all() == ["kept"]


def test_the_way_back_leaves_no_table_behind(empty_app):
    upgrade()

    downgrade(revision="base")

    with db.engine.begin() as connection:
        left = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        assert left.scalars().all() == ["alembic_version"]


REPEATED = """
INSERT INTO fleet (id, name) VALUES (:id, 'kept');
INSERT INTO tracker (id, fleet_id, name, secret) VALUES (:id, :id, 'bridge', 'x');
INSERT INTO rejected_report (fleet_id, tracker_id, received_at, reason, detail, raw)
SELECT :id, :id, now(), 'contract', '', raw
FROM unnest(ARRAY['a', 'a', 'b']::bytea[]) AS raw
"""


def test_a_quarantine_from_before_is_counted_and_stays_as_it_is_and_can_go_back(empty_app):
    upgrade(revision="0001")
    with db.engine.begin() as connection:
        for statement in REPEATED.split(";"):
            connection.execute(text(statement), {"id": UUID(int=1)})

    upgrade(revision="0002")

    with db.engine.begin() as connection:
        raws = connection.execute(text("SELECT raw FROM rejected_report ORDER BY raw"))
        counted = connection.execute(text("SELECT reports FROM quarantine_count"))
        assert [bytes(raw) for raw in raws.scalars()] == [b"a", b"a", b"b"]
        assert counted.scalars().all() == [3]
    downgrade(revision="0001")
    upgrade()
    check()


OLD_KEEP = """
INSERT INTO rejected_report (fleet_id, tracker_id, vessel_id, received_at, reason, detail, raw)
VALUES (:id, :id, NULL, now(), 'contract', '', 'a')
"""
"""What a worker of the version before 0002 sends, and goes on sending until it is replaced."""


def test_a_worker_from_before_may_still_keep_what_a_tracker_repeats(empty_app):
    upgrade(revision="0001")
    with db.engine.begin() as connection:
        for statement in REPEATED.split(";"):
            connection.execute(text(statement), {"id": UUID(int=1)})
    upgrade()

    with db.engine.begin() as connection:
        connection.execute(text(OLD_KEEP), {"id": UUID(int=1)})
        connection.execute(text(OLD_KEEP), {"id": UUID(int=1)})
        kept = connection.scalar(text("SELECT count(*) FROM rejected_report"))

    assert kept == 5


LOCKED = """
SELECT relation::regclass::text FROM pg_locks
WHERE mode = 'AccessExclusiveLock' AND granted
    AND relation IN (to_regclass('fleet'), to_regclass('vessel'), to_regclass('tracker'))
"""


@pytest.fixture
def sent_under_lock(empty_app):
    """Migrate a database of the first version; the statements that were sent while a table
    that every position needs was locked."""
    upgrade(revision="0001")
    sent = []
    with db.engine.connect() as watch:

        def look(connection, cursor, statement, *_):
            if connection.engine is db.engine:
                return
            if watch.execute(text(LOCKED)).all():
                sent.append(statement)
            watch.rollback()

        event.listen(Engine, "before_cursor_execute", look)
        try:
            upgrade()
        finally:
            event.remove(Engine, "before_cursor_execute", look)
    return sent


def test_what_every_position_needs_is_locked_last_and_for_a_moment(sent_under_lock):
    altered = ("ALTER TABLE vessel", "ALTER TABLE fleet", "UPDATE alembic_version")

    assert sent_under_lock
    assert [one for one in sent_under_lock if not one.strip().startswith(altered)] == []


def test_where_trackers_were_heard_comes_and_goes_without_touching_them(empty_app):
    upgrade(revision="0001")
    with db.engine.begin() as connection:
        connection.execute(text("INSERT INTO fleet (name) VALUES ('filled')"))
        connection.execute(
            text(
                "INSERT INTO tracker (fleet_id, name, secret, last_seen_at)"
                " SELECT id, 'bridge', 'sealed', now() FROM fleet"
            )
        )

    upgrade(revision="0004")
    downgrade(revision="0001")

    with db.engine.begin() as connection:
        rows = connection.execute(text("SELECT name, secret FROM tracker")).all()
        assert rows == [("bridge", "sealed")]


def test_filled_partitions_are_kept_on_the_way_up_and_back(empty_app):
    upgrade(revision="0001")
    with db.engine.begin() as connection:
        connection.execute(text(INSERT_ONE))

    upgrade()
    with db.engine.begin() as connection:
        connection.execute(
            text("SELECT harbor_ensure_position_partition('2031-02-03Z', 'day')")
        )
    check()
    downgrade(revision="0001")

    with db.engine.begin() as connection:
        connection.execute(text("SELECT harbor_ensure_position_partition('2031-02-04Z')"))
        assert connection.scalar(text("SELECT count(*) FROM position")) == 1
        assert connection.scalar(text("SELECT to_regclass('position_2031_02_04')")) is not None


INSERT_ONE = """
INSERT INTO position (fleet_id, vessel_id, recorded_at, tracker_id, received_at,
    latitude, longitude, source)
VALUES (uuidv7(), uuidv7(), now(), uuidv7(), now(), 57, 11, 'tracker')
"""
