"""The apps that people have already, against a whole Harbor: what they send and are told."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from harbor import create_app
from harbor.cli.app_links import setup_of
from harbor.store import trackers, vessels
from harbor.trackers.registry import DECODERS, HARBOR
from tests.builders import bearer
from tests.conftest import make_settings
from tests.journeys.app_requests import REQUESTS, Fix, Sent, a_fix
from tests.journeys.fleet_server import wait_until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(120)]

SENDERS = [
    (format_, make)
    for format_ in sorted(DECODERS.keys() - {HARBOR})
    for make in REQUESTS[format_]
]


@dataclass(frozen=True)
class App:
    """A tracker that was handed over, aboard a vessel of its own."""

    format: str
    name: str
    vessel: str
    mmsi: str
    token: str
    address: str


@pytest.fixture(scope="module")
def install(fleet):
    """Add a vessel and her tracker; what was made so far is in `made`."""
    app = create_app(make_settings(fleet.postgres.url, fleet.valkey.url))
    runtime = app.extensions["harbor"]
    made = []

    def install(format_):
        number = len(made)
        vessel, name, mmsi = f"Vessel {number}", f"phone {number}", f"2660000{number:02d}"
        with runtime.database.session() as session:
            fleet_id = fleet.cast.fleet_id
            hull = vessels.add(session, fleet_id, vessel, None, mmsi)
            _, secret = trackers.add(session, runtime.seal, fleet_id, name, hull.id, format_)
        handed = setup_of(format_, name, secret, fleet.url)
        made.append(App(format_, name, vessel, mmsi, handed.token, handed.address))
        return made[-1]

    install.made = made
    yield install
    runtime.close()


@pytest.fixture
def send(fleet):
    def send(app, sent: Sent):
        address = app.address if sent.in_path else app.address.removesuffix(f"/{app.token}")
        return fleet.http.request(
            sent.method, address + sent.tail, body=sent.body or None, headers=dict(sent.headers)
        )

    return send


def newest(fleet, vessel):
    answer = fleet.get("/api/v1/vessels", **bearer(fleet.cast.partner_key))
    features = json.loads(answer.data)["features"]
    return next((one for one in features if one["properties"]["name"] == vessel), None)


def is_shown(fleet, app, fix: Fix):
    feature = newest(fleet, app.vessel)
    return feature is not None and feature["geometry"] and feature


@pytest.mark.parametrize(
    ("format_", "make"), SENDERS, ids=lambda one: getattr(one, "__name__", one)
)
def test_what_an_app_sends_is_on_the_map_and_it_hears_what_it_waits_for(
    fleet, install, send, format_, make
):
    app = install(format_)
    fix = a_fix(len(install.made), app.mmsi)

    answer = send(app, make(fix, app.token))

    assert (answer.status, json.loads(answer.data)) == (200, make(fix, app.token).answer)
    feature = wait_until(lambda: is_shown(fleet, app, fix), 10, fleet.tail)
    longitude, latitude = feature["geometry"]["coordinates"][:2]
    assert (latitude, longitude) == pytest.approx((fix.latitude, fix.longitude), abs=2e-5)
    assert feature["properties"]["source"] == format_


def test_a_revoked_secret_is_401_and_a_rotated_one_goes_on_beside_the_new(fleet, install, send):
    app = install("osmand")
    fixes = (Fix(57.9, 11.9, a_fix(0, "").at + timedelta(seconds=n), "") for n in range(-60, 0))
    request = REQUESTS["osmand"][0]

    rotated = fleet.harbor("tracker", "rotate", app.name, "--url", fleet.url)
    renewed = replace(app, token=rotated["token"], address=rotated["address"])
    install.made.append(renewed)
    for one in (app, renewed):
        assert send(one, request(next(fixes), one.token)).status == 200

    fleet.harbor("tracker", "revoke", app.name)
    for one in (app, renewed):
        wait_until(lambda one=one: send(one, request(next(fixes), "")).status == 401, 5)


def test_while_the_database_is_away_an_app_is_told_to_come_back(fleet, install, send):
    app = install("osmand")
    fix = a_fix(0, app.mmsi)
    request = REQUESTS["osmand"][0](fix, app.token)
    assert send(app, request).status == 200

    fleet.postgres.stop()
    try:
        later = Fix(fix.latitude, fix.longitude, fix.at + timedelta(seconds=1), "")
        away = send(app, REQUESTS["osmand"][0](later, app.token))
        stranger = send(App("osmand", "", "", "", "x", app.address[:-3]), request)
    finally:
        fleet.postgres.start()

    assert away.status == 503
    assert int(away.headers["Retry-After"]) >= 1
    assert stranger.status == 503
    wait_until(lambda: send(app, request).status == 200, 20, fleet.tail)


def test_no_secret_is_in_any_line_of_the_log(fleet, install, send):
    apps = [install(format_) for format_ in ("osmand", "owntracks")]
    for app in apps:
        for fix in (a_fix(1, app.mmsi), Fix(99, 200, a_fix(1, "").at, "")):
            send(app, REQUESTS[app.format][0](fix, app.token))
        for wrong in (
            app.address + "x",
            app.address.replace("/ingest/", "/"),
            app.address.replace("ingest", "ingest/"),
            app.address.replace(f"/{app.format}/", "/telepathy/"),
            app.address.replace(f"/{app.format}/", "/overland/"),
            f"{fleet.url}/{app.token}",
        ):
            for method in ("GET", "POST", "PUT", "HEAD", "OPTIONS"):
                fleet.http.request(method, wrong, body=b"{", redirect=False)
    fleet.get("/live-and-well")
    wait_until(lambda: "/live-and-well" in fleet.log.read_text(), 10)

    log = fleet.log.read_text()
    assert '"/api/v1/ingest/osmand/-"' in log
    assert [app.name for app in install.made if app.token in log] == []
