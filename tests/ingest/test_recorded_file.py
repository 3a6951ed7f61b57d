"""Files on disk, packed or not: their bytes, counted on the way."""

import gzip
import hashlib

import pytest

from harbor.errors import Malformed, NotFound
from harbor.ingest.recorded_file import RecordedFile

CONTENT = b"recorded_at,latitude,longitude\n" * 20_000


def read(path):
    """The content, and how many bytes of the file that took."""
    told = []
    with RecordedFile(path).opened(told.append) as stream:
        content = b"".join(iter(lambda: stream.read(10_000), b""))
    return content, sum(told)


@pytest.mark.parametrize("packed", [CONTENT, gzip.compress(CONTENT)], ids=["plain", "gzip"])
def test_every_byte_is_read_and_counted_as_it_lies_on_disk(tmp_path, packed):
    path = tmp_path / "track"
    path.write_bytes(packed)

    content, count = read(path)

    assert content == CONTENT
    assert count == len(packed) == RecordedFile(path).size_bytes


def test_a_file_is_known_by_what_is_in_it(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_bytes(CONTENT)
    other.write_bytes(CONTENT)

    assert RecordedFile(one).digest() == RecordedFile(other).digest()
    assert RecordedFile(one).digest() == hashlib.sha256(CONTENT).digest()


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(CONTENT)[:-9], b"\x1f\x8b", gzip.compress(CONTENT)[:40] + b"~" * 40],
    ids=["cut", "only its first two bytes", "damaged"],
)
def test_a_gzip_file_that_is_damaged_is_refused_by_name(tmp_path, packed):
    path = tmp_path / "track.gz"
    path.write_bytes(packed)

    with pytest.raises(Malformed, match="can't be unpacked further"):
        read(path)


def test_a_file_that_went_away_is_named(tmp_path):
    file = RecordedFile(tmp_path / "gone.csv")

    with pytest.raises(NotFound, match=r"gone\.csv: No such file or directory"):
        file.digest()
