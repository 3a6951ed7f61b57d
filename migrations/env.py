"""Runs the migrations: one at a time, patient with rows, impatient with locks."""

import re

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

PARTITION = re.compile(r"\Aposition_[0-9]{4}_[0-9]{2}(_[0-9]{2})?\Z")
ONE_AT_A_TIME = 4_715_001
"""The advisory lock: two release steps at once wait for each other."""

target_db = current_app.extensions["migrate"].db
url = target_db.engine.url


def include_name(name, kind, parents):
    """Partitions are made by a function, not by migrations."""
    table = name if kind == "table" else parents.get("table_name")
    return not (table and PARTITION.match(table))


def run_offline():
    context.configure(
        url=url.render_as_string(hide_password=False),
        target_metadata=target_db.metadata,
        literal_binds=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online():
    # Not the application's engine: that one ends statements after seconds. A lock that
    # is not free soon would stop every ping behind it, so waiting for one is bounded.
    engine = create_engine(
        url, poolclass=NullPool, connect_args={"options": "-c lock_timeout=3s -c timezone=UTC"}
    )
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '60s'"))
        connection.execute(text(f"SELECT pg_advisory_lock({ONE_AT_A_TIME})"))
        connection.execute(text("SET lock_timeout = '3s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=target_db.metadata,
            include_name=include_name,
            compare_type=True,
            compare_server_default=True,
            transaction_per_migration=True,  # the locks of one don't wait for the next
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
