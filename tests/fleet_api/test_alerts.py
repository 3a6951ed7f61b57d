"""GET /api/v1/alerts, for partners."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest

from harbor.fleet.alert import Alert
from harbor.store import alerts
from tests.builders import bearer


@pytest.fixture
def raised(runtime, cast):
    """Vinga's 25 hours ago and now, Hönö's a minute ago, and one of no vessel of ours."""
    now = runtime.clock()
    one = Alert(
        cast.fleet_id, cast.vinga.tracker_id, cast.vinga.id, "sos", now, now, "SOS", 57.7, 11.9
    )
    told = [
        (cast.vinga.id, timedelta(hours=25)),
        (None, timedelta(minutes=3)),
        (cast.hono.id, timedelta(minutes=1)),
        (cast.vinga.id, timedelta()),
    ]
    with runtime.database.session() as session:
        for vessel_id, ago in told:
            at = now - ago
            alerts.add(
                session, [replace(one, vessel_id=vessel_id, recorded_at=at, received_at=at)]
            )


def get(client, key, **asked):
    query = "&".join(f"{name}={quote(str(value))}" for name, value in asked.items())
    return client.get(f"/api/v1/alerts?{query}", headers=bearer(key))


def names(answer):
    return [one["properties"]["name"] for one in answer.json["features"]]


def test_the_alerts_of_the_last_24_hours_come_oldest_first(client, cast, raised):
    answer = get(client, cast.partner_key)

    assert (answer.status_code, answer.mimetype) == (200, "application/geo+json")
    assert names(answer) == [None, "Hönö", "Vinga"]
    vinga = answer.json["features"][-1]
    assert vinga["geometry"]["coordinates"] == [11.9, 57.7]
    assert vinga["properties"]["kind"] == "sos"


def test_from_counts_by_when_an_alert_came_in_and_the_moment_itself_belongs_to_it(
    client, cast, raised, runtime
):
    hono = get(client, cast.partner_key).json["features"][1]["properties"]

    assert names(get(client, cast.partner_key, **{"from": hono["received_at"]})) == [
        "Hönö",
        "Vinga",
    ]
    long_ago = (runtime.clock() - timedelta(days=9)).isoformat()
    assert len(names(get(client, cast.partner_key, **{"from": long_ago}))) == 4


def test_a_key_for_one_vessel_gets_no_byte_of_anothers_alerts(client, cast, raised):
    answer = get(client, cast.partner_of_vinga_key)

    assert names(answer) == ["Vinga"]
    assert str(cast.hono.id).encode() not in answer.data


def test_pages_neither_skip_nor_repeat(client, cast, raised):
    answer = get(client, cast.partner_key, limit=1)
    found = names(answer)
    while "Link" in answer.headers and len(found) < 9:
        link = urlsplit(answer.headers["Link"].partition(">")[0].removeprefix("<"))
        answer = client.get(f"{link.path}?{link.query}", headers=bearer(cast.partner_key))
        found += names(answer)

    assert found == [None, "Hönö", "Vinga"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"since": "2026-01-01T00:00:00Z"}, "Unknown parameter"),
        ({"from": "yesterday"}, "from"),
        ({"cursor": "!"}, "cursor"),
        ({"limit": 0}, "limit"),
    ],
)
def test_what_can_not_be_answered_is_refused_by_its_name(client, cast, asked, says):
    answer = get(client, cast.partner_key, **asked)

    assert answer.status_code == 400
    assert says in answer.json["detail"]


def test_nobody_hears_of_an_alert_without_a_key(client, cast):
    assert get(client, "hbf_live_nobody").status_code == 401
