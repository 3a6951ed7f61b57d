"""The wheel, in an empty environment: it carries everything and starts."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.journeys.fleet_server import free_port, wait_until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def wheel(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out)]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    [built] = out.glob("*.whl")
    return built


def test_the_wheel_carries_pages_scripts_migrations_and_leaflet(wheel, project):
    names = set(zipfile.ZipFile(wheel).namelist())

    for folder in ("static", "templates", "migrations"):
        for path in (project / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"harbor/{path.relative_to(project)}" in names
    assert "harbor/static/vendor/leaflet-1.9.4/leaflet.css" in names
    assert "harbor/gunicorn.conf.py" in names


def test_an_installed_wheel_starts_and_serves(wheel, tmp_path, settings):
    """The dependencies are this environment's; the package is only the wheel's."""
    home = tmp_path / "env"
    venv.create(home, with_pip=True, symlinks=True)
    python = home / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel],
        check=True,
        capture_output=True,
    )
    [site] = (home / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(f"{dependencies()}\n")
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HARBOR_ENV": "development",
        "HARBOR_DATABASE_URL": settings.database_url.get_secret_value(),
        "HARBOR_VALKEY_URL": settings.valkey_url.get_secret_value(),
        "HARBOR_BIND": f"127.0.0.1:{port}",
    }
    serve = [python, home / "bin" / "harbor", "serve"]
    with subprocess.Popen(
        serve, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL
    ) as process:
        try:
            wait_until(lambda: get(port, "/ready"), 20)
            assert b"leaflet" in get(port, "/static/vendor/leaflet-1.9.4/leaflet.css")
            assert b"Harbor" in get(port, "/login")
        finally:
            process.terminate()
            process.wait(15)
    where = subprocess.run(
        [python, "-c", "import harbor, json; print(json.dumps(harbor.__file__))"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    assert Path(json.loads(where.stdout)).is_relative_to(home)


def dependencies() -> Path:
    """Where this environment keeps its packages."""
    import flask

    return Path(flask.__file__).parents[1]


def get(port: int, path: str) -> bytes:
    import urllib3

    try:
        answer = urllib3.request("GET", f"http://127.0.0.1:{port}{path}", retries=False)
    except urllib3.exceptions.HTTPError:
        return b""
    return answer.data if answer.status == 200 else b""
