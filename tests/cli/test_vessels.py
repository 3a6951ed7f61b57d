"""`harbor vessel`, as an operator uses it."""

import pytest
from sqlalchemy import text

pytestmark = pytest.mark.usefixtures("fleet")


@pytest.fixture
def vinga(ask, fleet):
    return ask("vessel", "add", "Vinga", "--imo", "9074729", "--mmsi", "265123456")


def test_an_added_vessel_is_listed_with_all_its_numbers(ask):
    added = ask(
        "vessel", "add", " Stena  Vinga ", "--imo", "IMO 9074729", "--call-sign", "sabc"
    )

    assert ask("vessel", "list") == [added]
    assert added["name"] == "Stena Vinga"
    assert (added["imo_number"], added["call_sign"]) == ("9074729", "SABC")
    assert list(added) == [
        "id", "name", "imo_number", "mmsi", "call_sign", "last_position_at", "kind"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--imo", "9074728"), "is not an IMO number"),
        (("--mmsi", "12"), "is not a ship's MMSI"),
        (("--call-sign", "A-1"), "is not a call sign"),
    ],
)
def test_a_number_that_cannot_be_right_is_refused(run, words, complaint):
    result = run("vessel", "add", "Vinga", *words)

    assert result.exit_code == 1
    assert complaint in result.stderr


@pytest.mark.usefixtures("vinga")
def test_a_taken_number_is_refused(run):
    result = run("vessel", "add", "Another", "--imo", "9074729")

    assert result.exit_code == 1
    assert "exists already" in result.stderr


@pytest.mark.parametrize("reference", ["id", "name", "imo_number", "mmsi"])
def test_a_vessel_is_renamed_by_any_of_its_names_and_numbers(ask, vinga, reference):
    ask("vessel", "add", "Bystander")

    renamed = ask("vessel", "rename", vinga[reference], "Hönö")

    assert renamed == vinga | {"name": "Hönö"}
    assert [one["name"] for one in ask("vessel", "list")] == ["Bystander", "Hönö"]


@pytest.mark.usefixtures("vinga")
@pytest.mark.parametrize("word", ["retire", "revoke"])
def test_a_retired_vessel_is_listed_no_more(ask, word):
    ask("vessel", "add", "Bystander")

    ask("vessel", word, "vinga")

    assert [one["name"] for one in ask("vessel", "list")] == ["Bystander"]


def test_the_map_is_told_of_every_change(ask, engine):
    ask("vessel", "add", "Vinga")
    ask("vessel", "rename", "Vinga", "Hönö")
    ask("vessel", "retire", "Hönö")

    with engine.connect() as connection:
        rows = connection.execute(text("SELECT content FROM feed_outbox ORDER BY id"))
        assert [row.content["change"] for row in rows] == ["added", "renamed", "removed"]


def test_every_change_of_a_vessel_is_audited(ask, audited):
    ask("vessel", "add", "Vinga")
    ask("vessel", "rename", "Vinga", "Hönö")
    ask("vessel", "retire", "Hönö")

    assert [action for action, _ in audited()] == [
        "vessel.added",
        "vessel.renamed",
        "vessel.retired",
    ]


def test_a_refused_change_leaves_no_audit_event(run, audited):
    run("vessel", "rename", "nobody", "Hönö")

    assert audited() == []


def test_a_vessels_kind_is_given_and_changed(ask, audited):
    added = ask("vessel", "add", "Vinga", "--kind", "pilot")

    changed = ask("vessel", "change", "Vinga", "--kind", "search_and_rescue")

    assert (added["kind"], changed["kind"]) == ("pilot", "search_and_rescue")
    assert ask("vessel", "list") == [changed]
    assert audited()[-1][0] == "vessel.changed"


def test_a_vessel_that_was_added_without_an_mmsi_is_given_one(ask, run, audited):
    ask("vessel", "add", "Vinga")
    ask("vessel", "add", "Hönö", "--mmsi", "265123457")

    changed = ask("vessel", "change", "Vinga", "--mmsi", "265123456", "--kind", "tug")

    assert (changed["mmsi"], changed["kind"]) == ("265123456", "tug")
    assert audited()[-1][0] == "vessel.changed"
    for refused in ("265123457", "12"):
        assert run("vessel", "change", "Vinga", "--mmsi", refused).exit_code == 1
    assert run("vessel", "change", "Vinga").exit_code == 2


def test_a_kind_that_there_is_not_is_refused(run):
    assert run("vessel", "add", "Vinga", "--kind", "submarine").exit_code == 2


def test_an_empty_list_says_how_to_add_the_first(run):
    assert run("vessel", "list").stdout == "There are no vessels: harbor vessel add NAME\n"


def test_a_list_on_a_terminal_is_a_table_that_shows_names_as_they_are(run):
    run("vessel", "add", "[red]Björn")

    output = run("vessel", "list", FORCE_COLOR="1", COLUMNS="120").stdout

    assert "\x1b[1m" in output
    assert "[red]Björn" in output


def test_a_list_that_is_not_for_a_terminal_is_plain_and_aligned(run):
    run("vessel", "add", "Vinga", "--mmsi", "265123456")
    run("vessel", "add", "[red]Björn", "--mmsi", "265123457")

    lines = run("vessel", "list").stdout.splitlines()

    assert lines[0].split() == [
        "NAME", "KIND", "IMO", "NUMBER", "MMSI", "CALL", "SIGN", "LAST", "POSITION", "ID"
    ]  # fmt: skip
    assert lines[1].startswith("[red]Björn  other  –           265123457")
    assert lines[2].startswith("Vinga       other  –           265123456")
