"""docs/feed.md: what a partner copies from it runs, as it stands there."""

import os
import re
import signal
import subprocess
import sys
import threading

import pytest
from playwright.sync_api import sync_playwright

from tests.builders import bearer, ping
from tests.journeys.fleet_server import PROJECT, wait_until

pytestmark = [pytest.mark.journey, pytest.mark.timeout(60)]

PAGE = (PROJECT / "docs/feed.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


class Copied:
    """A block of the page as a process of its own; `said` is what it prints."""

    def __init__(self, fleet, folder, *command: str, last: str = "") -> None:
        given = {"URL": fleet.url, "KEY": fleet.cast.partner_key, "LAST": last}
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | given | {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.said = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said += line.decode()

    def is_running(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        if self.is_running():
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(5)
        self._reader.join(5)
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def copy(fleet, tmp_path):
    copied = []

    def run(*command, last=""):
        copied.append(Copied(fleet, tmp_path, *command, last=last))
        return copied[-1]

    yield run
    for one in copied:
        one.close()


@pytest.mark.parametrize("block", blocks("sh"))
def test_every_command_of_the_page_works(fleet, listen, copy, block):
    listener = listen()
    fleet.post(fleet.cast.vinga, ping(latitude=57.61))
    listener.wait_for(lambda one: "position" in one.kinds(), 10)
    fleet.post(fleet.cast.vinga, ping(latitude=57.62))
    expected = '"asyncapi":"3.0.0"' if "asyncapi" in block else "57.62"

    command = copy("bash", "-c", block, last=listener.heard[-1].event_id)

    wait_until(lambda: expected in command.said, 15, lambda: command.said)
    if "LAST" in block:
        assert "57.61" not in command.said


@pytest.mark.parametrize("block", blocks("python"))
def test_every_program_of_the_page_hears_positions_and_survives_a_reload(fleet, copy, block):
    program = copy(sys.executable, "-c", block)
    send_until(fleet, lambda: program.said.count("\n") >= 2, lambda: program.said)

    before = program.said
    fleet.reload()
    told_before = before.count("\n")
    send_until(fleet, lambda: program.said.count("\n") >= told_before + 5, lambda: program.said)

    assert "Traceback" not in program.said
    assert program.is_running()


def send_until(fleet, question, explain) -> None:
    """Vinga sails until somebody has heard enough of her."""

    def asked_again():
        fleet.post(fleet.cast.vinga, ping())
        return question()

    wait_until(asked_again, 15, explain)


def test_the_archive_of_the_page_goes_on_where_it_ended(fleet, copy):
    [block] = [one for one in blocks("python") if "harbor-feed.place" in one]
    first = copy(sys.executable, "-c", block)
    send_until(fleet, lambda: first.said.count("\n") >= 3, lambda: first.said)
    first.close()
    missed = ping()
    assert fleet.post(fleet.cast.vinga, missed).status == 201

    second = copy(sys.executable, "-c", block)

    send_until(fleet, lambda: second.said.count("\n") >= 2, lambda: second.said)
    assert stamp(missed) in second.said
    done = first.said.splitlines()[:-1]  # stopped perhaps between the last print and the id
    assert not set(done) & set(second.said.splitlines())


def stamp(report: dict) -> str:
    """As Python prints the moment."""
    return report["recorded_at"].replace("T", " ").replace("Z", "+00:00")


@pytest.mark.browser
def test_the_script_of_the_page_keeps_a_fleet_in_chromium(fleet):
    script = blocks("js")[0] + "window.fleet = fleet; window.source = source;"
    name, _, value = fleet.log_in().partition("=")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": value, "url": fleet.url}])
        page = context.new_page()
        page.goto(f"{fleet.url}/problems")
        page.evaluate(f"() => {{ {script} }}")
        page.wait_for_function(
            "() => window.source.readyState === EventSource.OPEN", timeout=15_000
        )

        fleet.post(fleet.cast.vinga, ping())
        page.wait_for_function("() => window.fleet.size === 1", timeout=15_000)
        fleet.post(fleet.cast.vinga, ping(longitude=13.5))
        page.wait_for_function("() => window.fleet.size === 0", timeout=15_000)
        browser.close()


def test_the_page_names_every_event_and_the_document(fleet):
    document = fleet.get("/api/v1/asyncapi.json", **bearer(fleet.cast.partner_key)).json()

    for name in document["components"]["messages"]:
        assert f"| `{name}` |" in PAGE
    for name in document["operations"]["follow"]["bindings"]["http"]["query"]["properties"]:
        assert f"`{name}=" in PAGE
