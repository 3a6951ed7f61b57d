"""`python -m bench.feed`: the feed beside a bare broadcaster in C and beside nchan.

One core for the server, another for the client, the publisher and Valkey. Then from the
start of a POST to the event. Ends with one line of JSON; fails when a floor is missed.
"""

import argparse
import json
import sys
import time

from bench import post_to_event
from bench.installation import Installation, installed
from bench.machine import allow_many_files, share_out, versions
from bench.pings import Pings
from bench.push import events, figures, programs, table, trials
from bench.push.figures import Figures
from bench.push.peers import Bench
from bench.push.programs import Missing, Programs
from bench.push.results import Results
from bench.push.trials import Pace

ROUNDS, QUICK_ROUNDS, QUICK_STRETCH = 3, 1, 0.5
ROUNDS_MAX_S, QUICK_ROUNDS_MAX_S = 640.0, 195.0
POSTS_SECONDS, QUICK_POSTS_SECONDS = 20.0, 8.0


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="one round, shorter ones")
    arguments.add_argument("--rounds", type=int, default=None)
    given = arguments.parse_args()
    rounds = given.rounds or (QUICK_ROUNDS if given.quick else ROUNDS)
    until = time.monotonic() + (QUICK_ROUNDS_MAX_S if given.quick else ROUNDS_MAX_S)
    pace = Pace(rounds, QUICK_STRETCH if given.quick else 1.0, until)
    posts_s = QUICK_POSTS_SECONDS if given.quick else POSTS_SECONDS
    try:
        missed = measured(pace, posts_s)
    except Missing as reason:
        sys.exit(str(reason))
    if missed:
        sys.exit(f"Below the floor: {', '.join(missed)}")


def measured(pace: Pace, posts_s: float) -> list[str]:
    """Returns the names of the figures below their floors."""
    print(f"Up to {allow_many_files()} open files")
    cores = share_out()
    with installed(cores) as site:
        compiled = programs.compiled(site.directory / "programs")
        found, results = side_by_side(site, compiled, pace)
        posts = post_to_event.two_workers(site, Pings(site.senders), posts_s)
    table.show(results, found)
    missed = table.missed_floors(found)
    also = {"rounds": results.rounds, "below_floor": missed, "not_measured": results.missing}
    nginx = {"nginx": programs.version_of_nginx()}
    print(json.dumps({**found, **posts, **also, "versions": {**versions(), **nginx}}))
    return missed


def side_by_side(site: Installation, compiled: Programs, pace: Pace) -> tuple[Figures, Results]:
    voyage = events.sail(site)
    print(f"Features of {voyage.feature_bytes} bytes", flush=True)
    feeds = events.feeds(site, voyage, site.directory)
    bench = Bench(site, site.directory, compiled, voyage, feeds)
    results = trials.measure(bench, pace)
    return figures.figures_of(results, bench), results


if __name__ == "__main__":
    main()
