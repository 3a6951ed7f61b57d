"""The proxy's configuration, where it must agree with what Harbor's pages ask for."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import urllib3

from harbor.ops.module_graph import ModuleGraph
from harbor.ops.static_files import StaticFiles
from harbor.store.trackers import token_of
from tests.journeys.fleet_server import free_port

DESKS = 5
"""Dispatchers behind one address who open the map at the same moment, with nothing kept."""


def test_the_proxy_lets_an_office_open_the_map_with_all_its_files_at_once(project: Path):
    """In HTTP/2 each request under way counts as a connection: above the limit is a 503."""
    conf = (project / "deploy/nginx.conf").read_text()
    static = re.search(r"location /static/ \{([^}]*)\}", conf)
    allowed = re.search(r"limit_conn \w+ (\d+);", static[1] if static else conf)
    modules = ModuleGraph(StaticFiles(project / "static")).behind(
        "js/page.js", "js/fleet-page.js"
    )

    assert int(allowed[1]) > DESKS * len(modules)


NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
TOKEN = token_of(bytes(range(32)))
ALONE = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; master_process off;
events {{}}
http {{
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    {logging}
    server {{
        listen 127.0.0.1:{port};
        access_log {folder}/access.log harbor;
        location / {{ return 204; }}
    }}
}}
"""


@pytest.fixture
def proxy(project: Path, tmp_path: Path):
    """A real nginx that logs as deploy/nginx.conf says; its address and its log."""
    conf = (project / "deploy/nginx.conf").read_text()
    logging = re.search(r"^map .*?^}.*?^log_format .*?;$", conf, re.DOTALL | re.MULTILINE)
    port = free_port()
    (tmp_path / "nginx.conf").write_text(
        ALONE.format(folder=tmp_path, port=port, logging=logging[0])
    )
    command = [NGINX, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    with subprocess.Popen([*command, "-e", str(tmp_path / "early.log")]) as nginx:
        try:
            wait_for(f"http://127.0.0.1:{port}/up")
            yield f"http://127.0.0.1:{port}", tmp_path / "access.log"
        finally:
            nginx.terminate()


def wait_for(address: str) -> None:
    for _ in range(100):
        try:
            urllib3.request("GET", address, retries=False)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx does not answer")


@pytest.mark.skipif(NGINX is None, reason="needs nginx; the rules are Harbor's own, tested too")
def test_the_proxy_writes_no_secret_of_a_tracker_into_its_log(proxy):
    url, log = proxy
    paths = {
        f"/api/v1/ingest/osmand/{TOKEN}": "/api/v1/ingest/osmand/-",
        f"/api/v1/ingest/osmand/{TOKEN}/?id=1": "/api/v1/ingest/osmand/-",
        f"/api/v1/ingest/osmand/{TOKEN[:9]}": "/api/v1/ingest/osmand/-",
        f"/api/v1/osmand/{TOKEN}": "/api/v1/osmand/-",
        f"/{TOKEN}/x": "/-/x",
        "/api/v1/ingest/osmand": "/api/v1/ingest/osmand",
        "/api/v1/vessels?a=b": "/api/v1/vessels",
    }

    for path in paths:
        urllib3.request("GET", url + path, retries=False)

    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["path"] for line in lines if line["path"] != "/up"] == list(paths.values())
    assert TOKEN[:9] not in log.read_text()
