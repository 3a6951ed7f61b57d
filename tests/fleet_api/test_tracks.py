"""GET /api/v1/vessels/<id>/track, for partners."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit
from uuid import uuid4

import pytest
from sqlalchemy import text

from harbor.store import vessels
from tests.builders import bearer, moment, ping, post


@pytest.fixture
def at_sea(client, cast):
    """Vinga reported thrice in the last hours and once yesterday, Hönö once."""
    for minutes_ago, latitude in ((1600, 57.0), (30, 57.1), (20, 57.2), (10, 57.3)):
        recorded_at = moment(60 * minutes_ago)
        answer = post(client, cast.vinga, ping(recorded_at=recorded_at, latitude=latitude))
        assert answer.status_code == 201
    post(client, cast.hono, ping(recorded_at=moment(900), latitude=58.9))


def get(client, cast, hull=None, key=None, **asked):
    query = "&".join(f"{name}={quote(str(value))}" for name, value in asked.items())
    path = f"/api/v1/vessels/{(hull or cast.vinga).id}/track?{query}"
    return client.get(path, headers=bearer(key or cast.partner_key))


def latitudes(answer) -> list[float]:
    return [one["geometry"]["coordinates"][1] for one in answer.json["features"]]


def test_the_last_24_hours_come_oldest_first_and_of_this_vessel_only(client, cast, at_sea):
    answer = get(client, cast)

    assert (answer.status_code, answer.mimetype) == (200, "application/geo+json")
    assert latitudes(answer) == [57.1, 57.2, 57.3]
    assert answer.json["vessel"]["name"] == "Vinga"
    begin, end = (datetime.fromisoformat(answer.json[name]) for name in ("from", "to"))
    assert end - begin == timedelta(hours=24)


def test_every_point_says_when_it_was_recorded_and_when_it_reached_us(client, cast, at_sea):
    point = get(client, cast).json["features"][0]["properties"]

    late = datetime.fromisoformat(point["received_at"]) - datetime.fromisoformat(
        point["recorded_at"]
    )
    assert timedelta(minutes=29) < late < timedelta(minutes=31)
    assert (point["speed_knots"], point["source"]) == (9.5, "tracker")


def test_the_track_begins_at_from_and_ends_before_to(client, cast):
    times = [moment(seconds) for seconds in (300, 200, 100)]
    for number, recorded_at in enumerate(times):
        post(client, cast.vinga, ping(recorded_at=recorded_at, latitude=57 + number / 1000))

    answer = get(client, cast, **{"from": times[0], "to": times[2]})

    assert latitudes(answer) == [57.0, 57.001]


def test_an_offset_counts(client, cast, at_sea):
    here = datetime.now(UTC) - timedelta(minutes=15)
    east = here.replace(tzinfo=None) + timedelta(hours=2)

    answer = get(client, cast, **{"from": f"{east.isoformat()}+02:00"})

    assert latitudes(answer) == [57.3]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_give_every_fix_once_and_then_end(client, cast, at_sea, limit):
    found, answer = [], get(client, cast, limit=limit)

    for _ in range(5):
        found += latitudes(answer)
        if "Link" not in answer.headers:
            break
        url = urlsplit(answer.headers["Link"].partition(";")[0].strip("<>"))
        answer = client.get(f"{url.path}?{url.query}", headers=bearer(cast.partner_key))

    assert found == [57.1, 57.2, 57.3]
    assert "Link" not in answer.headers


def test_later_pages_keep_the_ends_of_the_first(client, cast, at_sea):
    first = get(client, cast, limit=1)
    url = urlsplit(first.headers["Link"].partition(";")[0].strip("<>"))

    second = client.get(f"{url.path}?{url.query}", headers=bearer(cast.partner_key))

    assert [second.json[end] for end in ("from", "to")] == [
        first.json[end] for end in ("from", "to")
    ]


def test_two_trackers_at_the_same_moment_are_both_on_their_pages(client, cast):
    at = moment(60)
    post(client, cast.vinga, ping(recorded_at=at))
    headers = {"Harbor-Tracker": str(cast.shore_id)}
    shore = type(cast.vinga)(None, "", "", cast.shore_id, cast.shore_secret)
    post(client, shore, ping(recorded_at=at, vessel=str(cast.vinga.id)), **headers)

    first = get(client, cast, limit=1)
    url = urlsplit(first.headers["Link"].partition(";")[0].strip("<>"))
    second = client.get(f"{url.path}?{url.query}", headers=bearer(cast.partner_key))

    trackers = {
        page.json["features"][0]["properties"]["tracker_id"] for page in (first, second)
    }
    assert trackers == {str(cast.vinga.tracker_id), str(cast.shore_id)}


def test_without_a_fix_the_track_is_empty(client, cast):
    answer = get(client, cast)

    assert (answer.status_code, answer.json["features"]) == (200, [])


def test_a_key_for_other_vessels_learns_nothing(client, cast, at_sea):
    answer = get(client, cast, cast.hono, key=cast.partner_of_vinga_key)

    assert answer.status_code == 404
    assert "58.9" not in answer.get_data(as_text=True)
    assert latitudes(get(client, cast, key=cast.partner_of_vinga_key)) == [57.1, 57.2, 57.3]


def test_another_fleets_vessel_an_unknown_and_a_retired_one_are_404(client, cast, runtime):
    with runtime.database.session() as session:
        fleet = session.scalar(text("INSERT INTO fleet (name) VALUES ('x') RETURNING id"))
        canary = vessels.add(session, fleet, "Canary").id
        vessels.retire(session, cast.fleet_id, str(cast.hono.id), runtime.clock())

    for vessel_id in (canary, uuid4(), cast.hono.id):
        path = f"/api/v1/vessels/{vessel_id}/track"
        answer = client.get(path, headers=bearer(cast.partner_key))
        assert answer.status_code == 404
        assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("key", ["revoked_key", "expired_key"])
def test_a_key_that_has_ended_reads_no_track(client, cast, at_sea, key):
    assert get(client, cast, key=getattr(cast, key)).status_code == 401


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"from": "yesterday"}, "from: write RFC 3339"),
        ({"to": "2026-05-04T12:00:00"}, "to: write RFC 3339"),
        ({"to": "2026-02-30T12:00:00Z"}, "to: there is no such date"),
        ({"from": "2026-05-04T12:00:00Z", "to": "2026-05-04T12:00:00Z"}, "from must be before"),
        ({"from": "2099-01-01T00:00:00Z"}, "from must be before to"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "!"}, "cursor"),
        ({"cursor": "A" * 31}, "cursor"),
        ({"cursor": "_" * 32}, "cursor"),
        ({"cursor": "é"}, "cursor"),
        ({"form": "2026-05-04T12:00:00Z"}, "Unknown parameter 'form'"),
    ],
)
def test_a_question_that_makes_no_sense_is_400_and_says_why(client, cast, asked, words):
    answer = get(client, cast, **asked)

    assert answer.status_code == 400
    assert words in answer.json["detail"]


def test_a_question_over_all_times_is_answered(client, cast, at_sea):
    answer = get(client, cast, **{"from": "2020-01-01T00:00:00Z", "to": "2099-12-31T00:00:00Z"})

    assert latitudes(answer) == [57.0, 57.1, 57.2, 57.3]


def test_tracks_count_against_the_limit_of_the_key(client, cast):
    first = get(client, cast)
    assert first.headers["RateLimit"].startswith('"default";r=59;t=')

    statuses = [get(client, cast).status_code for _ in range(60)]

    assert statuses[-1] == 429
    assert get(client, cast, key=cast.partner_of_vinga_key).status_code == 200
