"""Lines from a file, once or as it grows, and from standard input."""

import os
import select
import sys
from pathlib import Path
from threading import Event
from typing import IO

from harbor.errors import Misconfigured
from harbor.gateway.buffer import Mark
from harbor.gateway.intake import Intake, Lines

LOOK_S = 0.5
PIECE_BYTES = 65_536


class File:
    """How far it was read is kept with the lines, so no start reads any of them again.

    With `is_followed` it is read on as it grows; when another took its place (a log that was
    rotated), that one is read from its beginning.
    """

    def __init__(self, path: Path, is_followed: bool, is_read_anew: bool) -> None:
        if not path.is_file():
            raise Misconfigured(f"There is no file {path}.")
        self.name = str(path)
        self._path = path
        self._is_followed = is_followed
        self._is_read_anew = is_read_anew

    def run(self, intake: Intake, stop: Event) -> None:
        while not stop.is_set():
            with self._path.open("rb") as file:
                self._read(file, intake, stop)
            if not self._is_followed:
                return
            self._wait_for_another(stop)

    def _read(self, file: IO[bytes], intake: Intake, stop: Event) -> None:
        """To its end; of a followed one, until another has its name."""
        lines, inode = Lines(), os.fstat(file.fileno()).st_ino
        start = self._start(inode, intake.mark(self._mark))
        offset = start if start <= os.fstat(file.fileno()).st_size else 0
        file.seek(offset)
        while not stop.is_set():
            piece = file.read(PIECE_BYTES)
            if piece:
                whole = lines.feed(piece)
                offset += len(piece)
                kept_to = offset - len(lines.rest)
                intake.take(whole, Mark(self._mark, f"{inode}:{kept_to}"), stop)
                intake.say(self._progress(file, kept_to))
            elif not self._is_followed:
                intake.take([lines.rest], Mark(self._mark, f"{inode}:{offset}"), stop)
                intake.say(f"{self.name} was read to its end")
                return
            elif self._is_replaced(inode, offset):
                return
            else:
                stop.wait(LOOK_S)

    @property
    def _mark(self) -> str:
        return f"file {self._path.resolve()}"

    def _start(self, inode: int, mark: str | None) -> int:
        if mark is None or self._is_read_anew:
            return 0
        of_inode, _, offset = mark.partition(":")
        return int(offset) if int(of_inode) == inode else 0

    def _progress(self, file: IO[bytes], offset: int) -> str:
        size = max(os.fstat(file.fileno()).st_size, 1)
        return f"{self.name} read to {100 * offset // size} %"

    def _is_replaced(self, inode: int, offset: int) -> bool:
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return True
        return there.st_ino != inode or there.st_size < offset

    def _wait_for_another(self, stop: Event) -> None:
        self._is_read_anew = False
        while not self._path.exists() and not stop.wait(LOOK_S):
            pass


class Pipe:
    """Standard input, until its end."""

    name = "standard input"

    def run(self, intake: Intake, stop: Event) -> None:
        descriptor, lines = sys.stdin.fileno(), Lines()
        intake.say("reading standard input")
        while not stop.is_set():
            if not select.select([descriptor], [], [], LOOK_S)[0]:
                continue
            piece = os.read(descriptor, PIECE_BYTES)
            if not piece:
                break
            intake.take(lines.feed(piece), stop=stop)
        intake.take([lines.rest])
        intake.say("standard input has ended")
