"""`harbor settings`, and the two files that are generated from the settings."""

import json

from click.testing import CliRunner

from harbor.cli.command import harbor
from harbor.cli.configuration import environment_example, markdown
from harbor.config import Settings
from harbor.environments import DEVELOPMENT_SECRET, Production


def invoke(*words, **environment):
    given = {"HARBOR_ENV": "testing"} | environment
    return CliRunner().invoke(harbor, ["settings", *words], env=given)


def values(*words, **environment):
    rows = json.loads(invoke("--json", *words, **environment).stdout)
    return {row["name"]: row["value"] for row in rows}


def test_the_configuration_page_is_what_the_settings_say(project):
    page = (project / "docs/configuration.md").read_text(encoding="utf-8")

    assert page == markdown(), "run: python -m harbor.cli.configuration"


def test_the_example_environment_is_what_the_settings_say(project):
    example = (project / ".env.example").read_text(encoding="utf-8")

    assert example == environment_example(), "run: python -m harbor.cli.configuration"


def test_every_setting_is_on_the_configuration_page():
    page = markdown()

    names = [f"`HARBOR_{name.upper()}`" for name in Settings.model_fields]
    assert [name for name in names if name not in page] == ["`HARBOR_ENVIRONMENT`"]
    assert "`HARBOR_ENV`" in page


def test_the_example_environment_holds_no_secret():
    assert DEVELOPMENT_SECRET not in environment_example()


def test_every_default_in_the_example_environment_is_accepted(tmp_path):
    filled = environment_example().replace("\n# HARBOR_", "\nHARBOR_")
    (tmp_path / "env").write_text(filled, encoding="utf-8")

    assert Settings(_env_file=tmp_path / "env") == Settings(_env_file=None)


def test_a_secret_is_only_set_or_missing():
    result = invoke(HARBOR_SECRET_KEY="sesame-open-sesame-open-sesame-open")

    assert "sesame" not in result.output
    assert values(HARBOR_SECRET_KEY="x" * 40)["HARBOR_SECRET_KEY"] == "set"
    assert values()["HARBOR_SENTRY_DSN"] == "missing"


def test_a_wish_for_set_ones_leaves_out_the_defaults():
    assert values("--set", HARBOR_WORKERS="3") == {
        "HARBOR_ENV": "testing",
        "HARBOR_WORKERS": "3",
    }


def test_the_markdown_needs_no_valid_settings():
    result = CliRunner().invoke(
        harbor, ["settings", "--markdown"], env={"HARBOR_ENV": "production"}
    )

    assert result.stdout == markdown()


def test_new_secrets_are_good_enough_for_production_and_new_each_time():
    lines = invoke("--new-secrets").stdout.split()
    given = dict(line.partition("=")[::2] for line in lines)

    accepted = Production(
        secret_key=given["HARBOR_SECRET_KEY"],
        master_key=given["HARBOR_MASTER_KEY"],
        database_url="postgresql://localhost/harbor",
        _env_file=None,
    )
    assert accepted.environment == "production"
    assert lines != invoke("--new-secrets").stdout.split()
