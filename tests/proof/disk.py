"""A small tmpfs under the position table, so that it can be full without harming others."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from harbor.demo.account import own
from tests.proof.rig import Rig

SMALL_MEGABYTES = 64


class NeedsRoot(Exception):
    """A tmpfs can't be mounted here, so a full disk was not tried."""


@dataclass
class SmallDisk:
    """Where the partitions of `position` are for now."""

    mount: Path

    def fill(self) -> None:
        """Take every last byte, so that no table can grow."""
        with (self.mount / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
            while True:
                ballast.write(b"\0" * 65_536)

    def give_way(self) -> None:
        (self.mount / "ballast").unlink(missing_ok=True)


@contextmanager
def small_disk(rig: Rig) -> Iterator[SmallDisk]:
    """Move the partitions to a tablespace on a small tmpfs, and back. Raises NeedsRoot."""
    mount = rig.postgres.working_directory.resolve().parent / "small-disk"
    mount.mkdir(exist_ok=True)
    with mounted(mount):
        space = mount / "space"
        space.mkdir(mode=0o700)
        own(space, rig.postgres._account())
        disk = SmallDisk(mount)
        with rig.sql() as connection:
            connection.execute(text(f"CREATE TABLESPACE small LOCATION '{space}'"))
        try:
            move(rig, "small")
            yield disk
        finally:
            disk.give_way()
            move(rig, "pg_default")
            with rig.sql() as connection:
                connection.execute(text("DROP TABLESPACE small"))


def move(rig: Rig, space: str) -> None:
    """Tables and their indexes; tried again while others hold a lock on them."""
    asked = text(
        "SELECT c.oid::regclass::text, c.relkind FROM pg_class c JOIN pg_inherits i"
        " ON i.inhrelid = c.oid WHERE c.relkind IN ('r', 'i') AND i.inhparent IN"
        " ('position'::regclass, 'pk_position'::regclass)"
    )
    with rig.sql() as connection:
        for name, kind in connection.execute(asked).all():
            what = "TABLE" if kind == "r" else "INDEX"
            order = text(f"ALTER {what} {name} SET TABLESPACE {space}")
            for attempt in range(10):
                try:
                    connection.execute(order)
                    break
                except OperationalError:  # a deadlock with a batch
                    if attempt == 9:
                        raise


@contextmanager
def mounted(mount: Path) -> Iterator[None]:
    options = f"size={SMALL_MEGABYTES}m,mode=0755"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(mount)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NeedsRoot("not run: needs root") from error
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(mount)], check=True, capture_output=True)
