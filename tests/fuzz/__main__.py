"""`python -m tests.fuzz`: every decoder against made-up messages, ten minutes each.

A message that breaks one is made as small as it gets, shown, and kept in .hypothesis: the
next run begins with it.
"""

import argparse
import time

from hypothesis import HealthCheck, given, settings
from rich.console import Console

from harbor.trackers.registry import DECODERS
from tests.fuzz import messages
from tests.fuzz.promise import check

BATCH = 100


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("formats", nargs="*", default=[*DECODERS], metavar="FORMAT")
    parser.add_argument("--seconds", type=float, default=600, help="for each format")
    arguments, console = parser.parse_args(), Console(highlight=False)
    for name in arguments.formats:
        count = fuzz(name, arguments.seconds)
        console.print(
            f"{name:10} {count:>9,} messages in {arguments.seconds:.0f} s: none broke it"
        )
    return 0


def fuzz(name: str, seconds: float) -> int:
    """How many messages were tried. Raises what a decoder raised."""
    decode, until, count = DECODERS[name], time.monotonic() + seconds, 0

    @settings(
        max_examples=BATCH,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(messages.of(name))
    def try_some(message):
        nonlocal count
        count += 1
        check(decode, message)

    while time.monotonic() < until:
        try_some()
    return count


if __name__ == "__main__":
    raise SystemExit(main())
