"""`harbor tracker reseal`: from one master key to the next."""

import json
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text
from sqlalchemy.orm import Session

from harbor.errors import Misconfigured
from harbor.store.models import Tracker
from harbor.store.sealing import condition
from harbor.store.trackers import Seal
from tests.builders import key_of

pytestmark = pytest.mark.usefixtures("fleet")

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
BOTH = f"{NEW},{OLD}"


@pytest.fixture
def secrets(ask, fleet):
    """Of two trackers, one of which has two secrets, all under the old master key."""
    ask("tracker", "add", "bridge", "--fleet-wide", HARBOR_MASTER_KEY=OLD)
    return [
        ask(*words, HARBOR_MASTER_KEY=OLD)["secret"]
        for words in (
            ("tracker", "rotate", "bridge"),
            ("tracker", "add", "aft", "--fleet-wide"),
        )
    ]


def sealed_by(engine, master_key):
    with Session(engine) as session:
        return condition(session, Seal(master_key), datetime.now(UTC))


@pytest.mark.usefixtures("secrets")
def test_every_secret_is_afterwards_under_the_newest_key(ask, engine):
    before = sealed_by(engine, BOTH)
    done = ask("tracker", "reseal", HARBOR_MASTER_KEY=BOTH)

    assert (before.newest, before.earlier, before.unreadable) == (0, 3, ())
    assert done == {"resealed": 3, "unchanged": 0, "forgotten": 0, "unreadable": []}
    assert sealed_by(engine, NEW).newest == 3
    assert sealed_by(engine, OLD).unreadable == ("aft", "bridge")


def test_the_secrets_themselves_stay_what_they_were(ask, engine, secrets):
    ask("tracker", "reseal", HARBOR_MASTER_KEY=BOTH)

    with Session(engine) as session:
        sealed = session.query(Tracker).order_by(Tracker.name.desc()).all()
        opened = [Seal(NEW).open(tracker.secret) for tracker in sealed]
    assert opened == [key_of(secret) for secret in secrets]


@pytest.mark.usefixtures("secrets")
def test_a_second_time_changes_nothing(ask, engine):
    def revisions():
        with engine.connect() as connection:
            return connection.execute(text("SELECT sum(revision) FROM tracker")).scalar_one()

    ask("tracker", "reseal", HARBOR_MASTER_KEY=BOTH)
    before = revisions()

    done = ask("tracker", "reseal", HARBOR_MASTER_KEY=BOTH)

    assert done == {"resealed": 0, "unchanged": 3, "forgotten": 0, "unreadable": []}
    assert revisions() == before


@pytest.mark.usefixtures("secrets")
def test_a_secret_that_has_ended_is_forgotten(ask, engine):
    ask("tracker", "rotate", "bridge", "--overlap", "0", HARBOR_MASTER_KEY=OLD)

    done = ask("tracker", "reseal", HARBOR_MASTER_KEY=BOTH)

    assert (done["resealed"], done["forgotten"]) == (2, 1)
    assert sealed_by(engine, NEW).newest == 2


@pytest.mark.usefixtures("secrets")
def test_without_the_earlier_key_nothing_is_lost_and_the_trackers_are_named(run, ask, engine):
    result = run("tracker", "reseal", "--json", HARBOR_MASTER_KEY=NEW)

    assert result.exit_code == 2
    assert json.loads(result.stdout)["unreadable"] == ["bridge", "aft"]
    assert "bridge, aft" in result.stderr
    assert sealed_by(engine, OLD).newest == 3


def test_a_revoked_tracker_s_secret_under_a_lost_key_stops_nobody(ask, secrets):
    for name in ("bridge", "aft"):
        ask("tracker", "revoke", name, HARBOR_MASTER_KEY=OLD)

    assert ask("tracker", "reseal", HARBOR_MASTER_KEY=NEW)["unreadable"] == []


@pytest.mark.usefixtures("secrets")
def test_people_get_a_sentence(run):
    result = run("tracker", "reseal", HARBOR_MASTER_KEY=BOTH)

    assert result.stdout == (
        "Secrets re-encrypted: 3, already under the newest master key: 0,"
        " ended and forgotten: 0.\n"
    )


@pytest.mark.usefixtures("secrets")
def test_the_doctor_says_which_step_of_the_rotation_is_next(run):
    def check(master_key):
        document = json.loads(run("doctor", "--json", HARBOR_MASTER_KEY=master_key).stdout)
        (found,) = [one for one in document["checks"] if one["check"] == "tracker secrets"]
        return found["status"], found["finding"] + found["advice"]

    assert check(OLD) == ("ok", "3, all under the newest master key")
    status, words = check(BOTH)
    assert status == "warn"
    assert "3 of 3 are under an earlier" in words
    assert "harbor tracker reseal" in words
    status, words = check(NEW)
    assert status == "fail"
    assert "aft, bridge" in words


def test_an_empty_place_between_two_master_keys_is_passed_over():
    assert Seal(f"{NEW},,{OLD},").open(Seal(OLD).close("whsec_AAAA")) == b"\0\0\0"


def test_a_wrong_master_key_says_what_to_do():
    with pytest.raises(Misconfigured, match="put the earlier key behind the new one"):
        Seal(NEW).open(Seal(OLD).close("whsec_AAAA"))
