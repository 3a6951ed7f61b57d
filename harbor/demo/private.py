"""Files that only we can read: the servers' passwords, configurations and logs.

What root makes belongs to the owner of the directory it is in: after a `sudo make demo`
in somebody's checkout, he can go on without.
"""

import os
import secrets
from pathlib import Path

LOG_BYTES_MAX = 2_000_000
LOG_LINES_SHOWN = 15


def new_password() -> str:
    return secrets.token_urlsafe(24)


def read_password(path: Path) -> str:
    """The password kept in a file, empty when there is none."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def write_private(path: Path, text: str) -> None:
    """Write a file that only we can read, whole or not at all."""
    half = path.with_name(f"{path.name}.new")
    half.unlink(missing_ok=True)
    with open(half, "x", encoding="utf-8", opener=open_private) as file:
        file.write(text)
    half.replace(path)


class ServerLog:
    """What a server writes, in a file of bounded size; remembers where this run began."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._begin = 0

    def begin(self) -> int:
        """Open the file for a new run; the caller closes it after handing it on."""
        self.bound()
        descriptor = open_private(str(self.path), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._begin = os.fstat(descriptor).st_size
        return descriptor

    def bound(self) -> None:
        """Empty the file when it has grown too long."""
        # The server appends, so it goes on at the new end of a file cut under it.
        if self.path.exists() and self.path.stat().st_size > LOG_BYTES_MAX:
            os.truncate(self.path, 0)
            self._begin = 0

    def of_this_run(self) -> str:
        with self.path.open("rb") as file:
            file.seek(self._begin)
            return file.read(LOG_BYTES_MAX).decode(errors="replace")

    def last_lines(self) -> str:
        """The end of this run's lines, indented for an error message."""
        lines = self.of_this_run().strip().splitlines()[-LOG_LINES_SHOWN:]
        return "\n".join(f"  {line}" for line in lines) or "  (it wrote nothing)"


def open_private(path: str, flags: int) -> int:
    descriptor = os.open(path, flags | os.O_NOFOLLOW, 0o600)
    if os.geteuid() == 0:
        parent = os.stat(os.path.dirname(path))
        os.fchown(descriptor, parent.st_uid, parent.st_gid)
    return descriptor


def make_directory(path: Path) -> None:
    """Make a directory and those above it: entered by all, read by us."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(mode=0o711, exist_ok=True)
    if os.geteuid() == 0:
        parent = path.parent.stat()
        os.chown(path, parent.st_uid, parent.st_gid)
