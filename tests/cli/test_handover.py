"""A tracker that can't sign is handed over: its address, its link, its QR code."""

import base64
import json
import re
import stat
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from harbor.cli.app_links import plain, setup_of
from harbor.cli.qr_code import on_terminal
from harbor.store.trackers import key_of, new_secret, token_of
from harbor.trackers.registry import DECODERS, HARBOR

APPS = sorted(DECODERS.keys() - {HARBOR})
SITE = "https://harbor.example"


@pytest.fixture
def vinga(ask, fleet):
    return ask("vessel", "add", "Vinga", "--imo", "9074729")


@pytest.fixture
def add(ask, vinga):
    def add(*words, name="Bo's phone", **changes):
        return ask("tracker", "add", name, "--vessel", "Vinga", *words, **changes)

    return add


@pytest.mark.parametrize("format_", APPS)
def test_an_app_s_tracker_gets_an_address_with_its_secret(add, format_):
    added = add("--format", format_, "--url", SITE)

    token = token_of(key_of(added["secret"]))
    assert (added["format"], added["token"]) == (format_, token)
    assert added["address"] == f"{SITE}/api/v1/ingest/{format_}/{token}"
    assert (added["link"] is None) != (added["example"] is None)
    assert token in (added["link"] or added["example"]) or format_ == "owntracks"


def test_owntracks_is_set_up_by_its_configuration(add):
    added = add("--format", "owntracks", "--url", SITE)

    link = urlsplit(added["link"])
    [inline] = parse_qs(link.query)["inline"]
    configuration = json.loads(base64.b64decode(inline))
    assert (link.scheme, link.netloc, link.path) == ("owntracks", "", "/config")
    assert configuration == {
        "_type": "configuration",
        "mode": 3,
        "monitoring": 2,
        "url": f"{SITE}/api/v1/ingest/owntracks",
        "auth": True,
        "username": "bo-s-phone",
        "password": added["token"],
        "deviceId": "bo-s-phone",
        "tid": "bo",
    }


def test_overland_is_set_up_by_its_address_and_token(add):
    added = add("--format", "overland", "--url", SITE + "/")

    link = urlsplit(added["link"])
    assert (link.scheme, link.netloc) == ("overland", "setup")
    assert parse_qs(link.query) == {
        "url": [f"{SITE}/api/v1/ingest/overland"],
        "token": [added["token"]],
        "device_id": ["bo-s-phone"],
        "unique_id": ["yes"],
    }


def test_traccar_client_scans_the_address_with_its_settings_behind_it(add):
    added = add("--format", "osmand", "--url", SITE)

    address, _, query = added["link"].partition("?")
    assert address == added["address"]
    assert parse_qs(query) == {
        "id": ["bo-s-phone"],
        "accuracy": ["highest"],
        "interval": ["10"],
        "distance": ["10"],
        "buffer": ["true"],
        "stop_detection": ["false"],
    }


def test_a_tracker_that_signs_shows_what_it_did(add):
    added = add()

    assert added["format"] == "harbor"
    assert not {"token", "address", "link", "example"} & added.keys()


def test_the_address_comes_from_the_settings_when_nobody_says_it(add):
    added = add("--format", "osmand", HARBOR_PUBLIC_URL="https://fleet.example/harbor/")

    assert added["address"].startswith("https://fleet.example/harbor/api/v1/ingest/osmand/")


def test_without_an_address_there_is_a_placeholder_and_advice(run, vinga):
    result = run("tracker", "add", "phone", "--vessel", "Vinga", "--format", "osmand")

    assert result.exit_code == 0
    assert "https://harbor.example/api/v1/ingest/osmand/" in result.stdout
    assert "--url, or set HARBOR_PUBLIC_URL" in result.stderr


@pytest.mark.parametrize(
    ("url", "warns"),
    [("http://harbor.example", True), ("http://127.0.0.1:8000", False), (SITE, False)],
)
def test_a_secret_in_the_clear_is_warned_of(run, vinga, url, warns):
    words = ("tracker", "add", "phone", "--vessel", "Vinga", "--format", "osmand")

    assert ("read the secret" in run(*words, "--url", url).stderr) is warns


@pytest.mark.usefixtures("vinga")
@pytest.mark.parametrize(
    "words",
    [
        ("--format", "osmand", "--url", "harbor.example"),
        ("--format", "osmand", "--url", "https://harbor.example?x=1"),
        ("--format", "osmand", "--url", "https://a:b@harbor.example"),
        ("--format", "telepathy"),
        ("--format", "osmand", "--qr-file", "code.png"),
        ("--format", "osmand", "--url", SITE, "--qr-file", "code.gif"),
        ("--format", "osmand", "--url", SITE, "--qr-file", "nowhere/code.png"),
        ("--qr-file", "code.png", "--url", SITE),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_added(run, ask, words):
    assert run("tracker", "add", "phone", "--vessel", "Vinga", *words).exit_code == 2
    assert ask("tracker", "list") == []


@pytest.mark.parametrize("name", ["code.png", "code.svg"])
def test_a_qr_code_is_a_file_that_only_its_owner_reads(add, tmp_path, name):
    path = tmp_path / name
    path.touch(mode=0o644)

    add("--format", "owntracks", "--url", SITE, "--qr-file", str(path))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    if path.suffix == ".png":
        with Image.open(path) as picture:
            assert picture.size[0] > 300
    else:
        assert b"<svg" in path.read_bytes()


def test_a_rotation_shows_the_new_link_and_both_are_known(ask, add):
    before = add("--format", "osmand", "--url", SITE)

    after = ask("tracker", "rotate", "Bo's phone", "--url", SITE)

    assert after["token"] != before["token"]
    assert after["token"] in after["link"]
    assert after["previous_until"] is not None


def test_the_list_names_formats_and_shows_no_secret(run, add):
    added = add("--format", "osmand", "--url", SITE)

    listed = run("tracker", "list").stdout

    assert re.search(r"NAME\s+FORMAT", listed)
    assert "osmand" in listed
    assert added["token"] not in listed


def test_names_become_what_every_app_takes():
    assert plain("Bo's phone") == "bo-s-phone"
    assert plain("Hönö 2") == "hono-2"
    assert plain("船") == "vessel"
    assert plain("x" * 99) == "x" * 40


def test_the_longest_link_still_fits_on_a_terminal():
    setup = setup_of("owntracks", "x" * 80, new_secret(), f"https://{'h' * 60}.example")

    lines = on_terminal(setup.link).splitlines()

    assert len(lines) <= 60
    assert all(line.startswith("\x1b[97;40m") and line.endswith("\x1b[0m") for line in lines)


@pytest.fixture
def server(ask, vinga):
    return ask("tracker", "add", "server", "--fleet-wide", "--format", "traccar", "--url", SITE)


@pytest.mark.usefixtures("server")
def test_devices_of_a_server_are_added_listed_and_removed(ask, run, audited):
    added = ask("tracker", "device", "add", "server", "unit 7", "--vessel", "9074729")

    assert (added["device"], added["vessel"]) == ("unit 7", "Vinga")
    assert ask("tracker", "device", "list", "server") == [added]
    assert ask("tracker", "device", "remove", "server", "unit 7") == added
    assert ask("tracker", "device", "list", "server") == []
    assert "no names of its own" in run("tracker", "device", "list", "server").stdout
    assert [action for action, _ in audited()][-2:] == [
        "tracker.device_added",
        "tracker.device_removed",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "server", "7", "--vessel", "Nobody"), "no vessel 'Nobody'"),
        (("add", "nobody", "7", "--vessel", "Vinga"), "no tracker 'nobody'"),
        (("add", "bridge", "7", "--vessel", "Vinga"), "--fleet-wide"),
        (("add", "server", "x" * 65, "--vessel", "Vinga"), "1 to 64 printable"),
        (("add", "server", "a\x07", "--vessel", "Vinga"), "1 to 64 printable"),
        (("add", "server", "taken", "--vessel", "Vinga"), "already"),
        (("remove", "server", "7"), "no vessel for '7'"),
    ],
)
@pytest.mark.usefixtures("server")
def test_a_device_that_makes_no_sense_is_refused(run, ask, words, said):
    ask("tracker", "add", "bridge", "--vessel", "Vinga")
    ask("tracker", "device", "add", "server", "taken", "--vessel", "Vinga")

    result = run("tracker", "device", *words)

    assert result.exit_code == 1
    assert said in result.stderr
