"""Real servers for all tests: one PostgreSQL and one Valkey per session, emptied per test."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import gevent
import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from redis import Redis
from sqlalchemy import create_engine, text

from harbor import create_app
from harbor.demo.services import PostgresService, ValkeyService
from harbor.environments import Testing
from harbor.runtime import Runtime
from harbor.store import trackers
from harbor.store.database import db as flask_db
from tests.cast import Cast, assemble

pytest.register_assert_rewrite("tests.trackers.captures", "tests.trackers.senders")

TABLES = (
    "position, last_position, thinned_partition, feed_outbox, rejected_report, file_import,"
    " alert, static_data, tracker_device,"
    ' quarantine_count, audit_event, api_key, tracker, vessel, berth, "user", fleet'
)


# A machine that is busy makes no property false.
hypothesis.settings.register_profile("harbor", deadline=None)
hypothesis.settings.load_profile("harbor")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresService]:
    """One server for the session; fast because it need not survive a power cut."""
    data = tmp_path_factory.mktemp("postgres")
    fast = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}
    with PostgresService(data, settings=fast) as service:
        yield service


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyService]:
    with ValkeyService(tmp_path_factory.mktemp("valkey")) as service:
        yield service


@pytest.fixture(scope="session")
def migrated(postgres: PostgresService, valkey: ValkeyService) -> str:
    """The URL of a database with all migrations."""
    app = create_app(make_settings(postgres.url, valkey.url))
    with app.app_context():
        upgrade()
        flask_db.engine.dispose()
    return postgres.url


def make_settings(postgres_url: str, valkey_url: str, **changes: object) -> Testing:
    given: dict[str, object] = {
        "database_url": postgres_url,
        "valkey_url": valkey_url,
        "database_pool_size": 4,
        "workers": 1,
        "heartbeat_s": 0.5,
        "drain_s": 0.1,
        "log_level": "WARNING",
    }
    return Testing(**(given | changes))


@pytest.fixture
def settings(migrated: str, postgres: PostgresService, valkey: ValkeyService) -> Testing:
    """Settings of an empty installation; a test may copy them with changes."""
    for server in (postgres, valkey):
        server.start()  # a test that was ended while one was down takes no other with it
    engine = create_engine(migrated)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {TABLES} CASCADE"))
    engine.dispose()
    with Redis.from_url(valkey.url) as redis:
        redis.flushall()
    return make_settings(migrated, valkey.url)


@pytest.fixture
def app(settings: Testing) -> Iterator[Flask]:
    """The application with its write path running in this process.

    It does not listen to Valkey: that would block the one thread; see tests/journeys.
    """
    application = create_app(settings)
    service: Runtime = application.extensions["harbor"]
    greenlets = service.start_writing()
    yield application
    service.leave()
    gevent.killall(greenlets, block=True)
    service.close()


@pytest.fixture
def runtime(app: Flask) -> Runtime:
    service: Runtime = app.extensions["harbor"]
    return service


@pytest.fixture
def cast(runtime: Runtime) -> Cast:
    """The people and senders that access tests use."""
    return assemble(runtime)


@pytest.fixture
def ais(runtime: Runtime, cast: Cast) -> UUID:
    """A receiver ashore, which counts less than the trackers aboard."""
    with runtime.database.session() as session:
        tracker_id, _ = trackers.add(session, runtime.seal, cast.fleet_id, "ais", None, "ais")
    return tracker_id


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def project() -> Path:
    return Path(__file__).parents[1]
