"""`harbor init` and `harbor migrate`."""

import json
import os
import subprocess
import sys

import pytest
from sqlalchemy.orm import Session

from harbor.cli.command import harbor
from harbor.store import api_keys, users
from tests.cli.conftest import CliRunner


@pytest.fixture
def first_start(environment, empty_database):
    def first_start(*words, stdin=""):
        given = environment | {"HARBOR_DATABASE_URL": empty_database}
        return CliRunner().invoke(harbor, words, input=stdin, env=given)

    return first_start


def test_init_makes_everything_on_an_empty_database_and_changes_nothing_again(first_start):
    made = json.loads(first_start("init", "--json").stdout)
    again = json.loads(first_start("init", "--json").stdout)

    assert made["user"]["password"]
    assert made["key"]["key"]
    assert made["tracker"]["secret"].startswith("whsec_")
    without = {"created": False, "password": None, "key": None, "secret": None}
    for noun in ("user", "key", "tracker"):
        known = {name: without.get(name, value) for name, value in made[noun].items()}
        assert again[noun] == known


def test_what_init_makes_opens_the_doors(ask, engine):
    made = ask("init", "--username", "astrid")

    with Session(engine) as session:
        _, password_hash = users.by_name(session, "astrid")
        assert users.is_right(made["user"]["password"], password_hash)
        assert str(api_keys.find(session, made["key"]["key"]).id) == made["key"]["id"]
    (tracker,) = ask("tracker", "list")
    assert (tracker["id"], tracker["vessel_id"]) == (made["tracker"]["id"], None)


def test_init_takes_a_password_and_does_not_show_it(run):
    result = run("init", "--password-stdin", stdin="correct horse\n")

    assert result.exit_code == 0
    assert "correct horse" not in result.output


def test_init_leaves_an_audit_event_for_all_it_makes(ask, audited):
    ask("init")
    ask("init")

    assert [action for action, _ in audited()] == ["user.added", "key.added", "tracker.added"]


def test_a_second_init_tells_people_that_nothing_was_changed(run):
    run("init")

    result = run("init")

    assert "whsec_" not in result.stdout
    assert "Everything was there already; nothing was changed." in result.stdout


@pytest.mark.usefixtures("settings")
def test_migrate_repeats_without_harm(ask):
    assert ask("migrate") == ask("migrate")


def test_two_first_starts_at_once_make_everything_once(environment, empty_database):
    command = [sys.executable, "-c", "from harbor.cli import main; main()", "init", "--json"]
    given = os.environ | environment | {"HARBOR_DATABASE_URL": empty_database}

    both = [subprocess.Popen(command, env=given, stdout=-1, stderr=-1) for _ in range(2)]
    answers = [json.loads(process.communicate(timeout=15)[0]) for process in both]

    assert sorted(answer["user"]["created"] for answer in answers) == [False, True]
    assert len({answer["tracker"]["id"] for answer in answers}) == 1


def test_migrate_tells_people_the_revision(run):
    assert run("migrate").stdout.startswith("The tables are up to date (")


def test_a_command_on_an_empty_database_says_what_to_run(first_start):
    result = first_start("user", "list")

    assert result.exit_code == 2
    assert "run `harbor migrate` (on an empty database: `harbor init`)" in result.stderr


def test_a_command_before_the_first_start_says_what_to_run(run):
    result = run("vessel", "list")

    assert result.exit_code == 1
    assert result.stderr == "harbor: There is no fleet yet: run `harbor init` first.\n"
