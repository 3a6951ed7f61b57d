"""Where the migrations are, and whether the database has them all."""

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from harbor.ops.paths import beside_package
from harbor.store.database import Database


def directory() -> Path:
    return beside_package("migrations")


@cache
def head() -> str | None:
    """The newest revision among the scripts."""
    config = Config()
    config.set_main_option("script_location", str(directory()))
    return ScriptDirectory.from_config(config).get_current_head()


def is_at_head(database: Database) -> bool:
    """Raises Unavailable when the database is away."""
    with database.session() as session:
        context = MigrationContext.configure(session.connection())
        return context.get_current_revision() == head()
