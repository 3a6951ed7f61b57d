"""`harbor serve`: check what Harbor promises, then turn into gunicorn."""

import os
import sys

import click

from harbor.config import Settings
from harbor.environments import load
from harbor.errors import Unavailable
from harbor.ops.paths import beside_package
from harbor.store.console import opened
from harbor.store.database import check_promises
from harbor.store.migrations import is_at_head


@click.command()
@click.option("--bind", metavar="HOST:PORT", help="Instead of HARBOR_BIND.")
@click.option("--workers", type=click.IntRange(1), help="Instead of HARBOR_WORKERS.")
def serve(bind: str | None, workers: int | None) -> None:
    """Run the service under gunicorn, in this very process."""
    changes = {name: value for name, value in (("bind", bind), ("workers", workers)) if value}
    check(load().model_copy(update=changes))
    for name, value in changes.items():
        # Workers read their settings themselves, and exec passes this environment on.
        os.putenv(f"HARBOR_{name.upper()}", str(value))
    command = gunicorn_command()
    sys.stdout.flush()
    os.execv(command[0], command)  # noqa: S606 - no shell is the point


def check(settings: Settings) -> None:
    """Raises Misconfigured; what may mend itself while the service runs is only said."""
    with opened(settings) as database:
        try:
            check_promises(database, settings)
            if not is_at_head(database):
                warn("the tables are not those of this version: run `harbor migrate`")
        except Unavailable:
            warn("the database is away: until it is back, every position gets a 503")


def warn(sentence: str) -> None:
    click.echo(f"harbor: {sentence}", err=True)


def gunicorn_command() -> list[str]:
    return [sys.executable, "-m", "gunicorn", "-c", str(beside_package("gunicorn.conf.py"))]
