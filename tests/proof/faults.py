"""What is broken on purpose: each fault strikes, lasts, and is mended before it returns.

Run from the main thread, because that starts the servers again.
"""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from random import Random

import psycopg2
from redis.exceptions import RedisError
from sqlalchemy import text

from tests.journeys.fleet_server import wait_until
from tests.proof.disk import small_disk
from tests.proof.history import Excuse
from tests.proof.rig import Rig

Strike = Callable[[Rig, Random, float], None]
NOTHING: frozenset[Excuse] = frozenset()
AWAY = frozenset({Excuse.UNAVAILABLE})
SILENT = frozenset({Excuse.SILENCE})
WRITER = "query ILIKE '%INSERT INTO position%'"
FLICKER_SECONDS = (0.02, 0.15)
CUT_SECONDS = (0.005, 0.04)


@dataclass(frozen=True, slots=True)
class Fault:
    """A strike, and what it may cost: without an excuse no request may notice it."""

    name: str
    strike: Strike
    excuses: frozenset[Excuse] = NOTHING
    is_short: bool = False
    """Over as soon as it struck; how long it lasts is not ours to say."""


def calm(rig: Rig, dice: Random, lasts_s: float) -> None:
    """Nothing is broken: only the load."""
    time.sleep(lasts_s)


# Workers.


def kill_worker(rig: Rig, dice: Random, lasts_s: float) -> None:
    os.kill(dice.choice(rig.workers()), signal.SIGKILL)


def kill_master(rig: Rig, dice: Random, lasts_s: float) -> None:
    rig.kill_master()


def stop_worker(rig: Rig, dice: Random, lasts_s: float) -> None:
    with stopped([dice.choice(rig.workers())]):
        time.sleep(lasts_s)


# PostgreSQL.


def kill_postgres(rig: Rig, dice: Random, lasts_s: float) -> None:
    rig.postgres.kill()
    time.sleep(lasts_s)
    rig.postgres.restart()


def kill_backend(rig: Rig, dice: Random, lasts_s: float) -> None:
    """PostgreSQL then ends all its backends and recovers, because memory is shared."""
    os.kill(dice.choice(rig.backends()), signal.SIGKILL)
    wait_until(lambda: _answers(rig), 20)


def stop_postgres(rig: Rig, dice: Random, lasts_s: float) -> None:
    with stopped(rig.postgres_processes()):
        time.sleep(lasts_s)


def stop_backend(rig: Rig, dice: Random, lasts_s: float) -> None:
    with stopped([dice.choice(rig.backends(WRITER) or rig.backends())]):
        time.sleep(lasts_s)


def flicker_backends(rig: Rig, dice: Random, lasts_s: float) -> None:
    """A busy machine: a backend in the middle of a write gets no processor for a moment."""
    until = time.monotonic() + lasts_s
    while time.monotonic() < until:
        writing = rig.backends("backend_xid IS NOT NULL")
        with suppress(ProcessLookupError), stopped(writing and [dice.choice(writing)]):
            time.sleep(dice.uniform(*FLICKER_SECONDS))


def fill_disk(rig: Rig, dice: Random, lasts_s: float) -> None:
    with small_disk(rig) as disk:
        disk.fill()
        time.sleep(lasts_s)


def use_up_connections(rig: Rig, dice: Random, lasts_s: float) -> None:
    """Somebody else takes every connection, those that Harbor had too."""
    hoard: list[psycopg2.extensions.connection] = []
    try:
        with stopped(rig.workers()):  # for an instant: else they win the race for the slots
            rig.execute(
                "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
                " WHERE application_name = 'harbor'"
            )
            _take_all(rig, hoard)
        time.sleep(lasts_s)
    finally:
        for connection in hoard:
            connection.close()


def _take_all(rig: Rig, hoard: list[psycopg2.extensions.connection]) -> None:
    url = rig.postgres.url.replace("postgresql+psycopg2", "postgresql")
    for _ in range(100):
        try:
            hoard.append(psycopg2.connect(url, application_name="hoard"))
        except psycopg2.OperationalError:
            return  # none is left: that is what we wanted


def lock_positions(rig: Rig, dice: Random, lasts_s: float) -> None:
    """Against all who write, or even against all who read."""
    mode = dice.choice(["EXCLUSIVE", "ACCESS EXCLUSIVE"])
    with rig.sql(autocommit=False) as connection:
        connection.execute(text(f"LOCK TABLE position IN {mode} MODE"))
        time.sleep(lasts_s)
        connection.rollback()


# Valkey.


def kill_valkey(rig: Rig, dice: Random, lasts_s: float) -> None:
    rig.valkey.kill()
    time.sleep(lasts_s)
    rig.valkey.restart()


def stop_valkey(rig: Rig, dice: Random, lasts_s: float) -> None:
    assert rig.valkey.pid is not None
    with stopped([rig.valkey.pid]):
        time.sleep(lasts_s)


def empty_valkey(rig: Rig, dice: Random, lasts_s: float) -> None:
    with rig.redis() as redis:
        redis.flushall()


def lame_valkey(rig: Rig, dice: Random, lasts_s: float) -> None:
    """A replica whose master is gone: it reads, and writes nothing."""
    with rig.redis() as redis:
        redis.replicaof("127.0.0.1", "9")
        try:
            time.sleep(lasts_s)
        finally:
            redis.replicaof("NO", "ONE")


def fill_valkey(rig: Rig, dice: Random, lasts_s: float) -> None:
    with rig.redis() as redis:
        before = redis.config_get("maxmemory")["maxmemory"]
        redis.config_set("maxmemory", "1mb")
        try:
            time.sleep(lasts_s)
        finally:
            redis.config_set("maxmemory", before)


def cut_subscriptions(rig: Rig, dice: Random, lasts_s: float) -> None:
    """Again and again, as fast as they come back."""
    until = time.monotonic() + lasts_s
    with rig.redis() as redis:
        while time.monotonic() < until:
            with suppress(RedisError):
                redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
            time.sleep(dice.uniform(*CUT_SECONDS))


@contextmanager
def stopped(pids: Iterable[int]) -> Iterator[None]:
    """SIGSTOP, and SIGCONT whatever happens."""
    held = list(pids)
    try:
        for pid in held:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in held:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def _answers(rig: Rig) -> bool:
    try:
        with rig.sql():
            return True
    except Exception:  # noqa: BLE001 - recovering, in whatever words: asked again
        return False


FAULTS: dict[str, Fault] = {
    fault.name: fault
    for fault in (
        Fault("calm", calm),
        Fault("worker killed", kill_worker, is_short=True),
        Fault("master killed", kill_master, SILENT, is_short=True),
        # When it goes on, those who waited in it find that their patience is over.
        Fault("worker stopped", stop_worker, SILENT | AWAY),
        Fault("PostgreSQL killed", kill_postgres, AWAY),
        Fault("one backend killed", kill_backend, AWAY, is_short=True),
        Fault("PostgreSQL stopped", stop_postgres, AWAY),
        Fault("one backend stopped", stop_backend, AWAY),
        Fault("backends flicker", flicker_backends, AWAY),
        Fault("disk full", fill_disk, AWAY),
        Fault("connections used up", use_up_connections, AWAY),
        Fault("position table locked", lock_positions, AWAY),
        Fault("Valkey killed", kill_valkey),
        Fault("Valkey stopped", stop_valkey),
        Fault("Valkey emptied", empty_valkey, is_short=True),
        Fault("Valkey read-only", lame_valkey),
        Fault("Valkey out of memory", fill_valkey),
        Fault("subscription cut", cut_subscriptions),
    )
}
