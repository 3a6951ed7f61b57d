"""`harbor doctor`: on a sound installation, and on broken ones."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from harbor.cli import checks
from harbor.cli.checks import Status
from harbor.cli.doctor import of_disk
from harbor.config import Settings
from harbor.environments import Development
from harbor.live.condition import ValkeyCondition, read_info
from harbor.store import partitions
from harbor.store.condition import ServerCondition, Work
from tests.builders import NOON

SHOWN = {
    "server_version": "18.6",
    "server_version_num": "180006",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "max_connections": "100",
    "superuser_reserved_connections": "3",
}
PRODUCTION = Settings(_env_file=None)
QUIET = Work(0, None, NOON)


def server(**shown):
    return ServerCondition(SHOWN | shown, NOON, None)


@pytest.fixture
def examined(run):
    def examined(**changes):
        result = run("doctor", "--json", **changes)
        document = json.loads(result.stdout)
        assert result.exit_code == (0 if document["ok"] else 1)
        return document["ok"], {one["check"]: one for one in document["checks"]}

    return examined


def test_a_sound_installation_passes_and_every_check_is_made(examined):
    is_ok, found = examined(HARBOR_WORKER_CONNECTIONS="10", HARBOR_STREAMS_MAX="8")

    assert is_ok, found
    assert list(found) == [
        "settings", "postgresql", "durability", "connections", "clock of postgresql", "disk",
        "migrations", "partitions", "tracker secrets", "outbox", "newest position", "valkey",
        "valkey memory",
        "clock of valkey", "open files", "packages", "psycopg2", "map library",
    ]  # fmt: skip
    assert list(found["valkey"]) == ["check", "status", "finding", "advice"]
    assert found["valkey"]["finding"].startswith("reachable, Valkey 9.")


def test_a_database_that_is_away_fails_and_valkey_is_still_looked_at(examined):
    is_ok, found = examined(HARBOR_DATABASE_URL="postgresql://h:sesame@127.0.0.1:1/h")

    assert not is_ok
    assert "Connection refused" in found["postgresql"]["finding"]
    assert "sesame" not in str(found)
    assert found["valkey"]["status"] == "ok"


def test_a_valkey_that_is_away_fails_and_the_database_is_still_looked_at(examined):
    is_ok, found = examined(HARBOR_VALKEY_URL="redis://:sesame@127.0.0.1:1/0")

    assert not is_ok
    assert found["valkey"]["finding"].startswith("not reachable (")
    assert "sesame" not in str(found)
    assert found["postgresql"]["status"] == "ok"


@pytest.mark.parametrize("name", ["HARBOR_DATABASE_URL", "HARBOR_VALKEY_URL"])
def test_a_url_that_cannot_be_one_fails_without_being_repeated(examined, name):
    is_ok, found = examined(**{name: "telnet://sesame"})

    assert not is_ok
    assert "sesame" not in str(found)


def test_settings_that_are_wrong_fail_by_name(examined):
    is_ok, found = examined(HARBOR_WORKERS="none")

    assert not is_ok
    assert found["settings"]["finding"].startswith("HARBOR_WORKERS: ")


def test_an_empty_database_fails_with_what_to_run(examined, empty_database):
    is_ok, found = examined(HARBOR_DATABASE_URL=empty_database)

    assert not is_ok
    assert found["migrations"]["advice"] == "run `harbor migrate`"
    assert "outbox" not in found


def test_people_get_a_table(run):
    output = run("doctor").stdout

    assert output.splitlines()[0].split() == ["CHECK", "STATUS", "FINDING", "ADVICE"]
    assert "at head" in output


def test_workers_that_want_too_many_connections_fail_with_the_arithmetic(examined):
    _, found = examined(HARBOR_WORKERS="20")

    assert found["connections"]["status"] == "fail"
    assert found["connections"]["finding"] == (
        "2 × 1 instances × 20 workers × 5 pooled + 5 admin + 3 reserved = 208"
        " of max_connections 200"
    )


def test_an_old_postgresql_fails():
    assert checks.version_check(server(server_version_num="170004")).status is Status.FAIL


@pytest.mark.parametrize("name", ["fsync", "full_page_writes", "synchronous_commit"])
def test_what_could_lose_a_position_fails_in_production_only(name):
    risky = server(**{name: "off"})

    assert checks.durability_check(risky, PRODUCTION).status is Status.FAIL
    relaxed = checks.durability_check(risky, Development(_env_file=None))
    assert relaxed.status is Status.WARN
    assert name in relaxed.advice


@pytest.mark.parametrize(
    ("skew_s", "status"),
    [(0.3, Status.OK), (-5, Status.WARN), (5, Status.WARN), (-121, Status.FAIL)],
)
def test_a_clock_that_is_off_is_told_by_how_much_it_matters(skew_s, status):
    assert checks.clock_check("postgresql", skew_s, PRODUCTION).status is status


def test_too_few_open_files_for_the_connections_fail():
    assert checks.descriptors_check(1999, PRODUCTION).status is Status.FAIL
    assert checks.descriptors_check(2000, PRODUCTION).status is Status.OK


@pytest.mark.parametrize(
    ("free", "status"), [(50, Status.OK), (10, Status.WARN), (4, Status.FAIL)]
)
def test_a_disk_is_called_full_in_time(free, status):
    assert checks.disk_check("/", free, 100).status is status


def test_a_partition_that_was_not_made_ahead_warns_by_name():
    there = partitions.missing((), NOON, "month")

    sound = checks.partitions_check(there, NOON, PRODUCTION)
    lacking = checks.partitions_check(there[:1], NOON, PRODUCTION)

    assert (sound.status, sound.finding) == (
        Status.OK,
        "2, the last one is position_2026_06",
    )
    assert (lacking.status, lacking.finding) == (Status.WARN, "position_2026_06 missing")
    assert "harbor positions maintain" in lacking.advice


def test_a_partition_whose_drop_is_held_up_warns_by_name():
    first, second = partitions.missing((), NOON, "month")

    found = checks.partitions_check([replace(first, is_leaving=True), second], NOON, PRODUCTION)

    assert (found.status, found.finding) == (
        Status.WARN,
        "position_2026_05 could not be dropped yet",
    )


def test_a_backlog_warns_only_when_it_is_old():
    young = replace(QUIET, outbox_batches=3, outbox_oldest_at=NOON - timedelta(seconds=5))
    old = replace(QUIET, outbox_batches=3, outbox_oldest_at=NOON - timedelta(seconds=90))

    assert checks.outbox_check(QUIET, NOON).status is Status.OK
    assert checks.outbox_check(young, NOON).status is Status.OK
    assert checks.outbox_check(old, NOON).status is Status.WARN


def test_a_silent_fleet_warns():
    silent = replace(QUIET, newest_recorded_at=NOON - timedelta(hours=1))

    assert checks.newest_check(QUIET, NOON, PRODUCTION).status is Status.OK
    assert checks.newest_check(silent, NOON, PRODUCTION).status is Status.WARN


def test_a_valkey_that_may_evict_the_feed_warns():
    evicting = ValkeyCondition("Valkey", "9.1.2", "allkeys-lru", NOON)

    version, memory = checks.valkey_checks(evicting)

    assert (version.status, memory.status) == (Status.OK, Status.WARN)


def test_an_old_redis_fails():
    version, _ = checks.valkey_checks(ValkeyCondition("Redis", "6.0.16", "noeviction", NOON))

    assert version.status is Status.FAIL


def test_production_settings_pass_and_others_warn():
    assert checks.settings_check(PRODUCTION).status is Status.OK
    development = checks.settings_check(Development(_env_file=None))
    assert development.status is Status.WARN
    assert "development defaults" in development.finding


def test_the_disk_of_postgresql_is_looked_at_where_we_may_see_it(tmp_path):
    assert "free at PostgreSQL's data" in of_disk(str(tmp_path)).finding


@pytest.mark.parametrize("directory", [None, "/nowhere/at/all"])
def test_else_the_disk_of_this_directory_is_looked_at(directory):
    assert "free at this directory" in of_disk(directory).finding


def test_info_is_read_without_its_headings():
    info = read_info("# Server\r\nredis_version:7.2.4\r\nos:Linux 6.1: x\r\n\r\n")

    assert info == {"redis_version": "7.2.4", "os": "Linux 6.1: x"}
