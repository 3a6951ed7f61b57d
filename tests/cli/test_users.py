"""`harbor user`, as an operator uses it."""

import pytest
from sqlalchemy.orm import Session

from harbor.store import users

pytestmark = pytest.mark.usefixtures("fleet")


def is_right(engine, username, password):
    with Session(engine) as session:
        found = users.by_name(session, username)
    return found is not None and users.is_right(password, found[1])


def test_a_password_that_harbor_made_is_shown_and_works(ask, engine):
    added = ask("user", "add", "Astrid")

    assert is_right(engine, "astrid", added["password"])


def test_a_password_from_standard_input_is_taken_and_not_repeated(run, engine):
    result = run("user", "add", "astrid", "--password-stdin", stdin="correct horse\nmore\n")

    assert is_right(engine, "astrid", "correct horse")
    assert "correct horse" not in result.output


def test_a_weak_password_is_refused_in_one_line(run):
    result = run("user", "add", "astrid", "--password-stdin", stdin="short\n")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "harbor: A password has 8 to 200 characters.\n"


def test_a_taken_username_is_refused_in_one_line(run):
    run("user", "add", "astrid")

    result = run("user", "add", "ASTRID")

    assert result.exit_code == 1
    assert result.stderr == "harbor: A user named 'ASTRID' exists already.\n"


@pytest.mark.parametrize("word", ["passwd", "rotate"])
def test_another_password_replaces_the_one_so_far(ask, engine, word):
    before = ask("user", "add", "astrid")

    after = ask("user", word, "Astrid")

    assert is_right(engine, "astrid", after["password"])
    assert not is_right(engine, "astrid", before["password"])


@pytest.mark.parametrize("word", ["disable", "revoke"])
def test_a_disabled_user_is_still_listed_and_says_since_when(ask, word):
    ask("user", "add", "astrid")
    ask("user", "add", "bystander")

    disabled = ask("user", word, "astrid")

    assert disabled["disabled_at"] is not None
    listed = {one["username"]: one["disabled_at"] for one in ask("user", "list")}
    assert listed == {"astrid": disabled["disabled_at"], "bystander": None}


def test_listed_users_have_stable_keys_and_no_secret(ask):
    ask("user", "add", "astrid")

    (listed,) = ask("user", "list")

    assert list(listed) == ["id", "username", "created_at", "last_login_at", "disabled_at"]


def test_every_change_of_a_user_is_audited(ask, audited):
    ask("user", "add", "astrid")
    ask("user", "passwd", "astrid")
    ask("user", "disable", "astrid")

    events = audited()

    assert [action for action, _ in events] == [
        "user.added",
        "user.password_set",
        "user.disabled",
    ]
    assert all(actor.startswith("cli:") for _, actor in events)


def test_a_stranger_is_not_found(run):
    result = run("user", "disable", "nobody")

    assert (result.exit_code, result.stderr) == (1, "harbor: There is no user 'nobody'.\n")
