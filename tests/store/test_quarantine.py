"""Quarantine in a real PostgreSQL: kept once, counted, bounded."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from harbor.fleet.verdict import Fix, Reason
from harbor.store import held, quarantine
from harbor.store.held import Wish
from harbor.store.quarantine import Rejected
from tests.builders import NOON


@pytest.fixture
def keep(cast, runtime):
    """Put reports of Vinga's tracker, or another's, into quarantine."""

    def keep(count=1, hull=cast.vinga, age=timedelta(0), **changes):
        first = Rejected(
            fleet_id=cast.fleet_id,
            tracker_id=hull.tracker_id,
            vessel_id=hull.id,
            received_at=runtime.clock() - age,
            reason=Reason.CONTRACT,
            detail="",
            raw=b"",
        )
        changed = replace(first, **changes)
        start = len(raws(runtime))
        with runtime.database.session() as session:
            quarantine.keep(
                session, [replace(changed, raw=b"%d" % (start + n)) for n in range(count)]
            )

    return keep


def raws(runtime, **where) -> list[int]:
    rule = " AND ".join(f"{name} = :{name}" for name in where) or "true"
    with runtime.database.session() as session:
        query = text(f"SELECT raw FROM rejected_report WHERE {rule} ORDER BY id")
        return [int(bytes(row.raw)) for row in session.execute(query, where)]


def trim(runtime, most=1000, most_per_tracker=1000, days=90, at_once=1000) -> int:
    oldest = runtime.clock() - timedelta(days=days)
    return quarantine.trim(runtime.database, most, most_per_tracker, oldest, at_once)


def test_a_mad_tracker_pushes_out_none_but_its_own(keep, runtime, cast):
    keep(3, hull=cast.hono)
    keep(20)

    assert trim(runtime, most_per_tracker=5) == 15
    assert raws(runtime, tracker_id=cast.hono.tracker_id) == [0, 1, 2]
    assert raws(runtime, tracker_id=cast.vinga.tracker_id) == [18, 19, 20, 21, 22]


def test_the_oldest_of_a_fleet_go_first(keep, runtime, cast):
    keep(3, hull=cast.hono)
    keep(3)

    assert trim(runtime, most=4) == 2
    assert raws(runtime) == [2, 3, 4, 5]


def test_what_is_too_old_goes(keep, runtime):
    keep(2, age=timedelta(days=91))
    keep(1, age=timedelta(days=89))

    assert trim(runtime) == 2
    assert raws(runtime) == [2]


def test_a_large_surplus_goes_in_several_transactions(keep, runtime):
    keep(10)
    commits = []
    event.listen(runtime.database.engine, "commit", commits.append)

    assert [trim(runtime, most=2, at_once=3) for _ in range(2)] == [8, 0]
    assert raws(runtime) == [8, 9]
    assert len(commits) >= 2 + 3 + 3


def test_one_call_has_an_end(keep, runtime, monkeypatch):
    monkeypatch.setattr(quarantine, "TRANSACTIONS_MAX", 2)
    keep(10)

    assert [trim(runtime, most=2, at_once=3) for _ in range(3)] == [6, 2, 0]


def test_what_another_worker_trims_is_left_to_it(keep, runtime):
    keep(10)
    with runtime.database.session() as other:
        other.execute(text(f"SELECT pg_advisory_xact_lock({quarantine.ONE_AT_A_TIME})"))
        meanwhile = trim(runtime, most=2)

    assert (meanwhile, trim(runtime, most=2)) == (0, 8)


def test_the_chores_keep_the_bounds_of_the_settings(keep, runtime):
    keep(2, age=timedelta(days=runtime.settings.quarantine_days_max + 1))
    keep(1)

    runtime._trim_quarantine()

    assert raws(runtime) == [2]


def test_counts_add_up_by_vessel_and_reason_and_outlive_the_rows(keep, runtime, cast):
    keep(2)
    keep(3)
    keep(1, hull=cast.hono)
    keep(1, vessel_id=None)
    keep(1, vessel_id=None)
    trim(runtime, most=1)

    with runtime.database.session() as session:
        rows = session.execute(text("SELECT vessel_id, reports FROM quarantine_count")).all()
    assert {row.vessel_id: row.reports for row in rows} == {
        cast.vinga.id: 5,
        cast.hono.id: 1,
        None: 2,
    }


READS = """
SELECT seq_scan + idx_scan FROM pg_stat_xact_user_tables WHERE relname = 'rejected_report'
"""


def test_the_quarantine_is_read_once_however_many_counts_there_are(keep, runtime, cast):
    for reason in (Reason.CONTRACT, Reason.MALFORMED, Reason.NULL_ISLAND):
        keep(2, reason=reason)
        keep(1, reason=reason, hull=cast.hono)

    with runtime.database.session() as session:
        before = session.scalar(text(READS))
        counted = held.counts(session, cast.fleet_id, Wish())
        after = session.scalar(text(READS))

    assert [one.waiting for one in counted] == [1, 1, 1, 2, 2, 2]
    assert after - before == 1


def test_the_suspect_is_the_last_teleport_of_this_tracker_and_vessel(keep, runtime, cast):
    def fix(latitude):
        return Fix(NOON, latitude, 11.8)

    keep(reason=Reason.TELEPORT, fix=fix(1.0))
    keep(reason=Reason.TELEPORT, fix=fix(2.0))
    keep(reason=Reason.NULL_ISLAND, fix=fix(3.0))
    keep(reason=Reason.TELEPORT, fix=fix(4.0), hull=cast.hono)
    keep(reason=Reason.TELEPORT, fix=fix(5.0), vessel_id=cast.hono.id)
    key = (cast.fleet_id, cast.vinga.id, NOON, cast.vinga.tracker_id)

    with runtime.database.session() as session:
        found = quarantine.suspects(session, [key, key])

    assert found == {(cast.vinga.tracker_id, cast.vinga.id): fix(2.0)}
