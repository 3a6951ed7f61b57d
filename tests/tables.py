"""What is in the tables, for tests that look behind the public door."""

from sqlalchemy import text


def stored(runtime) -> int:
    with runtime.database.session() as session:
        return session.execute(text("SELECT count(*) FROM position")).scalar_one()


def quarantined(runtime) -> list[tuple[str, bytes]]:
    with runtime.database.session() as session:
        rows = session.execute(text("SELECT reason, raw FROM rejected_report ORDER BY id"))
        return [(row.reason, bytes(row.raw)) for row in rows]
