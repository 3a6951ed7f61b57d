"""GET /fleet/vessels/<id>/track: a vessel's voyage in a period."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from harbor.fleet.berth import Berth
from harbor.fleet.geojson import in_words
from harbor.fleet_web import voyage as voyage_module
from harbor.store import berths, trackers, vessels
from tests.builders import moment, ping, post
from tests.fleet_web.sailing import KNOT_DEGREES, leg, sailed
from tests.test_access import log_in

JSON = {"Accept": "application/json"}


@pytest.fixture
def begin(runtime):
    return runtime.clock().replace(microsecond=0) - timedelta(hours=5)


@pytest.fixture
def ask(client, cast):
    """What the page's script reads of a vessel."""
    log_in(client, cast)

    def ask(hull=None, **asked):
        path = f"/fleet/vessels/{(hull or cast.vinga).id}/track"
        return client.get(path, query_string=asked, headers=JSON)

    return ask


@pytest.fixture
def at_quay(runtime, cast, begin):
    """An hour north at ten knots, an hour at the quay, then Hönö passes far away."""
    quay = 57 + 3600 * 10 * KNOT_DEGREES
    sailed(runtime, cast, leg(cast, cast.vinga, begin, 60, 10))
    sailed(runtime, cast, leg(cast, cast.vinga, begin + timedelta(hours=1), 60, 0, quay))
    sailed(runtime, cast, leg(cast, cast.hono, begin, 60, 20, 50.0))
    with runtime.database.session() as session:
        berths.add(session, cast.fleet_id, Berth("Smögen", quay, 11.5))
    return quay


def test_a_voyage_is_told_in_figures_stops_and_points(ask, at_quay, begin):
    voyage = ask().json

    figures = voyage["figures"]
    assert figures["metres"] == pytest.approx(18_520, rel=0.01)
    assert figures["under_way_s"] == pytest.approx(3600, abs=20)
    assert figures["fixes"] == 720
    (stop,) = voyage["stops"]
    assert (stop["berth"], stop["latitude"]) == ("Smögen", pytest.approx(at_quay, abs=1e-4))
    assert stop["begin_s"] == begin.timestamp() + 3600
    assert len(voyage["points"]) == 720
    assert voyage["points"][0] == [begin.timestamp() * 1000, 57.0, 11.5, 10, 0, 0]


def test_only_the_period_that_was_asked_for_counts(ask, at_quay, begin):
    ends = {"from": in_words(begin), "to": in_words(begin + timedelta(minutes=30))}

    voyage = ask(**ends).json

    assert voyage["figures"]["fixes"] == 180
    assert (voyage["from"], voyage["to"]) == tuple(ends.values())


def test_a_month_comes_thinned_and_says_so(ask, runtime, cast, begin):
    days = [leg(cast, cast.vinga, begin - timedelta(hours=8), 300, 6, step_s=1)]
    for reports in days:
        for at in range(0, len(reports), 6000):
            sailed(runtime, cast, reports[at : at + 6000])

    voyage = ask(last="7d").json

    assert voyage["figures"]["fixes"] == 18_000
    assert voyage["tolerance_metres"] > 0
    assert len(voyage["points"]) < 8_001
    assert voyage["points"][-1][0] == days[0][-1].recorded_at.timestamp() * 1000


def test_of_two_trackers_one_makes_the_track(ask, runtime, cast, begin):
    with runtime.database.session() as session:
        spare, _ = trackers.add(session, runtime.seal, cast.fleet_id, "spare", cast.vinga.id)
    sailed(runtime, cast, leg(cast, cast.vinga, begin, 60, 10))
    aft = leg(cast, cast.vinga, begin + timedelta(seconds=5), 60, 10, 56.99, tracker_id=spare)
    sailed(runtime, cast, aft)

    figures = ask().json["figures"]

    assert figures["metres"] == pytest.approx(18_520, rel=0.02)


def test_what_was_put_aside_is_told_with_its_reason_its_time_and_its_place(ask, client, cast):
    post(client, cast.vinga, ping(recorded_at=moment(600)))
    post(client, cast.vinga, ping(recorded_at=moment(300), latitude=0.0, longitude=0.0))
    post(client, cast.hono, ping(recorded_at=moment(300), latitude=0.0, longitude=0.0))

    (doubt,) = ask().json["doubts"]

    assert (doubt["reason"], doubt["latitude"], doubt["tracker"]) == (
        "null_island", 0, "Vinga tracker"
    )  # fmt: skip
    assert ask(last="6h", to=moment(3600)).json["doubts"] == []


def test_a_period_with_too_much_in_it_is_given_up_before_a_proxy_does(
    ask, at_quay, monkeypatch
):
    monkeypatch.setattr(voyage_module, "SECONDS_MAX", -1.0)

    answer = ask()

    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert "choose less time" in answer.json["detail"]


def test_others_have_their_turn_while_a_long_voyage_is_worked_through(
    ask, at_quay, monkeypatch
):
    turns = []
    monkeypatch.setattr(voyage_module.gevent, "sleep", turns.append)

    ask()

    assert len(turns) == 3  # 720 fixes in goes of 500, and one stop


def test_a_vessel_that_was_away_has_an_empty_voyage(ask):
    voyage = ask().json

    assert voyage["figures"]["fixes"] == 0
    assert (voyage["points"], voyage["stops"], voyage["gaps"]) == ([], [], [])


def test_another_fleets_vessel_and_an_unknown_one_are_not_there(ask, runtime, cast):
    with runtime.database.session() as session:
        fleet = session.scalar(text("INSERT INTO fleet (name) VALUES ('x') RETURNING id"))
        canary = vessels.add(session, fleet, "Canary")

    for vessel_id in (canary.id, uuid4()):
        answer = ask(type("Hull", (), {"id": vessel_id}))
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"last": "5y"}, "last is one of 6h, 24h, 7d, 30d."),
        ({"from": "yesterday"}, "from: write RFC 3339"),
        ({"from": "2026-05-04T12:00:00Z", "to": "2026-05-04T12:00:00Z"}, "before to"),
        ({"from": "2026-05-04T12:00:00Z", "to": "2026-06-14T12:00:00Z"}, "At most 31 days"),
    ],
)
def test_a_period_that_makes_no_sense_is_400_and_says_why(ask, asked, words):
    answer = ask(**asked)

    assert answer.status_code == 400
    assert words in answer.json["detail"]


def test_a_person_has_so_many_tracks_worked_through_at_once_and_no_more(
    ask, at_quay, runtime, monkeypatch
):
    """Each takes the worker's processor; others want their turn."""
    asked, answers = [], []

    def ask_meanwhile(seconds: float) -> None:
        if len(asked) < voyage_module.SHARE:
            asked.append(seconds)
            answers.append(ask())

    monkeypatch.setattr(voyage_module.gevent, "sleep", ask_meanwhile)

    first = ask()

    assert first.status_code == 200
    refused, *others = answers  # the last to ask is answered first
    assert (refused.status_code, {one.status_code for one in others}) == (429, {200})
    assert "3 tracks open" in refused.json["detail"]
    assert ask().status_code == 200
