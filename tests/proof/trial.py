"""One trial: load, a fault at a random moment, peace, and the checker's verdict."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tests.proof import checker, feed_checker
from tests.proof.crew import crew
from tests.proof.disk import NeedsRoot
from tests.proof.faults import FAULTS
from tests.proof.history import Complaint, Evidence, Kind, Story, Told, Window
from tests.proof.rig import Rig
from tests.proof.senders import Load
from tests.proof.watchers import Poller, Watcher

SETTLE_SECONDS_MAX = 25.0
STILL_SECONDS = 4.0
LOOK_SECONDS = 0.2
BEFORE_SECONDS = (0.4, 1.2)
WELL_ROUNDS, WELL_PINGS = 3, 6
STORM, CUTS = "storm", "streams cut"


@dataclass(frozen=True, slots=True)
class Plan:
    """Which faults, one after the other, and how long each lasts.

    `is_quiet`: the load ends while the last fault lasts, so that nothing that comes later
    can heal what the fault broke; the time to recovery is not measured then. `restless`: so
    many more subscribers are cut all the time.
    """

    faults: tuple[str, ...]
    seed: int
    lasts_s: float = 1.5
    after_s: float = 1.5
    is_quiet: bool = False
    restless: int = 0

    @property
    def name(self) -> str:
        if self.restless:
            return CUTS
        return self.faults[0] if len(self.faults) == 1 else STORM


@dataclass(frozen=True, slots=True)
class Result:
    """What came out of one trial."""

    plan: Plan
    complaints: tuple[Complaint, ...]
    pings: int
    acknowledged: int
    stored: int
    unavailable: int
    unknown: int
    events: int
    resyncs: int
    reconnects: int
    cuts: int
    merged: int
    ingest_recovery_s: float | None
    feed_recovery_s: float | None
    staleness_s: float
    longest_answer_s: float
    not_run: str = ""

    @property
    def counts(self) -> Mapping[Kind, int]:
        return checker.count(self.complaints)


def run(rig: Rig, plan: Plan) -> Result:
    """Raises nothing because of what the product does: that is in the result."""
    dice = Random(plan.seed)
    find_well(rig, plan.seed)
    began = rig.server_now()
    load = Load(rig, plan.seed)
    watchers, pollers = lookers(rig, plan)
    windows: list[Window] = []
    try:
        load.start()
        not_run = strike_all(rig, plan, dice, load, windows)
        load.stop()
        settle(rig, load, watchers, began)
    finally:
        load.stop()
        for one in (*watchers, *pollers):
            one.leave()
    evidence = gather(rig, load, watchers, pollers, windows, began)
    rig.earlier |= {row.key for row in evidence.rows}
    cuts = sum(watcher.cuts for watcher in watchers)
    return result_of(plan, evidence, cuts, not_run)


def find_well(rig: Rig, seed: int) -> None:
    """Begin when every worker serves; after an outage each must be asked to notice its end.

    While a worker's writer takes PostgreSQL for away, one request tries and the others are
    sent away: after a quiet trial the first of the next one would be told so.
    """
    load, dice = Load(rig, -seed), Random(seed)
    good, until = 0, time.monotonic() + SETTLE_SECONDS_MAX
    while good < WELL_ROUNDS and time.monotonic() < until:
        sender = load.pick(dice)
        pings = [load.new_ping(sender, dice) for _ in range(WELL_PINGS)]
        rig.earlier |= {ping.key for ping in pings}
        is_good = all(post.status == 201 for post in load.send_at_once(sender, pings))
        good = good + 1 if is_good else 0
    load.stop()
    assert good == WELL_ROUNDS, f"no good answers before the trial: {rig.tail()}"


def lookers(rig: Rig, plan: Plan) -> tuple[list[Watcher], list[Poller]]:
    members = enumerate(crew(rig, plan.restless))
    watchers = [Watcher(rig, member, plan.seed * 100 + n) for n, member in members]
    for watcher in watchers:
        watcher.wait_until_heard(10)
    return watchers, [Poller(rig, "reader 1"), Poller(rig, "reader 2")]


def strike_all(rig: Rig, plan: Plan, dice: Random, load: Load, windows: list[Window]) -> str:
    """Returns why a fault could not be tried here, if so."""
    for name in plan.faults:
        time.sleep(dice.uniform(*BEFORE_SECONDS))
        fault = FAULTS[name]
        began_at = time.monotonic()
        try:
            if plan.is_quiet and name == plan.faults[-1]:
                strike_quietly(rig, plan, dice, load)
            else:
                fault.strike(rig, dice, plan.lasts_s)
        except NeedsRoot as error:
            return str(error)
        ended_at = began_at if fault.is_short and not fault.excuses else time.monotonic()
        windows.append(Window(name, began_at, ended_at, fault.excuses))
        if not plan.is_quiet:
            wait_for_service(load, plan.after_s)
    return ""


def strike_quietly(rig: Rig, plan: Plan, dice: Random, load: Load) -> None:
    """The load's last pings leave while the fault lasts."""
    load.stop_after(0.6 * plan.lasts_s)
    FAULTS[plan.faults[-1]].strike(rig, dice, plan.lasts_s)


def wait_for_service(load: Load, after_s: float) -> None:
    """Until some more was acknowledged, and at least for a while; bounded."""
    began, before = time.monotonic(), load.acknowledged()
    while time.monotonic() - began < max(after_s, checker.RECOVERY_SECONDS_MAX + 1):
        if load.acknowledged() >= before + 20 and time.monotonic() - began >= after_s:
            return
        time.sleep(0.05)


def settle(rig: Rig, load: Load, watchers: Sequence[Watcher], began: object) -> None:
    """Wait until all that is stored was published and heard.

    At most so long, and not when nothing waits any more and nothing changes either: what
    did not come by then is missing.
    """
    until = time.monotonic() + SETTLE_SECONDS_MAX
    before, changed_at = (-1, -1), time.monotonic()
    while time.monotonic() < until:
        stories = tuple(watcher.story() for watcher in watchers)
        evidence = Evidence(
            tuple(load.posts),
            rows=rig.rows_since(began),
            stories=stories,
            table_newest=rig.table_newest(),
        )
        waiting = rig.outbox_length()
        now = (waiting, sum(1 for _ in feed_checker.undelivered(evidence)))
        if now != before:
            before, changed_at = now, time.monotonic()
        if now == (0, 0) or (not waiting and time.monotonic() - changed_at > STILL_SECONDS):
            return
        time.sleep(LOOK_SECONDS)


def gather(
    rig: Rig,
    load: Load,
    watchers: Sequence[Watcher],
    pollers: Sequence[Poller],
    windows: Sequence[Window],
    began: object,
) -> Evidence:
    last = pollers[0].read()  # first, because a reading may repair the cache
    return Evidence(
        posts=tuple(load.posts),
        polls=tuple(poll for poller in pollers for poll in poller.polls),
        rows=rig.rows_since(began),
        stories=tuple(watcher.story() for watcher in watchers),
        windows=tuple(windows),
        table_newest=rig.table_newest(),
        cache_newest=rig.cache_newest(),
        api_newest=last.newest,
        earlier=frozenset(rig.earlier),
    )


def result_of(plan: Plan, evidence: Evidence, cuts: int, not_run: str = "") -> Result:
    posts, requests = evidence.posts, (*evidence.posts, *evidence.polls)
    frames = [one for s in evidence.stories for one in s.chapters if isinstance(one, Told)]
    acknowledged = {
        ping.key for ping, answer, _ in checker.tried(posts) if answer in checker.ACKNOWLEDGED
    }
    ingest = [seconds for _, seconds in checker.recoveries(posts, evidence.windows)]
    return Result(
        plan=plan,
        complaints=tuple(checker.complaints(evidence)),
        pings=len({ping.key for post in posts for ping in post.pings}),
        acknowledged=len(acknowledged),
        stored=len(evidence.rows),
        unavailable=sum(post.status == 503 for post in posts),
        unknown=sum(post.status is None for post in posts),
        events=sum(one.number is not None for one in frames),
        resyncs=sum(one.kind == "resync" for one in frames),
        reconnects=sum(len(s.chapters) for s in evidence.stories) - len(frames),
        cuts=cuts,
        merged=sum(one.count for one in frames),
        ingest_recovery_s=max(ingest, default=None),
        feed_recovery_s=feed_recovery(evidence),
        staleness_s=checker.staleness_s(posts, evidence.polls),
        longest_answer_s=max(one.answered_at - one.sent_at for one in requests),
        not_run=not_run,
    )


def feed_recovery(evidence: Evidence) -> float | None:
    """From the last fault's end until each subscriber heard of a position sent after it."""
    if not evidence.windows:
        return None
    ended_at = evidence.windows[-1].ended_at
    first_sent = feed_checker.first_sent(evidence.posts)
    young = {key for key, sent_at in first_sent.items() if sent_at >= ended_at}
    firsts = [first_heard(story, young) for story in evidence.stories]
    found = [at - ended_at for at in firsts if at is not None]
    return max(found, default=None)


def first_heard(story: Story, keys: set[tuple[str, int]]) -> float | None:
    for one in story.chapters:
        if isinstance(one, Told) and any(seen.key in keys for seen in one.seen):
            return one.at
    return None
