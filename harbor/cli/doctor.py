"""`harbor doctor`: looks at everything Harbor needs, and says what to do."""

import resource
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import click

from harbor.cli import checks
from harbor.cli.checks import Check, Status
from harbor.cli.command import reason
from harbor.cli.output import json_option, print_json, show_list
from harbor.config import Settings
from harbor.environments import load
from harbor.errors import Misconfigured, Unavailable
from harbor.live import condition as live_condition
from harbor.live.client import Valkey
from harbor.ops.paths import beside_package
from harbor.store import condition as store_condition
from harbor.store import partitions, sealing
from harbor.store.console import opened
from harbor.store.database import Database
from harbor.store.migrations import is_at_head
from harbor.store.trackers import Seal

COLUMNS = ("check", "status", "finding", "advice")
VENDORED = "vendor/leaflet-1.9.4/leaflet.js"


@click.command()
@json_option
def doctor(is_json: bool) -> None:
    """Check everything Harbor needs, and say what to do.

    The exit code is 1 when a check fails; a warning alone leaves it 0.
    """
    found = list(examine())
    has_failed = any(one.status is Status.FAIL for one in found)
    if is_json:
        print_json({"ok": not has_failed, "checks": found})
    else:
        show_list(found, COLUMNS, is_json=False, none="")
    if has_failed:
        raise click.exceptions.Exit(1)


def examine() -> Iterator[Check]:
    """Every check that can be made; without settings, only what stands on this machine."""
    try:
        settings = load()
    except Misconfigured as error:
        yield Check("settings", Status.FAIL, str(error), "see docs/configuration.md")
    else:
        yield checks.settings_check(settings)
        yield from of_postgres(settings)
        yield from of_valkey(settings)
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        yield checks.descriptors_check(limit, settings)
    yield from of_packages()


def of_postgres(settings: Settings) -> Iterator[Check]:
    try:
        with opened(settings) as database:
            yield from of_database(database, settings)
    except Misconfigured as error:
        yield Check("postgresql", Status.FAIL, str(error), "set HARBOR_DATABASE_URL")
    except Unavailable as error:
        finding = f"not reachable {reason(error)}".strip()
        advice = "is PostgreSQL running, and is HARBOR_DATABASE_URL right?"
        yield Check("postgresql", Status.FAIL, finding, advice)


def of_database(database: Database, settings: Settings) -> Iterator[Check]:
    """Raises Unavailable."""
    with database.session() as session:
        server = store_condition.server(session)
        skew_s = (server.now - datetime.now(UTC)).total_seconds()
    yield checks.version_check(server)
    yield checks.durability_check(server, settings)
    yield checks.connections_check(server, settings)
    yield checks.clock_check("postgresql", skew_s, settings)
    yield of_disk(server.data_directory)
    is_migrated = is_at_head(database)
    yield checks.migrations_check(is_migrated)
    if is_migrated:
        with database.session() as session:
            work = store_condition.work(session)
            seal = Seal(settings.master_key.get_secret_value())
            secrets = sealing.condition(session, seal, server.now)
            there = partitions.spans(session)
        yield checks.partitions_check(there, server.now, settings)
        yield checks.secrets_check(secrets)
        yield checks.outbox_check(work, server.now)
        yield checks.newest_check(work, server.now, settings)


def of_disk(data_directory: str | None) -> Check:
    """PostgreSQL's disk where we may see it, else this directory's."""
    place = Path(data_directory or ".")
    try:
        usage = shutil.disk_usage(place)
    except OSError:
        place = Path()
        usage = shutil.disk_usage(place)
    name = "PostgreSQL's data" if str(place) == data_directory else "this directory"
    return checks.disk_check(name, usage.free, usage.total)


def of_valkey(settings: Settings) -> Iterator[Check]:
    try:
        valkey = Valkey(settings.valkey_url.get_secret_value(), settings.valkey_timeout_s)
    except ValueError:
        advice = "set HARBOR_VALKEY_URL, as in redis://:password@host:6379/0"
        yield Check("valkey", Status.FAIL, "its URL can't be read", advice)
        return
    try:
        found = live_condition.ask(valkey)
        skew_s = (found.now - datetime.now(UTC)).total_seconds()
        yield from checks.valkey_checks(found)
        yield checks.clock_check("valkey", skew_s, settings)
    except Unavailable as error:
        finding = f"not reachable {reason(error)}".strip()
        advice = "is it running, and is HARBOR_VALKEY_URL right? Positions are kept without"
        yield Check("valkey", Status.FAIL, finding, advice)
    finally:
        valkey.close()


def of_packages() -> Iterator[Check]:
    names = ("gunicorn", "gevent", "psycopg2-binary")
    finding = ", ".join(f"{name} {version(name)}" for name in names)
    yield Check("packages", Status.OK, finding)
    if store_condition.can_wait_in_gevent():
        yield Check("psycopg2", Status.OK, "lets greenlets run while it waits")
    else:
        advice = "install psycopg2-binary as pinned: a query would stop its whole worker"
        yield Check("psycopg2", Status.FAIL, "has no wait callback", advice)
    if (beside_package("static") / VENDORED).exists():
        yield Check("map library", Status.OK, "Leaflet is in place")
    else:
        advice = "run .ci/vendor (`make setup` does); the wheel carries it"
        yield Check("map library", Status.FAIL, f"static/{VENDORED} is missing", advice)
