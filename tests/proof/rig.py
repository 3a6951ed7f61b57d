"""A whole Harbor for the proof: PostgreSQL as in production (fsync on), and ways to look in."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import psutil
from redis import Redis
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from harbor.fleet.geojson import microseconds
from harbor.live.event import decode_placed
from harbor.runtime import Runtime
from harbor.store import trackers, vessels
from tests.cast import Cast, Hull
from tests.journeys.fleet_server import FleetServer, wait_until
from tests.proof.history import Content, Key, Row

DURABLE: Mapping[str, str] = {"max_connections": "60", "shared_buffers": "32MB"}
"""fsync, full_page_writes and synchronous_commit stay on, as PostgreSQL has them."""
MORE_HULLS = 4
PORTS = range(20_000, 26_000)


class Rig(FleetServer):
    """Two gevent workers on services that a fault may hit; one vessel has several senders."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            folder,
            DURABLE,
            workers=2,
            database_pool_size=4,
            database_pool_overflow=1,
            api_rate_per_minute=1_000_000,
            heartbeat_s=2,
        )
        # Their own for as long as they are down, whoever else starts servers meanwhile: not
        # the usual ones, nor those that the kernel gives to clients.
        self.postgres.port = PORTS.start + os.getpid() % len(PORTS)
        self.valkey.port = self.postgres.port + len(PORTS)
        self.earlier: set[Key] = set()

    def set_up_all(self) -> None:
        self.set_up(more_hulls)
        self._superuser = create_engine(self.postgres.superuser_url, poolclass=NullPool)
        # For the buffered uploads: the broken variants make no partitions by themselves.
        self.execute("SELECT harbor_ensure_position_partition(now() - interval '3 days')")

    @property
    def senders(self) -> list[Hull]:
        return [self.cast.vinga, self.cast.hono, *self.hulls]

    # Looking in, past Harbor.

    @contextmanager
    def sql(self, autocommit: bool = True) -> Iterator[Connection]:
        """A connection of the superuser's own."""
        level = "AUTOCOMMIT" if autocommit else "READ COMMITTED"
        with self._superuser.connect() as connection:
            yield connection.execution_options(isolation_level=level)

    def redis(self) -> "Redis":
        return Redis.from_url(self.valkey.url, socket_timeout=5)

    def server_now(self) -> object:
        with self.sql() as connection:
            return connection.execute(text("SELECT clock_timestamp()")).scalar_one()

    def rows_since(self, moment: object) -> tuple[Row, ...]:
        asked = text(
            "SELECT vessel_id, recorded_at, tracker_id, latitude, longitude, speed_knots"
            " FROM position WHERE received_at >= :moment"
        )
        with self.sql() as connection:
            found = connection.execute(asked, {"moment": moment}).all()
        return tuple(
            Row(
                (str(row.vessel_id), microseconds(row.recorded_at)),
                str(row.tracker_id),
                Content(row.latitude, row.longitude, row.speed_knots),
            )
            for row in found
        )

    def table_newest(self) -> dict[str, int]:
        asked = text("SELECT vessel_id, max(recorded_at) AS at FROM position GROUP BY 1")
        with self.sql() as connection:
            found = connection.execute(asked).all()
        return {str(row.vessel_id): microseconds(row.at) for row in found}

    def cache_newest(self) -> dict[str, int] | None:
        """Valkey's own; None when it does not claim to be whole."""
        tag = f"harbor:{{{self.cast.fleet_id}}}"
        with self.redis() as redis:
            epoch = redis.hget(f"{tag}:state", "epoch")
            values: dict[bytes, bytes] = redis.hgetall(f"{tag}:newest")  # type: ignore[assignment]
        if epoch is None or values.pop(b"", None) != epoch:
            return None
        placed = [decode_placed(vessel, value) for vessel, value in values.items()]
        return {one.vessel_id: one.recorded_us for one in placed}

    def outbox_length(self) -> int:
        with self.sql() as connection:
            return connection.execute(text("SELECT count(*) FROM feed_outbox")).scalar_one()

    def backends(self, condition: str = "true") -> list[int]:
        """Process ids of Harbor's connections, by a condition on pg_stat_activity."""
        asked = "SELECT pid FROM pg_stat_activity WHERE application_name = 'harbor'"
        with self.sql() as connection:
            return list(connection.execute(text(f"{asked} AND {condition}")).scalars())

    def postgres_processes(self) -> list[int]:
        """The postmaster first, so that it can't start more while the others are stopped."""
        assert self.postgres.pid is not None
        master = psutil.Process(self.postgres.pid)
        return [master.pid, *(child.pid for child in master.children(recursive=True))]

    # Beginning afresh.

    def kill_master(self) -> None:
        """As the service manager would go on after it: end what is left, start anew."""
        assert self._process is not None
        left = self.workers()
        self._process.kill()
        self._process.wait(5)
        for pid in left:
            _signal(pid, signal.SIGTERM)
        try:
            wait_until(lambda: not any(map(psutil.pid_exists, left)), 5)
        except AssertionError:
            for pid in left:
                _signal(pid, signal.SIGKILL)
        self.start()

    def serve_harbor(self) -> None:
        """The real one; goes on where it is when it runs already."""
        if self._process is None or self.application:
            self.run_application("")

    def run_application(self, application: str) -> None:
        """Start gunicorn with another application, on emptied tables and an empty Valkey."""
        self.halt()
        self.empty()
        self.application = application
        self.start()

    def halt(self) -> None:
        """End gunicorn at once: what it left undone is forgotten with the tables."""
        if self._process is not None:
            workers = self.workers()
            self._process.kill()
            self._process.wait(5)
            self._process = None
            for pid in workers:
                _signal(pid, signal.SIGKILL)
            wait_until(lambda: not any(map(psutil.pid_exists, workers)), 5)

    def execute(self, statement: str) -> None:
        with self.sql() as connection:
            connection.execute(text(statement))

    def empty(self) -> None:
        """Forget all positions; only while no worker remembers them."""
        with self.sql() as connection:
            connection.execute(text("TRUNCATE position, feed_outbox, rejected_report"))
        with self.redis() as redis:
            redis.flushall()
        self.earlier.clear()


def more_hulls(runtime: Runtime, cast: Cast) -> list[Hull]:
    with runtime.database.session() as session:
        return [_hull(runtime, session, cast.fleet_id, f"Sloop {n}") for n in range(MORE_HULLS)]


def _hull(runtime: Runtime, session, fleet_id: UUID, name: str) -> Hull:
    vessel = vessels.add(session, fleet_id, name)
    tracker_id, secret = trackers.add(session, runtime.seal, fleet_id, name, vessel.id)
    return Hull(vessel.id, name, "", tracker_id, secret)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # it went by itself
