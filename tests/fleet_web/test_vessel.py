"""GET /fleet/vessels/<id>: the page as the server makes it, before any script runs."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from harbor.fleet.vessel import Kind
from harbor.store import trackers, vessels
from harbor.store.aboard import LAST_FIXES
from tests.builders import moment, ping, post
from tests.fleet_web.sailing import leg, sailed
from tests.test_access import log_in


@pytest.fixture
def page(client, cast):
    log_in(client, cast)

    def read(vessel_id=None, query="", **headers):
        path = f"/fleet/vessels/{vessel_id or cast.vinga.id}{query}"
        return client.get(path, headers=headers)

    return read


def test_the_page_says_who_she_is_and_where_she_is_now(page, client, cast, runtime):
    post(client, cast.vinga, ping(recorded_at=moment(5), latitude=57.123456))
    with runtime.database.session() as session:
        vessels.change_kind(session, cast.fleet_id, "Vinga", Kind.TUG)

    html = page().text

    assert "<h1>Vinga</h1>" in html
    for word in ("9074729", "265123456", "Tug", "57.123456", 'data-state="live"'):
        assert word in html


def test_each_tracker_aboard_has_its_rhythm_its_last_report_and_its_battery(
    page, runtime, cast
):
    begin = runtime.clock() - timedelta(minutes=10)
    fixes = leg(cast, cast.vinga, begin, 10, 8, step_s=30)
    with runtime.database.session() as session:
        trackers.add(session, runtime.seal, cast.fleet_id, "spare", cast.vinga.id)
    sailed(runtime, cast, fixes)

    html = page().text

    assert "Vinga tracker" in html
    assert 'data-interval-s="30.0"' in html
    assert "spare" in html
    assert "not known yet" in html
    assert "Hönö tracker" not in html
    assert "shore" not in html


def test_a_tracker_not_heard_for_weeks_is_not_sought_among_all_fixes(runtime, cast):
    """To find none of it, a week of fixes would be looked through for each of them."""
    begin = runtime.clock() - timedelta(hours=1)
    sailed(runtime, cast, leg(cast, cast.vinga, begin, 30, 8))
    asked = {"fleet_id": cast.fleet_id, "vessel_id": cast.vinga.id, "limit": 21}
    ends = {"since": begin - timedelta(days=7), "until": runtime.clock()}
    with runtime.database.session() as session:
        seen = text("UPDATE tracker SET last_seen_at = :at WHERE id = :id")
        session.execute(seen, {"at": begin - timedelta(days=60), "id": cast.shore_id})
        explain = text(f"EXPLAIN (ANALYZE, TIMING OFF, BUFFERS OFF, FORMAT JSON) {LAST_FIXES}")
        [told] = session.scalar(explain, asked | ends)

    scans = [
        one for one in steps(told["Plan"])
        if one.get("Relation Name", "").startswith("position") and "Index Cond" in one
    ]  # fmt: skip
    assert max(one["Actual Loops"] for one in scans) == 1  # of the two that may be aboard


def steps(plan):
    yield plan
    for part in plan.get("Plans", ()):
        yield from steps(part)


def test_a_fleet_wide_tracker_is_aboard_while_it_reports_for_her(page, runtime, cast):
    begin = runtime.clock() - timedelta(minutes=5)
    sailed(runtime, cast, leg(cast, cast.vinga, begin, 5, 8, tracker_id=cast.shore_id))

    html = page().text

    assert "shore" in html
    assert "any vessel of the fleet" in html


def test_a_retired_vessel_keeps_her_page_and_says_so(page, runtime, cast):
    with runtime.database.session() as session:
        vessels.retire(session, cast.fleet_id, "Vinga", runtime.clock())

    answer = page()

    assert answer.status_code == 200
    assert "This vessel is retired" in answer.text


@pytest.mark.parametrize(
    ("language", "week"), [("en", "7 days"), ("sv", "7 dygn"), ("de", "7 Tage")]
)
def test_periods_of_days_are_named_in_words_of_the_language(page, language, week):
    html = page(**{"Accept-Language": language}).text

    assert f">{week}</a>" in html


def test_a_vessel_that_never_reported_has_a_page(page):
    html = page().text

    assert "has never reported" in html
    assert "No position yet" in html


def test_another_fleets_vessel_and_an_unknown_one_are_a_404_page(page, runtime):
    with runtime.database.session() as session:
        fleet = session.scalar(text("INSERT INTO fleet (name) VALUES ('x') RETURNING id"))
        canary = vessels.add(session, fleet, "Canary")

    for vessel_id in (canary.id, uuid4()):
        answer = page(vessel_id)
        assert (answer.status_code, answer.mimetype) == (404, "text/html")
        assert "Canary" not in answer.text


def test_without_scripts_the_files_of_the_period_can_be_had(page):
    html = page(query="?from=2026-05-04T12:00:00Z&to=2026-05-05T12:00:00Z").text

    ends = "from=2026-05-04T12:00:00Z&amp;to=2026-05-05T12:00:00Z"
    assert f"/track.gpx?{ends}" in html.replace("%3A", ":")


def test_a_period_that_makes_no_sense_is_a_400_page(page):
    answer = page(query="?last=5y")

    assert (answer.status_code, answer.mimetype) == (400, "text/html")


def test_the_page_has_no_inline_script_or_style_and_names_are_text(page, runtime, cast):
    with runtime.database.session() as session:
        vessels.rename(session, cast.fleet_id, "Vinga", "<img src=x onerror=alert(1)>")

    html = page().text

    assert "<img src=x" not in html
    assert " style=" not in html
    assert "<script>" not in html
