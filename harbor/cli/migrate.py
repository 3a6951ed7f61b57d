"""`harbor migrate`: the tables of this version, just as `flask db upgrade` makes them."""

import click
from flask_migrate import upgrade

from harbor import create_app
from harbor.cli.output import json_option, print_json
from harbor.config import Settings
from harbor.environments import load
from harbor.runtime import Runtime
from harbor.store import migrations
from harbor.store.database import unavailable_when_away


@click.command()
@json_option
def migrate(is_json: bool) -> None:
    """Bring the database's tables up to date, beside running workers."""
    bring_up_to_date(load())
    if is_json:
        print_json({"revision": migrations.head()})
    else:
        click.echo(f"The tables are up to date ({migrations.head()}).")


def bring_up_to_date(settings: Settings) -> None:
    """Raises Misconfigured, Unavailable."""
    from harbor.cli.command import log_to_stderr

    # The application logs to standard output, which belongs to the command's answer.
    app = create_app(settings.model_copy(update={"log_level": "ERROR"}))
    log_to_stderr()
    runtime: Runtime = app.extensions["harbor"]
    try:
        with app.app_context(), unavailable_when_away():
            upgrade()
    finally:
        runtime.close()
