"""`harbor serve`: refuses what it can't promise, else becomes gunicorn."""

import os
import signal
import socket
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest
from pydantic import SecretStr

from harbor.cli.serve import check

SERVE = [sys.executable, "-c", "from harbor.cli import main; main()", "serve"]


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def answer_of(url, process, patience_s=12.0):
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=2) as answer:
                return answer.status
        except OSError:
            time.sleep(0.1)
    return None


def test_serve_answers_where_it_was_told_and_leaves_on_sigterm(environment, port):
    command = [*SERVE, "--bind", f"127.0.0.1:{port}", "--workers", "1"]

    with subprocess.Popen(command, env=os.environ | environment, stdout=-3) as process:
        try:
            status = answer_of(f"http://127.0.0.1:{port}/ready", process)
            process.send_signal(signal.SIGTERM)
            code = process.wait(6)
        finally:
            process.kill()

    assert (status, code) == (200, 0)


def test_too_many_workers_are_refused_with_the_arithmetic_before_anything_runs(run):
    result = run("serve", "--workers", "50")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "× 50 HARBOR_WORKERS" in result.stderr
    assert "but max_connections is 200" in result.stderr


def test_what_may_mend_itself_is_said_and_does_not_keep_harbor_from_serving(
    settings, empty_database, capsys
):
    away = SecretStr("postgresql+psycopg2://harbor@127.0.0.1:1/harbor")
    unready = SecretStr(empty_database)

    for url in (away, unready):
        check(settings.model_copy(update={"database_url": url}))

    first, second = capsys.readouterr().err.splitlines()
    assert "the database is away" in first
    assert "run `harbor migrate`" in second


def test_missing_secrets_are_refused_before_anything_runs(run):
    result = run("serve", HARBOR_ENV="production", HARBOR_SECRET_KEY="")

    assert result.exit_code == 2
    assert "HARBOR_SECRET_KEY is missing" in result.stderr


@pytest.mark.parametrize("words", [("--workers", "0"), ("--workers", "many")])
def test_a_number_of_workers_that_cannot_be_is_a_usage_error(run, words):
    assert run("serve", *words).exit_code == 2
