"""`harbor tracker`, as an operator uses it."""

from datetime import UTC, datetime, timedelta

import pytest

pytestmark = pytest.mark.usefixtures("fleet")


@pytest.fixture
def vinga(ask, fleet):
    return ask("vessel", "add", "Vinga", "--imo", "9074729")


def test_a_tracker_of_a_vessel_shows_its_secret_once(ask, run, vinga):
    added = ask("tracker", "add", "bridge", "--vessel", "9074729")

    assert added["secret"].startswith("whsec_")
    assert (added["vessel"], added["vessel_id"]) == ("Vinga", vinga["id"])
    assert added["secret"] not in run("tracker", "list", "--json").stdout


def test_a_fleet_wide_tracker_belongs_to_no_vessel(ask):
    added = ask("tracker", "add", "shore", "--fleet-wide")

    assert (added["vessel"], added["vessel_id"]) == (None, None)


@pytest.mark.usefixtures("vinga")
@pytest.mark.parametrize("words", [(), ("--vessel", "Vinga", "--fleet-wide")])
def test_a_tracker_is_either_of_a_vessel_or_fleet_wide(run, words):
    result = run("tracker", "add", "bridge", *words)

    assert result.exit_code == 2
    assert "either --vessel VESSEL or --fleet-wide" in result.stderr


def test_a_tracker_of_an_unknown_vessel_is_refused(run):
    result = run("tracker", "add", "bridge", "--vessel", "Nobody")

    assert (result.exit_code, result.stderr) == (1, "harbor: There is no vessel 'Nobody'.\n")


@pytest.mark.parametrize(
    ("words", "hours"), [((), 24), (("--overlap", "3"), 3), (("--overlap", "0.5"), 0.5)]
)
def test_a_rotated_tracker_has_two_secrets_for_a_while(ask, words, hours):
    before = ask("tracker", "add", "shore", "--fleet-wide")

    after = ask("tracker", "rotate", "shore", *words)

    until = datetime.fromisoformat(after["previous_until"])
    assert after["id"] == before["id"]
    assert after["secret"] != before["secret"]
    assert abs(until - datetime.now(UTC) - timedelta(hours=hours)) < timedelta(minutes=1)


def test_a_second_rotation_does_not_end_a_secret_that_may_be_in_use(ask, run):
    ask("tracker", "add", "shore", "--fleet-wide")
    first = ask("tracker", "rotate", "shore")

    again = run("tracker", "rotate", "shore")

    assert again.exit_code == 1
    assert "--replace-newest" in again.stderr
    (listed,) = ask("tracker", "list")
    assert listed["previous_until"] == first["previous_until"]


def test_a_newest_secret_that_was_lost_is_replaced_and_the_one_before_keeps_its_end(ask):
    ask("tracker", "add", "shore", "--fleet-wide")
    lost = ask("tracker", "rotate", "shore")

    replaced = ask("tracker", "rotate", "shore", "--replace-newest")

    assert replaced["secret"] != lost["secret"]
    assert replaced["previous_until"] == lost["previous_until"]


def test_a_lost_secret_of_a_tracker_with_one_is_replaced_at_once(ask, run):
    ask("tracker", "add", "shore", "--fleet-wide")

    result = run("tracker", "rotate", "shore", "--replace-newest")

    assert "shown only now; it is the only one." in result.stdout


@pytest.mark.parametrize("deed", ["rotate", "revoke"])
def test_a_tracker_that_is_unknown_or_revoked_cannot_be_changed(ask, run, deed):
    ask("tracker", "add", "shore", "--fleet-wide")
    ask("tracker", "revoke", "shore")

    for name in ("shore", "nobody"):
        result = run("tracker", deed, name)
        assert result.stderr == f"harbor: There is no tracker {name!r}.\n"


def test_an_overlap_of_nothing_ends_every_earlier_secret(ask):
    ask("tracker", "add", "shore", "--fleet-wide")
    ask("tracker", "rotate", "shore")

    after = ask("tracker", "rotate", "shore", "--overlap", "0")

    assert datetime.fromisoformat(after["previous_until"]) <= datetime.now(UTC)


def test_a_revoked_tracker_is_still_listed_and_says_since_when(ask):
    ask("tracker", "add", "shore", "--fleet-wide")
    ask("tracker", "add", "bystander", "--fleet-wide")

    revoked = ask("tracker", "revoke", "shore")

    listed = {one["name"]: one["revoked_at"] for one in ask("tracker", "list")}
    assert listed == {"bystander": None, "shore": revoked["revoked_at"]}
    assert revoked["revoked_at"] is not None


def test_listed_trackers_have_stable_keys_and_no_secret(ask):
    ask("tracker", "add", "shore", "--fleet-wide")

    (listed,) = ask("tracker", "list")

    assert list(listed) == [
        "id", "name", "vessel_id", "vessel", "created_at", "last_seen_at", "last_address",
        "previous_until", "revoked_at", "format", "precedence", "patience_s",
    ]  # fmt: skip


def test_every_change_of_a_tracker_is_audited(ask, audited):
    ask("tracker", "add", "shore", "--fleet-wide")
    ask("tracker", "rotate", "shore")
    ask("tracker", "revoke", "shore")

    assert [action for action, _ in audited()] == [
        "tracker.added",
        "tracker.rotated",
        "tracker.revoked",
    ]


def test_no_secret_is_in_the_audit_log(ask, engine):
    secrets = [
        ask("tracker", "add", "shore", "--fleet-wide")["secret"],
        ask("key", "add", "partner")["key"],
        ask("user", "add", "astrid")["password"],
    ]

    with engine.connect() as connection:
        log = str(connection.exec_driver_sql("SELECT audit_event::text FROM audit_event").all())
    assert not [secret for secret in secrets if secret in log]


def test_a_boat_s_own_network_counts_less_than_its_tracker(ask, vinga):
    aboard = ask("tracker", "add", "bridge", "--vessel", "Vinga")
    ashore = ask("tracker", "add", "boat", "--fleet-wide", "--format", "signalk")

    assert (aboard["precedence"], ashore["precedence"]) == (10, 20)
    assert aboard["patience_s"] == ashore["patience_s"] == 720


@pytest.mark.usefixtures("vinga")
def test_an_operator_says_how_much_a_tracker_counts_and_for_how_long(ask, run):
    ask("tracker", "add", "bridge", "--vessel", "Vinga")

    ask("tracker", "change", "bridge", "--precedence", "5")
    changed = ask("tracker", "change", "bridge", "--patience", "90")

    assert (changed["precedence"], changed["patience_s"]) == (5, 90)
    said = run("tracker", "change", "bridge", "--precedence", "7").stdout
    assert "bridge counts as number 7, until it was silent for 90 s." in said


@pytest.mark.usefixtures("vinga")
@pytest.mark.parametrize("words", [(), ("--precedence", "0"), ("--patience", "9999999")])
def test_what_makes_no_sense_of_a_tracker_is_refused(ask, run, words):
    ask("tracker", "add", "bridge", "--vessel", "Vinga")

    assert run("tracker", "change", "bridge", *words).exit_code == 2
