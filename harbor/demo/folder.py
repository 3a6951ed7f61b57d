"""The demo's data directory: whose it is, who uses it, what is kept, how it is emptied."""

import base64
import fcntl
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harbor.demo.private import make_directory, open_private, write_private
from harbor.demo.sender import TrackerKey
from harbor.errors import HarborError

PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105 - none that look alike
LOCK = "lock"
KEYS = "keys.json"
HANDOUT = "demo.json"
LOG = "harbor.log"
PARTS = ("postgres", "valkey", "web", HANDOUT, LOG, KEYS)
"""All that the demo makes; the keys, by which we know it for ours, go last."""


class Unusable(HarborError):
    """The data directory is somebody else's, or in use; says which."""


def new_password() -> str:
    """Three groups of five letters: 74 bits, and easy to type."""
    groups = ("".join(secrets.choice(PASSWORD_LETTERS) for _ in range(5)) for _ in range(3))
    return "-".join(groups)


class Keys(BaseModel):
    """What a second start must know again: passwords, secrets, the trackers' keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret_key: str = Field(default_factory=lambda: secrets.token_urlsafe(48))
    master_key: str = Field(
        default_factory=lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    )
    username: str = "dispatcher"
    password: str = Field(default_factory=new_password)
    api_key: str = ""
    trackers: Mapping[str, TrackerKey] = Field(default_factory=dict)
    """By IMO number."""


class Folder:
    """The directory, from `claim` to `leave` for this process alone."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._claim: int | None = None

    def claim(self) -> None:
        """Make it if need be. Raises Unusable when it is not ours, or in use."""
        if not self.path.is_dir() and self.path.exists():
            raise Unusable(f"{self.path} is not a directory.")
        make_directory(self.path)
        found = {entry.name for entry in self.path.iterdir()} - {LOCK}
        if found and KEYS not in found:
            raise Unusable(
                f"{self.path} holds other things than a demo's data; choose another"
                " directory with --data."
            )
        lock = open_private(str(self.path / LOCK), os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(lock, 20).decode() or "another one"
            os.close(lock)
            raise Unusable(
                f"A demo is already running on {self.path} (process {holder}). End it first,"
                " or choose another directory with --data."
            ) from None
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        self._claim = lock
        self.withdraw()

    def leave(self) -> None:
        """Let another process have it; repeating is harmless."""
        if self._claim is not None:
            self.withdraw()
            os.close(self._claim)
            self._claim = None

    def empty(self) -> None:
        """Delete what the demo made, and nothing else."""
        for part in PARTS:
            path = self.path / part
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def keys(self) -> Keys:
        """The keys kept from the first start, made then. Raises Unusable."""
        try:
            return Keys.model_validate_json((self.path / KEYS).read_bytes())
        except FileNotFoundError:
            return self.keep(Keys())
        except ValidationError as error:
            raise Unusable(
                f"{self.path / KEYS} is damaged; `harbor demo --reset` starts anew."
            ) from error

    def keep(self, keys: Keys) -> Keys:
        write_private(self.path / KEYS, keys.model_dump_json(indent=2) + "\n")
        return keys

    def hand_out(self, document: str) -> None:
        """Write what a visitor needs; it is there exactly while the demo runs."""
        write_private(self.path / HANDOUT, document)

    def withdraw(self) -> None:
        (self.path / HANDOUT).unlink(missing_ok=True)
