"""Who reports a vessel, as the card says it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fleet_web.sailing import leg, sailed
from tests.static.scripts import answer
from tests.test_access import log_in

JSON = {"Accept": "application/json"}
SOURCES = [
    {
        "name": "Vinga GPS",
        "source": "tracker",
        "precedence": 10,
        "newest_at": "2026-05-04T12:00:00Z",
    },
    {"name": "coast", "source": "ais", "precedence": 30, "newest_at": "2026-05-04T12:13:00Z"},
]
NOW_MS = 1777897080000
"""18 minutes past noon."""


@pytest.fixture
def ask(client, cast):
    log_in(client, cast)

    def ask(vessel_id=cast.vinga.id):
        return client.get(f"/fleet/vessels/{vessel_id}/sources", headers=JSON)

    return ask


def test_the_card_is_told_who_reports_a_vessel_the_best_first(ask, runtime, cast, ais):
    begin = runtime.clock() - timedelta(minutes=20)
    aboard = leg(cast, cast.vinga, begin, 5, 5)
    ashore = [
        replace(one, tracker_id=ais, source="ais")
        for one in leg(cast, cast.vinga, begin, 20, 5)
    ]
    sailed(runtime, cast, aboard)
    sailed(runtime, cast, ashore)

    told = ask().json["sources"]

    assert [(one["name"], one["source"], one["precedence"]) for one in told] == [
        ("Vinga tracker", "tracker", 10),
        ("ais", "ais", 30),
    ]
    at = [one["newest_at"][:19] for one in told]
    assert at == [
        aboard[-1].recorded_at.isoformat()[:19],
        ashore[-1].recorded_at.isoformat()[:19],
    ]


def test_a_vessel_of_another_fleet_is_told_of_to_nobody(ask):
    assert ask("00000000-0000-7000-8000-0000000000a1").status_code == 404


def test_nobody_is_told_without_a_session(client, cast):
    answer = client.get(f"/fleet/vessels/{cast.vinga.id}/sources", headers=JSON)

    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")


@pytest.mark.parametrize(
    ("source", "note"),
    [
        ("ais", "Position from AIS (Vinga GPS silent for 18 min)"),
        ("tracker", None),
        ("owntracks", None),
    ],
)
def test_the_card_says_when_not_the_best_source_is_heard(source, note):
    told = answer("card-source.js", "sourceNote(...given)", {"source": source}, SOURCES, NOW_MS)

    assert told == note


def test_the_card_says_that_the_best_source_was_not_heard_for_long():
    silent = [SOURCES[0] | {"newest_at": None}, SOURCES[1]]

    told = answer("card-source.js", "sourceNote(...given)", {"source": "ais"}, silent, NOW_MS)

    assert told == "Position from AIS (Vinga GPS is silent)"
