"""/metrics of a real gunicorn with two workers."""

import os
import signal
from pathlib import Path
from tempfile import gettempdir

import pytest
import urllib3
from prometheus_client.parser import text_string_to_metric_families

from tests.builders import ping
from tests.journeys.fleet_server import free_port, running, wait_until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(90)]


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def fleet(tmp_path_factory, port):
    folder = tmp_path_factory.mktemp("harbor")
    with running(folder, metrics_bind=f"127.0.0.1:{port}") as server:
        yield server


def scrape(port):
    """Each sample by its name and the values of its labels."""
    answer = urllib3.request("GET", f"http://127.0.0.1:{port}/metrics", timeout=5)
    assert answer.status == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.data.decode())
        for sample in family.samples
    }


def accepted(port):
    return scrape(port).get(("harbor_reports_total", "harbor", "accepted"), 0)


def test_whichever_worker_answers_tells_of_all_of_them(fleet, port):
    before = accepted(port)
    for _ in range(20):
        assert fleet.post(fleet.cast.vinga, ping()).status == 201

    assert {accepted(port) for _ in range(10)} == {before + 20}


def test_streams_are_counted_while_they_are_open_and_after_they_were_killed(fleet, port):
    listeners = [fleet.listen(fleet.cast.partner_key) for _ in range(6)]

    wait_until(lambda: scrape(port).get(("harbor_streams",)) == 6, 15)
    assert scrape(port)["harbor_streams_begun_total", "snapshot"] >= 6
    for worker in fleet.workers():
        os.kill(worker, signal.SIGKILL)

    # The listeners don't come back, and nobody tells the dead workers' numbers any more.
    wait_until(lambda: is_said_by_others(fleet, port), 30, fleet.tail)
    for listener in listeners:
        listener.close()


def is_said_by_others(fleet, port):
    try:
        return scrape(port).get(("harbor_streams",)) == 0
    except (urllib3.exceptions.HTTPError, ConnectionError):
        return False


def test_a_reload_forgets_nothing_that_was_counted(fleet, port):
    assert fleet.post(fleet.cast.vinga, ping()).status == 201
    before = accepted(port)

    fleet.reload()
    fleet.settle()

    assert fleet.post(fleet.cast.vinga, ping()).status == 201
    wait_until(lambda: accepted(port) == before + 1, 5)


def test_the_port_of_all_others_has_no_metrics(fleet, port):
    for host in ("127.0.0.1", f"127.0.0.1:{port}"):
        assert fleet.get("/metrics", Host=host).status == 404


def test_no_file_is_left_when_the_service_has_ended(tmp_path):
    before = folders()
    with running(tmp_path, metrics_bind=f"127.0.0.1:{free_port()}") as server:
        assert len(folders() - before) == 1
        server.terminate()

    assert not folders() - before


def folders():
    return set(Path(gettempdir()).glob("harbor-metrics-*"))
