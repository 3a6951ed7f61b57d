"""`harbor import`, as an operator uses it."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from harbor.cli import import_job, import_order
from harbor.errors import Unavailable
from harbor.fleet.formats import FORMATS, Heading
from harbor.store import fleets, positions, vessels

pytestmark = pytest.mark.usefixtures("fleet")

BEGIN = datetime(2025, 6, 1, 8, tzinfo=UTC)
HEADER = "recorded_at,latitude,longitude,speed_knots"


@pytest.fixture
def vinga(ask):
    return ask("vessel", "add", "Vinga", "--mmsi", "265123456")


@pytest.fixture
def write(tmp_path):
    def write(content, name="track.csv"):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    return write


@pytest.fixture
def track(engine):
    """Every stored position, the oldest first."""

    def read():
        with engine.connect() as connection:
            return connection.execute(text("SELECT * FROM position ORDER BY recorded_at")).all()

    return read


@pytest.fixture
def count(engine):
    def count(table):
        with engine.connect() as connection:
            return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()

    return count


def at(number, every_s=10):
    return BEGIN + timedelta(seconds=every_s * number)


def line(number, **changes):
    given = {"at": at(number).isoformat(), "latitude": f"{57.6 + number / 20_000:.5f}"}
    return "{at},{latitude},11.8,9".format(**(given | changes))


def table(*rows):
    return "\n".join([HEADER, *rows, ""])


def test_a_table_is_in_the_track(ask, vinga, write, track):
    done = ask("import", write(table(*map(line, range(5)))), "--vessel", "Vinga")

    [file] = done["files"]
    assert (file["state"], file["accepted"], file["read"]) == ("imported", 5, 5)
    rows = track()
    assert [row.recorded_at for row in rows] == [at(number) for number in range(5)]
    assert {row.source for row in rows} == {"import"}
    assert {str(row.vessel_id) for row in rows} == {vinga["id"]}
    assert {str(row.tracker_id) for row in rows} == {done["tracker_id"]}


def test_the_same_file_again_stores_nothing_and_says_so(ask, run, vinga, write, track):
    file = write(table(*map(line, range(5))))
    ask("import", file, "--vessel", "Vinga")

    result = run("import", file, "--vessel", "Vinga")

    assert result.exit_code == 0
    assert "was imported before" in result.stdout
    assert "went on behind" not in result.stdout
    assert len(track()) == 5


def test_again_judges_it_anew_and_finds_duplicates(ask, vinga, write, track):
    file = write(table(*map(line, range(5))))
    ask("import", file, "--vessel", "Vinga")

    [again] = ask("import", file, "--vessel", "Vinga", "--again")["files"]

    assert (again["state"], again["accepted"], again["duplicates"]) == ("imported", 0, 5)
    assert len(track()) == 5


def test_another_file_with_some_of_the_same_fixes_adds_the_others(ask, vinga, write, track):
    ask("import", write(table(*map(line, range(5)))), "--vessel", "Vinga")

    longer = write(table(*map(line, range(3, 8))), "longer.csv")
    [file] = ask("import", longer, "--vessel", "Vinga")["files"]

    assert (file["accepted"], file["duplicates"]) == (3, 2)
    assert len(track()) == 8


def test_a_dry_run_says_what_would_become_of_it_and_writes_nothing(
    ask, vinga, write, count, audited
):
    before = audited()
    rows = [*map(line, range(4)), line(4, latitude="99"), line(5, latitude="0")]

    [file] = ask("import", write(table(*rows)), "--vessel", "Vinga", "--dry-run")["files"]

    assert (file["state"], file["accepted"]) == ("looked_at", 4)
    assert file["rejected"] == {"out_of_range": 1}
    assert file["quarantined"] == {"teleport": 1}
    tables = ("position", "rejected_report", "file_import", "tracker")
    assert [count(name) for name in tables] == [0, 0, 0, 0]
    assert audited() == before


def test_what_is_refused_is_counted_shown_by_line_and_kept_in_quarantine(
    run, ask, vinga, write, track
):
    rows = [line(0), line(1, latitude="99"), line(2), line(3, latitude="12"), line(4)]

    result = run("import", write(table(*rows)), "--vessel", "Vinga")

    assert result.exit_code == 0, result.output
    assert "quarantined: 1 teleport" in result.stdout
    assert "rejected: 1 out_of_range" in result.stdout
    assert "line 3: out_of_range: latitude: Input should be less than" in result.stdout
    assert "line 5: teleport" in result.stdout
    held = ask("quarantine", "list")
    assert {one["reason"] for one in held} == {"teleport", "out_of_range"}
    assert len(track()) == 3


def test_a_doubted_fix_can_be_accepted_out_of_quarantine(ask, vinga, write, track):
    ask("import", write(table(line(0), line(1, latitude="12"), line(2))), "--vessel", "Vinga")

    done = ask("quarantine", "accept", "--reason", "teleport")

    assert done["accepted"] == 1
    assert [row.latitude for row in track()] == [57.6, 12, 57.6001]
    assert {row.source for row in track()} == {"import"}


def test_only_the_newest_of_an_import_reaches_the_feed(ask, vinga, write, engine):
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM feed_outbox"))

    done = ask("import", write(table(*map(line, range(50)))), "--vessel", "Vinga")

    with engine.connect() as connection:
        [content] = connection.scalars(text("SELECT content FROM feed_outbox"))
    [[vessel, recorded_at, tracker]] = content["positions"]
    assert (vessel, tracker) == (vinga["id"], done["tracker_id"])
    assert datetime.fromisoformat(recorded_at) == at(49)


def test_fixes_of_another_year_get_their_partitions(ask, vinga, write, engine):
    ask("import", write(table("2021-02-03T04:05:06Z,57.6,11.8,9")), "--vessel", "Vinga")

    with engine.connect() as connection:
        [name] = connection.scalars(text("SELECT tableoid::regclass::text FROM position"))
    assert name == "position_2021_02"


def test_a_gzipped_file_is_unpacked_on_the_way(ask, vinga, write, track):
    packed = write(gzip.compress(table(*map(line, range(3))).encode()), "track.csv.gz")

    ask("import", packed, "--vessel", "Vinga")

    assert len(track()) == 3


def test_a_gzipped_file_that_was_cut_keeps_what_came_before(
    run, vinga, write, track, monkeypatch
):
    monkeypatch.setattr(import_order, "STRETCH", 100)
    whole = gzip.compress(table(*map(line, range(900))).encode())

    result = run("import", write(whole[: len(whole) // 2], "cut.csv.gz"), "--vessel", "Vinga")

    assert result.exit_code == 1
    assert "broken off" in result.stdout
    assert "can't be unpacked further" in result.stdout
    assert 100 < len(track()) < 900


def test_a_file_that_is_none_of_ours_leaves_nothing_behind(run, vinga, write, count):
    result = run("import", write(b"\xff\xd8\xff\xe0", "photo.jpg"), "--vessel", "Vinga")

    assert result.exit_code == 1
    assert "line 1 is not UTF-8" in result.stdout
    assert [count(name) for name in ("file_import", "tracker")] == [0, 0]


def test_one_bad_file_does_not_keep_the_others_out(run, vinga, write, track):
    bad, good = write("nonsense", "bad.csv"), write(table(line(0)), "good.csv")

    result = run("import", bad, good, "--vessel", "Vinga")

    assert result.exit_code == 1
    assert "bad.csv: line 1: no column is called the time" in result.stdout
    assert len(track()) == 1


def test_a_logger_s_sentences_are_in_the_track(ask, vinga, write, track, project):
    log = project / "tests/captures/nmea/gpsd.raw"

    [file] = ask("import", log, "--vessel", "Vinga")["files"]

    assert (file["format"], file["accepted"]) == ("nmea", 6)
    assert [row.recorded_at.isoformat() for row in track()][::5] == [
        "2026-05-03T23:59:56+00:00",
        "2026-05-04T00:00:01+00:00",
    ]
    assert {row.source for row in track()} == {"import"}


def test_an_empty_file_is_no_success(run, vinga, write):
    result = run("import", write("", "empty.ndjson"), "--vessel", "Vinga")

    assert result.exit_code == 1
    assert "There is nothing in it." in result.stdout


def test_a_vessel_that_nobody_knows_is_named(run, write):
    result = run("import", write(table(line(0))), "--vessel", "Nobody")

    assert result.exit_code == 1
    assert "There is no vessel 'Nobody'." in result.stderr


def test_fixes_older_than_retention_are_refused_with_advice(run, vinga, write, track):
    result = run(
        "import",
        write(table(line(0))),
        "--vessel",
        "Vinga",
        HARBOR_RETENTION_DAYS="30",
    )

    assert result.exit_code == 1
    assert "rejected: 1 timestamp_too_old" in result.stdout
    assert "kept for 30 days here" in result.stdout
    assert track() == []


def test_of_many_refusals_only_so_many_are_kept(ask, run, vinga, write, count):
    rows = [line(number, latitude=f"9{number}") for number in range(1, 9)]

    result = run(
        "import",
        write(table(*rows)),
        "--vessel",
        "Vinga",
        HARBOR_QUARANTINE_TRACKER_REPORTS_MAX="3",
    )

    assert "rejected: 8 out_of_range" in result.stdout
    assert "The first 3 are in quarantine" in result.stdout
    assert count("rejected_report") == 3


def test_a_long_list_of_refusals_is_cut_short(run, vinga, write):
    rows = [line(0), *(line(number, latitude=f"9{number}") for number in range(1, 15))]

    result = run("import", write(table(*rows)), "--vessel", "Vinga")

    assert result.stdout.count("out_of_range: latitude") == 10
    assert "and 4 more" in result.stdout


def test_what_goes_on_says_from_where(run, vinga, write, monkeypatch, engine):
    monkeypatch.setattr(import_order, "STRETCH", 2)
    file = write(table(*map(line, range(6))))
    run("import", file, "--vessel", "Vinga")
    with engine.begin() as connection:  # as if it had been killed after two stretches
        connection.execute(text("UPDATE file_import SET until = 5, ended_at = NULL"))

    result = run("import", file, "--vessel", "Vinga")

    assert "track.csv: went on behind line 5." in result.stdout


def test_one_import_tracker_serves_a_vessel_also_under_its_next_name(ask, vinga, write, track):
    first = ask("import", write(table(line(0))), "--vessel", "Vinga")
    ask("vessel", "rename", "Vinga", "Vinga II")

    second = ask("import", write(table(line(1)), "second.csv"), "--vessel", "Vinga II")

    assert first["tracker_id"] == second["tracker_id"]
    assert first["tracker"] == "Import Vinga"
    assert len(track()) == 2


def test_an_import_finds_a_name_where_its_own_is_taken(ask, vinga, write, track):
    ask("tracker", "add", "Import Vinga", "--vessel", "Vinga")

    done = ask("import", write(table(line(0))), "--vessel", "Vinga")

    assert done["tracker"] == f"Import {done['tracker_id']}"
    assert len(track()) == 1


def test_a_new_name_keeps_two_loggers_apart(ask, vinga, write, track):
    file = write(table(line(0)))
    ask("import", file, "--vessel", "Vinga")

    other = ask("import", file, "--vessel", "Vinga", "--tracker", "wheelhouse logger")

    assert other["tracker"] == "wheelhouse logger"
    assert other["files"][0]["accepted"] == 1
    assert len({row.tracker_id for row in track()}) == 2


def test_a_memory_card_of_a_tracker_fills_the_gaps_of_its_own_track(ask, vinga, write, track):
    bridge = ask("tracker", "add", "bridge", "--vessel", "Vinga")
    file = write(table(*map(line, range(3))))

    done = ask("import", file, "--vessel", "Vinga", "--tracker", "bridge")

    assert done["tracker_id"] == bridge["id"]
    assert {str(row.tracker_id) for row in track()} == {bridge["id"]}


def test_an_import_tracker_gets_no_secret_to_send_with(ask, run, vinga, write):
    ask("import", write(table(line(0))), "--vessel", "Vinga")

    result = run("tracker", "rotate", "Import Vinga")

    assert result.exit_code == 1
    assert "nothing sends with it" in result.stderr
    assert [one["format"] for one in ask("tracker", "list")] == ["import"]


def test_another_vessel_s_tracker_is_refused(run, ask, vinga, write):
    ask("vessel", "add", "Hönö")
    ask("tracker", "add", "honö bridge", "--vessel", "Hönö")

    result = run(
        "import", write(table(line(0))), "--vessel", "Vinga", "--tracker", "honö bridge"
    )

    assert result.exit_code == 1
    assert "The tracker 'honö bridge' is another vessel's." in result.stderr


def test_lines_of_another_vessel_of_the_fleet_stay_out(ask, vinga, write, track):
    ask("vessel", "add", "Hönö")
    rows = [f"{name},{line(number)}" for number, name in enumerate(["265123456", "Hönö"])]
    file = write("\n".join([f"vessel,{HEADER}", *rows]))

    [done] = ask("import", file, "--vessel", "Vinga")["files"]

    assert done["rejected"] == {"unknown_vessel": 1}
    assert "another vessel" in done["refusals"][0]["detail"]
    assert len(track()) == 1


@pytest.mark.parametrize(
    ("failure", "exit_code", "words"),
    [
        (Unavailable("The database is away."), 1, "The same command goes on where it stopped."),
        (KeyboardInterrupt(), 130, "Stopped; the same command goes on from here."),
    ],
    ids=["away", "Ctrl-C"],
)
def test_what_was_done_before_it_stopped_is_told(
    run, vinga, write, monkeypatch, failure, exit_code, words
):
    land = import_job.Job.land

    def stop_at_the_second(job, file, tell):
        if file.name == "second.csv":
            raise failure
        return land(job, file, tell)

    monkeypatch.setattr(import_job.Job, "land", stop_at_the_second)
    files = [write(table(line(0)), "first.csv"), write(table(line(1)), "second.csv")]

    result = run("import", *files, "--vessel", "Vinga")

    assert result.exit_code == exit_code
    assert "first.csv  imported" in result.stdout
    assert words in result.stderr


def test_an_import_is_in_the_audit_log(ask, vinga, write, audited):
    ask("import", write(table(line(0))), "--vessel", "Vinga")

    action, actor = audited()[-1]
    assert action == "positions.imported"
    assert actor.startswith("cli:")


def test_two_runs_at_one_file_do_not_count_it_twice(
    ask, run, vinga, write, count, engine, monkeypatch
):
    """The second went on in the meantime: the first is told, and stores nothing more."""
    monkeypatch.setattr(import_order, "STRETCH", 2)
    file = write(table(*map(line, range(6))))
    read = import_order.Order.sender
    others = []

    def sender(order):
        if not others:
            others.append("begun")
            others.append(ask("import", file, "--vessel", "Vinga"))
        return read(order)

    monkeypatch.setattr(import_order.Order, "sender", sender)
    result = run("import", file, "--vessel", "Vinga")

    assert result.exit_code == 1
    assert "at work on this file" in result.stdout
    assert count("position") == 6


@pytest.mark.timeout(120)
def test_a_killed_import_goes_on_and_nothing_is_lost_or_repeated(
    ask, vinga, write, environment, engine, track
):
    total = 12_000
    file = write(table(*map(line, range(total))))

    for enough in (1, 5_000):
        until = kill_when(engine, command(file), environment, enough)
        assert 0 < until < total + 1
    [done] = ask("import", file, "--vessel", "Vinga")["files"]

    assert done["resumed_after"] >= until
    assert (done["accepted"], done["duplicates"], done["read"]) == (total, 0, total)
    assert [row.recorded_at for row in track()] == [at(number) for number in range(total)]


def command(file):
    words = ["import", str(file), "--vessel", "Vinga"]
    return [sys.executable, "-c", f"import sys; sys.argv[1:] = {words!r}\n{MAIN}"]


MAIN = "from harbor.cli import main; main()"


def kill_when(engine, words, environment, enough):
    """Kill -9 once so many lines are committed; how many were in the end."""
    process = subprocess.Popen(words, env=os.environ | environment, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    try:
        while committed(engine) < enough:
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return committed(engine)


def committed(engine):
    with engine.connect() as connection:
        return connection.scalar(text("SELECT coalesce(max(until), 0) FROM file_import"))


def test_the_keys_of_the_json_are_stable(ask, vinga, write):
    done = ask("import", write(table(line(0))), "--vessel", "Vinga")

    assert list(done) == [
        *("vessel", "vessel_id", "tracker", "tracker_id", "is_dry_run", "files"),
    ]
    assert list(done["files"][0]) == [
        *("file", "format", "state", "problem", "unit", "resumed_after", "seconds", "read"),
        *("accepted", "duplicates", "quarantined", "rejected", "ignored", "refusals"),
    ]
    assert json.dumps(done["files"][0]["quarantined"]) == "{}"


@pytest.mark.parametrize("suffix", ["csv", "gpx"])
def test_a_downloaded_track_comes_back_as_it_was(ask, vinga, write, engine, suffix):
    content = "\n".join(
        [f"{HEADER},course_degrees,altitude_metres", *map(rich_line, range(30))]
    )
    ask("import", write(content), "--vessel", "Vinga")
    hono = ask("vessel", "add", "Hönö")
    file = write(downloaded(engine, vinga["id"], suffix), f"download.{suffix}")
    ask("vessel", "rename", "Vinga", "Vinga I")  # else it is hers, and nobody else's

    [done] = ask("import", file, "--vessel", "Hönö")["files"]

    assert done["accepted"] == 30, done
    there, back = (fixes_of(engine, one["id"]) for one in (vinga, hono))
    assert len(there) == 30
    for one, other in zip(there, back, strict=True):
        assert one[0] == other[0]
        assert other[1:] == pytest.approx(one[1:], abs=1e-6)


def rich_line(number):
    return (
        line(number, at=at(number).isoformat().replace("+", ".250+")) + f",{350 + number % 9},2"
    )


def downloaded(engine, vessel_id, suffix):
    """The file that a vessel's page gives."""
    with Session(engine) as session:
        vessel = vessels.find(session, fleets.only(session), vessel_id)
        rows = session.execute(text("SELECT * FROM position ORDER BY recorded_at")).mappings()
        page = [positions.stored(row) for row in rows]
    heading = Heading(vessel, at(0), at(1000), at(2000))
    return b"".join(FORMATS[suffix].pieces(heading, [page]))


def fixes_of(engine, vessel_id):
    said = "latitude, longitude, speed_knots, course_degrees, altitude_metres"
    with engine.connect() as connection:
        rows = connection.execute(
            text(f"SELECT recorded_at, {said} FROM position WHERE vessel_id = :id ORDER BY 1"),
            {"id": vessel_id},
        )
        return [tuple(row) for row in rows]
