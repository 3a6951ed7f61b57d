"""Settings: what is refused, and that no value is ever told."""

import base64
import os

import pytest

from harbor.config import psycopg2_url
from harbor.environments import DEVELOPMENT_MASTER_KEY, DEVELOPMENT_SECRET, load
from harbor.errors import Misconfigured

GOOD = {
    "HARBOR_ENV": "production",
    "HARBOR_SECRET_KEY": "correct-horse-battery-staple-0123456789",
    "HARBOR_MASTER_KEY": base64.urlsafe_b64encode(bytes(range(32))).decode(),
    "HARBOR_DATABASE_URL": "postgres://harbor:pass-word@db/harbor",
}


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """Nothing of the machine's own settings, and what a test adds."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("HARBOR_")]:
        monkeypatch.delenv(name)

    def put(changes):
        for name, value in changes.items():
            monkeypatch.setenv(name, value) if value is not None else monkeypatch.delenv(name)

    put(GOOD)
    return put


def test_good_settings_are_taken(environment):
    assert load().environment == "production"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"HARBOR_SECRET_KEY": None}, "HARBOR_SECRET_KEY is missing"),
        ({"HARBOR_SECRET_KEY": "short-secret"}, "HARBOR_SECRET_KEY has 12 characters"),
        ({"HARBOR_SECRET_KEY": DEVELOPMENT_SECRET}, "HARBOR_SECRET_KEY is the development"),
        ({"HARBOR_SECRET_KEY": "ab" * 20}, "HARBOR_SECRET_KEY repeats"),
        ({"HARBOR_MASTER_KEY": None}, "HARBOR_MASTER_KEY is missing"),
        ({"HARBOR_MASTER_KEY": DEVELOPMENT_MASTER_KEY}, "HARBOR_MASTER_KEY is the development"),
        ({"HARBOR_MASTER_KEY": "x" * 44}, "HARBOR_MASTER_KEY"),
        ({"HARBOR_DATABASE_URL": None}, "HARBOR_DATABASE_URL is missing"),
        ({"HARBOR_ENV": "prod"}, "HARBOR_ENV"),
        ({"HARBOR_WORKERS": "0"}, "HARBOR_WORKERS"),
        ({"HARBOR_WORKERS": "many"}, "HARBOR_WORKERS"),
        ({"HARBOR_SILENT_AFTER_S": "10"}, "HARBOR_SILENT_AFTER_S"),
        ({"HARBOR_MAP_HOME": "here"}, "HARBOR_MAP_HOME"),
    ],
)
def test_a_bad_setting_is_named_and_its_value_is_not_told(environment, changes, complaint):
    environment(changes)

    with pytest.raises(Misconfigured, match=complaint) as refusal:
        load()

    for name, value in (GOOD | changes).items():
        if value and name.endswith(("_KEY", "_URL")):
            assert value not in str(refusal.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_any_postgresql_url_names_the_driver_that_we_use(scheme):
    assert psycopg2_url(f"{scheme}://a:b@c/d") == "postgresql+psycopg2://a:b@c/d"


def test_a_dotenv_file_is_read_and_the_environment_wins(environment, tmp_path):
    (tmp_path / ".env").write_text("HARBOR_WORKERS=3\nHARBOR_HEARTBEAT_S=7\n")
    environment({"HARBOR_WORKERS": "4"})

    settings = load()

    assert (settings.workers, settings.heartbeat_s) == (4, 7)


def test_the_environment_may_be_named_in_the_dotenv_file(environment, tmp_path):
    environment({"HARBOR_ENV": None})
    (tmp_path / ".env").write_text("HARBOR_ENV=development\n")

    assert load().environment == "development"


def test_settings_cannot_be_changed(environment):
    with pytest.raises(ValueError, match="frozen"):
        load().workers = 9
