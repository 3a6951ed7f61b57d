"""What `harbor import` says in the end: a line for each file, and why some is not in."""

from collections.abc import Iterator, Sequence
from typing import Any

import click

from harbor.cli.import_job import Landing, State
from harbor.cli.import_order import Order
from harbor.cli.output import cell, show_table
from harbor.fleet.tally import Tally
from harbor.fleet.verdict import Reason

COLUMNS = (
    *("file", "outcome", "read", "accepted", "duplicates"),
    *("quarantined", "rejected", "ignored"),
)
OUTCOMES = {
    State.IMPORTED: "imported",
    State.KNOWN: "was imported before",
    State.LOOKED_AT: "dry run",
    State.REFUSED: "refused",
    State.BROKEN_OFF: "broken off",
}


def show(landings: Sequence[Landing], order: Order) -> None:
    show_table(COLUMNS, [_row(one) for one in landings])
    for one in landings:
        for line in _remarks(one, order):
            click.echo(line)


def in_json(landings: Sequence[Landing], order: Order) -> dict[str, Any]:
    return {
        "vessel": order.vessel.name,
        "vessel_id": order.vessel.id,
        "tracker": order.tracker.name,
        "tracker_id": order.tracker.id,
        "is_dry_run": order.is_dry_run,
        "files": [_document(one) for one in landings],
    }


def is_good(landing: Landing) -> bool:
    """Whether the file was read to its end, and something of it is in the track."""
    tally = landing.tally
    return landing.problem is None and tally.accepted + tally.duplicates > 0


def _row(landing: Landing) -> list[str]:
    tally = landing.tally
    counts = (
        *(tally.read, tally.accepted, tally.duplicates),
        *(sum(one.values()) for one in (tally.quarantined, tally.rejected, tally.ignored)),
    )
    return [cell(landing.file), OUTCOMES[landing.state], *(f"{count:,}" for count in counts)]


def _remarks(landing: Landing, order: Order) -> Iterator[str]:
    name = cell(landing.file)
    if landing.state is State.KNOWN:
        yield f"{name}: all of it was dealt with before; --again judges it anew."
    elif landing.resumed_after:
        yield f"{name}: went on behind {landing.unit} {landing.resumed_after:,}."
    yield from _counted(name, landing.tally)
    for one in landing.refusals:
        yield f"  {landing.unit} {one.number}: {one.reason}: {cell(one.detail)}"
    hidden = landing.tally.refused - len(landing.refusals)
    if landing.refusals and hidden > 0:
        yield f"  and {hidden:,} more"
    yield from _advice(landing.tally, order)
    if landing.problem:
        yield f"{name}: {cell(landing.problem)}"


def _counted(name: str, tally: Tally) -> Iterator[str]:
    kinds = (
        ("quarantined", tally.quarantined),
        ("rejected", tally.rejected),
        ("ignored", tally.ignored),
    )
    for verdict, counts in kinds:
        if counts:
            most_first = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            parts = ", ".join(f"{count:,} {word}" for word, count in most_first)
            yield f"{name}: {verdict}: {parts}"


def _advice(tally: Tally, order: Order) -> Iterator[str]:
    if order.kept_for is not None and Reason.TIMESTAMP_TOO_OLD in tally.rejected:
        yield (
            f"  Positions are kept for {order.kept_for.days} days here: for older ones set"
            " HARBOR_RETENTION_DAYS higher, in every worker too, and import with --again."
        )
    if tally.refused > order.held_max:
        yield f"  The first {order.held_max:,} are in quarantine, the others only counted."


def _document(landing: Landing) -> dict[str, Any]:
    return {
        "file": landing.file,
        "format": landing.kind,
        "state": landing.state.value,
        "problem": landing.problem,
        "unit": landing.unit,
        "resumed_after": landing.resumed_after,
        "seconds": landing.seconds,
        **landing.tally.as_document(),
        "refusals": [
            {
                "number": one.number,
                "verdict": one.verdict,
                "reason": one.reason,
                "detail": one.detail,
            }
            for one in landing.refusals
        ],
    }
