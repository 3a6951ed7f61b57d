"""What messages say of hulls: written down now and then, and filled in where it was blank."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from harbor.errors import Unavailable
from harbor.fleet.hull import Hull, kind_of, together
from harbor.fleet.vessel import Kind
from harbor.ingest import bulletins as module
from harbor.store import static_data, vessels
from harbor.trackers.message import Decoded, Message, StaticData
from tests.builders import NOON


@pytest.fixture
def hear(runtime, cast):
    """A message of Vinga's tracker that says this of hulls; then it is written down."""

    def hear(*said, tracker=None, write=True):
        identity = runtime.directory.contents().named[str(tracker or cast.vinga.tracker_id)]
        decoded = Decoded(False, (), (), static=said)
        runtime.intake.receive(identity, Message(b""), lambda *_: decoded, "harbor")
        if write:
            runtime.bulletins.write_down_hulls()

    return hear


@pytest.fixture
def said(cast):
    return StaticData(
        cast.vinga.id, NOON, "VINGA", "SABC", "9074729", 52, 31.0, 9.5, 4.2, "GOT"
    )


@pytest.fixture
def kept(runtime):
    def kept(vessel_id):
        with runtime.database.session() as session:
            return together(static_data.of_vessel(session, vessel_id))

    return kept


@pytest.fixture
def blank(runtime, cast):
    """A vessel of which only the name and the MMSI were entered."""
    with runtime.database.session() as session:
        return vessels.add(session, cast.fleet_id, "Blank", mmsi="265000009").id


def test_what_is_said_of_a_hull_is_kept(hear, said, kept, cast):
    hear(said)

    hull = kept(cast.vinga.id)
    assert (hull.ship_type, hull.length_metres, hull.beam_metres) == (52, 31.0, 9.5)
    assert (hull.draught_metres, hull.destination, hull.recorded_at) == (4.2, "GOT", NOON)


def test_two_messages_that_say_one_half_each_are_put_together(hear, said, kept, cast):
    """AIS class B says the name in one message and the size in another."""
    hear(replace(said, length_metres=None, beam_metres=None), write=False)
    hear(StaticData(cast.vinga.id, NOON + timedelta(seconds=9), length_metres=30.0))
    hear(StaticData(cast.vinga.id, NOON + timedelta(seconds=20), destination="OSLO"))
    hear(
        StaticData(cast.vinga.id, NOON - timedelta(seconds=20), destination="KIEL", name="OLD")
    )

    hull = kept(cast.vinga.id)

    assert (hull.name, hull.length_metres, hull.destination) == ("VINGA", 30.0, "OSLO")
    assert hull.recorded_at == NOON + timedelta(seconds=20)


def test_a_clock_that_was_ahead_once_does_not_have_the_last_word(hear, said, kept, cast):
    hear(replace(said, recorded_at=NOON.replace(year=2099)))

    hear(replace(said, recorded_at=datetime.now(UTC) + timedelta(days=1), destination="OSLO"))

    assert kept(cast.vinga.id).destination == "OSLO"
    assert kept(cast.vinga.id).recorded_at <= datetime.now(UTC)


def test_nonsense_is_left_out(hear, said, kept, cast):
    odd = {"length_metres": 0.0, "beam_metres": float("nan"), "draught_metres": 9e9}
    hear(replace(said, name="  \0 ", destination="A\nB" + "C" * 200, ship_type=0, **odd))

    hull = kept(cast.vinga.id)
    assert (hull.name, hull.ship_type, hull.length_metres) == (None, None, None)
    assert (hull.beam_metres, hull.draught_metres) == (None, None)
    assert hull.destination == "A B" + "C" * 77


def particulars(runtime, vessel_id):
    with runtime.database.session() as session:
        found = vessels.by_ids(session, [vessel_id])[vessel_id]
    return found.call_sign, found.imo_number


def test_what_the_operator_left_blank_is_filled_in_and_audited(hear, said, blank, runtime):
    hear(replace(said, vessel_id=blank, call_sign="sabc ", imo_number="9241061"))

    assert particulars(runtime, blank) == ("SABC", "9241061")
    with runtime.database.session() as session:
        query = text("SELECT actor, details FROM audit_event WHERE action = 'vessel.filled'")
        [(actor, details)] = session.execute(query).all()
        told = text("SELECT content->>'change' FROM feed_outbox WHERE content ? 'vessels'")
        changes = session.scalars(told).all()
    assert actor.startswith("tracker:")
    assert details == {"call_sign": "SABC", "imo_number": "9241061"}
    assert "renamed" in changes


def test_what_the_operator_entered_stays(hear, said, cast, runtime):
    before = particulars(runtime, cast.vinga.id)

    hear(replace(said, call_sign=None, imo_number="9241061"))

    assert particulars(runtime, cast.vinga.id) == before == (None, "9074729")


@pytest.mark.parametrize("number", ["9074729", "9074720", "265", ""], ids=str)
def test_a_number_that_is_taken_or_wrong_is_not_filled_in(hear, said, blank, runtime, number):
    hear(replace(said, vessel_id=blank, call_sign="?!", imo_number=number))

    assert particulars(runtime, blank) == (None, None)


def test_workers_that_hear_of_the_same_vessel_do_not_wait_for_each_other(blank, runtime, cast):
    """Each holds a row that refers to her when it looks whether something was left blank."""
    one = Hull(cast.fleet_id, blank, cast.shore_id, NOON, call_sign="SABC")
    other = replace(one, tracker_id=cast.vinga.tracker_id)

    with runtime.database.session() as session, runtime.database.session() as meanwhile:
        static_data.keep(session, [one])
        static_data.keep(meanwhile, [other])
        static_data.fill_blanks(session, [one])

    assert particulars(runtime, blank) == ("SABC", None)


def test_a_flood_of_hulls_is_bounded(hear, said, kept, cast, monkeypatch):
    monkeypatch.setattr(module, "HULLS_MAX", 1)
    hear(said, write=False)
    hear(replace(said, vessel_id=cast.hono.id), tracker=cast.shore_id, write=False)

    hear(replace(said, destination="OSLO"))

    assert kept(cast.vinga.id).destination == "OSLO"


def test_without_the_database_it_is_written_down_later(hear, said, kept, runtime, cast):
    def away(*_):
        raise Unavailable("away")

    hear(said, write=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(static_data, "keep", away)
        with pytest.raises(Unavailable):
            runtime.bulletins.write_down_hulls()

    runtime.bulletins.write_down_hulls()

    assert kept(cast.vinga.id).name == "VINGA"


@pytest.mark.parametrize(
    ("number", "kind"),
    [(None, None), (0, None), (30, Kind.FISHING), (52, Kind.TUG), (79, Kind.CARGO), (99, None)],
)
def test_a_ship_type_is_one_of_our_kinds(number, kind):
    assert kind_of(number) is kind
