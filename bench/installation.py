"""A whole Harbor in a temporary directory: both servers, the tables, vessels, senders."""

import base64
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from flask_migrate import upgrade

from bench.machine import Cores, pin
from harbor import create_app
from harbor.demo.services import PostgresService, ValkeyService
from harbor.environments import Production
from harbor.runtime import Runtime
from harbor.store import api_keys, fleets, trackers, vessels

VESSELS = 64
KEYS = 8


@dataclass(frozen=True, slots=True)
class Sender:
    """A tracker aboard a vessel, with the key it signs with."""

    fleet_id: UUID
    vessel_id: UUID
    tracker_id: UUID
    key: bytes


@dataclass(frozen=True, slots=True)
class Installation:
    """Where everything is; `settings` are the HARBOR_* variables of the workers."""

    directory: Path
    cores: Cores
    postgres_url: str
    postgres_pid: int
    settings: Mapping[str, str]
    senders: tuple[Sender, ...]
    api_keys: tuple[str, ...]


@contextmanager
def installed(cores: Cores) -> Iterator[Installation]:
    """PostgreSQL (with fsync) and Valkey beside the client, gone with all data at the end."""
    pin(cores.rest)
    directory = Path(tempfile.mkdtemp(prefix="harbor-bench-"))
    directory.chmod(0o711)
    postgres_settings = {"fsync": "on", "synchronous_commit": "on"}
    try:
        with (
            PostgresService(directory / "postgres", settings=postgres_settings) as postgres,
            ValkeyService(directory / "valkey") as valkey,
        ):
            print(f"PostgreSQL on port {postgres.port}, Valkey on port {valkey.port}")
            settings = make_settings(postgres.url, valkey.url)
            senders, keys = furnish(settings)
            if postgres.pid is None:
                raise RuntimeError("PostgreSQL has ended")
            yield Installation(
                directory, cores, postgres.url, postgres.pid, settings, senders, keys
            )
    finally:
        remove(directory)


def remove(directory: Path) -> None:
    """The cluster too, where it had to be put elsewhere and a link points to it."""
    for link in (directory / "postgres").glob("*"):
        if link.is_symlink():
            shutil.rmtree(link.resolve(), ignore_errors=True)
    shutil.rmtree(directory, ignore_errors=True)


def make_settings(postgres_url: str, valkey_url: str) -> dict[str, str]:
    """As in production, which refuses PostgreSQL without fsync."""
    return {
        "HARBOR_ENV": "production",
        "HARBOR_SECRET_KEY": secrets.token_urlsafe(48),
        "HARBOR_MASTER_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "HARBOR_DATABASE_URL": postgres_url,
        "HARBOR_VALKEY_URL": valkey_url,
        "HARBOR_WORKERS": "1",
        "HARBOR_TRACKER_REQUESTS_PER_S": "1e6",  # counted as ever, but never refused
        "HARBOR_TRACKER_REQUESTS_BURST": "1e6",
    }


def furnish(settings: Mapping[str, str]) -> tuple[tuple[Sender, ...], tuple[str, ...]]:
    """Make the tables, a fleet, its vessels with a tracker each, and partners' keys."""
    app = create_app(quiet(settings))
    runtime: Runtime = app.extensions["harbor"]
    try:
        with app.app_context():
            upgrade()
        return _people(runtime)
    finally:
        runtime.close()


def quiet(settings: Mapping[str, str]) -> Production:
    """For an application in the bench's own process."""
    names = {name.removeprefix("HARBOR_").lower(): value for name, value in settings.items()}
    names["environment"] = names.pop("env")
    return Production.model_validate({**names, "log_level": "ERROR"})


def _people(runtime: Runtime) -> tuple[tuple[Sender, ...], tuple[str, ...]]:
    senders = []
    with runtime.database.session() as session:
        fleet_id = fleets.ensure_first(session)
        for number in range(VESSELS):
            vessel = vessels.add(session, fleet_id, f"Bench {number}", mmsi=f"265{number:06}")
            tracker_id, secret = trackers.add(
                session, runtime.seal, fleet_id, f"tracker {number}", vessel.id
            )
            key = base64.b64decode(secret.removeprefix("whsec_"))
            senders.append(Sender(fleet_id, vessel.id, tracker_id, key))
        keys = [api_keys.add(session, fleet_id, f"partner {one}")[1] for one in range(KEYS)]
    return tuple(senders), tuple(keys)
