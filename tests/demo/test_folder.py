import json
import stat

import pytest

from harbor.demo.folder import Folder, Unusable


@pytest.fixture
def folder(tmp_path):
    folder = Folder(tmp_path / "data")
    yield folder
    folder.leave()


def test_a_second_start_knows_the_password_of_the_first(folder):
    folder.claim()
    first = folder.keys()

    second = folder.keys()

    assert first == second


def test_keys_and_handout_are_for_our_eyes_only(folder):
    folder.claim()
    folder.keys()
    folder.hand_out("{}")

    modes = {
        stat.S_IMODE((folder.path / name).stat().st_mode) for name in ("keys.json", "demo.json")
    }

    assert modes == {0o600}


def test_the_handout_is_there_only_while_the_demo_runs(folder):
    folder.claim()
    folder.hand_out("{}")

    folder.leave()

    assert not (folder.path / "demo.json").exists()


def test_a_folder_that_is_in_use_says_by_whom(folder):
    folder.claim()

    with pytest.raises(Unusable, match=r"already running.*process \d+"):
        Folder(folder.path).claim()


def test_somebody_elses_folder_is_left_alone(folder):
    folder.path.mkdir()
    (folder.path / "postgres").mkdir()

    with pytest.raises(Unusable, match="other things"):
        folder.claim()


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "data").write_text("")

    with pytest.raises(Unusable, match="not a directory"):
        Folder(tmp_path / "data").claim()


def test_emptying_deletes_what_the_demo_made_and_nothing_else(folder):
    folder.claim()
    folder.keys()
    (folder.path / "postgres" / "cluster").mkdir(parents=True)
    (folder.path / "notes.txt").write_text("mine")

    folder.empty()

    assert {entry.name for entry in folder.path.iterdir()} == {"lock", "notes.txt"}


def test_damaged_keys_say_how_to_start_anew(folder):
    folder.claim()
    (folder.path / "keys.json").write_text(json.dumps({"password": 1}))

    with pytest.raises(Unusable, match="--reset"):
        folder.keys()
