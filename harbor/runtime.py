"""What one worker runs: one writer, publisher, sweeper and subscription, a hub per fleet.

Made after the fork and started once; nothing here is shared between processes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from uuid import UUID

import gevent
import structlog
from flask import Flask, current_app
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from harbor.config import Settings
from harbor.errors import Unavailable
from harbor.fleet.status import Patience
from harbor.fleet.thresholds import Thresholds
from harbor.fleet.vessel import Particulars
from harbor.ingest.allowance import Allowance
from harbor.ingest.bulletins import Bulletins
from harbor.ingest.changes import placed
from harbor.ingest.directory import Directory
from harbor.ingest.failures import Failures
from harbor.ingest.gate import Gate
from harbor.ingest.intake import Intake
from harbor.ingest.judge import Judge
from harbor.ingest.ledger import PostgresLedger
from harbor.ingest.publisher import Publisher
from harbor.ingest.quarantine import Quarantine
from harbor.ingest.sweeper import Sweeper
from harbor.ingest.witnesses import PostgresWitnesses
from harbor.ingest.writer import Writer
from harbor.live.audience import Audience
from harbor.live.client import Valkey
from harbor.live.event import Placed
from harbor.live.fallback import Fallback
from harbor.live.feed import Feed
from harbor.live.hub import Hub
from harbor.live.latest import LatestPositions
from harbor.live.reading import Manners
from harbor.live.seats import Seats
from harbor.live.source import Source
from harbor.live.subscriber import Subscriber
from harbor.live.tallies import Tallies
from harbor.ops import descriptors, metrics
from harbor.ops.rights import Rights
from harbor.ops.together import Together
from harbor.store import newest, quarantine, standings, vessels
from harbor.store.api_keys import KeyRecord
from harbor.store.database import Database
from harbor.store.trackers import Seal
from harbor.store.upkeep import Upkeep, in_passing, policy_of

log = structlog.get_logger()

CHORES_SECONDS = 30.0
MEASURE_SECONDS = 5.0
"""Between two looks of Prometheus there are fifteen, usually."""
SEED_PATIENCE_SECONDS = 1.0
CHORE_FAILURES_TO_A_WARNING = 10
"""Five minutes of them: when PostgreSQL is away for a moment, others say so."""
HISTORIES_MAX = 8
"""Each keeps a request of this worker busy for some seconds."""
VOYAGES_MAX = 8
"""Tracks of a month take seconds of this worker's processor, which all others share."""
QUARANTINE_TRIMMED_AT_ONCE = 1_000
"""So many rows are deleted before the connection counts as silent."""


@dataclass(slots=True)
class CachedKey:
    """An API key as it was read; None: there is no such key."""

    record: KeyRecord | None
    read_at: float
    used_written_at: float


class Runtime:
    """The worker's services, wired once; `start` begins their greenlets."""

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self.settings = settings
        self.clock: Callable[[], datetime] = now_utc
        self.patience = Patience(settings.late_after_s, settings.silent_after_s)
        self.database = Database(engine)
        self.seal = Seal(settings.master_key.get_secret_value())
        self.thresholds = Thresholds.model_validate(settings)
        self.directory = Directory(self.database, self.seal, self.thresholds)
        self.gate = Gate(
            self.directory,
            self.clock,
            settings.signature_tolerance_s,
            Failures(settings.tracker_failures_per_minute),
        )
        self.valkey = Valkey(settings.valkey_url.get_secret_value(), settings.valkey_timeout_s)
        # Nobody waits for it, so it may be patient: a busy worker is no hung server.
        self.relay = Valkey(
            settings.valkey_url.get_secret_value(), settings.valkey_publish_timeout_s
        )
        self.publisher = Publisher(
            self.database,
            self.outgoing_feed,
            self.find_vessel,
            self.patience,
            lambda fleet_id: self.directory.contents().standings_of(fleet_id),
        )
        self.sweeper = Sweeper(self.database, self.outgoing_feed, self.patience)
        self.writer = Writer(
            PostgresLedger(self.database, settings.position_partitions),
            self.publisher.hand_over,
            settings.hand_over_reports_max,
            settings.hand_over_patience_s,
        )
        self.bulletins = Bulletins(self.database, self.outgoing_feed, self.find_vessel)
        self.intake = Intake(
            self.database,
            self.directory,
            self.writer,
            Judge(PostgresWitnesses(self.database, settings.hand_over_patience_s)),
            Quarantine(self.database, settings.hand_over_patience_s),
            self.bulletins,
            Allowance(settings.tracker_requests_per_s, settings.tracker_requests_burst),
            self.clock,
            settings.array_reports_max,
            settings.kept_for,
        )
        self.upkeep = Upkeep(
            self.database, policy_of(settings), in_passing(settings.database_timeout_s)
        )
        self.subscriber = Subscriber(
            settings.valkey_url.get_secret_value(),
            settings.valkey_timeout_s,
            self.sweeper.hurry,
        )
        self.manners = Manners(
            settings.heartbeat_s,
            settings.drain_s,
            self.patience,
            self.clock,
            settings.stream_age_s,
            settings.stream_stalled_s,
            settings.stream_buffer_bytes,
        )
        self.seats = Seats(
            settings.streams_max, "streams", "close one, or read several vessels by one stream"
        )
        wait = "wait until one has come, or close it"
        self.histories = Seats(HISTORIES_MAX, "replays", wait)
        self.voyages = Seats(VOYAGES_MAX, "tracks", wait)
        self.is_leaving = False
        self.rights = Rights()
        self.key_cache: dict[bytes, CachedKey] = {}
        self.key_readings: Together[bytes, KeyRecord | None] = Together()
        self._sources: dict[UUID, Source] = {}
        self._audiences: dict[UUID, Audience] = {}
        self._tallies = Tallies(self._audiences)
        self._attendants: list[gevent.Greenlet[..., None]] = []
        self.fallback = Fallback(self._sources, settings.fallback_read_s)
        self._latest: dict[UUID, LatestPositions] = {}

    def start(self) -> None:
        """Begin everything, once per worker."""
        self.start_writing()
        gevent.spawn(self.subscriber.run).link_exception(end_worker)
        gevent.spawn(self.fallback.run).link_exception(end_worker)
        gevent.spawn(self._measure).link_exception(end_worker)

    def start_writing(self) -> "list[gevent.Greenlet[..., None]]":
        """Begin the write path and the chores; returns their greenlets."""
        services = (
            self.writer.run,
            self.publisher.run,
            self.publisher.tidy,
            self.sweeper.run,
            self.directory.run,
            self._chores,
        )
        greenlets = [gevent.spawn(service) for service in services]
        for greenlet in greenlets:
            greenlet.link_exception(end_worker)
        return greenlets

    def close(self) -> None:
        """Give back every connection; only for a process that goes on without this runtime."""
        self.writer.close()
        gevent.killall(self._attendants)
        for audience in self._audiences.values():
            audience.close()
        self.valkey.close()
        self.relay.close()
        self.database.engine.dispose()

    def leave(self) -> None:
        """The worker was told to go: streams say `reconnect`, readiness says no."""
        self.is_leaving = True
        for audience in self._audiences.values():
            audience.hub.leave()
            gevent.spawn(audience.leave)

    def make_room(self) -> None:
        """No more streams than this process may have sockets; says so when that is fewer."""
        settings = self.settings
        room = descriptors.room_for(settings.streams_max, settings.worker_connections)
        if room < settings.streams_max:
            log.warning("streams.room", streams=room, wanted=settings.streams_max)
        self.seats.most = room

    def wait_for_streams(self, timeout_s: float) -> None:
        """Until the last handed-over stream has ended: no request waits for those."""
        until = monotonic() + timeout_s
        for audience in tuple(self._audiences.values()):
            audience.wait_until_empty(max(0.0, until - monotonic()))

    def feed(self, fleet_id: UUID) -> Feed:
        return self._feed_by(self.valkey, fleet_id)

    def outgoing_feed(self, fleet_id: UUID) -> Feed:
        """The feed as those see it who publish after the answer has left."""
        return self._feed_by(self.relay, fleet_id)

    def _feed_by(self, valkey: Valkey, fleet_id: UUID) -> Feed:
        settings = self.settings
        return Feed(valkey, fleet_id, settings.history_events_max, settings.history_age_s)

    def latest(self, fleet_id: UUID) -> LatestPositions:
        """One of each fleet, because it remembers what it has shown."""
        if fleet_id not in self._latest:
            self._latest[fleet_id] = LatestPositions(
                fleet_id, self.feed(fleet_id), self.archive
            )
        return self._latest[fleet_id]

    def audience(self, fleet_id: UUID) -> Audience:
        """Who listens to a fleet here, its hub seeded.

        Raises Unavailable when nothing can be read.
        """
        source = self._sources.get(fleet_id) or self._open_source(fleet_id)
        if not source.hub.is_seeded:
            source.hub.wait(SEED_PATIENCE_SECONDS)
        if source.hub.is_degraded:
            source.read_while_away()
        return self._audiences[fleet_id]

    def _open_source(self, fleet_id: UUID) -> Source:
        feed = self.feed(fleet_id)
        hub = Hub(
            fleet_id,
            feed.channel,
            self.settings.log_events_max,
            self.outgoing_feed(fleet_id).since,  # a busy worker is no hung server
            self.settings.stream_tick_ms / 1000,
        )
        source = Source(hub, feed, self.latest(fleet_id))
        self._sources[fleet_id] = source
        if self.is_leaving:
            hub.leave()
        self._open_audience(hub)
        self.subscriber.listen(source)
        return source

    def _open_audience(self, hub: Hub) -> None:
        audience = self._audiences[hub.fleet_id] = Audience(hub, self.manners)
        for service in (audience.run, audience.watch, audience.tend):
            self._attendants.append(gevent.spawn(service))
            self._attendants[-1].link_exception(end_worker)

    def find_vessel(self, vessel_id: UUID) -> Particulars | None:
        """From the directory; one that was added this moment, from PostgreSQL."""
        known = self.directory.contents().vessels.get(vessel_id)
        if known is not None:
            return known
        with self.database.session() as session:
            return vessels.by_ids(session, [vessel_id]).get(vessel_id)

    def archive(self, fleet_id: UUID) -> Sequence[Placed]:
        """The newest positions of a fleet from PostgreSQL. Raises Unavailable."""
        with self.database.session() as session:
            known = {one.id: one for one in vessels.all_vessels(session, fleet_id)}
            senders = standings.of_fleet(session, fleet_id)
            return [
                placed(
                    one,
                    known[one.report.vessel_id],
                    self.patience,
                    senders.get(one.report.tracker_id),
                )
                for one in newest.of_fleet(session, fleet_id)
                if one.report.vessel_id in known  # else it was added in between
            ]

    def _trim_quarantine(self) -> None:
        oldest = self.clock() - timedelta(days=self.settings.quarantine_days_max)
        gone = quarantine.trim(
            self.database,
            self.settings.quarantine_reports_max,
            self.settings.quarantine_tracker_reports_max,
            oldest,
            QUARANTINE_TRIMMED_AT_ONCE,
        )
        if gone:
            log.info("quarantine.trimmed", reports=gone)

    def _measure(self) -> None:
        """How this worker stands, for whoever reads the metrics."""
        while True:
            gevent.sleep(MEASURE_SECONDS)
            self._tallies.count()
            metrics.REPORTS_WAITING.set(self.writer.waiting_reports)
            metrics.DATABASE_CONNECTIONS.set(self.database.connections_in_use)

    def _chores(self) -> None:
        """What must happen now and then, and harms nobody when it is late."""
        chores = (
            Chore("upkeep", lambda: self.upkeep.run_when_due(self.clock())),
            Chore("seen", self.intake.write_down_seen),
            Chore("quarantine", self._trim_quarantine),
            Chore("hulls", self.bulletins.write_down_hulls),
            Chore("alerts", lambda: self.bulletins.forget_old(self.clock())),
            Chore("streams", self._tallies.say),
        )
        while True:
            gevent.sleep(CHORES_SECONDS)
            for chore in chores:
                chore.attempt()


@dataclass(slots=True)
class Chore:
    """One thing that is done now and then; its failure stops no other."""

    name: str
    work: Callable[[], None]
    failures: int = 0

    def attempt(self) -> None:
        try:
            self.work()
        except (Unavailable, SQLAlchemyError) as error:
            self.failures += 1
            is_lasting = self.failures % CHORE_FAILURES_TO_A_WARNING == 0
            write = log.warning if is_lasting else log.debug
            write("chore.failed", chore=self.name, times=self.failures, error=str(error))
        else:
            self.failures = 0


def now_utc() -> datetime:
    return datetime.now(UTC)


def end_worker(greenlet: "gevent.Greenlet[..., None]") -> None:
    """A worker that lost a service is replaced: a silent one would look healthy."""
    log.critical("worker.broken", error=repr(greenlet.exception))
    raise SystemExit(1)


def attach(app: Flask, runtime: Runtime) -> None:
    app.extensions["harbor"] = runtime


def running() -> Runtime:
    """The runtime of the current application."""
    runtime: Runtime = current_app.extensions["harbor"]
    return runtime
