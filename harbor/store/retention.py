"""Retention: whole partitions go, without holding up ingest; no vessel leaves the map for it.

A partition is detached CONCURRENTLY, which locks nothing that a reader or the writer needs,
then dropped as a table of its own. Interrupted anywhere, the next run goes on: a partition
carries a mark from before the first step. Was a longer retention set meanwhile, what carries
the mark becomes a partition like any other again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from harbor.store import newest
from harbor.store.partitions import DROP_MARK, Span, named
from harbor.store.positions import STORED_COLUMNS

MARGIN = timedelta(hours=1)
"""What was accepted a moment before it became too old, and clocks that differ."""


def expired(there: Iterable[Span], now: datetime, days: int) -> list[Span]:
    """The partitions of which nothing is young enough."""
    oldest = now - timedelta(days=days) - MARGIN
    return [span for span in there if days and span.end_at <= oldest]


def drop(connection: Connection, span: Span) -> None:
    """Detach and drop; the connection is in autocommit.

    Raises what `is_away` knows when older transactions don't end in time: try again later.
    """
    mark(connection, span.name)
    keep_newest(connection, span)
    detach(connection, span)
    drop_detached(connection, span.name)


def detach(connection: Connection, span: Span) -> None:
    how = "FINALIZE" if span.is_leaving else "CONCURRENTLY"
    connection.execute(text(f"ALTER TABLE position DETACH PARTITION {span.name} {how}"))


def drop_detached(connection: Connection, name: str) -> None:
    """The end of `drop`, also of one that was interrupted."""
    connection.execute(text(f"DROP TABLE {name}"))
    connection.execute(text("DELETE FROM thinned_partition WHERE name = :name"), {"name": name})


def mark(connection: Connection, name: str) -> None:
    connection.execute(text(f"COMMENT ON TABLE {name} IS '{DROP_MARK}'"))


def keep(connection: Connection, span: Span) -> None:
    """Take back a `drop` that was begun and not ended."""
    if span.is_leaving:
        detach(connection, span)
        attach(connection, span)
    unmark(connection, span.name)


def keep_detached(connection: Connection, span: Span) -> None:
    """The same for a partition that `drop` had detached."""
    attach(connection, span)
    unmark(connection, span.name)


def attach(connection: Connection, span: Span) -> None:
    """PostgreSQL left a CHECK of its bounds on the table, so that no row is looked at."""
    connection.execute(
        text(
            f"ALTER TABLE position ATTACH PARTITION {span.name}"
            f" FOR VALUES FROM ('{span.start_at.isoformat()}') TO ('{span.end_at.isoformat()}')"
        )
    )


def unmark(connection: Connection, name: str) -> None:
    connection.execute(text(f"COMMENT ON TABLE {name} IS NULL"))


def left_over(connection: Connection) -> list[Span]:
    """Marked tables that are no partition any more: the run before was interrupted."""
    found = connection.execute(
        text(r"""
        SELECT c.relname
        FROM pg_description AS d JOIN pg_class AS c ON c.oid = d.objoid
        WHERE d.classoid = CAST('pg_class' AS regclass) AND d.objsubid = 0
            AND d.description = :mark AND c.relkind = 'r' AND NOT c.relispartition
            AND c.relname ~ '^position_[0-9]{4}_[0-9]{2}(_[0-9]{2})?$'
            AND pg_table_is_visible(c.oid)
        ORDER BY c.relname
        """),
        {"mark": DROP_MARK},
    )
    return [named(name, is_marked=True) for name in found.scalars()]


_NAMES = ", ".join(STORED_COLUMNS)


def keep_newest(connection: Connection, span: Span) -> None:
    """Copy the newest fix of each vessel that was not heard of after this partition.

    What was kept of vessels that were heard of since, or are retired, goes. A vessel laid
    up for the winter stays on the map where it was last heard of, and what Valkey holds
    stays what PostgreSQL would fill it with.
    """
    silent = {"silent": [str(one) for one in newest.silent_since(connection, span.end_at)]}
    connection.execute(
        text("DELETE FROM last_position WHERE vessel_id <> ALL (CAST(:silent AS uuid[]))"),
        silent,
    )
    connection.execute(
        text(f"""
        INSERT INTO last_position ({_NAMES})
        SELECT {", ".join(f"old.{name}" for name in STORED_COLUMNS)}
        FROM vessel AS v
        CROSS JOIN LATERAL (
            SELECT * FROM {span.name} AS one
            WHERE one.fleet_id = v.fleet_id AND one.vessel_id = v.id
            ORDER BY one.recorded_at DESC
            LIMIT 1
        ) AS old
        WHERE v.id = ANY (CAST(:silent AS uuid[]))
        ON CONFLICT (fleet_id, vessel_id) DO UPDATE
        SET ({_NAMES}) = ROW ({", ".join(f"excluded.{name}" for name in STORED_COLUMNS)})
        WHERE last_position.recorded_at < excluded.recorded_at
        """),  # noqa: S608 - names of ours: columns, and a partition that `spans` knows
        silent,
    )
