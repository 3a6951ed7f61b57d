"""The figures of the whole matrix: one JSON document, and docs/proof.md."""

import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from bench.machine import versions
from tests.proof.history import Kind
from tests.proof.trial import Result
from tests.proof.variants import Catch

HEADINGS = (
    "fault", "trials", "pings", "acknowledged", "stored", "lost", "missing", "repeated",
    "out of order", "backward", "leaked", "ghosts", "5xx", "503", "unknown", "cuts", "resyncs",
    "merged", "ingest back s", "feed back s",
    "API behind s", "longest answer s",
)  # fmt: skip
TOLD = ("unavailable", "unknown", "cuts", "resyncs", "merged")
EXPLANATION = """\
`make proof` starts a real PostgreSQL (fsync on), a real Valkey and gunicorn with two gevent
workers, sends signed pings in and out of order, doubled, contradicting, in arrays and again
after a failure, breaks something at a random moment, and compares what was answered with the
table, the newest cache, the API and what nine subscribers of `/stream` saw: the whole fleet in
both modes, some vessels, a box, some kinds of event, a key for one vessel, gzip, and one that
begins afresh each time. Most are cut at random moments, by a reset or politely, in the middle
of what they read, and resume; in "streams cut" 14 more are, while workers are killed, Valkey is
killed, stopped and emptied, and its subscriptions are cut. What is checked is in
`tests/proof/checker.py`, `feed_checker.py` and `view_checker.py`; what is promised, in
[promises](promises.md).

- *acknowledged*: positions answered 201 or 200. *stored*: rows; more than acknowledged, because
  a commit may succeed whose answer never arrived.
- *lost*: acknowledged and not stored, or stored with another content. *missing*: stored, but a
  subscriber got neither it nor a snapshot that covers it. *repeated*: told twice in an epoch.
  *out of order*: a snapshot or another epoch without a `resync`. *backward*: a marker that
  moved back in time, in the API or on one stream (not counted: the snapshot after a
  `resync`, and, after a reconnect, what was shown without a number while the feed was degraded:
  another worker may tell of it, and of what led to it, again).
- *leaked*: a byte of a vessel outside a key's scope, or an event that a filter must keep away.
  *ghosts*: a vessel that left the box, of which the subscriber was not told.
- *cuts*: connections that a subscriber broke off. *merged*: events that a `latest` stream was
  told it did not get, because it had fallen behind.
- *5xx*: any but a 503 with `Retry-After` during a fault that excuses it or within 5 s after it.
  *503*: those that were excused. *unknown*: no answer came (the connection was cut).
- *ingest back*: from the end of the fault to the first 2xx. *feed back*: until the last
  subscriber heard of a position sent after it. *API behind*: for how long, at worst,
  `/api/v1/vessels` did not show what had been acknowledged.
"""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one run of the matrix found."""

    results: Sequence[Result]
    catches: Sequence[Catch]
    began: datetime
    command: str
    skipped: int = 0

    @property
    def ran(self) -> list[Result]:
        return [result for result in self.results if not result.not_run]

    def total(self, kind: Kind) -> int:
        return sum(result.counts[kind] for result in self.ran)

    @property
    def is_good(self) -> bool:
        complaints = any(result.complaints for result in self.ran)
        return not complaints and all(catch.is_found for catch in self.catches)

    def document(self) -> dict[str, object]:
        """The last line of `make proof`."""
        found = sum(catch.is_found for catch in self.catches)
        return {
            **{kind.value: self.total(kind) for kind in Kind},
            "acknowledged": sum(result.acknowledged for result in self.ran),
            "stored": sum(result.stored for result in self.ran),
            "seeded_bugs_found": found,
            "seeded_bugs": len(self.catches),
            "runs": len(self.ran),
            "cuts": sum(result.cuts for result in self.ran),
            "resyncs": sum(result.resyncs for result in self.ran),
            "not_run": sorted({name_of(r) for r in self.results if r.not_run}),
            "skipped_for_time": self.skipped,
            "recovery_s": {
                name: worst(group, lambda r: r.ingest_recovery_s)
                for name, group in by_fault(self.ran)
            },
            "seconds": round((datetime.now(UTC) - self.began).total_seconds()),
        }

    def markdown(self) -> str:
        parts = [
            "# The proof: acknowledged means kept",
            "Written by `make proof`; don't edit.",
            EXPLANATION.strip(),
            self._circumstances(),
            "## Per fault",
            table(HEADINGS, [row(name, group) for name, group in by_fault(self.results)]),
            "## Seeded bugs",
            "Deliberately broken variants in `tests/proof/broken`, each in a trial that Harbor"
            " itself passes in `make test`.",
            table(("seeded bug", "found by", "figure"), [one.row() for one in self.catches]),
            f"Found {sum(one.is_found for one in self.catches)}/{len(self.catches)}.",
            *self._complaints(),
        ]
        return "\n\n".join(parts) + "\n"

    def _circumstances(self) -> str:
        said = versions() | {"redis-py": version("redis")}
        lines = [
            f"- Date: {self.began:%Y-%m-%d %H:%M} UTC",
            f"- Command: `{self.command}`",
            f"- Machine: {said.pop('machine')}, {platform.machine()}",
            "- Versions: " + ", ".join(f"{name} {number}" for name, number in said.items()),
            f"- {len(self.ran)} trials, {self.document()['seconds']} s;"
            f" {self.skipped} left out for want of time",
            *(f"- {name_of(one)}: {one.not_run}" for one in self.results if one.not_run),
        ]
        return "\n".join(lines)

    def _complaints(self) -> list[str]:
        """What is wrong, a few of each trial: a proof that fails says so in its own page."""
        lines = [
            f"- {name_of(result)}, seed {result.plan.seed}: {complaint.kind}: {complaint.about}"
            for result in self.ran
            for complaint in result.complaints[:3]
        ]
        return ["## Broken promises", "\n".join(lines)] if lines else []


def name_of(result: Result) -> str:
    return result.plan.name


def by_fault(results: Iterable[Result]) -> list[tuple[str, list[Result]]]:
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(name_of(result), []).append(result)
    return list(groups.items())


def row(name: str, group: Sequence[Result]) -> tuple[object, ...]:
    if all(result.not_run for result in group):
        return (name, group[0].not_run, *[""] * (len(HEADINGS) - 2))
    kinds = (Kind.LOST, Kind.MISSING, Kind.REPEATED, Kind.OUT_OF_ORDER,
             Kind.BACKWARD, Kind.LEAKED, Kind.GHOST, Kind.UNPLANNED_5XX)  # fmt: skip
    return (
        name,
        len(group),
        *(sum(getattr(r, one) for r in group) for one in ("pings", "acknowledged", "stored")),
        *(sum(result.counts[kind] for result in group) for kind in kinds),
        *(
            sum(getattr(r, one) for r in group)
            for one in ("unavailable", "unknown", "cuts", "resyncs", "merged")
        ),
        worst(group, lambda result: result.ingest_recovery_s),
        worst(group, lambda result: result.feed_recovery_s),
        worst(group, lambda result: result.staleness_s),
        worst(group, lambda result: result.longest_answer_s),
    )


def worst(group: Iterable[Result], of: Callable[[Result], float | None]) -> float | str:
    found = [value for value in map(of, group) if value is not None]
    return round(max(found), 2) if found else ""


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
