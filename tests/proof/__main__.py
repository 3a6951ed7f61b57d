"""`python -m tests.proof`: the whole matrix of faults, then the seeded bugs.

Writes docs/proof.md; the last line is JSON; exit status 1 when a promise was broken.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from tests.proof.matrix import plans
from tests.proof.report import Report
from tests.proof.rig import Rig
from tests.proof.trial import Result, run
from tests.proof.variants import VARIANTS, Catch, catch

PAGE = Path(__file__).parents[2] / "docs" / "proof.md"
VARIANTS_MINUTES = 4.0
console = Console(highlight=False, soft_wrap=True)


def main(arguments: Sequence[str]) -> int:
    given = read(arguments)
    began, until = datetime.now(UTC), time.monotonic() + given.minutes * 60
    with TemporaryDirectory(prefix="harbor-proof-") as folder:
        rig = Rig(Path(folder))
        try:
            rig.set_up_all()
            results, skipped = whole_matrix(rig, given.seeds, until - VARIANTS_MINUTES * 60)
            catches = seeded_bugs(rig)
        finally:
            rig.tear_down()
    command = " ".join(
        ["make proof", *([f'ARGS="{" ".join(arguments)}"'] if arguments else [])]
    )
    report = Report(results, catches, began, command, skipped)
    given.page.write_text(report.markdown(), encoding="utf-8")
    console.print(f"{given.page} is written")
    sys.stdout.write(json.dumps(report.document()) + "\n")
    return 0 if report.is_good else 1


def read(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2, help="trials of each fault")
    parser.add_argument("--minutes", type=float, default=15.0, help="at most, about")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the figures go")
    return parser.parse_args(arguments)


def whole_matrix(rig: Rig, seeds: int, until: float) -> tuple[list[Result], int]:
    """Trial after trial while there is time; how many were left out."""
    results: list[Result] = []
    todo = list(plans(seeds))
    for plan in todo:
        if time.monotonic() > until:
            break
        rig.serve_harbor()
        results.append(run(rig, plan))
        show(results[-1], len(results), len(todo))
    return results, len(todo) - len(results)


def show(result: Result, number: int, count: int) -> None:
    plan = result.plan
    bad = {kind.value: n for kind, n in result.counts.items() if n}
    quiet = ", quiet" if plan.is_quiet else ""
    said = result.not_run or bad or f"{result.acknowledged} acknowledged, all is well"
    name = " + ".join(plan.faults)
    console.print(f"{number}/{count} {name}, {plan.lasts_s:.1f} s{quiet}: {said}", markup=False)
    for complaint in result.complaints[:3]:
        console.print(f"    {complaint.kind}: {complaint.about}", markup=False)


def seeded_bugs(rig: Rig) -> list[Catch]:
    catches = []
    for variant in VARIANTS:
        catches.append(catch(rig, variant))
        console.print("seeded bug: " + " | ".join(catches[-1].row()), markup=False)
    return catches


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
