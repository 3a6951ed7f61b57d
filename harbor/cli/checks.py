"""What `harbor doctor` concludes from what it sees: pure functions, one per line it prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from harbor.config import Settings
from harbor.environments import DEVELOPMENT_MASTER_KEY, DEVELOPMENT_SECRET
from harbor.live.condition import ValkeyCondition
from harbor.store.condition import ServerCondition, Work
from harbor.store.partitions import Span, missing
from harbor.store.sealing import SealCondition

SKEW_SECONDS_WARN = 2.0
BACKLOG_SECONDS_WARN = 60.0
DISK_SHARE_WARN = 0.15
DISK_SHARE_FAIL = 0.05
VALKEY_OLDEST = (6, 2)


class Status(StrEnum):
    """`fail` is what keeps Harbor from its promises; `warn` what will, or may."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `advice` is empty when nothing is to be done."""

    check: str
    status: Status
    finding: str
    advice: str = ""


def settings_check(settings: Settings) -> Check:
    secret, key = settings.secret_key.get_secret_value(), settings.master_key.get_secret_value()
    finding = f"valid, environment is {settings.environment}"
    if settings.environment == "production":
        return Check("settings", Status.OK, finding)
    if secret == DEVELOPMENT_SECRET or DEVELOPMENT_MASTER_KEY in key.split(","):
        finding += ", secrets are the development defaults"
    return Check(
        "settings", Status.WARN, finding, "to serve a fleet, set HARBOR_ENV=production"
    )


def version_check(server: ServerCondition) -> Check:
    is_new = int(server.shown["server_version_num"]) >= 180000
    return Check(
        "postgresql",
        Status.OK if is_new else Status.FAIL,
        f"reachable, version {server.shown['server_version']}",
        "" if is_new else "PostgreSQL 18 or newer is needed",
    )


def durability_check(server: ServerCondition, settings: Settings) -> Check:
    names = ("fsync", "full_page_writes", "synchronous_commit")
    finding = ", ".join(f"{name}={server.shown[name]}" for name in names)
    off = [name for name in names if server.shown[name] == "off"]
    if not off:
        return Check("durability", Status.OK, finding)
    status = Status.FAIL if settings.environment == "production" else Status.WARN
    advice = f"turn on {', '.join(off)}: an acknowledged position could be lost"
    return Check("durability", status, finding, advice)


def connections_check(server: ServerCondition, settings: Settings) -> Check:
    reserved = int(server.shown["superuser_reserved_connections"])
    admin, allowed = (
        settings.database_admin_connections,
        int(server.shown["max_connections"]),
    )
    total = settings.connections_needed() + admin + reserved
    finding = (
        f"2 × {settings.instances} instances × {settings.workers} workers"
        f" × {settings.connections_per_worker} pooled + {admin} admin + {reserved} reserved"
        f" = {total} of max_connections {allowed}"
    )
    if total <= allowed:
        return Check("connections", Status.OK, finding)
    advice = "raise max_connections, or lower HARBOR_WORKERS or HARBOR_DATABASE_POOL_SIZE"
    return Check("connections", Status.FAIL, finding, advice)


def migrations_check(is_at_head: bool) -> Check:
    if is_at_head:
        return Check("migrations", Status.OK, "at head")
    return Check("migrations", Status.FAIL, "not at head", "run `harbor migrate`")


def secrets_check(found: SealCondition) -> Check:
    """Of the trackers: whether the master key opens them all, and which one."""
    total = found.newest + found.earlier
    if found.unreadable:
        finding = f"the master key does not open those of {', '.join(found.unreadable)}"
        advice = "put the earlier key behind the new one in HARBOR_MASTER_KEY: they get 503"
        return Check("tracker secrets", Status.FAIL, finding, advice)
    if found.earlier:
        finding = f"{found.earlier} of {total} are under an earlier master key"
        advice = "when every worker has both keys, run `harbor tracker reseal`"
        return Check("tracker secrets", Status.WARN, finding, advice)
    return Check("tracker secrets", Status.OK, f"{total}, all under the newest master key")


def valkey_checks(valkey: ValkeyCondition) -> list[Check]:
    name = f"{valkey.product} {valkey.version}"
    is_new = version_of(valkey.version) >= VALKEY_OLDEST
    version = Check(
        "valkey",
        Status.OK if is_new else Status.FAIL,
        f"reachable, {name}",
        "" if is_new else "Valkey, or Redis 6.2 or newer, is needed",
    )
    policy = Check("valkey memory", Status.OK, f"maxmemory-policy={valkey.maxmemory_policy}")
    if valkey.maxmemory_policy != "noeviction":
        advice = "set maxmemory-policy noeviction: losing a counter breaks the feed"
        policy = Check(policy.check, Status.WARN, policy.finding, advice)
    return [version, policy]


def version_of(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2] if part.isdigit())


def clock_check(whose: str, skew_s: float, settings: Settings) -> Check:
    """`skew_s` is how far ahead that server's clock is of ours."""
    finding = f"{abs(skew_s):.1f} s {'ahead of' if skew_s > 0 else 'behind'} ours"
    if abs(skew_s) < SKEW_SECONDS_WARN:
        return Check(f"clock of {whose}", Status.OK, finding)
    is_bad = abs(skew_s) > settings.clock_skew_allowed_s
    status = Status.FAIL if is_bad else Status.WARN
    return Check(f"clock of {whose}", status, finding, "run NTP (chrony) on both machines")


def descriptors_check(limit: int, settings: Settings) -> Check:
    needed = 2 * settings.worker_connections
    finding = f"{limit} per process, {needed} needed (2 × HARBOR_WORKER_CONNECTIONS)"
    if limit >= needed:
        return Check("open files", Status.OK, finding)
    advice = "raise it (ulimit -n, LimitNOFILE) or lower HARBOR_WORKER_CONNECTIONS"
    return Check("open files", Status.FAIL, finding, advice)


def disk_check(place: str, free_bytes: int, total_bytes: int) -> Check:
    share = free_bytes / total_bytes
    finding = f"{free_bytes / 2**30:.1f} GiB ({share:.0%}) free at {place}"
    if share >= DISK_SHARE_WARN:
        return Check("disk", Status.OK, finding)
    status = Status.WARN if share >= DISK_SHARE_FAIL else Status.FAIL
    return Check("disk", status, finding, "make room: with a full disk nothing is stored")


def partitions_check(there: Sequence[Span], now: datetime, settings: Settings) -> Check:
    """Missing ones are made when a position comes, but then every tracker waits for that."""
    lacking = [span.name for span in missing(there, now, settings.position_partitions)]
    held_up = [span.name for span in there if span.is_leaving or span.is_marked]
    if lacking:
        advice = "run `harbor positions maintain`: no worker seems to do it"
        return Check("partitions", Status.WARN, f"{', '.join(lacking)} missing", advice)
    finding = f"{len(there)}, the last one is {there[-1].name}"
    if not held_up:
        return Check("partitions", Status.OK, finding)
    advice = "run `harbor positions maintain`; long transactions (pg_dump?) hold it up"
    finding = f"{', '.join(held_up)} could not be dropped yet"
    return Check("partitions", Status.WARN, finding, advice)


def outbox_check(work: Work, now: datetime) -> Check:
    if work.outbox_oldest_at is None:
        return Check("outbox", Status.OK, "empty")
    age_s = (now - work.outbox_oldest_at).total_seconds()
    finding = f"{work.outbox_batches} waiting, the oldest for {age_s:.0f} s"
    if age_s < BACKLOG_SECONDS_WARN:
        return Check("outbox", Status.OK, finding)
    advice = "nothing is lost, but the map waits: is `harbor serve` running, and Valkey?"
    return Check("outbox", Status.WARN, finding, advice)


def newest_check(work: Work, now: datetime, settings: Settings) -> Check:
    if work.newest_recorded_at is None:
        advice = "post one: `harbor tracker add` shows the secret to sign with"
        return Check("newest position", Status.WARN, "none yet", advice)
    age_s = (now - work.newest_recorded_at).total_seconds()
    finding = f"recorded {age_s:.0f} s ago"
    if age_s < settings.silent_after_s:
        return Check("newest position", Status.OK, finding)
    advice = "the whole fleet is silent: do the trackers reach us?"
    return Check("newest position", Status.WARN, finding, advice)
