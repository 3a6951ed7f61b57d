"""The command as a person or a script runs it, against the test's own database."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session

from harbor.cli.command import harbor
from harbor.environments import Testing
from harbor.store.fleets import ensure_first

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _nobody_s_own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the developer's `.env` nor his HARBOR_* variables reach a test."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("HARBOR_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def environment(settings: Testing) -> dict[str, str]:
    return {
        "HARBOR_ENV": "testing",
        "HARBOR_DATABASE_URL": settings.database_url.get_secret_value(),
        "HARBOR_VALKEY_URL": settings.valkey_url.get_secret_value(),
        "HARBOR_VALKEY_TIMEOUT_S": "2",
        "HARBOR_WORKERS": "1",
    }


@pytest.fixture
def engine(settings: Testing) -> Iterator[Engine]:
    made = create_engine(settings.database_url.get_secret_value())
    yield made
    made.dispose()


@pytest.fixture
def fleet(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        ensure_first(session)


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Run `harbor …`; a keyword names a setting to change, as in HARBOR_WORKERS="9"."""

    def run(*words: object, stdin: str = "", **changes: str) -> Result:
        return CliRunner().invoke(
            harbor, [str(word) for word in words], input=stdin, env=environment | changes
        )

    return run


@pytest.fixture
def ask(run: Run) -> Callable[..., Any]:
    """Run `harbor … --json`, which must succeed, and read what it prints."""

    def ask(*words: object, stdin: str = "", **changes: str) -> Any:
        result = run(*words, "--json", stdin=stdin, **changes)
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return ask


@pytest.fixture
def audited(engine: Engine) -> Callable[[], list[tuple[str, str]]]:
    """Action and actor of every audit event, the oldest first."""

    def read() -> list[tuple[str, str]]:
        with engine.connect() as connection:
            rows = connection.execute(text("SELECT action, actor FROM audit_event ORDER BY id"))
            return [(row.action, row.actor) for row in rows]

    return read


@pytest.fixture
def empty_database(engine: Engine) -> Iterator[str]:
    """The URL of a database without any table."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS first_start WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE first_start"))
        url = make_url(engine.url).set(database="first_start")
        yield url.render_as_string(hide_password=False)
        connection.execute(text("DROP DATABASE first_start WITH (FORCE)"))
