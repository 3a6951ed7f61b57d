"""Who reports a vessel, as the card says it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from harbor.fleet.hull import Hull
from harbor.fleet_web.hull_facts import hull_facts
from harbor.fleet_web.source_words import SOURCE_WORDS, source_words
from harbor.store import static_data, trackers
from tests.builders import FLEET, NOON, TRACKER, VESSEL
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


def test_nobody_waits_for_what_was_imported_and_of_equals_the_one_heard_last_is_first(
    ask, runtime, cast, ais
):
    begin = runtime.clock() - timedelta(days=3)
    sailed(runtime, cast, leg(cast, cast.vinga, begin, 5, 5))
    with runtime.database.session() as session:
        for name, format_ in (("Import Vinga", "import"), ("A silent phone", "osmand")):
            whose = cast.fleet_id, name, cast.vinga.id, format_
            trackers.add(session, runtime.seal, *whose)

    told = ask().json["sources"]

    assert [one["name"] for one in told] == ["Vinga tracker", "A silent phone"]


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
    told = answer("source-note.js", "sourceNote(...given)", {"source": source}, SOURCES, NOW_MS)

    assert told == note


def test_the_card_says_that_the_best_source_was_not_heard_for_long():
    silent = [SOURCES[0] | {"newest_at": None}, SOURCES[1]]

    told = answer("source-note.js", "sourceNote(...given)", {"source": "ais"}, silent, NOW_MS)

    assert told == "Position from AIS (Vinga GPS is silent)"


HULL = Hull(FLEET, VESSEL, TRACKER, NOON, "VINGA", None, None, 52, 31.24, 9.0, 4.0, "GOT")


@pytest.fixture
def hull(runtime, cast):
    with runtime.database.session() as session:
        whose = {"fleet_id": cast.fleet_id, "vessel_id": cast.vinga.id}
        static_data.keep(session, [replace(HULL, **whose, tracker_id=cast.vinga.tracker_id)])


def test_the_card_is_told_of_the_hull_in_the_reader_s_words(ask, hull, cast, client):
    client.set_cookie("harbor_language", "sv")

    assert ask().json["hull"] == {
        "type": "Bogserbåt",
        "size": "31,2 × 9 m",
        "draught": "4 m",
        "destination": "GOT",
    }
    assert ask(cast.hono.id).json["hull"] is None


def test_what_is_not_known_of_a_hull_is_not_told():
    unknown = dict.fromkeys(("ship_type", "beam_metres", "draught_metres"))

    facts = hull_facts(replace(HULL, **unknown))

    assert (facts.type, facts.size, facts.draught) == (None, "31.2 m", None)
    assert hull_facts(replace(HULL, length_metres=None)).size is None


def test_the_vessel_s_page_shows_the_hull_and_each_tracker_s_source(
    ask, hull, client, cast, ais
):
    page = client.get(f"/fleet/vessels/{cast.vinga.id}").text

    for words in ("31.2 × 9 m", "<dd>GOT</dd>", "Tracker aboard"):
        assert words in page
    assert "<dd>GOT</dd>" not in client.get(f"/fleet/vessels/{cast.hono.id}").text


def test_pages_and_scripts_name_sources_alike():
    scripts = answer("format.js", "given.map(sourceText)", *SOURCE_WORDS)

    assert scripts == list(SOURCE_WORDS.values())
    assert source_words("pigeon") == "pigeon"
