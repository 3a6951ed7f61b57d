"""The map as the server renders it, before any script runs."""

import pytest

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
