"""Files as other programs wrote them, and what Harbor makes of each: tests/captures/files."""

import json

import pytest

from harbor.trackers import harbor_json
from harbor.trackers.files import kind_of
from harbor.trackers.message import Message
from tests.trackers.captures import FOLDER, LIMITS, own_sender, seen

FILES = sorted(path for path in (FOLDER / "files").iterdir() if path.suffix != ".json")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_gives_what_stands_beside_it(path):
    expected = json.loads(path.with_name(f"{path.name}.json").read_text())

    with path.open("rb") as stream:
        kind = kind_of(path.name, b"")
        [stretch] = kind.read(stream, own_sender(), LIMITS, 0)

    assert seen(stretch.decoded) == expected
    for one in stretch.decoded.accepted:
        again = harbor_json.decode(Message(one.raw), own_sender(), LIMITS)
        assert [item.report for item in again.accepted] == [one.report]
