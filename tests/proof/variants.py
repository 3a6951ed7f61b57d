"""The seeded bugs: deliberately broken Harbors, and the trial in which each must be caught.

The checker is worth something only when it finds these; the real Harbor must come through
the very same trials without a complaint.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from tests.proof.history import Kind
from tests.proof.rig import Rig
from tests.proof.trial import Plan, Result, run

PRIMARY_KEY = "fleet_id, vessel_id, recorded_at, tracker_id"


@dataclass(frozen=True, slots=True)
class Variant:
    """A bug, the trial that brings it out, and what the checker must then say."""

    name: str
    bug: str
    plan: Plan
    found_by: tuple[Kind, ...]
    has_primary_key: bool = True

    @property
    def application(self) -> str:
        return f"tests.proof.broken.{self.name}:create_app()"


VARIANTS = (
    Variant(
        "hasty_answer",
        "answer before commit",
        Plan(("PostgreSQL killed",), seed=1, lasts_s=0.5),
        (Kind.LOST,),
    ),
    Variant(
        "eager_publisher",
        "publish before commit",
        Plan(("position table locked",) * 2, seed=7, lasts_s=1.4, after_s=0.5),
        (Kind.PHANTOM, Kind.REPEATED),  # sent again, it is published again
    ),
    Variant(
        "last_write_wins",
        "SET instead of compare-and-set",
        Plan(("calm",), seed=3, lasts_s=0.5, after_s=0.5),
        (Kind.BACKWARD,),
    ),
    Variant(
        "check_then_insert",
        "check, then insert",
        Plan(("calm",), seed=4, lasts_s=1.0, after_s=0.5),
        (Kind.DUPLICATED,),
        has_primary_key=False,
    ),
    Variant(
        "silent_drop",
        "drop silently when a queue is full",
        Plan(("Valkey stopped",), seed=5, lasts_s=1.0, after_s=0.5),
        (Kind.MISSING,),
    ),
    Variant(
        "deaf_to_resubscribe",
        "ignore a re-subscribe",
        Plan(("subscription cut",), seed=6, lasts_s=1.0, is_quiet=True),
        (Kind.MISSING,),
    ),
    Variant(
        "tail_by_id",
        "follow id > last over a sequence",
        Plan(("backends flicker",), seed=7, lasts_s=3.0, after_s=0.5),
        (Kind.MISSING,),
    ),
    Variant(
        "no_deadline",
        "no deadline on the database",
        Plan(("PostgreSQL stopped",), seed=8, lasts_s=7.0, after_s=0.5),
        (Kind.TOO_LATE,),
    ),
    Variant(
        "late_resume",
        "resume one event too late",
        Plan(("calm",), seed=9, lasts_s=1.5, after_s=0.5),
        (Kind.MISSING,),
    ),
    Variant(
        "short_replay",
        "read the history from one too late",
        # The new worker has no log yet: who comes to it is served from the history.
        Plan(("worker killed", "calm"), seed=10, lasts_s=4.0, after_s=0.5, restless=4),
        (Kind.MISSING,),
    ),
    Variant(
        "open_replay",
        "forget a key's scope in the replay",
        Plan(("calm",), seed=11, lasts_s=1.5, after_s=0.5),
        (Kind.LEAKED,),
    ),
)


@dataclass(frozen=True, slots=True)
class Catch:
    """One row of the table: a bug, and how often the checker pointed at it."""

    variant: Variant
    result: Result

    @property
    def figure(self) -> int:
        return sum(self.result.counts[kind] for kind in self.variant.found_by)

    @property
    def is_found(self) -> bool:
        return self.figure > 0

    def row(self) -> tuple[str, str, str]:
        kinds = [kind for kind in self.variant.found_by if self.result.counts[kind]]
        found_by = ", ".join(kinds) or "not found"
        unit = f"longest {self.result.longest_answer_s:.1f} s, " * (Kind.TOO_LATE in kinds)
        return self.variant.bug, found_by, f"{unit}{self.figure}"


TRIES = 4


def catch(rig: Rig, variant: Variant) -> Catch:
    """Try to catch it; what the bug breaks is often mended by the next event, so try again.

    Up to four trials of the same plan, with seeds of their own; the first that finds it.
    """
    with broken(rig, variant):
        for number in range(TRIES):
            plan = replace(variant.plan, seed=variant.plan.seed + 100 * number)
            caught = Catch(variant, run(rig, plan))
            if caught.is_found:
                break
    return caught


@contextmanager
def broken(rig: Rig, variant: Variant) -> Iterator[None]:
    """Gunicorn with this variant, on emptied tables; afterwards they are emptied again."""
    rig.run_application(variant.application)
    try:
        if not variant.has_primary_key:
            rig.execute("ALTER TABLE position DROP CONSTRAINT pk_position")
        yield
    finally:
        rig.halt()
        rig.empty()
        if not variant.has_primary_key:
            key = f"ALTER TABLE position ADD CONSTRAINT pk_position PRIMARY KEY ({PRIMARY_KEY})"
            rig.execute(key)
