"""The map as the server renders it, before any script runs."""

import pytest

from harbor.fleet_web.first_rows import ROWS
from harbor.fleet_web.map import map_settings
from harbor.ops.security_headers import policy
from harbor.store import vessels
from tests.builders import moment, ping, post
from tests.test_access import log_in


@pytest.fixture
def page(client, cast):
    def read() -> str:
        log_in(client, cast)
        return client.get("/fleet/map").get_data(as_text=True)

    return read


def test_the_list_names_every_vessel_before_any_script_runs(page, client, cast):
    post(client, cast.vinga, ping(recorded_at=moment(5)))

    html = page()

    assert "Vinga" in html
    assert "Hönö" in html
    assert f'data-vessel-id="{cast.vinga.id}"' in html
    assert 'data-state="live"' in html


def test_a_vessels_name_is_text_and_never_markup(page, cast, runtime):
    with runtime.database.session() as session:
        vessels.rename(session, cast.fleet_id, "Vinga", "<img src=x onerror=alert(1)>")

    html = page()

    assert "<img src=x" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_a_page_has_no_inline_script_or_style(page):
    html = page()

    assert " style=" not in html
    assert " onclick=" not in html
    assert "<script>" not in html


def test_a_tile_server_is_allowed_only_as_a_source_of_images():
    assert "img-src 'self' data: https://tiles.example;" in policy(
        "https://tiles.example/{z}/{x}/{y}.png"
    )
    assert "tiles" not in policy("")


def test_the_home_of_the_map_is_read_from_its_setting(settings):
    home = map_settings(settings.model_copy(update={"map_home": "57.5,11.5,9"})).home

    assert (home.latitude, home.longitude, home.zoom) == (57.5, 11.5, 9)


@pytest.fixture
def many(runtime, cast):
    """So many vessels that they do not all stand in the page; none has reported."""
    names = [f"Ship {number:03}" for number in range(2 * ROWS)]
    with runtime.database.session() as session:
        for name in names:
            vessels.add(session, cast.fleet_id, name)
    return names


def test_a_large_fleet_comes_in_pages_to_those_without_scripts(client, cast, many):
    log_in(client, cast)

    first = client.get("/fleet/map").get_data(as_text=True)
    last = client.get("/fleet/map?page=3").get_data(as_text=True)

    assert first.count("data-vessel-id=") == ROWS
    assert f"Vessels 1 to {ROWS} of {2 * ROWS + 2}, by name." in first
    assert '<a class="button" rel="next" href="/fleet/map?page=2">' in first
    assert 'rel="next"' not in last
    assert "Vinga" in last


@pytest.mark.parametrize("page", ["0", "-1", "many", "10001", "999999999999999999999"])
def test_a_page_that_is_not_there_is_no_error(client, cast, page):
    log_in(client, cast)

    assert client.get(f"/fleet/map?page={page}").status_code == 200


def test_the_page_counts_the_whole_fleet_and_not_its_first_rows(client, cast, many):
    post(client, cast.vinga, ping(recorded_at=moment(5)))
    log_in(client, cast)

    html = client.get("/fleet/map").get_data(as_text=True)

    assert f"{2 * ROWS + 2} vessels" in html
    assert f"Silent <span data-count>{2 * ROWS + 1}</span>" in html


def test_vessels_that_never_reported_are_had_apart_when_the_page_leaves_some_out(
    client, cast, many
):
    post(client, cast.vinga, ping(recorded_at=moment(5)))
    log_in(client, cast)

    html = client.get("/fleet/map").get_data(as_text=True)
    unheard = client.get("/fleet/unheard").get_json()["features"]

    assert 'data-unheard-url="/fleet/unheard"' in html
    assert {one["properties"]["name"] for one in unheard} == {"Hönö", *many}
    assert all(one["geometry"] is None for one in unheard)


def test_nobody_else_is_told_who_never_reported(client, many):
    answer = client.get("/fleet/unheard", headers={"Accept": "application/json"})

    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
