"""`harbor key`, as an operator uses it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from harbor.store import api_keys

pytestmark = pytest.mark.usefixtures("fleet")


def record(engine, key):
    with Session(engine) as session:
        return api_keys.find(session, key)


def test_a_key_reads_the_whole_fleet_unless_told_otherwise(ask, engine):
    added = ask("key", "add", "partner")

    assert record(engine, added["key"]).vessel_ids is None
    assert (added["scope"], added["vessel_ids"]) == (["fleet"], None)


def test_a_key_reads_only_the_vessels_it_names(ask, engine):
    vinga = ask("vessel", "add", "Vinga", "--imo", "9074729")
    ask("vessel", "add", "Bystander")
    hono = ask("vessel", "add", "Hönö")

    added = ask("key", "add", "partner", "--vessel", "9074729", "--vessel", "hönö")

    found = record(engine, added["key"])
    assert {str(one) for one in found.vessel_ids} == {vinga["id"], hono["id"]}
    assert sorted(added["scope"]) == ["Hönö", "Vinga"]


def test_a_key_for_an_unknown_vessel_is_not_made(run, ask):
    result = run("key", "add", "partner", "--vessel", "Nobody")

    assert result.exit_code == 1
    assert ask("key", "list") == []


def test_a_key_can_end_by_itself(ask):
    added = ask("key", "add", "partner", "--expires-in", "90")

    expires = datetime.fromisoformat(added["expires_at"])
    assert abs(expires - datetime.now(UTC) - timedelta(days=90)) < timedelta(minutes=1)


def test_a_rotated_key_keeps_its_scope_and_ends_the_old_one(ask, engine):
    ask("vessel", "add", "Vinga")
    before = ask("key", "add", "partner", "--vessel", "Vinga", "--expires-in", "90")

    after = ask("key", "rotate", "partner")

    assert record(engine, before["key"]).revoked_at is not None
    assert record(engine, after["key"]).revoked_at is None
    assert [after[same] for same in ("name", "scope", "expires_at")] == [
        before[same] for same in ("name", "scope", "expires_at")
    ]


def test_a_revoked_key_is_still_listed_and_not_valid(ask):
    ask("key", "add", "partner")
    ask("key", "add", "bystander")

    ask("key", "revoke", "partner")

    listed = {one["name"]: one["is_valid"] for one in ask("key", "list")}
    assert listed == {"partner": False, "bystander": True}


def test_listed_keys_have_stable_keys_and_no_secret(ask, run):
    added = ask("key", "add", "partner")

    (listed,) = ask("key", "list")

    assert list(listed) == [
        "id", "name", "last_characters", "scope", "vessel_ids", "is_valid", "created_at",
        "expires_at", "revoked_at", "last_used_at",
    ]  # fmt: skip
    assert added["key"] not in run("key", "list").output


def test_every_change_of_a_key_is_audited(ask, audited):
    ask("key", "add", "partner")
    ask("key", "rotate", "partner")
    ask("key", "revoke", "partner")

    assert [action for action, _ in audited()] == ["key.added", "key.rotated", "key.revoked"]


def test_a_person_is_shown_the_key_and_told_that_it_is_only_now(run):
    result = run("key", "add", "partner")

    assert "The key is shown only now." in result.stdout
    assert re.search(r"^  key {15}\S{30,}$", result.stdout, re.MULTILINE)
