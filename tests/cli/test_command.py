"""What holds for every command: help, versions, complaints, clean standard output."""

from importlib.metadata import version

import click
import pytest
from click.testing import CliRunner

from harbor.cli.command import PLACES, harbor, without_extra


def every_command(group=harbor, path=()):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))


def visible():
    return [
        (path, command)
        for path, command in every_command()
        if not command.hidden and path[0] != "demo"
    ]


def test_the_version_is_the_package_s():
    result = CliRunner().invoke(harbor, ["--version"])

    assert result.output == f"harbor, version {version('harbor-fleet')}\n"


def test_the_help_groups_all_commands():
    output = CliRunner().invoke(harbor, ["--help"]).output

    assert [line for line in output.splitlines() if line in {"Start:", "The fleet:"}]
    assert all(f"\n  {name} " in output for name in PLACES)


@pytest.mark.parametrize(("path", "command"), visible(), ids=lambda value: str(value)[:40])
def test_every_command_says_in_one_line_what_it_is_for(path, command):
    assert command.get_short_help_str(200)
    assert CliRunner().invoke(harbor, [*path, "--help"]).exit_code == 0


def test_a_name_in_docs_cli_for_every_command(project):
    text = (project / "docs/cli.md").read_text(encoding="utf-8")

    missing = [path for path, _ in visible() if f"harbor {' '.join(path)}" not in text]
    assert missing == []


def test_the_demo_without_its_extra_says_what_to_install():
    result = CliRunner().invoke(without_extra("demo"), ["--vessels", "12"])

    assert result.exit_code == 1
    assert "pip install 'harbor-fleet[demo]'" in result.output


def test_an_unknown_command_is_a_usage_error():
    assert CliRunner().invoke(harbor, ["anchor"]).exit_code == 2


def test_missing_settings_are_named_in_one_line_and_exit_with_2():
    result = CliRunner().invoke(harbor, ["user", "list"], env={"HARBOR_ENV": "production"})

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("harbor: HARBOR_SECRET_KEY is missing; ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://localhost/harbor", "postgresql://h:not-a-port/x"]
)
def test_a_database_url_that_cannot_be_one_is_named_and_not_repeated(run, url):
    result = run("user", "list", HARBOR_DATABASE_URL=url)

    assert result.exit_code == 2
    assert result.stderr.startswith("harbor: HARBOR_DATABASE_URL is ")
    assert not url or url not in result.stderr


@pytest.mark.parametrize("words", [("user", "list"), ("init",), ("migrate",)])
def test_a_database_that_is_away_is_one_line_with_the_cause_and_no_password(run, words):
    away = "postgresql://harbor:sesame@127.0.0.1:1/harbor"

    result = run(*words, "--json", HARBOR_DATABASE_URL=away)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "The database is away" in result.stderr
    assert "Connection refused" in result.stderr
    assert "`harbor doctor`" in result.stderr
    assert "sesame" not in result.output
    assert "Traceback" not in result.output
