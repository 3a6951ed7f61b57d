"""A file of fixes on disk: what it is known by, and its bytes, unpacked and counted."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from harbor.errors import Malformed, NotFound

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD_BYTES = 512
BUFFER_BYTES = 65_536
GZIP_MAGIC = b"\x1f\x8b"


class RecordedFile:
    """Read only; however large, never in memory as a whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name

    @property
    def size_bytes(self) -> int:
        with _found(self.path):
            return self.path.stat().st_size

    def digest(self) -> bytes:
        """The SHA-256 of what is on disk."""
        with _found(self.path), self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()

    def head(self) -> bytes:
        """Some of what it begins with, unpacked. Raises Malformed."""
        with self.opened(lambda _: None) as stream:
            return stream.read(HEAD_BYTES)

    @contextmanager
    def opened(self, tell: Callable[[int], None]) -> Iterator[BinaryIO]:
        """Its content; `tell` hears how many bytes of the file were read, piece by piece."""
        with _found(self.path), self.path.open("rb") as file:
            is_packed = file.peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC)
            stream: io.RawIOBase = Metered(file, tell)
            if is_packed:
                stream = Unpacked(cast("BinaryIO", stream))
            yield cast("BinaryIO", io.BufferedReader(stream, BUFFER_BYTES))


class Metered(io.RawIOBase):
    """Tells how much was read."""

    def __init__(self, file: BinaryIO, tell: Callable[[int], None]) -> None:
        self._file = file
        self._tell = tell

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        room = memoryview(buffer).cast("B")
        piece = self._file.read(len(room))
        room[: len(piece)] = piece
        self._tell(len(piece))
        return len(piece)


class Unpacked(io.RawIOBase):
    """What gzip packed; a file that was cut is Malformed where it ends."""

    def __init__(self, packed: BinaryIO) -> None:
        self._gzip = gzip.GzipFile(fileobj=packed)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        room = memoryview(buffer).cast("B")
        try:
            piece = self._gzip.read1(len(room))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Malformed(f"The file can't be unpacked further: {error}.") from None
        room[: len(piece)] = piece
        return len(piece)


@contextmanager
def _found(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotFound(f"{path}: {error.strerror}.") from error
