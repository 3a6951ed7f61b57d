"""GET /api/v1/vessels, for partners."""

from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from limits.errors import StorageError
from sqlalchemy import text

from harbor.ops.rate_limit import limiter
from harbor.store import vessels
from tests.builders import bearer, moment, ping, post


def ids(answer) -> list[str]:
    return [feature["id"] for feature in answer.json["features"]]


@pytest.fixture
def at_sea(client, cast):
    """Both vessels have reported."""
    post(client, cast.vinga, ping(recorded_at=moment(5), latitude=57.6, longitude=11.6))
    post(client, cast.hono, ping(recorded_at=moment(400), latitude=57.7, longitude=11.7))


def get(client, cast, path="/api/v1/vessels", key=None, **headers):
    return client.get(path, headers=bearer(key or cast.partner_key) | headers)


def test_the_fleet_is_geojson_with_its_freshness(client, cast, at_sea):
    answer = get(client, cast)

    assert answer.mimetype == "application/geo+json"
    by_name = {one["properties"]["name"]: one for one in answer.json["features"]}
    vinga = by_name["Vinga"]
    assert vinga["geometry"] == {"type": "Point", "coordinates": [11.6, 57.6]}
    assert vinga["properties"]["imo_number"] == "9074729"
    assert vinga["properties"]["state"] == "live"
    assert 5 <= vinga["properties"]["age_seconds"] < 60
    assert by_name["Hönö"]["properties"]["state"] == "late"


def test_a_vessel_that_never_reported_is_listed_without_a_place(client, cast):
    answer = get(client, cast)

    assert {one["geometry"] for one in answer.json["features"]} == {None}
    assert {one["properties"]["state"] for one in answer.json["features"]} == {"silent"}


def test_one_vessel_by_its_id(client, cast, at_sea):
    answer = get(client, cast, f"/api/v1/vessels/{cast.vinga.id}")

    assert answer.json["properties"]["name"] == "Vinga"


def test_an_unknown_vessel_is_404(client, cast):
    assert get(client, cast, f"/api/v1/vessels/{uuid4()}").status_code == 404


def test_a_key_for_chosen_vessels_sees_no_byte_of_another(client, cast, at_sea):
    key = cast.partner_of_vinga_key

    everything = get(client, cast, key=key)
    other = get(client, cast, f"/api/v1/vessels/{cast.hono.id}", key=key)

    assert ids(everything) == [str(cast.vinga.id)]
    assert "Hönö" not in everything.get_data(as_text=True)
    assert other.status_code == 404
    assert str(cast.hono.imo_number) not in other.get_data(as_text=True)


def test_another_fleets_vessels_are_not_seen(client, cast, runtime):
    with runtime.database.session() as session:
        stranger = session.execute(
            text("INSERT INTO fleet (name) VALUES ('stranger') RETURNING id")
        ).scalar_one()
        canary = vessels.add(session, stranger, "Canary")

    assert "Canary" not in get(client, cast).get_data(as_text=True)
    assert get(client, cast, f"/api/v1/vessels/{canary.id}").status_code == 404


def test_a_box_holds_only_what_is_inside_it(client, cast, at_sea):
    assert ids(get(client, cast, "/api/v1/vessels?bbox=11.5,57.5,11.65,57.65")) == [
        str(cast.vinga.id)
    ]


def test_pages_of_one_give_every_vessel_once_and_then_end(client, cast, at_sea):
    found, path, pages = [], "/api/v1/vessels?limit=1", 0

    while path:
        answer = get(client, cast, path)
        found += ids(answer)
        pages += 1
        link = answer.headers.get("Link")
        url = urlsplit(link.partition(";")[0].strip("<>")) if link else None
        path = f"{url.path}?{url.query}" if url else None

    assert found == sorted([str(cast.vinga.id), str(cast.hono.id)])
    assert pages == 2


@pytest.mark.parametrize(("limit", "pages_on"), [(1, True), (2, False), (10_000, False)])
def test_there_is_a_next_page_only_when_something_is_left(client, cast, limit, pages_on):
    assert ("Link" in get(client, cast, f"/api/v1/vessels?limit={limit}").headers) is pages_on


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=10001",
        "limit=x",
        "limit=-1",
        "cursor=!",
        "cursor=AAAA",
        "bbox=1",
        "q=1",
    ],
)
def test_a_question_that_makes_no_sense_is_400_and_says_why(client, cast, query):
    answer = get(client, cast, f"/api/v1/vessels?{query}")

    assert answer.status_code == 400
    assert answer.json["detail"]


def test_the_etag_is_the_feeds_and_an_unchanged_fleet_is_304(client, cast, at_sea, settled):
    settled()
    first = get(client, cast)

    again = get(client, cast, **{"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")


def test_the_etag_changes_with_the_fleet_and_with_the_question(client, cast, at_sea, settled):
    settled()
    first = get(client, cast).headers["ETag"]
    narrower = get(client, cast, "/api/v1/vessels?limit=1").headers["ETag"]
    other_scope = get(client, cast, key=cast.partner_of_vinga_key).headers["ETag"]

    post(client, cast.vinga, ping(latitude=57.6, longitude=11.6))
    settled()

    assert len({first, narrower, other_scope, get(client, cast).headers["ETag"]}) == 4


@pytest.fixture
def settled(runtime):
    """Publish everything that waits, whatever its age."""

    def settle():
        import gevent

        with gevent.Timeout(5):
            while True:
                with runtime.database.session() as session:
                    left = session.execute(text("SELECT count(*) FROM feed_outbox"))
                    if left.scalar_one() == 0:
                        return
                gevent.sleep(0.02)

    return settle


def test_the_limit_is_told_and_kept_per_key(client, cast, runtime):
    first = get(client, cast)
    assert first.headers["RateLimit-Policy"] == '"default";q=60;w=60'
    assert first.headers["RateLimit"].startswith('"default";r=59;t=')

    statuses = {get(client, cast).status_code for _ in range(59)}
    over = get(client, cast)

    assert statuses == {200}
    assert over.status_code == 429
    assert 1 <= int(over.headers["Retry-After"]) <= 60
    assert over.mimetype == "application/problem+json"
    assert get(client, cast, key=cast.partner_of_vinga_key).status_code == 200


def test_when_valkey_is_away_the_fleet_comes_from_postgresql(
    client, cast, at_sea, runtime, valkey
):
    valkey.kill()
    try:
        answer = get(client, cast)
        limited = [get(client, cast).status_code for _ in range(60)]
    finally:
        valkey.restart()

    assert answer.status_code == 200
    assert sorted(ids(answer)) == sorted([str(cast.vinga.id), str(cast.hono.id)])
    assert "ETag" not in answer.headers
    assert 429 in limited


@pytest.fixture
def limiter_on_valkey(monkeypatch):
    """The limiter belongs to the process: an earlier outage may have left it alone."""
    monkeypatch.setattr(limiter, "_storage_dead", False)


def test_valkey_that_goes_away_while_a_request_runs_costs_no_answer(
    client, cast, at_sea, runtime, valkey, limiter_on_valkey
):
    latest = runtime.latest

    def latest_of_the_dying(fleet_id):
        valkey.kill()
        return latest(fleet_id)

    runtime.latest = latest_of_the_dying
    try:
        answer = get(client, cast)
    finally:
        valkey.restart()

    assert answer.status_code == 200
    assert answer.headers["RateLimit-Policy"] == '"default";q=60;w=60'
    assert "RateLimit" not in answer.headers


def test_two_requests_that_find_valkey_gone_together_are_both_answered(
    client, cast, at_sea, limiter_on_valkey, monkeypatch
):
    def another_was_first(*_, **__):
        monkeypatch.setattr(limiter, "_storage_dead", True)
        raise StorageError(TimeoutError())

    monkeypatch.setattr(limiter.storage, "acquire_entry", another_was_first)

    assert get(client, cast).status_code == 200
